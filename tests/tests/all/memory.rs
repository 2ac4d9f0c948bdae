//! Peak memory of whole jobs, as the operating system saw it.

use std::path::{Path, PathBuf};

use imageflow_tests::inputs;
use imageflow_tests::tool::{self, Run};

const MIB: i64 = 1024;

fn querystring(input: &Path, command: &str, output: &str) -> (Run, PathBuf) {
    let _alone = crate::alone();
    let folder = tool::target_folder().join("test-output");
    std::fs::create_dir_all(&folder).unwrap();
    let out = folder.join(output);
    let _ = std::fs::remove_file(&out);
    let (input, path) = (input.to_str().unwrap(), out.to_str().unwrap());
    let args = [
        "v1/querystring",
        "--quiet",
        "--in",
        input,
        "--out",
        path,
        "--command",
        command,
    ];
    (tool::measured(env!("CARGO_BIN_EXE_measure"), args), out)
}

fn peaks_below(input: &Path, command: &str, output: &str, limit_mib: i64) {
    let (run, out) = querystring(input, command, output);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(out.is_file());
    let mib = run.peak_kib as f64 / MIB as f64;
    eprintln!("{command} of {}: {mib:.1} MiB", input.display());
    assert!(
        run.peak_kib <= limit_mib * MIB,
        "{mib:.1} MiB, allowed {limit_mib}"
    );
}

/// The bounds are for the native decoder; the portable one keeps the whole picture.
#[cfg(feature = "native")]
mod native {
    use super::*;

    #[test]
    fn a_24_megapixel_jpeg_to_400_px_stays_within_16_mib() {
        peaks_below(
            &inputs::baseline_jpeg(6000, 4000),
            "w=400&format=jpg",
            "memory-24mp.jpg",
            16,
        );
    }

    #[test]
    fn a_100_megapixel_jpeg_to_200_px_stays_within_16_mib() {
        peaks_below(
            &inputs::baseline_jpeg(10000, 10000),
            "w=200&format=jpg",
            "memory-100mp.jpg",
            16,
        );
    }
}

#[test]
fn a_24_megapixel_png_to_400_px_stays_within_20_mib() {
    peaks_below(
        &inputs::rgb_png(6000, 4000),
        "w=400&format=png",
        "memory-24mp.png",
        20,
    );
}

#[test]
fn a_tiny_png_that_claims_9999_by_9999_is_refused_cheaply() {
    let input = inputs::boastful_png(9999, 9999);
    assert_eq!(std::fs::metadata(&input).unwrap().len(), 74);
    let (run, out) = querystring(&input, "w=200&format=png", "memory-claims.png");
    assert_eq!(run.code, 65, "{}", run.stderr);
    assert!(run.stderr.starts_with("ImageMalformed: "), "{}", run.stderr);
    assert!(!out.exists());
    let mib = run.peak_kib as f64 / MIB as f64;
    assert!(run.peak_kib <= 32 * MIB, "{mib:.1} MiB, allowed 32");
}
