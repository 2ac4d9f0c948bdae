//! Running a plan: rows flow from sources through stages to sinks, strip by strip.
//!
//! [`flow`] knows which rows are needed next and which can be forgotten, without touching a pixel; a dry run of it gives the
//! exact height of every ring. [`pump`] does the same walk with pixels.

mod flow;
mod forecast;
mod goal;
mod pump;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod reference_jobs;
mod threads;

use imageflow_pixels::JobControl;

use crate::error::Error;
use crate::io::IoTable;
use crate::limits::SecurityLimits;
use crate::plan::Plan;

pub(crate) use forecast::{Ring, forecast};

/// Runs a plan; outputs are complete when it succeeds.
pub(crate) fn run(
    plan: Plan,
    io: &IoTable,
    limits: &SecurityLimits,
    control: &JobControl,
) -> Result<pump::Outcome, Error> {
    pump::run(plan, io, limits, control, pump::STRIP_ROWS)
}
