//! GIF encoding: what is written decodes to what was given.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::{DecodeOptions, EncoderSettings, FrameSinkInfo};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Size};
use proptest::prelude::*;
use support::{Frames, decode, decode_frames, encode, encode_frames, files, shared};

const SETTINGS: EncoderSettings = EncoderSettings::Gif(GifSettings { dithering: true });

fn frame(width: u32, height: u32, alpha: Alpha) -> FrameInfo {
    FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha)
}

fn still(width: u32, height: u32, alpha: Alpha, bgra: &[u8]) -> Vec<u8> {
    encode(
        &SETTINGS,
        frame(width, height, alpha),
        bgra,
        &JobControl::default(),
        3,
    )
    .unwrap()
}

fn animation(width: u32, height: u32, plays: u32, frames: &Frames) -> Vec<u8> {
    let info = FrameSinkInfo {
        frame: frame(width, height, Alpha::Meaningful),
        plays,
        animated: true,
    };
    encode_frames(&SETTINGS, info, frames).unwrap()
}

fn decoded(file: &[u8]) -> (u32, Frames) {
    let (animation, frames, error) =
        decode_frames(file, &DecodeOptions::default(), &JobControl::default()).unwrap();
    assert_eq!(error, None);
    (animation.plays, frames)
}

/// Pixels as a GIF can show them: opaque or nothing.
fn shown(bgra: &[u8]) -> Vec<u8> {
    let pixels = bgra.as_chunks::<4>().0.iter();
    pixels
        .flat_map(|[b, g, r, a]| if *a < 128 { [0; 4] } else { [*b, *g, *r, 255] })
        .collect()
}

fn gradient(width: usize, height: usize, shift: usize) -> Vec<u8> {
    (0..width * height)
        .flat_map(|i| {
            let (x, y) = (
                (i % width + shift) * 255 / (width + 40),
                i / width * 255 / height,
            );
            [x as u8, y as u8, (255 - x / 2 - y / 2) as u8, 255]
        })
        .collect()
}

fn error(a: &[u8], b: &[u8]) -> f64 {
    let sum: f64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
        .sum();
    sum / a.len() as f64
}

#[test]
fn few_colours_come_back_exactly() {
    for (colors, alpha) in [
        (1, Alpha::Opaque),
        (2, Alpha::Meaningful),
        (5, Alpha::Opaque),
        (255, Alpha::Meaningful),
        (256, Alpha::Opaque),
        (256, Alpha::Meaningful),
    ] {
        let bgra: Vec<u8> = (0..40 * 30)
            .flat_map(|i: u32| {
                let c = i * 7 % colors;
                [c as u8, (c * 3) as u8, (c / 2) as u8, 255]
            })
            .collect();
        assert_eq!(decode(&still(40, 30, alpha, &bgra)).unwrap().bgra, bgra);
    }
}

#[test]
fn alpha_below_half_is_transparent_and_the_rest_opaque() {
    let bgra: Vec<u8> = [[1, 2, 3, 0], [1, 2, 3, 127], [1, 2, 3, 128], [4, 5, 6, 255]].concat();
    let file = still(4, 1, Alpha::Meaningful, &bgra);
    assert_eq!(decode(&file).unwrap().bgra, shown(&bgra));
    // The fourth byte of opaque frames means nothing.
    let file = still(4, 1, Alpha::Opaque, &bgra);
    assert!(decode(&file).unwrap().bgra.chunks(4).all(|p| p[3] == 255));
}

#[test]
fn soft_shadows_keep_their_size_in_stills_and_animations() {
    // Alpha falls from the middle outwards: half of it is reached at a distance of 10.
    let shadow = |shift: i32| -> Vec<u8> {
        let pixel = |i: i32| {
            let away = f64::from((i % 41 - 20 - shift).pow(2) + (i / 41 - 20).pow(2)).sqrt();
            [0, 0, 0, (255.0 - away * 12.75).clamp(0.0, 255.0) as u8]
        };
        (0..41 * 41).flat_map(pixel).collect()
    };
    let opaque = |bgra: &[u8]| bgra.chunks(4).filter(|p| p[3] == 255).count();
    // π·10² = 314 pixels.
    let found = opaque(
        &decode(&still(41, 41, Alpha::Meaningful, &shadow(0)))
            .unwrap()
            .bgra,
    );
    assert!((280..350).contains(&found), "{found} pixels");
    let frames: Frames = [0, 4, -3].map(|shift| (shadow(shift), 100)).to_vec();
    let (_, shown) = decoded(&animation(41, 41, 0, &frames));
    for (frame, _) in shown {
        assert_eq!(opaque(&frame), found);
    }
}

