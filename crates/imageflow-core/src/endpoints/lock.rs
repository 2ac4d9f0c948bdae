//! `v1/lock`: what the host allows the jobs of a context.
//!
//! Who sends a method is the host; who writes the body of a job may be anybody. So this is a method of its own, and no part of
//! a job.

use imageflow_types::Lock;

use super::request;
use crate::context::{Context, Response};
use crate::error::Error;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let lock: Lock = request::parse("Lock", body, &context.control())?;
    Response::ok(context.policy_mut().lock(&lock)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn locked(lock: Value) -> Context {
        let mut context = Context::new();
        let response = context.send_json("v1/lock", lock.to_string().as_bytes());
        assert_eq!(response.status, 200, "{response:?}");
        context
    }

    /// Status and first line of the answer to a job of one white pixel with these settings and inputs and outputs.
    fn build(context: &mut Context, security: &Value, io: &Value) -> (i64, String) {
        let job = json!({"builder_config": {"security": security}, "io": io, "framewise": {"steps": [
            {"create_canvas": {"w": 30, "h": 20, "format": "bgr_32", "color": "black"}},
            {"encode": {"io_id": 1, "preset": "gif"}}]}});
        let response = context.send_json("v1/build", job.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        let text = answer["message"].as_str().unwrap();
        let line = text.lines().next().unwrap_or_default();
        (response.status, line.trim_end_matches(" at").to_owned())
    }

    fn out() -> Value {
        json!([{"io_id": 1, "direction": "out", "io": "output_buffer"}])
    }

    #[test]
    fn the_answer_says_what_holds() {
        let mut context = Context::new();
        let lock = json!({"security": {"max_json_bytes": 5000}, "allow_files": false});
        let response = context.send_json("v1/lock", lock.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(answer["data"]["allow_files"], false);
        assert_eq!(answer["data"]["security"]["max_json_bytes"], 5000);
        assert_eq!(answer["data"]["security"]["max_frame_size"]["w"], 10_000);
    }

    #[test]
    fn jobs_lower_limits_and_do_not_raise_them() {
        let size = |w: u32| json!({"max_frame_size": {"w": w, "h": 50, "megapixels": 1}});
        for (wanted, status) in [(20, 400), (39, 200), (40, 200), (41, 403), (10_000, 403)] {
            let mut context = locked(json!({"security": size(40)}));
            assert_eq!(
                build(&mut context, &size(wanted), &out()).0,
                status,
                "{wanted}"
            );
        }
        let (_, line) = build(
            &mut locked(json!({"security": size(40)})),
            &size(41),
            &out(),
        );
        assert_eq!(
            line,
            "ActionForbidden: LimitLocked: security.max_frame_size.w 41 is above 40, which the host of this context locked"
        );
    }

    #[test]
    fn what_a_job_lowered_may_be_raised_again_to_what_was_locked() {
        let limit = |bytes: u64| json!({"max_json_bytes": bytes});
        let mut context = locked(json!({"security": limit(5000)}));
        for (bytes, status) in [(4000, 200), (5000, 200), (5001, 403)] {
            let io = if bytes == 4000 { out() } else { json!([]) };
            assert_eq!(build(&mut context, &limit(bytes), &io).0, status, "{bytes}");
        }
    }

    #[test]
    fn files_are_refused_before_any_is_looked_at() {
        let file = |direction: &str| json!([out()[0], {"io_id": 7, "direction": direction, "io": {"file": "/nonexistent/secret"}}]);
        for direction in ["in", "out"] {
            let mut context = locked(json!({"allow_files": false}));
            let (status, line) = build(&mut context, &json!(null), &file(direction));
            assert_eq!(status, 403, "{line}");
            assert!(
                line.starts_with("ActionForbidden: FilesForbidden: io_id 7 is a file"),
                "{line}"
            );
            assert!(!line.contains("secret"), "{line}");
            assert_eq!(context.status().error().unwrap().category().exit_code(), 77);
            // Bytes are welcome.
            let mut context = locked(json!({"allow_files": false}));
            assert_eq!(build(&mut context, &json!(null), &out()).0, 200);
        }
        let mut context = locked(json!({"allow_files": false}));
        let job = json!({"io": file("in"), "framewise": {"steps": []}});
        let response = context.send_json("v1/explain", job.to_string().as_bytes());
        assert_eq!(response.status, 403);
    }

    #[test]
    fn a_lock_can_be_tightened_and_not_loosened() {
        let mut context = locked(json!({"security": {"max_threads": 4}}));
        let mut send = |lock: Value| context.send_json("v1/lock", lock.to_string().as_bytes());
        assert_eq!(
            send(json!({"security": {"max_threads": 2}, "allow_files": false})).status,
            200
        );
        assert_eq!(send(json!({"allow_files": false})).status, 200);
        assert_eq!(send(json!({"security": {"max_threads": 3}})).status, 403);
        let mut context = locked(json!({"allow_files": false}));
        let response = context.send_json("v1/lock", br#"{"allow_files":true}"#);
        assert_eq!(response.status, 403);
    }

    #[test]
    fn without_a_lock_jobs_raise_limits_as_in_2_x() {
        let mut context = Context::new();
        let raised = json!({"max_frame_size": {"w": 20_000, "h": 20_000, "megapixels": 400}});
        assert_eq!(build(&mut context, &raised, &out()).0, 200);
    }
}
