//! The part of a context that any thread may use at any time: the cancel flag and the first error.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imageflow_pixels::ControlError;

use crate::error::Error;

/// Shared handle to a context's cancel flag and first error; clones refer to the same context.
///
/// Nothing here waits for a running job.
#[derive(Clone, Debug, Default)]
pub struct Status(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    cancel: Arc<AtomicBool>,
    error: Mutex<Option<Error>>,
}

impl Status {
    /// The flag itself. Storing `true` is safe in a signal handler; the error follows when somebody looks.
    pub fn cancel_flag(&self) -> Arc<AtomicBool> {
        self.0.cancel.clone()
    }

    /// Cancels the context for good: a running job ends soon, and the context is in error at once unless it was before.
    pub fn request_cancellation(&self) {
        self.0.cancel.store(true, Ordering::Relaxed);
        self.with_error(|_| ());
    }

    /// Whether cancellation was requested.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancel.load(Ordering::Relaxed)
    }

    /// A copy of the error.
    pub fn error(&self) -> Option<Error> {
        self.with_error(|error| error.cloned())
    }

    /// Looks at the error without copying it. `look` must not use this handle.
    pub fn with_error<T>(&self, look: impl FnOnce(Option<&Error>) -> T) -> T {
        look(self.current().as_ref())
    }

    /// Keeps the error if it is the first one. Returns the one that is kept.
    pub fn fail(&self, error: Error) -> Error {
        self.current().get_or_insert(error).clone()
    }

    /// Keeps the error whatever there was before: for panics.
    pub fn fail_for_good(&self, error: Error) {
        *self.current() = Some(error);
    }

    fn current(&self) -> MutexGuard<'_, Option<Error>> {
        let mut error = self.0.error.lock().unwrap_or_else(PoisonError::into_inner);
        if error.is_none() && self.is_cancelled() {
            *error = Some(ControlError::Cancelled.into());
        }
        error
    }
}
