//! A child for every call that fails, and the judgement of how it ended.

use std::panic::{AssertUnwindSafe, catch_unwind};

use imageflow_core::Category;

use crate::ffi::{self, End, Fault};
use crate::job::{Outcome, Prepared};

/// Bytes that may stay: what threads and the first use of something leave.
const SLACK: i64 = 32 << 10;
/// Seconds after which a child hangs.
const PATIENCE: u32 = 60;

/// Exit codes of children.
const SAME: i32 = 0;
const REFUSED: i32 = 1;
const WRONG: i32 = 2;
const PANIC: i32 = 101;

pub(crate) fn try_all(fault: &str, name: &str, bytes: usize) -> Result<(), String> {
    ffi::let_through(bytes);
    let kind = match fault {
        "memory" => Fault::Memory,
        "memory-from" => Fault::MemoryFrom,
        "io" => Fault::Io,
        "io-short" => Fault::IoShort,
        "io-stall" => Fault::IoStall,
        other => return Err(format!("no fault is called {other}")),
    };
    // Files are read and written in pieces of 64 KiB; memory has to be larger than what is let through.
    let is_memory = matches!(kind, Fault::Memory | Fault::MemoryFrom);
    let job = Prepared::new(name, if is_memory { (1200, 900) } else { (320, 240) })?;
    // Once for what is made at the first use, once to count.
    job.run(|| (), || ());
    let mut calls = 0;
    let outcome = job.run(|| ffi::arm(kind, 0), || calls = ffi::disarm());
    let expected = match outcome {
        Outcome::Output(bytes) => bytes,
        Outcome::Refused(_, text) => return Err(format!("{name} fails by itself: {text}")),
    };
    job.left();
    let (mut same, mut refused, mut wrong) = (0, 0, 0);
    for n in 1..=calls {
        let end = ffi::in_child(PATIENCE, || {
            // A panic must not go up into what only the parent may do.
            let judged = catch_unwind(AssertUnwindSafe(|| judge(&job, kind, n, &expected)));
            judged.unwrap_or(PANIC)
        });
        match end {
            Some(End::Code(SAME)) => same += 1,
            Some(End::Code(REFUSED)) => refused += 1,
            Some(End::Code(WRONG)) => wrong += 1,
            other => {
                wrong += 1;
                println!("{n}: {other:?}");
                job.left();
            }
        }
    }
    println!("{fault} {name} calls {calls} wrong {wrong} same {same} refused {refused}");
    Ok(())
}

/// Runs the job with one fault. Says what is wrong.
fn judge(job: &Prepared, fault: Fault, n: usize, expected: &[u8]) -> i32 {
    let mut live = (0, 0);
    let start = || {
        live.0 = ffi::live();
        ffi::arm(fault, n);
    };
    let end = || {
        ffi::disarm();
        live.1 = ffi::live();
    };
    let outcome = job.run(start, end);
    let left = job.left();
    let problem = match &outcome {
        Outcome::Output(bytes) if bytes != expected => Some("another output".to_owned()),
        Outcome::Output(_) if left != ["picture"] => Some(format!("left {left:?}")),
        Outcome::Output(_) => None,
        Outcome::Refused(..) if !left.is_empty() => Some(format!("left {left:?}")),
        Outcome::Refused(category, _) if is_right(fault, *category) => None,
        Outcome::Refused(category, text) => Some(format!("{category:?} {text}")),
    };
    let grown = live.1 - live.0;
    let problem = problem.or_else(|| (grown > SLACK).then(|| format!("{grown} bytes are lost")));
    match (problem, outcome) {
        (Some(problem), _) => {
            println!("{n}: {problem}");
            WRONG
        }
        (None, Outcome::Output(_)) => SAME,
        (None, Outcome::Refused(..)) => REFUSED,
    }
}

fn is_right(fault: Fault, category: Category) -> bool {
    match fault {
        Fault::Memory | Fault::MemoryFrom => category == Category::OutOfMemory,
        Fault::Io => category == Category::IoError,
        // Nothing failed.
        Fault::IoShort | Fault::IoStall => false,
    }
}
