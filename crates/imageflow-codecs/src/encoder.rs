//! Making the sink for an output format.

use std::io::Write;

use imageflow_pixels::{FrameInfo, JobControl, RowSink};

use crate::avif::AvifSettings;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{FrameSink, FrameSinkInfo};
use crate::gif::GifSettings;
use crate::jpeg::JpegSettings;
use crate::jxl::JxlSettings;
use crate::metadata::Metadata;
use crate::metadata::embed::{Embedding, SharedFile};
use crate::png::PngSettings;
use crate::webp::WebpSettings;

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
    /// GIF, animated when there are several frames.
    Gif(GifSettings),
    /// WebP, animated when there are several frames.
    WebP(WebpSettings),
    /// AVIF.
    Avif(AvifSettings),
    /// JPEG XL.
    Jxl(JxlSettings),
}

impl EncoderSettings {
    /// The format written.
    pub fn format(&self) -> ImageFormat {
        match self {
            EncoderSettings::Jpeg(_) => ImageFormat::Jpeg,
            EncoderSettings::Png(_) => ImageFormat::Png,
            EncoderSettings::Gif(_) => ImageFormat::Gif,
            EncoderSettings::WebP(_) => ImageFormat::WebP,
            EncoderSettings::Avif(_) => ImageFormat::Avif,
            EncoderSettings::Jxl(_) => ImageFormat::Jxl,
        }
    }

    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        match self {
            EncoderSettings::Jpeg(settings) => settings.working_bytes(frame),
            EncoderSettings::Png(settings) => settings.working_bytes(frame),
            EncoderSettings::Gif(settings) => settings.working_bytes(frame),
            EncoderSettings::WebP(settings) => settings.working_bytes(frame),
            EncoderSettings::Avif(settings) => settings.working_bytes(frame),
            EncoderSettings::Jxl(settings) => settings.working_bytes(frame),
        }
    }

    /// Whether [`frame_encoder`] takes several frames.
    pub fn animates(&self) -> bool {
        matches!(self, EncoderSettings::Gif(_) | EncoderSettings::WebP(_))
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
        EncoderSettings::Gif(settings) => crate::gif::encoder(settings, frame, output, control),
        EncoderSettings::WebP(settings) => crate::webp::encoder(settings, frame, output, control),
        EncoderSettings::Avif(settings) => crate::avif::encoder(settings, frame, output, control),
        EncoderSettings::Jxl(settings) => crate::jxl::encoder(settings, frame, output, control),
    }
}

/// Makes the sink and has it write metadata too; formats without a place for it (and every animation) carry none.
///
/// # Errors
/// As for [`encoder`].
pub fn encoder_with(
    settings: &EncoderSettings,
    metadata: &Metadata,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    let format = settings.format();
    if metadata.is_empty() || !format.carries_metadata() {
        return encoder(settings, frame, output, control);
    }
    let file = SharedFile::default();
    let encoder = encoder(settings, frame, Box::new(file.clone()), control)?;
    Ok(Box::new(Embedding {
        encoder,
        file,
        format,
        metadata: metadata.clone(),
        output,
    }))
}

/// Makes the sink of an animation, for settings that [animate](EncoderSettings::animates).
///
/// # Errors
/// As for [`encoder`]; [`CodecError::InvalidArgument`] for a format of still pictures.
pub fn frame_encoder(
    settings: &EncoderSettings,
    info: FrameSinkInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn FrameSink>, CodecError> {
    match settings {
        EncoderSettings::Gif(settings) => {
            crate::gif::frame_encoder(settings, info, output, control)
        }
        EncoderSettings::WebP(settings) => {
            crate::webp::frame_encoder(settings, info, output, control)
        }
        still => Err(CodecError::InvalidArgument(format!(
            "{} holds a single picture",
            still.format()
        ))),
    }
}
