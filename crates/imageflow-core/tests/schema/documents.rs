//! The documents themselves.

use std::collections::BTreeSet;

use super::*;

/// Calls this with every string under every `name` in a document.
fn each_text(value: &Value, name: &str, see: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == name => see(text),
                    _ => each_text(value, name, see),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_text(item, name, see)),
        _ => {}
    }
}

#[test]
fn five_endpoints_have_json_schemas_of_draft_2020_12() {
    let names: Vec<_> = SCHEMAS.as_object().unwrap().keys().collect();
    let expected = [
        "v1/build",
        "v1/execute",
        "v1/get_image_info",
        "v1/get_scaled_image_info",
        "v1/tell_decoder",
    ];
    assert_eq!(names, expected);
    for (name, schemas) in SCHEMAS.as_object().unwrap() {
        assert_eq!(schemas.as_object().unwrap().len(), 2);
        for side in ["input_schema", "output_schema"] {
            let schema = &schemas[side];
            assert_eq!(
                schema["$schema"],
                "https://json-schema.org/draft/2020-12/schema"
            );
            assert!(jsonschema::meta::validate(schema).is_ok(), "{name} {side}");
            each_text(schema, "format", &mut |format| {
                panic!("{name} {side}: format {format}")
            });
        }
    }
}

#[test]
fn the_openapi_document_has_all_endpoints_but_two() {
    assert_eq!(OPENAPI["openapi"], "3.1.0");
    let paths: Vec<_> = OPENAPI["paths"].as_object().unwrap().keys().collect();
    let expected = [
        "/v1/build",
        "/v1/execute",
        "/v1/explain",
        "/v1/get_image_info",
        "/v1/get_scaled_image_info",
        "/v1/get_version_info",
        "/v1/lock",
        "/v1/schema/json/latest/v1/all",
        "/v1/schema/list-schema-endpoints",
        "/v1/schema/openapi/latest/get",
        "/v1/schema/riapi/latest/get",
        "/v1/schema/riapi/latest/list_keys",
        "/v1/schema/riapi/latest/validate",
        "/v1/tell_decoder",
    ];
    assert_eq!(paths, expected);
    let mut ids = BTreeSet::new();
    each_text(&OPENAPI["paths"], "operationId", &mut |id| {
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
    });
    assert_eq!(ids.len(), expected.len());
}

#[test]
fn references_of_the_openapi_document_lead_somewhere() {
    let mut count = 0;
    each_text(&OPENAPI, "$ref", &mut |target| {
        count += 1;
        let pointer = target.strip_prefix('#').unwrap();
        assert!(OPENAPI.pointer(pointer).is_some(), "{target}");
    });
    assert!(count > 100, "{count}");
    for (name, schema) in OPENAPI["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::validate(schema).is_ok(), "{name}");
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
            "{name}"
        );
    }
}

#[test]
fn everything_is_described_in_the_words_of_the_protocol() {
    for document in [&*SCHEMAS, &*OPENAPI] {
        let mut count = 0;
        each_text(document, "description", &mut |text| {
            count += 1;
            assert!(!text.contains("[`") && !text.contains("::"), "{text}");
        });
        assert!(count > 300, "{count}");
    }
    for (name, schema) in OPENAPI["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            assert!(schema["description"].is_string(), "{name}.{field}");
        }
    }
}

#[test]
fn documents_do_not_change_from_one_call_to_the_next() {
    assert_eq!(
        answer("v1/schema/json/latest/v1/all", "{}")["schemas"],
        *SCHEMAS
    );
    let first = answer("v1/schema/openapi/latest/get", "");
    assert_eq!(first, answer("v1/schema/openapi/latest/get", ""));
}

#[test]
fn static_endpoints_answer_by_the_openapi_document() {
    for (endpoint, body) in [
        ("v1/get_version_info", "{}"),
        ("v1/schema/list-schema-endpoints", "{}"),
        ("v1/schema/riapi/latest/get", "{}"),
        ("v1/schema/riapi/latest/list_keys", "{}"),
        (
            "v1/schema/riapi/latest/validate",
            r#"{"query_string":"w=a&w=1&x=2"}"#,
        ),
        ("v1/schema/json/latest/v1/all", "{}"),
        ("v1/schema/openapi/latest/get", ""),
    ] {
        let pointer = format!(
            "/paths/~1{}/post/responses/200",
            endpoint.replace('/', "~1")
        );
        let reference =
            &OPENAPI.pointer(&pointer).unwrap()["content"]["application/json"]["schema"]["$ref"];
        let schema = json!({ "$ref": reference, "components": OPENAPI["components"] });
        let response = Context::new().send_json(endpoint, body.as_bytes());
        let response = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(problems(&validator(&schema), &response), None, "{endpoint}");
    }
}

#[test]
fn failures_answer_by_the_openapi_document() {
    let failure = &OPENAPI["components"]["responses"]["Failure"]["content"]["application/json"];
    let schema = json!({ "$ref": failure["schema"]["$ref"], "components": OPENAPI["components"] });
    let response = Context::new().send_json("v1/execute", b"{");
    let response = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(problems(&validator(&schema), &response), None);
}
