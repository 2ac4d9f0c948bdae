//! What fuzzing found: small files in `tests/regressions/`, each through the target that it broke, within its bounds.
//!
//! `tests/regressions/bounds.tsv` has a line for each: the file, the target, milliseconds and MiB it may take, and the error
//! category of a conversion to PNG (`Ok` for a picture; `-` where the file is not a picture's).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use imageflow_tests::{shared, targets, tool};

/// Unoptimised builds on a busy machine take so many times as long as the table says.
const SLOW: u64 = 20;

struct Bound {
    file: String,
    target: String,
    milliseconds: u64,
    mebibytes: i64,
    category: String,
}

fn folder() -> PathBuf {
    shared::checkout().join("tests/regressions")
}

fn bounds() -> Vec<Bound> {
    let table = std::fs::read_to_string(folder().join("bounds.tsv")).unwrap();
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [file, target, milliseconds, mebibytes, category] = fields[..] else {
                panic!("not five fields: {line}");
            };
            Bound {
                file: file.to_owned(),
                target: target.to_owned(),
                milliseconds: milliseconds.parse().unwrap(),
                mebibytes: mebibytes.parse().unwrap(),
                category: category.to_owned(),
            }
        })
        .collect()
}

#[test]
fn every_file_has_its_bound() {
    let listed: BTreeSet<String> = bounds().into_iter().map(|bound| bound.file).collect();
    let entries = std::fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.filter(|name| !name.starts_with("bounds")).collect();
    assert_eq!(listed, found);
    assert!(!found.is_empty());
}

#[test]
fn what_was_found_once_stays_mended() {
    let factor = if tool::is_release() { 1 } else { SLOW };
    for bound in bounds() {
        let bytes = std::fs::read(folder().join(&bound.file)).unwrap();
        let start = Instant::now();
        (targets::named(&bound.target).run)(&bytes);
        let taken = start.elapsed();
        let limit = Duration::from_millis(bound.milliseconds * factor);
        assert!(taken <= limit, "{} took {taken:?} of {limit:?}", bound.file);
    }
}

#[cfg(unix)]
#[test]
fn what_was_found_once_is_a_picture_or_the_right_error_within_its_memory() {
    use imageflow_core::Category;
    let _alone = crate::alone();
    let out =
        std::env::temp_dir().join(format!("imageflow-regressions-{}.png", std::process::id()));
    for bound in bounds().iter().filter(|bound| bound.category != "-") {
        let file = folder().join(&bound.file);
        let flags = [
            "v1/querystring",
            "--quiet",
            "--command",
            "w=64&format=png",
            "--in",
        ];
        let arguments = flags
            .map(Path::new)
            .into_iter()
            .chain([&*file, Path::new("--out"), &*out]);
        let run = tool::measured(env!("CARGO_BIN_EXE_measure"), arguments);
        let wanted = match bound.category.as_str() {
            "Ok" => Category::Ok,
            "ImageMalformed" => Category::ImageMalformed,
            "ArgumentInvalid" => Category::ArgumentInvalid,
            other => panic!("no category is called {other}"),
        };
        assert_eq!(
            run.code,
            wanted.exit_code(),
            "{}: {}",
            bound.file,
            run.stderr
        );
        assert_eq!(out.exists(), wanted == Category::Ok, "{}", bound.file);
        drop(std::fs::remove_file(&out));
        let taken = run.peak_kib / 1024;
        assert!(taken <= bound.mebibytes, "{} took {taken} MiB", bound.file);
    }
}
