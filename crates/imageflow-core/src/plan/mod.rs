//! From a job to a plan: pure passes that read headers only, never pixels, and may fail.
//!
//! [`graph`] checks the shape of the job · [`expand`] turns each node into primitive [`ir`] operations, which know their
//! size from the moment they exist (no-ops, crops and turns are folded there) · [`shrink`] chooses how far decoders reduce
//! while decoding · [`lower`] makes sources, stages and sinks of what is left. Where pixels decide, [`survey`] runs a part of the job first.

mod color;
mod command;
mod draw;
mod drawing;
mod effects;
mod encode;
mod expand;
mod extras;
mod frames;
mod geometry;
mod goal;
pub(crate) mod graph;
pub(crate) mod ir;
mod lower;
mod probe;
mod profile;
mod resample;
mod shrink;
mod smart;
mod survey;
mod watermark;

use imageflow_pixels::JobControl;
use imageflow_types::Framewise;

use crate::error::Error;
use crate::io::IoTable;
use crate::limits::SecurityLimits;

pub(crate) use encode::settings_of;
pub(crate) use extras::extras;
pub(crate) use frames::Frames;
pub(crate) use goal::Goal;
pub(crate) use ir::Ir;
pub(crate) use lower::{Plan, PlanNode, PlanSink, Producer, SinkKind};

/// What planning may look at.
#[derive(Clone, Copy)]
pub(crate) struct Planning<'a> {
    /// Inputs and outputs.
    pub(crate) io: &'a IoTable,
    /// The limits in force.
    pub(crate) limits: &'a SecurityLimits,
    /// What the job must respect.
    pub(crate) control: &'a JobControl,
    /// The frames that animations show now.
    pub(crate) frames: &'a Frames,
    /// Runs a part of the job whose pixels the rest of the plan depends on.
    pub(crate) run: &'a dyn Fn(Plan) -> Result<(), Error>,
}

/// Compiles a job to operations.
pub(crate) fn compile(framewise: &Framewise, planning: Planning<'_>) -> Result<Ir, Error> {
    let graph = graph::JobGraph::new(framewise)?;
    expand::expand(&graph, planning)
}

/// A plan in which decoders reduce nothing, to compare with.
#[cfg(test)]
pub(crate) fn finish_unreduced(ir: Ir, planning: Planning<'_>) -> Result<Plan, Error> {
    lower::lower(ir, planning)
}

/// Makes a plan of operations.
pub(crate) fn finish(mut ir: Ir, planning: Planning<'_>) -> Result<Plan, Error> {
    shrink::choose(&mut ir);
    lower::lower(ir, planning)
}
