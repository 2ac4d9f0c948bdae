//! JPEG XL decoding: conformance, animation, damage, bounds.
//!
//! `jxl/results.tsv` holds what every file of the corpus is; `UPDATE_GOLDEN=1` rewrites it. With `JXL_DUMP` naming a folder the
//! frames are written there, and `python3 jxl/verify.py` compares them with those of libjxl.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use imageflow_codecs::{AnimationFrame, DecodeOptions, open};
use imageflow_pixels::{JobControl, Limits};
use support::{Decoded, decode, decode_with, files, input, shared};

fn corpus() -> Vec<PathBuf> {
    shared("corpus/jxl").map_or_else(Vec::new, |folder| files(&folder, "jxl"))
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// All frames, their canvases copied.
fn frames(bytes: &[u8]) -> Result<(u32, Vec<AnimationFrame>), String> {
    let control = JobControl::default();
    let decoder = open(&input(bytes), &control).map_err(|e| e.to_string())?;
    let mut source = decoder
        .into_frames(&DecodeOptions::default(), &control)
        .map_err(|e| e.to_string())?;
    let mut frames = Vec::new();
    while let Some(frame) = source.next_frame().map_err(|e| e.to_string())? {
        frames.push(frame);
    }
    Ok((source.animation().plays, frames))
}

/// Mean of B, G, R and A.
fn means(decoded: &Decoded) -> [f64; 4] {
    let mut sums = [0u64; 4];
    for pixel in decoded.bgra.chunks_exact(4) {
        sums.iter_mut()
            .zip(pixel)
            .for_each(|(sum, v)| *sum += u64::from(*v));
    }
    sums.map(|sum| sum as f64 / decoded.frame.size.area() as f64)
}

/// One line of `results.tsv`: facts that must be equal, and means that may differ by what SIMD levels do.
fn describe(bytes: &[u8], decoded: &Decoded) -> (String, [f64; 4]) {
    let (mut plays, mut delays) = (String::from("-"), String::from("-"));
    if decoded.header.multiple_frames {
        let (times, frames) = frames(bytes).unwrap();
        assert_eq!(
            row_bytes(&frames[0]),
            decoded.bgra,
            "the first frame is the still one"
        );
        let listed: Vec<_> = frames.iter().map(|f| f.delay_ms.to_string()).collect();
        (plays, delays) = (times.to_string(), listed.join(" "));
    }
    let facts = format!(
        "{}\t{:?}\t{}\t{plays}\t{delays}",
        decoded.frame.size, decoded.frame.alpha, decoded.header.lossless,
    );
    (facts, means(decoded))
}

fn row_bytes(frame: &AnimationFrame) -> Vec<u8> {
    let rows = frame.canvas.all();
    rows.range().flat_map(|y| rows.row(y).to_vec()).collect()
}

#[test]
fn the_corpus_is_what_it_should_be() {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/jxl/results.tsv");
    let mut lines =
        String::from("file\tmeans of BGRA\tsize\talpha\tlossless\tplays\tdelays in ms\n");
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for path in corpus() {
        let bytes = std::fs::read(&path).unwrap();
        let decoded = decode(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(decoded.frame.size, decoded.header.oriented());
        if let Some(folder) = std::env::var_os("JXL_DUMP") {
            let file = PathBuf::from(folder).join(format!("{}.bgra", name(&path)));
            std::fs::write(file, &decoded.bgra).unwrap();
        }
        let (facts, found) = describe(&bytes, &decoded);
        writeln!(
            lines,
            "{}\t{}\t{facts}",
            name(&path),
            found.map(|mean| format!("{mean:.1}")).join(" ")
        )
        .unwrap();
        if !update {
            let prefix = format!("{}\t", name(&path));
            let line = expected.lines().find_map(|line| line.strip_prefix(&prefix));
            let (means, rest) = line.unwrap().split_once('\t').unwrap();
            assert_eq!(rest, facts, "{}", name(&path));
            for (mean, found) in means.split(' ').zip(found) {
                let mean: f64 = mean.parse().unwrap();
                assert!(
                    (mean - found).abs() < 0.5,
                    "{}: {mean} {found}",
                    name(&path)
                );
            }
        }
    }
    if update {
        std::fs::write(&golden, &lines).unwrap();
    }
}

fn damaged_samples() -> Vec<Vec<u8>> {
    [
        "conformance-blendmodes",
        "conformance-animation_spline",
        "conformance-grayscale_jpeg",
        "edge-cases-multiple_lf_420",
        "features-animation_with_patches",
        "features-has_permutation_with_container",
        "features-multiple_layers_noise_spline",
        "features-with_icc",
        "features-with_preview",
        "features-squeeze_responsive_1",
        "features-grayscale_patches_modular",
    ]
    .iter()
    .filter_map(|name| shared(&format!("corpus/jxl/{name}.jxl")))
    .map(|path| std::fs::read(path).unwrap())
    .collect()
}

/// A job with a short deadline and a small budget: what damaged files get.
fn bounded() -> JobControl {
    let limits = Limits {
        max_bytes: 256 << 20,
        deadline: Some(Instant::now() + Duration::from_secs(10)),
        threads: 1,
    };
    JobControl::new(Arc::default(), limits)
}

/// Decodes everything that can be asked of a file; says whether the still picture came out whole.
fn exhaust(bytes: &[u8]) -> Result<Decoded, String> {
    let start = Instant::now();
    let control = bounded();
    let still = decode_with(bytes, &DecodeOptions::default(), &control, 7);
    if let Ok(decoder) = open(&input(bytes), &control)
        && decoder.header().multiple_frames
        && let Ok(mut source) = decoder.into_frames(&DecodeOptions::default(), &control)
    {
        while let Ok(Some(_)) = source.next_frame() {}
    }
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{:?}",
        start.elapsed()
    );
    still
}

#[test]
fn malformed_files_end_in_time() {
    let Some(folder) = shared("corpus/malformed/jxl") else {
        return;
    };
    for path in files(&folder, "jxl") {
        let outcome = exhaust(&std::fs::read(&path).unwrap());
        println!("{}: {:?}", name(&path), outcome.map(|d| d.frame.size));
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for bytes in damaged_samples() {
        let whole = exhaust(&bytes).unwrap();
        for part in 0..50 {
            match exhaust(&bytes[..bytes.len() * part / 50]) {
                Err(_) => {}
                // Later frames, or boxes behind the picture, were cut.
                Ok(decoded) => assert_eq!(decoded.bgra, whole.bgra, "{part}/50"),
            }
        }
    }
}

/// Flips bits and cuts files until `JXL_FUZZ_SECONDS` are over, a moment by default. Files the decoder's own assertions stop
/// are kept for a closer look.
#[test]
fn damaged_bits_end_in_pixels_or_an_error() {
    let seconds = std::env::var("JXL_FUZZ_SECONDS").map_or(3, |s| s.parse().unwrap());
    let mut seed = std::env::var("JXL_FUZZ_SEED").map_or(1, |s| s.parse().unwrap());
    let mut random = move |below: usize| {
        seed = u64::wrapping_add(
            u64::wrapping_mul(seed, 6364136223846793005),
            1442695040888963407,
        );
        (seed >> 33) as usize % below.max(1)
    };
    let samples: Vec<_> = corpus()
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .filter(|b| b.len() < 12_000)
        .collect();
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut runs, mut whole) = (0, 0);
    while Instant::now() < end && !samples.is_empty() {
        let mut bytes = samples[random(samples.len())].clone();
        for _ in 0..=random(4) {
            // Most of what decides anything is near the start.
            let reach = if random(2) == 0 {
                bytes.len()
            } else {
                bytes.len().min(100)
            };
            bytes[random(reach)] ^= 1 << random(8);
        }
        if random(4) == 0 {
            bytes.truncate(random(bytes.len()));
        }
        runs += 1;
        match exhaust(&bytes) {
            Ok(_) => whole += 1,
            Err(message) => {
                if message.contains("invariant") {
                    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
                        .join(format!("jxl-panic-{runs}.jxl"));
                    std::fs::write(&file, &bytes).unwrap();
                    println!("a guarded panic of the decoder: {}", file.display());
                }
            }
        }
    }
    println!("{runs} damaged files, {whole} of them decode");
}

#[test]
fn cancellation_and_budget_are_respected() {
    let Some(path) = shared("corpus/jxl/conformance-grayscale_public_university.jxl") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let cancelled = JobControl::new(Arc::new(AtomicBool::new(true)), Limits::default());
    assert!(open(&input(&bytes), &cancelled).is_err());

    let flag = Arc::new(AtomicBool::new(false));
    let control = JobControl::new(flag.clone(), Limits::default());
    let decoder = open(&input(&bytes), &control).unwrap();
    let start = Instant::now();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        flag.store(true, Ordering::Relaxed);
    });
    let outcome = decoder.into_rows(&DecodeOptions::default(), &control);
    println!("stopped after {:?}", start.elapsed());
    assert!(outcome.err().unwrap().to_string().contains("Cancellation"));
    canceller.join().unwrap();

    let small = JobControl::new(
        Arc::default(),
        Limits {
            max_bytes: 10 << 20,
            ..Limits::default()
        },
    );
    let error = decode_with(&bytes, &DecodeOptions::default(), &small, 7).unwrap_err();
    assert!(error.contains("budget"), "{error}");
}

#[test]
fn frames_are_chosen_by_number_and_counted_when_there_are_fewer() {
    let Some(path) = shared("corpus/jxl/features-animation_effort_3.jxl") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let (_, all) = frames(&bytes).unwrap();
    let select = |frame| {
        let options = DecodeOptions {
            select_frame: Some(frame),
            ..DecodeOptions::default()
        };
        decode_with(&bytes, &options, &JobControl::default(), 7)
    };
    assert_eq!(select(2).unwrap().bgra, row_bytes(&all[2]));
    assert_ne!(row_bytes(&all[0]), row_bytes(&all[1]));
    assert!(select(4).unwrap_err().contains("only has 4 frames"));
    let limited = DecodeOptions {
        select_frame: Some(2),
        max_total_pixels: Some(2 * select(0).unwrap().header.stored.area()),
        ..DecodeOptions::default()
    };
    let refused = decode_with(&bytes, &limited, &JobControl::default(), 7).unwrap_err();
    assert!(
        refused.contains("total decoded pixels (3 frames"),
        "{refused}"
    );
    assert!(select(-1).is_err());
}
