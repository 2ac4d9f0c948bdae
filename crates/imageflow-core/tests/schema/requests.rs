//! Requests of our own: every node, preset and spelling, and what is close but wrong.

use std::collections::BTreeSet;

use super::*;

/// Every node, with all of its fields.
const NODES: &str = r##"[
    "flip_v", "flip_h", "transpose", "rotate_90", "rotate_180", "rotate_270", "watermark_red_dot",
    {"crop":{"x1":0,"y1":1,"x2":2,"y2":3}},
    {"crop_whitespace":{"threshold":80,"percent_padding":0.5}},
    {"create_canvas":{"format":"bgra_32","w":4,"h":4,"color":{"srgb":{"hex":"#FFEECCFF"}}}},
    {"command_string":{"kind":"ir4","value":"w=5","decode":0,"encode":1,"watermarks":[{"io_id":2}]}},
    {"constrain":{"mode":"within","w":5,"h":6,"gravity":{"percentage":{"x":0,"y":100}},"canvas_color":"black",
        "hints":{"sharpen_percent":15,"down_filter":"lanczos_2","up_filter":"n_cubic_sharp",
            "scaling_colorspace":"linear","background_color":"transparent","resample_when":"always",
            "sharpen_when":"upscaling"}}},
    {"constrain":{"mode":"fit_crop","w":5,"h":6,"gravity":"smart"}},
    {"copy_rect_to_canvas":{"from_x":0,"from_y":0,"w":1,"h":1,"x":0,"y":0}},
    {"round_image_corners":{"radius":{"percentage":50},"background_color":"black"}},
    {"decode":{"io_id":0,"commands":["discard_color_profile","ignore_color_profile_errors",{"select_frame":1},
        {"jpeg_downscale_hints":{"width":5,"height":5,"scale_luma_spatially":true,
            "gamma_correct_for_srgb_during_spatial_luma_scaling":false}},
        {"webp_decoder_hints":{"width":5,"height":5}}]}},
    {"encode":{"io_id":1,"preset":"gif"}}, {"encode":{"io_id":1,"preset":"gif","metadata":"copyright"}},
    {"decode":{"io_id":0,"commands":[{"color_profile":"keep"},{"color_profile":"display_p3"}]}},
    {"fill_rect":{"x1":0,"y1":0,"x2":1,"y2":1,"color":"black"}},
    {"expand_canvas":{"left":1,"top":2,"right":3,"bottom":4,"color":"transparent"}},
    {"region_percent":{"x1":-5.5,"y1":0,"x2":100,"y2":105,"background_color":"black"}},
    {"region":{"x1":-5,"y1":0,"x2":100,"y2":105,"background_color":"black"}},
    {"apply_orientation":{"flag":8}},
    {"resample_2d":{"w":3,"h":4,"hints":{}}},
    {"draw_image_exact":{"x":0,"y":0,"w":3,"h":4,"blend":"overwrite","hints":null}},
    {"watermark":{"io_id":2,"fit_box":{"canvas_margins":{"left":1,"top":1,"right":1,"bottom":1}},
        "fit_mode":"fit_crop","gravity":"center","min_canvas_width":5,"min_canvas_height":5,"opacity":0.5,"hints":{}}},
    {"white_balance_histogram_area_threshold_srgb":{"threshold":0.01}},
    {"color_matrix_srgb":{"matrix":[[1,0,0,0,0],[0,1,0,0,0],[0,0,1,0,0],[0,0,0,1,0],[0.5,0,0,0,0]]}},
    {"color_filter_srgb":{"alpha":0.5}}
]"##;

