//! TIFF decoding: layouts, depths, colours, compressions, pages.
#![cfg(feature = "tiff")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub
)]

mod support;
mod tiff;

use imageflow_codecs::{DecodeOptions, open};
use imageflow_pixels::{Alpha, JobControl, Size};
use support::{Decoded, decode, decode_with, input};
use tiff::{Page, Value, deflate, lzw, packbits, write};

fn pixels(bytes: &[u8]) -> Vec<[u8; 4]> {
    let decoded = decode(bytes).unwrap();
    decoded.bgra.as_chunks::<4>().0.to_vec()
}

fn with(bytes: &[u8], options: DecodeOptions) -> Result<Decoded, String> {
    decode_with(bytes, &options, &JobControl::default(), 3)
}

/// Samples that do not repeat within a row.
fn noise(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * i * 31 + i * 7) as u8).collect()
}

/// What RGB samples decode to.
fn bgra(rgb: &[u8]) -> Vec<u8> {
    rgb.chunks_exact(3)
        .flat_map(|p| [p[2], p[1], p[0], 255])
        .collect()
}

#[test]
fn byte_orders_and_offset_sizes_do_not_matter() {
    let rgb = noise(7 * 5 * 3);
    let page = Page::new(7, 5, 8, 3, &rgb);
    for file in [
        page.little(),
        page.big_endian(),
        page.big_tiff(),
        write(std::slice::from_ref(&page), false, true),
    ] {
        let decoded = decode(&file).unwrap();
        assert_eq!(decoded.bgra, bgra(&rgb));
        assert_eq!(decoded.header.alpha, Alpha::Opaque);
        assert!(decoded.header.lossless && !decoded.header.is_deep);
    }
}

#[test]
fn gray_of_every_width_is_spread() {
    let gray = |v: u8| [v, v, v, 255];
    let one = Page::new(3, 1, 1, 1, &[0b1010_0000]);
    assert_eq!(pixels(&one.little()), [gray(255), gray(0), gray(255)]);
    let two = Page::new(4, 1, 2, 1, &[0b0001_1011]);
    assert_eq!(pixels(&two.little()), [0, 85, 170, 255].map(gray));
    let four = Page::new(2, 1, 4, 1, &[0x1F]);
    assert_eq!(pixels(&four.little()), [gray(17), gray(255)]);
    let twelve = Page::new(2, 1, 12, 1, &[0xFF, 0xF8, 0x00]);
    assert_eq!(pixels(&twelve.little()), [gray(255), gray(128)]);
    let mut inverted = Page::new(2, 1, 8, 1, &[0, 200]);
    inverted.photometric = 0;
    assert_eq!(pixels(&inverted.little()), [gray(255), gray(55)]);
}

#[test]
fn palettes_have_sixteen_bits_or_eight() {
    let map = |full: u16| {
        let mut map = vec![0u16; 3 * 16];
        (map[1], map[16 + 2], map[32 + 3]) = (full, full, full);
        Value::Shorts(map)
    };
    for full in [0xFFFF, 0xFF] {
        let mut page = Page::new(4, 1, 4, 1, &[0x01, 0x23]).tag(320, map(full));
        page.photometric = 3;
        let expected = [
            [0, 0, 0, 255],
            [0, 0, 255, 255],
            [0, 255, 0, 255],
            [255, 0, 0, 255],
        ];
        assert_eq!(pixels(&page.little()), expected);
    }
    let mut without = Page::new(1, 1, 8, 1, &[0]);
    without.photometric = 3;
    assert!(decode(&without.little()).unwrap_err().contains("palette"));
}

#[test]
fn alpha_is_straight_associated_or_none() {
    let page = Page::new(1, 1, 8, 4, &[50, 100, 20, 128]);
    let found = |page: Page| pixels(&page.little())[0];
    assert_eq!(found(page.clone().short(338, 2)), [20, 100, 50, 128]);
    assert_eq!(found(page.clone().short(338, 1)), [40, 199, 100, 128]);
    assert_eq!(found(page.clone().short(338, 0)), [20, 100, 50, 255]);
    // What programs mean that do not say.
    assert_eq!(found(page), [20, 100, 50, 128]);
    let gray = Page::new(1, 1, 8, 2, &[60, 30]).short(338, 2);
    assert_eq!(found(gray), [60, 60, 60, 30]);
    // An alpha behind a sample without a meaning.
    let late = Page::new(1, 1, 8, 5, &[1, 2, 3, 99, 77]).tag(338, Value::Shorts(vec![0, 2]));
    assert_eq!(found(late), [3, 2, 1, 77]);
    let transparent = Page::new(1, 1, 8, 4, &[50, 100, 20, 0]).short(338, 1);
    assert_eq!(found(transparent), [0, 0, 0, 0]);
}

