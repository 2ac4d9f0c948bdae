//! Colours, pixel formats and the ready-made colour filters.

use serde::{Deserialize, Serialize};

/// Names the memory layout of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PixelFormat {
    /// Four bytes per pixel, blue first, straight alpha.
    #[serde(rename = "bgra_32")]
    Bgra32,
    /// Four bytes per pixel, blue first, fourth byte meaningless.
    #[serde(rename = "bgr_32")]
    Bgr32,
    /// Three bytes per pixel, blue first.
    #[serde(rename = "bgr_24")]
    Bgr24,
    /// One byte per pixel.
    #[serde(rename = "gray_8")]
    Gray8,
}

/// Gives a colour. Its text is checked when the node that uses it runs, not when the request is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// Zero in all four channels.
    #[default]
    Transparent,
    /// Opaque black.
    Black,
    /// A colour given in sRGB-encoded values.
    Srgb(ColorSrgb),
}

/// Gives an sRGB-encoded colour.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ColorSrgb {
    /// `RGB`, `RGBA`, `RRGGBB` or `RRGGBBAA` in hexadecimal digits of any case, with an optional `#`.
    Hex(String),
}

impl Color {
    /// Makes the wire form of an sRGB-encoded, straight-alpha colour: `{"srgb":{"hex":"RRGGBBAA"}}`.
    #[must_use]
    pub fn from_rgba(red: u8, green: u8, blue: u8, alpha: u8) -> Self {
        Self::Srgb(ColorSrgb::Hex(format!(
            "{red:02X}{green:02X}{blue:02X}{alpha:02X}"
        )))
    }
}

/// Names a fixed or one-parameter colour matrix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ColorFilterSrgb {
    /// Gray by the NTSC weights.
    GrayscaleNtsc,
    /// Gray by equal weights.
    GrayscaleFlat,
    /// Gray by the BT.709 weights.
    GrayscaleBt709,
    /// Gray by the R-Y weights.
    GrayscaleRy,
    /// Brown toned gray.
    Sepia,
    /// 255 minus each colour channel.
    Invert,
    /// Multiplies alpha by this factor.
    Alpha(f32),
    /// Scales the distance from middle gray by this value plus one.
    Contrast(f32),
    /// Adds this value times 255.
    Brightness(f32),
    /// Scales the distance from gray by this value plus one.
    Saturation(f32),
}
