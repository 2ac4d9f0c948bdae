//! Every well-formed file of the corpus: opened, decoded whole, and of the size that the manifest says.

use std::fs;
use std::sync::Arc;

use imageflow_codecs::{Bytes, DecodeOptions, ImageFormat, Input};
use imageflow_pixels::{JobControl, RowBuf};
use imageflow_tests::shared;
use serde_json::Value;

use crate::conformance::say;

/// Files that are refused, or have another size than the manifest says, and why that is right.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "avif/17000x17000.avif",
        "larger than any decoder should allocate for",
    ),
    (
        "avif/color_grid_alpha_grid_tile_shared_in_dimg.avif",
        "one cell serves as colour and as alpha; libavif refuses it too",
    ),
    (
        "gif/artificial-gif-no-frames.gif",
        "a GIF without a frame shows nothing",
    ),
    (
        "gif/images-decompression_bomb.gif",
        "a frame of 86 megapixels on a canvas of 32 × 32; the buffer of a frame is limited to 16 (imaging §10)",
    ),
    (
        "gif/images-no_palette.gif",
        "a frame without a palette is an error (imaging §10)",
    ),
    (
        "photos/testimgl.jpg",
        "lossless JPEG (SOF3), which no browser shows",
    ),
];

#[test]
fn corpus_conformance() {
    let _alone = crate::alone();
    let Some(folder) = shared::find("corpus") else {
        eprintln!("no corpus at {}, skipped", shared::candidate().display());
        return;
    };
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let (mut total, mut passed, mut disabled, mut excepted) = (0, 0, 0, 0);
    let mut failed = Vec::new();
    for entry in manifest["files"].as_array().unwrap() {
        let name = entry["file"].as_str().unwrap();
        if name.starts_with("malformed") {
            continue;
        }
        total += 1;
        let bytes = fs::read(folder.join(name)).unwrap();
        let readable = ImageFormat::sniff(&bytes).is_none_or(ImageFormat::can_decode);
        match decode(bytes, entry) {
            Ok(()) => passed += 1,
            Err(_) if !readable => disabled += 1,
            Err(_) if EXCEPTIONS.iter().any(|(file, _)| *file == name) => excepted += 1,
            Err(why) => failed.push(format!("corpus: FAILED {name}: {why}\n")),
        }
    }
    say(&format!(
        "{}conformance: corpus: {total} files, {passed} decoded, {disabled} not part of this build, {excepted} exceptions, {} failed\n",
        failed.concat(),
        failed.len()
    ));
    assert!(total > 300 && failed.is_empty());
}

fn decode(bytes: Vec<u8>, entry: &Value) -> Result<(), String> {
    let control = JobControl::default();
    let input = Input::Memory(Bytes::Shared(Arc::from(bytes)));
    let decoder = imageflow_codecs::open(&input, &control).map_err(|e| e.to_string())?;
    let header = *decoder.header();
    let mut source = decoder
        .into_rows(&DecodeOptions::default(), &control)
        .map_err(|e| e.to_string())?;
    if source.frame().size != header.stored {
        return Err(format!(
            "the header says {} and the decoder {}",
            header.stored,
            source.frame().size
        ));
    }
    let mut frame = RowBuf::whole(source.frame(), &control).map_err(|e| e.to_string())?;
    source
        .read_rows(&mut frame.all_mut())
        .map_err(|e| e.to_string())?;
    // The manifest's sizes are as stored in most formats and as shown in others.
    let side = |name: &str| entry[name].as_u64().and_then(|v| u32::try_from(v).ok());
    let Some((width, height)) = side("width").zip(side("height")) else {
        return Ok(());
    };
    let sizes = [header.stored, header.oriented()];
    if sizes
        .iter()
        .any(|s| (s.width(), s.height()) == (width, height))
    {
        Ok(())
    } else {
        Err(format!(
            "is {}, expected {width}x{height}",
            header.oriented()
        ))
    }
}
