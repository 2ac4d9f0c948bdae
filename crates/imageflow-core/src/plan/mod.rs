//! From a job to a plan: pure passes that read headers only, never pixels, and may fail.
//!
//! [`graph`] checks the shape of the job · [`expand`] turns each node into primitive [`ir`] operations, which know their
//! size from the moment they exist (no-ops, crops and turns are folded there) · [`shrink`] chooses how far decoders reduce
//! while decoding · [`lower`] makes sources, stages and sinks of what is left.

mod color;
mod command;
mod draw;
mod encode;
mod expand;
mod geometry;
pub(crate) mod graph;
pub(crate) mod ir;
mod lower;
mod probe;
mod resample;
mod shrink;

use imageflow_pixels::JobControl;
use imageflow_types::Framewise;

use crate::error::Error;
use crate::io::IoTable;
use crate::limits::SecurityLimits;

pub(crate) use lower::{Plan, PlanNode, PlanSink, Producer, SinkKind};

/// Compiles a job.
pub(crate) fn compile(
    framewise: &Framewise,
    io: &IoTable,
    limits: &SecurityLimits,
    control: &JobControl,
) -> Result<Plan, Error> {
    let graph = graph::JobGraph::new(framewise)?;
    let mut ir = expand::expand(&graph, io, limits, control)?;
    shrink::choose(&mut ir);
    lower::lower(ir, io, control)
}
