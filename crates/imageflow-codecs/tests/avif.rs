//! AVIF: conformance, orientation, grids, sequences, damage, bounds.
//!
//! `avif/results.tsv` holds size, orientation and mean colours of every file of the corpus; `UPDATE_GOLDEN=1` rewrites it and
//! `python3 avif/verify.py avif/results.tsv <corpus>/avif` checks it against libavif, which shares no code with this codec.
#![cfg(feature = "avif")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use imageflow_codecs::avif::AvifSettings;
use imageflow_codecs::{DecodeOptions, EncoderSettings, open};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Limits, Size};
use proptest::prelude::*;
use support::{Decoded, decode, decode_with, encode, files, input, shared};

fn settings(quality: f32) -> EncoderSettings {
    EncoderSettings::Avif(AvifSettings {
        quality,
        speed: 10,
        lossless: false,
    })
}

fn frame(width: u32, height: u32, alpha: Alpha) -> FrameInfo {
    FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha)
}

/// Each quarter of its own colour: top left red, top right green, bottom left blue, bottom right white.
fn quarters(width: u32, height: u32) -> Vec<u8> {
    let color = |x: u32, y: u32| match (x < width / 2, y < height / 2) {
        (true, true) => [0, 0, 255, 255],
        (false, true) => [0, 255, 0, 255],
        (true, false) => [255, 0, 0, 255],
        (false, false) => [255; 4],
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| color(x, y)))
        .collect()
}

fn encoded(width: u32, height: u32) -> Vec<u8> {
    encode(
        &settings(80.0),
        frame(width, height, Alpha::Opaque),
        &quarters(width, height),
        &JobControl::default(),
        16,
    )
    .unwrap()
}

fn pixel(decoded: &Decoded, x: u32, y: u32) -> [u8; 4] {
    let at = (y * decoded.frame.size.width() + x) as usize * 4;
    decoded.bgra[at..at + 4].try_into().unwrap()
}

fn near(a: [u8; 4], b: [u8; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 24)
}

fn sized_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = (body.len() as u32 + 8).to_be_bytes().to_vec();
    out.extend(kind);
    out.extend(body);
    out
}

/// The body of the first box of this kind, found by its name.
fn body<'a>(file: &'a [u8], kind: &[u8; 4]) -> &'a [u8] {
    let at = file.windows(4).position(|w| w == kind).unwrap();
    let size = u32::from_be_bytes(file[at - 4..at].try_into().unwrap()) as usize;
    &file[at + 4..at - 4 + size]
}

