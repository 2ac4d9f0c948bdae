//! Pictures drawn by the program, so that its examples need no network.

use imageflow_codecs::Bytes;
use imageflow_core::Context;

/// A lake at noon, 2400×1600, as a JPEG.
pub(super) fn waterhouse() -> Result<Vec<u8>, String> {
    let (w, h) = (2400, 1600);
    let png = rgba_png(w, h, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(w), f64::from(y) / f64::from(h));
        let ridge = 0.46 + 0.05 * (u * 9.0).sin() + 0.03 * (u * 23.0 + 1.0).sin();
        let wave = 0.5 + 0.5 * ((v - 0.62).max(0.0) * 220.0 + (u * 40.0).sin()).sin();
        let house = (0.58..0.70).contains(&u) && (0.50..0.64).contains(&v);
        let roof = (0.42..0.50).contains(&v) && (u - 0.64).abs() < (v - 0.42) * 1.1;
        let sun = ((u - 0.22) * 1.5).hypot(v - 0.18);
        let color = if house {
            let window = (u * 33.0).fract() < 0.45 && (v * 19.0).fract() < 0.5;
            if window {
                [250.0, 214.0, 120.0]
            } else {
                [142.0, 66.0, 48.0]
            }
        } else if roof {
            [70.0, 52.0, 58.0]
        } else if v > 0.64 {
            [38.0 + 50.0 * wave, 92.0 + 60.0 * wave, 128.0 + 70.0 * wave]
        } else if v > ridge {
            let shade = 1.0 - (v - ridge) * 1.6;
            [66.0 * shade, 118.0 * shade, 74.0 * shade]
        } else if sun < 0.06 {
            [255.0, 246.0, 214.0]
        } else {
            let glow = (0.4 - sun).max(0.0) * 120.0;
            [
                120.0 + 90.0 * v + glow,
                170.0 + 60.0 * v + glow * 0.7,
                225.0,
            ]
        };
        let [r, g, b] = color.map(|c| c.clamp(0.0, 255.0) as u8);
        [r, g, b, 255]
    })?;
    encode(png, r#"{"mozjpeg":{"quality":90}}"#)
}

/// Rings with transparency between them, 400×400, as a PNG.
pub(super) fn rings() -> Result<Vec<u8>, String> {
    rgba_png(400, 400, |x, y| {
        let r = (f64::from(x) - 199.5).hypot(f64::from(y) - 199.5);
        let ring = 0.5 + 0.5 * (r / 9.0).sin();
        let edge = (200.0 - r).clamp(0.0, 1.0);
        [
            (255.0 - r) as u8,
            (80.0 + r / 2.0) as u8,
            200,
            (255.0 * ring * edge) as u8,
        ]
    })
}

/// A black square of 3200 pixels, as a JPEG of quality 5.
pub(super) fn blank() -> Result<Vec<u8>, String> {
    let job = r#"{"framewise":{"steps":[
        {"create_canvas":{"format":"bgr_32","w":3200,"h":3200,"color":"black"}},
        {"encode":{"io_id":1,"preset":{"mozjpeg":{"quality":5}}}}]}}"#;
    run(Context::new(), job)
}

/// A blue square of 200 pixels, as a PNG.
pub(super) fn blue_square() -> Result<Vec<u8>, String> {
    rgba_png(200, 200, |_, _| [30, 60, 220, 255])
}

fn rgba_png(w: u32, h: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Result<Vec<u8>, String> {
    let pixels: Vec<u8> = (0..h)
        .flat_map(|y| (0..w).map(move |x| (x, y)))
        .flat_map(|(x, y)| pixel(x, y))
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, w, h);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(|e| e.to_string())?;
    Ok(bytes)
}

fn encode(picture: Vec<u8>, preset: &str) -> Result<Vec<u8>, String> {
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(picture.into()))
        .map_err(|e| e.to_string())?;
    let job = format!(
        r#"{{"framewise":{{"steps":[{{"decode":{{"io_id":0}}}},{{"encode":{{"io_id":1,"preset":{preset}}}}}]}}}}"#
    );
    run(context, &job)
}

/// Runs a job that writes output 1.
fn run(mut context: Context, job: &str) -> Result<Vec<u8>, String> {
    context.add_output_buffer(1).map_err(|e| e.to_string())?;
    context.send_json("v1/execute", job.as_bytes());
    match context.status().error() {
        Some(error) => Err(error.to_string()),
        None => context.take_output(1).map_err(|e| e.to_string()),
    }
}
