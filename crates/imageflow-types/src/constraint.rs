//! Resampling hints and the `constrain` node's vocabulary.

use serde::{Deserialize, Serialize};

use crate::Color;

/// Names a resampling kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the names are the definitions; see the scaling chapter"
)]
pub enum Filter {
    RobidouxFast,
    Robidoux,
    RobidouxSharp,
    Ginseng,
    GinsengSharp,
    Lanczos,
    LanczosSharp,
    #[serde(rename = "lanczos_2")]
    Lanczos2,
    #[serde(rename = "lanczos_2_sharp")]
    Lanczos2Sharp,
    Cubic,
    CubicSharp,
    CatmullRom,
    Mitchell,
    CubicBSpline,
    Hermite,
    Jinc,
    Triangle,
    Linear,
    Box,
    Fastest,
    NCubic,
    NCubicSharp,
}

/// Names the space in which pixels are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScalingColorspace {
    /// On sRGB-encoded values.
    Srgb,
    /// In linear light.
    Linear,
}

/// Says when a resample to a given size is worth running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResampleWhen {
    /// Only when the size changes.
    SizeDiffers,
    /// When the size changes or sharpening applies.
    SizeDiffersOrSharpeningRequested,
    /// Always, even at the same size.
    Always,
}

/// Says when sharpening applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SharpenWhen {
    /// When a dimension shrinks.
    Downscaling,
    /// When a dimension grows.
    Upscaling,
    /// When a dimension changes.
    SizeDiffers,
    /// Always.
    Always,
}

/// Tunes a resample.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResampleHints {
    /// Sharpening in percent; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharpen_percent: Option<f32>,
    /// Kernel for shrinking; absent means robidoux.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_filter: Option<Filter>,
    /// Kernel for enlarging; absent means ginseng.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_filter: Option<Filter>,
    /// Space to average in; absent means linear light.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling_colorspace: Option<ScalingColorspace>,
    /// Colour put under a transparent image; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_color: Option<Color>,
    /// When to run at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resample_when: Option<ResampleWhen>,
    /// When to sharpen; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharpen_when: Option<SharpenWhen>,
}

/// Says how an image is fitted to a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConstraintMode {
    /// To exactly the box, ignoring the aspect ratio.
    Distort,
    /// Shrink to fit inside the box.
    Within,
    /// Shrink or enlarge to fit inside the box.
    Fit,
    /// Enlarge to fit inside the box, never shrink.
    LargerThan,
    /// Shrink and crop to the box, never enlarge.
    WithinCrop,
    /// Shrink or enlarge, and crop, to exactly the box.
    FitCrop,
    /// Crop to the box's aspect ratio, never resample.
    AspectCrop,
    /// Shrink to fit inside the box and pad to it.
    WithinPad,
    /// Shrink or enlarge to fit inside the box and pad to it.
    FitPad,
}

/// Says where an image sits in a larger box, or a crop in a larger image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// In the middle.
    Center,
    /// At these percentages: 0,0 is top left and 100,100 bottom right; values outside 0 to 100 are clamped.
    Percentage {
        /// Horizontal position in percent.
        x: f32,
        /// Vertical position in percent.
        y: f32,
    },
    /// Crops where the picture has most to show: detail, skin, colour. Everything else is centred.
    Smart,
}

/// Fits an image to a box (the payload of the `constrain` node).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Constraint {
    /// How to fit.
    pub mode: ConstraintMode,
    /// Box width in pixels; absent and 0 mean "follow the height".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub w: Option<u32>,
    /// Box height in pixels; absent and 0 mean "follow the width".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub h: Option<u32>,
    /// Resampling hints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hints: Option<ResampleHints>,
    /// Placement of crop and padding; absent means centred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gravity: Option<Gravity>,
    /// Padding colour, which is also put under a transparent image; absent means transparent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canvas_color: Option<Color>,
}
