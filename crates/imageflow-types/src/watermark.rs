//! Watermarks.

use serde::{Deserialize, Serialize};

use crate::{Gravity, ResampleHints};

/// Draws another input over the image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Watermark {
    /// The input to draw.
    pub io_id: i32,
    /// Box the mark is fitted to; absent means the whole image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit_box: Option<FitBox>,
    /// How the mark is fitted; absent means within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit_mode: Option<WatermarkConstraintMode>,
    /// Placement inside the box; absent means centred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gravity: Option<Gravity>,
    /// Image width in pixels that must be exceeded for the mark to be drawn; absent means 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_canvas_width: Option<u32>,
    /// Image height in pixels that must be exceeded for the mark to be drawn; absent means 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_canvas_height: Option<u32>,
    /// 0.0 (invisible) to 1.0 (as is); absent means 1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opacity: Option<f32>,
    /// Resampling hints for the mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hints: Option<ResampleHints>,
}

/// Gives the box a watermark is fitted to. The `Canvas` forms include padding, the `Image` forms do not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FitBox {
    /// Edges in percent of the image.
    ImagePercentage {
        /// Left edge.
        x1: f32,
        /// Top edge.
        y1: f32,
        /// Right edge.
        x2: f32,
        /// Bottom edge.
        y2: f32,
    },
    /// Distances from the image's edges in pixels.
    ImageMargins {
        /// Distance from the left edge.
        left: u32,
        /// Distance from the top edge.
        top: u32,
        /// Distance from the right edge.
        right: u32,
        /// Distance from the bottom edge.
        bottom: u32,
    },
    /// Edges in percent of the canvas.
    CanvasPercentage {
        /// Left edge.
        x1: f32,
        /// Top edge.
        y1: f32,
        /// Right edge.
        x2: f32,
        /// Bottom edge.
        y2: f32,
    },
    /// Distances from the canvas's edges in pixels.
    CanvasMargins {
        /// Distance from the left edge.
        left: u32,
        /// Distance from the top edge.
        top: u32,
        /// Distance from the right edge.
        right: u32,
        /// Distance from the bottom edge.
        bottom: u32,
    },
}

/// Says how a watermark is fitted to its box; meanings as for the node `constrain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WatermarkConstraintMode {
    /// To exactly the box.
    Distort,
    /// Shrink to fit inside.
    Within,
    /// Shrink or enlarge to fit inside.
    Fit,
    /// Shrink and crop, never enlarge.
    WithinCrop,
    /// Shrink or enlarge, and crop.
    FitCrop,
}
