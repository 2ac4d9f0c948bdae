//! Where compressed bytes come from: memory, or a file that is read as it is needed (never loaded whole).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// Bytes in memory: shared, or borrowed from a caller who keeps them alive for the program's purposes.
#[derive(Clone)]
pub enum Bytes {
    /// Owned by the job.
    Shared(Arc<[u8]>),
    /// Owned by the caller of the C ABI, who promised to keep them until the context is destroyed.
    Borrowed(&'static [u8]),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Bytes::Shared(bytes) => bytes,
            Bytes::Borrowed(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.as_ref().len())
    }
}

/// An input that can be opened any number of times.
#[derive(Clone, Debug)]
pub enum Input {
    /// Bytes in memory.
    Memory(Bytes),
    /// An open file; every reader keeps its own position, so that readers do not disturb each other.
    File {
        /// The path as given, for messages.
        path: Arc<Path>,
        /// The open file: what was opened stays readable even if the path is replaced meanwhile.
        file: Arc<File>,
    },
}

impl Input {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// The operating system's.
    pub fn open_file(path: &Path) -> io::Result<Input> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        Ok(Input::File {
            path: path.into(),
            file: Arc::new(file),
        })
    }

    /// A reader at the first byte.
    pub fn reader(&self) -> Reader {
        match self {
            Input::Memory(bytes) => Reader::Memory(Cursor::new(bytes.clone())),
            Input::File { file, .. } => Reader::File(BufReader::with_capacity(
                Reader::CHUNK,
                FileAt {
                    file: file.clone(),
                    at: 0,
                },
            )),
        }
    }

    /// Total bytes, when the system knows.
    pub fn len(&self) -> Option<u64> {
        match self {
            Input::Memory(bytes) => Some(bytes.as_ref().len() as u64),
            Input::File { file, .. } => file.metadata().ok().map(|m| m.len()),
        }
    }

    /// Whether there is no byte at all.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

/// Reads an [`Input`] from its start; buffered and seekable.
#[derive(Debug)]
pub enum Reader {
    /// Over memory.
    Memory(Cursor<Bytes>),
    /// Over a file.
    File(BufReader<FileAt>),
}

impl Reader {
    /// Bytes read from a file at once.
    pub const CHUNK: usize = 64 * 1024;

    /// Another reader of the same input, at its first byte.
    #[cfg(feature = "tiff")]
    pub(crate) fn fork(&self) -> Reader {
        match self {
            Reader::Memory(cursor) => Reader::Memory(Cursor::new(cursor.get_ref().clone())),
            Reader::File(file) => Reader::File(BufReader::with_capacity(
                Reader::CHUNK,
                FileAt {
                    file: file.get_ref().file.clone(),
                    at: 0,
                },
            )),
        }
    }
}

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Reader::Memory(r) => r.read(buf),
            Reader::File(r) => r.read(buf),
        }
    }
}

impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Reader::Memory(r) => r.fill_buf(),
            Reader::File(r) => r.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Reader::Memory(r) => r.consume(amount),
            Reader::File(r) => r.consume(amount),
        }
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Reader::Memory(r) => r.seek(to),
            Reader::File(r) => r.seek(to),
        }
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        match self {
            Reader::Memory(r) => r.stream_position(),
            Reader::File(r) => r.stream_position(),
        }
    }

    /// Keeps what is buffered when the target is, unlike [`Seek::seek`].
    fn seek_relative(&mut self, by: i64) -> io::Result<()> {
        match self {
            Reader::Memory(r) => r.seek_relative(by),
            Reader::File(r) => r.seek_relative(by),
        }
    }
}

/// A position of its own in a shared open file.
#[derive(Debug)]
pub struct FileAt {
    file: Arc<File>,
    at: u64,
}

impl Read for FileAt {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let n = std::os::unix::fs::FileExt::read_at(&*self.file, buf, self.at)?;
        #[cfg(windows)]
        let n = std::os::windows::fs::FileExt::seek_read(&*self.file, buf, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for FileAt {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "seek before the first byte")
        })?;
        Ok(self.at)
    }
}
