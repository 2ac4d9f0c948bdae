//! Whole jobs: a file with a command that its checksum chooses, and JSON jobs with files that are given.

use std::sync::Arc;

use imageflow_codecs::{Bytes, DecodeOptions, Input, open};
use imageflow_core::{Category, Context};
use imageflow_pixels::{JobControl, RowBuf};
use serde_json::{Map, Value, json};

use super::{BUDGET, Interest, PIXELS, choices};
use crate::samples;

/// What transcoding asks for. AVIF is made small: it takes long.
const COMMANDS: &[&str] = &[
    "w=64&format=png",
    "w=64&format=jpg",
    "w=33&h=20&mode=crop&format=webp",
    "format=gif",
    "format=jpg&srotate=90",
    "format=png&png.quality=60&w=100",
    "w=40&h=40&mode=pad&bgcolor=f80&format=jpg&f.sharpen=20",
    "format=webp&webp.lossless=true",
    "w=30&format=jxl&lossless=true",
    "w=9&h=7&mode=stretch&format=avif",
    "trim.threshold=40&format=png",
    "w=50&metadata=all&format=jpg",
    "w=50&metadata=copyright&format=png",
    "s.grayscale=true&s.sepia=true&s.alpha=0.5&format=png",
    "w=20&c.gravity=20,80&mode=crop&h=60&format=auto&accept.webp=true",
    "frame=1&format=png",
    "format=auto&quality=50&w=60&s.roundcorners=10",
    "w=300&scale=both&format=jpg&jpeg.progressive=true",
    "crop=10,10,-10,-10&cropxunits=100&cropyunits=100&format=webp&quality=40",
    "ignore_icc_errors=true&w=16&format=gif",
];

/// Runs a command on a file.
///
/// # Errors
/// The message of the response.
pub fn convert(file: &[u8], command: &str) -> Result<Vec<u8>, String> {
    let (mut context, job) = commanded(file, command)?;
    let body = job.to_string();
    let response = context.send_json("v1/execute", body.as_bytes());
    if response.status != 200 {
        return Err(String::from_utf8_lossy(&response.body).into_owned());
    }
    context.take_output(1).map_err(|e| e.to_string())
}

fn commanded(file: &[u8], command: &str) -> Result<(Context, Value), String> {
    let mut context = Context::new();
    let added = context
        .add_input(0, Bytes::Shared(Arc::from(file)))
        .and_then(|()| context.add_output_buffer(1));
    added.map_err(|e| e.to_string())?;
    let steps =
        json!([{"command_string": {"kind": "ir4", "value": command, "decode": 0, "encode": 1}}]);
    Ok((context, json!({"framewise": {"steps": steps}})))
}

/// The limits of the targets.
fn security() -> Value {
    let megapixels = PIXELS as f64 / 1e6;
    let frame = json!({"w": 8000, "h": 8000, "megapixels": megapixels});
    json!({"max_decode_size": frame, "max_frame_size": frame, "max_encode_size": frame, "max_total_file_pixels": 4 * PIXELS})
}

/// Converts a file as its checksum says, and reads what came out.
pub(super) fn transcode(bytes: &[u8]) -> Interest {
    let command = *choices(bytes).pick(COMMANDS);
    let Ok((mut context, job)) = commanded(bytes, command) else {
        return Interest::None;
    };
    context.set_memory_budget(Some(BUDGET));
    let body = limited(job).to_string();
    let response = context.send_json("v1/execute", body.as_bytes());
    judge(&context, &response.body);
    if response.status == 200 {
        let output = context.take_output(1);
        let output = output.unwrap_or_else(|e| panic!("{command}: no output: {e}"));
        readable(&output, &response.body, command);
    }
    Interest::Some
}

/// An input may be wrong; the engine may not.
fn judge(context: &Context, body: &[u8]) {
    let category = context
        .status()
        .error()
        .map_or(Category::Ok, |e| e.category());
    let is_fault = matches!(
        category,
        Category::InternalError
            | Category::Unknown
            | Category::IoError
            | Category::OperationCancelled
    );
    assert!(!is_fault, "{category:?}: {}", String::from_utf8_lossy(body));
}