/// Every preset, with all of its fields.
const PRESETS: &str = r#"[
    "gif", "webplossless",
    {"auto":{"quality_profile":"good","quality_profile_dpr":1.5,"matte":"black","lossless":"keep",
        "allow":{"web_safe":true,"avif":false}}},
    {"format":{"format":"keep","quality_profile":{"percent":50},"quality_profile_dpr":2,"lossless":"false",
        "allow":{"all":true},"encoder_hints":{
            "jpeg":{"quality":5,"progressive":true,"mimic":"libjpegturbo"},
            "png":{"quality":5,"min_quality":0,"quantization_speed":3,"mimic":"lodepng","hint_max_deflate":true,"lossless":"true"},
            "webp":{"quality":5,"lossless":"keep"},"gif":{}}}},
    {"libjpegturbo":{"quality":75,"progressive":true,"optimize_huffman_coding":true,"matte":"black"}},
    {"libpng":{"depth":"png_24","matte":"black","zlib_compression":9}},
    {"pngquant":{"quality":90,"minimum_quality":10,"speed":4,"maximum_deflate":true}},
    {"lodepng":{"maximum_deflate":true}},
    {"mozjpeg":{"quality":75,"progressive":false,"matte":"black","max_bytes":20000,"ssimulacra2":80.5}},
    {"webplossy":{"quality":75.5}}
]"#;

/// Nodes in spellings that are read, but not written.
const ODD_NODES: &str = r#"[
    {"flip_v":null},
    {"constrain":{"mode":{"fit":null},"w":null,"hints":{"down_filter":{"box":null}},"gravity":{"center":null}}},
    {"draw_image_exact":{"x":0,"y":0,"w":3,"h":4,"blend":""}},
    {"round_image_corners":{"radius":5}},
    {"round_image_corners":{"radius":2.5,"background_color":null}},
    {"round_image_corners":{"radius":"circle"}},
    {"decode":{"io_id":0,"commands":[{"select_frame":{"index":2}},{"discard_color_profile":null}],"unknown":{}}},
    {"encode":{"io_id":1,"preset":{"gif":null}}},
    {"encode":{"io_id":1,"preset":{"libjpeg_turbo":{}}}},
    {"encode":{"io_id":1,"preset":{"lodepng":{"max_deflate":true}}}},
    {"encode":{"io_id":1,"preset":{"auto":{"quality_profile":null}}}},
    {"encode":{"io_id":1,"preset":{"webplossy":{"quality":null}}}},
    {"encode":{"io_id":1,"preset":{"format":{"format":"jpg","encoder_hints":{"jpeg":{"mimic":"libjpeg_turbo"}}}}}},
    {"encode":{"io_id":1,"preset":{"mozjpeg":{"quality":null,"matte":{"black":null}}}}},
    {"white_balance_histogram_area_threshold_srgb":{}}
]"#;

/// Nodes that are refused.
const WRONG_NODES: &str = r#"[
    "flip_d", {"flip_v":{}}, {"flip_v":null,"flip_h":null}, {}, null, 5, [],
    {"crop":{"x1":0,"y1":1,"x2":2}},
    {"crop":{"x1":-1,"y1":1,"x2":2,"y2":2}},
    {"crop":{"x1":0.5,"y1":1,"x2":2,"y2":2}},
    {"crop":{"x1":4294967296,"y1":1,"x2":2,"y2":2}},
    {"crop":{"x1":"0","y1":1,"x2":2,"y2":2}},
    {"crop":{"x1":null,"y1":1,"x2":2,"y2":2}},
    {"decode":{"io_id":2147483648}},
    {"decode":{"io_id":0,"commands":["unknown"]}},
    {"decode":{"io_id":0,"commands":[{"select_frame":{}}]}},
    {"encode":{"io_id":1,"preset":"jpeg"}},
    {"encode":{"io_id":1,"preset":{"auto":{}}}},
    {"encode":{"io_id":1,"preset":{"webplossy":{}}}},
    {"encode":{"io_id":1,"preset":{"format":{"format":"JPEG"}}}},
    {"encode":{"io_id":1,"preset":{"format":{"format":"jpeg","lossless":true}}}},
    {"encode":{"io_id":1,"preset":{"mozjpeg":{"quality":256}}}},
    {"round_image_corners":{"background_color":"black"}},
    {"round_image_corners":{"radius":null}},
    {"round_image_corners":{"radius":"square"}},
    {"color_matrix_srgb":{"matrix":[[1,0,0,0,0]]}},
    {"color_matrix_srgb":{"matrix":[[1,0,0,0],[0,1,0,0,0],[0,0,1,0,0],[0,0,0,1,0],[0,0,0,0,0]]}},
    {"command_string":{"kind":"ir5","value":""}},
    {"command_string":{"kind":"ir4"}},
    {"fill_rect":{"x1":0,"y1":0,"x2":1,"y2":1,"color":"red"}},
    {"resample_2d":{"w":3,"h":4,"hints":{"down_filter":"bicubic"}}}
]"#;

