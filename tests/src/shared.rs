//! The folder of shared vectors and sample files: `IMAGEFLOW_SHARED`, or `shared` beside the checkout.

use std::path::{Path, PathBuf};

/// The folder, if it is there.
pub fn folder() -> Option<PathBuf> {
    let path = candidate();
    path.is_dir().then_some(path)
}

/// A file or folder in it, if it is there.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = candidate().join(name);
    path.exists().then_some(path)
}

/// Where the folder is looked for.
pub fn candidate() -> PathBuf {
    match std::env::var_os("IMAGEFLOW_SHARED") {
        Some(path) => PathBuf::from(path),
        None => checkout().parent().unwrap_or(Path::new("/")).join("shared"),
    }
}

/// The root of the checkout these tests were built from.
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// Where failures leave pictures to look at.
pub fn test_output() -> PathBuf {
    crate::tool::target_folder().join("test-output")
}
