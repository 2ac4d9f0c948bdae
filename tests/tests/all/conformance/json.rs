//! JSON vectors: a fresh context, inputs and outputs, calls in order, then the context's error and the pixels written.

mod compare;
mod outputs;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imageflow_codecs::Bytes;
use imageflow_core::Context;
use serde_json::Value;

use super::Verdict;

/// Runs every file of `cases/`, by name.
pub(crate) fn run_all(folder: &Path) -> Vec<(String, Verdict)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("cases"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let temporary =
        std::env::temp_dir().join(format!("imageflow-conformance-{}", std::process::id()));
    let results = files.iter().map(|file| {
        fs::create_dir_all(&temporary).unwrap();
        let text = fs::read_to_string(file).unwrap();
        let inputs = folder.join("inputs");
        let text = text
            .replace("{INPUTS}", inputs.to_str().unwrap())
            .replace("{TMP}", temporary.to_str().unwrap());
        let case: Value = serde_json::from_str(&text).unwrap();
        let verdict = Session::default().run(folder, &case);
        fs::remove_dir_all(&temporary).unwrap();
        (case["name"].as_str().unwrap().to_owned(), verdict)
    });
    results.collect()
}

/// Whether an error says that this version does not do what was asked.
pub(crate) fn not_yet_supported(message: &str) -> bool {
    match message.split(": ").nth(1) {
        Some("MethodNotImplemented") => message.contains("not part of this version"),
        Some("CodecDisabledError") => ["GIF", "WebP", "AVIF", "JPEG XL"]
            .iter()
            .any(|format| message.contains(format)),
        _ => false,
    }
}

/// One case being replayed.
#[derive(Default)]
struct Session {
    context: Context,
    /// The first answer that named something this version does not have.
    unsupported: Option<String>,
    last_response: Value,
    /// After a lenient call nothing else is compared strictly.
    lenient: bool,
}

impl Session {
    fn run(mut self, folder: &Path, case: &Value) -> Verdict {
        match (self.replay(folder, case), self.unsupported) {
            (Ok(()), _) => Verdict::Passed,
            (Err(_), Some(answer)) => Verdict::NotYetSupported(answer),
            (Err(why), None) => Verdict::Failed(why),
        }
    }

    fn replay(&mut self, folder: &Path, case: &Value) -> Result<(), String> {
        for input in case["inputs"].as_array().unwrap() {
            let bytes = fs::read(folder.join(input["file"].as_str().unwrap())).unwrap();
            let added = self
                .context
                .add_input(id(&input["io_id"]), Bytes::Shared(Arc::from(bytes)));
            if let Err(error) = &added {
                self.note(&error.to_string());
            }
            if Some(added.is_ok()) != input["add_ok"].as_bool() {
                return Err(format!("add_input {}: {added:?}", input["file"]));
            }
        }
        for output in case["outputs"].as_array().unwrap() {
            // In a context that is in error this fails, as it does for every caller.
            let _ = self.context.add_output_buffer(id(output));
        }
        if case["cancel_before_calls"] == true {
            self.context.status().request_cancellation();
        }
        for (n, call) in case["calls"].as_array().unwrap().iter().enumerate() {
            self.call(case, call)
                .map_err(|why| format!("call {n}: {why}"))?;
        }
        self.check_context_error(&case["context_error"])?;
        if self.lenient {
            return Ok(());
        }
        let none = Vec::new();
        for expected in case["expected_outputs"].as_array().unwrap_or(&none) {
            outputs::check(self, folder, case, expected)?;
        }
        Ok(())
    }

    fn call(&mut self, case: &Value, call: &Value) -> Result<(), String> {
        let body = match (
            &call["request"],
            &call["request_text"],
            &call["request_base64"],
        ) {
            (Value::Null, Value::String(text), _) => text.clone().into_bytes(),
            (Value::Null, _, Value::String(text)) => outputs::base64(text)?,
            (request, ..) => serde_json::to_vec(request).unwrap(),
        };
        let response = self
            .context
            .send_json(call["endpoint"].as_str().unwrap(), &body);
        let actual: Value = serde_json::from_slice(&response.body)
            .map_err(|e| format!("the response is no JSON: {e}"))?;
        if let Some(message) = actual["message"].as_str() {
            self.note(message);
        }
        self.last_response = actual.clone();
        if self.lenient {
            return Ok(());
        }
        let error = &call["error"];
        if error.is_null() {
            return match response.status == call["status"].as_i64().unwrap() {
                true => compare::response(case, &call["response"], actual),
                false => Err(format!("status {}: {}", response.status, actual["message"])),
            };
        }
        if is_lenient(error) {
            self.lenient = true;
            let failed_well = matches!(response.status, 400 | 500);
            let works_now = works_now(error);
            return match failed_well || (works_now && response.status == 200) {
                true => Ok(()),
                false => Err(format!("status {} where an error is due", response.status)),
            };
        }
        compare::error(call, response.status, &actual)
    }

    fn note(&mut self, message: &str) {
        if self.unsupported.is_none() && not_yet_supported(message) {
            let line = message.lines().next().unwrap_or_default();
            self.unsupported = Some(line.strip_suffix(" at").unwrap_or(line).to_owned());
        }
    }

    fn check_context_error(&self, expected: &Value) -> Result<(), String> {
        if self.lenient {
            return Ok(());
        }
        let actual = match self.context.status().error() {
            None => Value::Null,
            Some(error) => serde_json::json!({
                "category_code": error.category().code(),
                "http_status": error.category().http_status(),
                "exit_code": error.category().exit_code(),
            }),
        };
        if &actual == expected {
            Ok(())
        } else {
            Err(format!("context error is {actual}, expected {expected}"))
        }
    }
}

/// Recorded weaknesses of 2.x, where any proper error will do.
fn is_lenient(error: &Value) -> bool {
    error["kind"] == "MethodNotImplemented"
        || error["kind"] == "InvalidOperation"
        || works_now(error)
}

/// Errors of 2.x about what json-api §13 lets the engine do: reading an input a second time, animated WebP.
fn works_now(error: &Value) -> bool {
    let line = error["message_first_line"].as_str().unwrap_or_default();
    line.contains("disposed before") || line.contains("VP8_STATUS_UNSUPPORTED_FEATURE")
}

fn id(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}
