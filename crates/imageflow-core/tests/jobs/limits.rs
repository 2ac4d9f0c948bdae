//! Every limit, at one below what a picture has, exactly that, and one above: for every format, still and animated, through
//! `build` and `execute`. A refusal names the limit and leaves no output.

use imageflow_codecs::{Bytes, ImageFormat};
use imageflow_core::{Context, base64};
use imageflow_types::{ExecutionSecurity, Lock};
use serde_json::{Value, json};

const WIDTH: u32 = 30;
const HEIGHT: u32 = 20;
const PIXELS: u32 = WIDTH * HEIGHT;

/// A file, and the job that reads all of it.
struct Sample {
    name: String,
    bytes: Vec<u8>,
    /// Frames that the job decodes.
    frames: u32,
    commands: Value,
    preset: Value,
}

fn encoded(preset: &Value) -> Vec<u8> {
    let mut context = super::context(&[]);
    let job = json!({"framewise": {"steps": [
        {"create_canvas": {"format": "bgr_32", "w": WIDTH, "h": HEIGHT, "color": {"srgb": {"hex": "4080C0"}}}},
        {"encode": {"io_id": 0, "preset": preset}}]}});
    let response = context.send_json("v1/execute", job.to_string().as_bytes());
    let text = String::from_utf8_lossy(&response.body);
    assert_eq!(response.status, 200, "{preset}: {text}");
    context.take_output(0).unwrap()
}

/// Three frames of a 30×20 canvas.
fn gif() -> Vec<u8> {
    let mut gif = b"GIF89a\x1E\0\x14\0\x80\0\0\xFF\0\0\0\xFF\0".to_vec();
    for pixel in [
        b"\x02\x02\x44\x01\0",
        b"\x02\x02\x4C\x01\0",
        b"\x02\x02\x44\x01\0",
    ] {
        gif.extend(b"!\xF9\x04\x04\x05\0\0\0,\0\0\0\0\x01\0\x01\0\0");
        gif.extend(pixel);
    }
    gif.push(b';');
    gif
}

fn animated_webp() -> Vec<u8> {
    let mut context = super::context(&[&gif()]);
    let job = json!({"framewise": {"steps": [{"decode": {"io_id": 0}},
        {"encode": {"io_id": 1, "preset": "webplossless"}}]}});
    let response = context.send_json("v1/execute", job.to_string().as_bytes());
    assert_eq!(response.status, 200);
    context.take_output(1).unwrap()
}

fn bmp() -> Vec<u8> {
    let stride = (3 * WIDTH).next_multiple_of(4);
    let mut bmp = b"BM".to_vec();
    for number in [54 + stride * HEIGHT, 0, 54, 40, WIDTH, HEIGHT, 1 | 24 << 16] {
        bmp.extend(number.to_le_bytes());
    }
    bmp.resize(54 + (stride * HEIGHT) as usize, 0x55);
    bmp[30..54].fill(0);
    bmp
}

fn tiff() -> Vec<u8> {
    // Tag, type (3 is 16 bits, 4 is 32), count, value or where it is.
    let entries: [(u16, u16, u32, u32); 9] = [
        (256, 4, 1, WIDTH),
        (257, 4, 1, HEIGHT),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8 + 2 + 9 * 12 + 4),
        (277, 3, 1, 1),
        (278, 4, 1, HEIGHT),
        (279, 4, 1, PIXELS),
    ];
    let mut tiff = b"II\x2A\0\x08\0\0\0\x09\0".to_vec();
    for (tag, kind, count, value) in entries {
        tiff.extend(tag.to_le_bytes());
        tiff.extend(kind.to_le_bytes());
        tiff.extend(count.to_le_bytes());
        tiff.extend(value.to_le_bytes());
    }
    tiff.extend([0; 4]);
    tiff.extend([0x55; PIXELS as usize]);
    tiff
}

fn svg() -> Vec<u8> {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\"><rect width=\"9\" height=\"9\"/></svg>"
    )
    .into_bytes()
}

