//! Inputs and outputs of a `v1/build` job.

use serde::{Deserialize, Serialize};

/// Declares one input or output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IoObject {
    /// Number by which nodes refer to it; unique within a context.
    pub io_id: i32,
    /// Whether bytes are read or written. Only matters for `file`.
    pub direction: IoDirection,
    /// Where the bytes are.
    pub io: IoKind,
}

/// Says whether bytes are read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IoDirection {
    /// Read.
    In,
    /// Written.
    Out,
}

/// Says where the bytes of an input are, or where those of an output go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IoKind {
    /// Input bytes in hexadecimal, any case, even length.
    BytesHex(String),
    /// Input bytes in standard padded base64.
    #[serde(rename = "base_64")]
    Base64(String),
    /// Input bytes as numbers.
    ByteArray(Vec<u8>),
    /// A file path, used as given.
    File(String),
    /// Output kept in memory, fetched by id.
    OutputBuffer,
    /// Output returned inside the response.
    #[serde(rename = "output_base_64")]
    OutputBase64,
    /// To be replaced before the job runs.
    Placeholder,
}
