//! `v1/schema/…`: descriptions of the protocol and of the querystring.
//!
//! The documents are made from the wire types when somebody asks for them; until then they cost nothing.

mod json_schema;
mod openapi;
mod operations;

use imageflow_types::{
    EmptyRequest, Issues, ListSchemaEndpointsData, QuerystringSchema, QuerystringSchemaData,
    ValidateQuerystring, ValidateQuerystringData,
};
use schemars::Schema;
use serde_json::Value;

use super::{ENDPOINTS, request};
use crate::context::{Context, Response};
use crate::error::{Error, ErrorKind};

/// Lists the schema endpoints.
pub(super) fn list(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let _: EmptyRequest = request::parse("EmptyRequest", body, &context.control())?;
    let names = ENDPOINTS
        .iter()
        .flat_map(|endpoint| endpoint.names)
        .filter(|name| name.starts_with("v1/schema/"));
    let mut endpoints: Vec<_> = names.map(|name| format!("/{name}")).collect();
    endpoints.sort();
    Response::ok(ListSchemaEndpointsData { endpoints })
}

/// Lists the querystring keys.
pub(super) fn keys(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let _: EmptyRequest = request::parse("EmptyRequest", body, &context.control())?;
    let key_names = imageflow_querystring::keys::KEYS
        .iter()
        .map(|key| key.name.to_owned())
        .collect();
    Response::ok(QuerystringSchemaData {
        schema: QuerystringSchema { key_names },
    })
}

/// Lists what is wrong with a querystring.
pub(super) fn validate(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let request: ValidateQuerystring =
        request::parse("ValidateQueryString", body, &context.control())?;
    imageflow_querystring::limits::check(&request.query_string).map_err(|too_long| {
        let text = format!("query_string: {too_long}");
        Error::new(ErrorKind::SizeLimitExceeded, text)
    })?;
    let issues = imageflow_querystring::validate(&request.query_string);
    Response::ok(ValidateQuerystringData {
        results: Issues { issues },
    })
}

/// The OpenAPI document, as text.
pub(super) fn openapi(_: &mut Context, _: &[u8]) -> Result<Response, Error> {
    Response::ok(format!("{:#}", openapi::document()))
}

/// The JSON schemas of requests and answers.
pub(super) fn json(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let _: EmptyRequest = request::parse("EmptyRequest", body, &context.control())?;
    Response::ok(json_schema::all())
}

/// Says as `minimum` and `maximum` what `format` means.
fn add_ranges(schema: &mut Schema) {
    let format = schema.get("format").and_then(Value::as_str);
    let (minimum, maximum) = match format {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("uint32") => (0, i64::from(u32::MAX)),
        // `usize`, which is wide on every machine that matters to clients.
        Some("uint") => {
            schema.insert("format".to_owned(), "uint64".into());
            return;
        }
        _ => return,
    };
    schema.insert("minimum".to_owned(), minimum.into());
    schema.insert("maximum".to_owned(), maximum.into());
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn schema_endpoints_are_listed_with_a_slash_in_order() {
        let body = String::from_utf8(
            Context::new()
                .send_json("v1/schema/list-schema-endpoints", b"{}")
                .body,
        )
        .unwrap();
        let names: Vec<_> = body
            .lines()
            .filter_map(|line| line.trim().strip_prefix("\"/"))
            .collect();
        assert_eq!(names.len(), 6, "{body}");
        assert!(names.is_sorted());
    }

    /// Kind, key, value and message of every issue.
    fn issues(querystring: &str) -> Vec<[String; 4]> {
        let body = serde_json::json!({ "query_string": querystring }).to_string();
        let response = Context::new().send_json("v1/schema/riapi/latest/validate", body.as_bytes());
        let response: Value = serde_json::from_slice(&response.body).unwrap();
        let issues = response["data"]["results"]["issues"].as_array().unwrap();
        let text = |issue: &Value, field| issue[field].as_str().unwrap().to_owned();
        let fields = |issue| ["kind", "key", "value", "message"].map(|field| text(issue, field));
        issues.iter().map(fields).collect()
    }

    #[test]
    fn issues_come_by_kind_and_in_the_order_of_the_text() {
        let found = issues("W=10&w=20&zzz=1&width=abc&a.blur=3&mode=blah&ZZZ=2&Mode=crop&h=-1");
        let (early, late) = found.split_at(4);
        let duplicate = |key, value| {
            [
                "DuplicateKeyError",
                key,
                value,
                &format!("Duplicate key: {key}"),
            ]
            .map(str::to_owned)
        };
        let unknown =
            |value| ["UnrecognizedKey", "zzz", value, "Key not recognized: zzz"].map(str::to_owned);
        assert_eq!(
            early,
            [
                duplicate("w", "20"),
                unknown("1"),
                unknown("2"),
                duplicate("mode", "crop")
            ]
        );
        let (invalid, ignored) = late.split_at(2);
        let mut invalid = invalid.to_vec();
        invalid.sort();
        let wrong = |key, value| {
            [
                "InvalidValueError",
                key,
                value,
                &format!("Value invalid: {value}"),
            ]
            .map(str::to_owned)
        };
        assert_eq!(invalid, [wrong("mode", "blah"), wrong("width", "abc")]);
        let mut ignored = ignored.to_vec();
        ignored.sort();
        let unused = |key, value| {
            [
                "IgnoredKey",
                key,
                value,
                &format!("Key not supported: {key}"),
            ]
            .map(str::to_owned)
        };
        assert_eq!(
            ignored,
            [
                unused("a.blur", "3"),
                unused("mode", "blah"),
                unused("width", "abc")
            ]
        );
    }

    #[test]
    fn the_first_value_counts_even_when_it_is_wrong() {
        let kinds: Vec<_> = issues("quality=x&quality=5")
            .into_iter()
            .map(|[kind, _, value, _]| (kind, value))
            .collect();
        let expected = [
            ("DuplicateKeyError", "5"),
            ("InvalidValueError", "x"),
            ("IgnoredKey", "x"),
        ];
        assert_eq!(
            kinds,
            expected.map(|(kind, value)| (kind.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn every_known_key_is_known_and_a_good_querystring_has_no_issues() {
        assert!(issues("").is_empty());
        assert!(issues("w=100&h=80&mode=crop&format=webp&s.grayscale=true").is_empty());
        for key in &imageflow_querystring::keys::KEYS {
            let found = issues(&format!("{}=%01", key.name.to_uppercase()));
            let known = |[kind, ..]: &[String; 4]| kind != "UnrecognizedKey";
            assert!(found.iter().all(known), "{found:?}");
        }
    }
}
