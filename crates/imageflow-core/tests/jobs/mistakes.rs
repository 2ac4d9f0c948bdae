//! The most likely mistakes in a job: each answer names what is wrong, where, and the way out.

use imageflow_codecs::Bytes;
use imageflow_core::Context;

/// The message a job is answered with; the context has a PNG of 4×4 as input 0 and output 1.
fn answer(framewise: &str) -> String {
    let canvas = r#"{"create_canvas":{"format":"bgr_32","w":4,"h":4,"color":"black"}}"#;
    let picture = super::png(&[], canvas).unwrap();
    let mut context = Context::new();
    context.add_input(0, Bytes::Shared(picture.into())).unwrap();
    context.add_output_buffer(1).unwrap();
    let body = format!(r#"{{"framewise":{framewise}}}"#);
    let response = context.send_json("v1/execute", body.as_bytes());
    let json: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    json["message"].as_str().unwrap().to_owned()
}

/// What a step between decode and encode is answered with.
fn step(node: &str) -> String {
    answer(&format!(
        r#"{{"steps":[{{"decode":{{"io_id":0}}}},{node},{{"encode":{{"io_id":1,"preset":"gif"}}}}]}}"#
    ))
}

/// The line of advice.
fn advice(answer: &str) -> &str {
    answer.lines().nth(1).unwrap_or_default()
}

#[test]
fn messages_that_do_not_parse_say_where_and_what_to_write() {
    for (node, expected) in [
        (
            r#""flip_hh""#,
            r#"at framewise.steps[1]: did you mean "flip_h"?"#,
        ),
        (
            r#"{"flipH":null}"#,
            r#"at framewise.steps[1].flipH: did you mean "flip_h"?"#,
        ),
        (
            r#"{"crop":{"x1":0,"y1":0,"x2":3,"yy2":3}}"#,
            r#"at framewise.steps[1].crop: there is no field "yy2"; write "y2""#,
        ),
        (
            r#"{"crop":{"x1":0,"y1":0,"x2":3}}"#,
            r#"at framewise.steps[1].crop: add the field "y2""#,
        ),
        (
            r#"{"resample_2d":{"w":"5","h":5}}"#,
            "at framewise.steps[1].resample_2d.w: write the number without quotes: 5",
        ),
        (
            r#"{"color_filter_srgb":{"alpha":"0.5"}}"#,
            "at framewise.steps[1].color_filter_srgb.alpha: write the number without quotes: 0.5",
        ),
        (
            r#"{"resample_2d":{"w":5.0,"h":5}}"#,
            "at framewise.steps[1].resample_2d.w: a whole number is due here: write 5 instead of 5.0",
        ),
        (
            r#"{"resample_2d":{"w":5.5,"h":5}}"#,
            "at framewise.steps[1].resample_2d.w: a whole number is due here, without decimals",
        ),
        (
            r#"{"resample_2d":{"w":-1,"h":5}}"#,
            "at framewise.steps[1].resample_2d.w: write a whole number from 0 to 4294967295",
        ),
        (
            r#"{"encode":{"io_id":1,"preset":{"mozjpeg":{"quality":300}}}}"#,
            "at framewise.steps[1].encode.preset.mozjpeg.quality: write a whole number from 0 to 255",
        ),
        (
            r#"{"constrain":{"mode":"fit_cropp","w":5}}"#,
            r#"at framewise.steps[1].constrain.mode: did you mean "fit_crop"?"#,
        ),
        (
            r#"{"constrain":{"mode":"max","w":5}}"#,
            "at framewise.steps[1].constrain.mode",
        ),
        (
            r#"{"fill_rect":{"x1":0,"y1":0,"x2":1,"y2":1,"color":"red"}}"#,
            r#"at framewise.steps[1].fill_rect.color: write another colour as {"srgb":{"hex":"RRGGBB"}}"#,
        ),
        (
            r#"{"encode":{"io_id":1,"preset":"mozjpeg"}}"#,
            r#"at framewise.steps[1].encode.preset: "mozjpeg" has settings: write {"mozjpeg":{…}}"#,
        ),
        (
            r#"{"flip_v":{}}"#,
            r#"at framewise.steps[1].flip_v: "flip_v" has no settings: write the name alone, or null behind it"#,
        ),
        (
            r#"{"flip_v":null,"flip_h":null}"#,
            r#"at framewise.steps[1].flip_v: one object holds one thing: put what follows "flip_v" in an object of its own"#,
        ),
        (
            r#"{"encode":{"io_id":1,"preset":{"format":{"format":"webp","lossless":true}}}}"#,
            r#"at framewise.steps[1].encode.preset.format.lossless: write the word in quotes: "true""#,
        ),
        (
            r#"{"encode":{"io_id":1,"preset":{"auto":{}}}}"#,
            r#"at framewise.steps[1].encode.preset.auto: add the field "quality_profile"; null stands for the engine's default"#,
        ),
        (
            r#"{"encode":{"io_id":1,"preset":{"webplossy":{}}}}"#,
            r#"at framewise.steps[1].encode.preset.webplossy: add the field "quality"; null stands for the default, 80"#,
        ),
    ] {
        let answer = step(node);
        assert!(answer.starts_with("InvalidJson: Json <"), "{answer}");
        assert_eq!(advice(&answer), expected, "{answer}");
    }
}

#[test]
fn ids_that_are_not_there_are_answered_with_those_that_are() {
    for framewise in [
        r#"{"steps":[{"decode":{"io_id":7}}]}"#,
        r#"{"steps":[{"decode":{"io_id":0}},{"encode":{"io_id":7,"preset":"gif"}}]}"#,
        r#"{"steps":[{"decode":{"io_id":0}},{"watermark":{"io_id":7}}]}"#,
    ] {
        let answer = answer(framewise);
        assert!(
            answer.starts_with("ArgumentInvalid: IoIdNotFound: No codec with io_id 7;"),
            "{answer}"
        );
        assert_eq!(advice(&answer), "inputs: 0; outputs: 1");
        assert!(answer.contains("Active node:\n"), "{answer}");
    }
    let swapped = answer(r#"{"steps":[{"decode":{"io_id":1}}]}"#);
    assert_eq!(
        advice(&swapped),
        "io_id 1 is an output; inputs: 0; outputs: 1"
    );
    let twice = step(r#"{"encode":{"io_id":1,"preset":"gif"}}"#);
    assert!(twice.contains("prohibits child nodes"), "{twice}");
    let twice = answer(
        r#"{"graph":{"nodes":{"0":{"decode":{"io_id":0}},"1":{"encode":{"io_id":1,"preset":"gif"}},
            "2":{"encode":{"io_id":1,"preset":"gif"}}},"edges":[{"from":0,"to":1,"kind":"input"},
            {"from":0,"to":2,"kind":"input"}]}}"#,
    );
    assert!(
        twice.contains("io_id 1 is written by two encode nodes; give each its own output"),
        "{twice}"
    );
}

