//! Files that appear complete or not at all.
//!
//! A regular file is written under a temporary name in the target's folder and renamed by [`FileOutput::commit`]; that also
//! makes it safe to write to the path an input is read from. Pipes and devices are written directly.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use imageflow_codecs::Output;

use crate::error::{Error, ErrorKind};
use crate::io::output::lock;

/// Bytes gathered before the system is asked to write.
const BUFFER: usize = 64 * 1024;

/// An output that is a file.
#[derive(Debug)]
pub(super) struct FileOutput {
    /// As given.
    path: PathBuf,
    target: Target,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
enum Target {
    /// Renamed over this path, which is not a link.
    Replaced(PathBuf),
    /// Written in place.
    Direct,
}

#[derive(Debug, Default)]
struct State {
    /// Made when the output was registered, to find out early that the folder cannot be written.
    spare: Option<Temporary>,
    /// Completely written, not yet renamed.
    written: Option<Temporary>,
    failure: Option<io::Error>,
}

impl FileOutput {
    pub(super) fn new(path: PathBuf) -> Result<FileOutput, Error> {
        let target = resolve(&path).map_err(|error| failed(&path, &error))?;
        let spare = match &target {
            Target::Replaced(target) => {
                Some(Temporary::beside(target).map_err(|error| failed(&path, &error))?)
            }
            Target::Direct => None,
        };
        let state = Arc::new(Mutex::new(State {
            spare,
            ..State::default()
        }));
        Ok(FileOutput {
            path,
            target,
            state,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn begin(&self) -> Result<Output, Error> {
        let writer = self.open().map_err(|error| failed(&self.path, &error))?;
        Ok(Box::new(writer))
    }

    fn open(&self) -> io::Result<FileWriter> {
        let spare = {
            let mut state = lock(&self.state);
            state.failure = None;
            state.written = None;
            state.spare.take()
        };
        let (file, temporary) = match &self.target {
            Target::Direct => (OpenOptions::new().write(true).open(&self.path)?, None),
            Target::Replaced(target) => {
                let temporary = spare.map_or_else(|| Temporary::beside(target), Ok)?;
                (temporary.file.try_clone()?, Some(temporary))
            }
        };
        Ok(FileWriter {
            file: BufWriter::with_capacity(BUFFER, file),
            temporary,
            state: self.state.clone(),
        })
    }

    /// An error when a writer could not bring its last bytes to the file.
    pub(super) fn check_complete(&self) -> Result<(), Error> {
        lock(&self.state)
            .failure
            .as_ref()
            .map_or(Ok(()), |error| Err(failed(&self.path, error)))
    }

    pub(super) fn commit(&self) -> Result<(), Error> {
        let written = lock(&self.state).written.take();
        match (written, &self.target) {
            (Some(temporary), Target::Replaced(target)) => temporary
                .rename(target)
                .map_err(|error| failed(&self.path, &error)),
            _ => Ok(()),
        }
    }

    pub(super) fn discard(&self) {
        *lock(&self.state) = State::default();
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::EncodingIoError,
        format!("cannot write output file '{}': {error}", path.display()),
    )
}

/// Follows links, so that the file is replaced and not the link; finds out what cannot be replaced.
fn resolve(path: &Path) -> io::Result<Target> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if found.is_file() && !is_alias_of_open_file(path) => {
            if found.permissions().readonly() {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            Ok(Target::Replaced(fs::canonicalize(path)?))
        }
        Ok(_) => Ok(Target::Direct),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Target::Replaced(path.to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// `/dev/stdout` may lead to a regular file that the caller appends to: replacing it would lose what is there.
fn is_alias_of_open_file(path: &Path) -> bool {
    cfg!(unix) && (path.starts_with("/dev") || path.starts_with("/proc"))
}

/// A file under a temporary name; removed when dropped without [`Temporary::rename`].
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Temporary {
    fn beside(target: &Path) -> io::Result<Temporary> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        if target.file_name().is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        loop {
            // Short, so that a target with the longest possible name has room for it too.
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let path =
                target.with_file_name(format!(".imageflow-{}-{count}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    return Ok(Temporary {
                        path,
                        file,
                        renamed: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        if let Ok(replaced) = fs::metadata(target) {
            self.file.set_permissions(replaced.permissions())?;
        }
        fs::rename(&self.path, target)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing can be done about a file that does not go away.
            drop(fs::remove_file(&self.path));
        }
    }
}

struct FileWriter {
    file: BufWriter<File>,
    temporary: Option<Temporary>,
    state: Arc<Mutex<State>>,
}

impl Write for FileWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        let flushed = self.file.flush();
        let mut state = lock(&self.state);
        match flushed {
            Ok(()) => state.written = self.temporary.take(),
            Err(error) => state.failure = Some(error),
        }
    }
}