fn samples() -> Vec<Sample> {
    let preset = |format| json!({"format": {"format": format, "quality_profile": null}});
    let still = |format: ImageFormat, bytes: Vec<u8>| Sample {
        name: format.to_string(),
        bytes,
        frames: 1,
        commands: json!([]),
        preset: json!({"lodepng": {}}),
    };
    let mut samples = vec![
        still(ImageFormat::Jpeg, encoded(&preset("jpeg"))),
        still(ImageFormat::Png, encoded(&preset("png"))),
        still(ImageFormat::Gif, encoded(&preset("gif"))),
        still(ImageFormat::WebP, encoded(&json!("webplossless"))),
        still(ImageFormat::Bmp, bmp()),
        still(ImageFormat::Tiff, tiff()),
    ];
    for (format, preset) in [
        (ImageFormat::Avif, preset("avif")),
        (
            ImageFormat::Jxl,
            json!({"format": {"format": "jxl", "quality_profile": "lossless"}}),
        ),
    ] {
        if format.can_decode() && format.can_encode() {
            samples.push(still(format, encoded(&preset)));
        }
    }
    if ImageFormat::Svg.can_decode() {
        samples.push(still(ImageFormat::Svg, svg()));
    }
    for (format, bytes) in [
        (ImageFormat::Gif, gif()),
        (ImageFormat::WebP, animated_webp()),
    ] {
        samples.push(Sample {
            name: format!("animated {format}"),
            frames: 3,
            preset: json!("gif"),
            ..still(format, bytes.clone())
        });
        samples.push(Sample {
            name: format!("second frame of {format}"),
            frames: 2,
            commands: json!([{"select_frame": 1}]),
            ..still(format, bytes)
        });
    }
    samples
}

/// How an input reaches the engine.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    Execute,
    Base64,
    Hex,
    Numbers,
    File,
}

const WAYS: [Way; 5] = [Way::Execute, Way::Base64, Way::Hex, Way::Numbers, Way::File];

/// Status, text and output of a job with these limits.
fn run(sample: &Sample, way: Way, security: &Value) -> (i64, String, Vec<u8>) {
    let framewise = json!({"steps": [{"decode": {"io_id": 0, "commands": sample.commands}},
        {"encode": {"io_id": 1, "preset": sample.preset}}]});
    let mut context = Context::new();
    let bytes = || Bytes::Shared(sample.bytes.as_slice().into());
    let path = std::env::temp_dir().join(format!(
        "imageflow-limits-{}-{}",
        std::process::id(),
        sample.name.replace(' ', "-")
    ));
    let io = match way {
        Way::Execute => {
            context.add_input(0, bytes()).unwrap();
            context.add_output_buffer(1).unwrap();
            None
        }
        Way::Base64 => Some(json!({"base_64": base64::encode(&sample.bytes)})),
        Way::Hex => {
            let digits: String = sample
                .bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            Some(json!({"bytes_hex": digits}))
        }
        Way::Numbers => Some(json!({"byte_array": sample.bytes})),
        Way::File => {
            std::fs::write(&path, &sample.bytes).unwrap();
            Some(json!({"file": path}))
        }
    };
    let (method, job) = match io {
        None => (
            "v1/execute",
            json!({"security": security, "framewise": framewise}),
        ),
        Some(io) => {
            let io = json!([{"io_id": 0, "direction": "in", "io": io},
                {"io_id": 1, "direction": "out", "io": "output_buffer"}]);
            let config = json!({"security": security});
            (
                "v1/build",
                json!({"builder_config": config, "io": io, "framewise": framewise}),
            )
        }
    };
    let response = context.send_json(method, job.to_string().as_bytes());
    let _ = std::fs::remove_file(path);
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let text = answer["message"].as_str().unwrap().to_owned();
    let output = context.get_output(1).map(|bytes| bytes.to_vec());
    (response.status, text, output.unwrap_or_default())
}

