//! Running a job: graph → plan → rows.

mod animate;
mod times;

use std::time::{Duration, Instant};

use imageflow_codecs::ImageFormat;
use imageflow_pixels::JobControl;
use imageflow_types::{Framewise, GoalResult};

use crate::error::Error;
use crate::io::IoTable;
use crate::limits::SecurityLimits;
use crate::plan::{Frames, Planning};
use crate::{exec, plan};

pub use times::{MAX_FRAMES_LISTED, MAX_NODES_LISTED};

/// One image that was written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Encoded {
    /// The output.
    pub io_id: i32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The format written.
    pub format: ImageFormat,
    /// What became of the preset's goal, if it had one.
    pub goal: Option<GoalResult>,
}

/// Time spent on one frame.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameTimes {
    /// Wall time of the whole frame.
    pub wall: Duration,
    /// Wall time by stage, longest first.
    pub nodes: Vec<(String, Duration)>,
}

/// What a job did.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct JobOutcome {
    /// Images written, ascending by output id.
    pub encodes: Vec<Encoded>,
    /// Times by frame; beyond [`MAX_FRAMES_LISTED`] frames, or [`MAX_NODES_LISTED`] nodes in them, the last is the sum of the rest.
    pub frames: Vec<FrameTimes>,
}

/// Plans and runs a job. Outputs hold complete images when it succeeds.
///
/// # Errors
/// Graph and argument errors before any pixel is read; codec errors, limits and cancellation while running.
pub fn run(
    framewise: &Framewise,
    io: &IoTable,
    limits: &SecurityLimits,
    control: &JobControl,
) -> Result<JobOutcome, Error> {
    let start = Instant::now();
    let planning = Planning {
        io,
        limits,
        control,
        frames: &Frames::default(),
        run: &|plan| exec::run(plan, io, limits, control).map(|_| ()),
    };
    let ir = plan::compile(framewise, planning)?;
    let (inputs, outputs) = ir.animations();
    if !inputs.is_empty() {
        ir.refuse_goals(&outputs)?;
        return animate::run(framewise, &inputs, &outputs, io, limits, control);
    }
    let plan = plan::finish(ir, planning)?;
    let (encodes, nodes) = exec::run(plan, io, limits, control)?;
    Ok(JobOutcome {
        encodes,
        frames: vec![FrameTimes {
            wall: start.elapsed(),
            nodes,
        }],
    })
}
