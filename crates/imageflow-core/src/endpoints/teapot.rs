//! `v1/brew_coffee`: refuses, without putting the context in error.

use crate::context::{Context, Response};
use crate::error::Error;

const BODY: &[u8] =
    br#"{"success": "false","code": 418, "message": "I'm a little teapot, short and stout..."}"#;

#[expect(clippy::unnecessary_wraps, reason = "one signature for all endpoints")]
pub(super) fn answer(_: &mut Context, _: &[u8]) -> Result<Response, Error> {
    Ok(Response {
        status: 418,
        body: BODY.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_teapot_is_no_error() {
        let mut context = Context::new();
        for method in ["v1/brew_coffee", "brew_coffee"] {
            let response = context.send_json(method, b"not read");
            assert_eq!((response.status, response.body.len()), (418, 86));
        }
        assert!(context.status().error().is_none());
    }
}
