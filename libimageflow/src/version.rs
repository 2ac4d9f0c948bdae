//! Which ABI this is.

use crate::guard;

/// Major ABI version: changes when something existing changes.
pub const IMAGEFLOW_ABI_VER_MAJOR: u32 = 3;

/// Minor ABI version: changes when a function is added.
pub const IMAGEFLOW_ABI_VER_MINOR: u32 = 2;

pub(crate) fn is_compatible(major: u32, minor: u32) -> bool {
    major == IMAGEFLOW_ABI_VER_MAJOR && minor <= IMAGEFLOW_ABI_VER_MINOR
}

/// Tells whether a client written against ABI `major`.`minor` can use this library. True when the major versions are equal
/// and this library's minor version is not lower.
#[unsafe(no_mangle)]
pub extern "C" fn imageflow_abi_compatible(major: u32, minor: u32) -> bool {
    guard::without_context(false, || is_compatible(major, minor))
}

/// The major ABI version of this library.
#[unsafe(no_mangle)]
pub extern "C" fn imageflow_abi_version_major() -> u32 {
    IMAGEFLOW_ABI_VER_MAJOR
}

/// The minor ABI version of this library.
#[unsafe(no_mangle)]
pub extern "C" fn imageflow_abi_version_minor() -> u32 {
    IMAGEFLOW_ABI_VER_MINOR
}
