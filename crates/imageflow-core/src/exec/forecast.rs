//! What a plan will hold in memory, found by the same dry run that sizes the rings.
//!
//! A job has two phases. While rows move, decoders and rings are held, and what encoders gather. Then the encoders finish, one
//! after the other, and nothing is held above them.

use imageflow_pixels::{FrameInfo, JobControl, RowBuf};

use super::pump::{self, STRIP_ROWS};
use crate::error::Error;
use crate::plan::{Plan, PlanSink, SinkKind};

/// The ring of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ring {
    /// Rows in it.
    pub(crate) rows: u32,
    /// Bytes they take.
    pub(crate) bytes: u64,
}

/// The rings of all nodes of a plan, which is used up, and the most bytes that the job holds at once.
///
/// # Errors
/// When a source cannot be read, or the job was cancelled or is late.
pub(crate) fn forecast(plan: Plan, control: &JobControl) -> Result<(Vec<Ring>, u64), Error> {
    let ends: Vec<usize> = plan.sinks.iter().map(|sink| sink.input).collect();
    // Opened decoders have reserved what they hold already.
    let decoders = plan.decoder_bytes.saturating_add(control.used_bytes());
    let mut parts = pump::split(plan.nodes);
    let (_, heights) = pump::rings(&mut parts, &ends, STRIP_ROWS, control)?;
    let frames: Vec<FrameInfo> = parts.facts.iter().map(|facts| facts.frame).collect();
    let rings: Vec<Ring> = (frames.iter().zip(heights))
        .map(|(frame, rows)| Ring {
            rows: rows.min(frame.size.height()),
            bytes: RowBuf::bytes_for(frame, rows),
        })
        .collect();
    let moving = rings
        .iter()
        .fold(decoders, |sum, ring| sum.saturating_add(ring.bytes));
    let peak = peak(&plan.sinks, |node| frames[node], moving);
    Ok((rings, peak))
}

/// The most bytes held at once by a job that holds `moving` bytes above its sinks while rows move.
pub(super) fn peak(sinks: &[PlanSink], frame_of: impl Fn(usize) -> FrameInfo, moving: u64) -> u64 {
    // From the last encoder to the first: those that finish later have gathered their frames.
    let (finishing, gathered) = sinks.iter().rev().fold((0, 0), |(most, waiting), sink| {
        let (gathered, working) = encoder_bytes(sink, &frame_of(sink.input));
        (
            u64::max(most, working.saturating_add(waiting)),
            gathered.saturating_add(waiting),
        )
    });
    u64::max(finishing, moving.saturating_add(gathered))
}

/// What the encoder of a sink has gathered when all rows are there, and the most it holds.
fn encoder_bytes(sink: &PlanSink, frame: &FrameInfo) -> (u64, u64) {
    let SinkKind::Encode { settings, goal, .. } = &sink.kind else {
        return (0, 0);
    };
    let working = settings.working_bytes(frame);
    match goal {
        // The frame is kept for as many encodes as the goal takes.
        Some(_) => {
            let kept = RowBuf::bytes_for(frame, frame.size.height());
            (kept, kept.saturating_add(working))
        }
        None => (settings.gathered_bytes(frame), working),
    }
}