/// Runs a sample at one below, at, and one above what it has.
fn check(sample: &Sample, way: Way, limit: &str, has: u64, security: impl Fn(u64) -> Value) {
    for (value, fits) in [(has - 1, false), (has, true), (has + 1, true)] {
        let (status, text, output) = run(sample, way, &security(value));
        let case = format!("{}, {way:?}, {limit} {value}: {text}", sample.name);
        assert_eq!(status == 200, fits, "{case}");
        assert_eq!(output.is_empty(), !fits, "{case}");
        if !fits {
            assert!([400, 403].contains(&status), "{case}");
            assert!(
                text.contains("SizeLimitExceeded") || text.contains("exceeds maximum"),
                "{case}"
            );
            let field = limit.split('.').next().unwrap();
            assert!(text.contains(field), "{case}");
        }
    }
}

fn megapixels(pixels: u64) -> f64 {
    pixels as f64 / 1e6
}

#[test]
fn sizes_are_exact() {
    for sample in &samples() {
        for way in [Way::Execute, Way::Base64] {
            for limit in ["max_decode_size", "max_frame_size", "max_encode_size"] {
                let size = |w: u64, h: u64, pixels: u64| json!({limit: {"w": w, "h": h, "megapixels": megapixels(pixels)}});
                let (w, h) = (WIDTH.into(), HEIGHT.into());
                check(sample, way, &format!("{limit}.w"), w, |w| {
                    size(w, 999, 999_999)
                });
                check(sample, way, &format!("{limit}.h"), h, |h| {
                    size(999, h, 999_999)
                });
                let name = format!("{limit}.megapixels");
                check(sample, way, &name, PIXELS.into(), |n| size(999, 999, n));
            }
        }
    }
}

#[test]
fn pixels_of_a_file_are_exact() {
    for sample in &samples() {
        for way in [Way::Execute, Way::Base64] {
            let has = u64::from(PIXELS * sample.frames);
            check(
                sample,
                way,
                "max_total_file_pixels",
                has,
                |n| json!({"max_total_file_pixels": n}),
            );
        }
    }
}

#[test]
fn bytes_of_an_input_are_exact_however_it_comes() {
    for sample in &samples() {
        for way in WAYS {
            let has = sample.bytes.len() as u64;
            check(
                sample,
                way,
                "max_input_file_bytes",
                has,
                |n| json!({"max_input_file_bytes": n}),
            );
        }
    }
}

