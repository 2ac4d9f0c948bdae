//! BMP decoding: every depth and header, runs, damage, bounds.
#![cfg(feature = "bmp")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imageflow_codecs::{DecodeOptions, ImageFormat, detect, open};
use imageflow_pixels::{Alpha, JobControl, Limits};
use support::{decode, decode_with, input, survive_damage};

/// What a file is made of.
struct File {
    header_bytes: u32,
    width: i32,
    height: i32,
    bits: u16,
    compression: u32,
    masks: Vec<u32>,
    /// B, G, R.
    palette: Vec<[u8; 3]>,
    pixels: Vec<u8>,
}

impl File {
    fn new(width: i32, height: i32, bits: u16, pixels: &[u8]) -> File {
        File {
            header_bytes: 40,
            width,
            height,
            bits,
            compression: 0,
            masks: Vec::new(),
            palette: Vec::new(),
            pixels: pixels.to_vec(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut header = vec![];
        header.extend(self.header_bytes.to_le_bytes());
        if self.header_bytes == 12 {
            header.extend((self.width as u16).to_le_bytes());
            header.extend((self.height as u16).to_le_bytes());
        } else {
            header.extend(self.width.to_le_bytes());
            header.extend(self.height.to_le_bytes());
        }
        header.extend(1u16.to_le_bytes());
        header.extend(self.bits.to_le_bytes());
        if self.header_bytes > 12 {
            header.extend(self.compression.to_le_bytes());
            header.extend([0; 12]);
            header.extend((self.palette.len() as u32).to_le_bytes());
            header.extend(0u32.to_le_bytes());
        }
        self.masks
            .iter()
            .for_each(|m| header.extend(m.to_le_bytes()));
        let end = (self.header_bytes as usize).max(header.len());
        header.resize(end, 0);
        for [b, g, r] in &self.palette {
            header.extend([*b, *g, *r]);
            if self.header_bytes > 12 {
                header.push(0);
            }
        }
        let mut file = b"BM".to_vec();
        let offset = 14 + header.len() as u32;
        file.extend((offset + self.pixels.len() as u32).to_le_bytes());
        file.extend([0; 4]);
        file.extend(offset.to_le_bytes());
        file.extend(header);
        file.extend(&self.pixels);
        file
    }

    fn pixels(&self) -> Vec<[u8; 4]> {
        let decoded = decode(&self.bytes()).unwrap();
        decoded.bgra.as_chunks::<4>().0.to_vec()
    }
}

const RED: [u8; 4] = [0, 0, 255, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [255, 0, 0, 255];
const BLACK: [u8; 4] = [0, 0, 0, 255];

fn with_palette(bits: u16, pixels: &[u8]) -> File {
    File {
        palette: vec![[0, 0, 0], [0, 0, 255], [0, 255, 0], [255, 0, 0]],
        ..File::new(3, 2, bits, pixels)
    }
}

#[test]
fn indices_of_every_width_select_colours_from_the_bottom_up() {
    let expected = [RED, GREEN, BLUE, BLACK, RED, GREEN];
    let four = [0x01, 0x20, 0, 0, 0x12, 0x30, 0, 0];
    assert_eq!(with_palette(4, &four).pixels(), expected);
    let eight = [0, 1, 2, 0, 1, 2, 3, 0];
    assert_eq!(with_palette(8, &eight).pixels(), expected);
    let two = [0b0001_1000, 0, 0, 0, 0b0110_1100, 0, 0, 0];
    assert_eq!(with_palette(2, &two).pixels(), expected);
    let one = [0b0100_0000, 0, 0, 0, 0b1010_0000, 0, 0, 0];
    assert_eq!(
        with_palette(1, &one).pixels(),
        [RED, BLACK, RED, BLACK, RED, BLACK]
    );
}

#[test]
fn indices_beyond_the_palette_are_black() {
    let file = with_palette(8, &[9, 1, 255, 0, 1, 2, 3, 0]);
    assert_eq!(file.pixels()[3..], [BLACK, RED, BLACK]);
}

#[test]
fn negative_heights_are_from_the_top_down() {
    let file = File::new(1, -2, 24, &[0, 0, 255, 0, 0, 255, 0, 0]);
    assert_eq!(file.pixels(), [RED, GREEN]);
}

#[test]
fn os2_headers_have_palettes_of_three_bytes() {
    let file = File {
        header_bytes: 12,
        palette: vec![[0, 0, 255], [0, 255, 0]],
        ..File::new(2, 1, 1, &[0b0100_0000, 0, 0, 0])
    };
    assert_eq!(file.pixels(), [RED, GREEN]);
    let long = File {
        header_bytes: 64,
        ..File::new(1, 1, 24, &[0, 255, 0, 0])
    };
    assert_eq!(long.pixels(), [GREEN]);
}

#[test]
fn sixteen_bits_are_five_for_each_colour_unless_masks_say_otherwise() {
    let rows = |a: u16, b: u16| [a.to_le_bytes(), b.to_le_bytes()].concat();
    let plain = File::new(2, 1, 16, &rows(0x7C00, 0x03E0));
    assert_eq!(plain.pixels(), [RED, GREEN]);
    let masked = File {
        compression: 3,
        masks: vec![0xF800, 0x07E0, 0x001F],
        ..File::new(2, 1, 16, &rows(0xF800, 0x07E0))
    };
    assert_eq!(masked.pixels(), [RED, GREEN]);
}

#[test]
fn alpha_counts_where_the_header_has_a_mask_for_it() {
    let pixel = [10, 20, 30, 40];
    let without = File::new(1, 1, 32, &pixel);
    assert_eq!(without.pixels(), [[10, 20, 30, 255]]);
    for header_bytes in [56, 108, 124] {
        let masks = vec![0x00FF_0000, 0xFF00, 0xFF, 0xFF00_0000];
        let with = File {
            header_bytes,
            compression: 3,
            masks,
            ..File::new(1, 1, 32, &pixel)
        };
        assert_eq!(with.pixels(), [[10, 20, 30, 40]], "{header_bytes}");
        let header = decode(&with.bytes()).unwrap().header;
        assert_eq!(header.alpha, Alpha::Meaningful);
    }
    let behind = File {
        compression: 6,
        masks: vec![0xFF, 0xFF00, 0x00FF_0000, 0xFF00_0000],
        ..File::new(1, 1, 32, &pixel)
    };
    assert_eq!(behind.pixels(), [[30, 20, 10, 40]]);
    let header = decode(&without.bytes()).unwrap().header;
    assert_eq!((header.alpha, header.lossless), (Alpha::Opaque, true));
}

fn runs(bits: u16, codes: &[u8]) -> File {
    let compression = if bits == 8 { 1 } else { 2 };
    File {
        compression,
        ..with_palette(bits, codes)
    }
}

#[test]
fn runs_literals_and_jumps_are_followed() {
    // Bottom row: two of 1 and one of 2. Top row: a literal of 3, 2, 1 with a byte to make it even.
    let eight = [2, 1, 1, 2, 0, 0, 0, 3, 3, 2, 1, 0, 0, 1];
    let expected = [BLUE, GREEN, RED, RED, RED, GREEN];
    assert_eq!(runs(8, &eight).pixels(), expected);
    // The same with four bits: a run alternates between two indices.
    let four = [2, 0x11, 1, 0x20, 0, 0, 0, 3, 0x32, 0x10, 0, 1];
    assert_eq!(runs(4, &four).pixels(), expected);
    let alternating = [3, 0x12, 0, 1];
    assert_eq!(
        runs(4, &alternating).pixels(),
        [BLACK, BLACK, BLACK, RED, GREEN, RED]
    );
    // One to the right and one up from the start; the rest is index 0.
    let jump = [0, 2, 1, 1, 1, 2, 0, 1];
    assert_eq!(
        runs(8, &jump).pixels(),
        [BLACK, GREEN, BLACK, BLACK, BLACK, BLACK]
    );
}

#[test]
fn runs_beyond_a_row_or_the_picture_are_cut_off() {
    let long = [200, 1, 0, 0, 0, 2, 250, 0, 9, 2, 0, 0, 5, 3, 0, 0, 5, 3];
    assert_eq!(
        runs(8, &long).pixels(),
        [BLACK, BLACK, BLACK, RED, RED, RED]
    );
    // Nothing at all is a picture of index 0.
    assert_eq!(runs(8, &[]).pixels(), [BLACK; 6]);
}

fn large() -> File {
    let pixels: Vec<u8> = (0..400 * 300 * 3).map(|i| (i * 7 % 251) as u8).collect();
    File::new(400, 300, 24, &pixels)
}

#[test]
fn strips_and_skips_do_not_change_a_pixel() {
    let bytes = large().bytes();
    let control = JobControl::default();
    let whole = decode_with(&bytes, &DecodeOptions::default(), &control, 300).unwrap();
    let rows = decode_with(&bytes, &DecodeOptions::default(), &control, 1).unwrap();
    assert!(whole.bgra == rows.bgra);
    let mut source = open(&input(&bytes), &control)
        .unwrap()
        .into_rows(&DecodeOptions::default(), &control)
        .unwrap();
    assert!(source.skip_rows(123).unwrap());
    let mut row = imageflow_pixels::RowBuf::new(whole.frame, 1, &control).unwrap();
    source.read_rows(&mut row.advance(123..124, 123)).unwrap();
    assert_eq!(
        row.rows(123..124).row(123),
        &whole.bgra[123 * 1600..124 * 1600]
    );
}

#[test]
fn memory_does_not_depend_on_the_height() {
    let limits = Limits {
        max_bytes: 128 << 10,
        ..Limits::default()
    };
    let control = JobControl::new(Arc::default(), limits);
    decode_with(&large().bytes(), &DecodeOptions::default(), &control, 4).unwrap();
}

#[test]
fn a_file_too_short_is_refused_but_may_lack_the_last_padding() {
    let file = File::new(1, 2, 24, &[1, 2, 3, 0, 4, 5, 6]);
    assert_eq!(file.pixels(), [[4, 5, 6, 255], [1, 2, 3, 255]]);
    let mut bytes = file.bytes();
    bytes.pop();
    assert!(decode(&bytes).unwrap_err().contains("cannot hold"));
}

#[test]
fn claims_that_are_not_possible_are_refused_by_name() {
    let error = |file: File| decode(&file.bytes()).unwrap_err();
    assert!(error(File::new(0, 5, 24, &[])).contains("0x5"));
    assert!(error(File::new(-5, 5, 24, &[])).contains("-5x5"));
    assert!(error(File::new(5, i32::MIN, 24, &[])).contains("not possible"));
    assert!(error(File::new(30_000, 30_000, 32, &[0; 9])).contains("cannot hold"));
    assert!(error(File::new(1, 1, 7, &[0; 4])).contains("7 bits"));
    let jpeg = File {
        compression: 4,
        ..File::new(1, 1, 0, &[])
    };
    assert!(error(jpeg).contains("embedded JPEG"));
}

#[test]
fn an_embedded_profile_is_converted_from() {
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let mut file = File {
        header_bytes: 124,
        compression: 0,
        ..File::new(1, 1, 24, &[50, 100, 200, 0])
    }
    .bytes();
    file[14 + 56..14 + 60].copy_from_slice(b"DEBM");
    let offset = file.len() as u32 - 14;
    file[14 + 112..14 + 116].copy_from_slice(&offset.to_le_bytes());
    file[14 + 116..14 + 120].copy_from_slice(&(icc.len() as u32).to_le_bytes());
    file.extend(&icc);
    let converted = decode(&file).unwrap().bgra;
    for (got, want) in converted.iter().zip([31, 93, 215, 255]) {
        assert!(got.abs_diff(want) <= 1, "{converted:?}");
    }
    let as_it_is = DecodeOptions {
        discard_color_profile: true,
        ..DecodeOptions::default()
    };
    let plain = decode_with(&file, &as_it_is, &JobControl::default(), 1).unwrap();
    assert_eq!(plain.bgra, [50, 100, 200, 255]);
}

#[test]
fn cancellation_is_noticed() {
    let cancel = Arc::new(AtomicBool::new(true));
    let control = JobControl::new(cancel, Limits::default());
    let error = decode_with(&large().bytes(), &DecodeOptions::default(), &control, 4);
    assert!(error.unwrap_err().contains("Cancel"));
}

#[test]
fn damage_gives_an_image_or_an_error() {
    let masked = File {
        header_bytes: 108,
        compression: 3,
        masks: vec![0x00FF_0000, 0xFF00, 0xFF, 0xFF00_0000],
        ..File::new(9, 7, 32, &[77; 9 * 7 * 4])
    };
    let files = [
        masked,
        File::new(5, 5, 24, &[1; 80]),
        with_palette(8, &[1; 8]),
        runs(8, &[2, 1, 1, 2, 0, 0, 0, 3, 3, 2, 1, 0, 0, 2, 1, 1, 0, 1]),
        runs(4, &[2, 0x11, 1, 0x20, 0, 0, 0, 3, 0x32, 0x10, 0, 1]),
    ];
    for file in files {
        let bytes = file.bytes();
        assert_eq!(detect(&input(&bytes)).unwrap(), ImageFormat::Bmp);
        survive_damage(&bytes, 2000);
    }
}
