//! An `auto` or `format` preset, and facts about the image, to one encoder and its settings.
//!
//! Used for querystrings and for JSON presets alike. Which formats the engine can write is an argument.

use imageflow_types::{
    AllowedFormats, AutoPreset, BoolKeep, EncoderHints, EncoderPreset, FormatPreset, JpegStyle,
    OutputImageFormat, PngBitDepth, PngHints, PngStyle, QualityProfile,
};

use crate::quality::{QualityRow, percent_of, quality_row};

/// What is known about the image when it is about to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The first decoder upstream, if any.
    pub source: Option<SourceFacts>,
    /// Whether the frame has alpha that no opaque matte removes.
    pub needs_alpha: bool,
    /// Pixels in the frame.
    pub pixels: u64,
    /// Formats that cannot hold the picture: a side is too long, or it keeps a profile they have no place for. They are never
    /// chosen; one that was asked for by name is left to its encoder, which says why it cannot.
    pub unfit: Formats,
}

/// A set of the formats that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Formats {
    /// JPEG.
    pub jpeg: bool,
    /// PNG.
    pub png: bool,
    /// GIF.
    pub gif: bool,
    /// WebP.
    pub webp: bool,
    /// AVIF.
    pub avif: bool,
    /// JPEG XL.
    pub jxl: bool,
}

impl Formats {
    /// Whether a format is in the set; [`OutputImageFormat::Keep`] is in none.
    pub const fn has(self, format: OutputImageFormat) -> bool {
        match format {
            OutputImageFormat::Jpeg | OutputImageFormat::Jpg => self.jpeg,
            OutputImageFormat::Png => self.png,
            OutputImageFormat::Gif => self.gif,
            OutputImageFormat::Webp => self.webp,
            OutputImageFormat::Avif => self.avif,
            OutputImageFormat::Jxl => self.jxl,
            OutputImageFormat::Keep => false,
        }
    }
}

/// What is known about the file the image came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFacts {
    /// Its format.
    pub format: SourceFormat,
    /// Whether it is stored without loss (as `ImageInfo::lossless`).
    pub lossless: bool,
    /// Whether several frames are asked for.
    pub animated: bool,
}

/// Names the format of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// AVIF.
    Avif,
    /// JPEG XL.
    Jxl,
    /// SVG, which the engine does not write.
    Svg,
    /// Anything else.
    Other,
}

/// Says which formats the engine can write beyond JPEG, PNG, GIF and lossless WebP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodecSupport {
    /// AVIF.
    pub avif: bool,
    /// JPEG XL without loss.
    pub jxl: bool,
    /// JPEG XL with loss too; nothing without `jxl`.
    pub jxl_lossy: bool,
    /// WebP with loss.
    pub webp_lossy: bool,
}

/// JPEG, PNG, GIF and WebP, which every client may expect.
impl Default for CodecSupport {
    fn default() -> Self {
        Self {
            avif: false,
            jxl: false,
            jxl_lossy: false,
            webp_lossy: true,
        }
    }
}

