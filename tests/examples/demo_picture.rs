//! `demo_picture OUT.jpg [WIDTH HEIGHT]`: renders the generated landscape and encodes it with the engine.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use imageflow_codecs::Bytes;
use imageflow_core::Context;
use imageflow_tests::scene;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let path = args
        .first()
        .expect("usage: demo_picture OUT.jpg [WIDTH HEIGHT]");
    let side = |n: usize, default: u32| {
        args.get(n)
            .map_or(default, |v| v.parse().expect("a number of pixels"))
    };
    let (width, height) = (side(1, 4256), side(2, 2832));

    let pixels = scene::render(width as usize, height as usize);
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fastest);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&pixels)
        .unwrap();
    drop(pixels);

    let mut context = Context::new();
    context.add_input(0, Bytes::Shared(Arc::from(png))).unwrap();
    context.add_output_buffer(1).unwrap();
    let job = r#"{"framewise":{"steps":[
        {"decode":{"io_id":0}},
        {"encode":{"io_id":1,"preset":{"libjpegturbo":{"quality":90}}}}]}}"#;
    let response = context.send_json("v1/execute", job.as_bytes());
    assert_eq!(
        response.status,
        200,
        "{}",
        String::from_utf8_lossy(&response.body)
    );
    std::fs::write(path, context.take_output(1).unwrap()).unwrap();
}
