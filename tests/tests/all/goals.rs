//! `max_bytes` and `ssimulacra2`: files that are as large, or look as good, as a client wants.

use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use imageflow_codecs::{Bytes, ImageFormat};
use imageflow_core::{Category, Context};
use imageflow_tests::{Picture, scene};
use serde_json::{Value, json};
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

/// A detailed picture as PNG; with `alpha` it fades out to the right.
fn picture(width: usize, height: usize, alpha: bool) -> Vec<u8> {
    let rgb = scene::render(width, height);
    let pixels = rgb.as_chunks::<3>().0.iter().enumerate();
    let rgba: Vec<u8> = pixels
        .flat_map(|(i, [r, g, b])| {
            let fade = 255 - (i % width) * 255 / width;
            [*r, *g, *b, if alpha { fade as u8 } else { 255 }]
        })
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(Cursor::new(&mut bytes), width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&rgba).unwrap();
    drop(writer);
    bytes
}

fn context(input: &[u8]) -> Context {
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(Arc::from(input)))
        .unwrap();
    context.add_output_buffer(1).unwrap();
    context
}

/// What a job wrote: the file, and what is said of it.
struct Written {
    bytes: Vec<u8>,
    encode: Value,
}

impl Written {
    fn goal(&self, field: &str) -> &Value {
        let goal = self.encode.get("goal").expect("there was a goal");
        goal.get(field).expect("all fields are always there")
    }

    fn number(&self, field: &str) -> f64 {
        self.goal(field).as_f64().unwrap()
    }

    fn quality(&self) -> u64 {
        self.goal("quality").as_u64().unwrap()
    }
}

