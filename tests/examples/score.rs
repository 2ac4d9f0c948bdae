//! `score REFERENCE FILE...`: SSIMULACRA 2 of each file against the reference, a line each.
//!
//! 100 is no difference, 90 is hard to see, 70 is good. Pictures with alpha are scored on white and on black; the lower
//! score counts.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use imageflow_tests::Picture;
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

/// The picture in front of a gray, 0 or 255.
fn on(picture: &Picture, gray: u8) -> Rgb {
    let pixels = picture.rgba.as_chunks::<4>().0.iter();
    let floats = pixels
        .map(|&[r, g, b, a]| {
            let alpha = f32::from(a) / 255.0;
            [r, g, b].map(|v| (f32::from(v) * alpha + f32::from(gray) * (1.0 - alpha)) / 255.0)
        })
        .collect();
    let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
    Rgb::new(floats, picture.width, picture.height, transfer, primaries).unwrap()
}

fn main() {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    let pictures: Vec<_> = files
        .iter()
        .map(|file| Picture::decode(&std::fs::read(file).expect("a file")).expect("a picture"))
        .collect();
    let (reference, others) = pictures
        .split_first()
        .expect("usage: score REFERENCE FILE...");
    let opaque = reference.rgba.iter().skip(3).step_by(4).all(|a| *a == 255);
    let grounds: &[u8] = if opaque { &[255] } else { &[0, 255] };
    for other in others {
        let scores = grounds
            .iter()
            .map(|gray| compute_frame_ssimulacra2(on(reference, *gray), on(other, *gray)).unwrap());
        println!("{:.3}", scores.fold(f64::INFINITY, f64::min));
    }
}
