//! Encoder presets → one concrete encoder, and the matte that comes before it.

use imageflow_codecs::avif::AvifSettings;
use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::jxl::JxlSettings;
use imageflow_codecs::metadata::{Metadata, MetadataPolicy as CodecPolicy};
use imageflow_codecs::png::PngSettings;
use imageflow_codecs::webp::WebpSettings;
use imageflow_codecs::{EncoderSettings, Header, ImageFormat};
use imageflow_pixels::FrameInfo;
use imageflow_pixels::ops::Bgra;
use imageflow_querystring::{
    Codec, CodecSupport, Facts, Formats, SourceFacts, SourceFormat, select,
};
use imageflow_types::{Color, EncoderPreset, MetadataPolicy, OutputImageFormat, PngBitDepth};

use super::color;
use super::expand::{Branch, Expander, Source};
use super::goal;
use super::ir::EncodeOp;
use super::resample::matte_below;
use crate::error::{Error, ErrorKind};

/// Quality when a preset does not say.
const DEFAULT_QUALITY: i32 = 75;
/// zlib level when a preset does not say.
const DEFAULT_ZLIB: i32 = 6;

/// Quality of lossy WebP when a preset does not say.
const DEFAULT_WEBP_QUALITY: f32 = 80.0;
/// Lossless WebP at the effort of 2.x.
const LOSSLESS_WEBP: EncoderSettings = EncoderSettings::WebP(WebpSettings {
    quality: 70.0,
    lossless: true,
});

impl Expander<'_> {
    /// Expands an encode node.
    pub(super) fn encode(
        &mut self,
        io_id: i32,
        preset: &EncoderPreset,
        policy: MetadataPolicy,
        branch: Branch,
        node: String,
    ) -> Result<(), Error> {
        self.planning.io.output(io_id)?;
        if self.ir.encodes.iter().any(|e| e.io_id == io_id) {
            let text =
                format!("io_id {io_id} is written by two encode nodes; give each its own output");
            return Err(Error::new(ErrorKind::InvalidArgument, text).at_io(io_id));
        }
        let matte = given_matte(preset)
            .map(color::parse)
            .transpose()?
            .filter(|c| !c.is_transparent());
        let frame = self.frame(branch.id);
        let keeps_profile = branch.profile.is_some();
        let settings = resolve(preset, frame, branch.source, matte, keeps_profile)?;
        let goal = goal::goal(preset, &settings).map_err(|e| e.at_io(io_id))?;
        let mut input = branch.id;
        if self.frame(input).alpha.is_meaningful() {
            let opaque_format = settings.format() == ImageFormat::Jpeg;
            if let Some(matte) = matte.or(opaque_format.then_some(Bgra::WHITE)) {
                input = matte_below(self, input, matte)?;
            }
            // A matte that is not opaque itself cannot make a JPEG opaque: what is left shows white.
            if opaque_format && self.frame(input).alpha.is_meaningful() {
                input = matte_below(self, input, Bgra::WHITE)?;
            }
        }
        let format = settings.format();
        let mut metadata = self.metadata(policy, branch.source, format, io_id)?;
        let animated = settings.animates() && branch.source.is_some_and(|s| s.animated);
        let carries_profile = format.carries_profile() && !animated;
        if let Some(profile) = branch.profile {
            if !carries_profile && leaves_format_open(preset) {
                // The frames of an animation matter more than its profile.
                input = self.in_srgb(input, profile)?;
            } else if !carries_profile {
                let what = if animated { "an animated " } else { "" };
                let text = format!(
                    "{what}{format} output carries no colour profile: leave out color_profile, or write a still JPEG, PNG or WebP"
                );
                return Err(Error::new(ErrorKind::InvalidArgument, text).at_io(io_id));
            } else {
                metadata.icc = self.profiles.get(profile).map(|icc| icc.to_vec());
            }
        }
        self.ir.encodes.push(EncodeOp {
            io_id,
            input,
            settings,
            metadata,
            goal,
            node,
        });
        Ok(())
    }

    /// What of a source's metadata the policy lets through into an output.
    fn metadata(
        &self,
        policy: MetadataPolicy,
        source: Option<Source>,
        target: ImageFormat,
        io_id: i32,
    ) -> Result<Metadata, Error> {
        let policy = match policy {
            MetadataPolicy::None => return Ok(Metadata::default()),
            MetadataPolicy::Copyright => CodecPolicy::Copyright,
            MetadataPolicy::All => CodecPolicy::All,
        };
        let Some(source) = source else {
            return Ok(Metadata::default());
        };
        let entry = self.planning.io.input(source.io_id)?;
        let control = self.planning.control.about(io_id);
        let format = source.header.format;
        Metadata::of(&entry.input, format, policy, target, &control)
            .map_err(|e| Error::from(e).at_io(source.io_id))
    }
}

