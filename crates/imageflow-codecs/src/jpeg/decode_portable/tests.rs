//! The decoder as a whole, against the `jpeg-decoder` crate and against itself.

mod damage;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imageflow_pixels::{ControlError, JobControl, Limits, RowBuf, StreamError};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::color::cmyk_transform;
use crate::decoder::{BlockScale, DecodeOptions, open};
use crate::error::CodecError;
use crate::input::{Bytes, Input};

const SAMPLINGS: [SamplingFactor; 6] = [
    SamplingFactor::F_1_1,
    SamplingFactor::F_2_1,
    SamplingFactor::F_1_2,
    SamplingFactor::F_2_2,
    SamplingFactor::F_4_1,
    SamplingFactor::F_4_2,
];

/// Waves that differ between channels.
fn picture(width: u16, height: u16, channels: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for y in 0..f64::from(height) as u32 {
        for x in 0..u32::from(width) {
            for c in 0..channels as u32 {
                let phase = f64::from(x * (c + 2)) / 29.0 + f64::from(y * (4 - c)) / 37.0;
                out.push((127.5 + 120.0 * phase.sin()) as u8);
            }
        }
    }
    out
}

struct Made {
    color: ColorType,
    sampling: SamplingFactor,
    progressive: bool,
    restart: u16,
}

const PLAIN: Made = Made {
    color: ColorType::Rgb,
    sampling: SamplingFactor::F_2_2,
    progressive: false,
    restart: 0,
};

fn made(how: &Made, width: u16, height: u16) -> Vec<u8> {
    let channels = match how.color {
        ColorType::Luma => 1,
        ColorType::Rgb => 3,
        _ => 4,
    };
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 90);
    encoder.set_sampling_factor(how.sampling);
    encoder.set_progressive(how.progressive);
    if how.restart > 0 {
        encoder.set_restart_interval(how.restart);
    }
    encoder
        .encode(&picture(width, height, channels), width, height, how.color)
        .unwrap();
    out
}

fn decode_with(
    bytes: &[u8],
    options: &DecodeOptions,
    control: &JobControl,
    strip: u32,
    first: u32,
) -> Result<Vec<u8>, StreamError> {
    let input = Input::Memory(Bytes::Shared(bytes.into()));
    let mut rows = open(&input, control)?.into_rows(options, control)?;
    let frame = rows.frame();
    let mut ring = RowBuf::new(frame, strip, control)?;
    let mut out = Vec::new();
    if first > 0 {
        assert!(rows.skip_rows(first)?);
    }
    let mut y = first;
    while y < frame.size.height() {
        let end = (y + strip).min(frame.size.height());
        rows.read_rows(&mut ring.advance(y..end, y))?;
        let view = ring.rows(y..end);
        (y..end).for_each(|y| out.extend_from_slice(view.row(y)));
        y = end;
    }
    Ok(out)
}

fn decode(bytes: &[u8]) -> Result<Vec<u8>, StreamError> {
    decode_with(
        bytes,
        &DecodeOptions::default(),
        &JobControl::default(),
        5,
        0,
    )
}

/// Largest and mean difference of red, green and blue.
fn distance(bgra: &[u8], rgb: &[u8]) -> (u8, f64) {
    assert_eq!(bgra.len() / 4, rgb.len() / 3);
    let pixels = bgra.chunks_exact(4).zip(rgb.chunks_exact(3));
    let differences: Vec<u8> = pixels
        .flat_map(|(a, b)| {
            [
                a[2].abs_diff(b[0]),
                a[1].abs_diff(b[1]),
                a[0].abs_diff(b[2]),
            ]
        })
        .collect();
    let sum: u32 = differences.iter().map(|d| u32::from(*d)).sum();
    let mean = f64::from(sum) / differences.len() as f64;
    (differences.into_iter().max().unwrap(), mean)
}

