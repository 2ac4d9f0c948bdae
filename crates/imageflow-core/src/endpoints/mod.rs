//! The JSON message router: one table of endpoints, one file per endpoint.

mod build;
mod estimate;
mod execute;
mod explain;
mod hex;
mod image_info;
mod job;
mod lock;
mod request;
mod schema;
mod teapot;
mod tell_decoder;
mod version;

use crate::context::{Context, Response};
use crate::error::{Error, ErrorKind};

/// Longest body of an endpoint that does not look at the context.
const STATIC_BODY_BYTES: usize = 64 << 20;

/// An endpoint: its names, the limit its body has, and its function.
struct Endpoint {
    names: &'static [&'static str],
    body: Body,
    answer: fn(&mut Context, &[u8]) -> Result<Response, Error>,
}

/// What bounds the body.
#[derive(Clone, Copy)]
enum Body {
    /// The context's `max_json_bytes`.
    Context,
    /// [`STATIC_BODY_BYTES`].
    Static,
    /// Nothing: it is not read.
    Unread,
}

static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        names: &["v1/execute", "v0.1/execute"],
        body: Body::Context,
        answer: execute::answer,
    },
    Endpoint {
        names: &["v1/build", "v0.1/build"],
        body: Body::Context,
        answer: build::answer,
    },
    Endpoint {
        names: &["v1/get_image_info", "v0.1/get_image_info"],
        body: Body::Context,
        answer: image_info::natural,
    },
    Endpoint {
        names: &["v1/get_scaled_image_info", "v0.1/get_scaled_image_info"],
        body: Body::Context,
        answer: image_info::scaled,
    },
    Endpoint {
        names: &["v1/tell_decoder", "v0.1/tell_decoder"],
        body: Body::Context,
        answer: tell_decoder::answer,
    },
    Endpoint {
        names: &["v1/lock"],
        body: Body::Context,
        answer: lock::answer,
    },
    Endpoint {
        names: &["v1/estimate"],
        body: Body::Context,
        answer: estimate::answer,
    },
    Endpoint {
        names: &["v1/explain"],
        body: Body::Context,
        answer: explain::answer,
    },
    Endpoint {
        names: &["v1/get_version_info", "v0.1/get_version_info"],
        body: Body::Static,
        answer: version::answer,
    },
    Endpoint {
        names: &["v1/brew_coffee", "brew_coffee"],
        body: Body::Unread,
        answer: teapot::answer,
    },
    Endpoint {
        names: &["v1/schema/list-schema-endpoints"],
        body: Body::Static,
        answer: schema::list,
    },
    Endpoint {
        names: &["v1/schema/riapi/latest/get"],
        body: Body::Static,
        answer: schema::keys,
    },
    Endpoint {
        names: &["v1/schema/riapi/latest/list_keys"],
        body: Body::Static,
        answer: schema::keys,
    },
    Endpoint {
        names: &["v1/schema/riapi/latest/validate"],
        body: Body::Static,
        answer: schema::validate,
    },
    Endpoint {
        names: &["v1/schema/openapi/latest/get"],
        body: Body::Unread,
        answer: schema::openapi,
    },
    Endpoint {
        names: &["v1/schema/json/latest/v1/all"],
        body: Body::Static,
        answer: schema::json,
    },
];

/// Answers one message.
pub(crate) fn dispatch(
    context: &mut Context,
    method: &str,
    body: &[u8],
) -> Result<Response, Error> {
    let endpoint = ENDPOINTS
        .iter()
        .find(|endpoint| endpoint.names.contains(&method));
    let endpoint = endpoint.ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidMessageEndpoint,
            format!("there is no endpoint '{method}'"),
        )
    })?;
    let limit = match endpoint.body {
        Body::Context => context.limits().max_json_bytes,
        Body::Static => STATIC_BODY_BYTES,
        Body::Unread => usize::MAX,
    };
    if body.len() > limit {
        let text = format!(
            "JSON payload is {} bytes, exceeding maximum of {limit} bytes",
            body.len()
        );
        return Err(Error::new(ErrorKind::InvalidArgument, text));
    }
    (endpoint.answer)(context, body)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_without_leading_slash() {
        let names: Vec<_> = ENDPOINTS
            .iter()
            .flat_map(|endpoint| endpoint.names)
            .collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| !name.starts_with('/')));
    }

    #[test]
    fn an_unknown_name_is_a_400() {
        let response = Context::new().send_json("v0.1/estimate", b"{}");
        assert_eq!(response.status, 400);
        assert!(
            String::from_utf8(response.body)
                .unwrap()
                .contains("ArgumentInvalid: InvalidMessageEndpoint")
        );
    }

    #[test]
    fn a_long_message_names_its_length_and_the_limit() {
        let mut context = Context::new();
        context.policy_mut().limits_mut().max_json_bytes = 10;
        let body = String::from_utf8(
            context
                .send_json("v1/execute", br#"{"framewise":{"steps":[]}}  "#)
                .body,
        )
        .unwrap();
        assert!(
            body.contains(
                "InvalidArgument: JSON payload is 28 bytes, exceeding maximum of 10 bytes"
            ),
            "{body}"
        );
    }

    #[test]
    fn a_long_message_does_not_disturb_endpoints_without_context() {
        let mut context = Context::new();
        context.policy_mut().limits_mut().max_json_bytes = 1;
        assert_eq!(context.send_json("v1/get_version_info", b"{}").status, 200);
    }
}
