//! Files that end early or were altered.

use std::sync::Arc;

use imageflow_pixels::{JobControl, Limits};

use super::{Made, PLAIN, decode, decode_with, distance, made};
use crate::decoder::{BlockScale, DecodeOptions, open};
use crate::input::{Bytes, Input};

#[test]
fn a_missing_end_marker_loses_nothing() {
    for progressive in [false, true] {
        let bytes = made(
            &Made {
                progressive,
                ..PLAIN
            },
            50,
            70,
        );
        let rgb: Vec<u8> = decode(&bytes)
            .unwrap()
            .chunks_exact(4)
            .flat_map(|p| [p[2], p[1], p[0]])
            .collect();
        let (max, mean) = distance(&decode(&bytes[..bytes.len() - 2]).unwrap(), &rgb);
        // The crate rounds upsampling and colours otherwise than this decoder.
        assert!(max <= 8 && mean < 0.5, "{progressive}: {max} {mean}");
    }
}

#[test]
fn truncated_baseline_keeps_the_rows_above_the_cut() {
    let bytes = made(&PLAIN, 64, 160);
    let whole = decode(&bytes).unwrap();
    let mut kept_before = 0;
    for tenths in 3..10 {
        let out = decode(&bytes[..bytes.len() * tenths / 10]).unwrap();
        assert_eq!(out.len(), whole.len());
        let kept = out
            .chunks_exact(256)
            .zip(whole.chunks_exact(256))
            .take_while(|(a, b)| a == b)
            .count();
        // A row of minimum coded units is lost at most, and the row whose chroma looks below.
        assert!(kept + 33 >= 160 * (tenths - 2) / 10, "{tenths}: {kept}");
        assert!(kept >= kept_before);
        kept_before = kept;
    }
    assert!(kept_before > 100);
}

#[test]
fn truncated_progressive_keeps_the_scans_before_the_cut() {
    let bytes = made(
        &Made {
            progressive: true,
            ..PLAIN
        },
        64,
        64,
    );
    let whole = decode(&bytes).unwrap();
    let rgb: Vec<u8> = whole
        .chunks_exact(4)
        .flat_map(|p| [p[2], p[1], p[0]])
        .collect();
    let errors: Vec<f64> = [9, 8, 6]
        .iter()
        .map(|tenths| distance(&decode(&bytes[..bytes.len() * tenths / 10]).unwrap(), &rgb).1)
        .collect();
    assert!(
        errors[0] < 12.0 && errors[0] <= errors[1] && errors[1] <= errors[2],
        "{errors:?}"
    );
}

#[test]
fn damage_anywhere_gives_pixels_or_an_error() {
    let options = [
        DecodeOptions::default(),
        DecodeOptions {
            linear_shrink: 4,
            ..DecodeOptions::default()
        },
        DecodeOptions {
            block_scale: Some(BlockScale {
                eighths: 3,
                gamma: true,
            }),
            ..DecodeOptions::default()
        },
    ];
    for progressive in [false, true] {
        let bytes = made(
            &Made {
                progressive,
                restart: 4,
                ..PLAIN
            },
            40,
            40,
        );
        let mut pictures = 0;
        for at in (2..bytes.len()).step_by(3) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let option = &options[at % 3];
            // A side may be damaged into a large one: memory is limited as in a job.
            let control = JobControl::new(
                Arc::default(),
                Limits {
                    max_bytes: 64 << 20,
                    ..Limits::default()
                },
            );
            let bounded = |bytes: &[u8]| decode_bounded(bytes, option, &control);
            pictures += usize::from(bounded(&damaged));
            bounded(&damaged[..at]);
        }
        // Most bits are entropy-coded data, whose damage leaves a picture.
        let tried = bytes.len() / 3;
        assert!(pictures > tried / 2, "{pictures} of {tried}");
    }
}

/// Whether a picture of a size worth a test came out.
fn decode_bounded(bytes: &[u8], options: &DecodeOptions, control: &JobControl) -> bool {
    let input = Input::Memory(Bytes::Shared(bytes.into()));
    let small = open(&input, control).is_ok_and(|d| d.header().stored.area() < 1 << 20);
    small && decode_with(bytes, options, control, 8, 0).is_ok()
}
