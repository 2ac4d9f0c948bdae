//! Responses: all keys, after removing what is different every time.

use std::collections::BTreeSet;

use serde_json::Value;

/// Compares a successful response.
pub(crate) fn response(case: &Value, expected: &Value, mut actual: Value) -> Result<(), String> {
    let mut expected = expected.clone();
    for side in [&mut expected, &mut actual] {
        normalise(side);
    }
    // 2.x runs all frames and appends a file for each; here a still output ends the job after the first (json-api §12).
    let appends = |output: &Value| !output["concatenated_images_in_2x"].is_null();
    if case["expected_outputs"]
        .as_array()
        .is_some_and(|outputs| outputs.iter().any(appends))
        && let Some(frames) = expected.pointer_mut("/data/job_result/performance/frames")
    {
        *frames = 1.into();
    }
    allow_better_estimates(&mut expected, &actual);
    for path in paths(case, "volatile") {
        hide(&mut expected, path);
        hide(&mut actual, path);
    }
    for path in paths(case, "unordered") {
        sort(&mut expected, path);
        sort(&mut actual, path);
    }
    match difference("", &expected, &actual) {
        None => Ok(()),
        Some(why) => Err(why),
    }
}

/// 2.x counts a frame and nothing else; a model that knows more gives more (json-api §2.1).
fn allow_better_estimates(expected: &mut Value, actual: &Value) {
    for field in ["/data/peak_avg_bytes", "/data/peak_max_bytes"] {
        if let (Some(recorded), Some(given)) = (expected.pointer_mut(field), actual.pointer(field))
            && recorded.as_u64() <= given.as_u64()
        {
            *recorded = given.clone();
        }
    }
}

/// Compares an error: status, envelope, category and kind, and what the message must mention.
pub(crate) fn error(call: &Value, status: i64, actual: &Value) -> Result<(), String> {
    let (expected, message) = (
        &call["error"],
        actual["message"].as_str().unwrap_or_default(),
    );
    let shown = message.lines().next().unwrap_or_default();
    if call["status"].as_i64() != Some(status) || actual["code"].as_i64() != Some(status) {
        return Err(format!(
            "status {status}, expected {}: {shown}",
            call["status"]
        ));
    }
    if actual["success"] != false || actual["data"] != "none" {
        return Err(format!("not an error envelope: {actual}"));
    }
    let category = expected["category"].as_str().unwrap();
    if !message.starts_with(&format!("{category}: ")) {
        return Err(format!("expected {category}: {shown}"));
    }
    if let Some(kind) = expected["kind"].as_str() {
        let word = shown.split(": ").nth(1).unwrap_or_default();
        if word.strip_suffix(" at").unwrap_or(word) != kind {
            return Err(format!("expected kind {kind}: {shown}"));
        }
    }
    for part in expected["must_contain"].as_array().into_iter().flatten() {
        if !message.contains(part.as_str().unwrap()) {
            return Err(format!("the message does not mention {part}: {shown}"));
        }
    }
    Ok(())
}

/// Frames → their number, inline bytes → `*`, version info → `*`.
fn normalise(value: &mut Value) {
    if let Some(frames) = value.pointer_mut("/data/job_result/performance/frames")
        && let Some(count) = frames.as_array().map(Vec::len)
    {
        *frames = count.into();
    }
    if let Some(Value::Object(info)) = value.pointer_mut("/data/version_info") {
        info.values_mut().for_each(|v| *v = "*".into());
    }
    hide_bytes(value);
}

fn hide_bytes(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_bytes),
        Value::Object(map) => {
            map.iter_mut()
                .for_each(|(key, value)| match value.get_mut("base_64") {
                    Some(bytes) if key == "bytes" => *bytes = "*".into(),
                    _ => hide_bytes(value),
                })
        }
        _ => {}
    }
}

fn paths<'c>(case: &'c Value, list: &str) -> impl Iterator<Item = &'c str> {
    case[list]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The last step of a path may be `*`: every key there.
fn hide(value: &mut Value, path: &str) {
    let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
    let Some(Value::Object(map)) = at(value, parent) else {
        return;
    };
    for (key, value) in map.iter_mut() {
        if last == "*" || key == last {
            *value = "volatile".into();
        }
    }
}

fn sort(value: &mut Value, path: &str) {
    if let Some(Value::Array(items)) = at(value, path) {
        items.sort_by_key(Value::to_string);
    }
}

fn at<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    path.split('.')
        .filter(|step| !step.is_empty())
        .try_fold(value, |value, step| value.get_mut(step))
}

/// The first place where two values differ.
fn difference(path: &str, expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::Object(e), Value::Object(a)) => {
            let keys: BTreeSet<&String> = e.keys().chain(a.keys()).collect();
            keys.into_iter()
                .find_map(|key| match (e.get(key), a.get(key)) {
                    (Some(e), Some(a)) => difference(&format!("{path}.{key}"), e, a),
                    (Some(e), None) => {
                        Some(format!("{path}.{key} is missing, expected {}", short(e)))
                    }
                    (None, _) => Some(format!("{path}.{key} is not expected")),
                })
        }
        (Value::Array(e), Value::Array(a)) if e.len() == a.len() => e
            .iter()
            .zip(a)
            .enumerate()
            .find_map(|(i, (e, a))| difference(&format!("{path}[{i}]"), e, a)),
        (e, a) if e == a => None,
        (e, a) => Some(format!("{path} is {}, expected {}", short(a), short(e))),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(160) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
