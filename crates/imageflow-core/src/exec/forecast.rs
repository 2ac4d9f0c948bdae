//! What a plan will hold in memory, found by the same dry run that sizes the rings.

use imageflow_pixels::{JobControl, RowBuf};

use super::pump::{self, STRIP_ROWS};
use crate::error::Error;
use crate::plan::Plan;

/// The ring of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ring {
    /// Rows in it.
    pub(crate) rows: u32,
    /// Bytes they take.
    pub(crate) bytes: u64,
}

/// The rings of all nodes of a plan, which is used up.
///
/// # Errors
/// When a source cannot be read, or the job was cancelled or is late.
pub(crate) fn forecast(plan: Plan, control: &JobControl) -> Result<Vec<Ring>, Error> {
    let ends: Vec<usize> = plan.sinks.iter().map(|sink| sink.input).collect();
    let mut parts = pump::split(plan.nodes);
    let (_, heights) = pump::rings(&mut parts, &ends, STRIP_ROWS, control)?;
    let rings = parts.facts.iter().zip(heights).map(|(facts, rows)| Ring {
        rows: rows.min(facts.frame.size.height()),
        bytes: RowBuf::bytes_for(&facts.frame, rows),
    });
    Ok(rings.collect())
}