fn run(input: &[u8], steps: &Value) -> Result<Written, String> {
    let mut context = context(input);
    let job = json!({"framewise": {"steps": steps}});
    let response = context.send_json("v1/execute", &serde_json::to_vec(&job).unwrap());
    let body = String::from_utf8(response.body).unwrap();
    if response.status != 200 {
        assert_eq!(response.status, 400, "{body}");
        return Err(body);
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    Ok(Written {
        bytes: context.take_output(1).unwrap(),
        encode: body["data"]["job_result"]["encodes"][0].clone(),
    })
}

fn encode(input: &[u8], preset: &Value) -> Result<Written, String> {
    run(
        input,
        &json!([{"decode": {"io_id": 0}}, {"encode": {"io_id": 1, "preset": preset}}]),
    )
}

fn command(input: &[u8], text: &str) -> Result<Written, String> {
    let step = json!({"kind": "ir4", "value": text, "decode": 0, "encode": 1});
    run(input, &json!([{"command_string": step}]))
}

/// A preset with more fields.
fn with(preset: &Value, fields: &Value) -> Value {
    let mut preset = preset.clone();
    let payload = preset.as_object_mut().unwrap().values_mut().next().unwrap();
    let fields = fields.as_object().unwrap().clone();
    payload.as_object_mut().unwrap().extend(fields);
    preset
}

/// Presets of this build that have a quality.
fn presets() -> Vec<Value> {
    let mut presets = vec![
        json!({"mozjpeg": {}}),
        json!({"libjpegturbo": {}}),
        json!({"pngquant": {}}),
    ];
    // The portable build writes WebP without loss only.
    if cfg!(feature = "native") {
        presets.push(json!({"webplossy": {"quality": null}}));
    }
    presets
}

/// The score of a file by another implementation, on the colours that are stored.
fn score(original: &[u8], copy: &[u8]) -> f64 {
    let rgb = |bytes: &[u8]| {
        let picture = Picture::decode(bytes).unwrap();
        let pixels = picture.rgba.as_chunks::<4>().0.iter();
        let floats = pixels
            .map(|&[r, g, b, _]| [r, g, b].map(|v| f32::from(v) / 255.0))
            .collect();
        let srgb = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
        Rgb::new(floats, picture.width, picture.height, srgb.0, srgb.1).unwrap()
    };
    compute_frame_ssimulacra2(rgb(original), rgb(copy)).unwrap()
}

#[test]
fn the_highest_quality_that_fits_is_written() {
    let _alone = crate::alone();
    let input = picture(300, 200, false);
    for preset in presets() {
        let at = |quality: u64| {
            let file = encode(&input, &with(&preset, &json!({"quality": quality}))).unwrap();
            assert!(file.encode.get("goal").is_none());
            file.bytes
        };
        let (small, large) = (at(10).len(), at(95).len());
        for part in [15, 50, 90] {
            let max = small + (large - small) * part / 100;
            let goal = with(&preset, &json!({"max_bytes": max}));
            let written = encode(&input, &goal).unwrap();
            let quality = written.quality();
            let size = written.bytes.len();
            assert!(size <= max, "{goal}: {size} bytes at {quality}");
            assert_eq!(written.goal("bytes"), size);
            assert_eq!(written.goal("reached"), true);
            assert_eq!(written.goal("ssimulacra2"), &Value::Null);
            assert!((2.0..=9.0).contains(&written.number("tries")), "{goal}");
            assert!(written.bytes == at(quality), "{goal}: not as at {quality}");
            let next = at(quality + 1).len();
            assert!(next > max, "{goal}: {next} bytes at {quality} + 1");
        }
    }
}

#[test]
fn the_lowest_quality_that_looks_good_enough_is_written() {
    let _alone = crate::alone();
    let input = picture(300, 200, false);
    for preset in presets() {
        let top = encode(&input, &with(&preset, &json!({"ssimulacra2": 100}))).unwrap();
        assert_eq!((top.quality(), top.goal("reached")), (100, &json!(false)));
        let best = top.number("ssimulacra2");
        for wanted in [50.0, 70.0, 85.0] {
            if wanted > best {
                continue;
            }
            let goal = with(&preset, &json!({"ssimulacra2": wanted}));
            let written = encode(&input, &goal).unwrap();
            let (quality, reached) = (written.quality(), written.number("ssimulacra2"));
            assert_eq!(written.goal("reached"), true, "{goal}");
            assert!(reached >= wanted, "{goal}: {reached}");
            assert!(written.number("tries") <= 9.0);
            let other = score(&input, &written.bytes);
            assert!(
                (other - reached).abs() < 1.0,
                "{goal}: {reached}, other {other}"
            );
            if quality > 1 {
                let less = with(&preset, &json!({"quality": quality - 1}));
                let less = score(&input, &encode(&input, &less).unwrap().bytes);
                assert!(less < wanted + 1.0, "{goal}: {less} below {quality}");
            }
        }
    }
}

#[test]
fn size_comes_before_look() {
    let _alone = crate::alone();
    let input = picture(300, 200, false);
    let run = |fields: Value| encode(&input, &with(&json!({"mozjpeg": {}}), &fields)).unwrap();
    let by_look = run(json!({"ssimulacra2": 75}));
    let size = by_look.bytes.len();
    let roomy = run(json!({"ssimulacra2": 75, "max_bytes": 2 * size}));
    assert!(roomy.bytes == by_look.bytes);
    assert_eq!(roomy.goal("reached"), true);
    let tight = run(json!({"ssimulacra2": 75, "max_bytes": size * 3 / 4}));
    let by_size = run(json!({"max_bytes": size * 3 / 4}));
    assert!(tight.bytes == by_size.bytes);
    assert_eq!(tight.goal("reached"), false);
    assert!(tight.number("ssimulacra2") < 75.0);
}

#[test]
fn a_size_out_of_reach_gives_the_smallest_file_and_says_so() {
    let _alone = crate::alone();
    let input = picture(100, 80, false);
    let written = encode(
        &input,
        &json!({"mozjpeg": {"max_bytes": 100, "ssimulacra2": 80}}),
    );
    let written = written.unwrap();
    assert_eq!(
        (written.quality(), written.goal("reached")),
        (1, &json!(false))
    );
    assert_eq!(written.goal("bytes"), written.bytes.len());
    assert_eq!(written.goal("ssimulacra2"), &Value::Null);
    assert_eq!(Picture::decode(&written.bytes).unwrap().width, 100);
    // A palette may not go below its own least quality.
    let floor = json!({"pngquant": {"max_bytes": 100, "minimum_quality": 60}});
    assert_eq!(encode(&input, &floor).unwrap().quality(), 60);
}

#[test]
fn transparent_pictures_are_compared_on_dark_and_bright() {
    let _alone = crate::alone();
    let input = picture(120, 90, true);
    let written = encode(&input, &json!({"pngquant": {"ssimulacra2": 40}})).unwrap();
    let score = written.number("ssimulacra2");
    assert_eq!(written.goal("reached"), score >= 40.0);
    // The same colours, opaque, are no easier.
    assert!((0.0..100.0).contains(&score), "{score}");
}

#[test]
fn querystrings_have_goals_too() {
    let _alone = crate::alone();
    let input = picture(300, 200, false);
    let small = command(&input, "w=200&format=jpg&max_bytes=6000").unwrap();
    assert!(small.bytes.len() <= 6000 && small.encode["w"] == 200);
    assert_eq!(small.goal("reached"), true);
    let good = command(&input, "w=200&format=jpg&ssimulacra2=70.5").unwrap();
    assert!(good.number("ssimulacra2") >= 70.5);
    // The input may be transparent, so this is a palette.
    let auto = command(&input, "w=200&format=auto&lossless=false&max_bytes=9000").unwrap();
    assert_eq!(auto.encode["preferred_extension"], "png");
    assert!(auto.bytes.len() <= 9000, "{}", auto.bytes.len());
}

#[test]
fn what_cannot_be_led_to_a_goal_says_what_can() {
    let input = picture(20, 20, false);
    let error = |preset: Value| encode(&input, &preset).err().expect("an error");
    let lossless = error(json!({"format": {"format": "png", "max_bytes": 1000}}));
    assert!(
        lossless.contains("InvalidArgument: max_bytes needs an encoder with a quality, and lossless PNG has none: use"),
        "{lossless}"
    );
    let gif = command(&input, "format=gif&ssimulacra2=80").err().unwrap();
    assert!(gif.contains("ssimulacra2 needs an encoder with a quality, and GIF has none"));
    let zero = error(json!({"mozjpeg": {"max_bytes": 0}}));
    assert!(zero.contains("InvalidArgument: max_bytes is 0; it is the size of a file, at least 1"));
    let high = error(json!({"mozjpeg": {"ssimulacra2": 100.5}}));
    assert!(high.contains("InvalidArgument: ssimulacra2 is 100.5; it is a score from 0 to 100"));
}

/// Two frames of one pixel, one after the other.
const ANIMATION: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF\
    \x21\xF9\x04\0\x0A\0\0\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\
    \x21\xF9\x04\0\x0A\0\0\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x4C\x01\0\x3B";

#[test]
fn animations_have_no_goals() {
    if !(ImageFormat::Gif.can_decode() && ImageFormat::WebP.can_encode()) {
        eprintln!("skipped: this build has no animations");
        return;
    }
    let error = encode(
        ANIMATION,
        &json!({"webplossy": {"quality": 80, "max_bytes": 1000}}),
    );
    let error = error.err().expect("an error");
    assert!(
        error.contains("InvalidArgument: max_bytes and ssimulacra2 are for still pictures"),
        "{error}"
    );
}

#[test]
fn a_search_stops_soon_after_it_is_cancelled() {
    let _alone = crate::alone();
    let input = picture(1500, 1000, false);
    let best = (0..3).map(|_| {
        let mut context = context(&input);
        let status = context.status().clone();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(150));
            let asked = Instant::now();
            status.request_cancellation();
            asked
        });
        let job = json!({"framewise": {"steps": [{"decode": {"io_id": 0}},
            {"encode": {"io_id": 1, "preset": {"mozjpeg": {"ssimulacra2": 88}}}}]}});
        let response = context.send_json("v1/execute", &serde_json::to_vec(&job).unwrap());
        let ended = Instant::now();
        let asked = canceller.join().unwrap();
        assert_eq!(
            response.status, 499,
            "the search ended before it was cancelled"
        );
        let error = context.status().error().expect("an error");
        assert_eq!(error.category(), Category::OperationCancelled);
        ended.saturating_duration_since(asked)
    });
    let best = best.min().unwrap();
    assert!(best < Duration::from_millis(200), "stopped after {best:?}");
}
