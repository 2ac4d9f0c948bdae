//! Outputs: bytes in memory, or a file.

use std::io::Write;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imageflow_codecs::Output;

use crate::error::{Error, ErrorKind};
use crate::io::file::FileOutput;

/// Bytes of an output that stay where they are as long as anybody holds them.
pub type OutputBytes = Arc<Vec<u8>>;

/// Where an output goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutputPlace {
    /// Memory, fetched by id.
    Buffer,
    /// Memory, returned as base64 in the response.
    Base64,
    /// A file.
    File(PathBuf),
}

/// A registered output.
#[derive(Debug)]
pub struct OutputEntry {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory {
        base64: bool,
        state: Arc<Mutex<MemoryState>>,
    },
    File(FileOutput),
}

#[derive(Debug, Default)]
struct MemoryState {
    bytes: OutputBytes,
    /// What the running job wrote.
    written: Option<Vec<u8>>,
    is_lent: bool,
    is_taken: bool,
    /// Everything that was ever lent, so that pointers into it stay valid.
    lent: Vec<OutputBytes>,
}

impl MemoryState {
    fn commit(&mut self) {
        if let Some(bytes) = self.written.take() {
            self.bytes = Arc::new(bytes);
            (self.is_lent, self.is_taken) = (false, false);
        }
    }
}

impl OutputEntry {
    pub(super) fn new(place: OutputPlace) -> Result<OutputEntry, Error> {
        let memory = |base64| Place::Memory {
            base64,
            state: Arc::default(),
        };
        let place = match place {
            OutputPlace::Buffer => memory(false),
            OutputPlace::Base64 => memory(true),
            OutputPlace::File(path) => Place::File(FileOutput::new(path)?),
        };
        Ok(OutputEntry { place })
    }

    /// Starts writing. What an earlier job wrote is replaced by [`OutputEntry::commit`].
    ///
    /// # Errors
    /// [`ErrorKind::EncodingIoError`] when no file can be made.
    pub fn begin(&self) -> Result<Output, Error> {
        match &self.place {
            Place::Memory { state, .. } => Ok(Box::new(MemoryWriter {
                bytes: Vec::new(),
                state: state.clone(),
            })),
            Place::File(file) => file.begin(),
        }
    }

    /// The path as it was given, for files.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(file) => Some(file.path()),
            Place::Memory { .. } => None,
        }
    }

    /// Whether the bytes are returned inside the response.
    pub fn is_base64(&self) -> bool {
        matches!(self.place, Place::Memory { base64: true, .. })
    }

    /// The bytes that successful jobs wrote, none when nothing was. They can no longer be taken.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when they were taken, or the output is a file.
    pub fn lend(&self, io_id: i32) -> Result<OutputBytes, Error> {
        let mut state = self.memory(io_id)?;
        if !state.is_lent {
            state.is_lent = true;
            let bytes = state.bytes.clone();
            state.lent.push(bytes);
        }
        Ok(state.bytes.clone())
    }

    /// Moves the bytes out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when they were lent or taken before, or the output is a file.
    pub fn take(&self, io_id: i32) -> Result<Vec<u8>, Error> {
        let mut state = self.memory(io_id)?;
        if state.is_lent {
            let text = format!(
                "Cannot take output buffer for io_id {io_id}: a raw pointer was already lent out"
            );
            return Err(Error::new(ErrorKind::InvalidArgument, text));
        }
        state.is_taken = true;
        let bytes = mem::take(&mut state.bytes);
        Ok(Arc::try_unwrap(bytes).unwrap_or_else(|shared| shared.to_vec()))
    }

    fn memory(&self, io_id: i32) -> Result<MutexGuard<'_, MemoryState>, Error> {
        let invalid = |text: String| Err(Error::new(ErrorKind::InvalidArgument, text));
        let Place::Memory { state, .. } = &self.place else {
            return invalid(format!("io_id {io_id} is not an output buffer, but a file"));
        };
        let state = lock(state);
        if state.is_taken {
            return invalid(format!(
                "Output buffer for io_id {io_id} has already been taken"
            ));
        }
        Ok(state)
    }

    pub(super) fn check_complete(&self) -> Result<(), Error> {
        match &self.place {
            Place::File(file) => file.check_complete(),
            Place::Memory { .. } => Ok(()),
        }
    }

    pub(super) fn commit(&self) -> Result<(), Error> {
        match &self.place {
            Place::File(file) => file.commit(),
            Place::Memory { state, .. } => {
                lock(state).commit();
                Ok(())
            }
        }
    }

    pub(super) fn discard(&self) {
        match &self.place {
            Place::File(file) => file.discard(),
            Place::Memory { state, .. } => lock(state).written = None,
        }
    }

    pub(super) fn into_lent(self) -> Vec<OutputBytes> {
        match self.place {
            Place::Memory { state, .. } => mem::take(&mut lock(&state).lent),
            Place::File(_) => Vec::new(),
        }
    }
}

/// A panic while the lock is held leaves whole values only, so a poisoned lock is as good as any.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct MemoryWriter {
    bytes: Vec<u8>,
    state: Arc<Mutex<MemoryState>>,
}

impl Write for MemoryWriter {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.bytes
            .try_reserve(buffer.len())
            .map_err(|_| std::io::ErrorKind::OutOfMemory)?;
        self.bytes.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for MemoryWriter {
    fn drop(&mut self) {
        lock(&self.state).written = Some(mem::take(&mut self.bytes));
    }
}
