//! Replays the recorded vectors of `shared/vectors` through the engine.
//!
//! A case ends as passed, failed, or not yet supported. The last is not for the test to decide: it counts only when the
//! engine itself answered that something is not part of this version, or named a format whose codec is disabled.

mod exceptions;
mod json;
mod pixels;
mod report;

use std::path::Path;

use imageflow_tests::shared;

pub(crate) use report::say;

/// How a case ended.
enum Verdict {
    Passed,
    /// With the engine's answer.
    NotYetSupported(String),
    /// With what differed.
    Failed(String),
}

#[test]
fn json_vectors() {
    replay("vectors/json", json::run_all);
}

#[test]
fn pixel_vectors() {
    replay("vectors/pixels", pixels::run_all);
}

fn replay(name: &str, run_all: fn(&Path) -> Vec<(String, Verdict)>) {
    let Some(folder) = shared::find(name) else {
        report::say(&format!(
            "conformance: no vectors at {}, skipped\n",
            shared::candidate().join(name).display()
        ));
        return;
    };
    let failed = report::print(name, run_all(&folder));
    assert_eq!(
        failed,
        0,
        "{failed} cases of {name} failed; pictures are in {}",
        shared::test_output().display()
    );
}
