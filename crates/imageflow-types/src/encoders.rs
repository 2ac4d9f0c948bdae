//! Encoder presets.

use serde::{Deserialize, Serialize};

use crate::Color;
#[cfg(feature = "schema")]
use crate::schema::{also_field, also_named, nullable};
use crate::spelling::{also_spelled, present_or_null};

/// Chooses a file format and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self", rename_all = "lowercase")]
#[cfg_attr(feature = "schema", schemars(transform = also_named("libjpegturbo", "libjpeg_turbo")))]
pub enum EncoderPreset {
    /// The engine chooses the format.
    Auto(AutoPreset),
    /// A given format, the engine chooses the settings.
    Format(FormatPreset),
    /// JPEG with classic settings. Also read as `libjpeg_turbo`.
    LibjpegTurbo(LibjpegTurboPreset),
    /// Truecolour PNG.
    Libpng(LibpngPreset),
    /// Palette PNG.
    Pngquant(PngquantPreset),
    /// Lossless PNG, colour type reduced where possible.
    Lodepng(LodepngPreset),
    /// JPEG optimised for size.
    Mozjpeg(MozjpegPreset),
    /// Lossy WebP.
    WebpLossy(WebpLossyPreset),
    /// Lossless WebP.
    WebpLossless,
    /// GIF.
    Gif,
}

also_spelled!(EncoderPreset, "libjpeg_turbo" for "libjpegturbo");

/// Says what of the source's metadata goes into a still JPEG, PNG or WebP output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MetadataPolicy {
    /// Nothing.
    #[default]
    None,
    /// Artist and copyright.
    Copyright,
    /// EXIF (position and device included) and XMP, but no thumbnail.
    All,
}

/// Settings of the preset `auto`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AutoPreset {
    /// Quality; the field is required, `null` means the engine's default profile.
    #[serde(deserialize_with = "present_or_null")]
    #[cfg_attr(
        feature = "schema",
        schemars(schema_with = "nullable::<QualityProfile>")
    )]
    pub quality_profile: Option<QualityProfile>,
    /// Device pixel ratio the quality is meant for; absent means 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_profile_dpr: Option<f32>,
    /// Colour put under a transparent image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matte: Option<Color>,
    /// Whether the result must be lossless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossless: Option<BoolKeep>,
    /// Formats to choose from; absent means the web-safe ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<AllowedFormats>,
    /// Largest file wanted, in bytes, at least 1: the highest quality whose file is not larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Look wanted, as a SSIMULACRA2 score, 0 to 100: the lowest quality that reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssimulacra2: Option<f32>,
}

/// Settings of the preset `format`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FormatPreset {
    /// The format.
    pub format: OutputImageFormat,
    /// Quality; overrides the hints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_profile: Option<QualityProfile>,
    /// Device pixel ratio the quality is meant for; absent means 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_profile_dpr: Option<f32>,
    /// Colour put under a transparent image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matte: Option<Color>,
    /// Whether the result must be lossless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossless: Option<BoolKeep>,
    /// Formats to choose from when `format` leaves a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<AllowedFormats>,
    /// Settings per format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder_hints: Option<EncoderHints>,
    /// Largest file wanted, in bytes, at least 1: the highest quality whose file is not larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Look wanted, as a SSIMULACRA2 score, 0 to 100: the lowest quality that reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssimulacra2: Option<f32>,
}

/// Settings of the preset `libjpegturbo`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LibjpegTurboPreset {
    /// 0 to 100; absent means 75.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<i32>,
    /// Write a progressive file; absent means no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progressive: Option<bool>,
    /// Compute Huffman tables for the image; absent means no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimize_huffman_coding: Option<bool>,
    /// Colour put under a transparent image; absent means white.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matte: Option<Color>,
    /// Largest file wanted, in bytes, at least 1: the highest quality whose file is not larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Look wanted, as a SSIMULACRA2 score, 0 to 100: the lowest quality that reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssimulacra2: Option<f32>,
}

/// Settings of the preset `libpng`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LibpngPreset {
    /// Bits per pixel; absent means 32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<PngBitDepth>,
    /// Colour put under a transparent image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matte: Option<Color>,
    /// zlib level, 0 to 9; absent means 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zlib_compression: Option<i32>,
}

/// Says how many bits a PNG pixel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PngBitDepth {
    /// RGBA.
    #[serde(rename = "png_32")]
    Png32,
    /// RGB, alpha dropped.
    #[serde(rename = "png_24")]
    Png24,
}

/// Settings of the preset `pngquant`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PngquantPreset {
    /// 0 to 100; absent means 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// Below this quality, 0 to 100, the file is lossless instead; absent means 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_quality: Option<u8>,
    /// 1 (slow) to 10 (fast).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<u8>,
    /// Compress as small as possible; absent means no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_deflate: Option<bool>,
    /// Largest file wanted, in bytes, at least 1: the highest quality whose file is not larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Look wanted, as a SSIMULACRA2 score, 0 to 100: the lowest quality that reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssimulacra2: Option<f32>,
}

/// Settings of the preset `lodepng`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = also_field("maximum_deflate", "max_deflate")))]
pub struct LodepngPreset {
    /// Compress as small as possible; absent means no. Also read as `max_deflate`.
    #[serde(
        default,
        alias = "max_deflate",
        skip_serializing_if = "Option::is_none"
    )]
    pub maximum_deflate: Option<bool>,
}

