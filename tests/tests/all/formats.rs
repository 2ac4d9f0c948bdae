//! Formats that are only read, as a job sees them: BMP, TIFF, SVG in; a web format out.

use std::sync::Arc;

use imageflow_codecs::{Bytes, ImageFormat};
use imageflow_core::Context;
use serde_json::{Value, json};

/// A gradient of 24 bits with a red top left corner.
fn bmp(width: u32, height: u32) -> Vec<u8> {
    let stride = (width * 3).next_multiple_of(4);
    let mut file = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    file.extend(width.to_le_bytes());
    file.extend((-(height as i32)).to_le_bytes());
    file.extend([1, 0, 24, 0]);
    file.resize(54, 0);
    for y in 0..height {
        let row = (0..width).flat_map(|x| [(x * 2) as u8, (y * 2) as u8, 255 - (x + y) as u8]);
        let start = file.len();
        file.extend(row);
        file.resize(start + stride as usize, 0);
    }
    file
}

/// Pages of gray, one pixel wide for each byte, with an orientation.
fn tiff(pages: &[(&[u8], u16)]) -> Vec<u8> {
    let mut file = b"II*\0".to_vec();
    let mut link = file.len();
    file.extend([0; 4]);
    for (gray, orientation) in pages {
        let pixels = file.len() as u32;
        file.extend(*gray);
        let here = file.len() as u32;
        file[link..link + 4].copy_from_slice(&here.to_le_bytes());
        let entries = [
            (256, gray.len() as u32),
            (257, 1),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, pixels),
            (274, u32::from(*orientation)),
            (277, 1),
            (279, gray.len() as u32),
        ];
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, value) in entries {
            file.extend((tag as u16).to_le_bytes());
            file.extend(4u16.to_le_bytes());
            file.extend(1u32.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        link = file.len();
        file.extend([0; 4]);
    }
    file
}

const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'>\
    <rect width='10' height='10' fill='#f00'/></svg>";

/// Runs a querystring and gives the output, or the response of a failure.
fn run(file: &[u8], command: &str) -> Result<Vec<u8>, Value> {
    let steps =
        json!([{"command_string": {"kind": "ir4", "value": command, "decode": 0, "encode": 1}}]);
    run_steps(file, &steps)
}

fn run_steps(file: &[u8], steps: &Value) -> Result<Vec<u8>, Value> {
    let mut context = Context::new();
    let bytes = Bytes::Shared(Arc::from(file.to_vec()));
    context.add_input(0, bytes).unwrap();
    context.add_output_buffer(1).unwrap();
    let job = json!({"framewise": {"steps": steps}}).to_string();
    let response = context.send_json("v1/execute", job.as_bytes());
    if response.status == 200 {
        Ok(context.take_output(1).unwrap())
    } else {
        Err(serde_json::from_slice(&response.body).unwrap_or(Value::Null))
    }
}

