//! Inputs and outputs in memory.

use std::ffi::c_int;

use imageflow_codecs::Bytes;
use imageflow_core::{Context, Error, ErrorKind};

use crate::arguments;
use crate::context::ImageflowContext;
use crate::exclusive::Refused;
use crate::guard::{self, place};
use crate::memory::hand_over;

/// How long the bytes passed to a function stay valid.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lifetime {
    /// At least until the function returns: the library copies the bytes.
    OutlivesFunctionCall = 0,
    /// Until the context is destroyed, and unchanged: the library reads them in place.
    OutlivesContext = 1,
}

/// A [`Lifetime`] as C passes it: any integer, of which unknown ones mean the safe choice.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LifetimeArgument(c_int);

impl From<Lifetime> for LifetimeArgument {
    fn from(lifetime: Lifetime) -> LifetimeArgument {
        LifetimeArgument(lifetime as c_int)
    }
}

/// Copies below this size are not worth asking first whether there is memory.
const SMALL_COPY: usize = 1 << 20;

/// Adds an input. Its first bytes must belong to a known image format.
///
/// `lifetime` says whether the bytes are copied before this returns (0) or read in place (1): then they must stay valid and
/// unchanged until `imageflow_context_destroy` has returned. Any other value copies.
///
/// False when the context holds an error, before or by this call: `io_id` is in use, no decoder knows the bytes.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; `buffer` is NULL (an error) or has
/// `buffer_byte_count` readable bytes for the lifetime given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_add_input_buffer(
    context: *mut ImageflowContext,
    io_id: i32,
    buffer: *const u8,
    buffer_byte_count: usize,
    lifetime: LifetimeArgument,
) -> bool {
    let place = place!("imageflow_context_add_input_buffer");
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(context, place, false, |context| {
            if context.status().with_error(|error| error.is_some()) {
                return false;
            }
            // SAFETY: when borrowed, the bytes outlive the context by the caller's promise, and nothing that reads them
            // outlives the context; when copied, they are only used during this call.
            let bytes = arguments::bytes("buffer", buffer, "buffer_byte_count", buffer_byte_count);
            let bytes = bytes.and_then(|bytes| share(bytes, lifetime));
            match bytes {
                Ok(bytes) => succeeds(context, place, |engine| engine.add_input(io_id, bytes)),
                Err(error) => fails(context, error.at_place(place)),
            }
        })
    }
}

fn share(bytes: &'static [u8], lifetime: LifetimeArgument) -> Result<Bytes, Error> {
    if lifetime == Lifetime::OutlivesContext.into() {
        return Ok(Bytes::Borrowed(bytes));
    }
    // `Arc` cannot fail to allocate, it can only end the process: ask before.
    if bytes.len() > SMALL_COPY && Vec::<u8>::new().try_reserve_exact(bytes.len()).is_err() {
        let text = format!(
            "could not allocate {} bytes for a copy of the input",
            bytes.len()
        );
        return Err(Error::new(ErrorKind::AllocationFailed, text));
    }
    Ok(Bytes::Shared(bytes.into()))
}

/// Adds an output whose bytes are kept in memory.
///
/// False when the context holds an error, before or by this call: `io_id` is in use.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_add_output_buffer(
    context: *mut ImageflowContext,
    io_id: i32,
) -> bool {
    let place = place!("imageflow_context_add_output_buffer");
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(context, place, false, |context| {
            !context.status().with_error(|error| error.is_some())
                && succeeds(context, place, |engine| engine.add_output_buffer(io_id))
        })
    }
}

/// Gives access to the bytes of an output: none, at a pointer that is not NULL, when nothing was written. They stay valid
/// until the context is destroyed. Works also when the context holds an error.
///
/// False, and an error, when `io_id` is not an output buffer or was taken.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; the other pointers are NULL (an error) or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_get_output_buffer_by_id(
    context: *mut ImageflowContext,
    io_id: i32,
    result_buffer: *mut *const u8,
    result_buffer_length: *mut usize,
) -> bool {
    let place = place!("imageflow_context_get_output_buffer_by_id");
    // SAFETY: the caller's promises. The engine keeps lent bytes where they are as long as it lives.
    unsafe {
        guard::with_context(context, place, false, |context| {
            if let Err(error) = results_are_wanted(result_buffer, result_buffer_length) {
                return fails(context, error.at_place(place));
            }
            succeeds(context, place, |engine| {
                let bytes = engine.get_output(io_id)?;
                let start = if bytes.is_empty() {
                    NOTHING.as_ptr()
                } else {
                    bytes.as_ptr()
                };
                arguments::store(result_buffer, start);
                arguments::store(result_buffer_length, bytes.len());
                Ok(())
            })
        })
    }
}

/// Where empty outputs point to.
static NOTHING: [u8; 1] = [0];

/// Moves the bytes of an output out of the context. The caller frees them with `imageflow_buffer_free`, before or after the
/// context. The pointer is not NULL even when nothing was written. Works also when the context holds an error.
///
/// False, and an error, when `io_id` is not an output buffer, was taken, or was given access to by
/// `imageflow_context_get_output_buffer_by_id`.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; the other pointers are NULL (an error) or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_take_output_buffer(
    context: *mut ImageflowContext,
    io_id: i32,
    result_buffer: *mut *mut u8,
    result_buffer_length: *mut usize,
) -> bool {
    let place = place!("imageflow_context_take_output_buffer");
    // SAFETY: the caller's promises.
    unsafe {
        guard::with_context(context, place, false, |context| {
            if let Err(error) = results_are_wanted(result_buffer, result_buffer_length) {
                return fails(context, error.at_place(place));
            }
            succeeds(context, place, |engine| {
                let bytes = engine.take_output(io_id)?;
                arguments::store(result_buffer_length, bytes.len());
                arguments::store(result_buffer, hand_over(bytes));
                Ok(())
            })
        })
    }
}

fn results_are_wanted<T>(buffer: *mut T, length: *mut usize) -> Result<(), Error> {
    arguments::not_null("result_buffer", buffer)?;
    arguments::not_null("result_buffer_length", length)
}

/// Works on the engine when it is this caller's turn. The engine keeps its own errors.
fn succeeds(
    context: &ImageflowContext,
    place: &'static str,
    body: impl FnOnce(&mut Context) -> Result<(), Error>,
) -> bool {
    match context.engine().work(context.status(), body) {
        Ok(result) => result.is_ok(),
        Err(refused) => fails(context, refused.error(place)),
    }
}

fn fails(context: &ImageflowContext, error: Error) -> bool {
    context.status().fail(error);
    false
}

impl Refused {
    /// The error of a call that did not get its turn.
    pub(crate) fn error(self, place: &'static str) -> Error {
        match self {
            Refused::Cancelled => imageflow_core::Error::new(
                ErrorKind::OperationCancelled,
                "Cancellation was requested",
            ),
            Refused::Panicked => {
                let function = place.rsplit(' ').next().unwrap_or(place);
                let text = format!("Context previously panicked: {function} cannot be called");
                Error::new(ErrorKind::FailedBorrow, text).at_place(place)
            }
        }
    }
}
