//! Totals, printed past the test harness so that they are always seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use super::Verdict;
use super::exceptions::{self, Exception};

/// Prints the result of one group of vectors; returns the number of failures.
pub(crate) fn print(name: &str, cases: Vec<(String, Verdict)>) -> usize {
    let total = cases.len();
    let mut failed = Vec::new();
    let mut exceptions = Vec::new();
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (case, verdict) in cases {
        match verdict {
            Verdict::Passed => {}
            Verdict::NotYetSupported(answer) => reasons.entry(answer).or_default().push(case),
            Verdict::Failed(why) => match exceptions::of(&case) {
                Some(exception) => exceptions.push((case, why, exception)),
                None => failed.push((case, why)),
            },
        }
    }
    let unsupported: usize = reasons.values().map(Vec::len).sum();
    let passed = total - unsupported - failed.len() - exceptions.len();
    let mut out = String::new();
    for (case, why) in &failed {
        let _ = writeln!(out, "{name}: FAILED {case}: {why}");
    }
    let mut disputed = 0;
    for (case, why, exception) in &exceptions {
        let _ = match exception {
            Exception::Decided(number, reason) => {
                writeln!(out, "{name}: deviation {number} {case}: {reason} ({why})")
            }
            Exception::Since(reason) => {
                writeln!(out, "{name}: later decision {case}: {reason} ({why})")
            }
            Exception::Disputed(reason) => {
                disputed += 1;
                writeln!(out, "{name}: disputed {case}: {reason} ({why})")
            }
        };
    }
    let decided = exceptions.len() - disputed;
    for (answer, cases) in &reasons {
        let _ = writeln!(
            out,
            "{name}: not yet supported ({answer}): {}",
            cases.join(" ")
        );
    }
    let failures = failed.len();
    let _ = writeln!(
        out,
        "conformance: {name}: {total} cases, {passed} passed, {unsupported} not yet supported, {decided} decided deviations, {disputed} disputed, {failures} failed"
    );
    say(&out);
    failures
}

/// Writes to standard error directly.
pub(crate) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
