//! Every error of a damaged file is a sentence for people, not what Rust prints for programmers.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::sync::Arc;

use imageflow_codecs::avif::AvifSettings;
use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::jxl::JxlSettings;
use imageflow_codecs::png::PngSettings;
use imageflow_codecs::webp::WebpSettings;
use imageflow_codecs::{DecodeOptions, EncoderSettings, ImageFormat, open};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Limits, Size};
use support::{damaged, decode_with, encode, input, shared};

/// What only programmers read.
const NOTATION: [&str; 14] = [
    "ChunkType",
    "Some(",
    "None",
    "Ok(",
    "Err(",
    "Os {",
    "kind:",
    "ParseIntError",
    "Utf8Error",
    " { ",
    "Error(",
    "\\\"",
    "::",
    "panicked",
];
/// Mutations of one file.
const MUTATIONS: u32 = 150;

/// The first bytes of an unknown file are listed as imageflow 2.x does.
fn is_plain(message: &str) -> bool {
    let is_list = |text: &str| {
        let inside = text
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'));
        inside.is_some_and(|(list, _)| list.matches(", ").count() > 2)
    };
    let is_known = message.starts_with("No ENABLED decoder found");
    !NOTATION.iter().any(|word| message.contains(word)) && (is_known || !is_list(message))
}

fn jpeg(progressive: bool) -> EncoderSettings {
    EncoderSettings::Jpeg(JpegSettings {
        style: JpegStyle::Classic,
        quality: 80,
        progressive,
        optimize_huffman: true,
    })
}

/// A small file of every format that is written here, and of those that can be written by hand.
fn samples() -> Vec<(String, Vec<u8>)> {
    let size = Size::new(19, 13).unwrap();
    let pixels: Vec<u8> = (0..19 * 13)
        .flat_map(|i| {
            [
                (i * 7 % 256) as u8,
                (i % 19 * 13) as u8,
                (i / 19 * 19) as u8,
                255,
            ]
        })
        .collect();
    let frame = FrameInfo::bgra8(size, Alpha::Opaque);
    let settings = [
        jpeg(false),
        jpeg(true),
        EncoderSettings::Png(PngSettings::Lossless { max_deflate: false }),
        EncoderSettings::Gif(GifSettings::default()),
        EncoderSettings::WebP(WebpSettings {
            quality: 80.0,
            lossless: true,
        }),
        EncoderSettings::WebP(WebpSettings {
            quality: 80.0,
            lossless: false,
        }),
        EncoderSettings::Avif(AvifSettings {
            quality: 60.0,
            speed: 10,
            lossless: false,
        }),
        EncoderSettings::Jxl(JxlSettings {
            distance: 0.0,
            effort: 1,
            lossless: true,
        }),
    ];
    let mut all: Vec<(String, Vec<u8>)> = settings
        .iter()
        .filter(|s| s.format().can_encode() && s.format().can_decode())
        .filter_map(|s| {
            Some((
                s.to_string(),
                encode(s, frame, &pixels, &JobControl::default(), 8).ok()?,
            ))
        })
        .collect();
    all.push((
        "SVG".to_owned(),
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><path d='M0 0L9 9'/></svg>"
            .to_vec(),
    ));
    all.push(("TIFF".to_owned(), tiff()));
    all.push(("BMP".to_owned(), bmp()));
    all
}

fn tiff() -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0\x08\0".to_vec();
    for (tag, value) in [
        (256u16, 4u32),
        (257, 4),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 110),
        (278, 4),
        (279, 16),
    ] {
        out.extend(tag.to_le_bytes());
        out.extend(3u16.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.resize(110 + 16, 0);
    out
}

fn bmp() -> Vec<u8> {
    let mut out = b"BM".to_vec();
    out.extend(
        [118u32, 0, 54, 40, 4, 4]
            .iter()
            .flat_map(|v| v.to_le_bytes()),
    );
    out.extend([1, 0, 24, 0]);
    out.resize(54 + 4 * 12, 0);
    out
}

fn complaints(name: &str, file: &[u8], found: &mut Vec<String>) {
    // What damage claims to be large is refused by size, as jobs do.
    let limits = Limits {
        max_bytes: 64 << 20,
        ..Limits::default()
    };
    let control = JobControl::new(Arc::default(), limits);
    if let Ok(decoder) = open(&input(file), &control)
        && decoder.header().stored.area() > 1 << 20
    {
        return;
    }
    if let Err(message) = decode_with(file, &DecodeOptions::default(), &control, 8)
        && !is_plain(&message)
    {
        found.push(format!("{name}: {message}"));
    }
}

#[test]
fn errors_of_damaged_files_are_sentences() {
    let mut found = Vec::new();
    let all = samples();
    assert!(all.len() >= 5, "{}", all.len());
    for (name, file) in &all {
        for length in (0..file.len()).step_by(7) {
            complaints(name, &file[..length], &mut found);
        }
        for file in damaged(file, MUTATIONS) {
            complaints(name, &file, &mut found);
        }
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn errors_of_the_damaged_corpus_are_sentences() {
    let Some(folder) = shared("corpus/malformed") else {
        return;
    };
    let mut found = Vec::new();
    let mut folders = vec![folder];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                paths.push(path);
            }
        }
    }
    assert!(paths.len() > 500);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        // Unoptimised decoders take long for large files; their errors are those of small ones.
        let is_readable = ImageFormat::sniff(&bytes).is_none_or(ImageFormat::can_decode);
        if bytes.len() < 16 << 10 && is_readable {
            complaints(&path.display().to_string(), &bytes, &mut found);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
