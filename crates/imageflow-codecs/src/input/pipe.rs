//! Reading what may stay silent for ever (pipes, terminals, devices) so that a job can be ended meanwhile.
//!
//! A read that waits cannot be called off, so it is a thread's own business: bytes come over a channel, and between two
//! looks at it the job is polled. A thread that is left behind ends with its next byte, at the end of the pipe, or with the
//! process.

use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use imageflow_pixels::{ControlError, JobControl};

use crate::error::CodecError;

/// How long a cancelled job may wait for a silent pipe.
const TICK: Duration = Duration::from_millis(10);
/// Bytes that are read at once: what a pipe holds on Linux.
const CHUNK: usize = 64 * 1024;

/// Reads to the end, but no more than `limit` bytes and one, which tells that there are more.
///
/// `open` is called apart too: opening a pipe waits for the program at its other end.
///
/// # Errors
/// [`CodecError::Read`], and [`CodecError::Control`] when the job must stop or there is no memory.
pub fn read_pipe<R: Read>(
    open: impl FnOnce() -> io::Result<R> + Send + 'static,
    limit: u64,
    control: &JobControl,
) -> Result<Vec<u8>, CodecError> {
    let (sender, receiver) = sync_channel(4);
    let read = move || {
        let mut left = limit.saturating_add(1);
        let mut reader = match open() {
            Ok(reader) => reader,
            Err(error) => return drop(sender.send(Err(error))),
        };
        while left > 0 {
            let mut chunk = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
            let answer = match reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => {
                    left = left.saturating_sub(count as u64);
                    chunk.truncate(count);
                    Ok(chunk)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let is_last = answer.is_err();
            // Nobody listens any more: the job was ended.
            if sender.send(answer).is_err() || is_last {
                break;
            }
        }
    };
    std::thread::Builder::new()
        .name("imageflow-pipe".to_owned())
        .spawn(read)
        .map_err(CodecError::Read)?;
    let mut bytes = Vec::new();
    loop {
        control.check()?;
        match receiver.recv_timeout(TICK) {
            Ok(chunk) => append(&mut bytes, &chunk.map_err(CodecError::Read)?)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(bytes),
        }
    }
}

fn append(bytes: &mut Vec<u8>, chunk: &[u8]) -> Result<(), CodecError> {
    bytes
        .try_reserve(chunk.len())
        .map_err(|_| ControlError::AllocationFailed {
            bytes: bytes.len().saturating_add(chunk.len()) as u64,
        })?;
    bytes.extend_from_slice(chunk);
    Ok(())
}

/// Reads a file that is none on a disk, such as a named pipe, like [`read_pipe`].
///
/// # Errors
/// As for [`read_pipe`].
pub fn read_special_file(
    path: &Path,
    limit: u64,
    control: &JobControl,
) -> Result<Vec<u8>, CodecError> {
    let owned = path.to_owned();
    let read = read_pipe(move || std::fs::File::open(owned), limit, control);
    if matches!(read, Err(CodecError::Control(_))) {
        release(path);
    }
    read
}

/// Ends the thread that waits for the other end of a named pipe, by being it.
#[cfg(unix)]
fn release(path: &Path) {
    use std::os::unix::fs::FileTypeExt;
    let is_pipe = std::fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo());
    if is_pipe {
        // For reading and writing, which waits for nobody. Where that is not allowed, the thread waits on.
        drop(std::fs::File::options().read(true).write(true).open(path));
    }
}

#[cfg(not(unix))]
fn release(_path: &Path) {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_pixels::Limits;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    /// Never says anything.
    struct Silence;

    impl Read for Silence {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            std::thread::sleep(Duration::from_secs(600));
            Ok(0)
        }
    }

    #[test]
    fn all_bytes_come_and_one_more_than_the_limit() {
        let control = JobControl::default();
        let text: Vec<u8> = (0..200_000u32).map(|i| i as u8).collect();
        let read = |limit| {
            let text = text.clone();
            read_pipe(move || Ok(io::Cursor::new(text)), limit, &control).unwrap()
        };
        assert_eq!(read(u64::MAX), text);
        assert_eq!(read(200_000), text);
        assert_eq!(read(70_000), text[..70_001]);
        assert_eq!(read(0), text[..1]);
    }

    #[test]
    fn failures_are_those_of_the_reader() {
        let control = JobControl::default();
        let refused = || Err::<io::Empty, _>(io::Error::from(io::ErrorKind::PermissionDenied));
        let error = read_pipe(refused, 9, &control).unwrap_err();
        assert!(
            matches!(error, CodecError::Read(e) if e.kind() == io::ErrorKind::PermissionDenied)
        );
    }

    #[test]
    fn silence_ends_with_the_deadline_or_when_cancelled() {
        let start = Instant::now();
        let limits = Limits {
            deadline: Some(start + Duration::from_millis(60)),
            ..Limits::default()
        };
        let late = read_pipe(|| Ok(Silence), 9, &JobControl::new(Arc::default(), limits));
        assert!(matches!(
            late,
            Err(CodecError::Control(ControlError::DeadlineExceeded))
        ));
        let cancel = Arc::new(AtomicBool::new(false));
        let control = JobControl::new(cancel.clone(), Limits::default());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(30));
                cancel.store(true, Ordering::Relaxed);
            });
            let ended = read_pipe(|| Ok(Silence), 9, &control);
            assert!(matches!(
                ended,
                Err(CodecError::Control(ControlError::Cancelled))
            ));
        });
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
