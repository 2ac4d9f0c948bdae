//! Calls of the C ABI in any order, with arguments that a caller may pass: null pointers, wrong numbers, pointers that the
//! library no longer knows. What a caller promises (a context that lives, readable bytes) is kept.

use std::ffi::CStr;
use std::ptr;

use imageflow::*;

use super::Interest;
use super::job::JOBS;
use crate::samples;

/// Contexts at the same time.
const CONTEXTS: usize = 3;
/// The category that no caller can cause.
const INTERNAL_ERROR: i32 = 18;
/// Calls of one input.
const CALLS: usize = 64;

const METHODS: &[&CStr] = &[
    c"v1/execute",
    c"v1/get_image_info",
    c"v1/explain",
    c"v1/get_version_info",
    c"v1/tell_decoder",
    c"v1/\xFF",
    c"",
];

/// The input as a list of small numbers; zeroes after its end.
struct Script<'a>(std::slice::Iter<'a, u8>);

impl Script<'_> {
    fn next(&mut self) -> usize {
        self.0.next().copied().map_or(0, usize::from)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.next() % of.len()]
    }
}

/// A context and what it gave out.
#[derive(Default)]
struct Client {
    context: Option<ptr::NonNull<ImageflowContext>>,
    responses: Vec<*mut ImageflowJsonResponse>,
    blocks: Vec<*mut std::ffi::c_void>,
}

impl Client {
    fn get(&mut self) -> *mut ImageflowContext {
        let context = *self.context.get_or_insert_with(|| {
            let made = imageflow_context_create(IMAGEFLOW_ABI_VER_MAJOR, IMAGEFLOW_ABI_VER_MINOR);
            ptr::NonNull::new(made).unwrap_or_else(|| panic!("no context"))
        });
        context.as_ptr()
    }

    fn destroy(&mut self) {
        if let Some(context) = self.context.take() {
            // SAFETY: it was made by the library, and it is forgotten here.
            unsafe { imageflow_context_destroy(context.as_ptr()) };
        }
        self.responses.clear();
        self.blocks.clear();
    }
}

/// Runs the bytes as a program.
pub(super) fn calls(bytes: &[u8]) -> Interest {
    let mut script = Script(bytes.iter());
    let mut files: Vec<&[u8]> = vec![b"", b"GIF89a", bytes];
    for name in ["jpg-420", "png-palette", "gif-still", "bmp-runs", "icc"] {
        samples::of(name).take(1).for_each(|file| files.push(file));
    }
    let mut clients: [Client; CONTEXTS] = Default::default();
    for _ in 0..CALLS.min(bytes.len()) {
        let client = &mut clients[script.next() % CONTEXTS];
        call(client, &mut script, &files);
    }
    clients.iter_mut().for_each(Client::destroy);
    Interest::Some
}

fn call(client: &mut Client, script: &mut Script<'_>, files: &[&[u8]]) {
    let context = client.get();
    let io_id = script.next() as i32 % 7 - 1;
    // SAFETY: the context lives; bytes live longer than all contexts and have the length given, or there is a null pointer;
    // texts end with NUL; results are places on the stack. Other pointers are those the library made, perhaps freed since,
    // which it promises to notice.
    unsafe {
        match script.next() % 18 {
            0 | 1 => add_input(context, io_id, script, files),
            2 => {
                imageflow_context_add_output_buffer(context, io_id);
            }
            3..=5 => {
                let method = script.pick(METHODS).as_ptr();
                let body = if script.next() % 8 == 7 {
                    ""
                } else {
                    script.pick(JOBS)
                };
                let length = if script.next() % 8 == 7 {
                    body.len() / 2
                } else {
                    body.len()
                };
                let response = imageflow_context_send_json(context, method, body.as_ptr(), length);
                client.responses.push(response.cast_mut());
            }
            6 | 7 => read(context, script.pick_last(&client.responses)),
            8 => {
                let response = script.pick_last(&client.responses);
                imageflow_json_response_destroy(context, response);
            }
            9 => {
                let (mut bytes, mut length) = (ptr::null(), 0);
                if imageflow_context_get_output_buffer_by_id(
                    context,
                    io_id,
                    &raw mut bytes,
                    &raw mut length,
                ) {
                    touch(bytes, length);
                }
            }
            10 => {
                let (mut bytes, mut length) = (ptr::null_mut(), 0);
                if imageflow_context_take_output_buffer(
                    context,
                    io_id,
                    &raw mut bytes,
                    &raw mut length,
                ) {
                    touch(bytes, length);
                    imageflow_buffer_free(bytes, length + script.next() % 2);
                }
            }
            11 => {
                let size = script.pick(&[0, 1, 15, 4000, usize::MAX, isize::MAX as usize]);
                let block = imageflow_context_memory_allocate(context, size, ptr::null(), -1);
                if !block.is_null() {
                    touch(block.cast(), size);
                }
                client.blocks.push(block);
            }
            12 => {
                let block = script.pick_last(&client.blocks);
                imageflow_context_memory_free(context, block, c"file".as_ptr(), 1);
            }
            13 => error(context, script),
            14 if script.next().is_multiple_of(4) => {
                imageflow_context_request_cancellation(context)
            }
            15 if script.next().is_multiple_of(4) => {
                imageflow_context_begin_terminate(context);
            }
            16 => client.destroy(),
            _ => {
                imageflow_abi_compatible(script.next() as u32, script.next() as u32);
                imageflow_context_destroy(ptr::null_mut());
            }
        }
    }
}

