//! The opaque handle: creating, ending and cancelling contexts.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use imageflow_core::{Context, Status};

use crate::exclusive::Exclusive;
use crate::guard::{self, place};
use crate::memory::Allocations;
use crate::version::is_compatible;

/// Marks memory that holds a context.
const ALIVE: u32 = 0x1F_AB_13_02;

/// A context: inputs, outputs, limits and the first error.
#[derive(Debug)]
pub struct ImageflowContext {
    tag: AtomicU32,
    status: Status,
    engine: Exclusive,
    allocations: Mutex<Allocations>,
}

impl ImageflowContext {
    pub(crate) fn new() -> ImageflowContext {
        let engine = Context::new();
        ImageflowContext {
            tag: AtomicU32::new(ALIVE),
            status: engine.status().clone(),
            engine: Exclusive::new(engine),
            allocations: Mutex::default(),
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.tag.load(Ordering::Relaxed) == ALIVE
    }

    /// Cancel flag and first error; never waits for a job.
    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// The engine's context; callers take turns.
    pub(crate) fn engine(&self) -> &Exclusive {
        &self.engine
    }

    /// Memory the client may free early.
    pub(crate) fn allocations(&self) -> &Mutex<Allocations> {
        &self.allocations
    }
}

impl Drop for ImageflowContext {
    fn drop(&mut self) {
        self.tag.store(0, Ordering::Relaxed);
    }
}

/// Makes a context. `major` and `minor` are the ABI version the caller was written against
/// (IMAGEFLOW_ABI_VER_MAJOR, IMAGEFLOW_ABI_VER_MINOR).
///
/// Returns NULL when that version is not compatible with this library, or when there is no memory. The caller destroys the
/// context exactly once.
#[unsafe(no_mangle)]
pub extern "C" fn imageflow_context_create(major: u32, minor: u32) -> *mut ImageflowContext {
    guard::without_context(std::ptr::null_mut(), || {
        if is_compatible(major, minor) {
            Box::into_raw(Box::new(ImageflowContext::new()))
        } else {
            std::ptr::null_mut()
        }
    })
}

/// Drops inputs, outputs and codecs early. The error stays readable, and pointers to output buffers stay valid until the
/// context is destroyed. Waits for a running job. Always true.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_begin_terminate(context: *mut ImageflowContext) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_begin_terminate"),
            true,
            |context| {
                // A context that panicked keeps what it has until it is destroyed.
                let _ = context.engine().work_patiently(Context::terminate);
                true
            },
        )
    }
}

/// Frees the context and everything it owns: responses, output buffers that were not taken, allocated memory. NULL does
/// nothing. No other call on this context may be running or start.
///
/// # Safety
/// `context` is NULL or came from `imageflow_context_create` and was not destroyed; no other thread uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_destroy(context: *mut ImageflowContext) {
    if context.is_null() {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_destroy"),
            (),
            |context| {
                let _ = context.engine().work_patiently(|_| ());
            },
        );
    }
    guard::without_context((), || {
        // SAFETY: made by `Box::into_raw` in `imageflow_context_create`; nobody else uses it, by the caller's promise.
        drop(unsafe { Box::from_raw(context) });
    });
}

/// Asks a running job to stop, and refuses later ones. Returns at once; callable from any thread. The context is in error
/// (code 21, HTTP status 499) from now on, unless it had an error before, and cannot be used again.
///
/// A codec that cannot be interrupted is left behind: it ends on a thread of its own, with memory of its own, and the job
/// does not wait for it.
///
/// # Safety
/// `context` came from `imageflow_context_create` and is not destroyed before this returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_request_cancellation(context: *mut ImageflowContext) {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_request_cancellation"),
            (),
            |context| {
                context.status().request_cancellation();
                context.engine().wake();
            },
        );
    }
}
