//! What `v1/build` and `v1/execute` share: running a job and describing what it read and wrote.

use std::time::Duration;

use imageflow_pixels::{Note, NoteKind};
use imageflow_types::{
    DecodeResult, EncodeResult, FramePerformance, Framewise, JobPerformance, JobResult, JobWarning,
    NodePerformance, ResultBytes, WarningKind,
};

use crate::context::Context;
use crate::error::Error;
use crate::io::IoTable;
use crate::job::{self, Encoded, FrameTimes};

/// Runs a job. `bytes_of` says where the response finds the bytes of an output.
pub(super) fn run(
    context: &mut Context,
    framewise: &Framewise,
    bytes_of: impl Fn(&IoTable, i32) -> Result<ResultBytes, Error>,
) -> Result<JobResult, Error> {
    let control = context.control();
    context.apply_limits();
    let io = &context.io;
    let decodes = io.inputs().filter_map(|(io_id, entry)| {
        // An input that cannot be read is no part of the answer; it is an error only when the job uses it.
        let header = entry.header(&control).ok()?;
        Some(DecodeResult {
            preferred_mime_type: header.format.mime().to_owned(),
            preferred_extension: header.format.extension().to_owned(),
            io_id,
            w: signed(header.oriented().width()),
            h: signed(header.oriented().height()),
        })
    });
    let decodes = decodes.collect();
    let outcome = job::run(framewise, io, context.limits(), &control);
    let outcome = outcome
        .and_then(|outcome| io.commit().map(|()| outcome))
        .inspect_err(|_| io.discard())?;
    let encodes = outcome
        .encodes
        .iter()
        .map(|encoded| Ok(describe(encoded, bytes_of(io, encoded.io_id)?)));
    let mut encodes = encodes.collect::<Result<Vec<_>, Error>>()?;
    encodes.sort_by_key(|encode| encode.io_id);
    let performance = Some(JobPerformance {
        frames: outcome.frames.iter().map(times).collect(),
    });
    Ok(JobResult {
        encodes,
        decodes,
        performance,
        warnings: control.notes().into_iter().map(warning).collect(),
    })
}

fn warning(note: Note) -> JobWarning {
    JobWarning {
        kind: match note.kind {
            NoteKind::Metadata => WarningKind::Metadata,
            _ => WarningKind::ColorProfile,
        },
        io_id: note.io_id,
        message: note.message,
    }
}

fn describe(encoded: &Encoded, bytes: ResultBytes) -> EncodeResult {
    EncodeResult {
        preferred_mime_type: encoded.format.mime().to_owned(),
        preferred_extension: encoded.format.extension().to_owned(),
        io_id: encoded.io_id,
        w: signed(encoded.width),
        h: signed(encoded.height),
        bytes,
        goal: encoded.goal,
    }
}

fn times(frame: &FrameTimes) -> FramePerformance {
    let mut nodes: Vec<_> = frame
        .nodes
        .iter()
        .map(|(name, wall)| NodePerformance {
            wall_microseconds: microseconds(*wall),
            name: name.clone(),
        })
        .collect();
    nodes.sort_by_key(|node| std::cmp::Reverse(node.wall_microseconds));
    let wall = microseconds(frame.wall);
    let in_nodes = nodes
        .iter()
        .fold(0u64, |sum, node| sum.saturating_add(node.wall_microseconds));
    let overhead = i128::from(wall).saturating_sub(i128::from(in_nodes));
    FramePerformance {
        nodes,
        wall_microseconds: wall,
        overhead_microseconds: i64::try_from(overhead).unwrap_or_default(),
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Sides of frames fit `i32`, the type of the protocol.
pub(super) fn signed(side: u32) -> i32 {
    i32::try_from(side).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_sorted_and_overhead_is_what_is_left() {
        let frame = FrameTimes {
            wall: Duration::from_micros(100),
            nodes: vec![
                ("a".into(), Duration::from_micros(20)),
                ("b".into(), Duration::from_micros(90)),
            ],
        };
        let result = times(&frame);
        let names: Vec<_> = result.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(
            (
                names,
                result.wall_microseconds,
                result.overhead_microseconds
            ),
            (vec!["b", "a"], 100, -10)
        );
    }
}
