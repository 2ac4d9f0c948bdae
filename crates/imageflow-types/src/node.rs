//! Operations.

use serde::{Deserialize, Serialize};

use crate::bounded::list_or_null;
use crate::spelling::{also_spelled, corner_radius, null_as_default};
use crate::{
    Color, ColorFilterSrgb, Constraint, DecoderCommand, EncoderPreset, MetadataPolicy, PixelFormat,
    ResampleHints, Watermark,
};

/// Says what to do with a frame.
///
/// Coordinates are pixels counted from the top left; `x2` and `y2` are one past the last column and row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// Turns the image upside down.
    FlipV,
    /// Mirrors the image left to right.
    FlipH,
    /// Keeps a rectangle that lies inside the image.
    Crop {
        /// Left edge.
        x1: u32,
        /// Top edge.
        y1: u32,
        /// Right edge, exclusive.
        x2: u32,
        /// Bottom edge, exclusive.
        y2: u32,
    },
    /// Removes a plain border. Transparent pixels are border, whatever their colour.
    CropWhitespace {
        /// Difference in gray values that counts as content, 0 to 255.
        threshold: u32,
        /// Border to leave, in percent of the mean of the content's width and height.
        percent_padding: f32,
    },
    /// Makes a new frame of one colour.
    CreateCanvas {
        /// Pixel format.
        format: PixelFormat,
        /// Width in pixels.
        w: usize,
        /// Height in pixels.
        h: usize,
        /// Fill colour.
        color: Color,
    },
    /// Applies a querystring.
    CommandString {
        /// Dialect.
        kind: CommandStringKind,
        /// The querystring, without `?`.
        value: String,
        /// Input to decode first; without it the node needs a parent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decode: Option<i32>,
        /// Output to encode to afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encode: Option<i32>,
        /// Watermarks to draw.
        #[serde(
            default,
            deserialize_with = "list_or_null",
            skip_serializing_if = "Option::is_none"
        )]
        watermarks: Option<Vec<Watermark>>,
    },
    /// Fits the image to a box.
    Constrain(Constraint),
    /// Copies a rectangle of the input to the canvas, pixel for pixel.
    CopyRectToCanvas {
        /// Left edge in the input.
        from_x: u32,
        /// Top edge in the input.
        from_y: u32,
        /// Width of the rectangle.
        w: u32,
        /// Height of the rectangle.
        h: u32,
        /// Left edge in the canvas.
        x: u32,
        /// Top edge in the canvas.
        y: u32,
    },
    /// Cuts the corners round.
    RoundImageCorners {
        /// How round. Also read from a bare number, meaning pixels.
        #[serde(deserialize_with = "corner_radius")]
        #[cfg_attr(
            feature = "schema",
            schemars(schema_with = "crate::schema::corner_radius")
        )]
        radius: CornerRadius,
        /// Colour outside the corners; read as transparent when absent.
        #[serde(default, deserialize_with = "null_as_default")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<Color>"))]
        background_color: Color,
    },
    /// Reads an input.
    Decode {
        /// The input.
        io_id: i32,
        /// Commands for the decoder.
        #[serde(
            default,
            deserialize_with = "list_or_null",
            skip_serializing_if = "Option::is_none"
        )]
        commands: Option<Vec<DecoderCommand>>,
    },
    /// Writes an output.
    Encode {
        /// The output.
        io_id: i32,
        /// File format and its settings.
        preset: EncoderPreset,
        /// What of the source's metadata is kept; absent means nothing. Beyond imageflow 2.x.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        metadata: Option<MetadataPolicy>,
    },
    /// Replaces the pixels of a rectangle by one colour.
    FillRect {
        /// Left edge.
        x1: u32,
        /// Top edge.
        y1: u32,
        /// Right edge, exclusive.
        x2: u32,
        /// Bottom edge, exclusive.
        y2: u32,
        /// Fill colour.
        color: Color,
    },
    /// Adds a border.
    ExpandCanvas {
        /// Columns added on the left.
        left: u32,
        /// Rows added on top.
        top: u32,
        /// Columns added on the right.
        right: u32,
        /// Rows added at the bottom.
        bottom: u32,
        /// Border colour.
        color: Color,
    },
    /// Keeps a rectangle given in percent, which may reach beyond the image.
    RegionPercent {
        /// Left edge in percent of the width.
        x1: f32,
        /// Top edge in percent of the height.
        y1: f32,
        /// Right edge in percent of the width.
        x2: f32,
        /// Bottom edge in percent of the height.
        y2: f32,
        /// Colour outside the image.
        background_color: Color,
    },
    /// Keeps a rectangle, which may reach beyond the image.
    Region {
        /// Left edge.
        x1: i32,
        /// Top edge.
        y1: i32,
        /// Right edge, exclusive.
        x2: i32,
        /// Bottom edge, exclusive.
        y2: i32,
        /// Colour outside the image.
        background_color: Color,
    },
    /// Swaps rows and columns.
    Transpose,
    /// Turns a quarter clockwise.
    #[serde(rename = "rotate_90")]
    Rotate90,
    /// Turns by half.
    #[serde(rename = "rotate_180")]
    Rotate180,
    /// Turns a quarter counter-clockwise.
    #[serde(rename = "rotate_270")]
    Rotate270,
    /// Turns and mirrors by an EXIF orientation.
    ApplyOrientation {
        /// EXIF orientation, 1 to 8; other values do nothing.
        flag: i32,
    },
    /// Resamples to exactly this size.
    #[serde(rename = "resample_2d")]
    Resample2d {
        /// Width in pixels.
        w: u32,
        /// Height in pixels.
        h: u32,
        /// Resampling hints.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hints: Option<ResampleHints>,
    },
    /// Resamples the input and draws it on the canvas.
    DrawImageExact {
        /// Left edge in the canvas.
        x: u32,
        /// Top edge in the canvas.
        y: u32,
        /// Width to resample to.
        w: u32,
        /// Height to resample to.
        h: u32,
        /// How to draw; absent means compose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        blend: Option<CompositingMode>,
        /// Resampling hints.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hints: Option<ResampleHints>,
    },
    /// Draws a watermark.
    Watermark(Watermark),
    /// Marks the bottom right corner with a small red square.
    WatermarkRedDot,
    /// Stretches each channel's histogram.
    WhiteBalanceHistogramAreaThresholdSrgb {
        /// Fraction of pixels ignored at each end; absent means 0.006.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        threshold: Option<f32>,
    },
    /// Multiplies each sRGB-encoded pixel, as the row r,g,b,a,1, by a matrix.
    ColorMatrixSrgb {
        /// Rows r, g, b, a, offset; columns r, g, b, a, unused.
        matrix: [[f32; 5]; 5],
    },
    /// Applies a ready-made colour filter.
    ColorFilterSrgb(ColorFilterSrgb),
}

/// Names the dialect of a command string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommandStringKind {
    /// ImageResizer 4.
    Ir4,
}

/// Says how pixels are drawn on a canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", schemars(transform = crate::schema::also_named("compose", "")))]
pub enum CompositingMode {
    /// Source over canvas. Also read from the empty string.
    Compose,
    /// Source replaces canvas.
    Overwrite,
}

also_spelled!(CompositingMode, "" for "compose");

/// Says how round corners are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CornerRadius {
    /// In percent of half the shorter side.
    Percentage(f32),
    /// In pixels.
    Pixels(f32),
    /// The largest centred circle.
    Circle,
    /// In percent of half the shorter side, each corner for itself.
    PercentageCustom(CornerRadii),
    /// In pixels, each corner for itself.
    PixelsCustom(CornerRadii),
}

/// Gives each corner its own radius.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CornerRadii {
    /// Top left.
    pub top_left: f32,
    /// Top right.
    pub top_right: f32,
    /// Bottom right.
    pub bottom_right: f32,
    /// Bottom left.
    pub bottom_left: f32,
}
