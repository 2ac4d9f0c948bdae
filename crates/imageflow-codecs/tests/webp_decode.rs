//! WebP decoding: the corpus, composition, metadata, damage, bounds.
//!
//! `webp/results.tsv` holds sizes, times and a check sum of the pixels of every file of the corpus; `UPDATE_GOLDEN=1`
//! rewrites it. With `WEBP_DUMP=<folder>` the pixels are written there, and
//! `python3 webp/verify.py webp/results.tsv <corpus/webp> <folder>` compares them, the times and the loops with Pillow's.
#![cfg(any(feature = "libwebp", feature = "portable"))]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;
mod webp;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use imageflow_codecs::{CodecError, DecodeOptions, Input, open};
use imageflow_pixels::{Alpha, JobControl, Limits};
use proptest::prelude::*;
use support::{decode, decode_input, decode_with, files, input, shared};
use webp::*;

const RAW: DecodeOptions = DecodeOptions {
    linear_shrink: 1,
    block_scale: None,
    linear_floats: false,
    discard_color_profile: true,
    fail_on_color_profile_errors: false,
    select_frame: None,
    draw_size: None,
    max_total_pixels: None,
};

/// How often it plays, and delay and pixels of every frame.
type Played = (u32, Vec<(u32, Vec<u8>)>);

