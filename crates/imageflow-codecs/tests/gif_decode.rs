//! GIF decoding: composition, loops, limits, damage.
//!
//! `gif/results.tsv` holds frame counts and a hash of all frames of every corpus file; `UPDATE_GOLDEN=1` rewrites it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use imageflow_codecs::DecodeOptions;
use imageflow_pixels::{JobControl, Limits};
use proptest::prelude::*;
use support::{Frames, decode, decode_frames, decode_with, files, fnv, shared};

/// B, G, R, A of the colours of [`gif`], and what is not drawn.
const RED: [u8; 4] = [0, 0, 255, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [255, 0, 0, 255];
const NONE: [u8; 4] = [0, 0, 0, 0];

/// A file with a global table of red, green and blue (indices 0 to 2).
fn gif(width: u16, height: u16, blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    out.extend(width.to_le_bytes());
    out.extend(height.to_le_bytes());
    out.extend([0x81, 1, 0]);
    out.extend([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]);
    out.extend(blocks.concat());
    out.push(0x3B);
    out
}

/// A graphic control extension; `transparent` is index 3.
fn control(disposal: u8, delay: u16, transparent: bool) -> Vec<u8> {
    let [d0, d1] = delay.to_le_bytes();
    vec![
        0x21,
        0xF9,
        4,
        disposal << 2 | u8::from(transparent),
        d0,
        d1,
        3,
        0,
    ]
}

fn image(rect: [u16; 4], indices: &[u8]) -> Vec<u8> {
    image_with(rect, 0, &[], 2, indices)
}

fn image_with(rect: [u16; 4], flags: u8, table: &[u8], bits: u8, indices: &[u8]) -> Vec<u8> {
    let mut out = vec![0x2C];
    out.extend(rect.iter().flat_map(|v| v.to_le_bytes()));
    out.push(flags);
    out.extend(table);
    out.push(bits);
    let codes = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, bits)
        .encode(indices)
        .unwrap();
    for block in codes.chunks(255) {
        out.push(block.len() as u8);
        out.extend(block);
    }
    out.push(0);
    out
}

fn loops(n: u16) -> Vec<u8> {
    let mut out = b"\x21\xFF\x0BNETSCAPE2.0\x03\x01".to_vec();
    out.extend(n.to_le_bytes());
    out.push(0);
    out
}

fn all(bytes: &[u8]) -> Result<Frames, String> {
    let (_, frames, error) =
        decode_frames(bytes, &DecodeOptions::default(), &JobControl::default())?;
    error.map_or(Ok(frames), Err)
}

fn pixels(frames: &Frames) -> Vec<Vec<[u8; 4]>> {
    frames
        .iter()
        .map(|(bgra, _)| bgra.as_chunks::<4>().0.to_vec())
        .collect()
}

#[test]
fn disposal_decides_what_the_next_frame_is_drawn_on() {
    let animation = |disposal: u8| {
        gif(
            3,
            1,
            &[
                image([0, 0, 3, 1], &[0, 0, 0]),
                control(disposal, 0, true),
                image([1, 0, 2, 1], &[1, 1]),
                control(0, 0, true),
                image([0, 0, 2, 1], &[2, 3]),
            ],
        )
    };
    for (disposal, last) in [
        (0, [BLUE, GREEN, GREEN]),
        (1, [BLUE, GREEN, GREEN]),
        (2, [BLUE, NONE, NONE]),
        (3, [BLUE, RED, RED]),
        (4, [BLUE, RED, RED]),
        (7, [BLUE, GREEN, GREEN]),
    ] {
        let frames = pixels(&all(&animation(disposal)).unwrap());
        assert_eq!(frames[0], [RED; 3]);
        assert_eq!(frames[1], [RED, GREEN, GREEN]);
        assert_eq!(frames[2], last, "disposal {disposal}");
    }
}