/// One encoder and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Codec {
    /// JPEG, optimised for size.
    Mozjpeg {
        /// 0 to 100.
        quality: u8,
        /// Whether a progressive file was asked for and allowed. Files are progressive either way.
        progressive: bool,
    },
    /// JPEG with classic settings.
    LibjpegTurbo {
        /// 0 to 100.
        quality: u8,
        /// Write a progressive file with its own Huffman tables; otherwise baseline with the standard ones.
        progressive: bool,
    },
    /// Lossless PNG, colour type reduced where possible.
    Lodepng {
        /// Compress as small as possible.
        maximum_deflate: Option<bool>,
    },
    /// Palette PNG. Values are as asked for: the encoder bounds them, as it does for the `pngquant` preset.
    Pngquant {
        /// 1 to 10; absent means the library's default.
        speed: Option<u8>,
        /// Quality to aim for, 0 to 100; absent means 100.
        quality: Option<u8>,
        /// Quality below which the file is lossless instead, 0 to `quality`; absent means 0.
        minimum_quality: Option<u8>,
        /// Compress as small as possible.
        maximum_deflate: Option<bool>,
    },
    /// Truecolour PNG.
    Libpng {
        /// Bits per pixel.
        depth: PngBitDepth,
        /// zlib level, 0 to 9.
        zlib_compression: Option<i32>,
    },
    /// Lossy WebP.
    Webp {
        /// 0 to 100.
        quality: f32,
    },
    /// Lossless WebP.
    WebpLossless,
    /// GIF.
    Gif,
    /// AVIF.
    Avif {
        /// 0 to 100.
        quality: f32,
        /// 0 to 10.
        speed: u8,
        /// Whether the result must be lossless.
        lossless: bool,
    },
    /// JPEG XL.
    Jxl {
        /// Butteraugli distance; 0 is lossless.
        distance: f32,
        /// 0 to 9.
        effort: u8,
        /// Whether the result must be lossless.
        lossless: bool,
    },
}

/// The outcome of [`select`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selection {
    /// Whether the result must be, or must not be, lossless.
    pub needs_lossless: Option<bool>,
    /// Whether several frames are asked for.
    pub needs_animation: bool,
    /// The format asked for; `None` when the choice was left open.
    pub explicit_format: Option<OutputImageFormat>,
    /// The encoder chosen.
    pub codec: Codec,
}

/// Why no format can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoFormat {
    /// None is allowed.
    #[error("No formats enabled; try 'allow': {{ 'web_safe':true}}")]
    Allowed,
    /// Some are, but the picture is too large for them, or keeps a profile that they do not carry.
    #[error(
        "none of the allowed formats can hold this picture (its size, the profile it keeps, or without loss): allow PNG, \
         make it smaller, or leave out color_profile"
    )]
    Fits,
}

/// Chooses the encoder for an `auto` or `format` preset; `None` for presets that name their encoder.
///
/// # Errors
/// When the choice is open and no format is allowed.
pub fn select(
    preset: &EncoderPreset,
    facts: &Facts,
    support: CodecSupport,
) -> Option<Result<Selection, NoFormat>> {
    let wish = match preset {
        EncoderPreset::Auto(auto) => Wish::from_auto(auto, facts),
        EncoderPreset::Format(format) => Wish::from_format(format, facts),
        _ => return None,
    };
    Some(wish.select(facts, support))
}

/// The two presets, brought to one form.
struct Wish {
    explicit_format: Option<OutputImageFormat>,
    /// The format is the source's own.
    keeps_source: bool,
    profile: Option<QualityProfile>,
    row: Option<QualityRow>,
    needs_lossless: Option<bool>,
    allow: AllowedFormats,
    hints: EncoderHints,
}

impl Wish {
    fn from_auto(preset: &AutoPreset, facts: &Facts) -> Self {
        let profile = preset.quality_profile.unwrap_or(QualityProfile::High);
        let has_goal = preset.max_bytes.is_some() || preset.ssimulacra2.is_some();
        Self {
            explicit_format: None,
            keeps_source: false,
            profile: Some(profile),
            row: Some(quality_row(profile, preset.quality_profile_dpr)),
            // A goal is for an encoder with a quality: alpha makes a palette then, not a PNG without loss.
            needs_lossless: needs_lossless(preset.lossless, Some(profile), facts)
                .or_else(|| has_goal.then_some(false)),
            allow: expanded(preset.allow),
            hints: EncoderHints::default(),
        }
    }

    fn from_format(preset: &FormatPreset, facts: &Facts) -> Self {
        let dpr = preset.quality_profile_dpr;
        Self {
            explicit_format: explicit_format(preset.format, facts),
            keeps_source: preset.format == OutputImageFormat::Keep,
            profile: preset.quality_profile,
            row: preset.quality_profile.map(|p| quality_row(p, dpr)),
            needs_lossless: needs_lossless(preset.lossless, preset.quality_profile, facts),
            allow: expanded(preset.allow),
            hints: preset.encoder_hints.clone().unwrap_or_default(),
        }
    }

