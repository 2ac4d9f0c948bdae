//! Wire types of the imageflow JSON API: what jobs, nodes, presets and answers look like as JSON.
//!
//! Nothing here computes anything. Each module holds one family of JSON objects; every type can be read and
//! written with serde, and everything is re-exported at the crate root.
//!
//! Rules that hold everywhere:
//! - names are `snake_case`; enums are externally tagged; unit variants are written as plain strings and read as
//!   `"name"` or `{"name":null}`;
//! - an `Option` field may be absent or `null`, and is left out when written;
//! - unknown fields are ignored, repeated known fields are an error;
//! - lists end at a limit, beyond which reading fails (`MAX_NODES` and others);
//! - the order of enum variants is the order in which a parse error lists the accepted names.
//!
//! ```
//! use imageflow_types::{Execute, Framewise, Node};
//! let job: Execute = serde_json::from_str(
//!     r#"{"framewise":{"steps":[{"decode":{"io_id":0}},"flip_h",{"encode":{"io_id":1,"preset":"gif"}}]}}"#,
//! )?;
//! let Framewise::Steps(steps) = job.framewise else { unreachable!() };
//! assert_eq!(steps[1], Node::FlipH);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! With the feature `schema` every type also describes itself as a JSON Schema (`schemars::JsonSchema`), in which these
//! comments are the descriptions; so they use the names of the JSON, not those of Rust.
#![forbid(unsafe_code)]

mod bounded;
mod color;
mod constraint;
mod decoders;
mod encoders;
mod explain;
mod info;
mod io;
mod job;
mod node;
mod response;
#[cfg(feature = "schema")]
mod schema;
mod security;
mod spelling;
mod watermark;

pub use bounded::{
    LIMIT_EXCEEDED, MAX_DECODER_COMMANDS, MAX_EDGES, MAX_EXTRAS, MAX_IO, MAX_NODES, MAX_WATERMARKS,
};
pub use color::{Color, ColorFilterSrgb, ColorSrgb, PixelFormat};
pub use constraint::{
    Constraint, ConstraintMode, Filter, Gravity, ResampleHints, ResampleWhen, ScalingColorspace,
    SharpenWhen,
};
pub use decoders::{ColorProfile, DecoderCommand, JpegDownscaleHints, WebpDecoderHints};
pub use encoders::{
    AllowedFormats, AutoPreset, AvifHints, BoolKeep, EncoderHints, EncoderPreset, FormatPreset,
    GifHints, JpegHints, JpegStyle, JxlHints, LibjpegTurboPreset, LibpngPreset, LodepngPreset,
    MetadataPolicy, MozjpegPreset, OutputImageFormat, PngBitDepth, PngHints, PngStyle,
    PngquantPreset, QualityProfile, WebpHints, WebpLossyPreset,
};
pub use explain::{ExplainedOutput, ExplainedStage, Explanation};
pub use info::{
    DominantColor, EmptyRequest, EndpointSchemas, Estimate, EstimateRequest, FramesInfo,
    GetImageInfo, ImageInfo, ImageInfoData, ImageInfoExtra, ImageInfoExtras, Issue, IssueKind,
    Issues, JsonSchemasData, ListSchemaEndpointsData, QuerystringSchema, QuerystringSchemaData,
    TellDecoder, ValidateQuerystring, ValidateQuerystringData, VersionInfo, VersionInfoData,
};
pub use io::{IoDirection, IoKind, IoObject};
pub use job::{
    Build, BuilderConfig, Edge, EdgeKind, Execute, Framewise, Graph, GraphRecording, JobOptions,
};
pub use node::{CommandStringKind, CompositingMode, CornerRadii, CornerRadius, Node};
pub use response::{
    DecodeResult, EncodeResult, FramePerformance, GoalResult, JobPerformance, JobResult,
    JobResultData, JobWarning, NoData, NodePerformance, Response, ResponseEnvelope, ResultBytes,
    WarningKind,
};
pub use security::{ExecutionSecurity, FrameSizeLimit, Lock, LockData, MemoryBudgetPolicy};
pub use watermark::{FitBox, Watermark, WatermarkConstraintMode};