#[test]
fn sixteen_bits_keep_their_depth_for_a_resample() {
    let samples: [u16; 4] = [65535, 32768, 300, 32768];
    let little: Vec<u8> = samples.iter().flat_map(|v| v.to_le_bytes()).collect();
    let big: Vec<u8> = samples.iter().flat_map(|v| v.to_be_bytes()).collect();
    let page = |bytes: &[u8]| Page::new(1, 1, 16, 4, bytes).short(338, 2);
    for file in [page(&little).little(), page(&big).big_endian()] {
        assert_eq!(pixels(&file), [[1, 128, 255, 128]]);
        let options = DecodeOptions {
            linear_floats: true,
            ..DecodeOptions::default()
        };
        let deep = with(&file, options).unwrap();
        assert!(deep.header.is_deep);
        let found: Vec<f32> = deep
            .bgra
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect();
        let light = |v: u16| imageflow_pixels::transfer::srgb_to_linear(f64::from(v) / 65535.0);
        let alpha = 32768.0 / 65535.0;
        let expected = [light(300) * alpha, light(32768) * alpha, alpha, alpha];
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (f64::from(*found) - expected).abs() < 1e-6,
                "{found} {expected}"
            );
        }
    }
}

#[test]
fn floats_are_clamped() {
    let floats = [2.0f32, -1.0, 0.5];
    let bytes: Vec<u8> = floats.iter().flat_map(|v| v.to_le_bytes()).collect();
    let page = Page::new(1, 1, 32, 3, &bytes).tag(339, Value::Shorts(vec![3; 3]));
    assert_eq!(pixels(&page.little()), [[128, 0, 255, 255]]);
    let halves: Vec<u8> = [0x3C00u16, 0x7E00, 0x3800]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let page = Page::new(1, 1, 16, 3, &halves).tag(339, Value::Shorts(vec![3; 3]));
    assert_eq!(pixels(&page.little()), [[128, 0, 255, 255]]);
    let doubles: Vec<u8> = [1.0f64, 0.0, 0.5]
        .iter()
        .flat_map(|v| v.to_be_bytes())
        .collect();
    let page = Page::new(1, 1, 64, 3, &doubles).tag(339, Value::Shorts(vec![3; 3]));
    assert_eq!(pixels(&page.big_endian()), [[128, 0, 255, 255]]);
}

#[test]
fn inks_are_converted_like_those_of_jpeg() {
    let mut page = Page::new(2, 1, 8, 4, &[0, 0, 0, 0, 255, 0, 0, 0]);
    page.photometric = 5;
    let found = pixels(&page.little());
    assert_eq!(found[0], [255; 4]);
    let [b, g, r, a] = found[1];
    assert!(b > 200 && g > 140 && r < 60 && a == 255, "cyan {b} {g} {r}");
    let mut wide = Page::new(1, 1, 16, 4, &[0xFF, 0xFF, 0, 0, 0, 0, 0, 0]);
    wide.photometric = 5;
    let decoded = decode(&wide.little()).unwrap();
    assert_eq!(decoded.bgra, found[1]);
    assert!(!decoded.header.is_deep);
    let mut alpha = Page::new(1, 1, 8, 5, &[0, 0, 0, 0, 9]).short(338, 2);
    alpha.photometric = 5;
    assert_eq!(pixels(&alpha.little()), [[255, 255, 255, 9]]);
}

#[test]
fn an_embedded_profile_is_converted_from() {
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let page = Page::new(1, 1, 8, 3, &[200, 100, 50]).tag(34675, Value::Bytes(p3.clone()));
    let near = |found: &[u8]| {
        for (got, want) in found.iter().zip([31, 93, 215, 255]) {
            assert!(got.abs_diff(want) <= 1, "{found:?}");
        }
    };
    near(&decode(&page.little()).unwrap().bgra);
    let wide: Vec<u8> = [200u16 * 257, 100 * 257, 50 * 257]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let wide = Page::new(1, 1, 16, 3, &wide).tag(34675, Value::Bytes(p3));
    near(&decode(&wide.little()).unwrap().bgra);
    let broken = Page::new(1, 1, 8, 3, &[200, 100, 50]).tag(34675, Value::Bytes(vec![7; 200]));
    assert_eq!(decode(&broken.little()).unwrap().bgra, [50, 100, 200, 255]);
    let strict = DecodeOptions {
        fail_on_color_profile_errors: true,
        ..DecodeOptions::default()
    };
    let error = with(&broken.little(), strict).unwrap_err();
    assert!(error.contains("profile"), "{error}");
}

