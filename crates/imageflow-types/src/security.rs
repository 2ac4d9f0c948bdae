//! Limits a job must respect.

use serde::{Deserialize, Serialize};

/// Changes the context's limits. Absent fields keep the value in force. Once the host has locked the context (`v1/lock`), no
/// limit can be raised above what was locked.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExecutionSecurity {
    /// Largest frame a decoder may produce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_decode_size: Option<FrameSizeLimit>,
    /// Largest frame anywhere in the graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_frame_size: Option<FrameSizeLimit>,
    /// Largest frame that may be encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_encode_size: Option<FrameSizeLimit>,
    /// Largest input in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_input_file_bytes: Option<usize>,
    /// Longest message in bytes; takes effect for the next message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_json_bytes: Option<usize>,
    /// Most pixels an animation may decode to: frames × width × height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_total_file_pixels: Option<u64>,
    /// Most threads a job may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_threads: Option<u32>,
    /// Memory a job may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem_budget_policy: Option<MemoryBudgetPolicy>,
}

/// Request of `v1/lock`: what the host of a context allows its jobs, from now on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lock {
    /// Limits to set first. Absent ones are locked at the value in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<ExecutionSecurity>,
    /// Whether jobs may name files as inputs and outputs; absent changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_files: Option<bool>,
}

/// Answer to `v1/lock`: what jobs are allowed now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LockData {
    /// The limits; what is absent is unlimited.
    pub security: ExecutionSecurity,
    /// Whether jobs may name files.
    pub allow_files: bool,
}

/// Bounds the size of a frame. Equal passes, greater fails.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FrameSizeLimit {
    /// Width in pixels.
    pub w: u32,
    /// Height in pixels.
    pub h: u32,
    /// Area in millions of pixels.
    pub megapixels: f32,
}

/// Refuses jobs whose memory estimate reaches a number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemoryBudgetPolicy {
    /// Bound on the average estimate, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_est_bytes_below: Option<u64>,
    /// Bound on the worst-case estimate, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_est_max_bytes_below: Option<u64>,
    /// Bound on the bytes counted while running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_tracked_bytes_below: Option<u64>,
}
