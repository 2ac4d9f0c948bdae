//! Strips and tiles without their compression, as streams of bytes.

use std::io::{self, BufRead, Read};

use flate2::bufread::ZlibDecoder;
use weezl::{BitOrder, LzwStatus};

use super::directory::{damaged, malformed};
use super::facts::{Coding, Facts, Span};
use super::fax::Fax;
use super::source::Source;
use crate::error::CodecError;
use crate::input::Reader;

/// What a stream holds at most: an inflate window or a table of codes, and its piece of file.
pub(super) const STREAM_BYTES: u64 = 128 << 10;

/// The samples of one strip or tile, row after row.
pub(super) enum Stream {
    Plain(Source),
    PackBits(PackBits),
    Lzw(Lzw),
    Deflate(Box<ZlibDecoder<Source>>),
    Fax(Box<Fax>),
}

impl Stream {
    /// Starts with the first row of a span of `width` pixels.
    pub(super) fn new(
        reader: Reader,
        span: Span,
        width: u32,
        facts: &Facts,
    ) -> Result<Stream, CodecError> {
        let mut source = Source::new(reader, span, facts.bits_reversed)?;
        Ok(match facts.coding {
            Coding::None => Stream::Plain(source),
            Coding::PackBits => Stream::PackBits(PackBits {
                source,
                left: 0,
                repeated: None,
            }),
            Coding::Lzw => {
                // Before 1992 codes began at the lowest bit, so that the first of them, a clear code, reads like this.
                if source
                    .fill_buf()
                    .map_err(CodecError::read)?
                    .starts_with(&[0, 1])
                {
                    return Err(malformed("LZW of the old style is not supported"));
                }
                Stream::Lzw(Lzw {
                    source,
                    decoder: weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
                })
            }
            Coding::Deflate => Stream::Deflate(Box::new(ZlibDecoder::new(source))),
            Coding::Fax3 | Coding::Fax4 => {
                Stream::Fax(Box::new(Fax::new(source, width, facts.coding)?))
            }
            Coding::Jpeg => return Err(malformed("JPEG data is no stream of samples")),
        })
    }

    /// Fills `row` with what comes next.
    pub(super) fn read_row(&mut self, row: &mut [u8]) -> Result<(), CodecError> {
        let outcome = match self {
            Stream::Plain(source) => source.read_exact(row),
            Stream::PackBits(packed) => packed.read_exact(row),
            Stream::Lzw(lzw) => lzw.read_exact(row),
            Stream::Deflate(deflate) => deflate.read_exact(row),
            Stream::Fax(fax) => return fax.read_row(row),
        };
        outcome.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                malformed(format_args!("damaged pixels ({error})"))
            }
            _ => damaged(error, "the pixels"),
        })
    }

    /// Gives the reader back.
    pub(super) fn into_reader(self) -> Reader {
        match self {
            Stream::Plain(source) => source.into_reader(),
            Stream::PackBits(packed) => packed.source.into_reader(),
            Stream::Lzw(lzw) => lzw.source.into_reader(),
            Stream::Deflate(deflate) => deflate.into_inner().into_reader(),
            Stream::Fax(fax) => fax.into_reader(),
        }
    }
}

/// Runs of bytes (TIFF 6.0 §9).
pub(super) struct PackBits {
    source: Source,
    /// Bytes of the run that are still to come.
    left: usize,
    /// What they are; `None` for bytes of the file.
    repeated: Option<u8>,
}

impl Read for PackBits {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            let Some(head) = self.source.byte()? else {
                return Ok(0);
            };
            match head.cast_signed() {
                -128 => {}
                literal @ 0.. => {
                    (self.left, self.repeated) = (usize::from(literal.unsigned_abs()) + 1, None);
                }
                run => {
                    let Some(byte) = self.source.byte()? else {
                        return Ok(0);
                    };
                    self.left = usize::from(run.unsigned_abs()) + 1;
                    self.repeated = Some(byte);
                }
            }
        }
        let wanted = self.left.min(buf.len());
        let target = buf.get_mut(..wanted).unwrap_or_default();
        let got = match self.repeated {
            Some(byte) => {
                target.fill(byte);
                target.len()
            }
            None => self.source.read(target)?,
        };
        self.left -= got;
        Ok(got)
    }
}

/// LZW codes (TIFF 6.0 §13).
pub(super) struct Lzw {
    source: Source,
    decoder: weezl::decode::Decoder,
}

impl Read for Lzw {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            let codes = self.source.fill_buf()?;
            let is_last = codes.is_empty();
            let outcome = self.decoder.decode_bytes(codes, buf);
            self.source.consume(outcome.consumed_in);
            if outcome.consumed_out > 0 {
                return Ok(outcome.consumed_out);
            }
            match outcome.status {
                Ok(LzwStatus::Ok) if !is_last => {}
                Ok(_) => return Ok(0),
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
    }
}