    fn select(&self, facts: &Facts, support: CodecSupport) -> Result<Selection, NoFormat> {
        let format = match self.explicit_format {
            Some(OutputImageFormat::Avif) if !support.avif => self.automatic(facts, support)?,
            // Keeping the source's format is a preference, not a demand.
            Some(format) if self.keeps_source && facts.unfit.has(format) => {
                self.automatic(facts, support)?
            }
            Some(OutputImageFormat::Jxl) if !self.can_be_jxl(facts, support) => {
                self.automatic(facts, support)?
            }
            Some(format) => format,
            None => self.automatic(facts, support)?,
        };
        Ok(Selection {
            needs_lossless: self.needs_lossless,
            needs_animation: facts.source.is_some_and(|s| s.animated),
            explicit_format: self.explicit_format,
            codec: self.codec(format, facts),
        })
    }

    /// Whether JPEG XL is to be lossless.
    fn lossless_jxl(&self, facts: &Facts) -> bool {
        let hints = self.hints.jxl.unwrap_or_default();
        let distance = self.row.map(|r| r.jxl_distance).or(hints.distance);
        self.needs_lossless
            .or_else(|| hints.lossless.map(|wish| kept(wish, facts)))
            .unwrap_or(distance.is_some_and(|distance| distance <= 0.0))
    }

    /// Whether the engine can write the kind of JPEG XL that is asked for.
    fn can_be_jxl(&self, facts: &Facts, support: CodecSupport) -> bool {
        let lossless = self.lossless_jxl(facts) || self.row.is_some_and(|r| r.jxl_distance <= 0.0);
        support.jxl && (support.jxl_lossy || lossless)
    }

    /// Whether the engine can write the kind of WebP that is asked for.
    fn can_be_webp(&self, facts: &Facts, support: CodecSupport) -> bool {
        support.webp_lossy || self.webp(facts) == Codec::WebpLossless
    }

    /// Chooses a format: the first rule that applies.
    fn automatic(
        &self,
        facts: &Facts,
        support: CodecSupport,
    ) -> Result<OutputImageFormat, NoFormat> {
        use OutputImageFormat::{Avif, Gif, Jpeg, Jxl, Png, Webp};
        let yes = |flag: Option<bool>| flag == Some(true);
        let allow = &self.allow;
        let fits = |format| !facts.unfit.has(format);
        let jpeg = yes(allow.jpeg) && fits(Jpeg);
        let png = yes(allow.png) && fits(Png);
        let gif = yes(allow.gif) && fits(Gif);
        let any_webp = yes(allow.webp) && fits(Webp);
        let webp = any_webp && self.can_be_webp(facts, support);
        // Its encoder has no lossless mode.
        let can_be_avif = support.avif && self.needs_lossless != Some(true);
        let avif = can_be_avif && yes(allow.avif) && fits(Avif);
        let can_be_jxl = self.can_be_jxl(facts, support);
        let jxl = can_be_jxl && yes(allow.jxl) && fits(Jxl);
        let animated = facts.source.is_some_and(|s| s.animated);
        let exact = self.needs_lossless == Some(true) || facts.needs_alpha;
        // Beyond this quality, and without progressive files, WebP beats JPEG.
        let fine = self.profile.map_or(90.0, percent_of) > 90.0;
        let webp_first = fine || !yes(allow.jpeg_progressive);
        const SLOW_FOR_AVIF: u64 = 3_000_000;
        let rules = [
            (animated && gif, Gif),
            (animated && any_webp, Webp),
            (jxl, Jxl),
            (exact && webp, Webp),
            (exact && png, Png),
            (exact && avif, Avif),
            (avif && facts.pixels < SLOW_FOR_AVIF, Avif),
            (webp_first && webp, Webp),
            (jpeg, Jpeg),
            (avif, Avif),
            (png, Png),
            (gif, Gif),
            // Also what this build cannot write: its encoder says so.
            (any_webp, Webp),
        ];
        let allowed = [
            (allow.jpeg, true),
            (allow.png, true),
            (allow.gif, true),
            (allow.webp, true),
            (allow.avif, support.avif),
            (allow.jxl, can_be_jxl),
        ];
        let chosen = rules.iter().find(|(applies, _)| *applies);
        match chosen {
            Some((_, format)) => Ok(*format),
            None if allowed.iter().any(|(allow, can)| yes(*allow) && *can) => Err(NoFormat::Fits),
            None => Err(NoFormat::Allowed),
        }
    }

