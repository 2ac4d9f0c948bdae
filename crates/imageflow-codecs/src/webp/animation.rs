//! Animation: every frame is decoded by the still decoder and composited onto the canvas (RFC 9649 §2.7.1).

use std::sync::Arc;

use imageflow_pixels::{FrameInfo, JobControl, Rect, RowBuf};

use super::canvas;
use super::container::{Riff, Span, behind};
use super::contents::Frame;
use crate::color::RgbTransform;
use crate::decoder::Header;
use crate::error::CodecError;
use crate::frames::{Animation, AnimationFrame, FrameSource};

/// Composites the frames of a file in order.
pub(super) struct Frames {
    riff: Riff,
    /// The file from the next chunk on.
    rest: Span,
    animation: Animation,
    canvas: Arc<RowBuf>,
    /// What the last frame wants to be made transparent.
    clear: Option<Rect>,
    /// Frames handed out.
    shown: u32,
    color: Option<RgbTransform>,
    row: Vec<u8>,
    control: JobControl,
}

impl Frames {
    /// Makes a transparent canvas.
    ///
    /// # Errors
    /// When the job's memory does not suffice.
    pub(super) fn new(
        riff: Riff,
        header: &Header,
        plays: u32,
        rest: Span,
        color: Option<RgbTransform>,
        control: &JobControl,
    ) -> Result<Frames, CodecError> {
        let info = FrameInfo::bgra8(header.stored, header.alpha);
        Ok(Frames {
            riff,
            rest,
            animation: Animation {
                size: header.stored,
                alpha: header.alpha,
                plays,
            },
            canvas: Arc::new(RowBuf::whole(info, control)?),
            clear: None,
            shown: 0,
            color,
            row: Vec::new(),
            control: control.clone(),
        })
    }

    /// Frames from here to the end of the file, good or damaged.
    pub(super) fn count(&mut self) -> Result<u32, CodecError> {
        let mut count = 0u32;
        let mut rest = self.rest;
        while let Some(chunk) = self.riff.chunk(rest)? {
            count += u32::from(&chunk.name == b"ANMF");
            rest = behind(rest, &chunk);
            self.control.check()?;
        }
        Ok(count)
    }

    fn next_stored(&mut self) -> Result<Option<Frame>, CodecError> {
        while let Some(chunk) = self.riff.chunk(self.rest)? {
            self.control.check()?;
            self.rest = behind(self.rest, &chunk);
            if &chunk.name == b"ANMF" {
                return Frame::read(&mut self.riff, &chunk, self.animation.size).map(Some);
            }
        }
        Ok(None)
    }

    /// Damage behind the first frame ends the animation there.
    fn ended_by_damage<T>(
        &mut self,
        frame: Result<Option<T>, CodecError>,
    ) -> Result<Option<T>, CodecError> {
        match frame {
            Err(CodecError::Malformed { .. }) if self.shown > 0 => {
                self.rest.len = 0;
                Ok(None)
            }
            outcome => outcome,
        }
    }

    fn compose(&mut self) -> Result<Option<AnimationFrame>, CodecError> {
        let Some(frame) = self.next_stored()? else {
            return Ok(None);
        };
        let mut picture = frame.image.open(&mut self.riff, &self.control)?;
        if Arc::get_mut(&mut self.canvas).is_none() {
            self.canvas = Arc::new(self.canvas.copy(&self.control)?);
        }
        if let Some(canvas) = Arc::get_mut(&mut self.canvas) {
            if let Some(place) = self.clear.take() {
                canvas::clear(canvas, place);
            }
            let mut rows = canvas.all_mut();
            for (y, from) in (frame.place.y0()..frame.place.y1()).zip(0..) {
                let mut source = picture.row(from)?;
                if let Some(color) = &mut self.color {
                    self.row.clear();
                    self.row.extend_from_slice(source);
                    color.apply(&mut self.row);
                    source = &self.row;
                }
                let target = &mut rows.row_mut(y)[canvas::columns(frame.place)];
                if frame.blends() {
                    canvas::blend(source, target);
                } else {
                    target.copy_from_slice(source);
                }
            }
            picture.finish()?;
        }
        self.clear = frame.clear.then_some(frame.place);
        self.shown = self.shown.saturating_add(1);
        Ok(Some(AnimationFrame {
            canvas: self.canvas.clone(),
            delay_ms: frame.delay_ms,
        }))
    }
}

impl FrameSource for Frames {
    fn animation(&self) -> Animation {
        self.animation
    }

    fn next_frame(&mut self) -> Result<Option<AnimationFrame>, CodecError> {
        let composed = self.compose();
        self.ended_by_damage(composed)
    }

    fn skip_frame(&mut self) -> Result<Option<u32>, CodecError> {
        let stored = self.next_stored();
        let frame = self.ended_by_damage(stored)?;
        self.shown = self.shown.saturating_add(u32::from(frame.is_some()));
        Ok(frame.map(|frame| frame.delay_ms))
    }
}
