//! Making the sink for an output format.

use std::fmt;
use std::io::Write;

use imageflow_pixels::{FrameInfo, JobControl, RowBuf, RowSink};

use crate::avif::AvifSettings;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{FrameSink, FrameSinkInfo};
use crate::gif::GifSettings;
use crate::jpeg::{JpegSettings, JpegStyle};
use crate::jxl::JxlSettings;
use crate::metadata::Metadata;
use crate::metadata::embed::{Embedded, Embedding, SharedFile};
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

    /// What of [`working_bytes`](Self::working_bytes) fills while rows arrive: the frame, for encoders that begin when all of
    /// it is there. By then nothing is held above them any more.
    pub fn gathered_bytes(&self, frame: &FrameInfo) -> u64 {
        let working = self.working_bytes(frame);
        match self {
            EncoderSettings::Jpeg(_) | EncoderSettings::Png(PngSettings::Truecolor { .. }) => {
                working
            }
            _ => working.min(RowBuf::bytes_for(frame, frame.size.height())),
        }
    }

    /// The same encoder at a quality of 1 to 100; `None` when it has none, since it is lossless or GIF.
    ///
    /// JPEG XL is told a distance: 0.1 + 0.09·(100 − q), below 30 the curve of libjxl. A palette falls back to nothing
    /// larger: its least quality becomes 0.
    pub fn with_quality(&self, quality: u8) -> Option<EncoderSettings> {
        let quality = quality.clamp(1, 100);
        match *self {
            EncoderSettings::Jpeg(settings) => Some(EncoderSettings::Jpeg(JpegSettings {
                quality,
                ..settings
            })),
            EncoderSettings::Png(PngSettings::Palette {
                speed, max_deflate, ..
            }) => Some(EncoderSettings::Png(PngSettings::Palette {
                quality,
                min_quality: 0,
                speed,
                max_deflate,
            })),
            EncoderSettings::WebP(settings) if !settings.lossless => {
                Some(EncoderSettings::WebP(WebpSettings {
                    quality: f32::from(quality),
                    ..settings
                }))
            }
            EncoderSettings::Avif(settings) if !settings.lossless => {
                Some(EncoderSettings::Avif(AvifSettings {
                    quality: f32::from(quality),
                    ..settings
                }))
            }
            EncoderSettings::Jxl(settings)
                if !settings.lossless && crate::jxl::CAN_ENCODE_LOSSY =>
            {
                Some(EncoderSettings::Jxl(JxlSettings {
                    distance: jxl_distance(f32::from(quality)),
                    ..settings
                }))
            }
            EncoderSettings::Png(_)
            | EncoderSettings::Gif(_)
            | EncoderSettings::WebP(_)
            | EncoderSettings::Avif(_)
            | EncoderSettings::Jxl(_) => None,
        }
    }

    /// Whether [`frame_encoder`] takes several frames.
    pub fn animates(&self) -> bool {
        matches!(self, EncoderSettings::Gif(_) | EncoderSettings::WebP(_))
    }
}

/// The encoder and its settings, in words.
impl fmt::Display for EncoderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", self.format())?;
        match *self {
            EncoderSettings::Jpeg(JpegSettings {
                style,
                quality,
                progressive,
                ..
            }) => {
                let kind = if progressive {
                    "progressive"
                } else {
                    "baseline"
                };
                let style = match style {
                    JpegStyle::Best => "smallest at its look",
                    JpegStyle::Classic => "as libjpeg-turbo does",
                };
                write!(f, "quality {quality}, {kind}, {style}")
            }
            EncoderSettings::Png(PngSettings::Truecolor {
                keep_alpha,
                zlib_level,
            }) => {
                let bits = if keep_alpha { 32 } else { 24 };
                write!(f, "{bits} bit, zlib level {zlib_level}")
            }
            EncoderSettings::Png(PngSettings::Lossless { max_deflate }) => {
                write!(f, "lossless{}", compressed(max_deflate))
            }
            EncoderSettings::Png(PngSettings::Palette {
                quality,
                min_quality,
                speed,
                max_deflate,
            }) => {
                let rest = compressed(max_deflate);
                write!(
                    f,
                    "palette of quality {quality} (at least {min_quality}), speed {speed}{rest}"
                )
            }
            EncoderSettings::Gif(GifSettings { dithering: true }) => f.write_str("dithered"),
            EncoderSettings::Gif(_) => f.write_str("not dithered"),
            EncoderSettings::WebP(WebpSettings { lossless: true, .. }) => f.write_str("lossless"),
            EncoderSettings::WebP(WebpSettings { quality, .. }) => write!(f, "quality {quality}"),
            EncoderSettings::Avif(AvifSettings {
                lossless: true,
                speed,
                ..
            }) => write!(f, "lossless, speed {speed}"),
            EncoderSettings::Avif(AvifSettings { quality, speed, .. }) => {
                write!(f, "quality {quality}, speed {speed}")
            }
            EncoderSettings::Jxl(settings) if settings.is_lossless() => f.write_str("lossless"),
            EncoderSettings::Jxl(JxlSettings {
                distance, effort, ..
            }) => write!(f, "distance {distance}, effort {effort}"),
        }
    }
}

fn compressed(max_deflate: bool) -> &'static str {
    if max_deflate {
        ", compressed as far as possible"
    } else {
        ""
    }
}

/// `JxlEncoderDistanceFromQuality` of libjxl, except that 100 is not lossless.
fn jxl_distance(quality: f32) -> f32 {
    if quality >= 30.0 {
        0.1 + 0.09 * (100.0 - quality)
    } else {
        (53.0 / 3000.0 * quality - 23.0 / 20.0) * quality + 25.0
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

/// Makes the sink and has it write metadata too; formats without a place for it carry none.
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
    let embedded = Embedded {
        file,
        format,
        metadata: metadata.clone(),
        output,
    };
    Ok(Box::new(Embedding { encoder, embedded }))
}

/// Makes the sink of an animation and has it write metadata too, for settings that [animate](EncoderSettings::animates).
///
/// # Errors
/// As for [`frame_encoder`].
pub fn frame_encoder_with(
    settings: &EncoderSettings,
    metadata: &Metadata,
    info: FrameSinkInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn FrameSink>, CodecError> {
    let format = settings.format();
    if metadata.is_empty() || !format.carries_metadata() {
        return frame_encoder(settings, info, output, control);
    }
    let file = SharedFile::default();
    let encoder = frame_encoder(settings, info, Box::new(file.clone()), control)?;
    let embedded = Embedded {
        file,
        format,
        metadata: metadata.clone(),
        output,
    };
    Ok(Box::new(Embedding { encoder, embedded }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lossless_has_no_quality() {
        let png = EncoderSettings::Png(PngSettings::Lossless { max_deflate: false });
        let webp = |lossless| {
            EncoderSettings::WebP(WebpSettings {
                quality: 70.0,
                lossless,
            })
        };
        assert_eq!(png.with_quality(50), None);
        assert_eq!(webp(true).with_quality(50), None);
        assert!(webp(false).with_quality(50).is_some());
    }

    #[test]
    fn distances_fall_as_quality_grows() {
        let distances: Vec<f32> = (1..=100u8).map(|q| jxl_distance(f32::from(q))).collect();
        assert!(distances.is_sorted_by(|a, b| a > b));
        assert!(distances.iter().all(|d| (0.09..=25.0).contains(d)));
    }
}
