//! The answer of `v1/explain`: what a job would do.

use serde::{Deserialize, Serialize};

use crate::PixelFormat;

/// Describes the plan of a job that was not run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// What makes rows, each stage after those it reads.
    pub stages: Vec<ExplainedStage>,
    /// What is written, ascending by io id.
    pub outputs: Vec<ExplainedOutput>,
    /// Whether the stages run once for each frame of an animation; sizes are those of one frame.
    pub animated: bool,
    /// Bytes that rows in flight and codecs hold together at most.
    pub peak_bytes: u64,
}

/// Describes a stage of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedStage {
    /// Its name, as in the response's `performance`.
    pub name: String,
    /// What it does, in words.
    pub detail: String,
    /// Indices of the stages it reads.
    pub inputs: Vec<usize>,
    /// The input it decodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io_id: Option<i32>,
    /// Width of its rows in pixels.
    pub w: u32,
    /// Number of its rows.
    pub h: u32,
    /// Whether its pixels have an alpha that counts.
    pub pixel_format: PixelFormat,
    /// Whether its pixels are linear-light floats of 16 bytes, instead of bytes.
    pub linear_floats: bool,
    /// How many of its rows are in memory at once.
    pub rows_held: u32,
    /// The bytes these take.
    pub bytes_held: u64,
}

/// Describes an output of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedOutput {
    /// The output.
    pub io_id: i32,
    /// Index of the stage it reads.
    pub input: usize,
    /// For example `image/jpeg`.
    pub preferred_mime_type: String,
    /// For example `jpg`.
    pub preferred_extension: String,
    /// The encoder and its settings, in words.
    pub encoder: String,
    /// Width in pixels.
    pub w: u32,
    /// Height in pixels.
    pub h: u32,
    /// Bytes the encoder holds besides the rows it is given.
    pub bytes_held: u64,
}
