//! Messages and their answers.

use std::ffi::c_char;

use imageflow_core::{Error, ErrorKind, Response};

use crate::arguments;
use crate::context::ImageflowContext;
use crate::guard::{self, place};
use crate::memory::{Block, lock};
use crate::stack::{self, Failure};

/// A response to a message; read it with `imageflow_json_response_read`.
#[derive(Debug)]
pub struct ImageflowJsonResponse(());

/// What a response begins with. The layout is frozen: a published client reads it by offset. The text, and a NUL that is
/// not counted, follow in the same allocation.
#[repr(C)]
struct Header {
    status: i64,
    text: *const u8,
    length: usize,
}

/// Sends a message: `method` (such as "v1/execute") says what to do, `json_buffer` holds its parameters as UTF-8 JSON.
///
/// Returns a response, whose status is 200 or that of an error; `imageflow_json_response_read` reads it. It belongs to the
/// context; `imageflow_json_response_destroy` frees it early. NULL when an argument is NULL or invalid, or there is no
/// memory: the context's error says which. The arguments are not used after the call.
///
/// A host that takes jobs from others sends "v1/lock" first: {"security":{...},"allow_files":false} sets limits that the
/// jobs of this context can only lower from then on, and refuses jobs that name files.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; `method` is NULL (an error) or ends with NUL;
/// `json_buffer` is NULL (an error) or has `json_buffer_size` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_send_json(
    context: *mut ImageflowContext,
    method: *const c_char,
    json_buffer: *const u8,
    json_buffer_size: usize,
) -> *const ImageflowJsonResponse {
    let place = place!("imageflow_context_send_json");
    // SAFETY: the caller's promises.
    unsafe {
        guard::with_context(context, place, std::ptr::null(), |context| {
            if let Some(error) = context.status().error() {
                return publish(context, place, &Response::failure(&error));
            }
            // The JSON's pointer and length are looked at before the method's text, as imageflow 2.x does.
            let arguments = arguments::not_null("method", method).and_then(|()| {
                let json = arguments::bytes(
                    "json_buffer",
                    json_buffer,
                    "json_buffer_size",
                    json_buffer_size,
                )?;
                Ok((arguments::text("method", method)?, json))
            });
            match arguments {
                Ok((method, json)) => {
                    publish(context, place, &answer(context, place, method, json))
                }
                Err(error) => {
                    context.status().fail(error.at_place(place));
                    std::ptr::null()
                }
            }
        })
    }
}

fn answer(context: &ImageflowContext, place: &'static str, method: &str, json: &[u8]) -> Response {
    let engine = context.engine();
    let result =
        stack::with_room(|| engine.work(context.status(), |engine| engine.send_json(method, json)));
    let error = match result {
        Ok(Ok(response)) => return response,
        Ok(Err(refused)) => context.status().fail(refused.error(place)),
        Err(Failure::NoThread(error)) => context.status().fail(error.at_place(place)),
        Err(Failure::Panicked(cause)) => {
            let error = guard::panic_error(&cause).at_place(place);
            context.status().fail_for_good(error.clone());
            error
        }
    };
    Response::failure(&error)
}

/// Copies a response to memory the client may read.
fn publish(
    context: &ImageflowContext,
    place: &'static str,
    response: &Response,
) -> *const ImageflowJsonResponse {
    const HEADER: usize = size_of::<Header>();
    let length = response.body.len();
    // The block is zeroed, so the NUL behind the text is there already.
    let Some(block) = HEADER
        .checked_add(length)
        .and_then(|bytes| bytes.checked_add(1))
        .and_then(Block::new)
    else {
        let error = Error::new(
            ErrorKind::AllocationFailed,
            format!("could not allocate a response of {length} bytes"),
        );
        context.status().fail(error.at_place(place));
        return std::ptr::null();
    };
    let start = block.as_ptr();
    let header = start.cast::<Header>();
    // SAFETY: the block has room for header, text and NUL, and is aligned to 16 bytes.
    unsafe {
        let text = start.add(HEADER);
        text.copy_from_nonoverlapping(response.body.as_ptr(), length);
        header.write(Header {
            status: response.status,
            text,
            length,
        });
    }
    lock(context.allocations())
        .responses
        .insert(start.addr(), block);
    start.cast()
}

/// Reads a response: its status, and its UTF-8 text with the number of bytes. Results nobody wants may be NULL. The text
/// stays valid until the response or the context is destroyed; a NUL follows it.
///
/// True; false and an error when `response_in` is NULL or not a response of this context.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; the other pointers are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_json_response_read(
    context: *mut ImageflowContext,
    response_in: *const ImageflowJsonResponse,
    status_as_http_code_out: *mut i64,
    buffer_utf8_no_nulls_out: *mut *const u8,
    buffer_size_out: *mut usize,
) -> bool {
    let place = place!("imageflow_json_response_read");
    // SAFETY: the caller's promises.
    unsafe {
        guard::with_context(context, place, false, |context| {
            let is_known = lock(context.allocations())
                .responses
                .contains_key(&response_in.addr());
            if !is_known {
                let unknown = || {
                    Error::new(
                        ErrorKind::InvalidArgument,
                        "The argument 'response_in' is no response of this context.",
                    )
                };
                let error = arguments::not_null("response_in", response_in)
                    .err()
                    .unwrap_or_else(unknown);
                context.status().fail(error.at_place(place));
                return false;
            }
            // SAFETY: it is in the table, so it was made by `publish` and not destroyed.
            let response = &*response_in.cast::<Header>();
            arguments::store(status_as_http_code_out, response.status);
            arguments::store(buffer_utf8_no_nulls_out, response.text);
            arguments::store(buffer_size_out, response.length);
            true
        })
    }
}

/// Frees a response. True when it was freed, and for NULL; false for a pointer the context does not know, or knows no
/// longer. Sets no error.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; nobody uses the response any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_json_response_destroy(
    context: *mut ImageflowContext,
    response: *mut ImageflowJsonResponse,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_json_response_destroy"),
            false,
            |context| {
                response.is_null()
                    || lock(context.allocations())
                        .responses
                        .remove(&response.addr())
                        .is_some()
            },
        )
    }
}
