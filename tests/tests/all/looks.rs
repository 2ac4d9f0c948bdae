//! What the engine finds by looking at pixels: where to crop, which colours, how a picture looks from afar.

use imageflow_codecs::{Bytes, ImageFormat};
use imageflow_core::Context;
use imageflow_tests::Picture;
use jpeg_encoder::{ColorType, Encoder};
use serde_json::{Value, json};

const GRAY: [u8; 3] = [120, 120, 120];
const SKIN: [u8; 3] = [224, 172, 140];

/// A picture of the first colour with a blob of the second from column and row `at`, a quarter of the height wide.
#[derive(Clone, Copy)]
struct Blob {
    size: [u32; 2],
    at: [u32; 2],
    color: [u8; 3],
}

impl Blob {
    fn side(self) -> u32 {
        self.size[0].min(self.size[1]) / 4
    }

    fn contains(self, x: u32, y: u32) -> bool {
        let [left, top] = self.at;
        (left..left + self.side()).contains(&x) && (top..top + self.side()).contains(&y)
    }

    fn rgb(self) -> Vec<u8> {
        let [width, height] = self.size;
        (0..height)
            .flat_map(|y| (0..width).map(move |x| [x, y]))
            .flat_map(|[x, y]| {
                if self.contains(x, y) {
                    self.color
                } else {
                    GRAY
                }
            })
            .collect()
    }

    fn png(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.size[0], self.size[1]);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&self.rgb()).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn jpeg(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let [width, height] = self.size.map(|v| u16::try_from(v).unwrap());
        Encoder::new(&mut bytes, 92)
            .encode(&self.rgb(), width, height, ColorType::Rgb)
            .unwrap();
        bytes
    }
}

fn context(input: &[u8]) -> Context {
    let mut context = Context::new();
    context.add_input(0, Bytes::Shared(input.into())).unwrap();
    context
}

/// Runs steps between a decode and an encode.
fn run(input: &[u8], steps: &[Value], preset: Value) -> Vec<u8> {
    let mut context = context(input);
    context.add_output_buffer(1).unwrap();
    let decode = json!({"decode": {"io_id": 0}});
    let encode = json!({"encode": {"io_id": 1, "preset": preset}});
    let steps: Vec<Value> = [&[decode], steps, &[encode]].concat();
    let job = json!({"framewise": {"steps": steps}}).to_string();
    let response = context.send_json("v1/execute", job.as_bytes());
    let text = String::from_utf8_lossy(&response.body);
    assert_eq!(response.status, 200, "{text}");
    context.take_output(1).unwrap()
}

fn lossless() -> Value {
    json!({"lodepng": {"maximum_deflate": false}})
}

fn querystring(input: &[u8], value: &str) -> Picture {
    let step = json!({"command_string": {"kind": "ir4", "value": value}});
    Picture::decode(&run(input, &[step], lossless())).unwrap()
}

fn constrained(input: &[u8], mode: &str, gravity: Value) -> Picture {
    let step = json!({"constrain": {"mode": mode, "w": 60, "h": 60, "gravity": gravity}});
    Picture::decode(&run(input, &[step], lossless())).unwrap()
}

/// The share of a picture that is nearer to a colour than to the gray around it.
fn share_of(picture: &Picture, color: [u8; 3]) -> f64 {
    let distance = |p: &[u8], c: [u8; 3]| -> u32 {
        p.iter().zip(c).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
    };
    let near = |p: &&[u8]| distance(&p[..3], color) < distance(&p[..3], GRAY);
    let pixels = picture.rgba.chunks_exact(4);
    pixels.filter(near).count() as f64 / (picture.width * picture.height) as f64
}

/// What a square crop that has the whole blob shows of it.
const WHOLE: std::ops::Range<f64> = 0.055..0.075;

#[test]
fn a_smart_crop_keeps_what_stands_out() {
    for color in [SKIN, [250, 250, 250], [200, 30, 40]] {
        for at in [[5, 60], [200, 80], [370, 70], [430, 120]] {
            let input = Blob {
                size: [480, 200],
                at,
                color,
            };
            for (name, bytes) in [("png", input.png()), ("jpeg", input.jpeg())] {
                for value in [
                    "w=100&h=100&crop=smart",
                    "w=100&h=100&mode=crop&anchor=smart",
                    "w=100&h=100&mode=crop&anchor=topleft&c.gravity=smart",
                    "w=100&h=100&mode=crop&crop=smart&srotate=90&flip=x",
                ] {
                    let share = share_of(&querystring(&bytes, value), color);
                    assert!(WHOLE.contains(&share), "{value} of {name}, {at:?}: {share}");
                }
                for mode in ["within_crop", "fit_crop", "aspect_crop"] {
                    let share = share_of(&constrained(&bytes, mode, json!("smart")), color);
                    assert!(WHOLE.contains(&share), "{mode} of {name}, {at:?}: {share}");
                }
            }
        }
    }
}