    fn codec(&self, format: OutputImageFormat, facts: &Facts) -> Codec {
        match format {
            // `keep` was resolved before, so it only stands for the default here.
            OutputImageFormat::Jpeg | OutputImageFormat::Jpg | OutputImageFormat::Keep => {
                self.jpeg()
            }
            OutputImageFormat::Png => self.png(facts),
            OutputImageFormat::Gif => Codec::Gif,
            OutputImageFormat::Webp => self.webp(facts),
            OutputImageFormat::Avif => {
                let hints = self.hints.avif.unwrap_or_default();
                let quality = self.row.map(|r| r.avif).or(hints.quality);
                let speed = hints.speed.or(self.row.map(|r| r.avif_speed));
                Codec::Avif {
                    quality: quality.unwrap_or(55.0).clamp(0.0, 100.0),
                    speed: speed.unwrap_or(6).min(10),
                    lossless: self.needs_lossless == Some(true),
                }
            }
            OutputImageFormat::Jxl => {
                let hints = self.hints.jxl.unwrap_or_default();
                let distance = self.row.map(|r| r.jxl_distance).or(hints.distance);
                let effort = hints.effort.or(self.row.map(|r| r.jxl_effort));
                Codec::Jxl {
                    distance: distance.unwrap_or(1.0).clamp(0.0, 25.0),
                    effort: effort.unwrap_or(5).min(9),
                    lossless: self.lossless_jxl(facts),
                }
            }
        }
    }

    fn jpeg(&self) -> Codec {
        let hints = self.hints.jpeg.unwrap_or_default();
        let quality = self
            .row
            .map(|r| r.mozjpeg)
            .or(hints.quality)
            .unwrap_or(90.0);
        let quality = quality.clamp(0.0, 100.0) as u8;
        let progressive =
            hints.progressive.unwrap_or(true) && self.allow.jpeg_progressive == Some(true);
        match hints.mimic {
            Some(JpegStyle::LibjpegTurbo) => Codec::LibjpegTurbo {
                quality,
                progressive,
            },
            _ => Codec::Mozjpeg {
                quality,
                progressive,
            },
        }
    }

    fn webp(&self, facts: &Facts) -> Codec {
        let hints = self.hints.webp.unwrap_or_default();
        let lossless = self
            .needs_lossless
            .or_else(|| hints.lossless.map(|wish| kept(wish, facts)));
        if lossless == Some(true) {
            return Codec::WebpLossless;
        }
        let quality = self.row.map(|r| r.webp).or(hints.quality).unwrap_or(80.0);
        Codec::Webp {
            quality: quality.clamp(0.0, 100.0),
        }
    }

