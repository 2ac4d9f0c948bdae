//! The frames of a file, decoded one after the other into one canvas.

use std::sync::Arc;

use imageflow_pixels::{
    FrameInfo, JobControl, Reservation, RowBuf, RowSource, RowsMut, StreamError,
};
use jxl::api::Event;

use super::canvas::Canvas;
use super::stream::{Stream, malformed};
use crate::decoder::check_total_pixels;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{Animation, AnimationFrame, FrameSource};

/// A decoder that has read its header and stands before its first frame.
pub(super) struct Frames {
    pub(super) animation: Animation,
    pub(super) stream: Stream,
    pub(super) canvas: Canvas,
    pub(super) control: JobControl,
    /// What the decoder allocates by itself.
    pub(super) _reservation: Reservation,
    /// Whether a frame follows.
    pub(super) more: bool,
    /// The frame handed out last, drawn on again when nobody else kept it.
    pub(super) shown: Option<Arc<RowBuf>>,
}

impl Frames {
    /// Decodes the next frame into the canvas and says how many milliseconds it is shown; `None` after the last one.
    pub(super) fn decode(&mut self) -> Result<Option<u32>, CodecError> {
        if !self.more {
            return Ok(None);
        }
        let mut delay_ms = 0.0;
        loop {
            match self.stream.next(Some(&mut self.canvas.buffers()))? {
                Event::FrameHeader => {
                    let header = self.stream.decoder.frame_header();
                    delay_ms = header.and_then(|header| header.duration).unwrap_or(0.0);
                }
                Event::FrameComplete { has_more_frames } => {
                    self.more = has_more_frames;
                    // The cast saturates and takes no time for no number.
                    return Ok(Some(delay_ms.round() as u32));
                }
                Event::Complete => return Err(malformed("there is no frame to show")),
                Event::BasicInfo | Event::NeedMoreInput { .. } => {}
            }
        }
    }

    /// Decodes frame `wanted`, counted from 0, and hands out its rows.
    pub(super) fn into_rows(
        mut self,
        wanted: i32,
        max_total_pixels: Option<u64>,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        let wanted_frame = u32::try_from(wanted).map_err(|_| {
            CodecError::InvalidArgument(format!("frame={wanted} requested: frames count from 0"))
        })?;
        for count in 0..=wanted_frame {
            let (frames, pixels) = (u64::from(count) + 1, self.animation.size.area());
            check_total_pixels(ImageFormat::Jxl, frames, pixels, max_total_pixels)?;
            if self.decode()?.is_none() {
                let plural = if count == 1 { "" } else { "s" };
                return Err(CodecError::InvalidArgument(format!(
                    "frame={wanted} requested but this JPEG XL file only has {count} frame{plural}"
                )));
            }
        }
        Ok(Box::new(CanvasRows {
            frame: FrameInfo::bgra8(self.animation.size, self.animation.alpha),
            canvas: self.canvas,
            control: self.control,
            next: 0,
        }))
    }
}

impl FrameSource for Frames {
    fn animation(&self) -> Animation {
        self.animation
    }

    fn next_frame(&mut self) -> Result<Option<AnimationFrame>, CodecError> {
        let Some(delay_ms) = self.decode()? else {
            return Ok(None);
        };
        let mut frame = match self.shown.take().map(Arc::try_unwrap) {
            Some(Ok(frame)) => frame,
            Some(Err(_)) | None => {
                let info = FrameInfo::bgra8(self.animation.size, self.animation.alpha);
                RowBuf::whole(info, &self.control)?
            }
        };
        let mut rows = frame.all_mut();
        for y in rows.range() {
            self.canvas.write_row(y, rows.row_mut(y));
        }
        let canvas = Arc::new(frame);
        self.shown = Some(canvas.clone());
        Ok(Some(AnimationFrame { canvas, delay_ms }))
    }
}

/// The rows of a decoded frame.
struct CanvasRows {
    frame: FrameInfo,
    canvas: Canvas,
    control: JobControl,
    next: u32,
}

impl RowSource for CanvasRows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        self.control.check()?;
        for y in out.range() {
            self.canvas.write_row(self.next, out.row_mut(y));
            self.next += 1;
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
