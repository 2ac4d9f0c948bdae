//! What every documented endpoint takes and answers: the table both documents are made from.

use imageflow_types::{
    Build, EmptyRequest, Execute, Explanation, GetImageInfo, ImageInfoData, JobResultData,
    JsonSchemasData, ListSchemaEndpointsData, Lock, LockData, QuerystringSchemaData, Response,
    TellDecoder, ValidateQuerystring, ValidateQuerystringData, VersionInfoData,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// An endpoint in words and types.
pub(super) struct Operation {
    /// Its first name.
    pub(super) endpoint: &'static str,
    /// What it does, in a sentence without full stop.
    pub(super) summary: &'static str,
    /// The body; `None` when it is not read.
    pub(super) request: Option<Shape>,
    /// The body of the response after success.
    pub(super) response: Shape,
}

/// Puts the schema of a type among the generator's definitions and gives the reference to it.
pub(super) type Shape = fn(&mut SchemaGenerator) -> Schema;

fn body<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The response that carries this answer.
fn with<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Response<T>>()
}

/// All endpoints but the estimate, which 2.x does not document, and the teapot.
pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        endpoint: "v1/build",
        summary: "Runs a job with inputs and outputs of its own",
        request: Some(body::<Build>),
        response: with::<JobResultData>,
    },
    Operation {
        endpoint: "v1/execute",
        summary: "Runs a job on inputs and outputs that are registered already",
        request: Some(body::<Execute>),
        response: with::<JobResultData>,
    },
    Operation {
        endpoint: "v1/get_image_info",
        summary: "Describes an input, at its natural size",
        request: Some(body::<GetImageInfo>),
        response: with::<ImageInfoData>,
    },
    Operation {
        endpoint: "v1/get_scaled_image_info",
        summary: "Describes an input, at the size its decoder was told to give",
        request: Some(body::<GetImageInfo>),
        response: with::<ImageInfoData>,
    },
    Operation {
        endpoint: "v1/tell_decoder",
        summary: "Changes how an input is decoded from now on",
        request: Some(body::<TellDecoder>),
        response: with::<EmptyRequest>,
    },
    Operation {
        endpoint: "v1/lock",
        summary: "Keeps later jobs from raising limits above those in force, and from naming files",
        request: Some(body::<Lock>),
        response: with::<LockData>,
    },
    Operation {
        endpoint: "v1/explain",
        summary: "Describes the plan of a job that is not run",
        request: Some(body::<Build>),
        response: with::<Explanation>,
    },
    Operation {
        endpoint: "v1/get_version_info",
        summary: "Says which build this is",
        request: Some(body::<EmptyRequest>),
        response: with::<VersionInfoData>,
    },
    Operation {
        endpoint: "v1/schema/list-schema-endpoints",
        summary: "Lists the endpoints that describe the interface",
        request: Some(body::<EmptyRequest>),
        response: with::<ListSchemaEndpointsData>,
    },
    Operation {
        endpoint: "v1/schema/riapi/latest/get",
        summary: "Lists the querystring keys",
        request: Some(body::<EmptyRequest>),
        response: with::<QuerystringSchemaData>,
    },
    Operation {
        endpoint: "v1/schema/riapi/latest/list_keys",
        summary: "Lists the querystring keys",
        request: Some(body::<EmptyRequest>),
        response: with::<QuerystringSchemaData>,
    },
    Operation {
        endpoint: "v1/schema/riapi/latest/validate",
        summary: "Lists what is wrong with a querystring",
        request: Some(body::<ValidateQuerystring>),
        response: with::<ValidateQuerystringData>,
    },
    Operation {
        endpoint: "v1/schema/openapi/latest/get",
        summary: "Gives this document, as the text of a JSON string",
        request: None,
        response: with::<String>,
    },
    Operation {
        endpoint: "v1/schema/json/latest/v1/all",
        summary: "Gives the JSON Schemas of the endpoints that work on images",
        request: Some(body::<EmptyRequest>),
        response: with::<JsonSchemasData>,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::ENDPOINTS;

    #[test]
    fn every_endpoint_but_two_is_described() {
        let mut described: Vec<_> = OPERATIONS.iter().map(|o| o.endpoint).collect();
        let names = ENDPOINTS
            .iter()
            .filter_map(|endpoint| endpoint.names.first());
        let mut expected: Vec<_> = names
            .copied()
            .filter(|name| !["v1/estimate", "v1/brew_coffee"].contains(name))
            .collect();
        described.sort_unstable();
        expected.sort_unstable();
        assert_eq!(described, expected);
    }
}