#[test]
fn the_canvas_starts_transparent_and_clips_frames() {
    let frames = all(&gif(
        3,
        2,
        &[
            image([2, 1, 2, 2], &[0, 1, 2, 2]),
            image([9, 9, 2, 2], &[0, 0, 0, 0]),
        ],
    ))
    .unwrap();
    let expected = [NONE, NONE, NONE, NONE, NONE, RED];
    assert_eq!(pixels(&frames), [expected, expected]);
}

#[test]
fn palettes_are_local_then_global_and_end_in_transparent_black() {
    let local = [10, 20, 30, 40, 50, 60];
    let frames = all(&gif(
        4,
        1,
        &[
            image([0, 0, 4, 1], &[0, 0, 0, 0]),
            image_with([0, 0, 4, 1], 0x80, &local, 2, &[0, 1, 2, 3]),
        ],
    ))
    .unwrap();
    assert_eq!(
        pixels(&frames)[1],
        [[30, 20, 10, 255], [60, 50, 40, 255], NONE, NONE]
    );
}

#[test]
fn a_first_frame_without_a_palette_is_an_error_and_a_later_one_the_end() {
    let mut none = b"GIF89a\x01\0\x01\0\0\0\0".to_vec();
    none.extend(image([0, 0, 1, 1], &[0]));
    assert!(all(&none).unwrap_err().contains("palette"));
    let mut later = b"GIF89a\x01\0\x01\0\0\0\0".to_vec();
    later.extend(image_with([0, 0, 1, 1], 0x80, &[1, 2, 3, 4, 5, 6], 2, &[1]));
    later.extend(image([0, 0, 1, 1], &[0]));
    assert_eq!(pixels(&all(&later).unwrap()), [[[6, 5, 4, 255]]]);
}

#[test]
fn interlaced_rows_find_their_places() {
    let rows: Vec<u8> = (0..9).collect();
    let order = [0, 8, 4, 2, 6, 1, 3, 5, 7];
    let table: Vec<u8> = (0..16).flat_map(|v| [v, v, v]).collect();
    let indices: Vec<u8> = order.iter().map(|y| rows[*y]).collect();
    let frames = all(&gif(
        1,
        9,
        &[image_with([0, 0, 1, 9], 0xC3, &table, 4, &indices)],
    ))
    .unwrap();
    let found: Vec<u8> = pixels(&frames)[0].iter().map(|p| p[0]).collect();
    assert_eq!(found, rows);
}

#[test]
fn loops_delays_and_frame_counts_are_as_stored() {
    let frames = |extension: Vec<u8>| {
        gif(
            1,
            1,
            &[
                extension,
                control(0, 7, false),
                image([0, 0, 1, 1], &[0]),
                control(0, 0, false),
                image([0, 0, 1, 1], &[1]),
            ],
        )
    };
    for (extension, plays) in [
        (vec![], 1),
        (loops(0), 0),
        (loops(1), 2),
        (loops(65535), 65536),
    ] {
        let file = frames(extension);
        let (animation, found, _) =
            decode_frames(&file, &DecodeOptions::default(), &JobControl::default()).unwrap();
        assert_eq!(animation.plays, plays);
        assert_eq!(found.iter().map(|f| f.1).collect::<Vec<_>>(), [70, 0]);
        assert!(decode(&file).unwrap().header.multiple_frames);
    }
    let single = gif(1, 1, &[loops(0), image([0, 0, 1, 1], &[0])]);
    assert!(!decode(&single).unwrap().header.multiple_frames);
}

#[test]
fn one_frame_can_be_selected() {
    let file = gif(
        2,
        1,
        &[
            image([0, 0, 2, 1], &[0, 0]),
            image([1, 0, 1, 1], &[1]),
            image([0, 0, 1, 1], &[2]),
        ],
    );
    let select = |n| {
        let options = DecodeOptions {
            select_frame: Some(n),
            ..DecodeOptions::default()
        };
        decode_with(&file, &options, &JobControl::default(), 1).map(|d| d.bgra)
    };
    assert_eq!(select(0).unwrap(), [RED, RED].concat());
    assert_eq!(select(1).unwrap(), [RED, GREEN].concat());
    assert_eq!(select(2).unwrap(), [BLUE, GREEN].concat());
    assert_eq!(
        select(9).unwrap_err(),
        "frame=9 requested but GIF only has 3 frames"
    );
    assert_eq!(
        select(-1).unwrap_err(),
        "frame=-1 requested but GIF only has 3 frames"
    );
}