#[test]
fn every_sampling_is_near_an_independent_decoder() {
    for sampling in SAMPLINGS {
        for progressive in [false, true] {
            for (width, height) in [(64, 48), (61, 43), (3, 17), (1, 1)] {
                let how = Made {
                    sampling,
                    progressive,
                    ..PLAIN
                };
                let bytes = made(&how, width, height);
                let expected = jpeg_decoder::Decoder::new(&bytes[..]).decode().unwrap();
                let (max, mean) = distance(&decode(&bytes).unwrap(), &expected);
                // Upsampling of the other decoder rounds otherwise, and repeats where libjpeg filters across rows.
                let (most, usual) = match sampling {
                    SamplingFactor::F_1_2 | SamplingFactor::F_2_2 => (8, 0.8),
                    _ => (4, 0.7),
                };
                assert!(
                    max <= most && (mean < usual || width < 9),
                    "{sampling:?} {progressive} {width}x{height}: {max} {mean}"
                );
            }
        }
    }
}

#[test]
fn gray_is_gray() {
    for progressive in [false, true] {
        let how = Made {
            color: ColorType::Luma,
            sampling: SamplingFactor::F_1_1,
            progressive,
            restart: 0,
        };
        let bytes = made(&how, 45, 33);
        let expected = jpeg_decoder::Decoder::new(&bytes[..]).decode().unwrap();
        let expected: Vec<u8> = expected.iter().flat_map(|v| [*v; 3]).collect();
        let out = decode(&bytes).unwrap();
        assert!(distance(&out, &expected).0 <= 1);
        assert!(
            out.chunks_exact(4)
                .all(|p| p[0] == p[1] && p[1] == p[2] && p[3] == 255)
        );
    }
}

#[test]
fn adobes_inks_are_inverted_and_ycck_becomes_cmyk() {
    for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let how = Made {
            color,
            sampling: SamplingFactor::F_1_1,
            ..PLAIN
        };
        let bytes = made(&how, 40, 24);
        // The crate gives ink coverage: the complement of what an Adobe file stores.
        let mut decoder = jpeg_decoder::Decoder::new(&bytes[..]);
        let cmyk = decoder.decode().unwrap();
        let (mut max, mut mean) = (0, 0.0);
        for inverted in [false, true] {
            let mut expected = vec![0; cmyk.len()];
            cmyk_transform(None)
                .unwrap()
                .inverted(inverted)
                .apply(&cmyk, &mut expected);
            let rgb: Vec<u8> = expected
                .chunks_exact(4)
                .flat_map(|p| [p[2], p[1], p[0]])
                .collect();
            let found = distance(&decode(&bytes).unwrap(), &rgb);
            if inverted {
                assert!(found.1 > 20.0, "the wrong polarity looks the same");
            } else {
                (max, mean) = found;
            }
        }
        assert!(max <= 6 && mean < 0.5, "{color:?}: {max} {mean}");
    }
}

#[test]
fn strips_and_skipped_rows_do_not_change_pixels() {
    for sampling in SAMPLINGS {
        let bytes = made(
            &Made {
                sampling,
                restart: 3,
                ..PLAIN
            },
            50,
            70,
        );
        let (options, control) = (DecodeOptions::default(), JobControl::default());
        let whole = decode_with(&bytes, &options, &control, 70, 0).unwrap();
        for strip in [1, 3, 16] {
            assert_eq!(
                decode_with(&bytes, &options, &control, strip, 0).unwrap(),
                whole
            );
        }
        for first in [1, 16, 37, 69] {
            let rest = decode_with(&bytes, &options, &control, 8, first).unwrap();
            assert_eq!(rest, whole[first as usize * 200..]);
        }
    }
}

