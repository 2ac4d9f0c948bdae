//! WebP encoding: exactness without loss, closeness with, animations, limits, stopping.
#![cfg(any(feature = "libwebp", feature = "portable"))]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;
mod webp;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use imageflow_codecs::{EncoderSettings, FrameSinkInfo, encoder, frame_encoder};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Limits, RowBuf};
use support::{decode, encode};
use webp::*;

fn written(settings: &EncoderSettings, frame: FrameInfo, pixels: &[u8], strip: u32) -> Vec<u8> {
    encode(settings, frame, pixels, &JobControl::default(), strip).unwrap()
}

/// What a file may be expected to keep: no colour where nothing shows, alpha only where it is meaningful.
fn visible(pixels: &[u8], alpha: Alpha) -> Vec<u8> {
    let (pixels, _) = pixels.as_chunks::<4>();
    pixels
        .iter()
        .flat_map(|[b, g, r, a]| match (alpha, a) {
            (Alpha::Opaque, _) => [*b, *g, *r, 255],
            (Alpha::Meaningful, 0) => [0; 4],
            (Alpha::Meaningful, a) => [*b, *g, *r, *a],
        })
        .collect()
}

#[test]
fn lossless_files_keep_every_visible_pixel() {
    for (width, height) in [(1, 1), (7, 5), (64, 33), (300, 2)] {
        let mut pixels = noise((width * height * 4) as usize, width);
        for pixel in pixels.chunks_exact_mut(4).step_by(3) {
            pixel[3] = 0;
        }
        for alpha in [Alpha::Opaque, Alpha::Meaningful] {
            let frame = info(width, height, alpha);
            let file = written(&LOSSLESS, frame, &pixels, 5);
            let decoded = decode(&file).unwrap();
            assert_eq!(decoded.header.alpha, alpha);
            assert!(decoded.header.lossless);
            assert_eq!(visible(&decoded.bgra, alpha), visible(&pixels, alpha));
        }
    }
}

#[test]
fn alpha_that_is_all_opaque_is_not_written() {
    let pixels = smooth(40, 30, |_, _| 255);
    let mut all = vec![LOSSLESS];
    if cfg!(feature = "libwebp") {
        all.push(lossy(80.0));
    }
    for settings in all {
        let file = written(&settings, info(40, 30, Alpha::Meaningful), &pixels, 7);
        assert_eq!(decode(&file).unwrap().header.alpha, Alpha::Opaque);
        assert_eq!(names(&file).len(), 1);
    }
}

#[test]
fn a_frame_too_large_for_the_format_is_refused() {
    let frame = info(16_384, 1, Alpha::Opaque);
    let control = JobControl::default();
    let error = encoder(&LOSSLESS, frame, Box::new(std::io::sink()), &control)
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "frame 16384x1 exceeds the 16383 pixels per side of WebP; make it smaller, or write another format"
    );
    let frame = info(16_383, 1, Alpha::Opaque);
    let pixels = noise(16_383 * 4, 3);
    let file = written(&LOSSLESS, frame, &pixels, 1);
    assert_eq!(
        visible(&decode(&file).unwrap().bgra, Alpha::Opaque),
        visible(&pixels, Alpha::Opaque)
    );
}

#[test]
#[cfg(not(feature = "libwebp"))]
fn lossy_files_are_refused_clearly() {
    let control = JobControl::default();
    let frame = info(4, 4, Alpha::Opaque);
    let sink = FrameSinkInfo {
        frame,
        plays: 0,
        animated: true,
    };
    let still = encoder(&lossy(80.0), frame, Box::new(std::io::sink()), &control).err();
    let moving = frame_encoder(&lossy(80.0), sink, Box::new(std::io::sink()), &control).err();
    for error in [still, moving] {
        assert_eq!(
            error.unwrap().to_string(),
            "WebP lossy encoding is not part of this build"
        );
    }
}