#[test]
fn all_frames_count_against_the_limit_of_pixels() {
    let file = gif(
        32,
        24,
        &[image([0, 0, 1, 1], &[0]), image([0, 0, 1, 1], &[1])],
    );
    let limited = |limit| {
        let options = DecodeOptions {
            max_total_pixels: Some(limit),
            ..DecodeOptions::default()
        };
        decode_frames(&file, &options, &JobControl::default()).unwrap()
    };
    assert_eq!(limited(1536).1.len(), 2);
    let (_, frames, error) = limited(1000);
    assert_eq!(frames.len(), 1);
    assert_eq!(
        error.unwrap(),
        "GIF total decoded pixels (2 frames x 768 pixels = 1536) exceeds max_total_file_pixels 1000"
    );
}

#[test]
fn a_screen_of_no_size_takes_the_size_of_the_first_frame() {
    let file = gif(0, 0, &[image([1, 0, 1, 2], &[0, 1])]);
    let decoded = decode(&file).unwrap();
    assert_eq!(decoded.header.stored.to_string(), "2x2");
    assert_eq!(decoded.bgra, [NONE, RED, NONE, GREEN].concat());
    assert!(decode(&gif(0, 5, &[])).unwrap_err().contains("0x5"));
}

#[test]
fn gif87a_and_files_without_a_trailer_are_fine() {
    let mut file = gif(1, 1, &[image([0, 0, 1, 1], &[1])]);
    file[4] = b'7';
    assert_eq!(decode(&file).unwrap().bgra, GREEN);
    file.pop();
    assert_eq!(decode(&file).unwrap().bgra, GREEN, "no trailer");
    file.pop();
    assert_eq!(decode(&file).unwrap().bgra, GREEN, "no terminator");
}

#[test]
fn data_that_ends_early_leaves_the_rest_as_it_was() {
    let file = gif(3, 1, &[image([0, 0, 3, 1], &[1])]);
    assert_eq!(decode(&file).unwrap().bgra, [GREEN, NONE, NONE].concat());
}

#[test]
fn a_cut_file_is_an_error_in_any_frame() {
    let noise: Vec<u8> = (0..900u32).map(|i| (i * i / 7 % 3) as u8).collect();
    let file = gif(
        30,
        30,
        &[image([0, 0, 30, 30], &noise), image([0, 0, 30, 30], &noise)],
    );
    let first = 6 + 7 + 12 + image([0, 0, 30, 30], &noise).len();
    for length in 0..file.len() - 5 {
        let cut = &file[..length];
        match decode_frames(cut, &DecodeOptions::default(), &JobControl::default()) {
            Err(error) => assert!(length < 25, "{length}: {error}"),
            Ok((_, frames, error)) => {
                // The last bytes hold no pixels, and between frames nothing says that one is missing.
                if (first - 4..=first).contains(&length) {
                    continue;
                }
                assert_eq!(frames.len(), usize::from(length > first), "{length}");
                let text = if length == 25 {
                    "no picture"
                } else {
                    "Unexpected end of file"
                };
                assert!(error.is_some_and(|error| error.contains(text)), "{length}");
            }
        }
    }
}

#[test]
fn damage_in_a_later_frame_ends_the_animation() {
    let good = || image([0, 0, 2, 1], &[0, 1]);
    // A first code that no table holds.
    let mut bad = image([0, 0, 2, 1], &[0, 1]);
    bad[12] = 0xFC;
    for damage in [
        bad.clone(),
        vec![0x99, 1, 2, 3],
        image_with([0, 0, 2, 1], 0, &[], 11, &[0]),
    ] {
        let frames = all(&gif(2, 1, &[good(), damage.clone(), good()])).unwrap();
        assert_eq!(pixels(&frames), [[RED, GREEN]]);
        assert!(all(&gif(2, 1, &[damage, good()])).is_err());
    }
}