#[test]
fn many_colours_are_approximated_around_holes() {
    let mut bgra = gradient(100, 80, 0);
    bgra[3..400].iter_mut().step_by(4).for_each(|a| *a = 0);
    let found = decode(&still(100, 80, Alpha::Meaningful, &bgra))
        .unwrap()
        .bgra;
    assert!(found[..400].iter().all(|v| *v == 0));
    assert!(found[400..].chunks(4).all(|p| p[3] == 255));
    let mse = error(&found[400..], &bgra[400..]);
    assert!(mse < 40.0, "{mse}");
}

#[test]
fn dithering_can_be_left_out() {
    let bgra = gradient(100, 80, 0);
    let flat = EncoderSettings::Gif(GifSettings { dithering: false });
    let info = frame(100, 80, Alpha::Opaque);
    let plain = encode(&flat, info, &bgra, &JobControl::default(), 9).unwrap();
    assert!(plain.len() < still(100, 80, Alpha::Opaque, &bgra).len());
    let mse = error(&decode(&plain).unwrap().bgra, &bgra);
    assert!(mse < 40.0, "{mse}");
}

#[test]
fn loops_and_delays_survive() {
    let frames: Frames = (0..3)
        .map(|i| (vec![i as u8 * 50, 9, 9, 255], [0, 70, 655_350][i]))
        .collect();
    for plays in [0, 1, 2, 3, 65536] {
        let (found, delays) = decoded(&animation(1, 1, plays, &frames));
        assert_eq!(found, plays);
        assert_eq!(delays, frames);
    }
    let odd: Frames = vec![(vec![0, 0, 0, 255], 34), (vec![1, 0, 0, 255], 35)];
    let (_, found) = decoded(&animation(1, 1, 0, &odd));
    assert_eq!(found.iter().map(|f| f.1).collect::<Vec<_>>(), [30, 40]);
    let file = animation(1, 1, 0, &frames[..1].to_vec());
    assert!(
        !file.windows(8).any(|w| w == b"NETSCAPE"),
        "one frame does not loop"
    );
}

#[test]
fn frames_that_change_nothing_stay_frames() {
    let frames: Frames = vec![
        (gradient(9, 9, 0), 10),
        (gradient(9, 9, 0), 20),
        (vec![0; 9 * 9 * 4], 30),
        (vec![0; 9 * 9 * 4], 40),
    ];
    let (_, found) = decoded(&animation(9, 9, 0, &frames));
    assert_eq!(found, frames);
}

#[test]
fn only_what_changes_is_written() {
    let mut frames: Frames = vec![(gradient(200, 100, 0), 10); 5];
    for (i, (bgra, _)) in frames.iter_mut().enumerate() {
        let at = (200 * 50 + 20 * i) * 4;
        bgra[at..at + 20].fill(255);
    }
    let first = animation(200, 100, 0, &frames[..1].to_vec()).len();
    let all = animation(200, 100, 0, &frames).len();
    assert!(all < first + 4 * 120, "{first} and {all}");
}

#[test]
fn pixels_that_do_not_change_do_not_flicker() {
    // A box moves over a gradient of many colours, and over nothing.
    for background in [255, 0] {
        let frames: Frames = (0..6)
            .map(|i| {
                let mut bgra = gradient(120, 90, 0);
                bgra[3..]
                    .iter_mut()
                    .step_by(4)
                    .for_each(|a| *a = background);
                for y in 20..60 {
                    let at = (y * 120 + 10 + i * 6) * 4;
                    let source = gradient(120, 90, 30);
                    bgra[at..at + 160].copy_from_slice(&source[y * 480..][..160]);
                }
                (bgra, 40)
            })
            .collect();
        let (_, found) = decoded(&animation(120, 90, 0, &frames));
        assert_eq!(found.len(), frames.len());
        for (now, (before, (found, earlier))) in frames[1..]
            .iter()
            .zip(frames.iter().zip(found[1..].iter().zip(&found)))
        {
            let mse = error(&found.0, &shown(&now.0));
            assert!(mse < 40.0, "{mse}");
            let same = |i: usize, a: &[u8], b: &[u8]| a[i * 4..i * 4 + 4] == b[i * 4..i * 4 + 4];
            let flickering = (0..120 * 90)
                .filter(|i| same(*i, &now.0, &before.0) && !same(*i, &found.0, &earlier.0))
                .count();
            assert!(flickering * 200 < 120 * 90, "{flickering} pixels");
        }
    }
}

