//! No chunk besides IHDR, PLTE, tRNS and IDAT stops a picture, however damaged it is and wherever it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::io::Write;

use imageflow_codecs::DecodeOptions;
use imageflow_pixels::JobControl;
use proptest::prelude::*;
use support::{decode, decode_with};

type Chunk = ([u8; 4], Vec<u8>);

/// All chunks that the PNG specification names, and two that nobody knows.
const ANCILLARY: [&[u8; 4]; 22] = [
    b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"mDCV", b"cLLI", b"bKGD", b"hIST",
    b"sPLT", b"pHYs", b"eXIf", b"tIME", b"tEXt", b"zTXt", b"iTXt", b"acTL", b"fcTL", b"fdAT",
    b"prVt", b"quIk",
];
const WIDTH: u32 = 5;

fn written(chunks: &[Chunk]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in chunks {
        put(&mut out, kind, data);
    }
    out
}

fn put(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let body = [&kind[..], data].concat();
    out.extend(&body);
    out.extend(crc32fast::hash(&body).to_be_bytes());
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The chunks of a small picture; of a palette, RGB, or gray with alpha. The pixels are in two chunks.
fn picture(color_type: u8) -> Vec<Chunk> {
    let samples = match color_type {
        2 => 3,
        4 => 2,
        _ => 1,
    };
    let rows: Vec<u8> = (0..4u8)
        .flat_map(|y| {
            let row = (0..WIDTH as u8 * samples).map(move |x| (x + y) % 3 * 40);
            std::iter::once(0).chain(row)
        })
        .collect();
    let mut header = [WIDTH.to_be_bytes(), 4u32.to_be_bytes()].concat();
    header.extend([8, color_type, 0, 0, 0]);
    let data = packed(&rows);
    let (a, b) = data.split_at(data.len() / 2);
    let mut chunks = vec![(*b"IHDR", header)];
    if color_type == 3 {
        chunks.push((*b"PLTE", (0..=255).flat_map(|v| [v, 255 - v, 9]).collect()));
        chunks.push((*b"tRNS", vec![255, 10, 20]));
    }
    if color_type == 2 {
        chunks.push((*b"tRNS", vec![0, 0, 0, 40, 0, 80]));
    }
    chunks.extend([(*b"IDAT", a.to_vec()), (*b"IDAT", b.to_vec())]);
    chunks.push((*b"IEND", Vec::new()));
    chunks
}

/// The pixels without any colour conversion: a chunk that makes sense may mean other colours.
fn raw(file: &[u8]) -> Result<Vec<u8>, String> {
    let options = DecodeOptions {
        discard_color_profile: true,
        ..DecodeOptions::default()
    };
    let decoded = decode_with(file, &options, &JobControl::default(), 3)?;
    assert!(decode(file).is_ok(), "with its colours");
    Ok(decoded.bgra)
}

#[test]
fn every_chunk_may_be_empty_short_long_or_twice_and_anywhere() {
    for color_type in [2, 3, 4] {
        let sound = picture(color_type);
        let expected = raw(&written(&sound)).unwrap();
        for kind in ANCILLARY {
            for data in [vec![], vec![1], vec![0; 4], vec![255; 26], vec![7; 1000]] {
                for at in 1..sound.len() {
                    let mut chunks = sound.clone();
                    chunks.insert(at, (*kind, data.clone()));
                    chunks.insert(at, (*kind, data.clone()));
                    let found = raw(&written(&chunks));
                    let kind = String::from_utf8_lossy(kind);
                    assert_eq!(
                        found.as_ref(),
                        Ok(&expected),
                        "{kind} {} at {at}",
                        data.len()
                    );
                }
            }
        }
    }
}

#[test]
fn wrong_check_sums_and_lengths_of_other_chunks_do_not_matter() {
    let sound = picture(3);
    let expected = raw(&written(&sound)).unwrap();
    for kind in ANCILLARY {
        let mut before = written(&sound[..1]);
        let at = before.len();
        put(&mut before, kind, &[3; 40]);
        let rest = &written(&sound[1..])[8..];
        let file = [&before, rest].concat();
        let mut bad_sum = file.clone();
        bad_sum[at + 8 + 40] ^= 1;
        assert_eq!(raw(&bad_sum), Ok(expected.clone()));
        for length in [0u32, 1, 39, 41, 60, 5000, u32::MAX] {
            let mut bad_length = file.clone();
            bad_length[at..at + 4].copy_from_slice(&length.to_be_bytes());
            let found = raw(&bad_length);
            assert_eq!(found, Ok(expected.clone()), "{kind:?} {length}");
        }
    }
}

#[test]
fn an_unusable_profile_is_noted_or_refused() {
    let mut chunks = picture(2);
    let data = [b"name\0\0".to_vec(), packed(&[9; 300])].concat();
    chunks.insert(1, (*b"iCCP", data));
    chunks.insert(1, (*b"cICP", vec![1, 13, 1, 1]));
    let file = written(&chunks);
    let control = JobControl::default();
    decode_with(&file, &DecodeOptions::default(), &control, 3).unwrap();
    let notes: Vec<String> = control.notes().into_iter().map(|n| n.message).collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("matrix 1"), "{notes:?}");
    let strict = DecodeOptions {
        fail_on_color_profile_errors: true,
        ..DecodeOptions::default()
    };
    let error = decode_with(&file, &strict, &JobControl::default(), 3).unwrap_err();
    assert!(error.contains("cICP"), "{error}");
}

#[test]
fn the_first_sound_chunk_about_colours_counts() {
    // Linear light, then nonsense of the same kind; and in the wrong place.
    let gamma = (*b"gAMA", 100_000u32.to_be_bytes().to_vec());
    let points = [31270u32, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
    let chromaticities = (
        *b"cHRM",
        points.iter().flat_map(|v| v.to_be_bytes()).collect(),
    );
    let mut chunks = picture(2);
    let plain = decode(&written(&chunks)).unwrap().bgra;
    chunks.splice(
        1..1,
        [
            gamma.clone(),
            (*b"gAMA", vec![0; 4]),
            chromaticities.clone(),
        ],
    );
    let bright = decode(&written(&chunks)).unwrap().bgra;
    assert!(bright[0] > plain[0] || bright[4] > plain[4], "{bright:?}");
    let mut late = picture(2);
    let end = late.len() - 1;
    late.splice(end..end, [gamma, chromaticities]);
    assert_eq!(decode(&written(&late)).unwrap().bgra, plain);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn bytes_of_other_chunks_may_be_anything(
        kind in 0usize..22,
        data in proptest::collection::vec(any::<u8>(), 0..64),
        at in 1usize..6,
        color_type in prop_oneof![Just(2u8), Just(3), Just(4)],
    ) {
        let sound = picture(color_type);
        let expected = raw(&written(&sound)).unwrap();
        let mut chunks = sound.clone();
        chunks.insert(at.min(sound.len() - 1), (*ANCILLARY[kind], data));
        prop_assert_eq!(raw(&written(&chunks)), Ok(expected));
    }
}
