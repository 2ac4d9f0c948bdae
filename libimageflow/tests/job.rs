//! A whole job through the exported functions.

#![allow(clippy::unwrap_used, missing_docs)]

use std::ptr;

use imageflow::*;

/// The context of one test; destroyed with it.
struct Context(*mut ImageflowContext);

impl Context {
    fn new() -> Context {
        let context = imageflow_context_create(IMAGEFLOW_ABI_VER_MAJOR, IMAGEFLOW_ABI_VER_MINOR);
        assert!(!context.is_null());
        Context(context)
    }

    fn send(&self, method: &std::ffi::CStr, json: &str) -> (i64, String) {
        let (mut status, mut text, mut size) = (0, ptr::null(), 0);
        // SAFETY: the context lives, the strings end with NUL or have the length given, and the text is copied.
        unsafe {
            let response =
                imageflow_context_send_json(self.0, method.as_ptr(), json.as_ptr(), json.len());
            assert!(imageflow_json_response_read(
                self.0,
                response,
                &raw mut status,
                &raw mut text,
                &raw mut size
            ));
            (
                status,
                String::from_utf8(std::slice::from_raw_parts(text, size).to_vec()).unwrap(),
            )
        }
    }

    fn add_output(&self, io_id: i32) -> bool {
        // SAFETY: the context lives.
        unsafe { imageflow_context_add_output_buffer(self.0, io_id) }
    }

    fn take(&self, io_id: i32) -> Vec<u8> {
        let (mut bytes, mut size) = (ptr::null_mut(), 0);
        // SAFETY: the context lives, and the bytes are copied before they are freed.
        unsafe {
            assert!(imageflow_context_take_output_buffer(
                self.0,
                io_id,
                &raw mut bytes,
                &raw mut size
            ));
            let copy = std::slice::from_raw_parts(bytes, size).to_vec();
            assert!(imageflow_buffer_free(bytes, size));
            copy
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: destroyed once.
        unsafe { imageflow_context_destroy(self.0) };
    }
}

fn canvas_to(io_id: i32, preset: &str) -> String {
    format!(
        r#"{{"framewise":{{"steps":[
            {{"create_canvas":{{"format":"bgr_32","w":60,"h":40,"color":{{"srgb":{{"hex":"80A0FF"}}}}}}}},
            {{"resample_2d":{{"w":30,"h":20}}}},
            {{"encode":{{"io_id":{io_id},"preset":{preset}}}}}]}}}}"#
    )
}

#[test]
fn an_output_of_one_job_is_the_input_of_another() {
    let first = Context::new();
    assert!(first.add_output(1));
    let (status, text) = first.send(c"v1/execute", &canvas_to(1, r#"{"lodepng":{}}"#));
    assert_eq!(status, 200, "{text}");
    let png = first.take(1);
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));

    let second = Context::new();
    // SAFETY: the context lives, and the bytes live longer than it.
    assert!(unsafe {
        imageflow_context_add_input_buffer(
            second.0,
            7,
            png.as_ptr(),
            png.len(),
            Lifetime::OutlivesContext.into(),
        )
    });
    let (status, text) = second.send(c"v1/get_image_info", r#"{"io_id":7}"#);
    assert_eq!(status, 200, "{text}");
    assert!(
        text.contains("\"image_width\": 30") && text.contains("\"image_height\": 20"),
        "{text}"
    );
    assert!(second.add_output(8));
    let job = r#"{"framewise":{"steps":[{"decode":{"io_id":7}},"rotate_90",{"encode":{"io_id":8,"preset":{"mozjpeg":{}}}}]}}"#;
    let (status, text) = second.send(c"v0.1/execute", job);
    assert_eq!(status, 200, "{text}");
    assert!(
        text.contains("\"w\": 20") && text.contains("\"h\": 30"),
        "{text}"
    );
    assert!(second.take(8).starts_with(&[0xFF, 0xD8, 0xFF]));
    drop(second);
    drop(png);
}

#[test]
fn a_file_is_complete_when_the_response_is_there() {
    let path = std::env::temp_dir().join(format!("imageflow-abi-{}.png", std::process::id()));
    let name = path.to_str().unwrap().replace('\\', "\\\\");
    let steps = canvas_to(3, r#"{"lodepng":{}}"#);
    let job = format!(
        r#"{{"io":[{{"io_id":3,"direction":"out","io":{{"file":"{name}"}}}}],{}"#,
        &steps[1..]
    );
    let context = Context::new();
    let (status, text) = context.send(c"v1/build", &job);
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("\"physical_file\""), "{text}");
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && bytes.ends_with(b"IEND\xaeB\x60\x82"));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_locked_context_refuses_jobs_that_raise_limits_or_name_files() {
    let lock =
        r#"{"security":{"max_frame_size":{"w":60,"h":40,"megapixels":1}},"allow_files":false}"#;
    let locked = || {
        let context = Context::new();
        let (status, text) = context.send(c"v1/lock", lock);
        assert_eq!(status, 200, "{text}");
        assert!(context.add_output(1));
        context
    };
    let steps = canvas_to(1, r#"{"lodepng":{}}"#);
    let (status, text) = locked().send(c"v1/execute", &steps);
    assert_eq!(status, 200, "{text}");
    let raised = format!(
        r#"{{"security":{{"max_frame_size":{{"w":61,"h":40,"megapixels":1}}}},{}"#,
        &steps[1..]
    );
    let file = format!(
        r#"{{"io":[{{"io_id":9,"direction":"in","io":{{"file":"/nonexistent"}}}}],{}"#,
        &steps[1..]
    );
    for (method, job, kind) in [
        (c"v1/execute", raised, "LimitLocked"),
        (c"v1/build", file, "FilesForbidden"),
    ] {
        let context = locked();
        let (status, text) = context.send(method, &job);
        assert!(
            text.contains(&format!("ActionForbidden: {kind}: ")),
            "{text}"
        );
        // SAFETY: the context lives.
        let codes = unsafe {
            (
                imageflow_context_error_code(context.0),
                imageflow_context_error_as_exit_code(context.0),
            )
        };
        assert_eq!((status, codes), (403, (9, 77)));
    }
}
