//! How close a resized photograph is to the exact result, by SSIMULACRA2 (100 is identical, 90 visually lossless).

use std::f64::consts::PI;
use std::sync::Arc;

use imageflow_codecs::Bytes;
use imageflow_core::Context;
use imageflow_tests::{Picture, scene, shared};
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

/// A photograph as JPEG: the corpus', or a generated scene when there is no corpus.
fn photo() -> Vec<u8> {
    if let Some(path) = shared::find("corpus/photos/photo-12mp-420-srgb.jpg") {
        return std::fs::read(path).unwrap();
    }
    let (width, height) = (3000u16, 2000u16);
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 92);
    let pixels = scene::render(width.into(), height.into());
    encoder
        .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    bytes
}

#[test]
fn resizing_in_linear_light_is_visually_lossless() {
    let _alone = crate::alone();
    let jpeg = photo();
    let source = Picture::decode(&jpeg).unwrap();
    for width in [400usize, 1600] {
        let height = (source.height * width + source.width / 2) / source.width;
        let expected = reference(&source, width, height);
        let actual = engine(jpeg.clone(), width, height);
        let score = compute_frame_ssimulacra2(expected, as_rgb(&actual)).unwrap();
        eprintln!("ssimulacra2 at {width} px: {score:.2}");
        assert!(score >= 93.0, "ssimulacra2 at {width} px is {score:.2}");
    }
}

fn engine(jpeg: Vec<u8>, width: usize, height: usize) -> Picture {
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(Arc::from(jpeg)))
        .unwrap();
    context.add_output_buffer(1).unwrap();
    let command = format!("w={width}&h={height}&mode=stretch&down.filter=lanczos&format=png");
    let job = serde_json::json!({"framewise": {"steps": [
        {"command_string": {"kind": "ir4", "value": command, "decode": 0, "encode": 1}}]}});
    let response = context.send_json("v1/execute", &serde_json::to_vec(&job).unwrap());
    assert_eq!(
        response.status,
        200,
        "{}",
        String::from_utf8_lossy(&response.body)
    );
    Picture::decode(&context.take_output(1).unwrap()).unwrap()
}

/// Lanczos3 in linear light, all in double precision, rounded once at the end.
fn reference(source: &Picture, width: usize, height: usize) -> Rgb {
    let table: Vec<f64> = (0..256).map(|v| to_linear(f64::from(v) / 255.0)).collect();
    let columns = weights(source.width, width);
    let rows = weights(source.height, height);
    let mut narrow: Vec<[f64; 3]> = Vec::with_capacity(width * source.height);
    for row in source.rgba.chunks_exact(source.width * 4) {
        let pixels = row.as_chunks::<4>().0;
        for (first, taps) in &columns {
            let mut sum = [0.0; 3];
            for (weight, pixel) in taps.iter().zip(&pixels[*first..]) {
                (0..3).for_each(|c| sum[c] += weight * table[usize::from(pixel[c])]);
            }
            narrow.push(sum);
        }
    }
    let mut out = Vec::with_capacity(width * height);
    for (first, taps) in &rows {
        for x in 0..width {
            let mut sum = [0.0; 3];
            for (weight, y) in taps.iter().zip(*first..) {
                let pixel = narrow[y * width + x];
                (0..3).for_each(|c| sum[c] += weight * pixel[c]);
            }
            out.push(sum.map(|v| ((to_srgb(v.clamp(0.0, 1.0)) * 255.0).round() / 255.0) as f32));
        }
    }
    rgb(out, width, height)
}

/// For each output sample: the first input sample and the normalised weights.
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = from as f64 / to as f64;
    let stretch = scale.max(1.0);
    let sample = |i: usize| {
        let centre = (i as f64 + 0.5) * scale;
        let first = (centre - 3.0 * stretch).floor().max(0.0) as usize;
        let end = ((centre + 3.0 * stretch).ceil() as usize).min(from);
        let taps: Vec<f64> = (first..end)
            .map(|x| lanczos3((x as f64 + 0.5 - centre) / stretch))
            .collect();
        let sum: f64 = taps.iter().sum();
        (first, taps.into_iter().map(|w| w / sum).collect())
    };
    (0..to).map(sample).collect()
}

/// `sinc(x)·sinc(x/3)` for |x| < 3.
fn lanczos3(x: f64) -> f64 {
    let sinc = |x: f64| {
        if x == 0.0 {
            1.0
        } else {
            (PI * x).sin() / (PI * x)
        }
    };
    if x.abs() < 3.0 {
        sinc(x) * sinc(x / 3.0)
    } else {
        0.0
    }
}

fn to_linear(v: f64) -> f64 {
    if v <= 0.04045 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}

fn to_srgb(v: f64) -> f64 {
    if v <= 0.003_130_8 {
        v * 12.92
    } else {
        1.055 * v.powf(1.0 / 2.4) - 0.055
    }
}

fn as_rgb(picture: &Picture) -> Rgb {
    let pixels = picture.rgba.as_chunks::<4>().0.iter();
    rgb(
        pixels
            .map(|&[r, g, b, _]| [r, g, b].map(|v| f32::from(v) / 255.0))
            .collect(),
        picture.width,
        picture.height,
    )
}

fn rgb(pixels: Vec<[f32; 3]>, width: usize, height: usize) -> Rgb {
    Rgb::new(
        pixels,
        width,
        height,
        TransferCharacteristic::SRGB,
        ColorPrimaries::BT709,
    )
    .unwrap()
}