#[test]
fn a_large_jpeg_is_looked_at_through_a_reduced_decode() {
    let input = Blob {
        size: [4200, 1400],
        at: [3700, 500],
        color: SKIN,
    };
    let picture = querystring(&input.jpeg(), "w=120&h=120&crop=smart");
    assert!(WHOLE.contains(&share_of(&picture, SKIN)));
}

#[test]
fn a_picture_that_is_alike_on_both_sides_is_cropped_in_the_middle() {
    for size in [[301, 101], [101, 333], [480, 200]] {
        let side = size[0].min(size[1]) / 4;
        let middle = Blob {
            size,
            at: size.map(|v| (v - side) / 2),
            color: SKIN,
        };
        for bytes in [middle.png(), middle.jpeg()] {
            let [smart, center] =
                ["smart", "center"].map(|g| constrained(&bytes, "fit_crop", json!(g)));
            assert_eq!(smart, center, "{size:?}");
        }
    }
}

#[test]
fn a_crop_is_looked_for_in_the_window_that_was_asked_for() {
    let input = Blob {
        size: [480, 200],
        at: [430, 60],
        color: SKIN,
    };
    let bytes = input.png();
    let without = querystring(&bytes, "w=100&h=100&crop=smart&c=0,0,80,100");
    assert_eq!(share_of(&without, SKIN), 0.0);
    let with = querystring(&bytes, "w=100&h=100&crop=smart&c=20,0,100,100");
    assert!(WHOLE.contains(&share_of(&with, SKIN)));
}

#[test]
fn modes_that_do_not_crop_centre() {
    let bytes = Blob {
        size: [480, 200],
        at: [20, 20],
        color: SKIN,
    }
    .png();
    for mode in ["distort", "within", "fit", "within_pad", "fit_pad"] {
        let [smart, center] = ["smart", "center"].map(|g| constrained(&bytes, mode, json!(g)));
        assert_eq!(smart, center, "{mode}");
    }
}

#[test]
fn smart_crops_can_follow_each_other() {
    let input = Blob {
        size: [480, 200],
        at: [400, 100],
        color: SKIN,
    };
    let step = |w: u32, h: u32| json!({"constrain": {"mode": "aspect_crop", "w": w, "h": h, "gravity": "smart"}});
    let steps = [step(2, 1), step(1, 1), step(9, 10), step(1, 1), step(10, 9)];
    let picture = Picture::decode(&run(&input.png(), &steps, lossless())).unwrap();
    assert_eq!((picture.width, picture.height), (180, 162));
    let whole = 2500.0 / (180.0 * 162.0);
    assert!((share_of(&picture, SKIN) - whole).abs() < 0.002);
}

fn info(context: &mut Context, request: &Value) -> Value {
    let response = context.send_json("v1/get_image_info", request.to_string().as_bytes());
    assert_eq!(response.status, 200);
    serde_json::from_slice::<Value>(&response.body).unwrap()["data"]["image_info"].take()
}

#[test]
fn extras_come_only_when_asked_for() {
    let input = Blob {
        size: [480, 200],
        at: [100, 20],
        color: [200, 30, 40],
    };
    let mut context = context(&input.png());
    let plain = info(&mut context, &json!({"io_id": 0}));
    assert_eq!(plain["extras"], Value::Null);
    assert_eq!(plain.as_object().unwrap().len(), 7);
    for nothing in [json!(null), json!([])] {
        let request = json!({"io_id": 0, "extras": nothing});
        assert_eq!(info(&mut context, &request), plain);
    }
    let wanted = json!(["thumbhash", "dominant_colors", "frames", "frames"]);
    let extras = &info(&mut context, &json!({"io_id": 0, "extras": wanted}))["extras"];
    let colors = extras["dominant_colors"].as_array().unwrap();
    let hex: Vec<&str> = colors.iter().map(|c| c["hex"].as_str().unwrap()).collect();
    assert_eq!(hex[..2], ["#787878", "#c81e28"]);
    let share = colors[1]["share"].as_f64().unwrap();
    assert!((share - 2500.0 / 96000.0).abs() < 0.005, "{share}");
    assert!(extras["thumbhash"].as_str().unwrap().len() >= 24);
    assert_eq!(
        extras["frames"],
        json!({"count": 1, "delays_ms": [], "plays": 1})
    );

    let some = info(&mut context, &json!({"io_id": 0, "extras": ["frames"]}));
    assert_eq!(some["extras"].as_object().unwrap().len(), 1);
    let unknown = json!({"io_id": 0, "extras": ["faces"]}).to_string();
    let response = context.send_json("v1/get_image_info", unknown.as_bytes());
    assert_eq!(response.status, 400);
    let text = String::from_utf8(response.body).unwrap();
    assert!(text.contains("expected one of `dominant_colors`, `thumbhash`, `frames`"));
}

