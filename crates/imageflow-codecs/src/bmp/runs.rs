//! Run-length coded indices (RLE4 and RLE8).
//!
//! Codes may leave a row early or jump over rows, so where a row begins is known only after all before it. One pass over
//! the codes remembers that; rows are then decoded one by one, in any order. Pixels without a code are index 0.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use imageflow_pixels::{JobControl, Reservation};

use super::header::Facts;
use crate::error::CodecError;
use crate::input::Reader;

/// Codes between two looks at the job's deadline.
const CHECK_CODES: u64 = 1 << 16;
/// Bytes of what is remembered of a row.
const START_BYTES: u64 = size_of::<Start>() as u64;

/// Where the codes of a row begin.
#[derive(Clone, Copy, Debug)]
struct Start {
    row: u32,
    column: u32,
    at: u64,
}

/// What a code asks for.
enum Code {
    /// `count` pixels of the indices in a byte.
    Run { count: u8, indices: u8 },
    /// `count` pixels with an index each; the bytes follow.
    Literal { count: u8 },
    /// The row is complete.
    EndOfRow,
    /// What follows is further right and further up.
    Jump { right: u8, up: u8 },
    /// Nothing follows.
    End,
}

/// Reads rows of indices, a byte each.
pub(super) struct Runs {
    codes: Codes,
    starts: Vec<Start>,
    _reservation: Reservation,
}

struct Codes {
    reader: Reader,
    /// Where the reader stands.
    at: u64,
    four_bits: bool,
}

impl Codes {
    fn byte(&mut self) -> Result<Option<u8>, CodecError> {
        let mut byte = [0];
        match self.reader.read_exact(&mut byte) {
            Ok(()) => {
                self.at += 1;
                let [byte] = byte;
                Ok(Some(byte))
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(CodecError::read(error)),
        }
    }

    /// The next code; a file that just ends has no more of them.
    fn next(&mut self) -> Result<Code, CodecError> {
        let (Some(first), Some(second)) = (self.byte()?, self.byte()?) else {
            return Ok(Code::End);
        };
        Ok(match (first, second) {
            (0, 0) => Code::EndOfRow,
            (0, 1) => Code::End,
            (0, 2) => match (self.byte()?, self.byte()?) {
                (Some(right), Some(up)) => Code::Jump { right, up },
                _ => Code::End,
            },
            (0, count) => Code::Literal { count },
            (count, indices) => Code::Run { count, indices },
        })
    }

    /// Bytes of `count` literal indices, with the one that makes them even.
    fn literal_bytes(&self, count: u8) -> usize {
        let bytes = if self.four_bits {
            usize::from(count).div_ceil(2)
        } else {
            usize::from(count)
        };
        bytes.next_multiple_of(2)
    }

    fn skip(&mut self, bytes: usize) -> Result<(), CodecError> {
        // At most 256 bytes.
        let by = i64::try_from(bytes).unwrap_or(0);
        self.reader.seek_relative(by).map_err(CodecError::read)?;
        self.at += bytes as u64;
        Ok(())
    }

    fn seek(&mut self, to: u64) -> Result<(), CodecError> {
        self.reader
            .seek(SeekFrom::Start(to))
            .map_err(CodecError::read)?;
        self.at = to;
        Ok(())
    }
}

/// Rows a file can have codes for: each takes two bytes at least.
fn rows_for(facts: &Facts) -> u64 {
    (facts.file_bytes / 2).min(u64::from(facts.size.height()))
}

impl Runs {
    /// Bytes that are held.
    pub(super) fn bytes_for(facts: &Facts) -> u64 {
        rows_for(facts).saturating_mul(START_BYTES)
    }

    /// Passes the codes once.
    pub(super) fn new(
        reader: Reader,
        facts: &Facts,
        control: &JobControl,
    ) -> Result<Runs, CodecError> {
        let reservation = control.reserve(Runs::bytes_for(facts))?;
        let mut codes = Codes {
            reader,
            at: 0,
            four_bits: facts.bits == 4,
        };
        codes.seek(facts.pixels_at)?;
        let mut starts = vec![Start {
            row: 0,
            column: 0,
            at: facts.pixels_at,
        }];
        let (mut row, mut column) = (0u32, 0u32);
        for count in 0u64.. {
            if count.is_multiple_of(CHECK_CODES) {
                control.check()?;
            }
            match codes.next()? {
                Code::Run { count, .. } => column = column.saturating_add(u32::from(count)),
                Code::Literal { count } => {
                    column = column.saturating_add(u32::from(count));
                    codes.skip(codes.literal_bytes(count))?;
                }
                Code::Jump { right, up } => {
                    column = column.saturating_add(u32::from(right));
                    row = row.saturating_add(u32::from(up));
                }
                Code::EndOfRow => (row, column) = (row.saturating_add(1), 0),
                Code::End => break,
            }
            if row >= facts.size.height() {
                break;
            }
            if starts.last().is_some_and(|start| start.row != row) {
                let at = codes.at;
                starts.push(Start { row, column, at });
            }
        }
        Ok(Runs {
            codes,
            starts,
            _reservation: reservation,
        })
    }

    /// Fills a row, counted in file order, with indices.
    pub(super) fn read(&mut self, row: u32, indices: &mut [u8]) -> Result<(), CodecError> {
        indices.fill(0);
        let Ok(found) = self.starts.binary_search_by_key(&row, |start| start.row) else {
            return Ok(());
        };
        let Some(start) = self.starts.get(found) else {
            return Ok(());
        };
        let mut column = start.column as usize;
        if self.codes.at != start.at {
            self.codes.seek(start.at)?;
        }
        let four_bits = self.codes.four_bits;
        let mut literal = [0; 256];
        loop {
            let (count, bytes, repeats) = match self.codes.next()? {
                Code::Run { count, indices } => {
                    literal[0] = indices;
                    (count, 1, true)
                }
                Code::Literal { count } => {
                    let bytes = self.codes.literal_bytes(count);
                    let mut got = 0;
                    while let Some(target) = literal.get_mut(got).filter(|_| got < bytes) {
                        match self.codes.byte()? {
                            Some(byte) => *target = byte,
                            None => break,
                        }
                        got += 1;
                    }
                    (count, got, false)
                }
                Code::Jump { right, up: 0 } => {
                    column = column.saturating_add(usize::from(right));
                    continue;
                }
                Code::EndOfRow | Code::Jump { .. } | Code::End => return Ok(()),
            };
            let read = literal.get(..bytes).unwrap_or_default();
            let end = column.saturating_add(usize::from(count));
            let targets = indices.get_mut(column..end.min(indices.len()));
            for (i, target) in targets.unwrap_or_default().iter_mut().enumerate() {
                let at = match (repeats, four_bits) {
                    (true, _) => 0,
                    (false, true) => i / 2,
                    (false, false) => i,
                };
                let Some(byte) = read.get(at) else { break };
                *target = match (four_bits, i % 2) {
                    (true, 0) => byte >> 4,
                    (true, _) => byte & 15,
                    (false, _) => *byte,
                };
            }
            column = end;
        }
    }
}
