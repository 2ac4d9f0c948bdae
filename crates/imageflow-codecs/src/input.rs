//! Where compressed bytes come from: memory, or a file that is read as it is needed (never loaded whole).

mod pipe;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use imageflow_pixels::JobControl;

pub use pipe::{read_pipe, read_special_file};

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
        Reader::of(match self {
            Input::Memory(bytes) => Source::Memory(Cursor::new(bytes.clone())),
            Input::File { file, .. } => Source::file(file.clone()),
        })
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
///
/// A [watched](Reader::watched) reader looks whether the job goes on whenever [`Reader::CHUNK`] bytes were read, so that no
/// loop over the parts of a file, however small they are, holds up a job that must end.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    control: Option<JobControl>,
    /// What was read since the job was looked at.
    unwatched: usize,
}

#[derive(Debug)]
enum Source {
    Memory(Cursor<Bytes>),
    File(BufReader<FileAt>),
}

impl Source {
    fn file(file: Arc<File>) -> Source {
        Source::File(BufReader::with_capacity(
            Reader::CHUNK,
            FileAt { file, at: 0 },
        ))
    }
}

impl Reader {
    /// Bytes read from a file at once, and handed out of memory at once.
    pub const CHUNK: usize = 32 * 1024;
    /// What a seek counts as, in bytes read.
    const SEEK: usize = 64;

    fn of(source: Source) -> Reader {
        Reader {
            source,
            control: None,
            unwatched: 0,
        }
    }

    /// The same reader, for a job: reading fails when the job must stop, with a [`ControlError`] inside of the error.
    ///
    /// [`ControlError`]: imageflow_pixels::ControlError
    pub(crate) fn watched(mut self, control: &JobControl) -> Reader {
        self.control = Some(control.clone());
        self
    }

    /// Bytes of the whole input, when the system knows.
    pub(crate) fn total_bytes(&self) -> Option<u64> {
        match &self.source {
            Source::Memory(cursor) => Some(cursor.get_ref().as_ref().len() as u64),
            Source::File(file) => {
                let metadata = file.get_ref().file.metadata().ok()?;
                metadata.is_file().then_some(metadata.len())
            }
        }
    }

    /// Another reader of the same input, at its first byte.
    pub(crate) fn fork(&self) -> Reader {
        let source = match &self.source {
            Source::Memory(cursor) => Source::Memory(Cursor::new(cursor.get_ref().clone())),
            Source::File(file) => Source::file(file.get_ref().file.clone()),
        };
        Reader {
            source,
            control: self.control.clone(),
            unwatched: 0,
        }
    }

    fn watch(&mut self) -> io::Result<()> {
        if self.unwatched >= Reader::CHUNK {
            self.unwatched = 0;
            if let Some(control) = &self.control {
                control.check().map_err(io::Error::other)?;
            }
        }
        Ok(())
    }
}

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.watch()?;
        let most = buf.len().min(Reader::CHUNK);
        let buf = &mut buf[..most];
        let got = match &mut self.source {
            Source::Memory(r) => r.read(buf),
            Source::File(r) => r.read(buf),
        }?;
        self.unwatched += got;
        Ok(got)
    }
}

impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.watch()?;
        match &mut self.source {
            Source::Memory(r) => r.fill_buf().map(|all| &all[..all.len().min(Reader::CHUNK)]),
            Source::File(r) => r.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.unwatched += amount;
        match &mut self.source {
            Source::Memory(r) => r.consume(amount),
            Source::File(r) => r.consume(amount),
        }
    }
}

impl Seek for Reader {
    /// Keeps what is buffered when the target is, unlike a buffered file.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.unwatched += Reader::SEEK;
        self.watch()?;
        match (&mut self.source, to) {
            (Source::Memory(r), to) => r.seek(to),
            (Source::File(r), SeekFrom::Start(target)) => {
                let by = i128::from(target) - i128::from(r.stream_position()?);
                match i64::try_from(by) {
                    Ok(by) => r.seek_relative(by).map(|()| target),
                    Err(_) => r.seek(to),
                }
            }
            (Source::File(r), SeekFrom::Current(by)) => {
                r.seek_relative(by)?;
                r.stream_position()
            }
            (Source::File(r), SeekFrom::End(_)) => r.seek(to),
        }
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        match &mut self.source {
            Source::Memory(r) => r.stream_position(),
            Source::File(r) => r.stream_position(),
        }
    }

    fn seek_relative(&mut self, by: i64) -> io::Result<()> {
        self.unwatched += Reader::SEEK;
        self.watch()?;
        match &mut self.source {
            Source::Memory(r) => r.seek_relative(by),
            Source::File(r) => r.seek_relative(by),
        }
    }
}

/// A position of its own in a shared open file.
#[derive(Debug)]
struct FileAt {
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
