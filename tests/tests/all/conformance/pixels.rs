//! Pixel vectors: one job each, one PNG to compare.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use imageflow_codecs::Bytes;
use imageflow_core::Context;
use imageflow_tests::picture::Metric;
use imageflow_tests::{Picture, shared};
use serde_json::Value;

use super::Verdict;
use super::json::not_yet_supported;

/// Runs every case of `manifest.json`.
pub(crate) fn run_all(folder: &Path) -> Vec<(String, Verdict)> {
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let cases = manifest["cases"].as_array().unwrap();
    let run = |case: &Value| (case["case"].as_str().unwrap().to_owned(), run(folder, case));
    cases.iter().map(run).collect()
}

fn run(folder: &Path, case: &Value) -> Verdict {
    let bytes = match execute(folder, case) {
        Ok(bytes) => bytes,
        Err(message) => {
            let line = message.lines().next().unwrap_or_default().to_owned();
            return if not_yet_supported(&message) {
                Verdict::NotYetSupported(line)
            } else {
                Verdict::Failed(line)
            };
        }
    };
    let name = case["case"].as_str().unwrap();
    let expected = Picture::load(&folder.join(case["expected"].as_str().unwrap())).unwrap();
    let actual = match Picture::decode(&bytes) {
        Ok(actual) => actual,
        Err(e) => return Verdict::Failed(format!("the output cannot be read: {e}")),
    };
    let metric = match case["metric"].as_str().unwrap() {
        "premultiplied" => Metric::Premultiplied,
        "straight" => Metric::Straight,
        other => return Verdict::Failed(format!("unknown metric {other}")),
    };
    let (max, mean) = (
        case["max_diff"].as_f64().unwrap(),
        case["mean_diff"].as_f64().unwrap(),
    );
    // "Allow ±1 px on right/bottom edge": 2.x may stop a pixel short of the exact union that imaging §8.3 asks for.
    let close = |a: usize, b: usize| a.abs_diff(b) <= 1;
    let (actual, expected) = if case["group"] == "whitespace"
        && close(actual.width, expected.width)
        && close(actual.height, expected.height)
    {
        let (width, height) = (
            actual.width.min(expected.width),
            actual.height.min(expected.height),
        );
        (
            actual.cropped(width, height),
            expected.cropped(width, height),
        )
    } else {
        (actual, expected)
    };
    let why = match actual.distance(&expected, metric) {
        Some(d) if d.max <= max && d.mean <= mean => return Verdict::Passed,
        Some(d) => format!("max {:.2} of {max}, mean {:.4} of {mean}", d.max, d.mean),
        None => format!("is {actual:?}, expected {expected:?}"),
    };
    let output = shared::test_output().join("pixels");
    let _ = actual.save_png(&output.join(format!("{name}.actual.png")));
    let _ = expected.save_png(&output.join(format!("{name}.expected.png")));
    Verdict::Failed(why)
}

fn execute(folder: &Path, case: &Value) -> Result<Vec<u8>, String> {
    let mut context = Context::new();
    for (io_id, file) in case["inputs"].as_object().unwrap() {
        let bytes = fs::read(folder.join(file.as_str().unwrap())).unwrap();
        let added = context.add_input(io_id.parse().unwrap(), Bytes::Shared(Arc::from(bytes)));
        added.map_err(|e| e.to_string())?;
    }
    let output = i32::try_from(case["output_io_id"].as_i64().unwrap()).unwrap();
    context
        .add_output_buffer(output)
        .map_err(|e| e.to_string())?;
    let job: Value =
        serde_json::from_slice(&fs::read(folder.join(case["job"].as_str().unwrap())).unwrap())
            .unwrap();
    let body = serde_json::to_vec(&job["body"]).unwrap();
    let response = context.send_json(job["endpoint"].as_str().unwrap(), &body);
    match context.status().error() {
        Some(error) => Err(error.to_string()),
        None if response.status != 200 => Err(String::from_utf8_lossy(&response.body).into_owned()),
        None => context.take_output(output).map_err(|e| e.to_string()),
    }
}
