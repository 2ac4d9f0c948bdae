//! JPEG files of four inks: what their samples mean with Adobe's marker and without.
#![cfg(any(feature = "mozjpeg", feature = "portable"))]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;
#[cfg(feature = "tiff")]
#[allow(dead_code, unreachable_pub)]
mod tiff;

use support::decode;

/// Bits after each other, most significant first, as JPEG's entropy-coded data has them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    filled: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            if self.filled.is_multiple_of(8) {
                if self.bytes.last() == Some(&0xFF) {
                    self.bytes.push(0);
                }
                self.bytes.push(0);
            }
            let one = (value >> bit & 1) as u8;
            *self.bytes.last_mut().unwrap() |= one << (7 - self.filled % 8);
            self.filled += 1;
        }
    }
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 2).to_be_bytes();
    [&[0xFF, marker], &length[..], payload].concat()
}

/// A baseline file of flat blocks of 8×8 side by side, each with its four samples. `transform` is that of Adobe's marker.
fn file(blocks: &[[u8; 4]], transform: Option<u8>) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    if let Some(transform) = transform {
        let head = b"Adobe\0\x64\0\0\0\0";
        out.extend(segment(0xEE, &[&head[..], &[transform]].concat()));
    }
    // A flat block's first coefficient is eight times its level: stored in steps of eight.
    out.extend(segment(0xDB, &[[0].as_slice(), &[8; 64]].concat()));
    let width = (blocks.len() as u16 * 8).to_be_bytes();
    let mut frame = vec![8, 0, 8, width[0], width[1], 4];
    (1..=4).for_each(|id| frame.extend([id, 0x11, 0]));
    out.extend(segment(0xC0, &frame));
    // Sizes 0 to 8 in four bits each; of the other coefficients only "no more", in one bit.
    let sizes = [0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let names: Vec<u8> = (0..=8).collect();
    out.extend(segment(0xC4, &[[0].as_slice(), &sizes, &names].concat()));
    let mut one = [0; 16];
    one[0] = 1;
    out.extend(segment(0xC4, &[[0x10].as_slice(), &one, &[0]].concat()));
    out.extend(segment(0xDA, &[4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]));
    let mut bits = Bits::default();
    let mut before = [0i32; 4];
    for block in blocks {
        for (sample, before) in block.iter().zip(&mut before) {
            let level = i32::from(*sample) - 128;
            let difference = level - *before;
            *before = level;
            let size = 32 - difference.unsigned_abs().leading_zeros();
            bits.push(size, 4);
            let value = if difference < 0 {
                difference - 1
            } else {
                difference
            };
            bits.push(value as u32, size);
            bits.push(0, 1);
        }
    }
    let fill = (8 - bits.filled % 8) % 8;
    bits.push((1 << fill) - 1, fill);
    out.extend(bits.bytes);
    out.extend([0xFF, 0xD9]);
    out
}

/// The middle of each block.
fn colors(bytes: &[u8]) -> Vec<[u8; 4]> {
    let decoded = decode(bytes).unwrap();
    let pixels = decoded.bgra.as_chunks::<4>().0;
    pixels
        .iter()
        .skip(4)
        .step_by(8)
        .copied()
        .take(pixels.len() / 64)
        .collect()
}

/// Paper, black, cyan, magenta, yellow, all inks, and something between, with 255 for no ink.
const INKS: [[u8; 4]; 7] = [
    [255, 255, 255, 255],
    [255, 255, 255, 0],
    [0, 255, 255, 255],
    [255, 0, 255, 255],
    [255, 255, 0, 255],
    [0, 0, 0, 0],
    [200, 90, 160, 220],
];

#[test]
fn inks_without_adobes_marker_are_inverted_as_with_it() {
    let found = colors(&file(&INKS, None));
    assert_eq!(found, colors(&file(&INKS, Some(0))));
    let [
        paper,
        black,
        [b, g, r, _],
        [mb, mg, mr, _],
        [yb, yg, yr, _],
        all,
        _,
    ] = found[..]
    else {
        panic!("{found:?}");
    };
    assert!(paper.iter().all(|v| *v >= 250), "paper {paper:?}");
    assert!(black[..3].iter().all(|v| *v < 60), "black {black:?}");
    assert!(all[..3].iter().all(|v| *v < 40), "all inks {all:?}");
    assert!(b > 200 && g > 140 && r < 60, "cyan {b} {g} {r}");
    assert!(mb > 90 && mg < 60 && mr > 200, "magenta {mb} {mg} {mr}");
    assert!(yb < 60 && yg > 200 && yr > 220, "yellow {yb} {yg} {yr}");
}

#[test]
fn ycck_is_inverted_too() {
    // Y, Cb and Cr stand for the complements of C, M and Y as they are stored: 0 is 255 of each, no ink.
    let found = colors(&file(&[[0, 128, 128, 255], [0, 128, 128, 0]], Some(2)));
    assert!(found[0].iter().all(|v| *v >= 250), "paper {found:?}");
    assert!(found[1][..3].iter().all(|v| *v < 60), "black {found:?}");
    // Nothing but the marker says that samples are not inks.
    let found = colors(&file(&[[255, 128, 128, 255]], None));
    let half = colors(&file(&[[255, 128, 128, 255]], Some(0)));
    assert_eq!(found, half);
}

#[cfg(feature = "tiff")]
#[test]
fn jpeg_data_of_a_tiff_file_is_inks_as_they_are() {
    let page = |jpeg: Vec<u8>| {
        let mut page = tiff::Page::new(INKS.len() as u32 * 8, 8, 8, 4, &jpeg);
        (page.photometric, page.compression) = (5, 7);
        page.little()
    };
    let complement = INKS.map(|inks| inks.map(|v| 255 - v));
    assert_eq!(
        colors(&page(file(&complement, None))),
        colors(&file(&INKS, None))
    );
}
