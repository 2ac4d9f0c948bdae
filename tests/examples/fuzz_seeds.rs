//! `fuzz_seeds FOLDER`: fills `FOLDER/TARGET/` with what the fuzz targets start from.
//!
//! Samples made by code and the regressions; and, when the folder of shared vectors is there, every file of the corpus that
//! is small enough and is of the target's kind, with the profiles and EXIF blocks in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use imageflow_codecs::{Bytes, ImageFormat, Input, detect, metadata};
use imageflow_tests::{samples, shared, targets};

/// Larger files make slow mutations.
const LARGEST: u64 = 48 << 10;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: fuzz_seeds FOLDER");
        return ExitCode::from(64);
    };
    match fill(&folder) {
        Ok(count) => {
            println!("{count} seeds in {}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("fuzz_seeds: {}: {error}", folder.display());
            ExitCode::from(74)
        }
    }
}

fn fill(folder: &Path) -> io::Result<usize> {
    let mut count = 0;
    let mut put = |target: &str, bytes: &[u8]| -> io::Result<()> {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        count += 1;
        let name = format!("{:08x}-{}", crc32fast::hash(bytes), bytes.len());
        fs::write(folder.join(name), bytes)
    };
    for target in targets::ALL {
        let made = target.samples.iter().flat_map(|name| samples::of(name));
        for bytes in made.chain(
            targets::texts(target.name)
                .iter()
                .map(|text| text.as_bytes()),
        ) {
            put(target.name, bytes)?;
        }
    }
    // Any program of calls will do.
    put("abi", &(0..=255).collect::<Vec<u8>>())?;
    let mut files = Vec::new();
    for folder in [
        Some(shared::checkout().join("tests/regressions")),
        shared::find("corpus"),
    ] {
        list(&folder.unwrap_or_default(), &mut files);
    }
    for path in files {
        let bytes = fs::read(path)?;
        let input = Input::Memory(Bytes::Shared(Arc::from(bytes.as_slice())));
        let Ok(format) = detect(&input) else { continue };
        for name in targets_of(format) {
            put(name, &bytes)?;
        }
        let Ok(blocks) = metadata::stored(&input, format) else {
            continue;
        };
        for (name, block) in [("icc", blocks.icc), ("exif", blocks.exif)] {
            if let Some(block) = block {
                put(name, &block)?;
            }
        }
    }
    Ok(count)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(found) if found.is_dir() => list(&path, files),
            Ok(found) if found.len() <= LARGEST => files.push(path),
            _ => {}
        }
    }
}

fn targets_of(format: ImageFormat) -> &'static [&'static str] {
    match format {
        ImageFormat::Jpeg => &["decode_jpeg", "transcode"],
        ImageFormat::Png => &["decode_png", "transcode"],
        ImageFormat::Gif => &["decode_gif", "transcode"],
        ImageFormat::WebP => &["decode_webp", "transcode"],
        ImageFormat::Avif => &["decode_avif", "boxes", "transcode"],
        ImageFormat::Jxl => &["decode_jxl", "transcode"],
        ImageFormat::Bmp => &["decode_bmp", "transcode"],
        ImageFormat::Tiff => &["decode_tiff", "transcode", "exif"],
        ImageFormat::Svg => &["decode_svg"],
        _ => &[],
    }
}
