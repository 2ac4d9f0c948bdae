//! The bytes of a strip or tile as they are in the file.

use std::io::{self, BufRead, Read, Seek};

use super::facts::Span;
use crate::error::CodecError;
use crate::input::Reader;

/// Bytes that are read at once.
const PIECE: usize = 8 * 1024;

/// A buffered reader of one span.
pub(super) struct Source {
    reader: io::Take<Reader>,
    piece: Vec<u8>,
    at: usize,
    bits_reversed: bool,
}

impl Source {
    /// # Errors
    /// When the file cannot be read; a span behind its end is empty.
    pub(super) fn new(
        mut reader: Reader,
        span: Span,
        bits_reversed: bool,
    ) -> Result<Source, CodecError> {
        go(&mut reader, span.at).map_err(CodecError::read)?;
        Ok(Source {
            reader: reader.take(span.bytes),
            piece: Vec::new(),
            at: 0,
            bits_reversed,
        })
    }

    /// Gives the reader back.
    pub(super) fn into_reader(self) -> Reader {
        self.reader.into_inner()
    }

    /// Another reader of the same file.
    pub(super) fn fork(&self) -> Reader {
        self.reader.get_ref().fork()
    }

    /// The next byte; `None` at the end.
    pub(super) fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.fill_buf()?.first().copied();
        self.consume(usize::from(byte.is_some()));
        Ok(byte)
    }
}

/// Seeks, and keeps what is buffered when the target is.
fn go(reader: &mut Reader, to: u64) -> io::Result<()> {
    let here = reader.stream_position()?;
    let by = i64::try_from(to).ok().zip(i64::try_from(here).ok());
    match by.and_then(|(to, here)| to.checked_sub(here)) {
        Some(by) => reader.seek_relative(by),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.piece.len() {
            self.piece.resize(PIECE, 0);
            let got = self.reader.read(&mut self.piece)?;
            self.piece.truncate(got);
            self.at = 0;
            if self.bits_reversed {
                self.piece.iter_mut().for_each(|b| *b = b.reverse_bits());
            }
        }
        Ok(self.piece.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let got = available.len().min(buf.len());
        if let (Some(target), Some(bytes)) = (buf.get_mut(..got), available.get(..got)) {
            target.copy_from_slice(bytes);
        }
        self.consume(got);
        Ok(got)
    }
}
