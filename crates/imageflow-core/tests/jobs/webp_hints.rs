//! `webp_decoder_hints`: a WebP is decoded to exactly the size that is asked for, whatever kind it is.

use imageflow_codecs::Bytes;
use imageflow_core::Context;
use serde_json::{Value, json};

use super::{context, png};

/// Two frames of 8×6: red, then half of it green.
fn animated_gif() -> Vec<u8> {
    let indices =
        |green: bool| -> Vec<u8> { (0..48).map(|i| u8::from(green && i % 8 < 4)).collect() };
    let mut gif = b"GIF89a\x08\0\x06\0\x80\0\0\xFF\0\0\0\xFF\0".to_vec();
    for green in [false, true] {
        gif.extend(b"\x21\xF9\x04\0\x0A\0\0\0,\0\0\0\0\x08\0\x06\0\0\x07");
        // Codes of eight bits that are pixels, cleared before the table would need nine.
        let codes: Vec<u8> = std::iter::once(0x80)
            .chain(indices(green))
            .chain([0x81])
            .collect();
        gif.push(codes.len() as u8);
        gif.extend(codes);
        gif.push(0);
    }
    gif.push(b';');
    gif
}

/// What a job writes with a preset.
fn written(inputs: &[&[u8]], steps: Value, preset: &Value) -> Vec<u8> {
    let mut context = context(inputs);
    let io_id = super::output(inputs);
    let mut steps = steps.as_array().unwrap().clone();
    steps.push(json!({"encode": {"io_id": io_id, "preset": preset}}));
    let job = json!({"framewise": {"steps": steps}});
    let response = context.send_json("v1/execute", job.to_string().as_bytes());
    assert_eq!(
        response.status,
        200,
        "{:?}",
        String::from_utf8(response.body)
    );
    context.take_output(io_id).unwrap()
}

/// Stripes and blocks of 40×30, half of them half transparent.
fn picture() -> Value {
    let rect = |x: u32, color: &str| json!({"fill_rect": {"x1": x, "y1": x / 2, "x2": x + 5, "y2": 25, "color": {"srgb": {"hex": color}}}});
    json!([
        {"create_canvas": {"w": 40, "h": 30, "format": "bgra_32", "color": {"srgb": {"hex": "4080C0"}}}},
        rect(3, "FF0000FF"), rect(13, "00FF0080"), rect(30, "FFFFFF20")
    ])
}

fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let gif = animated_gif();
    let mut kinds = vec![
        ("lossless", written(&[], picture(), &json!("webplossless"))),
        (
            "animated",
            written(
                &[&gif],
                json!([{"decode": {"io_id": 0}}]),
                &json!("webplossless"),
            ),
        ),
    ];
    if cfg!(feature = "native") {
        let lossy = json!({"webplossy": {"quality": 90}});
        kinds.push(("lossy", written(&[], picture(), &lossy)));
    }
    kinds
}

fn told(webp: &[u8], commands: &[Value]) -> Context {
    let mut context = context(&[webp]);
    for command in commands {
        let body = json!({"io_id": 0, "command": command}).to_string();
        assert_eq!(
            context.send_json("v1/tell_decoder", body.as_bytes()).status,
            200
        );
    }
    context
}

