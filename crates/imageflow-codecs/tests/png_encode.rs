//! PNG encoding: what goes in comes out, in few bytes and little memory.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::sync::Arc;

use imageflow_codecs::EncoderSettings;
use imageflow_codecs::png::PngSettings;
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Limits, Size};
use proptest::prelude::*;
use support::{Decoded, decode, encode, shared};

const LOSSLESS: PngSettings = PngSettings::Lossless { max_deflate: false };
const TRUECOLOR: PngSettings = PngSettings::Truecolor {
    keep_alpha: true,
    zlib_level: 6,
};
const PALETTE: PngSettings = PngSettings::Palette {
    quality: 100,
    min_quality: 0,
    speed: 4,
    max_deflate: false,
};

fn frame(width: u32, height: u32, alpha: Alpha) -> FrameInfo {
    FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha)
}

fn write(settings: PngSettings, frame: FrameInfo, bgra: &[u8]) -> Vec<u8> {
    encode(
        &EncoderSettings::Png(settings),
        frame,
        bgra,
        &JobControl::default(),
        5,
    )
    .unwrap()
}

/// Colour type and bit depth in the header.
fn kind(file: &[u8]) -> (u8, u8) {
    (file[25], file[24])
}

fn has(file: &[u8], chunk: &[u8; 4]) -> bool {
    file.windows(4).any(|w| w == chunk)
}

/// A picture of many colours: two ramps, with a circle of lower alpha when asked.
fn picture(width: u32, height: u32, transparent: bool) -> Vec<u8> {
    let at = |x: u32, y: u32| {
        let (dx, dy) = (x.abs_diff(width / 2), y.abs_diff(height / 2));
        let inside = dx * dx + dy * dy < width * height / 16;
        let alpha = if transparent && inside {
            (64 + (x * 191 / width)) as u8
        } else {
            255
        };
        [
            (x * 255 / width) as u8,
            (y * 255 / height) as u8,
            ((x + y) * 255 / (width + height)) as u8,
            alpha,
        ]
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| at(x, y)))
        .collect()
}

fn mean_difference(a: &Decoded, bgra: &[u8]) -> f64 {
    let premultiplied = |p: &[u8]| [0, 1, 2].map(|i| f64::from(p[i]) * f64::from(p[3]) / 255.0);
    let sum: f64 = a
        .bgra
        .chunks_exact(4)
        .zip(bgra.chunks_exact(4))
        .map(|(x, y)| {
            premultiplied(x)
                .iter()
                .zip(premultiplied(y))
                .map(|(v, w)| (v - w).abs())
                .sum::<f64>()
        })
        .sum();
    sum / (bgra.len() as f64 * 0.75)
}

/// Pixels as the reader of the file sees them: opaque frames have alpha 255.
fn seen(bgra: &[u8], alpha: Alpha) -> Vec<u8> {
    bgra.chunks_exact(4)
        .flat_map(|p| {
            [
                p[0],
                p[1],
                p[2],
                if alpha.is_meaningful() { p[3] } else { 255 },
            ]
        })
        .collect()
}

