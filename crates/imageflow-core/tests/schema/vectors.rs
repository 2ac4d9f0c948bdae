//! The recorded requests of the shared vectors, and this engine's answers to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imageflow_codecs::Bytes;

use super::*;

/// Requests the parser refuses for what a schema cannot say.
const BEYOND_SCHEMAS: &[&str] = &[
    "json_duplicate_field",
    // 5.0 is an integer to a schema.
    "json_float_for_int",
];

fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3);
    let shared = std::env::var_os("IMAGEFLOW_SHARED")
        .map_or_else(|| root.unwrap().join("shared"), PathBuf::from);
    Some(shared.join("vectors/json")).filter(|folder| folder.is_dir())
}

/// The endpoint's first name, when it has schemas.
fn described(endpoint: &str) -> Option<String> {
    let name = endpoint.replace("v0.1/", "v1/");
    SCHEMAS.get(&name).is_some().then_some(name)
}

fn body(call: &Value) -> Option<String> {
    match (&call["request"], &call["request_text"]) {
        (Value::Null, Value::String(text)) => Some(text.clone()),
        (Value::Null, _) => None,
        (request, _) => Some(request.to_string()),
    }
}

#[test]
fn recorded_requests_and_their_answers_are_valid() {
    let Some(folder) = folder() else {
        eprintln!("skipped: there are no shared vectors");
        return;
    };
    let temporary = std::env::temp_dir().join(format!("imageflow-schema-{}", std::process::id()));
    let mut tally = Tally::default();
    let mut files: Vec<_> = fs::read_dir(folder.join("cases"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        fs::create_dir_all(&temporary).unwrap();
        let text = fs::read_to_string(file).unwrap();
        let text = text
            .replace("{INPUTS}", folder.join("inputs").to_str().unwrap())
            .replace("{TMP}", temporary.to_str().unwrap());
        replay(&folder, &serde_json::from_str(&text).unwrap(), &mut tally);
        fs::remove_dir_all(&temporary).unwrap();
    }
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    eprintln!(
        "{} requests, {} answers, {} refusals",
        tally.requests, tally.answers, tally.refusals
    );
    assert!(tally.requests > 200 && tally.answers > 150 && tally.refusals > 10);
}

#[derive(Default)]
struct Tally {
    requests: usize,
    answers: usize,
    refusals: usize,
    wrong: Vec<String>,
}

fn replay(folder: &Path, case: &Value, tally: &mut Tally) {
    let mut context = Context::new();
    for input in case["inputs"].as_array().unwrap() {
        let bytes = fs::read(folder.join(input["file"].as_str().unwrap())).unwrap();
        let _ = context.add_input(id(&input["io_id"]), Bytes::Shared(Arc::from(bytes)));
    }
    for output in case["outputs"].as_array().unwrap() {
        let _ = context.add_output_buffer(id(output));
    }
    for call in case["calls"].as_array().unwrap() {
        let endpoint = call["endpoint"].as_str().unwrap();
        let Some(body) = body(call) else { continue };
        let response = context.send_json(endpoint, body.as_bytes());
        let Some(name) = described(endpoint) else {
            continue;
        };
        let validators = Endpoint::new(&name);
        let mut note = |what: &str, problems: String| {
            tally
                .wrong
                .push(format!("{}: {what}: {problems}", case["name"]));
        };
        let request = serde_json::from_str::<Value>(&body);
        if call["status"] == 200 {
            let request = request.unwrap();
            tally.requests += 1;
            // Structs written as arrays are read, but not described.
            if let Some(problems) =
                problems(&validators.input, &request).filter(|_| !request.is_array())
            {
                note("request", problems);
            }
            let usual = rewritten(&name, &body).unwrap();
            for validator in [&validators.input, &validators.usual_input] {
                if let Some(problems) = problems(validator, &usual) {
                    note("request, written by us", problems);
                }
            }
        } else if call["error"]["category"] == "InvalidJson"
            && let Ok(request) = request
            && !BEYOND_SCHEMAS.contains(&case["name"].as_str().unwrap())
        {
            tally.refusals += 1;
            if validators.input.is_valid(&request) {
                note("refused request", format!("is valid: {request}"));
            }
        }
        if response.status == 200 {
            tally.answers += 1;
            let response = serde_json::from_slice(&response.body).unwrap();
            if let Some(problems) = problems(&validators.output, &response) {
                note("answer", problems);
            }
        }
    }
}

fn id(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}
