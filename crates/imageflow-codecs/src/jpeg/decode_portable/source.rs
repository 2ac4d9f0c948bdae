//! The bytes of an input as zune-jpeg likes to read them: one at a time, with small steps back.
//!
//! The crate reads standard readers too, but steps back by seeking, and a seek drops the buffer of a `BufReader`: a file
//! would be read anew every few bytes. This buffer keeps what was read and moves within it.

use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use zune_jpeg::zune_core::bytestream::{ZByteIoError, ZByteReaderTrait, ZSeekFrom};

use crate::input::Reader;

/// The error that ended the input, if it was one: the crate reports it as the end of data.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

/// A window of an input, and a position in it.
pub(super) struct Source {
    reader: Reader,
    /// Bytes `start..` of the input; the reader stands at their end.
    chunk: Vec<u8>,
    start: u64,
    /// Position in `chunk`.
    at: usize,
    ended: bool,
    failure: Failure,
}

impl Source {
    /// `reader` stands at the first byte.
    pub(super) fn new(reader: Reader, failure: Failure) -> Source {
        Source {
            reader,
            chunk: Vec::new(),
            start: 0,
            at: 0,
            ended: false,
            failure,
        }
    }

    /// The bytes from the position on: at least `count`, if the input has them.
    fn ahead(&mut self, count: usize) -> &[u8] {
        if self.chunk.len().saturating_sub(self.at) < count {
            self.fill(count);
        }
        self.chunk.get(self.at..).unwrap_or_default()
    }

    #[cold]
    fn fill(&mut self, count: usize) {
        let passed = self.at.min(self.chunk.len());
        self.chunk.drain(..passed);
        self.start += passed as u64;
        self.at = 0;
        while self.chunk.len() < count && !self.ended {
            let held = self.chunk.len();
            self.chunk.resize(held + Reader::CHUNK, 0);
            let space = self.chunk.get_mut(held..).unwrap_or_default();
            let got = match self.reader.read(space) {
                Ok(got) => got,
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    self.chunk.truncate(held);
                    continue;
                }
                Err(error) => {
                    self.failure.set(error);
                    0
                }
            };
            self.chunk.truncate(held + got);
            self.ended = got == 0;
        }
    }

    fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    fn move_to(&mut self, target: u64) -> Result<u64, ZByteIoError> {
        let within = target.checked_sub(self.start);
        match within.and_then(|within| usize::try_from(within).ok()) {
            Some(within) if within <= self.chunk.len() => self.at = within,
            _ => {
                self.reader.seek(SeekFrom::Start(target))?;
                self.chunk.clear();
                (self.start, self.at, self.ended) = (target, 0, false);
            }
        }
        Ok(target)
    }
}

impl ZByteReaderTrait for Source {
    #[inline(always)]
    fn read_byte_no_error(&mut self) -> u8 {
        let Some(byte) = self.ahead(1).first().copied() else {
            return 0;
        };
        self.at += 1;
        byte
    }

    fn read_exact_bytes(&mut self, buf: &mut [u8]) -> Result<(), ZByteIoError> {
        self.peek_exact_bytes(buf)?;
        self.at += buf.len();
        Ok(())
    }

    fn read_bytes(&mut self, buf: &mut [u8]) -> Result<usize, ZByteIoError> {
        let got = self.peek_bytes(buf)?;
        self.at += got;
        Ok(got)
    }

    fn peek_bytes(&mut self, buf: &mut [u8]) -> Result<usize, ZByteIoError> {
        let ahead = self.ahead(buf.len());
        let got = ahead.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(ahead) {
            *to = *from;
        }
        Ok(got)
    }