#[test]
fn missing_edges_are_answered_with_the_edge_to_add() {
    let first = answer(r#"{"steps":["flip_h"]}"#);
    assert_eq!(
        advice(&first),
        r#"flip_h needs a frame from another node: in steps one before it, in a graph an edge {"from":…,"to":0,"kind":"input"}"#
    );
    let canvas = step(r#"{"copy_rect_to_canvas":{"from_x":0,"from_y":0,"w":1,"h":1,"x":0,"y":0}}"#);
    assert!(
        advice(&canvas).ends_with(r#"{"from":…,"to":1,"kind":"canvas"}"#),
        "{canvas}"
    );
    let cycle = answer(
        r#"{"graph":{"nodes":{"3":"flip_h","5":"flip_v"},"edges":[{"from":3,"to":5,"kind":"input"},
            {"from":5,"to":3,"kind":"input"}]}}"#,
    );
    assert!(
        cycle.starts_with("GraphInvalid: GraphCyclic at\n"),
        "{cycle}"
    );
    assert!(advice(&cycle).ends_with("the nodes 3, 5"), "{cycle}");
    let stray = answer(
        r#"{"graph":{"nodes":{"3":{"decode":{"io_id":0}}},"edges":[{"from":3,"to":4,"kind":"input"}]}}"#,
    );
    assert!(stray.contains("Edge references missing node 4"), "{stray}");
    assert_eq!(advice(&stray), "nodes: 3");
}

#[test]
fn colours_are_quoted_with_what_they_should_be() {
    for (hex, text) in [
        (
            "red",
            "Color Not Hexadecimal: 'red' has other characters than 0-9 and A-F",
        ),
        (
            "12345",
            "Color Format Incorrect: '12345' has 5 digits; give RGB, RGBA, RRGGBB or RRGGBBAA",
        ),
    ] {
        let answer = step(&format!(
            r#"{{"fill_rect":{{"x1":0,"y1":0,"x2":1,"y2":1,"color":{{"srgb":{{"hex":"{hex}"}}}}}}}}"#
        ));
        assert!(answer.contains(text), "{answer}");
        assert!(answer.contains("Active node:\n1: fill_rect"), "{answer}");
    }
}
