//! Reads recorded answers, one JSON object per line.
//!
//! They live beside the checkout, in the folder named by `IMAGEFLOW_SHARED` (default `../shared`).
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::PathBuf;

use imageflow_querystring::Warning;
use serde_json::{Value, json};

/// Compares each line of a file with what `check` finds wrong with it; skips when there are no recordings.
pub(crate) fn conformance(file: &str, check: impl Fn(&Value) -> Result<(), String>) {
    let shared = std::env::var_os("IMAGEFLOW_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("vectors/querystring");
    if !folder.is_dir() {
        println!("conformance querystring/{file}: skipped, no recordings found");
        return;
    }
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let (mut passed, mut failed) = (0, 0);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).unwrap();
        match check(&case) {
            Ok(()) => passed += 1,
            Err(difference) => {
                failed += 1;
                if failed <= 40 {
                    println!("{difference}\n    {line}");
                }
            }
        }
    }
    println!("conformance querystring/{file}: {passed} passed, {failed} failed");
    assert!(passed > 0, "{file} is empty");
    assert_eq!(failed, 0, "{file}");
}

/// Complains when two values differ. Absent and `null` members are the same.
pub(crate) fn same(what: &str, expected: &Value, actual: &Value) -> Result<(), String> {
    let (expected, actual) = (without_nulls(expected), without_nulls(actual));
    if expected == actual {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected}, found {actual}"))
    }
}

/// Drops null members and brings numbers to one form.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.clone(), without_nulls(v)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}

/// The size in two members.
pub(crate) fn size(width: &Value, height: &Value) -> (u32, u32) {
    let side = |v: &Value| u32::try_from(v.as_u64().unwrap()).unwrap();
    (side(width), side(height))
}

/// Recorded warnings in a fixed order.
pub(crate) fn sorted_recorded(warnings: &Value) -> Value {
    let mut triples = warnings.as_array().cloned().unwrap_or_default();
    triples.sort_by_key(Value::to_string);
    Value::Array(triples)
}

/// Warnings as they are recorded, in the same order.
pub(crate) fn sorted(warnings: &[Warning]) -> Value {
    let triples = warnings.iter().map(|w| json!([w.kind, w.key, w.value]));
    sorted_recorded(&Value::Array(triples.collect()))
}
