//! Samples of every kind, damaged in thousands of ways and cut off everywhere, through what the fuzz targets do with them.
//!
//! Equal on every run and machine. What libFuzzer found by looking at the code is in `regressions.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use imageflow_tests::mutate::{Random, Shape, mutate, noise};
use imageflow_tests::{samples, shared, targets};

/// Mutations of each target: `IMAGEFLOW_MUTATIONS`, or what takes all of them some ten seconds.
fn mutations_wanted() -> u64 {
    let asked = std::env::var("IMAGEFLOW_MUTATIONS").ok();
    asked.map_or(2500, |text| {
        text.parse().expect("IMAGEFLOW_MUTATIONS is a number")
    })
}

/// Bytes of a mutated file.
const LENGTH: usize = 16 << 10;
/// The longest that one of these small files may take; measured are milliseconds, on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a target starts from.
fn seeds(target: &targets::Target) -> Vec<Vec<u8>> {
    let files = target.samples.iter().flat_map(|name| samples::of(name));
    let texts = targets::texts(target.name)
        .iter()
        .map(|text| text.as_bytes());
    let mut seeds: Vec<Vec<u8>> = files.chain(texts).map(<[u8]>::to_vec).collect();
    if seeds.is_empty() {
        seeds.push((0..=255).collect());
    }
    seeds
}

/// Runs one input; a panic names it and leaves it in a file.
fn try_one(target: &targets::Target, what: &str, bytes: &[u8]) -> targets::Interest {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes)));
    let problem = match outcome {
        Ok(interest) if start.elapsed() < PATIENCE => return interest,
        Ok(_) => format!("took {:?}", start.elapsed()),
        Err(_) => "panicked".to_owned(),
    };
    let folder = shared::test_output();
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{}-{what}", target.name));
    std::fs::write(&path, bytes).unwrap();
    panic!("{} {what} {problem}: {}", target.name, path.display());
}

fn mutations(name: &str) {
    let target = targets::named(name);
    let seeds = seeds(target);
    let (wanted, mut interesting) = (mutations_wanted(), 0);
    for seed in 0..wanted {
        let mut random = Random::new(seed);
        let mut file = random.pick(&seeds).clone();
        for _ in 0..random.within(1, 3) {
            let shape = target.shape.unwrap_or_else(|| Shape::of(&file));
            file = mutate(shape, &file, LENGTH, &mut random, &mut noise::bytes);
        }
        let interest = try_one(target, &format!("mutation-{seed}"), &file);
        interesting += u64::from(interest == targets::Interest::Some);
    }
    // Mutators that break everything test nothing.
    assert!(
        interesting * 2 > wanted,
        "{interesting} of {wanted} reached {name}"
    );
}

macro_rules! mutation_tests {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                mutations(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_mutated() {
            let here = [$(stringify!($name)),*];
            let all: Vec<_> = targets::ALL.iter().map(|target| target.name).collect();
            assert_eq!(all, here);
        }
    };
}

mutation_tests! {
    decode_jpeg decode_png decode_gif decode_webp decode_avif decode_jxl decode_tiff decode_bmp decode_svg
    boxes transcode job querystring icc exif abi
}

#[test]
fn every_target_is_a_fuzz_program() {
    let folder = shared::checkout().join("fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in targets::ALL {
        let name = target.name;
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
        let path = folder.join(format!("fuzz_targets/{name}.rs"));
        let program = std::fs::read_to_string(path).unwrap();
        assert!(
            program.contains(&format!("target!(\"{name}\")")),
            "{program}"
        );
    }
}

#[test]
fn samples_that_end_anywhere_are_pictures_or_errors() {
    for (name, file) in samples::all() {
        for target in targets::ALL {
            let is_decoder = target.name.starts_with("decode") || target.name == "transcode";
            if !is_decoder || !target.samples.iter().any(|start| name.starts_with(start)) {
                continue;
            }
            for length in (0..file.len()).step_by(37).chain([file.len() - 1]) {
                try_one(target, &format!("{name}-{length}"), &file[..length]);
            }
        }
    }
}

#[test]
fn whole_samples_are_pictures() {
    for (name, file) in samples::all() {
        let is_picture = !["exif", "icc", "svg"]
            .iter()
            .any(|start| name.starts_with(start));
        if is_picture {
            let png = targets::convert(file, "format=png");
            assert!(png.is_ok(), "{name}: {png:?}");
        }
    }
}
