//! The envelope of every answer, and the result of a job.

use serde::{Deserialize, Serialize};

/// Wraps every answer but the teapot's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Response_{T}")
)]
pub struct Response<T> {
    /// HTTP-like status.
    pub code: i64,
    /// Whether the request succeeded.
    pub success: bool,
    /// `OK`, or the error text.
    pub message: String,
    /// The answer; the string `none` after a failure.
    pub data: T,
}

/// The response envelope by its other name.
pub type ResponseEnvelope<T> = Response<T>;

impl<T> Response<T> {
    /// Wraps the answer to a request that succeeded.
    pub fn ok(data: T) -> Self {
        Self {
            code: 200,
            success: true,
            message: "OK".to_owned(),
            data,
        }
    }
}

impl Response<NoData> {
    /// Wraps the text of an error.
    pub fn error(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            success: false,
            message: message.into(),
            data: NoData::None,
        }
    }
}

/// What failures carry instead of data: the string `"none"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoData {
    /// Nothing.
    #[default]
    None,
}

/// Answer to `v1/build` and `v1/execute`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobResultData {
    /// The result. The command line tool writes this key as `build_result`.
    #[serde(alias = "build_result")]
    pub job_result: JobResult,
}

/// Result of a job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobResult {
    /// Files written, by ascending id.
    pub encodes: Vec<EncodeResult>,
    /// Readable inputs, by ascending id.
    pub decodes: Vec<DecodeResult>,
    /// Time spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance: Option<JobPerformance>,
    /// What the caller should know although the job succeeded; left out when there is nothing. Beyond imageflow 2.x.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<JobWarning>,
}

/// Says what a job did without although it succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobWarning {
    /// What it is about.
    pub kind: WarningKind,
    /// The input or output it is about, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io_id: Option<i32>,
    /// One sentence for people.
    pub message: String,
}

/// Names what a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningKind {
    /// A colour profile could not be used and was left out.
    ColorProfile,
    /// Metadata that was to be kept was left out or changed.
    Metadata,
}

/// Describes a file that was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EncodeResult {
    /// For example `image/png`.
    pub preferred_mime_type: String,
    /// For example `png`.
    pub preferred_extension: String,
    /// The output.
    pub io_id: i32,
    /// Width in pixels.
    pub w: i32,
    /// Height in pixels.
    pub h: i32,
    /// Where the bytes are.
    pub bytes: ResultBytes,
    /// What became of `max_bytes` and `ssimulacra2`, when the preset had one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalResult>,
}

/// Says how an encoder met the goal of its preset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoalResult {
    /// Quality of the file, 1 to 100 on its encoder's scale.
    pub quality: u8,
    /// Size of the file.
    pub bytes: u64,
    /// Score of the file; `null` when none was asked for, or when it was larger than `max_bytes`.
    pub ssimulacra2: Option<f32>,
    /// How many times the picture was encoded.
    pub tries: u32,
    /// Whether the file meets everything that was asked for.
    pub reached: bool,
}

/// Describes an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DecodeResult {
    /// For example `image/png`.
    pub preferred_mime_type: String,
    /// For example `png`.
    pub preferred_extension: String,
    /// The input.
    pub io_id: i32,
    /// Width in pixels, after EXIF orientation.
    pub w: i32,
    /// Height in pixels, after EXIF orientation.
    pub h: i32,
}

/// Says where the bytes of an output are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResultBytes {
    /// Here, in base64.
    #[serde(rename = "base_64")]
    Base64(String),
    /// Here, as numbers. Never written.
    ByteArray(Vec<u8>),
    /// In this file, named as the job named it.
    PhysicalFile(String),
    /// In memory, to be fetched by id.
    Elsewhere,
}

/// Time spent on a job.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobPerformance {
    /// One entry per executed frame.
    pub frames: Vec<FramePerformance>,
}

/// Time spent on a frame.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FramePerformance {
    /// By node, longest first.
    pub nodes: Vec<NodePerformance>,
    /// Time for the frame in microseconds.
    pub wall_microseconds: u64,
    /// Time not spent in nodes, in microseconds.
    pub overhead_microseconds: i64,
}

/// Time spent in a node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodePerformance {
    /// Time in microseconds.
    pub wall_microseconds: u64,
    /// Free-form name of the operation.
    pub name: String,
}
