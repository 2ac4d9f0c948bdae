//! Reading a context's error. None of these functions waits for a running job.

use std::ffi::c_char;
use std::fmt::{self, Write};
use std::mem::MaybeUninit;

use imageflow_core::{Category, Error};

use crate::arguments;
use crate::context::ImageflowContext;
use crate::guard::{self, place};

/// Ends a text that did not fit.
const TRUNCATED: &[u8] = b"\n[truncated]\n";

fn category(context: &ImageflowContext) -> Category {
    context
        .status()
        .with_error(|error| error.map_or(Category::Ok, Error::category))
}

/// Tells whether the context holds an error. Such a context refuses all work; read its error and outputs, then destroy it.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_has_error(context: *mut ImageflowContext) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_has_error"),
            true,
            |context| category(context) != Category::Ok,
        )
    }
}

/// True when there is no error, false when there is one: no error of this version can be recovered from.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_error_recoverable(
    context: *mut ImageflowContext,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_error_recoverable"),
            false,
            |context| category(context) == Category::Ok,
        )
    }
}

/// True when there is no error, false when there is one: no error of this version can be cleared.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_error_try_clear(context: *mut ImageflowContext) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_error_try_clear"),
            false,
            |context| category(context) == Category::Ok,
        )
    }
}

/// The number of the error's category; 0 when there is no error.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_error_code(context: *mut ImageflowContext) -> i32 {
    let on_panic = Category::InternalError.code();
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_error_code"),
            on_panic,
            |context| category(context).code(),
        )
    }
}

/// The exit code a command line tool should end with because of the error; 0 when there is no error.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_error_as_exit_code(
    context: *mut ImageflowContext,
) -> i32 {
    let on_panic = Category::InternalError.exit_code();
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_error_as_exit_code"),
            on_panic,
            |context| category(context).exit_code(),
        )
    }
}

/// The HTTP status a server should answer with because of the error; 200 when there is no error.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_error_as_http_code(
    context: *mut ImageflowContext,
) -> i32 {
    let on_panic = Category::InternalError.http_status();
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_error_as_http_code"),
            on_panic,
            |context| category(context).http_status(),
        )
    }
}

/// Prints the error to stderr and exits the process with its exit code. False when there is no error.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_print_and_exit_if_error(
    context: *mut ImageflowContext,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_print_and_exit_if_error"),
            false,
            |context| {
                if let Some(error) = context.status().error() {
                    eprintln!("{error}");
                    std::process::exit(error.category().exit_code());
                }
                false
            },
        )
    }
}

/// Writes the error as UTF-8 text that ends with NUL; an empty text when there is no error. Allocates nothing.
///
/// True when the whole text fits into `buffer_length` bytes with its NUL. Otherwise false, and the buffer holds the
/// beginning of the text and `\n[truncated]\n`, or an empty text when there is not even room for that.
/// `bytes_written`, which may be NULL, gets the number of bytes before the NUL.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; `buffer` is NULL (the result is false then) or has
/// `buffer_length` writable bytes; `bytes_written` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_error_write_to_buffer(
    context: *mut ImageflowContext,
    buffer: *mut c_char,
    buffer_length: usize,
    bytes_written: *mut usize,
) -> bool {
    if buffer.is_null() {
        return false;
    }
    let place = place!("imageflow_context_error_write_to_buffer");
    // SAFETY: the caller's promises.
    unsafe {
        guard::with_context(context, place, false, |context| {
            if let Err(error) = arguments::length("buffer_length", buffer_length) {
                arguments::store(bytes_written, 0);
                context.status().fail(error.at_place(place));
                return false;
            }
            let buffer =
                std::slice::from_raw_parts_mut(buffer.cast::<MaybeUninit<u8>>(), buffer_length);
            let (fits, count) = context
                .status()
                .with_error(|error| write_text(error, buffer));
            arguments::store(bytes_written, count);
            fits
        })
    }
}

