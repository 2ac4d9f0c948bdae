//! PNG decoding: conformance, damage, bounds.
//!
//! `png/results.tsv` holds a hash of the pixels of every PngSuite file; `UPDATE_GOLDEN=1` rewrites it and
//! `python3 png/verify.py results.tsv <pngsuite>` checks it against a decoder that shares no code with this one.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use imageflow_codecs::{DecodeOptions, Input};
use imageflow_pixels::{Alpha, JobControl, Limits};
use proptest::prelude::*;
use support::{decode, decode_input, decode_with, files, fnv, shared};

/// Encodes raw samples with the `png` crate's encoder.
fn png(
    width: u32,
    height: u32,
    color: png::ColorType,
    depth: png::BitDepth,
    data: &[u8],
    set: impl FnOnce(&mut png::Info<'_>),
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut info = png::Info::with_size(width, height);
    (info.color_type, info.bit_depth) = (color, depth);
    set(&mut info);
    let mut writer = png::Encoder::with_info(&mut out, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    out
}

fn noise(count: usize, mut seed: u32) -> Vec<u8> {
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            (seed >> 24) as u8
        })
        .collect()
}

/// Inserts a chunk before the first chunk of `before`.
fn insert(file: &[u8], before: &[u8; 4], kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let at = file.windows(4).position(|w| w == before).unwrap() - 4;
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(data);
    let mut out = file[..at].to_vec();
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(kind);
    out.extend(data);
    out.extend(sum.finalize().to_be_bytes());
    out.extend(&file[at..]);
    out
}

const RGB: png::ColorType = png::ColorType::Rgb;
const EIGHT: png::BitDepth = png::BitDepth::Eight;

#[test]
fn pngsuite_conformance() {
    let Some(folder) = shared("corpus/pngsuite") else {
        return;
    };
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/png/results.tsv");
    let options = DecodeOptions {
        discard_color_profile: true,
        ..DecodeOptions::default()
    };
    let mut found = String::from("file\tsize\talpha\tfnv1a64 of BGRA\n");
    for path in files(&folder, "png") {
        let decoded = decode_with(
            &std::fs::read(&path).unwrap(),
            &options,
            &JobControl::default(),
            5,
        )
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let alpha = if decoded.frame.alpha.is_meaningful() {
            "meaningful"
        } else {
            "opaque"
        };
        writeln!(
            found,
            "{}\t{}\t{alpha}\t{:016x}",
            path.file_name().unwrap().display(),
            decoded.frame.size,
            fnv(&decoded.bgra)
        )
        .unwrap();
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&golden).unwrap(), found);
}

#[test]
fn malformed_files_end_soon_and_quietly_conformance() {
    let Some(folder) = shared("corpus/malformed") else {
        return;
    };
    let mut paths = files(&folder.join("png"), "png");
    paths.extend(files(&folder, "png"));
    assert!(paths.len() > 100);
    let mut rejected = 0;
    for path in paths {
        let control = JobControl::new(
            Arc::default(),
            Limits {
                max_bytes: 600 << 20,
                ..Limits::default()
            },
        );
        let start = Instant::now();
        let bytes = std::fs::read(&path).unwrap();
        // The engine refuses frames above its limit before it asks for rows; so does this.
        let sensible = imageflow_codecs::open(&support::input(&bytes), &control)
            .is_ok_and(|decoder| decoder.header().stored.area() <= 100_000_000);
        let outcome = if sensible {
            decode_with(&bytes, &DecodeOptions::default(), &control, 16)
        } else {
            Err("refused".into())
        };
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{} took {:?}",
            path.display(),
            start.elapsed()
        );
        rejected += u32::from(outcome.is_err());
        println!(
            "{}\t{}",
            path.file_name().unwrap().display(),
            outcome.map_or_else(|error| error, |_| "decoded".into())
        );
    }
    assert!(rejected > 50, "{rejected}");
}