/// Whether the preset lets the engine choose the format.
fn leaves_format_open(preset: &EncoderPreset) -> bool {
    match preset {
        EncoderPreset::Auto(_) => true,
        EncoderPreset::Format(p) => {
            matches!(p.format, OutputImageFormat::Keep)
        }
        _ => false,
    }
}

fn given_matte(preset: &EncoderPreset) -> Option<&Color> {
    match preset {
        EncoderPreset::Auto(p) => p.matte.as_ref(),
        EncoderPreset::Format(p) => p.matte.as_ref(),
        EncoderPreset::LibjpegTurbo(p) => p.matte.as_ref(),
        EncoderPreset::Libpng(p) => p.matte.as_ref(),
        EncoderPreset::Mozjpeg(p) => p.matte.as_ref(),
        EncoderPreset::Pngquant(_)
        | EncoderPreset::Lodepng(_)
        | EncoderPreset::WebpLossy(_)
        | EncoderPreset::WebpLossless
        | EncoderPreset::Gif => None,
    }
}

/// The encoder a preset stands for when an input is written as it is.
///
/// # Errors
/// When no format is allowed.
pub(crate) fn settings_of(
    preset: &EncoderPreset,
    header: &Header,
) -> Result<EncoderSettings, Error> {
    let source = Source {
        io_id: 0,
        header: *header,
        animated: header.multiple_frames,
    };
    let frame = FrameInfo::bgra8(header.oriented(), header.alpha);
    resolve(preset, frame, Some(source), None, false)
}

fn resolve(
    preset: &EncoderPreset,
    frame: FrameInfo,
    source: Option<Source>,
    matte: Option<Bgra>,
    keeps_profile: bool,
) -> Result<EncoderSettings, Error> {
    match preset {
        EncoderPreset::Mozjpeg(p) => Ok(best_jpeg(
            p.quality.map_or(DEFAULT_QUALITY, i32::from),
            p.progressive != Some(false),
        )),
        EncoderPreset::LibjpegTurbo(p) => {
            let settings = (
                p.progressive == Some(true),
                p.optimize_huffman_coding == Some(true),
            );
            Ok(classic_jpeg(
                p.quality.unwrap_or(DEFAULT_QUALITY),
                settings.0,
                settings.1,
            ))
        }
        EncoderPreset::Libpng(p) => Ok(truecolor(
            p.depth != Some(PngBitDepth::Png24),
            p.zlib_compression,
        )),
        EncoderPreset::Lodepng(p) => Ok(lossless(p.maximum_deflate)),
        EncoderPreset::Pngquant(p) => Ok(palette(
            p.quality,
            p.minimum_quality,
            p.speed,
            p.maximum_deflate,
        )),
        EncoderPreset::WebpLossy(p) => Ok(webp(p.quality.unwrap_or(DEFAULT_WEBP_QUALITY))),
        EncoderPreset::WebpLossless => Ok(LOSSLESS_WEBP),
        EncoderPreset::Gif => Ok(EncoderSettings::Gif(GifSettings::default())),
        EncoderPreset::Auto(_) | EncoderPreset::Format(_) => {
            let facts = Facts {
                source: source.map(source_facts),
                needs_alpha: frame.alpha.is_meaningful() && !matte.is_some_and(Bgra::is_opaque),
                pixels: frame.size.area(),
                unfit: unfit(frame, source, keeps_profile),
            };
            let support = CodecSupport {
                avif: ImageFormat::Avif.can_encode(),
                jxl: ImageFormat::Jxl.can_encode(),
                jxl_lossy: imageflow_codecs::jxl::CAN_ENCODE_LOSSY,
                webp_lossy: imageflow_codecs::webp::CAN_ENCODE_LOSSY,
            };
            let selection = select(preset, &facts, support).ok_or_else(|| {
                Error::new(ErrorKind::InternalError, "the preset cannot be resolved")
            })?;
            let selection =
                selection.map_err(|e| Error::new(ErrorKind::InvalidArgument, e.to_string()))?;
            match selection.codec {
                Codec::Mozjpeg { quality, .. } => {
                    Ok(best_jpeg(i32::from(quality), !asks_for_baseline(preset)))
                }
                Codec::LibjpegTurbo {
                    quality,
                    progressive,
                } => Ok(classic_jpeg(i32::from(quality), progressive, progressive)),
                Codec::Lodepng { maximum_deflate } => Ok(lossless(maximum_deflate)),
                Codec::Pngquant {
                    speed,
                    quality,
                    minimum_quality,
                    maximum_deflate,
                } => Ok(palette(quality, minimum_quality, speed, maximum_deflate)),
                Codec::Libpng {
                    depth,
                    zlib_compression,
                } => Ok(truecolor(depth == PngBitDepth::Png32, zlib_compression)),
                Codec::Webp { quality } => Ok(webp(quality)),
                Codec::WebpLossless => Ok(LOSSLESS_WEBP),
                Codec::Gif => Ok(EncoderSettings::Gif(GifSettings::default())),
                Codec::Avif {
                    quality,
                    speed,
                    lossless,
                } => Ok(EncoderSettings::Avif(AvifSettings {
                    quality,
                    speed,
                    lossless,
                })),
                Codec::Jxl {
                    distance,
                    effort,
                    lossless,
                } => Ok(EncoderSettings::Jxl(JxlSettings {
                    distance,
                    effort,
                    lossless,
                })),
            }
        }
    }
}

