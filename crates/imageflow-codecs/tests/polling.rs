//! How often encoders look whether the job goes on.
//!
//! `cargo test --release -p imageflow-codecs --test polling -- --ignored --nocapture` prints how long they go without, for
//! pictures of `POLLING_MEGAPIXELS` (12).
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use imageflow_codecs::EncoderSettings;
use imageflow_codecs::avif::AvifSettings;
use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::jxl::JxlSettings;
use imageflow_codecs::png::PngSettings;
use imageflow_codecs::webp::WebpSettings;
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Size};
use support::encode;

/// What is written, from what, and how often the job is polled per 16 rows, at least.
struct Case {
    name: &'static str,
    settings: EncoderSettings,
    alpha: Alpha,
    per_16_rows: f64,
}

fn jpeg(style: JpegStyle, progressive: bool) -> EncoderSettings {
    EncoderSettings::Jpeg(JpegSettings {
        style,
        quality: 90,
        progressive,
        optimize_huffman: true,
    })
}

fn palette(quality: u8) -> EncoderSettings {
    EncoderSettings::Png(PngSettings::Palette {
        quality,
        min_quality: 0,
        speed: 4,
        max_deflate: false,
    })
}

fn cases() -> Vec<Case> {
    let case = |name, settings, alpha, per_16_rows| Case {
        name,
        settings,
        alpha,
        per_16_rows,
    };
    let (opaque, alpha) = (Alpha::Opaque, Alpha::Meaningful);
    let gif = EncoderSettings::Gif(GifSettings { dithering: true });
    let lossless = PngSettings::Lossless { max_deflate: false };
    let mut cases = vec![
        // Kept, counted until there are too many colours, gathered, drawn.
        case("gif", gif, opaque, 48.0),
        case("gif with alpha", gif, alpha, 48.0),
        case("png", EncoderSettings::Png(lossless), opaque, 1.5),
        // Filtered six times, compressed seven times: each is looked at when it starts.
        case(
            "png max_deflate",
            EncoderSettings::Png(PngSettings::Lossless { max_deflate: true }),
            opaque,
            3.0,
        ),
        // Counted, moved in four rounds, written.
        case("pngquant", palette(100), opaque, 2.0),
        case("pngquant quality 60", palette(60), opaque, 2.0),
        case("pngquant with alpha", palette(100), alpha, 1.5),
        case(
            "libjpegturbo",
            jpeg(JpegStyle::Classic, false),
            opaque,
            16.0,
        ),
    ];
    if cfg!(all(feature = "jpegli", target_os = "linux")) {
        // Eight scans, each of whose passes over the coefficients is polled.
        cases.push(case("mozjpeg", jpeg(JpegStyle::Best, true), opaque, 24.0));
    }
    if cfg!(feature = "avif") {
        let settings = EncoderSettings::Avif(AvifSettings {
            quality: 50.0,
            speed: 9,
            lossless: false,
        });
        cases.push(case("avif", settings, opaque, 0.1));
    }
    let exact = EncoderSettings::Jxl(JxlSettings {
        distance: 0.0,
        effort: 1,
        lossless: true,
    });
    cases.push(case("jxl lossless", exact, opaque, 0.1));
    if cfg!(feature = "libwebp") {
        for (name, lossless) in [("webp", false), ("webp lossless", true)] {
            let settings = EncoderSettings::WebP(WebpSettings {
                quality: 80.0,
                lossless,
            });
            cases.push(case(name, settings, opaque, 0.5));
        }
    }
    cases
}

/// Soft shapes, texture, some noise; the right edge is transparent.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut seed = 7u32;
    let mut pixels = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        for x in 0..width {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 28) as f32;
            let (u, v) = (x as f32 / 97.0, y as f32 / 61.0);
            let wave = |a: f32, b: f32| 110.0 + 100.0 * (u * a + v * b).sin() * (v * a - u).cos();
            let transparent = x > width - width / 8;
            pixels.extend([
                (wave(1.0, 0.3) + noise) as u8,
                (wave(0.4, 1.1) + noise) as u8,
                (wave(0.7, 0.7) + noise) as u8,
                if transparent { (x + y) as u8 } else { 255 },
            ]);
        }
    }
    pixels
}

struct Log {
    polls: u32,
    last: Instant,
    longest: Duration,
}

/// Encodes a picture; how often it polled, and the longest it went without.
fn watch(case: &Case, width: u32, height: u32, bgra: &[u8]) -> (u32, Duration) {
    let log = Arc::new(Mutex::new(Log {
        polls: 0,
        last: Instant::now(),
        longest: Duration::ZERO,
    }));
    let looked = log.clone();
    let control = JobControl::watched(move || {
        let mut log = looked.lock().unwrap();
        log.polls += 1;
        log.longest = log.longest.max(log.last.elapsed());
        log.last = Instant::now();
    });
    let frame = FrameInfo::bgra8(Size::new(width, height).unwrap(), case.alpha);
    encode(&case.settings, frame, bgra, &control, 16).unwrap();
    let log = log.lock().unwrap();
    (log.polls, log.longest.max(log.last.elapsed()))
}

#[test]
fn encoders_poll_in_proportion_to_their_work() {
    let (width, height) = (400, 480);
    let bgra = picture(width, height);
    for case in cases() {
        let (polls, _) = watch(&case, width, height, &bgra);
        let due = case.per_16_rows * f64::from(height / 16);
        assert!(
            f64::from(polls) >= due,
            "{}: {polls} polls, {due} due",
            case.name
        );
    }
}

#[test]
#[ignore = "measures"]
fn measure() {
    let megapixels = std::env::var("POLLING_MEGAPIXELS").map_or(12, |v| v.parse().unwrap());
    let side = f64::from(megapixels * 1_000_000u32);
    let (width, height) = (
        (side * 4.0 / 3.0).sqrt() as u32,
        (side * 0.75).sqrt() as u32,
    );
    let bgra = picture(width, height);
    for case in cases() {
        let start = Instant::now();
        let (polls, longest) = watch(&case, width, height, &bgra);
        println!(
            "{megapixels} MP {:22} {:6} ms, {polls:6} polls, {:4} ms without",
            case.name,
            start.elapsed().as_millis(),
            longest.as_millis()
        );
    }
}
