//! The C library: 25 exported functions over `imageflow-core`, and nothing but translation.
//!
//! Link with `-limageflow` or load `libimageflow.so` at run time; include one of the headers in `include/`.
//!
//! # A job in C
//!
//! ```c
//! #include "imageflow_default.h"
//! #include <stdio.h>
//! #include <string.h>
//!
//! // Shrinks an image in memory to a JPEG of at most 400×400 pixels in a file. Returns 0 or an exit code.
//! int thumbnail(const uint8_t *image, size_t size, FILE *to) {
//!     struct imageflow_context *context = imageflow_context_create(IMAGEFLOW_ABI_VER_MAJOR, IMAGEFLOW_ABI_VER_MINOR);
//!     if (context == NULL) return 70; // the library is older than the header
//!
//!     const char *job = "{\"framewise\":{\"steps\":["
//!                       "{\"decode\":{\"io_id\":0}},"
//!                       "{\"constrain\":{\"mode\":\"within\",\"w\":400,\"h\":400}},"
//!                       "{\"encode\":{\"io_id\":1,\"preset\":{\"mozjpeg\":{\"quality\":85}}}}]}}";
//!     const uint8_t *bytes = NULL;
//!     size_t count = 0;
//!     // Each call does nothing when an earlier one failed, so errors can be looked at once, at the end.
//!     imageflow_context_add_input_buffer(context, 0, image, size, imageflow_lifetime_lifetime_outlives_context);
//!     imageflow_context_add_output_buffer(context, 1);
//!     imageflow_context_send_json(context, "v1/execute", (const uint8_t *)job, strlen(job));
//!
//!     int code = imageflow_context_error_as_exit_code(context);
//!     if (code != 0) {
//!         char text[2048];
//!         imageflow_context_error_write_to_buffer(context, text, sizeof text, NULL);
//!         fputs(text, stderr);
//!     } else if (imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count)) {
//!         fwrite(bytes, 1, count, to);
//!     }
//!     imageflow_context_destroy(context); // `bytes` ends here
//!     return code;
//! }
//! ```
//!
//! # Rules
//!
//! **Errors.** A context keeps its first error and refuses all later work; outputs that were written can still be read. Make
//! a context per job: creating and destroying one takes less than 2 µs. A null context ends the process: that is a bug no
//! caller can handle.
//!
//! **Memory.**
//!
//! | What | Owner | Freed by |
//! |---|---|---|
//! | context | caller | `imageflow_context_destroy`, once |
//! | response of `send_json` | context | `imageflow_json_response_destroy`, or with the context |
//! | bytes from `get_output_buffer_by_id` | context | with the context |
//! | bytes from `take_output_buffer` | caller | `imageflow_buffer_free` |
//! | memory from `memory_allocate` | context | `imageflow_context_memory_free`, or with the context |
//! | input passed with lifetime 1 | caller | after the context |
//!
//! **Threads.** Contexts are independent of each other. Every function of one context may be called from any thread: jobs
//! and changes of inputs and outputs take turns; reading the error, reading or freeing responses and memory, and
//! cancelling never wait for a job. Only `imageflow_context_destroy` must be the last call and alone. A context does not
//! survive `fork()` into the child.
//!
//! **Cancelling.** `imageflow_context_request_cancellation` returns at once. The running `send_json` answers with status 499
//! soon after; calls that wait for their turn give up. The context is spent.
//!
//! **Stack.** Jobs run on the calling thread when it has 768 KiB of stack left, otherwise on a thread of their own.
//!
//! **Versions.** Pass the version of your header to `imageflow_context_create`. Functions are only ever added (the minor
//! version grows), never changed or removed.
//!
//! The messages `send_json` understands are described with the `imageflow_core` and `imageflow_types` crates.

mod arguments;
mod context;
mod errors;
mod exclusive;
mod guard;
mod io;
mod json;
mod memory;
mod stack;
mod version;

pub use context::{
    ImageflowContext, imageflow_context_begin_terminate, imageflow_context_create,
    imageflow_context_destroy, imageflow_context_request_cancellation,
};
pub use errors::{
    imageflow_context_error_as_exit_code, imageflow_context_error_as_http_code,
    imageflow_context_error_code, imageflow_context_error_recoverable,
    imageflow_context_error_try_clear, imageflow_context_error_write_to_buffer,
    imageflow_context_has_error, imageflow_context_print_and_exit_if_error,
};
pub use io::{
    Lifetime, LifetimeArgument, imageflow_context_add_input_buffer,
    imageflow_context_add_output_buffer, imageflow_context_get_output_buffer_by_id,
    imageflow_context_take_output_buffer,
};
pub use json::{
    ImageflowJsonResponse, imageflow_context_send_json, imageflow_json_response_destroy,
    imageflow_json_response_read,
};
pub use memory::{
    imageflow_buffer_free, imageflow_context_memory_allocate, imageflow_context_memory_free,
};
pub use version::{
    IMAGEFLOW_ABI_VER_MAJOR, IMAGEFLOW_ABI_VER_MINOR, imageflow_abi_compatible,
    imageflow_abi_version_major, imageflow_abi_version_minor,
};
