//! JPEG XL encoding: exactness of lossless files, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imageflow_codecs::EncoderSettings;
use imageflow_codecs::jxl::JxlSettings;
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Limits, Size};
use proptest::prelude::*;
use support::{decode, encode};

const LOSSLESS: JxlSettings = JxlSettings {
    distance: 1.0,
    effort: 5,
    lossless: true,
};

/// What pixels to make.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Noise,
    Gradient,
    Gray,
    Flat,
}

fn pixels(size: Size, alpha: bool, kind: Kind, mut seed: u32) -> Vec<u8> {
    let mut noise = move || {
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        (seed >> 24) as u8
    };
    (0..size.height())
        .flat_map(|y| (0..size.width()).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let a = if alpha { noise() } else { 255 };
            match kind {
                Kind::Noise => [noise(), noise(), noise(), a],
                Kind::Gradient => [x as u8, y as u8, (x + y) as u8, a],
                Kind::Gray => [[noise(); 3], [a; 3]].concat()[..4].try_into().unwrap(),
                Kind::Flat => [10, 200, 30, if alpha { 7 } else { 255 }],
            }
        })
        .collect()
}

fn round_trip(settings: JxlSettings, size: Size, alpha: Alpha, bgra: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let frame = FrameInfo::bgra8(size, alpha);
    let settings = EncoderSettings::Jxl(settings);
    let file = encode(&settings, frame, bgra, &JobControl::default(), 5).unwrap();
    let decoded = decode(&file).unwrap();
    assert_eq!(decoded.frame.size, size);
    (file, decoded.bgra)
}

fn assert_exact(width: u32, height: u32, alpha: bool, kind: Kind, seed: u32) -> Vec<u8> {
    let size = Size::new(width, height).unwrap();
    let bgra = pixels(size, alpha, kind, seed);
    let meaning = if alpha {
        Alpha::Meaningful
    } else {
        Alpha::Opaque
    };
    let (file, decoded) = round_trip(LOSSLESS, size, meaning, &bgra);
    assert!(decoded == bgra, "{width}x{height} {alpha} {kind:?}");
    file
}

const KINDS: [Kind; 4] = [Kind::Noise, Kind::Gradient, Kind::Gray, Kind::Flat];

