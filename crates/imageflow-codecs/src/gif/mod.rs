//! GIF (87a and 89a), still and animated.

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
pub struct GifSettings {}

impl GifSettings {
    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        imageflow_pixels::RowBuf::bytes_for(frame, frame.size.height())
    }
}

fn disabled(action: &'static str) -> CodecError {
    CodecError::Disabled {
        format: ImageFormat::Gif,
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
    _settings: &GifSettings,
    _frame: FrameInfo,
    _output: Output,
    _control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    Err(disabled("encoding"))
}

/// Makes the sink of an animation.
///
/// # Errors
/// [`CodecError::Disabled`].
pub fn frame_encoder(
    _settings: &GifSettings,
    _info: crate::FrameSinkInfo,
    _output: Output,
    _control: &JobControl,
) -> Result<Box<dyn crate::FrameSink>, CodecError> {
    Err(disabled("encoding"))
}