#[test]
fn file_and_memory_and_any_strip_height_give_the_same_conformance() {
    let Some(folder) = shared("corpus/graphics") else {
        return;
    };
    for name in [
        "hippo-interlaced.png",
        "rgba-small.png",
        "p3-tiny.png",
        "swiss.png",
    ] {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).unwrap();
        let whole = decode_with(
            &bytes,
            &DecodeOptions::default(),
            &JobControl::default(),
            1000,
        )
        .unwrap();
        for strip in [1, 3, 64] {
            let from_file = decode_input(
                &Input::open_file(&path).unwrap(),
                &DecodeOptions::default(),
                &JobControl::default(),
                strip,
            )
            .unwrap();
            assert!(from_file == whole, "{name} in strips of {strip}");
        }
    }
}

#[test]
fn exif_orientation_is_found_before_and_after_the_pixels() {
    let tiff = [
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
        &[6, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let plain = png(3, 2, RGB, EIGHT, &noise(18, 1), |_| {});
    for before in [b"IDAT", b"IEND"] {
        let header = decode(&insert(&plain, before, b"eXIf", &tiff))
            .unwrap()
            .header;
        assert_eq!(header.orientation, 6);
        assert_eq!(
            (header.oriented().width(), header.oriented().height()),
            (2, 3)
        );
    }
    assert_eq!(decode(&plain).unwrap().header.orientation, 1);
}

#[test]
fn transparency_chunks_count_for_gray_and_rgb() {
    let file = png(3, 1, RGB, EIGHT, &[1, 2, 3, 4, 5, 6, 1, 2, 3], |info| {
        info.trns = Some(vec![0, 1, 0, 2, 0, 3].into())
    });
    let decoded = decode(&file).unwrap();
    assert_eq!(decoded.frame.alpha, Alpha::Meaningful);
    assert_eq!(decoded.bgra, [3, 2, 1, 0, 6, 5, 4, 255, 3, 2, 1, 0]);
    let file = png(
        2,
        1,
        png::ColorType::Grayscale,
        png::BitDepth::Four,
        &[0x3C],
        |info| info.trns = Some(vec![0, 12].into()),
    );
    assert_eq!(
        decode(&file).unwrap().bgra,
        [51, 51, 51, 255, 204, 204, 204, 0]
    );
    let opaque = decode(&png(1, 1, RGB, EIGHT, &[1, 2, 3], |_| {})).unwrap();
    assert_eq!(
        (opaque.frame.alpha, opaque.header.lossless),
        (Alpha::Opaque, true)
    );
    let palette = decode(&png(1, 1, png::ColorType::Indexed, EIGHT, &[0], |info| {
        info.palette = Some(vec![1, 2, 3].into())
    }))
    .unwrap();
    assert_eq!(
        (palette.frame.alpha, palette.header.lossless),
        (Alpha::Meaningful, false)
    );
}

#[test]
fn a_header_that_claims_too_much_costs_nothing() {
    let mut file = png(9999, 1, RGB, EIGHT, &noise(9999 * 3, 3), |_| {});
    file.truncate(57);
    file[20..24].copy_from_slice(&9999u32.to_be_bytes());
    let sum = crc32fast::hash(&file[12..29]);
    file[29..33].copy_from_slice(&sum.to_be_bytes());
    let control = JobControl::new(
        Arc::default(),
        Limits {
            max_bytes: 4 << 20,
            ..Limits::default()
        },
    );
    let error = decode_with(&file, &DecodeOptions::default(), &control, 16).unwrap_err();
    assert!(error.contains("9999x9999"), "{error}");
    assert!(control.peak_bytes() < 1 << 20);
}

#[test]
fn interlaced_frames_are_taken_from_the_budget() {
    let Some(path) = shared("corpus/graphics/hippo-interlaced.png") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let control = JobControl::new(
        Arc::default(),
        Limits {
            max_bytes: 512 << 10,
            ..Limits::default()
        },
    );
    assert!(
        decode_with(&bytes, &DecodeOptions::default(), &control, 4)
            .unwrap_err()
            .contains("budget")
    );
}

#[test]
fn damaged_check_sums_matter_for_pixels_only() {
    let file = insert(
        &png(20, 20, RGB, EIGHT, &noise(1200, 9), |_| {}),
        b"IDAT",
        b"gAMA",
        &[0, 0, 0xB1, 0x8F],
    );
    let at = |kind: &[u8; 4]| file.windows(4).position(|w| w == kind).unwrap();
    let mut ancillary = file.clone();
    ancillary[at(b"gAMA") + 8] ^= 1;
    assert!(decode(&ancillary).is_ok());
    let mut pixels = file.clone();
    let last = at(b"IEND") - 5;
    pixels[last] ^= 1;
    assert!(decode(&pixels).unwrap_err().contains("CRC"));
}

#[test]
fn colour_chunks_convert_in_their_order_of_precedence() {
    let gray = png(1, 1, RGB, EIGHT, &[128; 3], |_| {});
    let value = |file: &[u8]| decode(file).unwrap().bgra[0];
    let linear = 100_000u32.to_be_bytes();
    let srgb_primaries: Vec<u8> = [31270u32, 32900, 64000, 33000, 30000, 60000, 15000, 6000]
        .iter()
        .flat_map(|v| v.to_be_bytes())
        .collect();
    let gamma = insert(&gray, b"IDAT", b"gAMA", &linear);
    assert_eq!(value(&gamma), 128, "gAMA alone is ignored");
    let both = insert(&gamma, b"IDAT", b"cHRM", &srgb_primaries);
    assert_eq!(value(&both), 188);
    assert_eq!(
        value(&insert(&both, b"IDAT", b"sRGB", &[0])),
        128,
        "sRGB overrides gAMA and cHRM"
    );
    assert_eq!(
        value(&insert(&both, b"IDAT", b"cICP", &[1, 13, 0, 1])),
        128,
        "cICP overrides all"
    );
    assert_eq!(value(&insert(&gray, b"IDAT", b"cICP", &[1, 8, 0, 1])), 188);
    let discard = DecodeOptions {
        discard_color_profile: true,
        ..DecodeOptions::default()
    };
    assert_eq!(
        decode_with(&both, &discard, &JobControl::default(), 1)
            .unwrap()
            .bgra[0],
        128
    );
    let broken = insert(&gray, b"IDAT", b"iCCP", b"x\0\0not zlib");
    assert_eq!(value(&broken), 128, "a malformed profile is dropped");
}

#[test]
fn highlights_of_pq_and_hlg_are_compressed() {
    let value = |sample: u8, points: &[u8; 4], peak: Option<u32>| {
        let plain = png(1, 1, RGB, EIGHT, &[sample; 3], |_| {});
        let mut file = insert(&plain, b"IDAT", b"cICP", points);
        if let Some(nits) = peak {
            let level = [nits * 10_000, 0].map(u32::to_be_bytes).concat();
            file = insert(&file, b"IDAT", b"cLLI", &level);
        }
        decode(&file).unwrap().bgra[0]
    };
    let (pq, hlg) = ([9, 16, 0, 1], [9, 18, 0, 1]);
    // 203 cd/m² is PQ 148 and HLG 191 (ITU-R BT.2408), 600 cd/m² is PQ 178.
    let (white, brighter) = (value(148, &pq, None), value(178, &pq, None));
    assert!(
        white > 215 && white < brighter && brighter < 255,
        "{white} {brighter}"
    );
    assert!(white.abs_diff(value(191, &hlg, None)) <= 1);
    assert_eq!(value(0, &pq, None), 0);
    assert_eq!(
        value(148, &pq, Some(203)),
        255,
        "nothing is brighter than white"
    );
}

#[test]
fn cancellation_is_noticed() {
    let flag = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let control = JobControl::new(flag.clone(), Limits::default());
    let file = png(4, 400, RGB, EIGHT, &noise(4800, 5), |_| {});
    let decoder = imageflow_codecs::open(&support::input(&file), &control).unwrap();
    let mut rows = decoder
        .into_rows(&DecodeOptions::default(), &control)
        .unwrap();
    let mut ring = imageflow_pixels::RowBuf::new(rows.frame(), 400, &control).unwrap();
    assert!(rows.skip_rows(3).unwrap());
    flag.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(
        rows.read_rows(&mut ring.advance(3..103, 3))
            .unwrap_err()
            .to_string()
            .contains("ancel")
    );
}

#[test]
fn skipped_rows_are_the_rows_not_read() {
    let data = noise(30 * 10 * 3, 8);
    let file = png(10, 30, RGB, EIGHT, &data, |_| {});
    let control = JobControl::default();
    let mut rows = imageflow_codecs::open(&support::input(&file), &control)
        .unwrap()
        .into_rows(&DecodeOptions::default(), &control)
        .unwrap();
    assert!(rows.skip_rows(11).unwrap());
    let mut ring = imageflow_pixels::RowBuf::new(rows.frame(), 2, &control).unwrap();
    rows.read_rows(&mut ring.advance(11..12, 11)).unwrap();
    assert_eq!(ring.rows(11..12).row(11)[2], data[11 * 30]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(kind in 0usize..5, cut in 0usize..2000, at in 0usize..600, with: u8, fix: bool) {
        let (color, depth) = [
            (RGB, EIGHT),
            (png::ColorType::Rgba, EIGHT),
            (png::ColorType::Grayscale, png::BitDepth::Two),
            (png::ColorType::GrayscaleAlpha, png::BitDepth::Sixteen),
            (png::ColorType::Indexed, png::BitDepth::Four),
        ][kind];
        let row = (12 * color.samples() * depth as usize).div_ceil(8);
        let mut file = png(12, 9, color, depth, &noise(row * 9, 4), |info| {
            if color == png::ColorType::Indexed {
                info.palette = Some(noise(48, 2).into());
                info.trns = Some(noise(9, 2).into());
            }
        });
        if let Some(byte) = file.get_mut(at) {
            *byte = with;
        }
        if fix {
            let sum = crc32fast::hash(&file[12..29]);
            file[29..33].copy_from_slice(&sum.to_be_bytes());
        }
        file.truncate(cut);
        let control = JobControl::new(Arc::default(), Limits { max_bytes: 64 << 20, ..Limits::default() });
        let _ = decode_with(&file, &DecodeOptions::default(), &control, 4);
    }
}

#[test]
fn sixteen_bits_reach_a_resample_unrounded() {
    // Small (no table) and large (table), with and without alpha and a profile.
    let mut deep_p3 = None;
    for (side, color, samples) in [
        (4, png::ColorType::Rgb, 3),
        (200, png::ColorType::Rgba, 4),
        (4, png::ColorType::GrayscaleAlpha, 2),
    ] {
        let raw = noise(side * side * samples * 2, 7);
        for p3 in [false, true] {
            if p3 && samples == 2 {
                continue;
            }
            let file = png(
                side as u32,
                side as u32,
                color,
                png::BitDepth::Sixteen,
                &raw,
                |info| {
                    if p3 {
                        info.icc_profile = Some(
                            moxcms::ColorProfile::new_display_p3()
                                .encode()
                                .unwrap()
                                .into(),
                        );
                    }
                },
            );
            let control = JobControl::default();
            let decoder = imageflow_codecs::open(&support::input(&file), &control).unwrap();
            assert!(decoder.header().is_deep);
            let options = DecodeOptions {
                linear_floats: true,
                ..DecodeOptions::default()
            };
            let mut source = decoder.into_rows(&options, &control).unwrap();
            let mut frame = imageflow_pixels::RowBuf::whole(source.frame(), &control).unwrap();
            source.read_rows(&mut frame.all_mut()).unwrap();
            let first: Vec<u16> = (raw.chunks_exact(2).take(samples))
                .map(|s| u16::from_be_bytes([s[0], s[1]]))
                .collect();
            let alpha = if samples % 2 == 0 {
                f64::from(first[samples - 1]) / 65535.0
            } else {
                1.0
            };
            let got = frame.all().row_f32(0)[..4].to_vec();
            let red =
                imageflow_pixels::transfer::srgb_to_linear(f64::from(first[0]) / 65535.0) * alpha;
            if p3 {
                // Another red than without the profile.
                assert!((f64::from(got[2]) - red).abs() > 1e-4, "{got:?} {red}");
                deep_p3 = Some(got[2]);
            } else {
                assert!((f64::from(got[2]) - red).abs() < 1e-6, "{got:?} {red}");
            }
            assert!((f64::from(got[3]) - alpha).abs() < 1e-6);
        }
    }
    assert!(deep_p3.is_some());
}
