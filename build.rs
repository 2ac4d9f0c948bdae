//! Shared build script: stamps the version into the crates that report it.
//!
//! Sets `IMAGEFLOW_VERSION`, `IMAGEFLOW_GIT_COMMIT`, `IMAGEFLOW_GIT_DESCRIBE`, `IMAGEFLOW_GIT_TAG` (empty when the commit
//! has none), `IMAGEFLOW_GIT_DIRTY` (`true` or `false`) and `IMAGEFLOW_BUILD_DATE` (RFC 3339, UTC). A variable of the same
//! name in the environment wins, so that builds from an archive can be stamped; `SOURCE_DATE_EPOCH` fixes the date. Also
//! writes `build_info.txt` into the folder of build products: how and with what the crate was built, a line each. Nothing
//! here can fail a build: without git the stamp says `unknown`.

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() {
    watch_commit();
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let commit = git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let describe =
        git(&["describe", "--always", "--tags", "--dirty"]).unwrap_or_else(|| version.clone());
    let tag = git(&["describe", "--exact-match", "--tags"]).unwrap_or_default();
    let dirty = git_output(&["status", "--porcelain", "--untracked-files=no"])
        .is_some_and(|text| !text.is_empty());
    stamp("IMAGEFLOW_VERSION", &version);
    stamp("IMAGEFLOW_GIT_COMMIT", &commit);
    stamp("IMAGEFLOW_GIT_DESCRIBE", &describe);
    stamp("IMAGEFLOW_GIT_TAG", &tag);
    stamp("IMAGEFLOW_GIT_DIRTY", if dirty { "true" } else { "false" });
    stamp("IMAGEFLOW_BUILD_DATE", &rfc3339(seconds_since_epoch()));
    println!(
        "cargo:rustc-env=IMAGEFLOW_TARGET={}",
        env::var("TARGET").unwrap_or_default()
    );
    write_build_info();
    link_shared_library();
}

/// Leaves only the symbols of `libimageflow` itself in the shared library, and keeps it loaded.
///
/// rav1d defines dav1d's C functions with `no_mangle`, which exports them from every shared library it is linked into; its
/// assembler could then not reach them, for an exported symbol may be replaced when the library is loaded.
fn link_shared_library() {
    let is_library = env::var("CARGO_PKG_NAME").is_ok_and(|name| name == "libimageflow");
    let is_elf = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "unix")
        && env::var("CARGO_CFG_TARGET_VENDOR").is_ok_and(|vendor| vendor != "apple");
    if is_library && is_elf {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
        // A cancelled job may leave a thread that ends its work in the library: it must not be unloaded under it.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

/// Variables that tell where a build comes from; those that are not set are written as `NAME (None)`.
const TOLD: &[&str] = &[
    "TARGET",
    "HOST",
    "PROFILE",
    "OPT_LEVEL",
    "DEBUG",
    "CARGO_CFG_TARGET_FEATURE",
    "CI",
    "GITHUB_REPOSITORY",
    "GITHUB_REF",
    "GITHUB_SHA",
    "GITHUB_RUN_ID",
    "CI_COMMIT_SHA",
    "CI_PIPELINE_ID",
    "ARTIFACT_URL",
    "DOCS_URL",
];

fn write_build_info() {
    let Some(folder) = env::var_os("OUT_DIR") else {
        return;
    };
    let first_line = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().next().map(|line| line.trim().to_owned())
    };
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let features: Vec<String> = env::vars()
        .filter_map(|(name, _)| Some(name.strip_prefix("CARGO_FEATURE_")?.to_lowercase()))
        .collect();
    let mut facts: Vec<(String, Option<String>)> = TOLD
        .iter()
        .map(|name| ((*name).to_owned(), env::var(name).ok()))
        .collect();
    for (name, value) in [
        ("FEATURES", Some(features.join(","))),
        ("RUSTC_VERSION", first_line(&rustc, &["--version"])),
        ("CARGO_VERSION", first_line(&cargo, &["--version"])),
        ("GLIBC_VERSION", first_line("ldd", &["--version"])),
        ("UNAME", first_line("uname", &["-srm"])),
    ] {
        facts.push((name.to_owned(), value));
    }
    let lines: String = facts
        .into_iter()
        .map(|(name, value)| match value {
            Some(value) => format!("{name}={}\n", value.replace(['\n', '\r'], " ")),
            None => format!("{name} (None)\n"),
        })
        .collect();
    // A crate that includes the file says so itself when it is missing.
    let _ = std::fs::write(Path::new(&folder).join("build_info.txt"), lines);
}

fn stamp(name: &str, found: &str) {
    println!("cargo:rerun-if-env-changed={name}");
    let value = env::var(name).unwrap_or_else(|_| found.to_owned());
    println!(
        "cargo:rustc-env={name}={}",
        value.replace(['\n', '\r'], " ")
    );
}

/// A new commit or a switched branch makes a new stamp; edits alone do not rebuild anything.
fn watch_commit() {
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let Some(directory) = git(&["rev-parse", "--absolute-git-dir"]) else {
        return;
    };
    let directory = Path::new(&directory);
    println!(
        "cargo:rerun-if-changed={}",
        directory.join("HEAD").display()
    );
    let Some(branch) = git(&["symbolic-ref", "--quiet", "HEAD"]).map(|name| directory.join(name))
    else {
        return;
    };
    // Before the first commit of a branch there is no such file: watch the folder it will appear in.
    let watched = if branch.exists() {
        Some(branch.as_path())
    } else {
        branch.parent()
    };
    if let Some(path) = watched.filter(|path| path.exists()) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    git_output(arguments).filter(|text| !text.is_empty())
}

fn git_output(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn seconds_since_epoch() -> u64 {
    let fixed = env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    fixed.unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs())
    })
}

/// Days to a civil date after Howard Hinnant, "chrono-compatible low-level date algorithms".
fn rfc3339(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}
