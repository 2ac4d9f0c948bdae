//! Runs of the `imageflow_tool` binary, with what they used.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A finished run.
#[derive(Debug)]
pub struct Run {
    /// Peak resident memory in KiB.
    pub peak_kib: i64,
    /// User and system time in microseconds.
    pub cpu_us: i64,
    /// Elapsed time in microseconds.
    pub wall_us: i64,
    /// The exit code, or the signal that ended it, negative.
    pub code: i32,
    /// Standard error.
    pub stderr: String,
}

/// The folder of build products of the test that is running: `target/debug` or `target/release`.
fn profile_folder() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    // target/<profile>/deps/<test>
    exe.parent()
        .and_then(Path::parent)
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// The target folder of the test that is running.
pub fn target_folder() -> PathBuf {
    profile_folder()
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// Whether the test was built with optimisations meant for measuring.
pub fn is_release() -> bool {
    profile_folder().ends_with("release")
}

/// The binary: `IMAGEFLOW_TOOL`, or built here with the features and profile of the test.
///
/// # Panics
/// When it cannot be built: the test that needs it has failed.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| match std::env::var_os("IMAGEFLOW_TOOL") {
        Some(path) => PathBuf::from(path),
        None => build(),
    })
}

fn build() -> PathBuf {
    let mut features = Vec::new();
    for (name, on) in [
        ("native", cfg!(feature = "native")),
        ("portable", cfg!(feature = "portable")),
        ("imagequant", cfg!(feature = "imagequant")),
    ] {
        features.extend(on.then_some(name));
    }
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--quiet",
            "-p",
            "imageflow-tool",
            "--no-default-features",
            "--features",
            &features.join(","),
        ])
        .args(is_release().then_some("--release"))
        .current_dir(crate::shared::checkout())
        .env("CARGO_TARGET_DIR", target_folder());
    let built = command.status().is_ok_and(|status| status.success());
    assert!(built, "imageflow_tool could not be built: {command:?}");
    profile_folder().join(format!("imageflow_tool{}", std::env::consts::EXE_SUFFIX))
}

/// Runs the tool.
///
/// # Panics
/// When it cannot be started.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    let output = Command::new(path())
        .args(args)
        .stdin(Stdio::null())
        .output();
    output.unwrap_or_else(|e| panic!("cannot run {}: {e}", path().display()))
}

/// Runs the tool through the `measure` program of this crate (`measure` is its path).
///
/// # Panics
/// When it cannot be started or measured.
pub fn measured<S: AsRef<OsStr>>(measure: &str, args: impl IntoIterator<Item = S>) -> Run {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let serial = COUNT.fetch_add(1, Ordering::Relaxed);
    let report =
        std::env::temp_dir().join(format!("imageflow-measure-{}-{serial}", std::process::id()));
    let output = Command::new(measure)
        .arg(&report)
        .arg(path())
        .args(args)
        .stdin(Stdio::null())
        .output();
    let output = output.unwrap_or_else(|e| panic!("cannot run {measure}: {e}"));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let line =
        std::fs::read_to_string(&report).unwrap_or_else(|e| panic!("no report: {e}; {stderr}"));
    let _ = std::fs::remove_file(&report);
    let numbers: Vec<i64> = line
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    let &[peak_kib, cpu_us, wall_us, status] = numbers.as_slice() else {
        panic!("report is {line:?}")
    };
    let code = if status & 0x7f == 0 {
        (status >> 8) as i32
    } else {
        -((status & 0x7f) as i32)
    };
    Run {
        peak_kib,
        cpu_us,
        wall_us,
        code,
        stderr,
    }
}
