//! Checks of pointers, lengths and strings that come from C.

use std::ffi::{CStr, c_char};

use imageflow_core::{Error, ErrorKind};

/// An error of kind `NullArgument`.
pub(crate) fn null(name: &str) -> Error {
    Error::new(
        ErrorKind::NullArgument,
        format!("The argument '{name}' is null."),
    )
}

/// Checks a pointer.
pub(crate) fn not_null<T>(name: &str, pointer: *const T) -> Result<(), Error> {
    if pointer.is_null() {
        Err(null(name))
    } else {
        Ok(())
    }
}

/// Checks a length.
pub(crate) fn length(name: &str, value: usize) -> Result<(), Error> {
    if isize::try_from(value).is_ok() {
        return Ok(());
    }
    let text = format!(
        "The argument '{name}' is {value}: its top bit is set, so it likely came from a negative integer."
    );
    Err(Error::new(ErrorKind::InvalidArgument, text))
}

/// The bytes of a C caller's buffer.
///
/// # Safety
/// The pointer, if not null, leads to `count` bytes that stay valid and unchanged for `'a`.
pub(crate) unsafe fn bytes<'a>(
    name: &str,
    pointer: *const u8,
    count_name: &str,
    count: usize,
) -> Result<&'a [u8], Error> {
    not_null(name, pointer)?;
    length(count_name, count)?;
    // SAFETY: not null, `count` fits isize, valid by the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// A C caller's string.
///
/// # Safety
/// The pointer, if not null, leads to a string that ends with NUL and stays valid for `'a`.
pub(crate) unsafe fn text<'a>(name: &str, pointer: *const c_char) -> Result<&'a str, Error> {
    not_null(name, pointer)?;
    // SAFETY: not null, ends with NUL by the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|error| {
        let text = format!("The argument '{name}' is not valid UTF-8 ({error}).");
        Error::new(ErrorKind::InvalidArgument, text)
    })
}

/// Writes a result, if the caller wants it. The pointer need not be aligned: one published client passes the address of a
/// 32-bit integer for a 64-bit result.
///
/// # Safety
/// The pointer is null or may be written to.
pub(crate) unsafe fn store<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() {
        // SAFETY: not null, writable by the caller's promise.
        unsafe { pointer.write_unaligned(value) };
    }
}