/// Settings of the preset `mozjpeg`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MozjpegPreset {
    /// 0 to 100; absent means 75.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// Write a progressive file; absent means yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progressive: Option<bool>,
    /// Colour put under a transparent image; absent means white.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matte: Option<Color>,
    /// Largest file wanted, in bytes, at least 1: the highest quality whose file is not larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Look wanted, as a SSIMULACRA2 score, 0 to 100: the lowest quality that reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssimulacra2: Option<f32>,
}

/// Settings of the preset `webplossy`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebpLossyPreset {
    /// 0 to 100; the field is required, `null` means 80.
    #[serde(deserialize_with = "present_or_null")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "nullable::<f32>"))]
    pub quality: Option<f32>,
    /// Largest file wanted, in bytes, at least 1: the highest quality whose file is not larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Look wanted, as a SSIMULACRA2 score, 0 to 100: the lowest quality that reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssimulacra2: Option<f32>,
}

/// Names a target quality across formats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "a plain scale from worst to best")]
pub enum QualityProfile {
    Lowest,
    Low,
    MediumLow,
    Medium,
    Good,
    High,
    Highest,
    Lossless,
    /// Somewhere on the scale, 0 to 100.
    Percent(f32),
}

/// Yes, no, or as the source is. Written and read as strings, never as JSON booleans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BoolKeep {
    /// Yes.
    True,
    /// No.
    False,
    /// As the source is.
    Keep,
}

/// Names an output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OutputImageFormat {
    /// WebP.
    Webp,
    /// JPEG.
    Jpeg,
    /// JPEG, by its other name.
    Jpg,
    /// PNG.
    Png,
    /// AVIF.
    Avif,
    /// JPEG XL.
    Jxl,
    /// GIF.
    Gif,
    /// The source's format.
    Keep,
}

/// Says which formats and features may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AllowedFormats {
    /// WebP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webp: Option<bool>,
    /// JPEG XL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jxl: Option<bool>,
    /// AVIF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avif: Option<bool>,
    /// JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jpeg: Option<bool>,
    /// Progressive JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jpeg_progressive: Option<bool>,
    /// JPEG in the XYB colour space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jpeg_xyb: Option<bool>,
    /// PNG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub png: Option<bool>,
    /// GIF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gif: Option<bool>,
    /// Everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<bool>,
    /// JPEG, PNG and GIF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_safe: Option<bool>,
    /// The web-safe formats, WebP, colour profiles, progressive and XYB JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modern_web_safe: Option<bool>,
    /// Embedded colour profiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color_profiles: Option<bool>,
}

/// Settings per format, used where no quality profile decides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EncoderHints {
    /// For JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jpeg: Option<JpegHints>,
    /// For PNG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub png: Option<PngHints>,
    /// For WebP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webp: Option<WebpHints>,
    /// For GIF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gif: Option<GifHints>,
    /// For AVIF. Beyond imageflow 2.x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avif: Option<AvifHints>,
    /// For JPEG XL. Beyond imageflow 2.x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jxl: Option<JxlHints>,
}

/// Settings for AVIF.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AvifHints {
    /// 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<f32>,
    /// 0 (slow) to 10 (fast).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<u8>,
}

/// Settings for JPEG XL.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JxlHints {
    /// Butteraugli distance, 0 (lossless) to 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f32>,
    /// 1 (fast) to 9 (slow).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<u8>,
    /// Whether the result must be lossless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossless: Option<BoolKeep>,
}

/// Settings for JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JpegHints {
    /// 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<f32>,
    /// Write a progressive file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progressive: Option<bool>,
    /// Encoder to resemble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mimic: Option<JpegStyle>,
}

/// Names the JPEG encoder to resemble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self", rename_all = "lowercase")]
#[cfg_attr(feature = "schema", schemars(transform = also_named("libjpegturbo", "libjpeg_turbo")))]
pub enum JpegStyle {
    /// jpegli.
    Jpegli,
    /// libjpeg-turbo. Also read as `libjpeg_turbo`.
    LibjpegTurbo,
    /// mozjpeg.
    Mozjpeg,
    /// The engine's default.
    Default,
}

also_spelled!(JpegStyle, "libjpeg_turbo" for "libjpegturbo");

/// Settings for PNG.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PngHints {
    /// Palette quality, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<f32>,
    /// Below this quality, 0 to 100, the file is lossless instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_quality: Option<f32>,
    /// 1 (slow) to 10 (fast).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantization_speed: Option<u8>,
    /// Encoder to resemble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mimic: Option<PngStyle>,
    /// Compress as small as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint_max_deflate: Option<bool>,
    /// Whether the result must be lossless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossless: Option<BoolKeep>,
}

/// Names the PNG encoder to resemble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PngStyle {
    /// libpng.
    Libpng,
    /// lodepng.
    Lodepng,
    /// pngquant.
    Pngquant,
    /// The engine's default.
    Default,
}

/// Settings for WebP.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebpHints {
    /// 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<f32>,
    /// Whether the result must be lossless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossless: Option<BoolKeep>,
}

/// Settings for GIF; there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GifHints {}