#[test]
fn orientations_are_told_and_stored_rows_are_not_turned() {
    for orientation in 0..=9 {
        let page = Page::new(3, 2, 8, 1, &[1, 2, 3, 4, 5, 6]).short(274, orientation);
        let decoded = decode(&page.little()).unwrap();
        let expected = if (1..=8).contains(&orientation) {
            orientation as u8
        } else {
            1
        };
        assert_eq!(decoded.header.orientation, expected);
        let turned = decoded.header.oriented();
        let size = if expected >= 5 {
            Size::new(2, 3)
        } else {
            Size::new(3, 2)
        };
        assert_eq!(Some(turned), size);
        assert_eq!(decoded.bgra[0..5], [1, 1, 1, 255, 2]);
    }
}

/// The rows of `bytes` in strips, coded by `code`.
fn strips(bytes: &[u8], row: usize, rows: usize, code: fn(&[u8]) -> Vec<u8>) -> Vec<Vec<u8>> {
    bytes.chunks(row * rows).map(code).collect()
}

#[test]
fn compressions_and_strips_give_the_same_pixels() {
    let (width, height) = (50, 33);
    let rgb = noise(width * height * 3);
    for (compression, code) in [
        (1, (|b| b.to_vec()) as fn(&[u8]) -> Vec<u8>),
        (5, lzw),
        (8, deflate),
        (32946, deflate),
        (32773, packbits),
    ] {
        for rows in [1, 4, 33] {
            let mut page = Page::new(50, 33, 8, 3, &[]);
            page.compression = compression;
            page.rows_per_strip = rows as u32;
            page.parts = strips(&rgb, width * 3, rows, code);
            assert_eq!(
                decode(&page.little()).unwrap().bgra,
                bgra(&rgb),
                "{compression} {rows}"
            );
        }
    }
    // Runs are what PackBits and LZW are for.
    let plain = vec![7; width * height * 3];
    for (compression, code) in [(5, lzw as fn(&[u8]) -> Vec<u8>), (32773, packbits)] {
        let mut page = Page::new(50, 33, 8, 3, &code(&plain));
        page.compression = compression;
        assert_eq!(decode(&page.little()).unwrap().bgra, bgra(&plain));
    }
}

#[test]
fn planes_come_together() {
    let rgb = noise(6 * 4 * 3);
    let plane = |i: usize| rgb.iter().skip(i).step_by(3).copied().collect::<Vec<u8>>();
    let mut page = Page::new(6, 4, 8, 3, &[]).short(284, 2);
    page.rows_per_strip = 3;
    page.parts = (0..3)
        .flat_map(|i| strips(&plane(i), 6, 3, |b| b.to_vec()))
        .collect();
    assert_eq!(decode(&page.little()).unwrap().bgra, bgra(&rgb));
}

#[test]
fn tiles_come_together_and_their_padding_is_left_out() {
    let (width, height, side) = (37, 21, 16);
    let rgb = noise(width * height * 3);
    let mut parts = Vec::new();
    for top in (0..height).step_by(side) {
        for left in (0..width).step_by(side) {
            let mut tile = vec![99; side * side * 3];
            for y in top..(top + side).min(height) {
                let end = (left + side).min(width);
                let row = &rgb[(y * width + left) * 3..(y * width + end) * 3];
                let at = (y - top) * side * 3;
                tile[at..at + row.len()].copy_from_slice(row);
            }
            parts.push(deflate(&tile));
        }
    }
    let mut page = Page::new(37, 21, 8, 3, &[]);
    (page.compression, page.tile, page.parts) = (8, Some((16, 16)), parts);
    for strip in [1, 5, 21] {
        let options = DecodeOptions::default();
        let decoded = decode_with(&page.little(), &options, &JobControl::default(), strip).unwrap();
        assert_eq!(decoded.bgra, bgra(&rgb));
    }
}

#[test]
fn predictors_are_undone() {
    let rgb = noise(9 * 3 * 3);
    let differences: Vec<u8> = rgb
        .chunks(27)
        .flat_map(|row| {
            (0..27)
                .map(|i| {
                    if i < 3 {
                        row[i]
                    } else {
                        row[i].wrapping_sub(row[i - 3])
                    }
                })
                .collect::<Vec<_>>()
        })
        .collect();
    for (compression, code) in [(5, lzw as fn(&[u8]) -> Vec<u8>), (8, deflate)] {
        let mut page = Page::new(9, 3, 8, 3, &code(&differences)).short(317, 2);
        page.compression = compression;
        assert_eq!(decode(&page.little()).unwrap().bgra, bgra(&rgb));
    }
}

