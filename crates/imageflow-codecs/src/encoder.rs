//! Making the sink for an output format.

use std::io::Write;

use imageflow_pixels::{FrameInfo, JobControl, RowSink};

use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::jpeg::JpegSettings;
use crate::png::PngSettings;

/// Where an encoder writes.
pub type Output = Box<dyn Write + Send>;

/// A concrete encoder and its settings: what a preset resolves to.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum EncoderSettings {
    /// JPEG. Rows must be opaque (a matte stage comes before).
    Jpeg(JpegSettings),
    /// PNG.
    Png(PngSettings),
}

impl EncoderSettings {
    /// The format written.
    pub fn format(&self) -> ImageFormat {
        match self {
            EncoderSettings::Jpeg(_) => ImageFormat::Jpeg,
            EncoderSettings::Png(_) => ImageFormat::Png,
        }
    }

    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        match self {
            EncoderSettings::Jpeg(settings) => settings.working_bytes(frame),
            EncoderSettings::Png(settings) => settings.working_bytes(frame),
        }
    }
}

/// Makes the sink. `frame` must be `Bgra8`.
///
/// # Errors
/// When the format cannot hold a frame of this size, or the build has no such encoder.
pub fn encoder(
    settings: &EncoderSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    match settings {
        EncoderSettings::Jpeg(settings) => crate::jpeg::encoder(settings, frame, output, control),
        EncoderSettings::Png(settings) => crate::png::encoder(settings, frame, output, control),
    }
}
