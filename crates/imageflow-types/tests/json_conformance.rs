//! Reads every recorded request and answer with the wire types.
//!
//! The recordings live beside the checkout, in the folder named by `IMAGEFLOW_SHARED` (default `../shared`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Debug;
use std::path::PathBuf;

use imageflow_types::{
    Build, EmptyRequest, Estimate, EstimateRequest, Execute, GetImageInfo, ImageInfoData,
    JobResultData, NoData, Response, TellDecoder, ValidateQuerystring, ValidateQuerystringData,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn cases() -> Option<Vec<(String, Value)>> {
    let shared = std::env::var_os("IMAGEFLOW_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("vectors/json/cases");
    if !folder.is_dir() {
        println!("conformance json/cases: skipped, no recordings found");
        return None;
    }
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        cases.push((name, serde_json::from_str(&text).unwrap()));
    }
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    Some(cases)
}

/// Reads a value, writes it, reads it again: both readings must agree.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(
    text: &str,
) -> Result<(), String> {
    let first: T = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let written = serde_json::to_string(&first).unwrap();
    let second: T = serde_json::from_str(&written).map_err(|e| format!("re-read: {e}"))?;
    assert_eq!(first, second, "{text} -> {written}");
    Ok(())
}

fn read_request(endpoint: &str, text: &str) -> Option<Result<(), String>> {
    let (_, name) = endpoint.split_once('/')?;
    Some(match name {
        "build" => round_trip::<Build>(text),
        "execute" => round_trip::<Execute>(text),
        "get_image_info" | "get_scaled_image_info" => round_trip::<GetImageInfo>(text),
        "tell_decoder" => round_trip::<TellDecoder>(text),
        "estimate" => round_trip::<EstimateRequest>(text),
        "schema/riapi/latest/validate" => round_trip::<ValidateQuerystring>(text),
        "get_version_info" | "schema/riapi/latest/list_keys" | "schema/list-schema-endpoints" => {
            round_trip::<EmptyRequest>(text)
        }
        _ => return None,
    })
}

#[test]
fn conformance_requests_are_read_or_refused_as_recorded() {
    let Some(cases) = cases() else { return };
    let (mut passed, mut failed) = (0, 0);
    for (name, case) in &cases {
        // Once a context is in error it repeats that error for whatever is sent.
        let mut in_error = false;
        for call in case["calls"].as_array().unwrap() {
            let text = match (call.get("request"), call.get("request_text")) {
                (Some(value), _) => value.to_string(),
                (None, Some(text)) => text.as_str().unwrap().to_owned(),
                _ => continue,
            };
            if in_error {
                continue;
            }
            let error = call.get("error");
            in_error = error.is_some();
            let Some(read) = read_request(call["endpoint"].as_str().unwrap(), &text) else {
                continue;
            };
            let refused = error.is_some_and(|e| e["category"] == "InvalidJson");
            let agrees = match &read {
                Ok(()) => !refused,
                Err(message) => {
                    let recorded = error
                        .and_then(|e| e["message_first_line"].as_str())
                        .unwrap_or_default();
                    // Type names and the positions inside re-spaced requests are not compared.
                    let wording = message.split(" at line ").next().unwrap_or_default();
                    // Not in 2.x.
                    let wording = wording
                        .replace(", `color_profile`", "")
                        .replace(", `fail_on_color_profile_errors`", "");
                    // 2.x counts when it has read all.
                    if let Some(limit) = wording.strip_prefix(imageflow_types::LIMIT_EXCEEDED) {
                        assert!(recorded.ends_with(limit), "{name}: {limit}");
                        passed += 1;
                        continue;
                    }
                    refused && (recorded.contains(&wording) || wording.contains("struct "))
                }
            };
            if agrees {
                passed += 1;
            } else {
                failed += 1;
                println!("{name}: {read:?}; recorded {error:?}; request {text}");
            }
        }
    }
    println!("conformance json/cases requests: {passed} passed, {failed} failed");
    assert_eq!(failed, 0);
}

/// Reads an answer and writes it again: nothing may be lost, added or renamed.
fn same_again<T: DeserializeOwned + Serialize>(answer: &Value) -> bool {
    serde_json::from_value::<T>(answer.clone())
        .is_ok_and(|read| serde_json::to_value(&read).unwrap() == *answer)
}

#[test]
fn conformance_answers_survive_reading_and_writing() {
    let Some(cases) = cases() else { return };
    let (mut passed, mut failed) = (0, 0);
    for (name, case) in &cases {
        for call in case["calls"].as_array().unwrap() {
            let Some(mut answer) = call.get("response").cloned() else {
                continue;
            };
            // The recordings replace the timing of each frame by a count.
            if let Some(result) = answer
                .pointer_mut("/data/job_result")
                .and_then(Value::as_object_mut)
            {
                result.remove("performance");
            }
            let Some((_, endpoint)) = call["endpoint"].as_str().unwrap().split_once('/') else {
                continue;
            };
            let agrees = match endpoint {
                "build" | "execute" => same_again::<Response<JobResultData>>(&answer),
                "get_image_info" | "get_scaled_image_info" => {
                    same_again::<Response<ImageInfoData>>(&answer)
                }
                "estimate" => same_again::<Response<Estimate>>(&answer),
                "tell_decoder" => same_again::<Response<EmptyRequest>>(&answer),
                "schema/riapi/latest/validate" => {
                    same_again::<Response<ValidateQuerystringData>>(&answer)
                }
                _ => continue,
            };
            if agrees {
                passed += 1;
            } else {
                failed += 1;
                println!("{name}: {answer}");
            }
        }
    }
    println!("conformance json/cases answers: {passed} passed, {failed} failed");
    assert_eq!(failed, 0);
}

#[test]
fn failures_carry_the_word_none_as_data() {
    let text = serde_json::to_string(&Response::error(400, "ArgumentInvalid: x")).unwrap();
    assert_eq!(
        text,
        r#"{"code":400,"success":false,"message":"ArgumentInvalid: x","data":"none"}"#
    );
    let read: Response<NoData> = serde_json::from_str(&text).unwrap();
    assert_eq!(read.data, NoData::None);
}
