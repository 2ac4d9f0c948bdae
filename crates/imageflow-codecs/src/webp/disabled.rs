//! What a build without a WebP codec answers.

use imageflow_pixels::{FrameInfo, JobControl, RowSink};

use super::WebpSettings;
use crate::decoder::Decoder;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{FrameSink, FrameSinkInfo};
use crate::input::Reader;

fn disabled(action: &'static str) -> CodecError {
    CodecError::Disabled {
        format: ImageFormat::WebP,
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
    _settings: &WebpSettings,
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
    _settings: &WebpSettings,
    _info: FrameSinkInfo,
    _output: Output,
    _control: &JobControl,
) -> Result<Box<dyn FrameSink>, CodecError> {
    Err(disabled("encoding"))
}