    #[inline(always)]
    fn peek_exact_bytes(&mut self, buf: &mut [u8]) -> Result<(), ZByteIoError> {
        let wanted = buf.len();
        let ahead = self.ahead(wanted);
        match ahead.get(..wanted) {
            Some(bytes) => {
                buf.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(ZByteIoError::NotEnoughBytes(ahead.len(), wanted)),
        }
    }

    fn z_seek(&mut self, from: ZSeekFrom) -> Result<u64, ZByteIoError> {
        let target = match from {
            ZSeekFrom::Start(at) => Some(at),
            ZSeekFrom::Current(by) => self.position().checked_add_signed(by),
            ZSeekFrom::End(by) => self
                .reader
                .seek(SeekFrom::End(0))?
                .checked_add_signed(by)
                .inspect(|target| {
                    // The reader has moved: nothing of the window may be trusted.
                    self.chunk.clear();
                    (self.start, self.at, self.ended) = (target.wrapping_add(1), 0, false);
                }),
        };
        let before_the_first = || Error::new(ErrorKind::InvalidInput, "seek before the first byte");
        self.move_to(target.ok_or_else(before_the_first)?)
    }

    #[inline(always)]
    fn is_eof(&mut self) -> Result<bool, ZByteIoError> {
        Ok(self.ahead(1).is_empty())
    }

    fn z_position(&mut self) -> Result<u64, ZByteIoError> {
        Ok(self.position())
    }

    fn read_remaining(&mut self, sink: &mut Vec<u8>) -> Result<usize, ZByteIoError> {
        let before = sink.len();
        while !self.is_eof()? {
            let ahead = self.ahead(1);
            let got = ahead.len();
            sink.extend_from_slice(ahead);
            self.at += got;
        }
        Ok(sink.len() - before)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;
    use zune_jpeg::zune_core::bytestream::ZCursor;

    use super::*;
    use crate::input::{Bytes, Input};

    fn source(bytes: &[u8]) -> Source {
        let input = Input::Memory(Bytes::Shared(bytes.into()));
        Source::new(input.reader(), Failure::default())
    }

    proptest! {
        #[test]
        fn reads_like_the_crates_own_cursor(
            length in 0usize..200_000,
            steps in proptest::collection::vec((0u8..6, 0usize..70_000), 1..40),
        ) {
            let bytes: Vec<u8> = (0..length).map(|i| (i / 251 + i) as u8).collect();
            let (mut ours, mut theirs) = (source(&bytes), ZCursor::new(&bytes));
            for (step, n) in steps {
                match step {
                    0 => prop_assert_eq!(ours.read_byte_no_error(), theirs.read_byte_no_error()),
                    1 => {
                        let (mut a, mut b) = (vec![0; n], vec![0; n]);
                        let got = ours.read_exact_bytes(&mut a).is_ok();
                        prop_assert_eq!(got, theirs.read_exact_bytes(&mut b).is_ok());
                        prop_assert!(!got || a == b);
                    }
                    2 => {
                        let (mut a, mut b) = ([0; 4], [0; 4]);
                        let got = ours.peek_exact_bytes(&mut a).is_ok();
                        prop_assert_eq!(got, theirs.peek_exact_bytes(&mut b).is_ok());
                        prop_assert!(!got || a == b);
                    }
                    3 if n <= length => {
                        ours.z_seek(ZSeekFrom::Start(n as u64)).unwrap();
                        theirs.z_seek(ZSeekFrom::Start(n as u64)).unwrap();
                    }
                    4 => {
                        let back = -((n as i64).min(ours.position() as i64));
                        ours.z_seek(ZSeekFrom::Current(back)).unwrap();
                        theirs.z_seek(ZSeekFrom::Current(back)).unwrap();
                    }
                    _ => prop_assert_eq!(ours.is_eof().unwrap(), theirs.is_eof().unwrap()),
                }
                prop_assert_eq!(ours.z_position().unwrap(), theirs.z_position().unwrap());
            }
        }
    }

    #[test]
    fn the_rest_of_the_input_and_its_end() {
        let bytes: Vec<u8> = (0..150_000u32).map(|i| i as u8).collect();
        let mut source = source(&bytes);
        source.z_seek(ZSeekFrom::Start(10)).unwrap();
        let mut rest = Vec::new();
        assert_eq!(source.read_remaining(&mut rest).unwrap(), bytes.len() - 10);
        assert_eq!(rest, bytes[10..]);
        assert!(source.is_eof().unwrap());
        assert_eq!(source.read_byte_no_error(), 0);
        let end = source.z_seek(ZSeekFrom::End(-3)).unwrap();
        assert_eq!(end, bytes.len() as u64 - 3);
        assert_eq!(source.read_byte_no_error(), bytes[bytes.len() - 3]);
        assert!(source.z_seek(ZSeekFrom::Current(-1_000_000)).is_err());
    }
}