#[test]
fn bytes_of_an_input_count_for_info_and_estimates() {
    let bytes = bmp();
    for method in [
        "v1/get_image_info",
        "v1/get_scaled_image_info",
        "v1/estimate",
    ] {
        for (limit, status) in [(bytes.len() - 1, 400), (bytes.len(), 200)] {
            let mut context = super::context(&[&bytes]);
            let security = ExecutionSecurity {
                max_input_file_bytes: Some(limit),
                ..Default::default()
            };
            let lock = Lock {
                security: Some(security),
                allow_files: None,
            };
            context.lock(&lock).unwrap();
            let response = context.send_json(method, br#"{"io_id":0}"#);
            assert_eq!(response.status, status, "{method}");
        }
    }
}

#[test]
fn bytes_of_a_message_are_exact() {
    let job = |limit: usize| {
        json!({"security": {"max_json_bytes": limit}, "framewise": {"steps": [
            {"create_canvas": {"format": "bgr_32", "w": 3, "h": 2, "color": "black"}},
            {"encode": {"io_id": 0, "preset": "gif"}}]}})
        .to_string()
    };
    let length = job(100).len();
    assert!((100..999).contains(&length));
    for (limit, fits) in [(length - 1, false), (length, true), (length + 1, true)] {
        let mut context = super::context(&[]);
        let first = context.send_json("v1/execute", job(limit).as_bytes());
        assert_eq!(first.status, 200);
        // The limit is for the next message.
        let written = context.get_output(0).unwrap();
        let second = context.send_json("v1/execute", job(limit).as_bytes());
        assert_eq!(second.status == 200, fits);
        let text = String::from_utf8(second.body).unwrap();
        let expected = format!("is {length} bytes, exceeding maximum of {limit} bytes");
        assert_eq!(text.contains(&expected), !fits, "{text}");
        // What the first one wrote is still there.
        assert_eq!(context.get_output(0).unwrap(), written);
    }
}

#[test]
fn frames_have_a_limit_however_small_they_are() {
    let of = |frames: usize| {
        let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\xFF\0\0\0\xFF\0".to_vec();
        gif.extend(b",\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0".repeat(frames));
        gif.push(b';');
        gif
    };
    let most = usize::try_from(imageflow_core::limits::MAX_FRAMES).unwrap();
    let write = |gif: &[u8], commands: Value, preset: Value| {
        let mut context = super::context(&[gif]);
        let job = json!({"framewise": {"steps": [{"decode": {"io_id": 0, "commands": commands}},
            {"encode": {"io_id": 1, "preset": preset}}]}});
        let response = context.send_json("v1/execute", job.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        let output = context.get_output(1).unwrap().len();
        (response.status, answer, output, response.body.len())
    };
    for (frames, status) in [(most, 200), (most + 1, 400), (5 * most, 400)] {
        let (got, answer, output, length) = write(&of(frames), json!([]), json!("gif"));
        assert_eq!((got, output == 0), (status, status == 400), "{answer}");
        // The times of so many frames would fill megabytes.
        assert!(length < 1 << 20, "{length}");
        let info = super::context(&[&of(frames)])
            .send_json("v1/get_image_info", br#"{"io_id":0,"extras":["frames"]}"#);
        assert_eq!(info.status, status);
        if status == 400 {
            for text in [
                answer["message"].to_string(),
                String::from_utf8(info.body).unwrap(),
            ] {
                let expected = format!(
                    "SizeLimitExceeded: GIF has {} frames or more, exceeding maximum of {most}",
                    most + 1
                );
                assert!(text.contains(&expected), "{text}");
            }
        } else {
            let times = &answer["data"]["job_result"]["performance"]["frames"];
            assert_eq!(
                times.as_array().unwrap().len(),
                imageflow_core::job::MAX_FRAMES_LISTED
            );
        }
    }
    // A still picture of many frames costs what its frames cost.
    let many = of(most + 9);
    for (frame, status) in [(most - 1, 200), (most, 400)] {
        let (got, answer, ..) = write(&many, json!([{"select_frame": frame}]), json!("gif"));
        assert_eq!(got, status, "{answer}");
    }
}

#[test]
fn a_refusal_after_the_first_frames_leaves_nothing_in_any_output() {
    let folder = std::env::temp_dir().join(format!("imageflow-refused-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let output = |io_id: i32, io: Value| json!({"io_id": io_id, "direction": "out", "io": io});
    let io = json!([
        {"io_id": 0, "direction": "in", "io": {"base_64": base64::encode(&gif())}},
        output(1, json!("output_buffer")),
        output(2, json!({"file": folder.join("a.gif")})),
        output(3, json!({"file": folder.join("a.png")})),
        output(4, json!("output_base_64")),
    ]);
    let presets = [
        json!("gif"),
        json!("gif"),
        json!({"lodepng": {}}),
        json!({"mozjpeg": {}}),
    ];
    let mut nodes = json!({"0": {"decode": {"io_id": 0}}});
    let mut edges = Vec::new();
    for (io_id, preset) in (1..).zip(presets) {
        nodes[io_id.to_string()] = json!({"encode": {"io_id": io_id, "preset": preset}});
        edges.push(json!({"from": 0, "to": io_id, "kind": "input"}));
    }
    let job = |pixels: u32| {
        json!({"builder_config": {"security": {"max_total_file_pixels": pixels}}, "io": io,
            "framewise": {"graph": {"nodes": nodes, "edges": edges}}})
        .to_string()
    };
    let files = || std::fs::read_dir(&folder).unwrap().count();
    // Two of three frames pass.
    let mut context = Context::new();
    let response = context.send_json("v1/build", job(3 * PIXELS - 1).as_bytes());
    assert_eq!(response.status, 400);
    for io_id in [1, 4] {
        assert!(context.get_output(io_id).unwrap().is_empty(), "{io_id}");
    }
    drop(context);
    assert_eq!(files(), 0);
    let mut context = Context::new();
    let response = context.send_json("v1/build", job(3 * PIXELS).as_bytes());
    assert_eq!(response.status, 200);
    assert!(!context.get_output(1).unwrap().is_empty());
    assert_eq!(files(), 2);
    std::fs::remove_dir_all(folder).unwrap();
}