/// A moving square on a gradient; the second frame equals the first.
fn scene(alpha: Alpha) -> (FrameInfo, Vec<(u32, Vec<u8>)>) {
    let (width, height) = (60u32, 44u32);
    let frames = [3u32, 3, 11, 30, 44].iter().zip([40, 0, 70, 1, 100]);
    let frames = frames
        .map(|(left, ms)| {
            let mut pixels = smooth(width, height, |x, _| match alpha {
                Alpha::Opaque => 255,
                Alpha::Meaningful => (x * 4) as u8,
            });
            for y in 9..25 {
                for x in *left..*left + 15 {
                    let at = ((y * width + x) * 4) as usize;
                    pixels[at..at + 4].copy_from_slice(&[30, 60, 200, 255]);
                }
            }
            (ms, pixels)
        })
        .collect();
    (info(width, height, alpha), frames)
}

fn sink_of(frame: FrameInfo, plays: u32) -> FrameSinkInfo {
    FrameSinkInfo {
        frame,
        plays,
        animated: true,
    }
}

#[test]
fn lossless_animations_keep_frames_times_and_plays() {
    for alpha in [Alpha::Opaque, Alpha::Meaningful] {
        for plays in [0, 1, 7] {
            let (frame, frames) = scene(alpha);
            let file = animate(&LOSSLESS, sink_of(frame, plays), &frames).unwrap();
            let (animation, played) = play(&file, true).unwrap();
            assert_eq!((animation.plays, animation.size), (plays, frame.size));
            assert_eq!(played.len(), frames.len());
            for ((ms, pixels), (was_ms, was)) in played.iter().zip(&frames) {
                assert_eq!(ms, was_ms);
                assert_eq!(visible(pixels, alpha), visible(was, alpha));
            }
        }
    }
}

#[test]
fn only_what_changed_is_written() {
    let (frame, frames) = scene(Alpha::Opaque);
    let file = animate(&LOSSLESS, sink_of(frame, 0), &frames).unwrap();
    let stored = chunks_of(&file, b"ANMF");
    let place = |index: usize| {
        let u24 = |at: usize| u32::from_le_bytes([stored[index][at], stored[index][at + 1], 0, 0]);
        (u24(0) * 2, u24(3) * 2, u24(6) + 1, u24(9) + 1)
    };
    assert_eq!(place(0), (0, 0, 60, 44));
    assert_eq!(place(1), (0, 0, 1, 1));
    assert_eq!(place(2), (0, 8, 32, 24));
    assert_eq!(place(3), (8, 8, 40, 24));
    assert!(stored[2].len() < stored[0].len());
}

#[test]
fn what_becomes_transparent_is_replaced() {
    let frame = info(30, 20, Alpha::Meaningful);
    let mut pixels = smooth(30, 20, |x, _| if x < 20 { 255 } else { 90 });
    let mut frames = vec![(10, pixels.clone())];
    for x in [2, 25] {
        pixels[(9 * 30 + x) * 4..][..4].copy_from_slice(&[0; 4]);
        frames.push((10, pixels.clone()));
    }
    pixels[(9 * 30 + 2) * 4..][..4].copy_from_slice(&[1, 2, 3, 255]);
    frames.push((10, pixels));
    let file = animate(&LOSSLESS, sink_of(frame, 0), &frames).unwrap();
    let flags: Vec<u8> = chunks_of(&file, b"ANMF").iter().map(|f| f[15]).collect();
    assert_eq!(flags, [2, 2, 2, 0]);
    for (played, was) in play(&file, false).unwrap().1.iter().zip(&frames) {
        let [played, was] = [played, was].map(|frame| visible(&frame.1, Alpha::Meaningful));
        let differ = |(a, b): (&u8, &u8)| a != b;
        assert_eq!(played.iter().zip(&was).position(differ), None);
    }
}

#[test]
fn a_single_frame_is_a_still_file() {
    let (frame, frames) = scene(Alpha::Opaque);
    let sink = FrameSinkInfo {
        animated: false,
        ..sink_of(frame, 0)
    };
    let file = animate(&LOSSLESS, sink, &frames[..1]).unwrap();
    assert_eq!(names(&file), ["VP8L"]);
    assert_eq!(decode(&file).unwrap().bgra, frames[0].1);
    let error = animate(&LOSSLESS, sink, &frames[..2]).unwrap_err();
    assert!(error.contains("second frame"), "{error}");
    let error = animate(&LOSSLESS, sink_of(frame, 0), &[]).unwrap_err();
    assert!(error.contains("needs a frame"), "{error}");
}