#[test]
fn a_full_palette_is_exact_next_to_unchanged_pixels() {
    // 256 colours change while others stay: there is no index left for leaving pixels out.
    let colors = |shift: u32| -> Vec<u8> {
        (0..20 * 20)
            .flat_map(|i: u32| {
                let c = if i % 50 == 49 { 0 } else { (i + shift) % 256 };
                [c as u8, (c / 3) as u8, 7, 255]
            })
            .collect()
    };
    let frames: Frames = vec![(colors(0), 10), (colors(1), 10), (colors(100), 10)];
    assert_eq!(decoded(&animation(20, 20, 0, &frames)).1, frames);
}

#[test]
fn what_cannot_be_written_is_said() {
    let info = FrameSinkInfo {
        frame: frame(1, 1, Alpha::Opaque),
        plays: 1,
        animated: false,
    };
    let frames: Frames = vec![(vec![0; 4], 0); 2];
    assert!(
        encode_frames(&SETTINGS, info, &frames)
            .unwrap_err()
            .contains("second frame")
    );
    assert!(encode_frames(&SETTINGS, info, &[]).is_err());
    let wide = FrameSinkInfo {
        frame: frame(65536, 1, Alpha::Opaque),
        ..info
    };
    assert!(
        encode_frames(&SETTINGS, wide, &[])
            .unwrap_err()
            .contains("65536x1")
    );
}

#[test]
fn corpus_animations_come_back_exactly() {
    let Some(folder) = shared("corpus/gif") else {
        return;
    };
    for path in files(&folder, "gif") {
        let bytes = std::fs::read(&path).unwrap();
        let (animation, frames, error) =
            decode_frames(&bytes, &DecodeOptions::default(), &JobControl::default()).unwrap();
        let pixels = animation.size.area() * frames.len() as u64;
        if error.is_some() || pixels > 10_000_000 {
            continue;
        }
        let info = FrameSinkInfo {
            frame: FrameInfo::bgra8(animation.size, animation.alpha),
            plays: animation.plays,
            animated: true,
        };
        let file = encode_frames(&SETTINGS, info, &frames).unwrap();
        let (plays, again) = decoded(&file);
        assert!(again == frames, "{}", path.display());
        assert!(
            plays == animation.plays || frames.len() == 1,
            "{}",
            path.display()
        );
    }
}

/// Small animations of few colours and of many.
fn animations() -> impl Strategy<Value = (u32, u32, Frames)> {
    (
        1u32..9,
        1u32..7,
        1usize..6,
        prop::sample::select(vec![2u32, 4, 250, 100_000]),
    )
        .prop_flat_map(|(width, height, count, colors)| {
            let pixel = (0..colors, prop::bool::weighted(0.7)).prop_map(|(c, opaque)| {
                let [b, g, r, _] = (c * 97).to_le_bytes();
                [b, g, r, if opaque { 255 } else { 0 }]
            });
            let area = (width * height) as usize;
            let frame = (prop::collection::vec(pixel, area), 0u32..50)
                .prop_map(|(pixels, delay)| (shown(pixels.as_flattened()), delay * 10));
            (
                Just(width),
                Just(height),
                prop::collection::vec(frame, count),
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_small_animation_comes_back_exactly((width, height, mut frames) in animations(), keep in any::<u64>()) {
        // Let some pixels stay as they were.
        for i in 1..frames.len() {
            let before = frames[i - 1].0.clone();
            for (at, pixel) in frames[i].0.chunks_mut(4).enumerate() {
                if keep >> ((at + i * 7) % 64) & 1 == 1 {
                    pixel.copy_from_slice(&before[at * 4..at * 4 + 4]);
                }
            }
        }
        let (_, found) = decoded(&animation(width, height, 0, &frames));
        prop_assert_eq!(found, frames);
    }
}

proptest! {
    // Each case chooses several palettes.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn approximated_frames_have_the_right_holes(seed in any::<u32>(), count in 2usize..4) {
        let mut state = seed;
        let mut random = || { state = state.wrapping_mul(1664525).wrapping_add(1013904223); state >> 8 };
        let frames: Frames = (0..count).map(|_| {
            let bgra: Vec<u8> = (0..30 * 20).flat_map(|_| {
                let [b, g, r, a] = random().to_le_bytes();
                let _ = a;
                [b, g, r, if random() % 3 == 0 { 0 } else { 255 }]
            }).collect();
            (shown(&bgra), 50)
        }).collect();
        let (_, found) = decoded(&animation(30, 20, 1, &frames));
        prop_assert_eq!(found.len(), frames.len());
        for (found, frame) in found.iter().zip(&frames) {
            let holes = |bgra: &[u8]| bgra.chunks(4).map(|p| p[3]).collect::<Vec<_>>();
            prop_assert_eq!(holes(&found.0), holes(&frame.0));
        }
    }
}
