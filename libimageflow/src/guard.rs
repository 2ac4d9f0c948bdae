//! What every exported function goes through: the handle is checked, and no panic leaves the library.
//!
//! A panic becomes the context's error (category 18) and the function returns its failure value. Nothing is printed: a
//! library has no business on its host's standard error.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use imageflow_core::{Error, ErrorKind};

use crate::context::ImageflowContext;

/// Names an exported function the way errors show it: `imageflow_abi: imageflow_context_send_json`.
macro_rules! place {
    ($function:literal) => {
        concat!("imageflow_abi: ", $function)
    };
}
pub(crate) use place;

/// Runs the body of a function that has no context.
pub(crate) fn without_context<T>(on_panic: T, body: impl FnOnce() -> T) -> T {
    catch(body).unwrap_or(on_panic)
}

/// Runs the body of a function of a context. `place` comes from [`place!`].
///
/// Ends the process when the handle is null, freed or foreign: there is no context that could hold an error.
///
/// # Safety
/// `context` is null or came from `imageflow_context_create`. (A destroyed handle is recognised only by luck.)
pub(crate) unsafe fn with_context<T>(
    context: *const ImageflowContext,
    place: &'static str,
    on_panic: T,
    body: impl FnOnce(&ImageflowContext) -> T,
) -> T {
    if context.is_null() {
        terminate("Null", place);
    }
    // SAFETY: not null, and the caller vouches for the rest. The context is never referred to mutably before it is
    // destroyed, which no other call may overlap.
    let context = unsafe { &*context };
    if !context.is_alive() {
        terminate("Invalid", place);
    }
    catch(|| body(context)).unwrap_or_else(|cause| {
        context
            .status()
            .fail_for_good(panic_error(&cause).at_place(place));
        on_panic
    })
}

/// The error a panic becomes.
pub(crate) fn panic_error(cause: &str) -> Error {
    Error::new(ErrorKind::InternalError, format!("panic: {cause}"))
}

fn terminate(what: &str, place: &str) -> ! {
    let function = place.rsplit(' ').next().unwrap_or(place);
    let backtrace = Backtrace::force_capture();
    eprintln!("{what} context pointer provided to {function}. Terminating process.\n{backtrace}");
    std::process::abort();
}

thread_local! {
    /// Whether a panic of this thread will be caught by [`catch`].
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic of this thread was.
    static PANIC_PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `body`; a panic becomes its message and place.
pub(crate) fn catch<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IS_GUARDED.try_with(Cell::get).unwrap_or(false) {
                remember(info)
            } else {
                previous(info)
            }
        }));
    });
    let was_guarded = IS_GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    IS_GUARDED.set(was_guarded);
    result.map_err(|payload| describe(payload.as_ref()))
}

/// Keeps the file name and line, not the path: messages tell nothing about the machine the library was built on.
fn remember(info: &PanicHookInfo<'_>) {
    let Some(location) = info.location() else {
        return;
    };
    let file = location
        .file()
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    let text = format!("{file}:{}", location.line());
    let _ = PANIC_PLACE.try_with(|place| place.replace(Some(text)));
}

fn describe(payload: &(dyn Any + Send)) -> String {
    let message = payload.downcast_ref::<&str>().copied();
    let message = message
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown cause");
    match PANIC_PLACE.try_with(RefCell::take).ok().flatten() {
        Some(place) => format!("{message} ({place})"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_core::Category;

    #[test]
    fn a_panic_becomes_the_error_of_the_context() {
        let context = ImageflowContext::new();
        context
            .status()
            .fail(Error::new(ErrorKind::GraphCyclic, ""));
        let place = place!("imageflow_test");
        // SAFETY: a live context.
        let result =
            unsafe { with_context(&raw const context, place, 7, |_| panic!("for test {}", 1)) };
        let error = context.status().error().unwrap();
        assert_eq!((result, error.category()), (7, Category::InternalError));
        let text = error.to_string();
        assert!(
            text.starts_with("InternalError: InternalError: panic: for test 1 (guard.rs:"),
            "{text}"
        );
        assert!(text.contains("\nimageflow_abi: imageflow_test\n"), "{text}");
    }

    #[test]
    fn the_value_passes_through_when_nothing_panics() {
        assert_eq!(without_context(0, || 5), 5);
        assert_eq!(without_context(3, || -> i32 { panic!("quiet") }), 3);
    }
}
