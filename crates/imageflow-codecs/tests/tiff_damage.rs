//! TIFF: JPEG strips, files of another encoder, damage, bounds.
#![cfg(feature = "tiff")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    dead_code
)]

mod support;
mod tiff;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::{DecodeOptions, EncoderSettings};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Limits, Size};
use support::{decode, decode_with, encode, survive_damage};
use tiff::{Page, Value, deflate, lzw, packbits, write};

fn noise(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * i * 31 + i * 7) as u8).collect()
}

/// A smooth picture, B, G, R, A.
fn smooth(width: usize, height: usize) -> Vec<u8> {
    (0..width * height)
        .flat_map(|i| {
            let (x, y) = (i % width, i / width);
            [(x * 3) as u8, (y * 4) as u8, (x + y) as u8, 255]
        })
        .collect()
}

fn jpeg(bgra: &[u8], width: u32, height: u32) -> Vec<u8> {
    let settings = EncoderSettings::Jpeg(JpegSettings {
        style: JpegStyle::Classic,
        quality: 95,
        progressive: false,
        optimize_huffman: false,
    });
    let frame = FrameInfo::bgra8(Size::new(width, height).unwrap(), Alpha::Opaque);
    encode(&settings, frame, bgra, &JobControl::default(), 8).unwrap()
}

#[test]
fn jpeg_strips_and_tiles_are_what_the_jpeg_decoder_makes_of_them() {
    let bgra = smooth(48, 32);
    let whole = jpeg(&bgra, 48, 32);
    let mut page = Page::new(48, 32, 8, 3, &whole);
    (page.compression, page.photometric) = (7, 6);
    let decoded = decode(&page.little()).unwrap();
    assert!(decoded.bgra == decode(&whole).unwrap().bgra);
    assert!(!decoded.header.lossless);

    let halves = [
        jpeg(&bgra[..48 * 16 * 4], 48, 16),
        jpeg(&bgra[48 * 16 * 4..], 48, 16),
    ];
    page.parts = halves.to_vec();
    page.rows_per_strip = 16;
    let expected = halves.map(|half| decode(&half).unwrap().bgra).concat();
    assert!(decode(&page.little()).unwrap().bgra == expected);

    // One tile, larger than the picture.
    let mut tile = Page::new(41, 30, 8, 3, &whole);
    (tile.compression, tile.photometric, tile.tile) = (7, 6, Some((48, 32)));
    let decoded = decode(&tile.little()).unwrap().bgra;
    assert!(decoded[..41 * 4] == decode(&whole).unwrap().bgra[..41 * 4]);
}

#[test]
fn jpeg_tables_may_be_shared() {
    let whole = jpeg(&smooth(16, 16), 16, 16);
    // The segments with tables go to the tag, the rest stays.
    let (mut tables, mut data) = (vec![0xFF, 0xD8], vec![0xFF, 0xD8]);
    let mut at = 2;
    while whole[at + 1] != 0xDA {
        let length = 2 + usize::from(whole[at + 2]) * 256 + usize::from(whole[at + 3]);
        let segment = &whole[at..at + length];
        let is_table = matches!(segment[1], 0xDB | 0xC4);
        if is_table { &mut tables } else { &mut data }.extend(segment);
        at += length;
    }
    tables.extend([0xFF, 0xD9]);
    data.extend(&whole[at..]);
    let mut page = Page::new(16, 16, 8, 3, &data).tag(347, Value::Bytes(tables));
    (page.compression, page.photometric) = (7, 6);
    assert!(decode(&page.little()).unwrap().bgra == decode(&whole).unwrap().bgra);
}

