//! The chunks of a RIFF file, read where they lie: nothing is loaded but what is asked for (RFC 9649 §2.3).

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use super::malformed;
use crate::error::CodecError;
use crate::input::Reader;

/// Bytes before the first chunk: `RIFF`, the size, `WEBP`.
pub(super) const FIRST_CHUNK: u64 = 12;
/// Bytes before the data of a chunk: its name and its size.
pub(super) const CHUNK_HEADER: u64 = 8;

/// A part of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) at: u64,
    pub(super) len: u64,
}

impl Span {
    pub(super) fn end(&self) -> u64 {
        self.at.saturating_add(self.len)
    }
}

/// One chunk; everything in it lies within the file, whatever its header claims.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chunk {
    pub(super) name: [u8; 4],
    pub(super) data: Span,
    /// From the name to the padding.
    pub(super) whole: Span,
}

/// A RIFF file of form `WEBP`.
pub(super) struct Riff {
    reader: Reader,
    at: u64,
    end: u64,
}

impl Riff {
    /// Checks the first twelve bytes. What lies behind the size they tell does not belong to the picture.
    pub(super) fn open(mut reader: Reader) -> Result<Riff, CodecError> {
        let end = reader.seek(SeekFrom::End(0)).map_err(CodecError::read)?;
        reader.seek(SeekFrom::Start(0)).map_err(CodecError::read)?;
        let mut riff = Riff { reader, at: 0, end };
        let [r, i, f, g, a, b, c, d, form @ ..] =
            riff.head::<12>(Span { at: 0, len: end }, "the file header")?;
        if [r, i, f, g] != *b"RIFF" || form != *b"WEBP" {
            return Err(malformed("not a RIFF file of form WEBP"));
        }
        let size = u64::from(u32::from_le_bytes([a, b, c, d]));
        riff.end = end.min(CHUNK_HEADER + size + size % 2);
        Ok(riff)
    }

    /// Everything behind the file header.
    pub(super) fn body(&self) -> Span {
        Span {
            at: FIRST_CHUNK,
            len: self.end.saturating_sub(FIRST_CHUNK),
        }
    }

    /// The first chunk of a span, if it still has room for one.
    pub(super) fn chunk(&mut self, within: Span) -> Result<Option<Chunk>, CodecError> {
        if within.len < CHUNK_HEADER {
            return Ok(None);
        }
        let [n, a, m, e, size @ ..] = self.head::<8>(within, "a chunk header")?;
        let size = u64::from(u32::from_le_bytes(size));
        let data = Span {
            at: within.at + CHUNK_HEADER,
            len: size.min(within.len - CHUNK_HEADER),
        };
        let whole = Span {
            at: within.at,
            len: (CHUNK_HEADER + size + size % 2).min(within.len),
        };
        Ok(Some(Chunk {
            name: [n, a, m, e],
            data,
            whole,
        }))
    }

    /// The first `N` bytes of a span.
    pub(super) fn head<const N: usize>(
        &mut self,
        span: Span,
        what: &str,
    ) -> Result<[u8; N], CodecError> {
        let cut = || malformed(format_args!("the file ends in {what}"));
        if span.len < N as u64 {
            return Err(cut());
        }
        self.seek(span.at)?;
        let mut bytes = [0; N];
        match self.reader.read_exact(&mut bytes) {
            Ok(()) => {
                self.at += N as u64;
                Ok(bytes)
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(cut()),
            Err(error) => Err(CodecError::read(error)),
        }
    }

    /// Appends the bytes of a span: fewer if the file got shorter meanwhile. The caller has reserved their memory.
    pub(super) fn append(&mut self, span: Span, to: &mut Vec<u8>) -> Result<(), CodecError> {
        self.seek(span.at)?;
        let got = self
            .reader
            .by_ref()
            .take(span.len)
            .read_to_end(to)
            .map_err(CodecError::read)?;
        self.at += got as u64;
        Ok(())
    }

    fn seek(&mut self, to: u64) -> Result<(), CodecError> {
        let by = to as i64 - self.at as i64;
        self.reader.seek_relative(by).map_err(CodecError::read)?;
        self.at = to;
        Ok(())
    }
}

/// The rest of a span behind a chunk.
pub(super) fn behind(within: Span, chunk: &Chunk) -> Span {
    Span {
        at: chunk.whole.end(),
        len: within.end().saturating_sub(chunk.whole.end()),
    }
}
