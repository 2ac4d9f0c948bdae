//! Writing: lossless in Rust, or everything through libjxl where the feature `libjxl` is on.

mod channels;
#[cfg(feature = "libjxl")]
mod ffi;
#[cfg(not(feature = "libjxl"))]
mod lossless;
#[cfg(not(feature = "libjxl"))]
mod thin;

use std::io::Write;

use imageflow_pixels::{
    EncodeReport, FrameInfo, JobControl, PixelLayout, RowBuf, RowSink, StreamError,
};

use super::JxlSettings;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::Gather;

/// Bytes written between two looks at the job's deadline.
const PIECE: usize = 64 * 1024;

/// Makes the sink of a still picture. The frame is kept whole: every pixel may matter for the codes of all.
///
/// # Errors
/// [`CodecError::Encode`] for a lossy file in a build that writes lossless ones only; when the job's memory budget refuses the
/// frame.
pub fn encoder(
    settings: &JxlSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    control.check()?;
    if frame.layout != PixelLayout::Bgra8 {
        return Err(failed("rows must be 8-bit BGRA"));
    }
    if !settings.is_lossless() && !super::CAN_ENCODE_LOSSY {
        return Err(failed(
            "this build writes lossless files only: ask for jxl.lossless=true, or build with the feature `libjxl`",
        ));
    }
    let (settings, control) = (*settings, control.clone());
    let encode = {
        let control = control.clone();
        move |frame: &RowBuf| encode(frame, &settings, output, &control)
    };
    Ok(Box::new(Gather::new(frame, &control, encode)?))
}

/// Bytes the encoder will hold beyond the strip it is given.
pub(super) fn working_bytes(settings: &JxlSettings, frame: &FrameInfo) -> u64 {
    RowBuf::bytes_for(frame, frame.size.height()).saturating_add(backend_bytes(settings, frame))
}

#[cfg(feature = "libjxl")]
fn backend_bytes(settings: &JxlSettings, frame: &FrameInfo) -> u64 {
    ffi::working_bytes(settings, frame)
}

#[cfg(feature = "libjxl")]
fn encode(
    frame: &RowBuf,
    settings: &JxlSettings,
    output: Output,
    control: &JobControl,
) -> Result<EncodeReport, StreamError> {
    let mut drain = Drain::new(output, control);
    ffi::encode(frame, settings, &mut drain)?;
    Ok(drain.close()?)
}

#[cfg(not(feature = "libjxl"))]
fn backend_bytes(_settings: &JxlSettings, frame: &FrameInfo) -> u64 {
    lossless::working_bytes(frame)
}

#[cfg(not(feature = "libjxl"))]
fn encode(
    frame: &RowBuf,
    settings: &JxlSettings,
    output: Output,
    control: &JobControl,
) -> Result<EncodeReport, StreamError> {
    let file = lossless::encode(frame, settings.effort, control)?;
    let mut drain = Drain::new(output, control);
    for piece in file.chunks(PIECE) {
        drain.push(piece)?;
    }
    Ok(drain.close()?)
}

fn failed(message: impl ToString) -> CodecError {
    CodecError::encode(ImageFormat::Jxl, message)
}

/// The job's output, with its bytes counted and the deadline watched.
struct Drain<'a> {
    output: Output,
    control: &'a JobControl,
    bytes: u64,
}

impl Drain<'_> {
    fn new(output: Output, control: &JobControl) -> Drain<'_> {
        Drain {
            output,
            control,
            bytes: 0,
        }
    }

    fn push(&mut self, piece: &[u8]) -> Result<(), CodecError> {
        self.control.check()?;
        self.output.write_all(piece).map_err(CodecError::Write)?;
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        Ok(())
    }

    fn close(mut self) -> Result<EncodeReport, CodecError> {
        self.output.flush().map_err(CodecError::Write)?;
        Ok(EncodeReport { bytes: self.bytes })
    }
}