    fn png(&self, facts: &Facts) -> Codec {
        let hints = self.hints.png.unwrap_or_default();
        let like_libpng = hints.mimic == Some(PngStyle::Libpng);
        let lossless = match (self.needs_lossless, hints.lossless) {
            (Some(true), _) => true,
            (_, Some(wish)) => kept(wish, facts),
            (Some(false), None) => false,
            (None, None) => hints.quality.is_none() || like_libpng,
        };
        match self.row {
            Some(row) if lossless || row.png_min == 100 => Codec::Lodepng {
                maximum_deflate: hints.hint_max_deflate,
            },
            Some(row) => Codec::Pngquant {
                speed: Some(row.png_speed),
                quality: Some(row.png_max),
                minimum_quality: Some(row.png_min),
                maximum_deflate: hints.hint_max_deflate,
            },
            None if like_libpng => Codec::Libpng {
                depth: if facts.needs_alpha {
                    PngBitDepth::Png32
                } else {
                    PngBitDepth::Png24
                },
                zlib_compression: (hints.hint_max_deflate == Some(true)).then_some(9),
            },
            None if lossless => Codec::Lodepng {
                maximum_deflate: hints.hint_max_deflate,
            },
            None => hinted_palette(&hints),
        }
    }
}

/// Settings as they were asked for; the encoder bounds them.
fn hinted_palette(hints: &PngHints) -> Codec {
    Codec::Pngquant {
        speed: hints.quantization_speed,
        quality: hints.quality.map(|q| q as u8),
        minimum_quality: hints.min_quality.map(|q| q as u8),
        maximum_deflate: hints.hint_max_deflate,
    }
}

/// What `keep` means for this source; without one, keeping alpha asks for lossless.
fn kept(wish: BoolKeep, facts: &Facts) -> bool {
    match wish {
        BoolKeep::True => true,
        BoolKeep::False => false,
        BoolKeep::Keep => facts.source.map_or(facts.needs_alpha, |s| s.lossless),
    }
}

fn needs_lossless(
    wish: Option<BoolKeep>,
    profile: Option<QualityProfile>,
    facts: &Facts,
) -> Option<bool> {
    if profile == Some(QualityProfile::Lossless) {
        return Some(true);
    }
    wish.map(|wish| kept(wish, facts))
}

fn explicit_format(format: OutputImageFormat, facts: &Facts) -> Option<OutputImageFormat> {
    match format {
        OutputImageFormat::Keep => match facts.source?.format {
            // Sic: keeping JPEG leaves the choice open.
            SourceFormat::Jpeg | SourceFormat::Other => None,
            // Drawings have edges and plain areas, which PNG keeps and JPEG smears.
            SourceFormat::Png | SourceFormat::Svg => Some(OutputImageFormat::Png),
            SourceFormat::Gif => Some(OutputImageFormat::Gif),
            SourceFormat::Webp => Some(OutputImageFormat::Webp),
            SourceFormat::Avif => Some(OutputImageFormat::Avif),
            SourceFormat::Jxl => Some(OutputImageFormat::Jxl),
        },
        OutputImageFormat::Jpg => Some(OutputImageFormat::Jpeg),
        format => Some(format),
    }
}