fn any_picture() -> impl Strategy<Value = (u32, u32, Vec<u8>)> {
    // From few values to many, so that every colour type and depth comes up.
    let values = prop_oneof![
        Just(vec![0u8, 255]),
        Just(vec![0, 85, 255]),
        Just(vec![17, 34, 255]),
        Just((0..=255).collect::<Vec<u8>>()),
    ];
    (1u32..24, 1u32..24, values, 0u8..4).prop_flat_map(|(w, h, values, shape)| {
        let pick = proptest::sample::select(values);
        let pixel =
            (pick.clone(), pick.clone(), pick.clone(), pick).prop_map(move |(b, g, r, a)| {
                match shape {
                    0 => [g, g, g, 255],
                    1 => [g, g, g, a],
                    2 => [b, g, r, 255],
                    _ => [b, g, r, a],
                }
            });
        proptest::collection::vec(pixel, (w * h) as usize)
            .prop_map(move |pixels| (w, h, pixels.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn lossless_is(picture in any_picture(), max_deflate: bool, opaque: bool) {
        let (w, h, bgra) = picture;
        let alpha = if opaque { Alpha::Opaque } else { Alpha::Meaningful };
        let file = write(PngSettings::Lossless { max_deflate }, frame(w, h, alpha), &bgra);
        prop_assert_eq!(decode(&file).unwrap().bgra, seen(&bgra, alpha));
    }

    #[test]
    fn truecolor_is(picture in any_picture(), zlib_level in 0u8..=9) {
        let (w, h, bgra) = picture;
        let file = write(PngSettings::Truecolor { keep_alpha: true, zlib_level }, frame(w, h, Alpha::Meaningful), &bgra);
        prop_assert_eq!(decode(&file).unwrap().bgra, bgra);
        prop_assert_eq!(kind(&file), (6, 8));
    }

    #[test]
    fn palettes_of_few_colours_are_exact(picture in any_picture()) {
        let (w, h, bgra) = picture;
        let file = write(PALETTE, frame(w, h, Alpha::Meaningful), &bgra);
        let distinct: std::collections::HashSet<&[u8]> = bgra.chunks_exact(4).collect();
        if distinct.len() <= 256 {
            prop_assert_eq!(decode(&file).unwrap().bgra, bgra);
        }
    }
}

#[test]
fn colour_types_are_reduced_as_far_as_they_go() {
    let check = |bgra: Vec<[u8; 4]>, expected: (u8, u8)| {
        let side = (bgra.len() as f64).sqrt() as u32;
        assert_eq!(
            kind(&write(
                LOSSLESS,
                frame(side, side, Alpha::Meaningful),
                bgra.as_flattened()
            )),
            expected
        );
    };
    let pixels = |f: &dyn Fn(u32) -> [u8; 4]| (0..100 * 100).map(f).collect::<Vec<_>>();
    check(
        pixels(&|i| if i % 3 == 0 { [0, 0, 0, 255] } else { [255; 4] }),
        (0, 1),
    );
    check(
        pixels(&|i| {
            [
                (i % 4 * 85) as u8,
                (i % 4 * 85) as u8,
                (i % 4 * 85) as u8,
                255,
            ]
        }),
        (0, 2),
    );
    check(pixels(&|i| [i as u8, i as u8, i as u8, 255]), (0, 8));
    check(
        pixels(&|i| [i as u8, i as u8, i as u8, (i / 256) as u8]),
        (4, 8),
    );
    check(pixels(&|i| [(i % 16) as u8, 5, 6, 255]), (3, 4));
    check(pixels(&|i| [i as u8, (i >> 8) as u8, 6, 255]), (2, 8));
    check(pixels(&|i| [i as u8, (i >> 8) as u8, 6, i as u8]), (6, 8));
}

#[test]
fn png_24_drops_alpha_and_says_srgb() {
    let bgra = picture(40, 30, true);
    let file = write(
        PngSettings::Truecolor {
            keep_alpha: false,
            zlib_level: 6,
        },
        frame(40, 30, Alpha::Meaningful),
        &bgra,
    );
    assert_eq!(kind(&file), (2, 8));
    assert_eq!(decode(&file).unwrap().bgra, seen(&bgra, Alpha::Opaque));
    assert!(has(&file, b"sRGB") && has(&file, b"gAMA") && has(&file, b"cHRM"));
    assert!(!has(
        &write(LOSSLESS, frame(40, 30, Alpha::Meaningful), &bgra),
        b"sRGB"
    ));
}

#[test]
fn any_strip_height_gives_the_same_bytes() {
    let bgra = picture(60, 41, true);
    let info = frame(60, 41, Alpha::Meaningful);
    for settings in [LOSSLESS, TRUECOLOR, PALETTE] {
        let of = |strip| {
            encode(
                &EncoderSettings::Png(settings),
                info,
                &bgra,
                &JobControl::default(),
                strip,
            )
            .unwrap()
        };
        assert!(of(1) == of(41) && of(7) == of(41), "{settings:?}");
    }
}

#[test]
fn palettes_stay_close_and_small() {
    for transparent in [false, true] {
        let bgra = picture(300, 200, transparent);
        let info = frame(300, 200, Alpha::Meaningful);
        let file = write(PALETTE, info, &bgra);
        assert_eq!(kind(&file), (3, 8));
        assert_eq!(has(&file, b"tRNS"), transparent);
        let decoded = decode(&file).unwrap();
        let difference = mean_difference(&decoded, &bgra);
        assert!(difference < 5.0, "{difference}");
        let quarter = PngSettings::Palette {
            quality: 50,
            min_quality: 0,
            speed: 4,
            max_deflate: false,
        };
        assert!(
            write(quarter, info, &bgra).len() < file.len(),
            "a lower quality takes fewer bytes"
        );
    }
}

#[test]
fn an_unreachable_minimum_quality_gives_truecolour() {
    let strict = PngSettings::Palette {
        quality: 100,
        min_quality: 100,
        speed: 4,
        max_deflate: false,
    };
    for (transparent, color) in [(false, 2), (true, 6)] {
        let bgra = picture(200, 150, transparent);
        let file = write(strict, frame(200, 150, Alpha::Meaningful), &bgra);
        assert_eq!(kind(&file), (color, 8));
        assert_eq!(decode(&file).unwrap().bgra, bgra);
    }
    let mild = PngSettings::Palette {
        quality: 100,
        min_quality: 20,
        speed: 4,
        max_deflate: false,
    };
    assert_eq!(
        kind(&write(
            mild,
            frame(200, 150, Alpha::Opaque),
            &picture(200, 150, false)
        ))
        .0,
        3
    );
}

#[test]
fn maximum_deflate_is_never_larger() {
    for transparent in [false, true] {
        let bgra = picture(160, 120, transparent);
        let info = frame(160, 120, Alpha::Meaningful);
        let usual = write(LOSSLESS, info, &bgra).len();
        let most = write(PngSettings::Lossless { max_deflate: true }, info, &bgra).len();
        assert!(most <= usual, "{most} {usual}");
    }
}

#[test]
fn truecolour_streams_and_working_bytes_bound_the_rest() {
    let bgra = picture(900, 700, true);
    let info = frame(900, 700, Alpha::Meaningful);
    for settings in [
        TRUECOLOR,
        LOSSLESS,
        PngSettings::Lossless { max_deflate: true },
        PALETTE,
    ] {
        let control = JobControl::new(Arc::default(), Limits::default());
        encode(&EncoderSettings::Png(settings), info, &bgra, &control, 16).unwrap();
        assert!(
            control.peak_bytes() <= settings.working_bytes(&info),
            "{settings:?}: {} of {}",
            control.peak_bytes(),
            settings.working_bytes(&info)
        );
        if settings == TRUECOLOR {
            assert!(control.peak_bytes() < 2 << 20);
        }
    }
}

#[test]
fn a_large_frame_is_compressed_as_a_stream() {
    let (w, h) = (2200, 2000);
    let bgra: Vec<u8> = (0..w * h)
        .flat_map(|i: u32| [i as u8, (i >> 8) as u8, (i >> 11) as u8, 255])
        .collect();
    let file = write(LOSSLESS, frame(w, h, Alpha::Opaque), &bgra);
    assert_eq!(kind(&file), (2, 8));
    assert!(decode(&file).unwrap().bgra == bgra);
}

#[test]
fn refused_memory_is_an_error() {
    let control = JobControl::new(
        Arc::default(),
        Limits {
            max_bytes: 10_000,
            ..Limits::default()
        },
    );
    let error = encode(
        &EncoderSettings::Png(LOSSLESS),
        frame(300, 200, Alpha::Opaque),
        &picture(300, 200, false),
        &control,
        4,
    )
    .unwrap_err();
    assert!(error.contains("budget"), "{error}");
}

#[test]
fn screenshots_become_smaller_palettes_conformance() {
    let Some(path) = shared("corpus/graphics/device-screen-rgba.png") else {
        return;
    };
    let original = decode(&std::fs::read(path).unwrap()).unwrap();
    let lossless = write(LOSSLESS, original.frame, &original.bgra);
    assert!(decode(&lossless).unwrap().bgra == original.bgra);
    let palette = write(PALETTE, original.frame, &original.bgra);
    let difference = mean_difference(&decode(&palette).unwrap(), &original.bgra);
    assert!(
        palette.len() * 2 < lossless.len() && difference < 5.0,
        "{} {} {difference}",
        palette.len(),
        lossless.len()
    );
}