/// Writes the text and its NUL. Returns whether all of it fits, and the bytes before the NUL.
fn write_text(text: Option<impl fmt::Display>, buffer: &mut [MaybeUninit<u8>]) -> (bool, usize) {
    let Some(room) = buffer.len().checked_sub(1) else {
        return (false, 0);
    };
    let (body, _) = buffer.split_at_mut(room);
    let mut target = Target {
        buffer: body,
        count: 0,
        overflows: false,
    };
    if let Some(text) = text {
        // The target never fails.
        let _ = write!(target, "{text}");
    }
    if !target.overflows {
        let count = target.count;
        put(buffer, count, &[0]);
        return (true, count);
    }
    let kept = target.cut(room.saturating_sub(TRUNCATED.len()));
    if kept == 0 {
        put(buffer, 0, &[0]);
        return (false, 0);
    }
    put(buffer, kept, TRUNCATED);
    put(buffer, kept + TRUNCATED.len(), &[0]);
    (false, kept + TRUNCATED.len())
}

/// Writes as many bytes as there is room for. Returns how many.
fn put(buffer: &mut [MaybeUninit<u8>], position: usize, bytes: &[u8]) -> usize {
    let room = buffer.iter_mut().skip(position);
    room.zip(bytes)
        .map(|(place, byte)| place.write(*byte))
        .count()
}

/// Takes as much text as there is room for; NUL becomes a space, so that C sees all of it.
struct Target<'a> {
    buffer: &'a mut [MaybeUninit<u8>],
    count: usize,
    overflows: bool,
}

impl Target<'_> {
    /// The largest count up to `limit` at which no character is split.
    fn cut(&self, limit: usize) -> usize {
        let starts_character = |position: &usize| {
            let byte = self
                .buffer
                .get(*position)
                .filter(|_| *position < self.count);
            // SAFETY: the first `count` bytes were written.
            byte.is_some_and(|byte| unsafe { byte.assume_init() } & 0xC0 != 0x80)
        };
        (0..=limit).rev().find(starts_character).unwrap_or(0)
    }
}

impl Write for Target<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            let byte = if byte == 0 { b' ' } else { byte };
            let written = put(self.buffer, self.count, &[byte]);
            self.overflows |= written == 0;
            self.count += written;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What C sees in a buffer of this length: result, count, bytes up to the NUL.
    fn written(text: Option<&str>, length: usize) -> (bool, usize, Option<String>) {
        let mut buffer = vec![MaybeUninit::new(0xEEu8); length + 1];
        let (fits, count) = write_text(text, &mut buffer[..length]);
        // SAFETY: all bytes are initialised above.
        let bytes: Vec<u8> = buffer
            .iter()
            .map(|byte| unsafe { byte.assume_init() })
            .collect();
        assert_eq!(
            bytes.last(),
            Some(&0xEE),
            "the byte behind the buffer was written"
        );
        let end = bytes.iter().position(|byte| *byte == 0);
        (
            fits,
            count,
            end.map(|end| String::from_utf8(bytes[..end].to_vec()).unwrap()),
        )
    }

    const TEXT: &str = "an error text that is longer than the mark of a cut";

    #[test]
    fn text_that_fits_is_written_whole() {
        assert_eq!(
            written(Some(TEXT), TEXT.len() + 1),
            (true, TEXT.len(), Some(TEXT.to_owned()))
        );
        assert_eq!(
            written(Some(TEXT), 100),
            (true, TEXT.len(), Some(TEXT.to_owned()))
        );
        assert_eq!(
            written(Some("a\0b"), 100),
            (true, 3, Some("a b".to_owned()))
        );
        assert_eq!(written(None, 1), (true, 0, Some(String::new())));
    }

    #[test]
    fn text_that_does_not_fit_is_cut_and_marked() {
        let length = TEXT.len();
        let expected = format!("{}\n[truncated]\n", &TEXT[..length - 14]);
        assert_eq!(
            written(Some(TEXT), length),
            (false, length - 1, Some(expected))
        );
        assert_eq!(
            written(Some(TEXT), 15),
            (false, 14, Some("a\n[truncated]\n".to_owned()))
        );
    }

    #[test]
    fn without_room_for_the_mark_the_text_is_empty() {
        for length in 1..=14 {
            assert_eq!(written(Some(TEXT), length), (false, 0, Some(String::new())));
        }
        assert_eq!(written(Some(TEXT), 0), (false, 0, None));
        assert_eq!(written(None, 0), (false, 0, None));
    }

    #[test]
    fn no_character_is_split() {
        let text = "€".repeat(20);
        for length in 15..text.len() {
            let (fits, count, shown) = written(Some(&text), length);
            let shown = shown.unwrap();
            assert!(!fits && shown.len() == count && count < length);
            assert!(
                length < 17 || shown.ends_with("€\n[truncated]\n"),
                "{length}: {shown:?}"
            );
        }
    }
}