#[test]
fn reductions_agree_with_full_size() {
    for (sampling, color) in [
        (SamplingFactor::F_2_2, ColorType::Rgb),
        (SamplingFactor::F_1_1, ColorType::Luma),
    ] {
        let bytes = made(
            &Made {
                sampling,
                color,
                ..PLAIN
            },
            48,
            32,
        );
        let full = decode(&bytes).unwrap();
        let options = DecodeOptions {
            block_scale: Some(BlockScale {
                eighths: 1,
                gamma: false,
            }),
            ..DecodeOptions::default()
        };
        let out = decode_with(&bytes, &options, &JobControl::default(), 2, 0).unwrap();
        let shrink = DecodeOptions {
            linear_shrink: 8,
            ..DecodeOptions::default()
        };
        let linear = decode_with(&bytes, &shrink, &JobControl::default(), 2, 0).unwrap();
        let linear: Vec<f32> = linear
            .chunks_exact(4)
            .map(|v| f32::from_le_bytes(v.try_into().unwrap()))
            .collect();
        assert_eq!((out.len(), linear.len()), (6 * 4 * 4, 6 * 4 * 4));
        for block in 0..24 {
            for c in 0..3 {
                let samples = (0..64)
                    .map(|i| full[((block / 6 * 8 + i / 8) * 48 + block % 6 * 8 + i % 8) * 4 + c]);
                let mean = samples.clone().map(f64::from).sum::<f64>() / 64.0;
                let got = f64::from(out[block * 4 + c]);
                // Chroma is filtered before it is averaged here, and clamped.
                assert!(
                    (got - mean).abs() < 14.0,
                    "block {block} channel {c}: {got} {mean}"
                );
                let light =
                    |v: u8| imageflow_pixels::transfer::srgb_to_linear(f64::from(v) / 255.0);
                let mean = samples.map(light).sum::<f64>() / 64.0;
                let got = f64::from(linear[block * 4 + c]);
                assert!(
                    (got - mean).abs() < 0.05,
                    "block {block} channel {c}: {got} {mean}"
                );
            }
        }
    }
}

#[test]
fn a_cancelled_job_stops() {
    for progressive in [false, true] {
        let bytes = made(
            &Made {
                progressive,
                ..PLAIN
            },
            64,
            64,
        );
        let cancel = Arc::new(AtomicBool::new(false));
        let control = JobControl::new(cancel.clone(), Limits::default());
        let input = Input::Memory(Bytes::Shared(bytes.into()));
        let mut rows = open(&input, &control)
            .unwrap()
            .into_rows(&DecodeOptions::default(), &control)
            .unwrap();
        let mut ring = RowBuf::new(rows.frame(), 64, &control).unwrap();
        cancel.store(true, std::sync::atomic::Ordering::Relaxed);
        let stopped = rows.read_rows(&mut ring.advance(0..64, 0));
        assert!(
            matches!(stopped, Err(StreamError::Control(ControlError::Cancelled))),
            "{stopped:?}"
        );
    }
}

#[test]
fn memory_is_asked_for_first() {
    let control = || {
        JobControl::new(
            Arc::default(),
            Limits {
                max_bytes: 512 << 10,
                ..Limits::default()
            },
        )
    };
    let start = |bytes: &[u8]| {
        let input = Input::Memory(Bytes::Shared(bytes.into()));
        let control = control();
        open(&input, &control)
            .unwrap()
            .into_rows(&DecodeOptions::default(), &control)
            .map(|_| ())
    };
    let progressive = made(
        &Made {
            progressive: true,
            ..PLAIN
        },
        256,
        256,
    );
    assert!(matches!(
        start(&progressive),
        Err(CodecError::Control(ControlError::BudgetExceeded { .. }))
    ));
    let baseline = made(&PLAIN, 256, 256);
    assert!(start(&baseline).is_ok());
}

#[test]
fn headers_that_cannot_be_decoded_say_why() {
    let refuse = |change: fn(&mut Vec<u8>, usize)| {
        let mut bytes = made(&PLAIN, 16, 16);
        let frame = bytes
            .windows(4)
            .position(|w| w == [0xFF, 0xC0, 0, 17])
            .unwrap();
        change(&mut bytes, frame);
        let input = Input::Memory(Bytes::Shared(bytes.into()));
        open(&input, &JobControl::default())
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert!(refuse(|b, at| b[at + 1] = 0xC3).contains("0xC3"));
    assert!(refuse(|b, at| b[at + 4] = 12).contains("12 bits"));
    assert!(refuse(|b, at| b[at + 5..at + 9].fill(0)).contains("no pixels"));
    assert!(refuse(|b, at| b[at + 9] = 5).contains("5 components"));
    assert!(refuse(|b, at| b[at + 11] = 0x52).contains("sampling"));
    assert!(refuse(|b, at| b.truncate(at + 8)).contains("within its header"));
    assert!(
        refuse(|b, at| b.splice(at.., [0xFF, 0xD9]).for_each(drop)).contains("before its picture")
    );
}
