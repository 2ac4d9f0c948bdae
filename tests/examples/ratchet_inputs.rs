//! `ratchet_inputs FOLDER`: writes the inputs of `ci/ratchet`, made without the engine so that they never change.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::File;
use std::path::PathBuf;

use imageflow_tests::scene;

fn main() {
    let folder = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .expect("usage: ratchet_inputs FOLDER"),
    );

    let encoder = jpeg_encoder::Encoder::new_file(folder.join("512.jpg"), 90).unwrap();
    encoder
        .encode(
            &scene::render(512, 512),
            512,
            512,
            jpeg_encoder::ColorType::Rgb,
        )
        .unwrap();

    let mut encoder = png::Encoder::new(File::create(folder.join("64.png")).unwrap(), 64, 64);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&scene::render(64, 64))
        .unwrap();
}