/// The output opens, has the size that the response says, and its first frame can be decoded.
fn readable(output: &[u8], response: &[u8], command: &str) {
    let control = JobControl::default();
    let input = Input::Memory(Bytes::Shared(output.into()));
    let decoder =
        open(&input, &control).unwrap_or_else(|e| panic!("{command}: unreadable output: {e}"));
    let size = decoder.header().stored;
    let response: Value = serde_json::from_slice(response).unwrap_or_default();
    let said = &response["data"]["job_result"]["encodes"][0];
    assert_eq!(
        (said["w"].as_u64(), said["h"].as_u64()),
        (Some(size.width().into()), Some(size.height().into())),
        "{command}"
    );
    let decoded = decoder
        .into_rows(&DecodeOptions::default(), &control)
        .map_err(|e| e.to_string())
        .and_then(|mut source| {
            let mut frame = RowBuf::whole(source.frame(), &control).map_err(|e| e.to_string())?;
            source
                .read_rows(&mut frame.all_mut())
                .map_err(|e| e.to_string())
        });
    assert!(decoded.is_ok(), "{command}: damaged output: {decoded:?}");
}

/// Jobs to begin with. Inputs are 0 to 3, outputs 4 and 5.
pub(super) const JOBS: &[&str] = &[
    r#"{"framewise":{"steps":[{"decode":{"io_id":0}},{"constrain":{"mode":"within","w":20,"h":20,"hints":{"sharpen_percent":10}}},{"encode":{"io_id":4,"preset":{"mozjpeg":{"quality":60}}}}]}}"#,
    r#"{"framewise":{"graph":{"nodes":{"0":{"decode":{"io_id":1}},"1":{"resample_2d":{"w":9,"h":9}},"2":{"encode":{"io_id":4,"preset":"gif"}},"3":"rotate_90","4":{"encode":{"io_id":5,"preset":{"libpng":{"depth":"png_32"}}}}},"edges":[{"from":0,"to":1,"kind":"input"},{"from":1,"to":2,"kind":"input"},{"from":0,"to":3,"kind":"input"},{"from":3,"to":4,"kind":"input"}]}}}"#,
    r#"{"framewise":{"steps":[{"decode":{"io_id":0,"commands":[{"jpeg_downscale_hints":{"width":9,"height":9}},"discard_color_profile"]}},{"watermark":{"io_id":1,"gravity":{"percentage":{"x":90,"y":90}},"fit_mode":"within","fit_box":{"image_percentage":{"x1":0,"y1":0,"x2":50,"y2":50}},"opacity":0.5}},{"expand_canvas":{"left":1,"top":2,"right":3,"bottom":4,"color":{"srgb":{"hex":"FF000080"}}}},{"encode":{"io_id":4,"preset":{"webplossy":{"quality":50}}}}]}}"#,
    r#"{"framewise":{"steps":[{"create_canvas":{"format":"bgra_32","w":20,"h":10,"color":"transparent"}},{"fill_rect":{"x1":1,"y1":1,"x2":9,"y2":9,"color":"black"}},{"region":{"x1":-2,"y1":-2,"x2":18,"y2":8,"background_color":"black"}},{"round_image_corners":{"radius":{"pixels":3},"background_color":"transparent"}},"flip_h","transpose",{"color_filter_srgb":"sepia"},{"color_matrix_srgb":{"matrix":[[1,0,0,0,0],[0,1,0,0,0],[0,0,1,0,0],[0,0,0,1,0],[0,0,0,0,0]]}},{"white_balance_histogram_area_threshold_srgb":{"threshold":0.01}},{"crop_whitespace":{"threshold":80,"percent_padding":0}},{"encode":{"io_id":4,"preset":{"auto":{"quality_profile":"good","allow":{"web_safe":true}}}}}]}}"#,
    r#"{"framewise":{"graph":{"nodes":{"0":{"decode":{"io_id":2}},"1":{"decode":{"io_id":3}},"2":{"copy_rect_to_canvas":{"from_x":0,"from_y":0,"w":5,"h":5,"x":2,"y":2}},"3":{"draw_image_exact":{"x":0,"y":0,"w":9,"h":9,"blend":"compose"}},"4":{"encode":{"io_id":4,"preset":{"lodepng":{"maximum_deflate":false}}}}},"edges":[{"from":0,"to":2,"kind":"input"},{"from":1,"to":2,"kind":"canvas"},{"from":2,"to":4,"kind":"input"}]}}}"#,
    r#"{"framewise":{"steps":[{"command_string":{"kind":"ir4","value":"w=20&h=20&mode=crop&format=webp","decode":3,"encode":4,"watermarks":[{"io_id":0}]}}]}}"#,
    r#"{"framewise":{"steps":[{"decode":{"io_id":3}},{"constrain":{"mode":"within","w":20,"h":20}},{"watermark":{"io_id":0,"fit_box":{"image_margins":{"left":1,"top":1,"right":1,"bottom":1}}}},{"encode":{"io_id":4,"preset":{"mozjpeg":{}}}}]}}"#,
    r#"{"framewise":{"graph":{"nodes":{"0":{"decode":{"io_id":3}},"1":{"constrain":{"mode":"fit","w":40,"h":30}},"2":{"encode":{"io_id":4,"preset":"gif"}},"3":{"constrain":{"mode":"within","w":10,"h":10}},"4":{"watermark":{"io_id":0}},"5":{"encode":{"io_id":5,"preset":"webplossless"}}},"edges":[{"from":0,"to":1,"kind":"input"},{"from":1,"to":2,"kind":"input"},{"from":0,"to":3,"kind":"input"},{"from":3,"to":4,"kind":"input"},{"from":4,"to":5,"kind":"input"}]}}}"#,
    r#"{"io_id":2}"#,
    r#"{"io_id":0,"command":{"jpeg_downscale_hints":{"width":9,"height":9,"scale_luma_spatially":true}}}"#,
    r#"{"builder_config":{"security":{"max_threads":2}},"io":[{"io_id":0,"direction":"in","io":{"bytes_hex":"FFD8FF"}},{"io_id":1,"direction":"out","io":"output_base_64"}],"framewise":{"steps":[{"decode":{"io_id":0}},{"encode":{"io_id":1,"preset":"webplossless"}}]}}"#,
];