fn asked(context: &mut Context, endpoint: &str) -> (i64, i64) {
    let response = context.send_json(endpoint, br#"{"io_id":0}"#);
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let info = &answer["data"]["image_info"];
    (
        info["image_width"].as_i64().unwrap(),
        info["image_height"].as_i64().unwrap(),
    )
}

fn decode(commands: &Value) -> String {
    json!({"decode": {"io_id": 0, "commands": commands}}).to_string()
}

fn resampled(w: u32, h: u32, larger: bool) -> String {
    let filter = if larger { "up_filter" } else { "down_filter" };
    let name = if larger { "triangle" } else { "robidoux" };
    let hints = json!({"scaling_colorspace": "srgb", filter: name});
    json!({"resample_2d": {"w": w, "h": h, "hints": hints}}).to_string()
}

#[test]
fn every_kind_is_decoded_to_exactly_the_size_asked_for() {
    for (kind, webp) in kinds() {
        for frame in [None, Some(1)]
            .into_iter()
            .take(if kind == "animated" { 2 } else { 1 })
        {
            let select: Vec<Value> = frame.iter().map(|n| json!({"select_frame": n})).collect();
            let whole = decode(&json!(select));
            for (w, h, larger) in [
                (7u32, 5u32, false),
                (3, 6, false),
                (1, 1, false),
                (50, 31, true),
            ] {
                let hint = json!({"webp_decoder_hints": {"width": w, "height": h}});
                let mut commands = select.clone();
                commands.push(hint.clone());
                let found = png(&[&webp], &decode(&json!(commands))).unwrap();
                let expected =
                    png(&[&webp], &format!("{whole},{}", resampled(w, h, larger))).unwrap();
                assert!(found == expected, "{kind} {frame:?} {w}×{h}");
                // The same when the decoder was told before.
                let mut context = told(&webp, &commands);
                let job = json!({"framewise": {"steps": [
                    {"decode": {"io_id": 0}}, {"encode": {"io_id": 1, "preset": {"lodepng": {}}}}]}});
                let response = context.send_json("v1/execute", job.to_string().as_bytes());
                assert_eq!(response.status, 200);
                let size = (i64::from(w), i64::from(h));
                assert_eq!(asked(&mut context, "v1/get_scaled_image_info"), size);
                assert_ne!(asked(&mut context, "v1/get_image_info"), size);
                assert!(context.take_output(1).unwrap() == found, "{kind} told");
            }
        }
    }
}

#[test]
fn an_animation_keeps_its_frames() {
    let (_, webp) = kinds().swap_remove(1);
    let commands = json!([{"webp_decoder_hints": {"width": 4, "height": 9}}]);
    let small = written(
        &[&webp],
        json!([{"decode": {"io_id": 0, "commands": commands}}]),
        &json!("gif"),
    );
    assert_eq!(small[6..10], [4, 0, 9, 0]);
    let mut context = context(&[&small]);
    let response = context.send_json("v1/get_image_info", br#"{"io_id":0}"#);
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(answer["data"]["image_info"]["multiple_frames"], true);
}

#[test]
fn sizes_that_are_none_and_other_formats_change_nothing() {
    let (_, webp) = kinds().swap_remove(0);
    let plain = png(&[&webp], &decode(&json!([]))).unwrap();
    for (w, h) in [(0, 5), (5, 0), (-3, 4), (40, 30)] {
        let commands = json!([{"webp_decoder_hints": {"width": w, "height": h}}]);
        assert!(
            png(&[&webp], &decode(&commands)).unwrap() == plain,
            "{w} {h}"
        );
        let mut context = told(&webp, commands.as_array().unwrap());
        assert_eq!(asked(&mut context, "v1/get_scaled_image_info"), (40, 30));
    }
    // The last one counts, also when it is none.
    let hint = |side: i32| json!({"webp_decoder_hints": {"width": side, "height": side}});
    let commands = [hint(9), hint(0)];
    assert!(png(&[&webp], &decode(&json!(commands))).unwrap() == plain);
    assert_eq!(
        asked(&mut told(&webp, &commands), "v1/get_scaled_image_info"),
        (40, 30)
    );
    let same = png(&[&plain], &decode(&json!([hint(9)]))).unwrap();
    assert!(same == plain, "a PNG has no such hints");
}

#[test]
fn limits_look_at_what_is_stored_and_at_what_is_asked_for() {
    let (_, webp) = kinds().swap_remove(0);
    let refused = |security: Value, side: u32| {
        let mut context = Context::new();
        context
            .add_input(0, Bytes::Shared(webp.as_slice().into()))
            .unwrap();
        context.add_output_buffer(1).unwrap();
        let commands = json!([{"webp_decoder_hints": {"width": side, "height": side}}]);
        let job = json!({"security": security, "framewise": {"steps": [
            {"decode": {"io_id": 0, "commands": commands}},
            {"encode": {"io_id": 1, "preset": {"lodepng": {}}}}]}});
        context
            .send_json("v1/execute", job.to_string().as_bytes())
            .status
            != 200
    };
    let limit = |side: u32| json!({"w": side, "h": side, "megapixels": 1});
    assert!(refused(json!({"max_decode_size": limit(39)}), 5));
    assert!(!refused(json!({"max_decode_size": limit(40)}), 5));
    assert!(refused(json!({"max_decode_size": limit(50)}), 51));
    assert!(refused(json!({"max_frame_size": limit(50)}), 51));
    assert!(!refused(json!({"max_frame_size": limit(50)}), 50));
}