/// The formats that cannot hold a frame, because of its size or because it keeps a profile.
fn unfit(frame: FrameInfo, source: Option<Source>, keeps_profile: bool) -> Formats {
    // No animation carries a profile: it is written in sRGB.
    let keeps_profile = keeps_profile && !source.is_some_and(|s| s.animated);
    let longest = frame.size.width().max(frame.size.height());
    let unfit = |format: ImageFormat| {
        longest > format.max_side() || keeps_profile && !format.carries_profile()
    };
    Formats {
        jpeg: unfit(ImageFormat::Jpeg),
        png: unfit(ImageFormat::Png),
        gif: unfit(ImageFormat::Gif),
        webp: unfit(ImageFormat::WebP),
        avif: unfit(ImageFormat::Avif),
        jxl: unfit(ImageFormat::Jxl),
    }
}

fn asks_for_baseline(preset: &EncoderPreset) -> bool {
    match preset {
        EncoderPreset::Format(p) => {
            p.encoder_hints
                .as_ref()
                .and_then(|h| h.jpeg)
                .and_then(|j| j.progressive)
                == Some(false)
        }
        _ => false,
    }
}

fn source_facts(source: Source) -> SourceFacts {
    let format = match source.header.format {
        ImageFormat::Jpeg => SourceFormat::Jpeg,
        ImageFormat::Png => SourceFormat::Png,
        ImageFormat::Gif => SourceFormat::Gif,
        ImageFormat::WebP => SourceFormat::Webp,
        ImageFormat::Avif => SourceFormat::Avif,
        ImageFormat::Jxl => SourceFormat::Jxl,
        ImageFormat::Svg => SourceFormat::Svg,
        _ => SourceFormat::Other,
    };
    SourceFacts {
        format,
        lossless: source.header.lossless,
        animated: source.animated,
    }
}

/// 0..=100 of any number a client gives.
fn percent(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 100)).unwrap_or(100)
}

fn best_jpeg(quality: i32, progressive: bool) -> EncoderSettings {
    EncoderSettings::Jpeg(JpegSettings {
        style: JpegStyle::Best,
        quality: percent(quality),
        progressive,
        optimize_huffman: true,
    })
}

fn classic_jpeg(quality: i32, progressive: bool, optimize_huffman: bool) -> EncoderSettings {
    EncoderSettings::Jpeg(JpegSettings {
        style: JpegStyle::Classic,
        quality: percent(quality),
        progressive,
        optimize_huffman,
    })
}

fn webp(quality: f32) -> EncoderSettings {
    let quality = if quality.is_nan() {
        DEFAULT_WEBP_QUALITY
    } else {
        quality.clamp(0.0, 100.0)
    };
    EncoderSettings::WebP(WebpSettings {
        quality,
        lossless: false,
    })
}

fn lossless(maximum_deflate: Option<bool>) -> EncoderSettings {
    EncoderSettings::Png(PngSettings::Lossless {
        max_deflate: maximum_deflate == Some(true),
    })
}

fn truecolor(keep_alpha: bool, zlib: Option<i32>) -> EncoderSettings {
    let level = u8::try_from(zlib.unwrap_or(DEFAULT_ZLIB).clamp(0, 9)).unwrap_or(9);
    EncoderSettings::Png(PngSettings::Truecolor {
        keep_alpha,
        zlib_level: level,
    })
}

fn palette(
    quality: Option<u8>,
    min_quality: Option<u8>,
    speed: Option<u8>,
    maximum_deflate: Option<bool>,
) -> EncoderSettings {
    let quality = quality.unwrap_or(100).min(100);
    EncoderSettings::Png(PngSettings::Palette {
        quality,
        min_quality: min_quality.unwrap_or(0).min(quality),
        speed: speed.unwrap_or(4).clamp(1, 10),
        max_deflate: maximum_deflate == Some(true),
    })
}