/// A file of one `grid` (of `columns` × `rows` equal cells with even sides) or of one picture, with more properties behind
/// the size.
fn built(cell: (u32, u32), grid: Option<(u8, u8, u32, u32)>, extra: &[Vec<u8>]) -> Vec<u8> {
    let source = encoded(cell.0, cell.1);
    let payload = body(&source, b"mdat");
    let full = |kind: &[u8; 4], rest: &[u8]| sized_box(kind, &[&[0; 4], rest].concat());
    let extents = |w: u32, h: u32| full(b"ispe", &[w.to_be_bytes(), h.to_be_bytes()].concat());
    let (count, canvas) = match grid {
        Some((columns, rows, width, height)) => {
            (u16::from(columns) * u16::from(rows), (width, height))
        }
        None => (1, cell),
    };
    // Item 1 is the picture shown; the cells of a grid follow.
    let cells = if grid.is_some() { 2..=count + 1 } else { 1..=1 };
    let info = |id: u16, kind: &[u8]| {
        sized_box(
            b"infe",
            &[&[2, 0, 0, 0], &id.to_be_bytes()[..], &[0, 0], kind, &[0]].concat(),
        )
    };
    let mut infos = Vec::new();
    let mut properties = [
        extents(canvas.0, canvas.1),
        extents(cell.0, cell.1),
        sized_box(b"av1C", body(&source, b"av1C")),
    ]
    .concat();
    extra.iter().for_each(|p| properties.extend(p));
    let mut associations = Vec::new();
    let mut locations = Vec::new();
    let mut references = Vec::new();
    let mut data = Vec::new();
    let mut items = 0u16;
    if let Some((columns, rows, width, height)) = grid {
        infos.extend(info(1, b"grid"));
        data = [
            &[0, 1, rows - 1, columns - 1],
            &width.to_be_bytes()[..],
            &height.to_be_bytes()[..],
        ]
        .concat();
        let to: Vec<u8> = cells.clone().flat_map(u16::to_be_bytes).collect();
        let list = [&1u16.to_be_bytes()[..], &count.to_be_bytes()[..], &to].concat();
        references = full(b"iref", &sized_box(b"dimg", &list));
        // Method 1: inside `idat`.
        locations.extend([0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
        locations.extend((data.len() as u32).to_be_bytes());
        items += 1;
    }
    for id in cells {
        infos.extend(info(id, b"av01"));
        locations.extend(id.to_be_bytes());
        // The offset is filled in when it is known.
        locations.extend([0, 0, 0, 0, 0, 1]);
        locations.extend(b"HERE");
        locations.extend((payload.len() as u32).to_be_bytes());
        items += 1;
    }
    for id in 1..=items {
        associations.extend(id.to_be_bytes());
        let shown = id == 1;
        let mut list = vec![if shown { 1 } else { 2 }];
        if grid.is_none() || !shown {
            list.push(3);
        }
        if shown {
            list.extend((0..extra.len() as u8).map(|i| (4 + i) | 0x80));
        }
        associations.push(list.len() as u8);
        associations.extend(list);
    }
    let meta = full(
        b"meta",
        &[
            full(b"pitm", &1u16.to_be_bytes()),
            full(b"iinf", &[&items.to_be_bytes()[..], &infos].concat()),
            sized_box(
                b"iloc",
                &[&[1, 0, 0, 0, 0x44, 0], &items.to_be_bytes()[..], &locations].concat(),
            ),
            references,
            sized_box(
                b"iprp",
                &[
                    sized_box(b"ipco", &properties),
                    full(
                        b"ipma",
                        &[&u32::from(items).to_be_bytes()[..], &associations].concat(),
                    ),
                ]
                .concat(),
            ),
            sized_box(b"idat", &data),
        ]
        .concat(),
    );
    let mut file = sized_box(b"ftyp", b"mif1\0\0\0\0miafavif");
    file.extend(meta);
    let offset = (file.len() as u32 + 8).to_be_bytes();
    let places: Vec<usize> = (0..file.len() - 3)
        .filter(|at| &file[*at..at + 4] == b"HERE")
        .collect();
    for at in places {
        file[at..at + 4].copy_from_slice(&offset);
    }
    file.extend(sized_box(b"mdat", payload));
    file
}

#[test]
fn what_is_written_reads_back() {
    for (width, height) in [(1, 1), (2, 3), (17, 5), (64, 48)] {
        let decoded = decode(&encoded(width, height)).unwrap();
        assert_eq!(
            decoded.frame,
            frame(width, height, Alpha::Opaque),
            "{width}x{height}"
        );
        if width > 16 {
            assert!(near(pixel(&decoded, 1, 0), [0, 0, 255, 255]));
            assert!(near(
                pixel(&decoded, width - 2, height - 1),
                [255, 255, 255, 255]
            ));
        }
    }
}

#[test]
fn alpha_is_kept_and_left_out_when_nothing_is_transparent() {
    let mut pixels = quarters(40, 40);
    let info = frame(40, 40, Alpha::Meaningful);
    let control = JobControl::default();
    let opaque = encode(&settings(80.0), info, &pixels, &control, 16).unwrap();
    assert_eq!(decode(&opaque).unwrap().frame.alpha, Alpha::Opaque);
    for pixel in pixels.chunks_exact_mut(4).take(40 * 20) {
        pixel[3] = 100;
    }
    let file = encode(&settings(80.0), info, &pixels, &control, 16).unwrap();
    let decoded = decode(&file).unwrap();
    assert_eq!(decoded.frame.alpha, Alpha::Meaningful);
    assert!(near(pixel(&decoded, 2, 2), [0, 0, 255, 100]));
    assert!(near(pixel(&decoded, 2, 37), [255, 0, 0, 255]));
}

#[test]
fn quality_costs_bytes_and_lossless_is_refused() {
    let noise: Vec<u8> = (0..64 * 64 * 4u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let size = |quality| {
        let info = frame(64, 64, Alpha::Opaque);
        encode(&settings(quality), info, &noise, &JobControl::default(), 64)
            .unwrap()
            .len()
    };
    assert!(size(0.0) < size(50.0) && size(50.0) < size(100.0));
    let lossless = EncoderSettings::Avif(AvifSettings {
        quality: 100.0,
        speed: 10,
        lossless: true,
    });
    let info = frame(8, 8, Alpha::Opaque);
    let refused = encode(&lossless, info, &noise, &JobControl::default(), 8).unwrap_err();
    assert!(refused.contains("lossless"), "{refused}");
    let wide = frame(65537, 1, Alpha::Opaque);
    let refused = encode(&settings(50.0), wide, &noise, &JobControl::default(), 1).unwrap_err();
    assert!(refused.contains("65536"), "{refused}");
}

#[test]
fn rotation_and_mirroring_are_the_orientation() {
    let irot = |turns: u8| sized_box(b"irot", &[turns]);
    let imir = |axis: u8| sized_box(b"imir", &[axis]);
    let oriented = |extra: &[Vec<u8>]| decode(&built((32, 16), None, extra)).unwrap().header;
    assert_eq!(oriented(&[]).orientation, 1);
    // As libavif writes EXIF's orientations 1 to 8.
    let cases = [
        (vec![irot(0)], 1),
        (vec![imir(1)], 2),
        (vec![irot(2)], 3),
        (vec![imir(0)], 4),
        (vec![irot(1), imir(0)], 5),
        (vec![irot(3)], 6),
        (vec![irot(3), imir(0)], 7),
        (vec![irot(1)], 8),
    ];
    for (extra, orientation) in cases {
        let header = oriented(&extra);
        assert_eq!(header.orientation, orientation);
        assert_eq!(header.stored, Size::new(32, 16).unwrap());
    }
    // The order counts.
    assert_eq!(oriented(&[imir(0), irot(1)]).orientation, 7);
}

#[test]
fn a_clean_aperture_cuts() {
    let numbers = [6u32, 1, 4, 1, 9, 1, 0, 1];
    let clap = sized_box(
        b"clap",
        &numbers
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect::<Vec<_>>(),
    );
    // Columns 22..28, rows 6..10 of 32 × 16: half green, half white.
    let decoded = decode(&built((32, 16), None, &[clap])).unwrap();
    assert_eq!(decoded.header.stored, Size::new(6, 4).unwrap());
    assert!(near(pixel(&decoded, 3, 0), [0, 255, 0, 255]));
    assert!(near(pixel(&decoded, 3, 3), [255, 255, 255, 255]));
}

#[test]
fn a_grid_is_one_picture() {
    let file = built((32, 16), Some((2, 3, 60, 40)), &[]);
    let decoded = decode(&file).unwrap();
    assert_eq!(decoded.header.stored, Size::new(60, 40).unwrap());
    for y in [1, 17, 33] {
        assert!(near(pixel(&decoded, 2, y), [0, 0, 255, 255]));
        assert!(near(pixel(&decoded, 34, y), [0, 0, 255, 255]));
        assert!(near(pixel(&decoded, 28, y), [0, 255, 0, 255]));
    }
    assert!(near(pixel(&decoded, 58, 30), [255, 255, 255, 255]));
    let all = DecodeOptions::default();
    let control = JobControl::default();
    let strips = |strip| decode_with(&file, &all, &control, strip).unwrap().bgra;
    assert_eq!(strips(1), decoded.bgra);
    assert_eq!(strips(64), decoded.bgra);
    for (canvas, what) in [((65, 40), "no grid"), ((60, 32), "no grid")] {
        let error = decode(&built((32, 16), Some((2, 3, canvas.0, canvas.1)), &[])).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_property_that_must_be_known_and_is_not_is_named() {
    let error = decode(&built((16, 16), None, &[sized_box(b"fizz", &[])])).unwrap_err();
    assert!(error.contains("fizz"), "{error}");
}

#[test]
fn a_bitstream_must_not_be_larger_than_the_container_says() {
    let file = built((64, 64), None, &[]);
    let at = file.windows(4).position(|w| w == b"ispe").unwrap();
    for (side, what) in [(32u8, "larger"), (128, "container says")] {
        let mut file = file.clone();
        file[at + 11] = side;
        let error = decode(&file).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn memory_and_cancellation_are_respected() {
    let file = encoded(256, 256);
    let limited = |max_bytes| {
        let limits = Limits {
            max_bytes,
            ..Limits::default()
        };
        let control = JobControl::new(Arc::default(), limits);
        decode_with(&file, &DecodeOptions::default(), &control, 16)
    };
    assert!(limited(1 << 20).unwrap_err().contains("budget"));
    assert!(limited(2_300_000).unwrap_err().contains("budget"));
    assert!(limited(4 << 20).is_ok());
    let cancelled = JobControl::new(Arc::new(AtomicBool::new(true)), Limits::default());
    assert!(open(&input(&file), &cancelled).is_err());
    let small = Limits {
        max_bytes: 1 << 20,
        ..Limits::default()
    };
    let error = encode(
        &settings(50.0),
        frame(256, 256, Alpha::Opaque),
        &quarters(256, 256),
        &JobControl::new(Arc::default(), small),
        16,
    );
    assert!(error.unwrap_err().contains("budget"));
}

#[test]
fn working_bytes_cover_what_is_reserved() {
    for file in [
        encoded(300, 200),
        built((64, 64), Some((3, 4, 180, 250)), &[]),
    ] {
        let control = JobControl::default();
        let decoder = open(&input(&file), &control).unwrap();
        let promised = decoder.working_bytes(&DecodeOptions::default());
        let before = control.peak_bytes();
        drop(decoder);
        let control = JobControl::default();
        let decoded = decode_with(&file, &DecodeOptions::default(), &control, 1).unwrap();
        let ring = imageflow_pixels::RowBuf::bytes_for(&decoded.frame, 1);
        let used = control.peak_bytes() - ring - before;
        assert!(used <= promised + (64 << 10), "{used} of {promised}");
    }
}

#[test]
fn truncated_files_are_errors() {
    let file = encoded(48, 32);
    for length in 0..file.len() {
        assert!(decode(&file[..length]).is_err(), "{length}");
    }
    let grid = built((32, 16), Some((2, 2, 60, 30)), &[]);
    for length in (0..grid.len()).step_by(3) {
        assert!(decode(&grid[..length]).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// An error or a picture, never a panic, and never more memory than allowed.
    #[test]
    fn damaged_files_give_an_answer(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6), grid: bool) {
        static FILES: std::sync::OnceLock<[Vec<u8>; 2]> = std::sync::OnceLock::new();
        let files = FILES.get_or_init(|| [
            encoded(48, 32),
            built((32, 16), Some((2, 2, 60, 30)), &[sized_box(b"irot", &[1])]),
        ]);
        let mut file = files[usize::from(grid)].clone();
        for (at, with) in changes {
            let length = file.len();
            file[usize::from(at) % length] = with;
        }
        let limits = Limits { max_bytes: 64 << 20, ..Limits::default() };
        let control = JobControl::new(Arc::default(), limits);
        let _ = decode_with(&file, &DecodeOptions::default(), &control, 16);
        prop_assert!(control.peak_bytes() <= 64 << 20);
    }
}

#[test]
fn the_corpus_decodes_as_before() {
    let Some(folder) = shared("corpus/avif") else {
        return;
    };
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/avif/results.tsv");
    let mut found = String::from("file\tsize\torientation\talpha\tframes\tmean B\tG\tR\tA\n");
    let mut paths = files(&folder, "avif");
    paths.extend(files(&folder, "avifs"));
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // 289 megapixels: the limit says no.
        let limits = Limits {
            max_bytes: 256 << 20,
            ..Limits::default()
        };
        let control = JobControl::new(Arc::default(), limits);
        let bytes = std::fs::read(&path).unwrap();
        match decode_with(&bytes, &DecodeOptions::default(), &control, 64) {
            Ok(decoded) => {
                let Decoded {
                    header,
                    frame,
                    bgra,
                } = decoded;
                let count = if header.multiple_frames {
                    frames(&bytes).len()
                } else {
                    1
                };
                let opaque = if header.alpha == Alpha::Opaque {
                    "no"
                } else {
                    "yes"
                };
                let orientation = header.orientation;
                write!(
                    found,
                    "{name}\t{}\t{orientation}\t{opaque}\t{count}",
                    frame.size
                )
                .unwrap();
                for channel in 0..4 {
                    let sum: u64 = bgra.chunks_exact(4).map(|p| u64::from(p[channel])).sum();
                    write!(found, "\t{:.1}", sum as f64 / frame.size.area() as f64).unwrap();
                }
                found.push('\n');
            }
            Err(error) => writeln!(found, "{name}\t{error}").unwrap(),
        }
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    assert_eq!(found.lines().count(), expected.lines().count());
    for (found, expected) in found.lines().zip(expected.lines()) {
        let same = found.split('\t').zip(expected.split('\t')).all(|(a, b)| {
            // Rounding may differ between processors.
            let numbers = a.parse::<f64>().ok().zip(b.parse::<f64>().ok());
            numbers.map_or(a == b, |(a, b)| (a - b).abs() <= 0.2)
        });
        assert!(same, "found    {found}\nexpected {expected}");
    }
}

/// The delays of all frames, after looking at their canvases.
fn frames(bytes: &[u8]) -> Vec<u32> {
    let control = JobControl::default();
    let decoder = open(&input(bytes), &control).unwrap();
    let size = decoder.header().stored;
    let mut source = decoder
        .into_frames(&DecodeOptions::default(), &control)
        .unwrap();
    let mut delays = Vec::new();
    while let Some(frame) = source.next_frame().unwrap() {
        assert_eq!(frame.canvas.info().size, size);
        delays.push(frame.delay_ms);
    }
    delays
}

#[test]
fn a_sequence_has_frames_delays_and_plays() {
    let Some(folder) = shared("corpus/avif") else {
        return;
    };
    let bytes = std::fs::read(folder.join("star-8bpc.avifs")).unwrap();
    assert_eq!(frames(&bytes), [100; 5]);
    let control = JobControl::default();
    let one = |n| {
        let options = DecodeOptions {
            select_frame: Some(n),
            ..DecodeOptions::default()
        };
        decode_with(&bytes, &options, &control, 64)
    };
    assert_ne!(one(0).unwrap().bgra, one(3).unwrap().bgra);
    assert!(one(5).unwrap_err().contains("5 frames"));
    assert!(one(-1).is_err());
    let limited = DecodeOptions {
        select_frame: Some(3),
        max_total_pixels: Some(
            3 * open(&input(&bytes), &control)
                .unwrap()
                .header()
                .stored
                .area(),
        ),
        ..DecodeOptions::default()
    };
    let refused = decode_with(&bytes, &limited, &control, 64).unwrap_err();
    assert!(
        refused.contains("total decoded pixels (4 frames"),
        "{refused}"
    );
    let decoder = open(&input(&bytes), &control).unwrap();
    let source = decoder
        .into_frames(&DecodeOptions::default(), &control)
        .unwrap();
    assert_eq!(source.animation().plays, 1);
}

#[test]
fn damaged_files_of_the_corpus_end_quickly() {
    let Some(folder) = shared("corpus/malformed") else {
        return;
    };
    let mut paths = files(&folder.join("avif"), "avif");
    paths.extend(files(&folder.join("bin"), "bin"));
    for path in paths {
        let limits = Limits {
            max_bytes: 256 << 20,
            deadline: Some(Instant::now() + Duration::from_secs(10)),
            ..Limits::default()
        };
        let control = JobControl::new(Arc::default(), limits);
        let started = Instant::now();
        let bytes = std::fs::read(&path).unwrap();
        let _ = decode_with(&bytes, &DecodeOptions::default(), &control, 64);
        assert!(
            started.elapsed() < Duration::from_secs(12),
            "{}",
            path.display()
        );
    }
}
