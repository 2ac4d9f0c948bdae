//! JSON Schema (draft 2020-12) of what endpoints read and answer, one self-contained document each.
//!
//! A request schema accepts every spelling the engine accepts, also those that only old clients send (marked
//! `deprecated`). The one exception: structs written as arrays, which are read by the grace of the parser.

use imageflow_types::{EndpointSchemas, JsonSchemasData};
use schemars::consts::meta_schemas::DRAFT2020_12;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{Schema, json_schema};
use serde_json::{Value, json};

use super::operations::{OPERATIONS, Shape};

/// The endpoints described, by their first names.
const DESCRIBED: [&str; 5] = [
    "v1/build",
    "v1/execute",
    "v1/tell_decoder",
    "v1/get_image_info",
    "v1/get_scaled_image_info",
];

/// Makes all documents.
pub(super) fn all() -> JsonSchemasData {
    let described = OPERATIONS
        .iter()
        .filter(|operation| DESCRIBED.contains(&operation.endpoint));
    let schemas = described.filter_map(|operation| {
        let requests = settings()
            .for_deserialize()
            .with_transform(names_as_objects);
        let schemas = EndpointSchemas {
            input_schema: document(operation.request?, requests),
            output_schema: document(operation.response, settings().for_serialize()),
        };
        Some((operation.endpoint.to_owned(), schemas))
    });
    JsonSchemasData {
        schemas: schemas.collect(),
    }
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with_transform(RecursiveTransform(ranges_for_formats))
}

fn document(shape: Shape, settings: SchemaSettings) -> Value {
    let mut generator = settings.into_generator();
    let mut root = shape(&mut generator);
    root.insert("$schema".to_owned(), DRAFT2020_12.into());
    root.insert("$defs".to_owned(), generator.take_definitions(true).into());
    root.to_value()
}

/// `format` is a remark that some validators refuse for numbers; `minimum` and `maximum` say the same and count.
fn ranges_for_formats(schema: &mut Schema) {
    super::add_ranges(schema);
    let is_number = schema
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| format.contains("int") || matches!(format, "float" | "double"));
    if is_number {
        schema.remove("format");
    }
}

/// Lets the plain names of an enum also be written as objects: `{"name":null}`. Applied to whole definitions.
fn names_as_objects(schema: &mut Schema) {
    let own = schema.get("enum").cloned();
    if let Some(names) = own {
        schema.remove("enum");
        schema.remove("type");
        schema.insert(
            "oneOf".to_owned(),
            json!([{ "type": "string", "enum": names }]),
        );
    }
    let Some(Value::Array(variants)) = schema.get_mut("oneOf") else {
        return;
    };
    let names: Vec<Value> = variants
        .iter()
        .flat_map(
            |variant| match (variant.get("const"), variant.get("enum")) {
                (Some(name), _) => vec![name.clone()],
                (None, Some(Value::Array(names))) => names.clone(),
                _ => vec![],
            },
        )
        .collect();
    if names.is_empty() {
        return;
    }
    let object = json_schema!({
        "description": "A name, written as an object.",
        "deprecated": true,
        "type": "object",
        "propertyNames": { "enum": names },
        "additionalProperties": { "type": "null" },
        "minProperties": 1,
        "maxProperties": 1,
    });
    variants.push(object.to_value());
}
