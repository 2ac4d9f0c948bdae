//! The OpenAPI 3.1 document: all endpoints, for client generators and documentation.
//!
//! It shows the one spelling clients should write, so that generated types are plain; the JSON Schemas accept more.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value, json};

use imageflow_types::{NoData, Response};

use super::operations::{OPERATIONS, Operation, Shape};
use crate::endpoints::ENDPOINTS;

/// Makes the document.
pub(super) fn document() -> Value {
    let mut schemas = Schemas::new();
    let paths: Map<String, Value> = OPERATIONS
        .iter()
        .map(|operation| {
            let path = format!("/{}", operation.endpoint);
            (path, json!({ "post": post(operation, &mut schemas) }))
        })
        .collect();
    let failure = schemas.of_response(|generator| generator.subschema_for::<Response<NoData>>());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "imageflow JSON API",
            "version": env!("IMAGEFLOW_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "Messages of the imageflow engine. A path without its leading slash is the method of a \
                            message, the request body is its JSON, and the status is the one HTTP would have.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.take(),
            "responses": {
                "Failure": {
                    "description": "What was wrong is in `message`; `code` is the status. A context that failed \
                                    gives the same answer to every later message.",
                    "content": { "application/json": { "schema": failure } },
                },
            },
        },
    })
}

fn post(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut post = json!({
        "operationId": operation.endpoint.replace(['/', '-'], "_"),
        "summary": operation.summary,
        "responses": {
            "200": {
                "description": "Success; the answer is in `data`.",
                "content": { "application/json": { "schema": schemas.of_response(operation.response) } },
            },
            "default": { "$ref": "#/components/responses/Failure" },
        },
    });
    if let Some(request) = operation.request {
        post["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schemas.of_request(request) } },
        });
    }
    if let Some(other) = other_name(operation.endpoint) {
        post["description"] = format!("The method `{other}` does the same.").into();
    }
    post
}

/// The older name of an endpoint.
fn other_name(endpoint: &str) -> Option<&'static str> {
    let names = ENDPOINTS
        .iter()
        .map(|known| known.names)
        .find(|names| names.contains(&endpoint))?;
    names.get(1).copied()
}

/// Schemas under `#/components/schemas`. What is read and what is written share the names; types that are both look the
/// same from both sides.
struct Schemas {
    requests: schemars::SchemaGenerator,
    responses: schemars::SchemaGenerator,
}

impl Schemas {
    fn new() -> Schemas {
        let settings = SchemaSettings::draft2020_12()
            .with(|settings| settings.definitions_path = "/components/schemas".into())
            .with_transform(RecursiveTransform(super::add_ranges));
        Schemas {
            requests: settings.clone().for_deserialize().into_generator(),
            responses: settings.for_serialize().into_generator(),
        }
    }

    fn of_request(&mut self, shape: Shape) -> Value {
        shape(&mut self.requests).to_value()
    }

    fn of_response(&mut self, shape: Shape) -> Value {
        shape(&mut self.responses).to_value()
    }

    fn take(mut self) -> Map<String, Value> {
        let mut schemas = self.requests.take_definitions(true);
        for (name, schema) in self.responses.take_definitions(true) {
            debug_assert!(
                schemas.get(&name).is_none_or(|other| *other == schema),
                "{name}"
            );
            schemas.insert(name, schema);
        }
        schemas
    }
}