#[test]
fn extras_respect_the_limits_of_a_decode() {
    let bytes = Blob {
        size: [480, 200],
        at: [0, 0],
        color: SKIN,
    }
    .png();
    let mut context = context(&bytes);
    let limits = json!({"security": {"max_decode_size": {"w": 100, "h": 100, "megapixels": 1.0}},
        "framewise": {"steps": [{"create_canvas": {"format": "bgr_32", "w": 1, "h": 1, "color": "black"}}]}});
    let response = context.send_json("v1/execute", limits.to_string().as_bytes());
    assert_eq!(response.status, 200);
    let request = json!({"io_id": 0, "extras": ["thumbhash"]}).to_string();
    let response = context.send_json("v1/get_image_info", request.as_bytes());
    let text = String::from_utf8(response.body).unwrap();
    assert!(text.contains("max_decode_size"), "{text}");
}

/// A GIF of palette indices, its codes as wide as a byte: 7-bit values, and a clear code before the table is full.
fn gif(
    size: [u16; 2],
    delays_cs: &[u16],
    plays: u16,
    at: impl Fn(usize, u16, u16) -> u8,
) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    let [width, height] = size;
    bytes.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
    bytes.extend([0xF6, 0, 0]);
    let mut palette = [0; 128 * 3];
    palette[..3].copy_from_slice(&GRAY);
    palette[3..6].copy_from_slice(&SKIN);
    bytes.extend(palette);
    bytes.extend([0x21, 0xFF, 11]);
    bytes.extend(b"NETSCAPE2.0");
    bytes.extend([3, 1]);
    bytes.extend(plays.to_le_bytes());
    bytes.push(0);
    for (frame, delay) in delays_cs.iter().enumerate() {
        bytes.extend([0x21, 0xF9, 4, 0]);
        bytes.extend(delay.to_le_bytes());
        bytes.extend([0, 0, 0x2C, 0, 0, 0, 0]);
        bytes.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
        bytes.extend([0, 7]);
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels: Vec<u8> = pixels.map(|(x, y)| at(frame, x, y)).collect();
        let mut codes: Vec<u8> = Vec::new();
        for run in pixels.chunks(100) {
            codes.push(128);
            codes.extend(run);
        }
        codes.push(129);
        for block in codes.chunks(255) {
            bytes.push(u8::try_from(block.len()).unwrap());
            bytes.extend(block);
        }
        bytes.push(0);
    }
    bytes.push(0x3B);
    bytes
}

/// Skin at the right; in later frames at the left.
fn moving(frame: usize, x: u16, y: u16) -> u8 {
    let left = if frame == 0 { 180 } else { 10 };
    u8::from((left..left + 25).contains(&x) && (30..55).contains(&y))
}

#[test]
fn an_animation_is_cropped_as_its_first_frame_is() {
    if !(ImageFormat::Gif.can_decode() && ImageFormat::Gif.can_encode()) {
        eprintln!("skipped: this build does not read and write GIF");
        return;
    }
    let bytes = gif([240, 100], &[10, 20, 30], 0, |frame, x, y| match frame {
        2 => u8::from(x >= 180),
        _ => moving(frame, x, y),
    });
    let step = json!({"constrain": {"mode": "aspect_crop", "w": 1, "h": 1, "gravity": "smart"}});
    let frames = Picture::decode_frames(&run(&bytes, &[step], json!("gif"))).unwrap();
    let shares: Vec<f64> = frames.iter().map(|f| share_of(&f.0, SKIN)).collect();
    assert_eq!(shares[..2], [0.0625, 0.0]);
    assert!(shares.len() == 3 && shares[2] > 0.3, "{shares:?}");
}

#[test]
fn an_animation_that_was_looked_at_still_plays() {
    if !(ImageFormat::Gif.can_decode() && ImageFormat::Gif.can_encode()) {
        eprintln!("skipped: this build does not read and write GIF");
        return;
    }
    let bytes = gif([240, 100], &[10, 20], 0, moving);
    for step in [
        json!({"crop_whitespace": {"threshold": 80, "percent_padding": 0.0}}),
        json!({"white_balance_histogram_area_threshold_srgb": {}}),
        json!({"command_string": {"kind": "ir4", "value": "w=50&h=50&crop=smart"}}),
    ] {
        let frames =
            Picture::decode_frames(&run(&bytes, std::slice::from_ref(&step), json!("gif")))
                .unwrap();
        assert_eq!(frames.len(), 2, "{step}");
    }
}

#[test]
fn frames_are_counted_and_timed() {
    if !ImageFormat::Gif.can_decode() {
        eprintln!("skipped: this build does not read GIF");
        return;
    }
    let bytes = gif([240, 100], &[10, 20, 30], 0, moving);
    let request = json!({"io_id": 0, "extras": ["frames", "dominant_colors"]});
    let extras = &info(&mut context(&bytes), &request)["extras"];
    let expected = json!({"count": 3, "delays_ms": [100, 200, 300], "plays": 0});
    assert_eq!(extras["frames"], expected);
    assert_eq!(extras["dominant_colors"][0]["hex"], "#787878");
}
