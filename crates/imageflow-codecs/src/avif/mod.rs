//! AVIF (AV1 still pictures in ISO BMFF / HEIF).

use imageflow_pixels::{FrameInfo, JobControl, RowSink};

use crate::decoder::Decoder;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Whether this build reads the format.
pub const CAN_DECODE: bool = false;
/// Whether this build writes the format.
pub const CAN_ENCODE: bool = false;

/// How to encode.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AvifSettings {
    /// 0 to 100.
    pub quality: f32,
    /// 0 (slow, small) to 10 (fast).
    pub speed: u8,
    /// Keep every pixel as it is.
    pub lossless: bool,
}

impl AvifSettings {
    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        imageflow_pixels::RowBuf::bytes_for(frame, frame.size.height())
    }
}

fn disabled(action: &'static str) -> CodecError {
    CodecError::Disabled {
        format: ImageFormat::Avif,
        action,
    }
}

/// Reads the header.
///
/// # Errors
/// [`CodecError::Disabled`].
pub fn open(_reader: Reader, _control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    Err(disabled("decoding"))
}

/// Makes the sink of a still picture.
///
/// # Errors
/// [`CodecError::Disabled`].
pub fn encoder(
    _settings: &AvifSettings,
    _frame: FrameInfo,
    _output: Output,
    _control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    Err(disabled("encoding"))
}
