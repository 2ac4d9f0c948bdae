//! Where the bytes of a picture are that is looked at before it is worked on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imageflow_codecs::{Bytes, Input, read_special_file};
use imageflow_core::Context;
use imageflow_pixels::{JobControl, Limits};

use super::limits;
use crate::cli::LimitFlags;
use crate::error::ToolError;

/// A file, or the bytes of what can be read but once: a pipe or a device.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    File(PathBuf),
    Memory(Bytes),
}

impl Origin {
    /// Reads a special file whole, within `--timeout` and `--max-input-bytes`, unless `cancel` is set.
    ///
    /// # Errors
    /// When it cannot be read, not in time, or is too long. Errors of ordinary files are found when they are opened.
    pub(crate) fn of(
        path: &Path,
        flags: &LimitFlags,
        cancel: Arc<AtomicBool>,
    ) -> Result<Origin, ToolError> {
        let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        if !is_special {
            return Ok(Origin::File(path.to_owned()));
        }
        let limits = Limits {
            deadline: limits::deadline(flags)?,
            ..Limits::default()
        };
        let limit = flags.max_input_bytes;
        let bytes = read_special_file(path, limit, &JobControl::new(cancel, limits))
            .map_err(|error| ToolError::reading(path.display().to_string(), error))?;
        if bytes.len() as u64 > limit {
            return Err(ToolError::too_long(&path.display(), limit));
        }
        Ok(Origin::Memory(Bytes::Shared(bytes.into())))
    }

    /// Opens it.
    ///
    /// # Errors
    /// The operating system's.
    pub(crate) fn input(&self) -> io::Result<Input> {
        match self {
            Origin::File(path) => Input::open_file(path),
            Origin::Memory(bytes) => Ok(Input::Memory(bytes.clone())),
        }
    }

    /// Makes it an input of a context; a failure is the context's error.
    pub(crate) fn add_to(&self, context: &mut Context, io_id: i32) {
        // The message that follows is answered with the error.
        let _ = match self {
            // Not by its name in the job: JSON is text, names of files need not be.
            Origin::File(path) => context.add_input_file(io_id, path),
            Origin::Memory(bytes) => context.add_input(io_id, bytes.clone()),
        };
    }
}
