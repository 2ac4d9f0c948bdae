//! Memory, files and disks that fail under a job, at every place where they can: `faults` runs the jobs.

use std::process::Command;
use std::sync::Mutex;

#[cfg(feature = "native")]
use imageflow_tests::tool;

/// What `faults` says about a job: calls that failed, runs that ended wrong, and how.
fn failing(fault: &str, job: &str) -> (usize, usize, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_faults"))
        .args([fault, job])
        // What a backtrace reads of the program stays in memory.
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let last = text.lines().last().unwrap_or_default();
    let number = |name: &str| {
        let mut words = last.split(' ').skip_while(|word| *word != name);
        words.nth(1).and_then(|word| word.parse().ok()).unwrap()
    };
    (number("calls"), number("wrong"), text)
}

/// Jobs of encoders that are not ours and allocate what grows with a picture as if there were always memory: a process may end
/// in them. `png-avif`: rav1e. `png-jxl`: zune-jpegxl. `png-gif`, `png-palette`: the table of colours of quantizr.
#[cfg(feature = "native")]
const MAY_END_THE_PROCESS: &[&str] = &["png-avif", "png-jxl", "png-gif", "png-palette"];

/// Every job with each fault, but for those named; two at a time.
fn all_end_well(faults: &[&str], but: &[&str]) {
    let _alone = crate::alone();
    let list = Command::new(env!("CARGO_BIN_EXE_faults"))
        .arg("list")
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(but.iter().all(|name| list.lines().any(|job| job == *name)));
    let pairs = list
        .lines()
        .filter(|job| !but.contains(job))
        .flat_map(|job| faults.iter().map(move |fault| (*fault, job)));
    let queue: Mutex<Vec<_>> = Mutex::new(pairs.collect());
    let problems = Mutex::new(String::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((fault, job)) = { queue.lock().unwrap().pop() } {
                    let (calls, wrong, text) = failing(fault, job);
                    if calls == 0 || wrong > 0 {
                        problems
                            .lock()
                            .unwrap()
                            .push_str(&format!("{fault} {job}:\n{text}"));
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn files_that_cannot_be_read_or_written_are_errors_of_input_and_output() {
    all_end_well(&["io"], &[]);
}

#[test]
fn files_that_give_little_or_late_change_nothing() {
    all_end_well(&["io-short", "io-stall"], &[]);
}

/// Of the native codecs: those in Rust alone have no way to say that there is no memory.
#[cfg(feature = "native")]
#[test]
fn without_memory_a_job_is_refused_and_leaves_nothing() {
    // An unoptimised build tries half of it: what fails once and what fails from then on seldom differ.
    let faults = ["memory", "memory-from"];
    let count = if tool::is_release() { 2 } else { 1 };
    all_end_well(&faults[..count], MAY_END_THE_PROCESS);
}
