//! `v1/schema/…`: descriptions of the protocol and of the querystring.

use imageflow_types::{
    EmptyRequest, Issues, ListSchemaEndpointsData, QuerystringSchema, QuerystringSchemaData,
    ValidateQuerystring, ValidateQuerystringData,
};

use super::{ENDPOINTS, request};
use crate::context::{Context, Response};
use crate::error::{Error, ErrorKind};

/// Lists the schema endpoints.
pub(super) fn list(_: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let _: EmptyRequest = request::parse("EmptyRequest", body)?;
    let names = ENDPOINTS
        .iter()
        .flat_map(|endpoint| endpoint.names)
        .filter(|name| name.starts_with("v1/schema/"));
    let mut endpoints: Vec<_> = names.map(|name| format!("/{name}")).collect();
    endpoints.sort();
    Response::ok(ListSchemaEndpointsData { endpoints })
}

/// Lists the querystring keys.
pub(super) fn keys(_: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let _: EmptyRequest = request::parse("EmptyRequest", body)?;
    let key_names = imageflow_querystring::keys::KEYS
        .iter()
        .map(|key| key.name.to_owned())
        .collect();
    Response::ok(QuerystringSchemaData {
        schema: QuerystringSchema { key_names },
    })
}

/// Lists what is wrong with a querystring.
pub(super) fn validate(_: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let request: ValidateQuerystring = request::parse("ValidateQueryString", body)?;
    let issues = imageflow_querystring::validate(&request.query_string);
    Response::ok(ValidateQuerystringData {
        results: Issues { issues },
    })
}

/// The OpenAPI document.
pub(super) fn openapi(_: &mut Context, _: &[u8]) -> Result<Response, Error> {
    Err(absent("the OpenAPI document"))
}

/// The JSON schemas of requests and answers.
pub(super) fn json(_: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let _: EmptyRequest = request::parse("EmptyRequest", body)?;
    Err(absent("the JSON schema"))
}

fn absent(what: &str) -> Error {
    Error::new(
        ErrorKind::MethodNotImplemented,
        format!("{what} is not part of this version yet"),
    )
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

    #[test]
    fn a_document_that_is_missing_says_so() {
        let body = String::from_utf8(
            Context::new()
                .send_json("v1/schema/openapi/latest/get", b"")
                .body,
        )
        .unwrap();
        assert!(
            body.contains(
                "MethodNotImplemented: the OpenAPI document is not part of this version yet"
            ),
            "{body}"
        );
    }
}
