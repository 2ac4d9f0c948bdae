//! Writing: every frame as its difference from the one before.
//!
//! ```text
//! frame ─► Memory: what must be drawn, in which rectangle ─► Table: which colours ─► indices ─► Lzw ─► Container
//! ```
//!
//! A frame is written when the next one is known: pixels that become transparent can only be cleared by the disposal of the
//! frame before them. Pixels that do not change are not drawn again, so what was dithered once stays as it is.

mod animation;
mod container;
mod lzw;
mod memory;
mod sub_blocks;
mod table;
mod tables;

use imageflow_pixels::{FrameInfo, JobControl, PixelLayout, RowSink};

use super::GifSettings;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{FrameSink, FrameSinkInfo, still};
use animation::Animated;

/// Code table, sub-blocks, tables of nearest colours, frames that wait for the head of the file.
const FIXED_BYTES: u64 = 11 << 20;

/// Makes the sink of a still picture.
///
/// # Errors
/// When a side exceeds 65535 pixels, or the job's memory budget refuses the frame.
pub fn encoder(
    settings: &GifSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    let info = FrameSinkInfo {
        frame,
        plays: 1,
        animated: false,
    };
    still(
        frame,
        control,
        frame_encoder(settings, info, output, control)?,
    )
}

/// Makes the sink of an animation.
///
/// # Errors
/// As for [`encoder`].
pub fn frame_encoder(
    settings: &GifSettings,
    info: FrameSinkInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn FrameSink>, CodecError> {
    control.check()?;
    if info.frame.layout != PixelLayout::Bgra8 {
        return Err(CodecError::encode(
            ImageFormat::Gif,
            "rows must be 8-bit BGRA",
        ));
    }
    ImageFormat::Gif.check_sides(info.frame.size)?;
    Ok(Box::new(Animated::new(settings, info, output, control)?))
}

/// Bytes the encoder will hold beyond the strip it is given.
pub(super) fn working_bytes(frame: &FrameInfo) -> u64 {
    // The frame gathered or kept, what is shown, what it stands for, and the pixels a palette is chosen for, twice.
    FIXED_BYTES + frame.size.area() * 4 * 5
}