#[test]
fn memory_does_not_depend_on_the_height_of_strips() {
    let pixels = noise(300 * 2000 * 3);
    for (compression, data) in [
        (1, pixels.clone()),
        (5, lzw(&pixels)),
        (8, deflate(&pixels)),
    ] {
        let mut page = Page::new(300, 2000, 8, 3, &data);
        page.compression = compression;
        let limits = Limits {
            max_bytes: 256 << 10,
            ..Limits::default()
        };
        let control = JobControl::new(Arc::default(), limits);
        decode_with(&page.little(), &DecodeOptions::default(), &control, 4).unwrap();
    }
}

#[test]
fn tiles_that_do_not_fit_the_budget_are_refused() {
    let pixels = vec![0; 1024 * 1024 * 3];
    let mut page = Page::new(1000, 1000, 8, 3, &deflate(&pixels));
    (page.compression, page.tile) = (8, Some((1024, 1024)));
    let limits = Limits {
        max_bytes: 1 << 20,
        ..Limits::default()
    };
    let control = JobControl::new(Arc::default(), limits);
    let error = decode_with(&page.little(), &DecodeOptions::default(), &control, 4);
    assert!(error.unwrap_err().contains("budget"));
}

#[test]
fn cancellation_is_noticed() {
    let page = Page::new(10, 10, 8, 3, &noise(300));
    let control = JobControl::new(Arc::new(AtomicBool::new(true)), Limits::default());
    let error = decode_with(&page.little(), &DecodeOptions::default(), &control, 4);
    assert!(error.unwrap_err().contains("Cancel"));
}

#[test]
fn pages_in_a_circle_end() {
    let mut file = write(&[Page::new(1, 1, 8, 1, &[5])], true, false);
    // The link behind the only directory leads back to it.
    let end = file.len() - 4;
    let first = file[4..8].to_vec();
    file[end..].copy_from_slice(&first);
    let options = DecodeOptions {
        select_frame: Some(i32::MAX),
        ..DecodeOptions::default()
    };
    let error = decode_with(&file, &options, &JobControl::default(), 1).unwrap_err();
    assert!(error.contains("only has 1 page"), "{error}");
}

#[test]
fn damage_gives_an_image_or_an_error() {
    let rgb = noise(20 * 12 * 3);
    let coded = |compression: u16, data: Vec<u8>| {
        let mut page = Page::new(20, 12, 8, 3, &data);
        page.compression = compression;
        page
    };
    let mut planar = coded(1, rgb.clone()).short(284, 2);
    planar.parts = rgb.chunks(240).map(<[u8]>::to_vec).collect();
    let mut tiled = coded(8, Vec::new());
    (tiled.tile, tiled.parts) = (Some((16, 16)), vec![deflate(&noise(16 * 16 * 3)); 2]);
    let mut palette = Page::new(20, 12, 4, 1, &noise(120)).tag(320, Value::Shorts(vec![9; 48]));
    palette.photometric = 3;
    let mut fax = Page::new(20, 12, 1, 1, &noise(60));
    (fax.compression, fax.photometric) = (4, 0);
    let mut fax3 = fax.clone();
    fax3.compression = 3;
    let mut jpegs = coded(7, jpeg(&smooth(20, 12), 20, 12));
    jpegs.photometric = 6;
    let floats = Page::new(5, 4, 32, 3, &deflate(&noise(240))).tag(339, Value::Shorts(vec![3; 3]));
    let mut floats = floats.short(317, 3);
    floats.compression = 8;
    let mut inks = Page::new(15, 12, 8, 4, &rgb);
    inks.photometric = 5;
    let pages = [
        coded(1, rgb.clone()),
        coded(5, lzw(&rgb)).short(317, 2),
        coded(8, deflate(&rgb)).short(317, 2),
        coded(32773, packbits(&rgb)),
        planar,
        tiled,
        palette,
        fax,
        fax3,
        jpegs,
        floats,
        inks,
        Page::new(10, 12, 16, 3, &rgb).short(274, 6),
    ];
    for page in pages {
        survive_damage(&page.little(), 600);
        survive_damage(&page.big_tiff(), 200);
    }
}
