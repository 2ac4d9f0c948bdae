//! The shared library as the linker left it: what it exports and what it needs.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Cargo puts the library beside the test binaries.
fn library() -> PathBuf {
    let path = std::env::current_exe()
        .unwrap()
        .with_file_name("libimageflow.so");
    assert!(path.exists(), "{} was not built", path.display());
    path
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .arg(library())
        .output();
    let output =
        output.unwrap_or_else(|error| panic!("{program} (of binutils) is needed: {error}"));
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn declared() -> BTreeSet<String> {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/imageflow_short.h");
    let text = std::fs::read_to_string(header).unwrap();
    let heads = text
        .lines()
        .filter_map(|line| line.split_once('('))
        .map(|(head, _)| head);
    heads
        .map(|head| head.rsplit([' ', '*']).next().unwrap().to_owned())
        .collect()
}

#[test]
fn exactly_the_declared_functions_are_exported() {
    let symbols = output("nm", &["-D", "--defined-only"]);
    let exported: BTreeSet<_> = symbols
        .lines()
        .filter_map(|line| line.rsplit(' ').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(exported, declared());
    assert_eq!(exported.len(), 25);
}

#[test]
fn nothing_but_the_c_runtime_is_needed() {
    let dynamic = output("readelf", &["-d", "--wide"]);
    let needed: Vec<_> = dynamic
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .collect();
    assert!(!needed.is_empty(), "{dynamic}");
    let allowed = [
        "libc.so",
        "libm.so",
        "libgcc_s.so",
        "libpthread.so",
        "libdl.so",
        "librt.so",
        "ld-linux",
        "libc.musl",
    ];
    for line in needed {
        assert!(
            allowed
                .iter()
                .any(|name| line.contains(&format!("[{name}"))),
            "unexpected dependency: {line}"
        );
    }
}

#[test]
fn there_is_no_soname() {
    assert!(!output("readelf", &["-d", "--wide"]).contains("(SONAME)"));
}
