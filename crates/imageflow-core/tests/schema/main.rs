//! The documents of `v1/schema/…`: what the engine reads and answers, and only that, is valid by them.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod documents;
mod requests;
mod vectors;

use std::sync::LazyLock;

use imageflow_core::Context;
use imageflow_types::{Build, Execute, GetImageInfo, TellDecoder};
use jsonschema::Validator;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The JSON Schema documents, by endpoint.
static SCHEMAS: LazyLock<Value> =
    LazyLock::new(|| answer("v1/schema/json/latest/v1/all", "{}")["schemas"].clone());

/// The OpenAPI document.
static OPENAPI: LazyLock<Value> = LazyLock::new(|| {
    let text = answer("v1/schema/openapi/latest/get", "not read");
    serde_json::from_str(text.as_str().unwrap()).unwrap()
});

/// The `data` of a successful response.
fn answer(endpoint: &str, body: &str) -> Value {
    let response = Context::new().send_json(endpoint, body.as_bytes());
    let mut envelope: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(response.status, 200, "{endpoint}: {envelope}");
    envelope["data"].take()
}

/// Reads a request as the engine does and writes it again; `None` when it is refused.
fn rewritten(endpoint: &str, body: &str) -> Option<Value> {
    fn through<T: DeserializeOwned + Serialize>(body: &str) -> Option<Value> {
        let request: T = serde_json::from_str(body).ok()?;
        Some(serde_json::to_value(request).unwrap())
    }
    match endpoint {
        "v1/build" => through::<Build>(body),
        "v1/execute" => through::<Execute>(body),
        "v1/tell_decoder" => through::<TellDecoder>(body),
        "v1/get_image_info" | "v1/get_scaled_image_info" => through::<GetImageInfo>(body),
        other => panic!("no JSON Schema for {other}"),
    }
}

/// Says how a value breaks a schema.
fn problems(validator: &Validator, value: &Value) -> Option<String> {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    (!errors.is_empty()).then(|| errors.join("\n"))
}

/// Validators of an endpoint.
struct Endpoint {
    input: Validator,
    output: Validator,
    /// The OpenAPI document's idea of the request, in which there is one spelling for everything.
    usual_input: Validator,
}

impl Endpoint {
    fn new(name: &str) -> Endpoint {
        let schemas = &SCHEMAS[name];
        let request = format!("/paths/~1{}/post/requestBody", name.replace('/', "~1"));
        let request = &OPENAPI.pointer(&request).unwrap()["content"]["application/json"]["schema"];
        let mut usual = json!({ "components": OPENAPI["components"] });
        usual["$ref"] = request["$ref"].clone();
        Endpoint {
            input: validator(&schemas["input_schema"]),
            output: validator(&schemas["output_schema"]),
            usual_input: validator(&usual),
        }
    }
}

/// Compiles a schema; references that lead nowhere are errors.
fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap()
}