#[test]
fn an_announced_animation_of_one_frame_plays() {
    let (frame, frames) = scene(Alpha::Opaque);
    let file = animate(&LOSSLESS, sink_of(frame, 2), &frames[..1]).unwrap();
    assert_eq!(names(&file), ["VP8X", "ANIM", "ANMF"]);
    let (animation, played) = play(&file, false).unwrap();
    assert_eq!((animation.plays, &played[..]), (2, &frames[..1]));
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("disk full"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn write_errors_come_back() {
    let (frame, frames) = scene(Alpha::Opaque);
    let control = JobControl::default();
    let mut canvas = RowBuf::whole(frame, &control).unwrap();
    for (y, row) in (0..).zip(frames[0].1.chunks_exact(frame.row_bytes())) {
        canvas.all_mut().row_mut(y).copy_from_slice(row);
    }
    for animated in [true, false] {
        let sink = FrameSinkInfo {
            animated,
            ..sink_of(frame, 0)
        };
        let mut encoder = frame_encoder(&LOSSLESS, sink, Box::new(Full), &control).unwrap();
        encoder.write_frame(&canvas.all(), 5).unwrap();
        let error = encoder.finish().unwrap_err();
        assert_eq!(error.to_string(), "cannot write the output: disk full");
    }
}

#[test]
fn the_budget_holds() {
    let limits = Limits {
        max_bytes: 1000,
        ..Limits::default()
    };
    let control = JobControl::new(Arc::default(), limits);
    let frame = info(100, 100, Alpha::Opaque);
    assert!(encoder(&LOSSLESS, frame, Box::new(std::io::sink()), &control).is_err());
}

#[test]
fn cancellation_stops_encoding() {
    let (frame, frames) = scene(Alpha::Opaque);
    let cancel = Arc::new(AtomicBool::new(false));
    let control = JobControl::new(cancel.clone(), Limits::default());
    let mut sink = encoder(&LOSSLESS, frame, Box::new(std::io::sink()), &control).unwrap();
    let mut canvas = RowBuf::whole(frame, &control).unwrap();
    for (y, row) in (0..).zip(frames[0].1.chunks_exact(frame.row_bytes())) {
        canvas.all_mut().row_mut(y).copy_from_slice(row);
    }
    sink.write_rows(&canvas.all()).unwrap();
    cancel.store(true, Ordering::Relaxed);
    let error = sink.finish().unwrap_err();
    assert_eq!(error.to_string(), "Cancellation was requested");
}

#[cfg(feature = "libwebp")]
mod with_libwebp {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn lossy_files_stay_close() {
        let frame = info(201, 133, Alpha::Opaque);
        let pixels = smooth(201, 133, |_, _| 255);
        let mut sizes = Vec::new();
        for (quality, least) in [(30.0, 33.0), (80.0, 38.0), (100.0, 42.0)] {
            let file = written(&lossy(quality), frame, &pixels, 7);
            assert_eq!(names(&file), ["VP8 "]);
            let decoded = decode(&file).unwrap();
            assert_eq!(decoded.header.alpha, Alpha::Opaque);
            assert!(!decoded.header.lossless);
            let got = psnr(&decoded.bgra, &pixels);
            assert!(got >= least, "{got} dB at quality {quality}");
            sizes.push(file.len());
        }
        assert!(sizes.is_sorted(), "{sizes:?}");
    }

    #[test]
    fn quality_is_clamped() {
        let frame = info(31, 20, Alpha::Opaque);
        let pixels = smooth(31, 20, |_, _| 255);
        let at = |quality| written(&lossy(quality), frame, &pixels, 20);
        assert_eq!(at(-5.0), at(0.0));
        assert_eq!(at(1e9), at(100.0));
        assert_eq!(at(f32::NAN), at(0.0));
    }

    #[test]
    fn lossy_files_keep_alpha_exactly() {
        let frame = info(75, 61, Alpha::Meaningful);
        let pixels = smooth(75, 61, |x, y| if y < 30 { 255 } else { (x * 3) as u8 });
        let file = written(&lossy(80.0), frame, &pixels, 61);
        assert_eq!(names(&file), ["VP8X", "ALPH", "VP8 "]);
        let decoded = decode(&file).unwrap();
        let alpha = |pixels: &[u8]| {
            pixels
                .iter()
                .skip(3)
                .step_by(4)
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(alpha(&decoded.bgra), alpha(&pixels));
    }

    #[test]
    fn strips_of_any_height_give_the_same_file() {
        for alpha in [Alpha::Opaque, Alpha::Meaningful] {
            let frame = info(37, 51, alpha);
            let pixels = smooth(37, 51, |x, y| if y < 40 { 255 } else { (x * 6) as u8 });
            let whole = written(&lossy(75.0), frame, &pixels, 51);
            for strip in [1, 2, 7, 16] {
                assert!(written(&lossy(75.0), frame, &pixels, strip) == whole);
            }
        }
    }

    #[test]
    fn lossy_animations_stay_close() {
        for alpha in [Alpha::Opaque, Alpha::Meaningful] {
            let (frame, frames) = scene(alpha);
            let file = animate(&lossy(90.0), sink_of(frame, 0), &frames).unwrap();
            let (_, played) = play(&file, false).unwrap();
            assert_eq!(played.len(), frames.len());
            for ((ms, pixels), (was_ms, was)) in played.iter().zip(&frames) {
                assert_eq!(ms, was_ms);
                let off = mean_difference(pixels, was);
                assert!(off < 6.0, "{off}");
            }
        }
    }

    #[test]
    fn small_differences_do_not_add_up() {
        let frame = info(40, 40, Alpha::Opaque);
        let fade = |level: u8| (10, [level, level, level, 255].repeat(1600));
        let frames: Vec<(u32, Vec<u8>)> = (60..120).map(fade).collect();
        let file = animate(&lossy(80.0), sink_of(frame, 0), &frames).unwrap();
        let (_, played) = play(&file, false).unwrap();
        for ((_, pixels), (_, was)) in played.iter().zip(&frames) {
            let off = mean_difference(pixels, was);
            assert!(off < 4.0, "{off}");
        }
        let written = chunks_of(&file, b"ANMF")
            .iter()
            .filter(|f| f[6] > 0)
            .count();
        assert_eq!(written, 20);
    }

    #[test]
    fn blocks_that_stay_are_left_out() {
        let frame = info(64, 48, Alpha::Opaque);
        let mut pixels = smooth(64, 48, |_, _| 255);
        let mut frames = vec![(10, pixels.clone())];
        for at in [0, 64 * 48 - 1] {
            pixels[at * 4..][..4].copy_from_slice(&[200, 200, 0, 255]);
        }
        frames.push((10, pixels));
        let file = animate(&lossy(80.0), sink_of(frame, 0), &frames).unwrap();
        let stored = chunks_of(&file, b"ANMF");
        assert_eq!((stored[0][15], stored[1][15]), (2, 0));
        assert!(stored[1].len() < stored[0].len());
        let (_, played) = play(&file, false).unwrap();
        assert!(
            played
                .iter()
                .all(|(_, p)| p.iter().skip(3).step_by(4).all(|a| *a == 255))
        );
    }

    #[test]
    fn a_deadline_interrupts_the_library() {
        let frame = info(1200, 1200, Alpha::Meaningful);
        let pixels = noise(1200 * 1200 * 4, 9);
        for settings in [LOSSLESS, lossy(90.0)] {
            let start = Instant::now();
            let limits = Limits {
                deadline: Some(start + Duration::from_millis(120)),
                ..Limits::default()
            };
            let control = JobControl::new(Arc::default(), limits);
            let error = encode(&settings, frame, &pixels, &control, 100).unwrap_err();
            assert_eq!(error, "the job's deadline passed");
        }
    }
}
