//! `measure REPORT PROGRAM ARGS…`: runs a program and writes `peak-KiB cpu-µs wall-µs status` to the file REPORT.
//!
//! A process inherits the peak memory of whoever started it, so the starter must be small: this program is.

mod ffi;

use std::process::{Command, ExitCode};
use std::time::Instant;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(report), Some(program)) = (args.next(), args.next()) else {
        eprintln!("usage: measure REPORT PROGRAM ARGS...");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let child = match Command::new(&program).args(args).spawn() {
        Ok(child) => child,
        Err(e) => {
            eprintln!("measure: cannot run {}: {e}", program.display());
            return ExitCode::from(127);
        }
    };
    let Some(usage) = ffi::wait(child.id()) else {
        eprintln!("measure: cannot wait for {}", program.display());
        return ExitCode::from(127);
    };
    let wall = start.elapsed().as_micros();
    let line = format!(
        "{} {} {wall} {}\n",
        usage.peak_kib, usage.cpu_us, usage.status
    );
    match std::fs::write(&report, line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("measure: cannot write {}: {e}", report.display());
            ExitCode::from(74)
        }
    }
}