fn info(file: &[u8]) -> Value {
    let mut context = Context::new();
    let bytes = Bytes::Shared(Arc::from(file.to_vec()));
    context.add_input(0, bytes).unwrap();
    let response = context.send_json("v1/get_image_info", br#"{"io_id": 0}"#);
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    answer["data"]["image_info"].clone()
}

/// Size and R, G, B, A of a PNG.
fn png_pixels(file: &[u8]) -> ((u32, u32), Vec<[u8; 4]>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    let samples = frame.color_type.samples();
    let pixels = bytes[..frame.buffer_size()]
        .chunks_exact(samples)
        .map(|p| match *p {
            [v] => [v, v, v, 255],
            [v, a] => [v, v, v, a],
            [r, g, b] => [r, g, b, 255],
            _ => [p[0], p[1], p[2], p[3]],
        })
        .collect();
    ((frame.width, frame.height), pixels)
}

#[test]
fn bmp_becomes_what_is_asked_for() {
    let file = bmp(90, 60);
    let found = info(&file);
    assert_eq!(found["preferred_mime_type"], "image/bmp");
    assert_eq!(found["preferred_extension"], "bmp");
    assert_eq!(
        (&found["image_width"], &found["image_height"]),
        (&json!(90), &json!(60))
    );
    let (size, pixels) = png_pixels(&run(&file, "format=png").unwrap());
    assert_eq!(
        (size, pixels[0], pixels[91]),
        ((90, 60), [255, 0, 0, 255], [253, 2, 2, 255])
    );
    // Keeping a format that is not written leaves the choice open: a photograph it may be.
    assert!(
        run(&file, "width=30")
            .unwrap()
            .starts_with(&[0xFF, 0xD8, 0xFF])
    );
    assert!(run(&file, "width=30&format=bmp").is_ok());
}

#[test]
fn tiff_is_turned_and_pages_are_selected() {
    let file = tiff(&[(&[10, 20, 30], 3), (&[40, 50], 6)]);
    let found = info(&file);
    assert_eq!(found["preferred_mime_type"], "image/tiff");
    assert_eq!(found["preferred_extension"], "tiff");
    let gray = |v: u8| [v, v, v, 255];
    let (size, pixels) = png_pixels(&run(&file, "format=png").unwrap());
    assert_eq!((size, pixels), ((3, 1), [30, 20, 10].map(gray).to_vec()));
    let (size, pixels) = png_pixels(&run(&file, "format=png&frame=1").unwrap());
    assert_eq!((size, pixels), ((1, 2), [40, 50].map(gray).to_vec()));
    let failure = run(&file, "format=png&frame=2").unwrap_err();
    assert!(
        failure.to_string().contains("only has 2 pages"),
        "{failure}"
    );
}

#[test]
fn every_orientation_of_a_tiff_is_applied() {
    // A row of three; what is first after turning, and whether it stands.
    for (orientation, first, stands) in [
        (1, 10, false),
        (2, 30, false),
        (3, 30, false),
        (4, 10, false),
        (5, 10, true),
        (6, 10, true),
        (7, 30, true),
        (8, 30, true),
    ] {
        let file = tiff(&[(&[10, 20, 30], orientation)]);
        let (size, pixels) = png_pixels(&run(&file, "format=png").unwrap());
        assert_eq!(size, if stands { (1, 3) } else { (3, 1) }, "{orientation}");
        assert_eq!(pixels[0][0], first, "{orientation}");
    }
}

#[test]
fn svg_is_drawn_at_the_size_that_is_wanted() {
    if !ImageFormat::Svg.can_decode() {
        let failure = run(SVG.as_bytes(), "format=png").unwrap_err();
        assert!(
            failure.to_string().contains("not part of this build"),
            "{failure}"
        );
        return;
    }
    let found = info(SVG.as_bytes());
    assert_eq!(found["preferred_mime_type"], "image/svg+xml");
    assert_eq!(found["preferred_extension"], "svg");
    for command in [
        "",
        "width=200",
        "width=4",
        "width=200&scale=both",
        "width=200&scale=both&s.grayscale=ntsc",
    ] {
        let output = run(SVG.as_bytes(), command).unwrap();
        let ((width, _), pixels) = png_pixels(&output);
        let row = &pixels[..width as usize];
        // Edges of drawings at their own size have no transition: half is full and half is empty.
        let (left, right) = row.split_at(width as usize / 2);
        assert!(
            left.iter().all(|p| *p == left[0] && p[3] == 255),
            "{command} {row:?}"
        );
        assert!(right.iter().all(|p| p[3] == 0), "{command} {row:?}");
    }
    let large = run(SVG.as_bytes(), "width=200&scale=both").unwrap();
    assert_eq!(png_pixels(&large).0, (200, 100));
    // A colour below, and a part that is enlarged.
    let (_, pixels) =
        png_pixels(&run(SVG.as_bytes(), "width=200&scale=both&bgcolor=0000ff").unwrap());
    assert_eq!(
        (pixels[0], pixels[199]),
        ([255, 0, 0, 255], [0, 0, 255, 255])
    );
    let part = "width=100&height=100&mode=crop&scale=both&crop=5,0,15,10&format=png";
    let (size, pixels) = png_pixels(&run(SVG.as_bytes(), part).unwrap());
    assert_eq!(size, (100, 100));
    assert!(
        pixels[48][3] > 200 && pixels[52][3] < 55,
        "{:?}",
        &pixels[46..54]
    );
}

#[test]
fn errors_name_the_input() {
    let mut file = bmp(9, 9);
    file.truncate(80);
    let failure = run(&file, "format=png").unwrap_err().to_string();
    assert!(
        failure.contains("cannot hold") && failure.contains('0'),
        "{failure}"
    );
}