/// Whole requests, right and wrong.
const REQUESTS: &[(&str, &str, bool)] = &[
    ("v1/get_image_info", r#"{"io_id":-1}"#, true),
    ("v1/get_image_info", r#"{"io_id":"0"}"#, false),
    ("v1/get_scaled_image_info", "{}", false),
    (
        "v1/tell_decoder",
        r#"{"io_id":0,"command":"discard_color_profile"}"#,
        true,
    ),
    ("v1/tell_decoder", r#"{"io_id":0}"#, false),
    (
        "v1/execute",
        r#"{"framewise":{"steps":[]},"security":null,"job_options":{"any":1}}"#,
        true,
    ),
    (
        "v1/execute",
        r#"{"framewise":{"graph":{"nodes":{"0":"flip_v","+1":"flip_h"},"edges":[{"from":0,"to":1,"kind":"input"}]}},
            "graph_recording":{"record_graph_versions":true},
            "security":{"max_decode_size":{"w":1,"h":2,"megapixels":0.5},"max_json_bytes":18446744073709551615,
                "max_threads":4,"mem_budget_policy":{"require_est_bytes_below":5}}}"#,
        true,
    ),
    (
        "v1/execute",
        r#"{"framewise":{"graph":{"nodes":{},"edges":[]},"steps":[]}}"#,
        false,
    ),
    ("v1/execute", r#"{"framewise":{}}"#, false),
    (
        "v1/execute",
        r#"{"framewise":{"steps":[]},"security":{"max_decode_size":{"w":1}}}"#,
        false,
    ),
    (
        "v1/build",
        r#"{"io":[{"io_id":0,"direction":"in","io":{"byte_array":[0,255]}},{"io_id":1,"direction":"out","io":"output_base_64"},
            {"io_id":2,"direction":"in","io":{"bytes_hex":"00"}},{"io_id":3,"direction":{"out":null},"io":{"output_buffer":null}},
            {"io_id":4,"direction":"in","io":{"base_64":""}},{"io_id":5,"direction":"in","io":{"file":"a.png"}},
            {"io_id":6,"direction":"in","io":"placeholder"}],
            "builder_config":{"graph_recording":null,"security":{},"job_options":{}},"framewise":{"steps":[]}}"#,
        true,
    ),
    (
        "v1/build",
        r#"{"io":[{"io_id":0,"direction":"in","io":{"byte_array":[256]}}],"framewise":{"steps":[]}}"#,
        false,
    ),
    ("v1/build", r#"{"framewise":{"steps":[]}}"#, false),
    (
        "v1/build",
        r#"{"io":[{"io_id":0,"io":"placeholder"}],"framewise":{"steps":[]}}"#,
        false,
    ),
];

fn list(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn execute(node: &Value) -> Value {
    json!({ "framewise": { "steps": [node] } })
}

fn encode(preset: &Value) -> Value {
    json!({ "encode": { "io_id": 1, "preset": preset } })
}

/// The names of an enum's variants that are not deprecated.
fn variants(name: &str) -> BTreeSet<String> {
    let schema = &OPENAPI["components"]["schemas"][name]["oneOf"];
    let current = schema
        .as_array()
        .unwrap()
        .iter()
        .filter(|variant| variant["deprecated"] != true);
    let name = |variant: &Value| match &variant["const"] {
        Value::String(name) => name.clone(),
        _ => variant["required"][0].as_str().unwrap().to_owned(),
    };
    current.map(name).collect()
}

fn names(samples: &[Value]) -> BTreeSet<String> {
    let name = |sample: &Value| match sample {
        Value::String(name) => name.clone(),
        other => other.as_object().unwrap().keys().next().unwrap().clone(),
    };
    samples.iter().map(name).collect()
}

#[test]
fn every_node_and_preset_is_valid_and_survives_writing() {
    let (nodes, presets) = (list(NODES), list(PRESETS));
    assert_eq!(names(&nodes), variants("Node"));
    assert_eq!(names(&presets), variants("EncoderPreset"));
    let endpoint = Endpoint::new("v1/execute");
    for node in nodes.into_iter().chain(presets.iter().map(encode)) {
        let request = execute(&node);
        let written = rewritten("v1/execute", &request.to_string()).unwrap();
        for request in [request, written] {
            assert_eq!(problems(&endpoint.input, &request), None, "{request}");
            assert_eq!(problems(&endpoint.usual_input, &request), None, "{request}");
        }
    }
}

#[test]
fn other_spellings_are_valid_and_written_in_the_usual_one() {
    let endpoint = Endpoint::new("v1/execute");
    for node in list(ODD_NODES) {
        let request = execute(&node);
        let written = rewritten("v1/execute", &request.to_string()).unwrap();
        assert_eq!(problems(&endpoint.input, &request), None, "{request}");
        assert_eq!(problems(&endpoint.usual_input, &written), None, "{written}");
    }
}

#[test]
fn what_the_parser_refuses_is_not_valid() {
    let endpoint = Endpoint::new("v1/execute");
    for node in list(WRONG_NODES) {
        let request = execute(&node);
        assert_eq!(
            rewritten("v1/execute", &request.to_string()),
            None,
            "{request}"
        );
        assert!(!endpoint.input.is_valid(&request), "{request}");
        assert!(!endpoint.usual_input.is_valid(&request), "{request}");
    }
}

#[test]
fn whole_requests_are_valid_when_the_parser_takes_them() {
    for (name, body, right) in REQUESTS {
        let request = serde_json::from_str(body).unwrap();
        assert_eq!(rewritten(name, body).is_some(), *right, "{name} {body}");
        let problems = problems(&Endpoint::new(name).input, &request);
        assert_eq!(problems.is_none(), *right, "{name} {body}: {problems:?}");
    }
}

#[test]
fn answers_to_a_small_job_are_valid() {
    let mut context = Context::new();
    let canvas = r#"{"create_canvas":{"format":"bgra_32","w":5,"h":4,"color":"black"}}"#;
    let encode = r#"{"encode":{"io_id":1,"preset":{"lodepng":{}}}}"#;
    let build = format!(
        r#"{{"io":[{{"io_id":1,"direction":"out","io":"output_base_64"}}],"framewise":{{"steps":[{canvas},{encode}]}}}}"#
    );
    let response = context.send_json("v1/build", build.as_bytes());
    let first: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(problems(&Endpoint::new("v1/build").output, &first), None);
    let picture = first["data"]["job_result"]["encodes"][0]["bytes"]["base_64"]
        .as_str()
        .unwrap();
    let build = format!(
        r#"{{"io":[{{"io_id":2,"direction":"in","io":{{"base_64":"{picture}"}}}},{{"io_id":3,"direction":"out","io":"output_buffer"}}],
            "framewise":{{"steps":[{{"decode":{{"io_id":2}}}},{{"encode":{{"io_id":3,"preset":{{"mozjpeg":{{}}}}}}}}]}}}}"#
    );
    for (name, body) in [
        ("v1/build", build.as_str()),
        (
            "v1/tell_decoder",
            r#"{"io_id":2,"command":"discard_color_profile"}"#,
        ),
        ("v1/get_image_info", r#"{"io_id":2}"#),
        ("v1/get_scaled_image_info", r#"{"io_id":2}"#),
        ("v1/execute", r#"{"framewise":{"steps":[]}}"#),
    ] {
        let response = context.send_json(name, body.as_bytes());
        let response: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(response["code"], 200, "{name}: {response}");
        assert_eq!(
            problems(&Endpoint::new(name).output, &response),
            None,
            "{name}"
        );
    }
}
