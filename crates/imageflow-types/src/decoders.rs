//! Commands sent to decoders before they read pixels.

use serde::{Deserialize, Serialize};

use crate::spelling::frame_index;

/// Changes how one input is decoded. Codecs ignore commands they do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecoderCommand {
    /// Lets a JPEG be decoded at a fraction of its size.
    JpegDownscaleHints(JpegDownscaleHints),
    /// Asks for a WebP to be decoded at exactly this size.
    WebpDecoderHints(WebpDecoderHints),
    /// Ignores the embedded colour profile.
    DiscardColorProfile,
    /// Leaves out a colour profile that cannot be used, with a warning, as is done without any command.
    IgnoreColorProfileErrors,
    /// Makes a colour profile that cannot be used an error. Beyond imageflow 2.x.
    FailOnColorProfileErrors,
    /// Decodes one frame, counted from 0. Also read as `{"select_frame":{"index":n}}`.
    SelectFrame(
        #[serde(deserialize_with = "frame_index")]
        #[cfg_attr(
            feature = "schema",
            schemars(schema_with = "crate::schema::frame_index")
        )]
        i32,
    ),
    /// Chooses the colours that pixels are converted to. Beyond imageflow 2.x.
    ColorProfile(ColorProfile),
}

/// Names the colours that the pixels of a job are in. Still JPEG, PNG and WebP outputs get the profile when it is not sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ColorProfile {
    /// sRGB, as without the command.
    Srgb,
    /// Those of the RGB profile embedded in a JPEG, PNG or WebP file; sRGB when there is none.
    Keep,
    /// Display P3.
    DisplayP3,
}

/// Gives the smallest size, in pixels, a JPEG may be shrunk to while decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JpegDownscaleHints {
    /// Width in pixels; values below 1 disable the hint.
    pub width: i64,
    /// Height in pixels; values below 1 disable the hint.
    pub height: i64,
    /// Shrink luma by spatial averaging rather than in the transform; absent means no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_luma_spatially: Option<bool>,
    /// Average luma in linear light; absent means no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gamma_correct_for_srgb_during_spatial_luma_scaling: Option<bool>,
}

/// Gives the size, in pixels, a WebP is decoded at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebpDecoderHints {
    /// Width in pixels.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
}