/// Plays an animation; a still picture is one frame.
fn all_frames(bytes: &[u8]) -> Result<Played, String> {
    match play_with(bytes, false, &RAW, &JobControl::default()) {
        Ok((animation, frames)) => Ok((animation.plays, frames)),
        Err(CodecError::InvalidArgument(_)) => {
            let still = decode_with(bytes, &RAW, &JobControl::default(), 64)?;
            Ok((1, vec![(0, still.bgra)]))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn corpus() -> Vec<PathBuf> {
    let folders = ["corpus/webp", "corpus/webp/libwebp"];
    folders
        .iter()
        .filter_map(|folder| shared(folder))
        .flat_map(|folder| files(&folder, "webp"))
        .collect()
}

#[test]
fn the_corpus_decodes_to_the_recorded_pixels() {
    let files = corpus();
    if files.is_empty() {
        return;
    }
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/webp/results.tsv");
    let dump = std::env::var_os("WEBP_DUMP").map(PathBuf::from);
    let mut found = String::from("file\tsize\tturn\talpha\tlossless\tplays\tms\tcrc32 of BGRA\n");
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let header = *open(&input(&bytes), &JobControl::default())
            .unwrap()
            .header();
        let (plays, frames) = all_frames(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut sum = crc32fast::Hasher::new();
        for (index, (_, pixels)) in frames.iter().enumerate() {
            sum.update(pixels);
            if let Some(folder) = &dump {
                std::fs::write(folder.join(format!("{name}.{index}")), pixels).unwrap();
            }
        }
        let times: Vec<String> = frames.iter().map(|(ms, _)| ms.to_string()).collect();
        assert_eq!(header.multiple_frames, frames.len() > 1, "{name}");
        writeln!(
            found,
            "{name}\t{}\t{}\t{}\t{}\t{plays}\t{}\t{:08x}",
            header.stored,
            header.orientation,
            header.alpha.is_meaningful(),
            header.lossless,
            times.join(","),
            sum.finalize()
        )
        .unwrap();
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    if cfg!(feature = "libwebp") {
        assert_eq!(found, expected);
    } else {
        // Another decoder may round lossy colours differently; everything else is the same.
        let facts = |text: &str| -> Vec<String> {
            text.lines()
                .map(|line| line.rsplit_once('\t').unwrap().0.to_owned())
                .collect()
        };
        assert_eq!(facts(&found), facts(&expected));
    }
}

#[test]
fn strips_of_any_height_and_files_give_the_same_rows() {
    for path in corpus().into_iter().take(16) {
        let bytes = std::fs::read(&path).unwrap();
        let control = JobControl::default();
        let whole = decode_with(&bytes, &RAW, &control, 100_000).unwrap();
        let file = Input::open_file(&path).unwrap();
        for strip in [1, 33] {
            assert!(decode_with(&bytes, &RAW, &control, strip).unwrap() == whole);
            assert!(decode_input(&file, &RAW, &control, strip).unwrap() == whole);
        }
    }
}

const RED: [u8; 4] = [0, 0, 255, 255];
const BLUE: [u8; 4] = [255, 0, 0, 255];
const HALF_GREEN: [u8; 4] = [0, 255, 0, 128];
const NOTHING: [u8; 4] = [0; 4];

/// The pixel at x, y of a canvas eight pixels wide.
fn pixel(frame: &(u32, Vec<u8>), x: usize, y: usize) -> [u8; 4] {
    frame.1[(y * 8 + x) * 4..][..4].try_into().unwrap()
}

fn three_frames(first: u8, second: u8) -> Vec<u8> {
    riff(&[
        vp8x(ANIMATION | ALPHA, 8, 6),
        anim(3),
        anmf((0, 0), (8, 6), 40, first, &plain(8, 6, RED)),
        anmf((2, 2), (4, 3), 0, second, &plain(4, 3, HALF_GREEN)),
        anmf((4, 4), (1, 1), 16_000_000, 2, &plain(1, 1, BLUE)),
    ])
}

#[test]
fn frames_blend_or_replace() {
    let (animation, frames) = play(&three_frames(2, 0), true).unwrap();
    assert_eq!((animation.plays, animation.alpha), (3, Alpha::Meaningful));
    let times: Vec<u32> = frames.iter().map(|(ms, _)| *ms).collect();
    assert_eq!(times, [40, 0, 16_000_000]);
    assert_eq!(pixel(&frames[0], 7, 5), RED);
    assert_eq!(pixel(&frames[1], 2, 2), [0, 128, 127, 255]);
    assert_eq!(pixel(&frames[1], 1, 2), RED);
    assert_eq!(pixel(&frames[1], 6, 4), RED);
    assert_eq!(pixel(&frames[2], 4, 4), BLUE);
    assert_eq!(pixel(&frames[2], 5, 4), [0, 128, 127, 255]);

    let (_, frames) = play(&three_frames(2, 2), true).unwrap();
    assert_eq!(pixel(&frames[1], 2, 2), HALF_GREEN);
    assert_eq!(pixel(&frames[1], 1, 2), RED);
}

#[test]
fn disposal_makes_the_place_transparent_before_the_next_frame() {
    let (_, frames) = play(&three_frames(2, 1), false).unwrap();
    assert_eq!(pixel(&frames[1], 2, 2), [0, 128, 127, 255]);
    assert_eq!(pixel(&frames[2], 2, 2), NOTHING);
    assert_eq!(pixel(&frames[2], 4, 4), BLUE);
    assert_eq!(pixel(&frames[2], 0, 0), RED);

    let (_, frames) = play(&three_frames(3, 0), false).unwrap();
    assert_eq!(pixel(&frames[1], 0, 0), NOTHING);
    assert_eq!(pixel(&frames[1], 2, 2), HALF_GREEN);
}

#[test]
fn what_no_frame_covers_is_transparent() {
    let file = riff(&[
        vp8x(ANIMATION, 8, 6),
        anmf((2, 2), (2, 2), 5, 0, &plain(2, 2, RED)),
    ]);
    let header = *open(&input(&file), &JobControl::default())
        .unwrap()
        .header();
    assert_eq!(header.alpha, Alpha::Meaningful);
    assert!(!header.multiple_frames);
    let (animation, frames) = play(&file, false).unwrap();
    assert_eq!(animation.plays, 1);
    assert_eq!(pixel(&frames[0], 2, 2), RED);
    assert_eq!(pixel(&frames[0], 0, 0), NOTHING);
}

fn selected(file: &[u8], frame: i32) -> Result<Vec<u8>, String> {
    let options = DecodeOptions {
        select_frame: Some(frame),
        ..DecodeOptions::default()
    };
    decode_with(file, &options, &JobControl::default(), 2).map(|decoded| decoded.bgra)
}

#[test]
fn the_first_or_the_selected_frame_is_the_still_picture() {
    let file = three_frames(2, 1);
    let (_, frames) = play(&file, false).unwrap();
    assert_eq!(decode(&file).unwrap().bgra, frames[0].1);
    for (index, frame) in frames.iter().enumerate() {
        assert_eq!(selected(&file, index as i32).unwrap(), frame.1);
    }
    for beyond in [3, 9, -1] {
        assert_eq!(
            selected(&file, beyond).unwrap_err(),
            format!("frame={beyond} requested but WebP only has 3 frames")
        );
    }
}

#[test]
fn frames_before_the_selected_one_count_against_the_limit_of_pixels() {
    let file = three_frames(2, 1);
    let limited = |frame, limit| {
        let options = DecodeOptions {
            select_frame: Some(frame),
            max_total_pixels: Some(limit),
            ..DecodeOptions::default()
        };
        decode_with(&file, &options, &JobControl::default(), 2).map(|decoded| decoded.bgra)
    };
    assert_eq!(limited(2, 3 * 48), selected(&file, 2));
    assert_eq!(limited(1, 3 * 48 - 1), selected(&file, 1));
    assert_eq!(
        limited(2, 3 * 48 - 1).unwrap_err(),
        "WebP total decoded pixels (3 frames x 48 pixels = 144) exceeds max_total_file_pixels 143"
    );
    assert!(limited(9, 1).unwrap_err().contains("only has 3 frames"));
}

#[test]
fn a_still_picture_has_no_frames() {
    let control = JobControl::default();
    let file = riff(&[plain(3, 2, RED)]);
    assert!(
        !open(&input(&file), &control)
            .unwrap()
            .header()
            .multiple_frames
    );
    let Err(error) = play(&file, false) else {
        panic!("frames of a still picture");
    };
    assert_eq!(error.to_string(), "this WebP file has a single frame");
}

fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0]);
    block
}

#[test]
fn exif_tells_the_orientation_wherever_it_is() {
    for value in 0..=9 {
        let expected = if (1..=8).contains(&value) { value } else { 1 };
        let still = [
            vp8x(EXIF, 5, 2),
            plain(5, 2, RED),
            chunk(b"what", &[1]),
            chunk(b"EXIF", &exif(value)),
        ];
        let frame = anmf((0, 0), (5, 2), 5, 2, &plain(5, 2, RED));
        let moving = [
            vp8x(EXIF | ANIMATION, 5, 2),
            anim(0),
            frame.clone(),
            frame.clone(),
            frame,
            chunk(b"EXIF", &[b"Exif\0\0".to_vec(), exif(value)].concat()),
        ];
        for file in [riff(&still), riff(&moving)] {
            let header = *open(&input(&file), &JobControl::default())
                .unwrap()
                .header();
            assert_eq!(header.orientation, expected);
            let oriented = header.oriented();
            let turned = expected >= 5;
            assert_eq!(oriented.width(), if turned { 2 } else { 5 });
        }
    }
}

#[test]
fn only_the_flag_makes_exif_count() {
    let file = riff(&[vp8x(0, 5, 2), plain(5, 2, RED), chunk(b"EXIF", &exif(6))]);
    assert_eq!(decode(&file).unwrap().header.orientation, 1);
}

/// A profile that exchanges red and green.
fn exchanging_profile() -> Vec<u8> {
    let mut profile = moxcms::ColorProfile::new_srgb();
    std::mem::swap(&mut profile.red_colorant, &mut profile.green_colorant);
    profile.encode().unwrap()
}

#[test]
fn profiles_are_converted_unless_discarded() {
    let colour = [20, 200, 90, 255];
    let picture = plain(4, 4, colour);
    let with = |profile: &[u8]| {
        let icc = chunk(b"ICCP", profile);
        let still = riff(&[vp8x(ICC, 4, 4), icc.clone(), picture.clone()]);
        let frame = anmf((0, 0), (4, 4), 5, 2, &picture);
        let moving = riff(&[vp8x(ICC | ANIMATION, 4, 4), icc, anim(0), frame]);
        [still, moving]
    };
    let first = |file: &[u8], options: &DecodeOptions| {
        decode_with(file, options, &JobControl::default(), 4)
            .map(|decoded| <[u8; 4]>::try_from(&decoded.bgra[..4]).unwrap())
    };
    let default = DecodeOptions::default();
    for file in with(&exchanging_profile()) {
        let [b, g, r, a] = first(&file, &default).unwrap();
        assert!(b.abs_diff(20) <= 2 && g.abs_diff(90) <= 2 && r.abs_diff(200) <= 2 && a == 255);
        assert_eq!(first(&file, &RAW).unwrap(), colour);
    }
    for file in with(&moxcms::ColorProfile::new_srgb().encode().unwrap()) {
        assert_eq!(first(&file, &default).unwrap(), colour);
    }
    let strict = DecodeOptions {
        fail_on_color_profile_errors: true,
        ..default
    };
    for file in with(b"no profile at all") {
        let error = first(&file, &strict).unwrap_err();
        assert!(error.contains("fail_on_color_profile_errors"), "{error}");
        assert_eq!(first(&file, &default).unwrap(), colour);
        assert_eq!(first(&file, &RAW).unwrap(), colour);
    }
}

#[test]
fn a_truncated_still_picture_is_malformed() {
    let pixels = noise(64 * 64 * 4, 1);
    let frame = info(64, 64, Alpha::Meaningful);
    let file = support::encode(&LOSSLESS, frame, &pixels, &JobControl::default(), 9).unwrap();
    for fiftieth in 0..50 {
        let cut = &file[..file.len() * fiftieth / 50];
        let error = decode(cut).unwrap_err();
        let header = cut.len() < 25;
        let expected = match (header, cfg!(feature = "libwebp")) {
            (true, _) if cut.len() < 12 => "No ENABLED decoder found",
            (_, true) | (true, _) => "WebP decoder: the file ends",
            _ => "WebP decoder: ",
        };
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_truncated_animation_keeps_its_good_frames() {
    let file = three_frames(2, 0);
    let whole = play(&file, false).unwrap().1;
    let mut counts = Vec::new();
    for length in 12..file.len() {
        match play(&file[..length], false) {
            Ok((_, frames)) => {
                assert_eq!(frames[..], whole[..frames.len()]);
                counts.push(frames.len());
            }
            Err(error) => {
                assert!(matches!(error, CodecError::Malformed { .. }), "{error}");
                counts.push(0);
            }
        }
    }
    assert!(counts.is_sorted());
    assert!((0..3).all(|count| counts.contains(&count)));
}

#[test]
fn impossible_files_are_malformed() {
    let picture = plain(4, 4, RED);
    let truncated_head = chunk(b"VP8L", &[0x2F, 0, 0]);
    let inter_frame = chunk(b"VP8 ", &[1, 0, 0, 0x9D, 1, 0x2A, 4, 0, 4, 0]);
    let no_width = chunk(b"VP8 ", &[0x10, 0, 0, 0x9D, 1, 0x2A, 0, 0, 4, 0]);
    let cases: [(Vec<u8>, &str); 11] = [
        (riff(&[]), "before its first chunk"),
        (riff(&[chunk(b"EXIF", &[])]), "not a picture"),
        (riff(&[truncated_head]), "ends in a VP8L header"),
        (riff(&[chunk(b"VP8L", &[0; 20])]), "unknown signature"),
        (riff(&[inter_frame]), "key frame"),
        (riff(&[no_width]), "without width"),
        (riff(&[vp8x(0, 4, 4)]), "no picture"),
        (
            riff(&[vp8x(0, 5, 4), picture.clone()]),
            "4x4 on a canvas of 5x4",
        ),
        (riff(&[vp8x(ANIMATION, 4, 4), anim(0)]), "no picture"),
        (
            riff(&[vp8x(ANIMATION, 4, 4), anmf((2, 0), (4, 4), 1, 0, &picture)]),
            "leaves the canvas",
        ),
        (
            riff(&[vp8x(ANIMATION, 4, 4), anmf((0, 0), (2, 2), 1, 0, &picture)]),
            "differ in size",
        ),
    ];
    for (file, expected) in cases {
        let error = decode(&file).unwrap_err();
        assert!(error.contains(expected), "{error} instead of {expected}");
    }
}

#[test]
fn a_huge_claim_costs_nothing_beyond_the_budget() {
    let claim = |bits: u32| {
        let mut data = vec![0x2F];
        data.extend(bits.to_le_bytes());
        data.extend([0; 40]);
        riff(&[chunk(b"VP8L", &data)])
    };
    let limits = Limits {
        max_bytes: 64 << 20,
        ..Limits::default()
    };
    let control = JobControl::new(Arc::default(), limits);
    for file in [claim(0x0FFF_FFFF), claim(0x3FFF)] {
        let start = Instant::now();
        assert!(decode_with(&file, &RAW, &control, 1).is_err());
        assert!(start.elapsed() < Duration::from_secs(2));
    }
    let file = riff(&[
        vp8x(ANIMATION, 1 << 24, 1 << 24),
        anmf((0, 0), (2, 2), 1, 0, &plain(2, 2, RED)),
    ]);
    assert!(open(&input(&file), &control).is_ok());
    assert!(matches!(
        play_with(&file, false, &RAW, &control),
        Err(CodecError::Control(_))
    ));
    assert!(control.peak_bytes() <= 64 << 20);
}

#[test]
fn cancellation_and_deadline_are_obeyed() {
    let cancel = Arc::new(AtomicBool::new(false));
    let control = JobControl::new(cancel.clone(), Limits::default());
    let still = riff(&[plain(4, 4, RED)]);
    let mut rows = open(&input(&still), &control)
        .unwrap()
        .into_rows(&RAW, &control)
        .unwrap();
    let moving = three_frames(2, 0);
    let mut frames = open(&input(&moving), &control)
        .unwrap()
        .into_frames(&RAW, &control)
        .unwrap();
    cancel.store(true, std::sync::atomic::Ordering::Relaxed);
    let frame = rows.frame();
    let mut ring = imageflow_pixels::RowBuf::new(frame, 4, &JobControl::default()).unwrap();
    let error = rows.read_rows(&mut ring.advance(0..4, 0)).unwrap_err();
    assert_eq!(error.to_string(), "Cancellation was requested");
    let error = frames.next_frame().unwrap_err();
    assert_eq!(error.to_string(), "Cancellation was requested");
}

/// Opens and decodes everything there is; any answer is fine.
fn survive(bytes: &[u8]) {
    let limits = Limits {
        max_bytes: 256 << 20,
        deadline: Some(Instant::now() + Duration::from_secs(20)),
        threads: 1,
    };
    let control = JobControl::new(Arc::default(), limits);
    let _ = decode_with(bytes, &DecodeOptions::default(), &control, 16);
    let _ = play_with(bytes, false, &DecodeOptions::default(), &control);
    assert!(control.check().is_ok(), "too slow");
}

#[test]
fn malformed_files_are_survived() {
    let Some(folder) = shared("corpus/malformed/webp") else {
        return;
    };
    let files = files(&folder, "webp");
    assert!(!files.is_empty());
    for path in files {
        survive(&std::fs::read(path).unwrap());
    }
}

#[test]
fn truncations_are_survived() {
    for path in corpus() {
        let bytes = std::fs::read(&path).unwrap();
        if bytes.len() > 100_000 {
            continue;
        }
        for fiftieth in 0..50 {
            survive(&bytes[..bytes.len() * fiftieth / 50]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_bytes_are_survived(
        moving: bool,
        hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut file = if moving {
            three_frames(2, 1)
        } else {
            let pixels = noise(16 * 16 * 4, 5);
            let frame = info(16, 16, Alpha::Meaningful);
            support::encode(&LOSSLESS, frame, &pixels, &JobControl::default(), 9).unwrap()
        };
        for (at, value) in hits {
            let at = at.index(file.len());
            file[at] = value;
        }
        survive(&file);
    }
}
