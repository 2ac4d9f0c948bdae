//! Animation: frames in, frames out.
//!
//! A [`FrameSource`] composites: what it hands out is always the whole canvas as a viewer would show it, so the rest of the
//! engine treats every frame like a still picture. A [`FrameSink`] takes whole canvases and finds out itself what changed.

use std::sync::Arc;

use imageflow_pixels::{
    Alpha, EncodeReport, FrameInfo, JobControl, RowBuf, RowSink, Rows, Size, StreamError,
};

use crate::error::CodecError;

/// What holds for an animation as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Animation {
    /// Size of the canvas, stored orientation.
    pub size: Size,
    /// Whether the canvas has meaningful alpha.
    pub alpha: Alpha,
    /// How often the whole animation plays; 0 is for ever. A file that does not say plays once.
    pub plays: u32,
}

/// One frame, composited.
#[derive(Clone, Debug)]
pub struct AnimationFrame {
    /// The whole canvas: `Bgra8`, all rows valid. Give it up before asking for the next frame, and the source can draw on
    /// it instead of on a copy.
    pub canvas: Arc<RowBuf>,
    /// How long the frame is shown, in milliseconds; 0 is kept as it is.
    pub delay_ms: u32,
}

/// Produces the frames of an animation in order.
pub trait FrameSource: Send {
    /// What holds for all frames.
    fn animation(&self) -> Animation;

    /// Decodes and composites the next frame; `None` after the last one.
    ///
    /// # Errors
    /// When the input is damaged beyond use, or the job must stop. Frames decoded before stay good.
    fn next_frame(&mut self) -> Result<Option<AnimationFrame>, CodecError>;

    /// Passes over the next frame, without decoding it where the file tells where it ends, and says how long it is shown;
    /// `None` after the last one. Frames behind it cannot be composited any more.
    ///
    /// # Errors
    /// As for [`FrameSource::next_frame`].
    fn skip_frame(&mut self) -> Result<Option<u32>, CodecError> {
        Ok(self.next_frame()?.map(|frame| frame.delay_ms))
    }
}

/// What a [`FrameSink`] must know before the first frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameSinkInfo {
    /// Size and alpha of every frame; `Bgra8`.
    pub frame: FrameInfo,
    /// How often the animation plays; 0 is for ever.
    pub plays: u32,
    /// Whether more than one frame is expected: a single frame is written as a still picture.
    pub animated: bool,
}

/// Consumes the frames of an animation in order.
pub trait FrameSink: Send {
    /// Takes one whole frame, shown for `delay_ms` milliseconds.
    ///
    /// # Errors
    /// When it cannot be encoded or written, or the job must stop.
    fn write_frame(&mut self, frame: &Rows<'_>, delay_ms: u32) -> Result<(), StreamError>;

    /// Completes the output after the last frame.
    ///
    /// # Errors
    /// As for [`FrameSink::write_frame`].
    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError>;
}

/// Gathers rows to one frame: makes a [`RowSink`] of any function that wants the whole picture.
pub struct Gather<F> {
    frame: RowBuf,
    encode: F,
}

impl<F> Gather<F>
where
    F: FnOnce(&RowBuf) -> Result<EncodeReport, StreamError> + Send,
{
    /// A sink that calls `encode` with all rows of a frame of this kind when the last one is there.
    ///
    /// # Errors
    /// When the budget or the system refuses the memory of a frame.
    pub fn new(frame: FrameInfo, control: &JobControl, encode: F) -> Result<Self, CodecError> {
        Ok(Gather {
            frame: RowBuf::new(frame, frame.size.height(), control)?,
            encode,
        })
    }
}

impl<F> RowSink for Gather<F>
where
    F: FnOnce(&RowBuf) -> Result<EncodeReport, StreamError> + Send,
{
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        let range = rows.range();
        let mut out = self.frame.advance(range.clone(), 0);
        for y in range {
            out.row_mut(y).copy_from_slice(rows.row(y));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        (self.encode)(&self.frame)
    }
}

/// Writes one picture through a [`FrameSink`].
///
/// # Errors
/// When the budget or the system refuses the memory of a frame.
pub fn still(
    frame: FrameInfo,
    control: &JobControl,
    mut sink: Box<dyn FrameSink>,
) -> Result<Box<dyn RowSink>, CodecError> {
    Ok(Box::new(Gather::new(
        frame,
        control,
        move |whole: &RowBuf| {
            sink.write_frame(&whole.all(), 0)?;
            sink.finish()
        },
    )?))
}

impl<F> std::fmt::Debug for Gather<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gather")
            .field("frame", &self.frame)
            .finish_non_exhaustive()
    }
}
