//! What stands for the codec in a build without it.

use imageflow_pixels::{JobControl, RowSink};

use super::AvifSettings;
use crate::decoder::Decoder;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;
use imageflow_pixels::FrameInfo;

fn disabled(action: &'static str) -> CodecError {
    CodecError::Disabled {
        format: ImageFormat::Avif,
        action,
    }
}

/// Answers that AVIF is not part of this build.
///
/// # Errors
/// [`CodecError::Disabled`].
pub fn open(_reader: Reader, _control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    Err(disabled("decoding"))
}

/// Answers that AVIF is not part of this build.
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