/// Spells out what the collective names in a list of allowed formats stand for.
fn expanded(allow: Option<AllowedFormats>) -> AllowedFormats {
    let web_safe = AllowedFormats {
        web_safe: Some(true),
        ..AllowedFormats::default()
    };
    let mut allow = allow.unwrap_or(web_safe);
    let yes = Some(true);
    let all = allow.all == yes;
    let modern = all || (allow.web_safe != yes && allow.modern_web_safe == yes);
    if modern || allow.web_safe == yes {
        (allow.jpeg, allow.png, allow.gif) = (yes, yes, yes);
    }
    if modern {
        (allow.webp, allow.color_profiles) = (yes, yes);
        (allow.jpeg_progressive, allow.jpeg_xyb) = (yes, yes);
    }
    if all {
        (allow.avif, allow.jxl) = (yes, yes);
    }
    allow
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::{encoder_preset, parse};

    fn codec(text: &str, facts: &Facts) -> Codec {
        let preset = encoder_preset(&parse(text).0);
        select(&preset, facts, CodecSupport::default())
            .unwrap()
            .unwrap()
            .codec
    }

    fn from(format: SourceFormat) -> Facts {
        Facts {
            source: Some(SourceFacts {
                format,
                lossless: false,
                animated: false,
            }),
            needs_alpha: false,
            pixels: 100,
            unfit: Formats::default(),
        }
    }

    #[test]
    fn jpeg_becomes_webp_or_png_when_that_is_better() {
        let jpeg = from(SourceFormat::Jpeg);
        let quality_90 = Codec::Mozjpeg {
            quality: 90,
            progressive: false,
        };
        assert_eq!(codec("", &jpeg), quality_90);
        assert_eq!(codec("accept.webp=1", &jpeg), Codec::Webp { quality: 80.0 });
        let with_alpha = Facts {
            needs_alpha: true,
            ..jpeg
        };
        assert!(matches!(codec("", &with_alpha), Codec::Lodepng { .. }));
        assert_eq!(codec("format=jpg", &with_alpha), quality_90);
    }

    #[test]
    fn goals_choose_encoders_with_a_quality() {
        let with_alpha = Facts {
            needs_alpha: true,
            ..from(SourceFormat::Png)
        };
        for goal in ["max_bytes=9000", "ssimulacra2=80"] {
            let open = format!("format=auto&{goal}");
            assert!(matches!(codec(&open, &with_alpha), Codec::Pngquant { .. }));
            let exact = format!("{open}&lossless=true");
            assert!(matches!(codec(&exact, &with_alpha), Codec::Lodepng { .. }));
        }
    }

    #[test]
    fn other_formats_are_kept() {
        assert_eq!(codec("accept.webp=1", &from(SourceFormat::Gif)), Codec::Gif);
        assert!(matches!(
            codec("accept.webp=1", &from(SourceFormat::Png)),
            Codec::Lodepng { .. }
        ));
    }

    #[test]
    fn formats_that_are_not_written_become_web_formats() {
        assert!(matches!(
            codec("bgcolor=white", &from(SourceFormat::Svg)),
            Codec::Lodepng { .. }
        ));
        let other = from(SourceFormat::Other);
        assert!(matches!(codec("", &other), Codec::Mozjpeg { .. }));
        let transparent = Facts {
            needs_alpha: true,
            ..other
        };
        assert!(matches!(codec("", &transparent), Codec::Lodepng { .. }));
    }

    #[test]
    fn supported_formats_are_chosen_when_allowed() {
        let preset = encoder_preset(&parse("format=auto&accept.avif=1&accept.jxl=1").0);
        let jpeg = from(SourceFormat::Jpeg);
        let chosen = |support| select(&preset, &jpeg, support).unwrap().unwrap().codec;
        let avif = CodecSupport {
            avif: true,
            ..CodecSupport::default()
        };
        assert!(matches!(chosen(avif), Codec::Avif { .. }));
        let both = CodecSupport {
            avif: true,
            jxl: true,
            jxl_lossy: true,
            webp_lossy: true,
        };
        assert!(matches!(chosen(both), Codec::Jxl { .. }));
    }

    #[test]
    fn lossless_jpeg_xl_alone_is_chosen_for_lossless_images_alone() {
        let support = CodecSupport {
            jxl: true,
            ..CodecSupport::default()
        };
        let jpeg = from(SourceFormat::Jpeg);
        let chosen = |query: &str| {
            let preset = encoder_preset(&parse(query).0);
            select(&preset, &jpeg, support).unwrap().unwrap().codec
        };
        assert!(matches!(
            chosen("format=auto&accept.jxl=1&lossless=true"),
            Codec::Jxl { lossless: true, .. }
        ));
        for lossy in ["format=auto&accept.jxl=1", "format=jxl"] {
            assert!(matches!(chosen(lossy), Codec::Mozjpeg { .. }), "{lossy}");
        }
    }

    #[test]
    fn lossless_webp_alone_is_chosen_for_lossless_images_and_when_nothing_else_is_allowed() {
        let support = CodecSupport {
            webp_lossy: false,
            ..CodecSupport::default()
        };
        let chosen = |query: &str, needs_alpha: bool| {
            let preset = encoder_preset(&parse(query).0);
            let facts = Facts {
                needs_alpha,
                ..from(SourceFormat::Jpeg)
            };
            select(&preset, &facts, support).unwrap().unwrap().codec
        };
        let accepted = "format=auto&accept.webp=1";
        assert!(matches!(chosen(accepted, false), Codec::Mozjpeg { .. }));
        assert!(matches!(chosen(accepted, true), Codec::Lodepng { .. }));
        assert_eq!(
            chosen("format=auto&accept.webp=1&lossless=true", true),
            Codec::WebpLossless
        );
        // The encoder says that it cannot.
        assert!(matches!(chosen("format=webp", false), Codec::Webp { .. }));
        let only_webp = EncoderPreset::Auto(AutoPreset {
            allow: Some(AllowedFormats {
                webp: Some(true),
                ..AllowedFormats::default()
            }),
            ..AutoPreset::default()
        });
        let codec = select(&only_webp, &from(SourceFormat::Jpeg), support);
        assert!(matches!(
            codec,
            Some(Ok(Selection {
                codec: Codec::Webp { .. },
                ..
            }))
        ));
    }

    #[test]
    fn formats_that_cannot_hold_the_picture_are_passed_over() {
        let support = CodecSupport {
            avif: true,
            jxl: true,
            jxl_lossy: true,
            webp_lossy: true,
        };
        let chosen = |query: &str, unfit: Formats, format: SourceFormat, animated: bool| {
            let preset = encoder_preset(&parse(query).0);
            let mut facts = Facts {
                unfit,
                ..from(format)
            };
            if let Some(source) = &mut facts.source {
                source.animated = animated;
            }
            select(&preset, &facts, support).unwrap().map(|s| s.codec)
        };
        let webp = Formats {
            webp: true,
            ..Formats::default()
        };
        let profile_less = Formats {
            gif: true,
            avif: true,
            jxl: true,
            ..Formats::default()
        };
        let all = "format=auto&accept.webp=1&accept.avif=1&accept.jxl=1";
        let jpeg = SourceFormat::Jpeg;
        assert!(matches!(
            chosen(all, profile_less, jpeg, false),
            Ok(Codec::Webp { .. })
        ));
        assert!(matches!(
            chosen("format=auto&accept.webp=1", webp, jpeg, false),
            Ok(Codec::Mozjpeg { .. })
        ));
        // Of an animation that GIF cannot hold, WebP keeps the frames.
        assert!(matches!(
            chosen(all, profile_less, SourceFormat::Gif, true),
            Ok(Codec::Webp { .. })
        ));
        assert!(matches!(
            chosen("accept.webp=1", webp, SourceFormat::Webp, false),
            Ok(Codec::Mozjpeg { .. })
        ));
        // What is asked for by name is the encoder's to refuse.
        assert!(matches!(
            chosen("format=webp", webp, jpeg, false),
            Ok(Codec::Webp { .. })
        ));
        let none = Formats {
            jpeg: true,
            png: true,
            gif: true,
            webp: true,
            avif: true,
            jxl: true,
        };
        assert_eq!(chosen(all, none, jpeg, false), Err(NoFormat::Fits));
    }

    #[test]
    fn nothing_allowed_is_an_error_and_concrete_presets_are_left_alone() {
        let preset = EncoderPreset::Auto(AutoPreset {
            allow: Some(AllowedFormats::default()),
            ..AutoPreset::default()
        });
        let facts = Facts::default();
        assert_eq!(
            select(&preset, &facts, CodecSupport::default()),
            Some(Err(NoFormat::Allowed))
        );
        assert_eq!(
            select(&EncoderPreset::Gif, &facts, CodecSupport::default()),
            None
        );
    }
}