impl Script<'_> {
    /// A pointer that was given out, or null.
    fn pick_last<T>(&mut self, of: &[*mut T]) -> *mut T {
        let index = of.len().wrapping_sub(self.next() % 4);
        of.get(index).copied().unwrap_or(ptr::null_mut())
    }
}

/// # Safety
/// The context lives, and the files live longer.
unsafe fn add_input(
    context: *mut ImageflowContext,
    io_id: i32,
    script: &mut Script<'_>,
    files: &[&[u8]],
) {
    let file = script.pick(files);
    let (start, length) = match script.next() % 16 {
        0 => (ptr::null(), file.len()),
        1 => (file.as_ptr(), usize::MAX),
        2 => (file.as_ptr(), file.len() / 2),
        _ => (file.as_ptr(), file.len()),
    };
    let lifetime = script.pick(&[Lifetime::OutlivesContext, Lifetime::OutlivesFunctionCall]);
    // SAFETY: see above; a length of more than a program can have is refused before anything is read.
    unsafe { imageflow_context_add_input_buffer(context, io_id, start, length, lifetime.into()) };
}

/// # Safety
/// The context lives; the response was made by the library or is null.
unsafe fn read(context: *mut ImageflowContext, response: *mut ImageflowJsonResponse) {
    let (mut status, mut text, mut size) = (0, ptr::null(), 0);
    // SAFETY: by the promise of the caller; results are on the stack, and a response that was freed is not known any more.
    unsafe {
        let is_read = imageflow_json_response_read(
            context,
            response,
            &raw mut status,
            &raw mut text,
            &raw mut size,
        );
        if is_read && !text.is_null() {
            touch(text, size);
        }
    }
}

/// # Safety
/// The context lives.
unsafe fn error(context: *mut ImageflowContext, script: &mut Script<'_>) {
    let mut text = [0x55u8; 300];
    let length = script.pick(&[0, 1, 2, 40, 299]);
    let mut written = 0;
    // SAFETY: the context lives, and the text has more bytes than it is said to have.
    unsafe {
        imageflow_context_error_write_to_buffer(
            context,
            text.as_mut_ptr().cast(),
            length,
            &raw mut written,
        );
        assert!(
            text[length..].iter().all(|byte| *byte == 0x55),
            "wrote beyond {length}"
        );
        let is_wrong = imageflow_context_has_error(context);
        let code = imageflow_context_error_code(context);
        assert_eq!(is_wrong, code != 0);
        assert_ne!(
            code,
            INTERNAL_ERROR,
            "{}",
            String::from_utf8_lossy(&text[..written])
        );
        assert_eq!(is_wrong, imageflow_context_error_as_exit_code(context) != 0);
        assert_eq!(
            is_wrong,
            imageflow_context_error_as_http_code(context) != 200
        );
        imageflow_context_error_recoverable(context);
        imageflow_context_error_try_clear(context);
    }
}

/// Reads all bytes, so that a sanitizer sees whether they are there.
///
/// # Safety
/// They are.
unsafe fn touch(bytes: *const u8, length: usize) {
    if length > 0 {
        // SAFETY: the promise of the caller.
        let bytes = unsafe { std::slice::from_raw_parts(bytes, length) };
        std::hint::black_box(bytes.iter().fold(0u8, |sum, byte| sum ^ byte));
    }
}
