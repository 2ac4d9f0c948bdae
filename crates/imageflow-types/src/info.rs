//! Requests and answers of the endpoints that do not run a job.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bounded::list_or_none;
use crate::{DecoderCommand, OutputImageFormat, PixelFormat};

/// Carries nothing, but is a JSON object all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmptyRequest {}

/// Request of `v1/get_image_info` and `v1/get_scaled_image_info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GetImageInfo {
    /// The input.
    pub io_id: i32,
    /// What else to tell; absent, `null` and empty mean nothing. Unlike the rest, these decode pixels.
    #[serde(
        default,
        deserialize_with = "list_or_none",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<ImageInfoExtra>>"))]
    pub extras: Vec<ImageInfoExtra>,
}

/// Names something about an input that its header does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImageInfoExtra {
    /// The few colours that stand for the picture.
    DominantColors,
    /// A placeholder in some twenty bytes.
    Thumbhash,
    /// How many frames there are, and their timing.
    Frames,
}

/// Request of `v1/tell_decoder`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TellDecoder {
    /// The input.
    pub io_id: i32,
    /// The command.
    pub command: DecoderCommand,
}

/// Request of `v1/estimate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EstimateRequest {
    /// The input.
    pub io_id: i32,
    /// Format the image would be written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<OutputImageFormat>,
}

/// Answer to `v1/estimate`, not wrapped in a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// Width in pixels, after EXIF orientation.
    pub width: u32,
    /// Height in pixels, after EXIF orientation.
    pub height: u32,
    /// Expected peak memory in bytes.
    pub peak_avg_bytes: u64,
    /// Worst-case peak memory in bytes.
    pub peak_max_bytes: u64,
}

/// Describes an input without decoding it, unless extras are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageInfo {
    /// For example `image/png`.
    pub preferred_mime_type: String,
    /// For example `png`.
    pub preferred_extension: String,
    /// Width in pixels, after EXIF orientation.
    pub image_width: i32,
    /// Height in pixels, after EXIF orientation.
    pub image_height: i32,
    /// Pixel format frames are decoded into.
    pub frame_decodes_into: PixelFormat,
    /// Whether the file is stored without loss.
    pub lossless: bool,
    /// Whether there is more than one frame.
    pub multiple_frames: bool,
    /// What was asked for in the request's `extras`; absent when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extras: Option<ImageInfoExtras>,
}

/// Holds what was asked for in the request's `extras`. Of an animation, pixels are those of the first frame.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageInfoExtras {
    /// At most five, the largest share first. Pixels that are more than half transparent count for nothing, so a picture
    /// of nothing else has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dominant_colors: Option<Vec<DominantColor>>,
    /// ThumbHash of the picture as it is shown, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    /// The frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<FramesInfo>,
}

/// A colour and how much of the picture it stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DominantColor {
    /// sRGB, `#rrggbb`.
    pub hex: String,
    /// Share of the pixels that count, 0.0 to 1.0, in steps of 0.0001.
    pub share: f64,
}

/// Describes the frames of an input.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FramesInfo {
    /// Number of frames; 1 for a still picture.
    pub count: u32,
    /// How long each frame is shown, in milliseconds; empty for a still picture.
    pub delays_ms: Vec<u32>,
    /// How often the animation plays, 0 is for ever; 1 for a still picture.
    pub plays: u32,
}

/// Answer to `v1/get_image_info` and `v1/get_scaled_image_info`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageInfoData {
    /// The description.
    pub image_info: ImageInfo,
}

/// Describes the build. All keys are always written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionInfo {
    /// Name and version for people.
    pub long_version_string: String,
    /// Commit the build was made from.
    pub last_git_commit: String,
    /// Whether there were uncommitted changes.
    pub dirty_working_tree: bool,
    /// RFC 3339 date.
    pub build_date: String,
    /// Tag of the commit, written as `null` when there is none.
    #[serde(default)]
    pub git_tag: Option<String>,
    /// Nearest tag and distance, or the commit.
    pub git_describe_always: String,
}

/// Answer to `v1/get_version_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionInfoData {
    /// The description.
    pub version_info: VersionInfo,
}

/// Request of `v1/schema/riapi/latest/validate`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValidateQuerystring {
    /// The querystring, without `?`.
    pub query_string: String,
}

/// Answer to `v1/schema/riapi/latest/validate`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValidateQuerystringData {
    /// What was found.
    pub results: Issues,
}

/// Holds the problems of a querystring.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issues {
    /// The problems.
    pub issues: Vec<Issue>,
}

/// Describes one problem of a querystring.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issue {
    /// Text for people.
    pub message: String,
    /// The key, lower-cased.
    pub key: String,
    /// The value.
    pub value: String,
    /// The kind of problem.
    pub kind: IssueKind,
}

/// Names a kind of querystring problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum IssueKind {
    /// A known key seen again; the first one counts.
    DuplicateKeyError,
    /// A key that is not known.
    UnrecognizedKey,
    /// A known key that has no effect.
    IgnoredKey,
    /// A value that cannot be understood.
    InvalidValueError,
    /// Never reported.
    DeprecatedValueWarning,
    /// Never reported.
    DeprecatedKeyWarning,
}

/// Lists the querystring keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuerystringSchema {
    /// The names, in the documented order.
    pub key_names: Vec<String>,
}

/// Answer to `v1/schema/riapi/latest/get` and `v1/schema/riapi/latest/list_keys`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuerystringSchemaData {
    /// The keys.
    pub schema: QuerystringSchema,
}

/// Answer to `v1/schema/list-schema-endpoints`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListSchemaEndpointsData {
    /// Paths with a leading slash, sorted.
    pub endpoints: Vec<String>,
}

/// Answer to `v1/schema/json/latest/v1/all`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JsonSchemasData {
    /// Schemas by endpoint, for example `v1/build`.
    pub schemas: BTreeMap<String, EndpointSchemas>,
}

/// Holds the JSON Schema documents (draft 2020-12) of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointSchemas {
    /// Schema of the request.
    pub input_schema: serde_json::Value,
    /// Schema of the whole response after success: the envelope with the answer in `data`.
    pub output_schema: serde_json::Value,
}
