//! Jobs give back all they allocate, in every format, read and written.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod process;
mod support;

use imageflow_codecs::avif::AvifSettings;
use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::jxl::JxlSettings;
use imageflow_codecs::png::PngSettings;
use imageflow_codecs::webp::WebpSettings;
use imageflow_codecs::{DecodeOptions, EncoderSettings, FrameSinkInfo};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Size};
use support::{decode, decode_frames, encode, encode_frames};

const SIDE: u32 = 32;

fn settings() -> Vec<EncoderSettings> {
    let jpeg = |style, progressive| {
        EncoderSettings::Jpeg(JpegSettings {
            style,
            quality: 80,
            progressive,
            optimize_huffman: true,
        })
    };
    let webp = |lossless| {
        EncoderSettings::WebP(WebpSettings {
            quality: 70.0,
            lossless,
        })
    };
    let mut all = vec![
        jpeg(JpegStyle::Classic, false),
        jpeg(JpegStyle::Best, true),
        EncoderSettings::Png(PngSettings::Lossless { max_deflate: false }),
        EncoderSettings::Png(PngSettings::Palette {
            quality: 80,
            min_quality: 0,
            speed: 4,
            max_deflate: false,
        }),
        EncoderSettings::Gif(GifSettings { dithering: true }),
        webp(true),
        EncoderSettings::Jxl(JxlSettings {
            distance: 0.0,
            effort: 1,
            lossless: true,
        }),
    ];
    if imageflow_codecs::webp::CAN_ENCODE_LOSSY {
        all.push(webp(false));
    }
    if cfg!(feature = "avif") {
        all.push(EncoderSettings::Avif(AvifSettings {
            quality: 60.0,
            speed: 10,
            lossless: false,
        }));
    }
    all
}

fn picture() -> Vec<u8> {
    let pixel = |i: u32| [(i * 7) as u8, (i / 32 * 8) as u8, (i ^ i >> 5) as u8, 255];
    (0..SIDE * SIDE).flat_map(pixel).collect()
}

/// Bytes that 200 repetitions leave behind, every time: what allocators and threads keep for later comes once.
fn left_by(mut work: impl FnMut()) -> i64 {
    (0..30).for_each(|_| work());
    let mut round = || {
        let before = process::heap_bytes();
        (0..200).for_each(|_| work());
        process::heap_bytes() - before
    };
    let mut left = round();
    for _ in 0..4 {
        if left < ALLOWED {
            break;
        }
        left = left.min(round());
    }
    left
}

/// A twentieth of a kilobyte a job: a block of 48 bytes is found.
const ALLOWED: i64 = 200 * 40;

/// One test, because the heap is that of the whole process.
#[test]
fn two_hundred_jobs_leave_less_than_a_kilobyte_each() {
    let frame = FrameInfo::bgra8(Size::new(SIDE, SIDE).unwrap(), Alpha::Opaque);
    let (bgra, control) = (picture(), JobControl::default());
    for settings in settings() {
        let file = encode(&settings, frame, &bgra, &control, 16).unwrap();
        let reading = left_by(|| drop(decode(&file).unwrap()));
        // What no picture can be made of must not stay either.
        let cut = left_by(|| drop(decode(&file[..file.len() * 2 / 3])));
        let writing = left_by(|| drop(encode(&settings, frame, &bgra, &control, 16)));
        for (what, left) in [
            ("reading", reading),
            ("a cut file", cut),
            ("writing", writing),
        ] {
            assert!(left < ALLOWED, "{settings}, {what}: {left} bytes");
        }
    }
    let info = FrameSinkInfo {
        frame,
        plays: 0,
        animated: true,
    };
    let frames: Vec<(Vec<u8>, u32)> = (0..3).map(|n| (vec![n * 80 + 15; 4096], 50)).collect();
    for settings in settings().into_iter().filter(EncoderSettings::animates) {
        let file = encode_frames(&settings, info, &frames).unwrap();
        let left = left_by(|| {
            encode_frames(&settings, info, &frames).unwrap();
            let (_, shown, _) = decode_frames(&file, &DecodeOptions::default(), &control).unwrap();
            assert_eq!(shown.len(), 3);
        });
        assert!(left < ALLOWED, "{settings}, frames: {left} bytes");
    }
    assert_eq!(control.used_bytes(), 0);
}
