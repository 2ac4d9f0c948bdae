//! Files that appear under their name only when they are complete.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Between the name of a file and what makes its temporary name unique: the process, and a number.
const MARK: &str = ".tmp-";

static SERIAL: AtomicU32 = AtomicU32::new(0);

/// Writes a file, and the folders it is in where they are missing.
///
/// # Errors
/// When that fails; a file that had the name before is as it was.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all)?;
    Temporary::beside(path)?.finish(bytes)
}

/// Whether a name is one that a process of this id gave to a file it did not finish.
pub(crate) fn is_left_by(name: &OsStr, process: u32) -> bool {
    // What is no text in the name stands before the mark.
    name.to_string_lossy()
        .rsplit_once(MARK)
        .and_then(|(_, id)| id.split_once('-'))
        .is_some_and(|(id, _)| id == format!("{process:x}"))
}

/// A file under a temporary name, removed unless it was finished.
#[derive(Debug)]
pub(crate) struct Temporary {
    file: Option<File>,
    name: PathBuf,
    target: PathBuf,
}

impl Temporary {
    /// Makes an empty file in the folder of `target`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn beside(target: &Path) -> io::Result<Temporary> {
        let stem = target.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        loop {
            let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
            let mut name = stem.to_owned();
            name.push(format!("{MARK}{:x}-{serial:x}", std::process::id()));
            let name = target.with_file_name(name);
            match File::create_new(&name) {
                Ok(file) => {
                    return Ok(Temporary {
                        file: Some(file),
                        name,
                        target: target.to_owned(),
                    });
                }
                // Left by an earlier process of this id, or put there by somebody else: never written through.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// The name the file will have.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes the bytes and gives the file its name.
    ///
    /// # Errors
    /// When that fails; the file that had the name before is as it was.
    pub(crate) fn finish(mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(mut file) = self.file.take() {
            file.write_all(bytes)?;
        }
        fs::rename(&self.name, &self.target)
    }
}

impl Drop for Temporary {
    /// After a successful rename there is nothing left to remove.
    fn drop(&mut self) {
        drop(self.file.take());
        let _ = fs::remove_file(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_told_from_other_files() {
        let left = |name: &str| is_left_by(OsStr::new(name), 0x1f);
        assert!(left("a.jpg.tmp-1f-0") && left("a.tmp-1f-b"));
        assert!(!left("a.jpg") && !left("a.jpg.tmp-1e-0") && !left("a.jpg.tmp-1f"));
    }
}