#[test]
fn lossless_files_are_exact_at_every_kind_of_size() {
    let sizes = [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
        (3, 3),
        (1, 255),
        (256, 1),
        (1, 300),
        (2400, 1),
        (1, 20000),
        (7, 5),
        (255, 257),
        (256, 256),
        (257, 1),
        (513, 300),
        (1, 2049),
        (2049, 3),
    ];
    for (width, height) in sizes {
        for kind in KINDS {
            for alpha in [false, true] {
                assert_exact(width, height, alpha, kind, width * 7 + height);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn lossless_files_are_exact(width in 1u32..530, height in 1u32..300, alpha: bool, kind in 0usize..4, seed: u32) {
        assert_exact(width, height, alpha, KINDS[kind], seed);
    }
}

/// `djxl`, where it is installed, reads the same pixels.
#[test]
fn another_decoder_agrees() {
    for (width, height) in [(1, 1), (1, 700), (700, 1), (5, 3), (300, 270)] {
        for kind in KINDS {
            for alpha in [false, true] {
                let file = assert_exact(width, height, alpha, kind, 3);
                let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
                let stem = format!("agree-{width}-{height}-{alpha}-{kind:?}");
                let (jxl, png) = (
                    folder.join(format!("{stem}.jxl")),
                    folder.join(format!("{stem}.png")),
                );
                std::fs::write(&jxl, &file).unwrap();
                let Ok(output) = Command::new("djxl").args([&jxl, &png]).output() else {
                    println!("skipped: djxl is not installed");
                    return;
                };
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "{stem}: {said}");
                let theirs = decode(&std::fs::read(&png).unwrap()).unwrap();
                assert!(theirs.bgra == decode(&file).unwrap().bgra, "{stem}");
            }
        }
    }
}

#[test]
fn distance_zero_is_lossless_too() {
    let size = Size::new(40, 30).unwrap();
    let bgra = pixels(size, true, Kind::Noise, 1);
    let settings = JxlSettings {
        distance: 0.0,
        effort: 1,
        lossless: false,
    };
    assert!(round_trip(settings, size, Alpha::Meaningful, &bgra).1 == bgra);
}

#[test]
#[cfg(not(feature = "libjxl"))]
fn lossy_is_refused_with_advice() {
    let size = Size::new(4, 4).unwrap();
    let settings = EncoderSettings::Jxl(JxlSettings {
        distance: 1.0,
        effort: 5,
        lossless: false,
    });
    let frame = FrameInfo::bgra8(size, Alpha::Opaque);
    let error = encode(&settings, frame, &[0; 64], &JobControl::default(), 4).unwrap_err();
    assert!(error.contains("jxl.lossless=true"), "{error}");
    assert!(error.contains("libjxl"), "{error}");
}

#[test]
fn budget_and_cancellation_are_respected() {
    let frame = FrameInfo::bgra8(Size::new(500, 500).unwrap(), Alpha::Opaque);
    let bgra = vec![0; 1_000_000];
    let settings = EncoderSettings::Jxl(LOSSLESS);
    let small = JobControl::new(
        Arc::default(),
        Limits {
            max_bytes: 2 << 20,
            ..Limits::default()
        },
    );
    let error = encode(&settings, frame, &bgra, &small, 5).unwrap_err();
    assert!(error.contains("budget"), "{error}");
    let cancelled = JobControl::new(Arc::new(AtomicBool::new(true)), Limits::default());
    assert!(
        encode(&settings, frame, &bgra, &cancelled, 5)
            .unwrap_err()
            .contains("Cancellation")
    );
}

#[cfg(feature = "libjxl")]
mod lossy {
    use super::*;

    fn psnr(a: &[u8], b: &[u8]) -> f64 {
        let squares: f64 = a
            .iter()
            .zip(b)
            .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
            .sum();
        10.0 * (255.0 * 255.0 * a.len() as f64 / squares.max(1e-9)).log10()
    }

    /// Smooth, with an edge: a picture that compresses.
    fn picture(size: Size, alpha: bool) -> Vec<u8> {
        let pixel = |x: u32, y: u32| {
            let wave = |v: u32, f: f32| ((v as f32 * f).sin() * 100.0 + 128.0) as u8;
            let a = if alpha { wave(x + y, 0.02) } else { 255 };
            let edge = if x > y { 40 } else { 0 };
            [
                wave(x, 0.05),
                wave(y, 0.03),
                wave(x + y, 0.04) / 2 + edge,
                a,
            ]
        };
        (0..size.height())
            .flat_map(|y| (0..size.width()).flat_map(move |x| pixel(x, y)))
            .collect()
    }

    #[test]
    fn smaller_distances_are_closer_and_larger() {
        let size = Size::new(301, 203).unwrap();
        for alpha in [false, true] {
            let bgra = picture(size, alpha);
            let meaning = if alpha {
                Alpha::Meaningful
            } else {
                Alpha::Opaque
            };
            let mut last = (f64::INFINITY, usize::MAX);
            for distance in [0.3, 1.0, 4.0] {
                let settings = JxlSettings {
                    distance,
                    effort: 4,
                    lossless: false,
                };
                let (file, decoded) = round_trip(settings, size, meaning, &bgra);
                let found = (psnr(&bgra, &decoded), file.len());
                println!("{alpha} {distance}: {found:?}");
                assert!(found.0 < last.0 && found.1 < last.1);
                last = found;
                assert!(found.0 > if distance > 1.0 { 30.0 } else { 36.0 });
            }
        }
    }

    #[test]
    fn odd_sizes_and_efforts_are_written() {
        for (width, height) in [(1, 1), (1, 9), (257, 3)] {
            for effort in [0, 1, 3, 7, 255] {
                let size = Size::new(width, height).unwrap();
                let settings = JxlSettings {
                    distance: 1.0,
                    effort,
                    lossless: false,
                };
                round_trip(settings, size, Alpha::Meaningful, &picture(size, true));
            }
        }
        let size = Size::new(8, 8).unwrap();
        let settings = EncoderSettings::Jxl(JxlSettings {
            distance: f32::NAN,
            effort: 3,
            lossless: false,
        });
        let frame = FrameInfo::bgra8(size, Alpha::Opaque);
        assert!(encode(&settings, frame, &[0; 256], &JobControl::default(), 8).is_err());
    }

    #[test]
    fn encoding_stops_when_asked() {
        let size = Size::new(3000, 2000).unwrap();
        let bgra = picture(size, false);
        let control = JobControl::new(
            Arc::default(),
            Limits {
                deadline: Some(std::time::Instant::now() + std::time::Duration::from_millis(400)),
                ..Limits::default()
            },
        );
        let settings = EncoderSettings::Jxl(JxlSettings {
            distance: 1.0,
            effort: 7,
            lossless: false,
        });
        let frame = FrameInfo::bgra8(size, Alpha::Opaque);
        let start = std::time::Instant::now();
        let error = encode(&settings, frame, &bgra, &control, 64).unwrap_err();
        println!("stopped after {:?}", start.elapsed());
        assert!(error.contains("deadline"), "{error}");
    }

    /// jpegli's JPEG and libjxl's files come out of one process: each has its own highway.
    #[test]
    fn jpegli_and_libjxl_live_in_one_binary() {
        use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
        let size = Size::new(200, 100).unwrap();
        let bgra = picture(size, false);
        let frame = FrameInfo::bgra8(size, Alpha::Opaque);
        let jpeg = EncoderSettings::Jpeg(JpegSettings {
            style: JpegStyle::Best,
            quality: 90,
            progressive: true,
            optimize_huffman: true,
        });
        let settings = JxlSettings {
            distance: 1.0,
            effort: 5,
            lossless: false,
        };
        for _ in 0..2 {
            let file = encode(&jpeg, frame, &bgra, &JobControl::default(), 8).unwrap();
            assert!(psnr(&bgra, &decode(&file).unwrap().bgra) > 30.0);
            round_trip(settings, size, Alpha::Opaque, &bgra);
        }
    }
}