const METHODS: &[&str] = &[
    "v1/execute",
    "v1/execute",
    "v1/execute",
    "v1/build",
    "v1/explain",
    "v1/estimate",
    "v1/get_image_info",
    "v1/get_scaled_image_info",
    "v1/tell_decoder",
    "v1/schema/openapi/latest/get",
    "v1/schema/riapi/latest/validate",
    "v1/get_version_info",
    "v1/brew_coffee",
];

/// Sends JSON to an endpoint.
pub(super) fn job(bytes: &[u8]) -> Interest {
    // What is not JSON is sent as it is, and must be refused; what names files stays away from those of this machine.
    let body = match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if names_a_file(&value) => return Interest::None,
        Ok(value) => limited(value).to_string().into_bytes(),
        Err(_) => bytes.to_vec(),
    };
    let mut context = Context::new();
    context.set_memory_budget(Some(BUDGET));
    for (io_id, name) in (0..).zip(["jpg-420", "png-rgba", "gif-animated", "jpg-444"]) {
        for file in samples::of(name) {
            let added = context.add_input(io_id, Bytes::Shared(Arc::from(file)));
            assert!(added.is_ok(), "{added:?}");
        }
    }
    for io_id in [4, 5] {
        assert!(context.add_output_buffer(io_id).is_ok());
    }
    let method = *choices(bytes).pick(METHODS);
    let response = context.send_json(method, &body);
    assert!(serde_json::from_slice::<Value>(&response.body).is_ok());
    judge(&context, &response.body);
    Interest::Some
}

fn names_a_file(value: &Value) -> bool {
    match value {
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| key == "file" || key == "url" || names_a_file(value)),
        Value::Array(list) => list.iter().any(names_a_file),
        _ => false,
    }
}

/// With those limits in both places where they may stand.
fn limited(mut value: Value) -> Value {
    if let Some(map) = value
        .as_object_mut()
        .filter(|map| map.contains_key("framewise"))
    {
        let limits = security();
        if map.contains_key("io") {
            let config = map.entry("builder_config").or_insert(Value::Null);
            *config = Value::Object(Map::from_iter([("security".to_owned(), limits)]));
        } else {
            map.insert("security".to_owned(), limits);
        }
    }
    value
}