#[test]
fn group_4_faxes_are_read() {
    let (width, height) = (70u16, 5usize);
    let black = |x: u16, y: usize| (usize::from(x) * 7 + y * 3) % 11 < 4;
    let mut encoder = fax::encoder::Encoder::new(fax::VecWriter::new());
    for y in 0..height {
        let row = (0..width).map(|x| {
            if black(x, y) {
                fax::Color::Black
            } else {
                fax::Color::White
            }
        });
        encoder.encode_line(row, width).unwrap();
    }
    let data = encoder.finish().unwrap().finish();
    let mut page = Page::new(u32::from(width), height as u32, 1, 1, &data);
    (page.compression, page.photometric) = (4, 0);
    let expected: Vec<[u8; 4]> = (0..height)
        .flat_map(|y| {
            (0..width).map(move |x| {
                if black(x, y) {
                    [0, 0, 0, 255]
                } else {
                    [255; 4]
                }
            })
        })
        .collect();
    assert!(pixels(&page.little()) == expected);
    page.parts[0].iter_mut().for_each(|b| *b = b.reverse_bits());
    assert!(pixels(&page.short(266, 2).little()) == expected);
}

#[test]
fn group_3_faxes_may_end_with_their_last_row() {
    const END_OF_LINE: &str = "000000000001";
    // 4 white, 4 black, 8 white (T.4, table 2).
    const ROW: &str = "101101110011";
    let file = |rows: u32, end: &str| {
        let bits: String = (0..2).map(|_| [END_OF_LINE, ROW].concat()).collect();
        let bits = bits + end;
        let byte =
            |bits: &[u8]| (0..8).fold(0, |v, i| v << 1 | u8::from(bits.get(i) == Some(&b'1')));
        let data: Vec<u8> = bits.as_bytes().chunks(8).map(byte).collect();
        let mut page = Page::new(16, rows, 1, 1, &data);
        (page.compression, page.photometric) = (3, 0);
        page.little()
    };
    let row = (0..16).map(|x| {
        if (4..8).contains(&x) {
            [0, 0, 0, 255]
        } else {
            [255; 4]
        }
    });
    let expected: Vec<[u8; 4]> = row.clone().chain(row).collect();
    assert!(pixels(&file(2, "")) == expected);
    assert!(pixels(&file(2, &END_OF_LINE.repeat(6))) == expected);
    assert!(decode(&file(3, "")).unwrap_err().contains("fax"));
}

#[test]
fn pages_are_selected_by_number() {
    let pages = [
        Page::new(2, 1, 8, 1, &[1, 2]),
        Page::new(1, 3, 8, 1, &[7, 8, 9]).short(274, 6),
    ];
    let file = write(&pages, true, false);
    let page = |frame| DecodeOptions {
        select_frame: Some(frame),
        ..DecodeOptions::default()
    };
    assert_eq!(
        with(&file, page(0)).unwrap().frame.size,
        Size::new(2, 1).unwrap()
    );
    assert_eq!(with(&file, page(1)).unwrap().bgra[..4], [7, 7, 7, 255]);
    let mut decoder = open(&input(&file), &JobControl::default()).unwrap();
    decoder.select(&page(1)).unwrap();
    assert_eq!(decoder.header().oriented(), Size::new(3, 1).unwrap());
    let error = with(&file, page(2)).unwrap_err();
    assert!(
        error.contains("frame=2") && error.contains("only has 2 pages"),
        "{error}"
    );
    assert!(with(&file, page(-1)).unwrap_err().contains("count from 0"));
}

#[test]
fn what_is_not_supported_is_named() {
    let page = Page::new(1, 1, 8, 3, &[1, 2, 3]);
    let error = |page: Page| decode(&page.little()).unwrap_err();
    let mut coded = page.clone();
    coded.compression = 34712;
    assert!(error(coded).contains("JPEG 2000"));
    let mut lab = page.clone();
    lab.photometric = 8;
    assert!(error(lab).contains("L*a*b*"));
    assert!(error(page.clone().tag(339, Value::Shorts(vec![2; 3]))).contains("signed"));
    assert!(error(Page::new(0, 1, 8, 1, &[])).contains("0x1"));
    assert!(error(Page::new(60_000, 60_000, 8, 3, &[0; 50])).contains("cannot hold"));
    assert!(decode(b"II*\0\x08\0\0\0").unwrap_err().contains("ends"));
}