#[test]
fn frames_far_larger_than_the_canvas_are_refused() {
    let file = gif(1, 1, &[image([0, 0, 65535, 65535], &[0])]);
    assert!(decode(&file).unwrap_err().contains("65535x65535"));
}

#[test]
fn the_budget_is_asked_before_a_canvas_is_made() {
    let control = JobControl::new(
        Arc::default(),
        Limits {
            max_bytes: 1 << 20,
            ..Limits::default()
        },
    );
    let file = gif(65535, 65535, &[image([0, 0, 1, 1], &[0])]);
    let error = decode_with(&file, &DecodeOptions::default(), &control, 1).unwrap_err();
    assert!(error.contains("budget"), "{error}");
}

#[test]
fn corpus_frames_are_as_verified() {
    let Some(folder) = shared("corpus/gif") else {
        return;
    };
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/gif/results.tsv");
    let mut found =
        String::from("file\tsize\tframes\tplays\tdelays ms\tfnv1a64 of BGRA, or error\n");
    for path in files(&folder, "gif") {
        let bytes = std::fs::read(&path).unwrap();
        let (animation, frames, error) =
            decode_frames(&bytes, &DecodeOptions::default(), &JobControl::default()).unwrap();
        let delays: u32 = frames.iter().map(|frame| frame.1).sum();
        let hash = frames.iter().fold(0, |hash: u64, frame| {
            hash.wrapping_mul(31).wrapping_add(fnv(&frame.0))
        });
        writeln!(
            found,
            "{}\t{}\t{}\t{}\t{delays}\t{}",
            path.file_name().unwrap().display(),
            animation.size,
            frames.len(),
            animation.plays,
            error.unwrap_or(format!("{hash:016x}")),
        )
        .unwrap();
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[test]
fn malformed_files_end_soon_and_in_bounds() {
    let Some(folder) = shared("corpus/malformed/gif") else {
        return;
    };
    for path in files(&folder, "gif") {
        let bytes = std::fs::read(&path).unwrap();
        let control = JobControl::new(
            Arc::default(),
            Limits {
                max_bytes: 256 << 20,
                deadline: Some(Instant::now() + Duration::from_secs(10)),
                ..Limits::default()
            },
        );
        let options = DecodeOptions {
            max_total_pixels: Some(100_000_000),
            ..DecodeOptions::default()
        };
        let start = Instant::now();
        let _ = decode_frames(&bytes, &options, &control);
        let _ = decode_with(&bytes, &options, &control, 16);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{} took {:?}",
            path.display(),
            start.elapsed()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn bytes_changed_at_random_never_panic(
        changes in prop::collection::vec((0usize..200, any::<u8>()), 0..6),
        cut in 0usize..200,
    ) {
        let mut file = gif(
            6,
            5,
            &[
                loops(3),
                control(3, 1, true),
                image([0, 0, 6, 5], &[0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2]),
                control(2, 1, true),
                image_with([1, 1, 3, 3], 0xC0, &[1, 2, 3, 4, 5, 6], 3, &[0, 1, 0, 1, 1, 0, 1, 0, 7]),
                image([2, 2, 4, 3], &[2; 12]),
            ],
        );
        for (at, value) in changes {
            if let Some(byte) = file.get_mut(at) {
                *byte = value;
            }
        }
        file.truncate(file.len().saturating_sub(cut.saturating_sub(100)));
        let control = JobControl::new(Arc::default(), Limits { max_bytes: 64 << 20, ..Limits::default() });
        let options = DecodeOptions { max_total_pixels: Some(20_000_000), ..DecodeOptions::default() };
        let frames = decode_frames(&file, &options, &control);
        let first = decode_with(&file, &options, &control, 3);
        if let (Ok((_, frames, _)), Ok(first)) = (frames, first) {
            prop_assert_eq!(&frames[0].0, &first.bgra);
        }
    }
}
