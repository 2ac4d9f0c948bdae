//! Where the JSON response goes: standard output, a file, or nowhere.
//!
//! A response file is opened before the job runs, so that a wrong path costs no work, and appears under its name
//! only when it is complete.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::interrupt::Interrupt;
use super::temporary::Temporary;
use crate::error::ToolError;
use crate::startup;

/// Where the response is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// `--response`.
    pub(crate) file: Option<&'a OsStr>,
    /// On standard output when no file is named and no image goes there.
    pub(crate) on_stdout: bool,
}

/// Receives the response.
#[derive(Debug)]
pub(crate) enum Destination {
    Nowhere,
    Stdout,
    /// A new file beside the final one.
    File(Temporary),
    /// Something that exists and is no regular file (a pipe, a device): written directly.
    Special(File, PathBuf),
}

impl Destination {
    /// Decides from the flags; `stdout_taken` means image bytes go to standard output.
    ///
    /// # Errors
    /// When the response file cannot be created, or standard output would carry two things.
    pub(crate) fn open(wanted: Wanted<'_>, stdout_taken: bool) -> Result<Destination, ToolError> {
        match wanted.file {
            Some(path) if path == "-" && stdout_taken => Err(ToolError::BadArguments(
                "standard output cannot carry both the image and the response; use --response FILE"
                    .to_owned(),
            )),
            Some(path) if path == "-" => Ok(Destination::Stdout),
            Some(path) => Destination::create(Path::new(path))
                .map_err(|source| cannot_write(Path::new(path), source)),
            None if wanted.on_stdout && !stdout_taken => Ok(Destination::Stdout),
            None => Ok(Destination::Nowhere),
        }
    }

    fn create(path: &Path) -> io::Result<Destination> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(there) if !there.is_file() => Ok(Destination::Special(
                File::options().write(true).open(path)?,
                path.to_owned(),
            )),
            _ => Ok(Destination::File(Temporary::beside(path)?)),
        }
    }

    /// Writes the response.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn deliver(self, json: Vec<u8>, interrupt: &Interrupt) -> Result<(), ToolError> {
        match self {
            Destination::Nowhere => Ok(()),
            Destination::Stdout => {
                let what = "cannot write the response to standard output".to_owned();
                write_stdout_until(json, interrupt).map_err(|source| ToolError::Io { what, source })
            }
            Destination::File(temporary) => {
                let path = temporary.target().to_owned();
                temporary
                    .finish(&json)
                    .map_err(|source| cannot_write(&path, source))
            }
            Destination::Special(mut file, path) => file
                .write_all(&json)
                .map_err(|source| cannot_write(&path, source)),
        }
    }
}

fn cannot_write(path: &Path, source: io::Error) -> ToolError {
    ToolError::Io {
        what: format!("cannot write the response file {}", path.display()),
        source,
    }
}

/// Refuses a standard output that the process was never given: the runtime would take what is written, and lose it.
pub(crate) fn check_stdout() -> io::Result<()> {
    if startup::stdout_is_closed() {
        return Err(io::Error::other("it is closed"));
    }
    Ok(())
}

/// Writes all bytes to standard output, unbuffered.
pub(crate) fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    check_stdout()?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// [`write_stdout`], but a signal ends the wait for a reader who does not read.
pub(crate) fn write_stdout_until(bytes: Vec<u8>, interrupt: &Interrupt) -> io::Result<()> {
    const TICK: Duration = Duration::from_millis(20);
    let (sender, receiver) = channel();
    std::thread::Builder::new().spawn(move || sender.send(write_stdout(&bytes)))?;
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(written) => return written,
            Err(RecvTimeoutError::Timeout) if interrupt.exit_code().is_none() => {}
            // The thread that waits ends with the process.
            Err(_) => return Err(io::Error::other("a signal came while nobody read it")),
        }
    }
}
