//! Requests that run a job, and the graph they run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ExecutionSecurity, IoObject, Node, bounded};

/// Runs a job with its own inputs and outputs (`v1/build`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Build {
    /// Settings for this job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub builder_config: Option<BuilderConfig>,
    /// Inputs and outputs, opened in this order.
    #[serde(deserialize_with = "bounded::list")]
    pub io: Vec<IoObject>,
    /// What to do with each frame.
    pub framewise: Framewise,
}

/// Settings of a `v1/build` job.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BuilderConfig {
    /// Debugging aid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_recording: Option<GraphRecording>,
    /// Limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<ExecutionSecurity>,
    /// Reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_options: Option<JobOptions>,
}

/// Runs a job on inputs and outputs registered earlier (`v1/execute`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Execute {
    /// Debugging aid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_recording: Option<GraphRecording>,
    /// Limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<ExecutionSecurity>,
    /// Reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_options: Option<JobOptions>,
    /// What to do with each frame.
    pub framewise: Framewise,
}

/// Asks for drawings of the graph while it is worked on. Accepted; without effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GraphRecording {
    /// Keep each version of the graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_graph_versions: Option<bool>,
    /// Keep the frame after each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_frame_images: Option<bool>,
    /// Draw the last graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub render_last_graph: Option<bool>,
    /// Draw every version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub render_graph_versions: Option<bool>,
    /// Draw an animation of the versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub render_animated_graph: Option<bool>,
}

/// Reserved; any content is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobOptions {}

/// Says what to do with each frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Framewise {
    /// Nodes, each reading the one before.
    Steps(#[serde(deserialize_with = "bounded::list")] Vec<Node>),
    /// Nodes joined by edges.
    Graph(Graph),
}

/// Joins nodes by edges.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Graph {
    /// Nodes by key. Keys should be decimal `i32` numbers; they are kept as text so that a bad one can be named.
    #[cfg_attr(
        feature = "schema",
        schemars(extend("propertyNames" = { "pattern": "^[+-]?[0-9]+$" }))
    )]
    #[serde(deserialize_with = "bounded::map")]
    pub nodes: BTreeMap<String, Node>,
    /// Edges.
    #[serde(deserialize_with = "bounded::list")]
    pub edges: Vec<Edge>,
}

/// Leads from one node to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edge {
    /// Key of the node that produces the frame.
    pub from: i32,
    /// Key of the node that uses it.
    pub to: i32,
    /// What it is used as.
    pub kind: EdgeKind,
}

/// Says what a node uses a frame as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// As the image to work on.
    Input,
    /// As the canvas to draw on.
    Canvas,
}
