//! CCITT codes of bilevel rows, by the `fax` crate.

use std::io;

use fax::decoder::{DecodeStatus, Group3Decoder, Group4Decoder};

use super::directory::malformed;
use super::facts::Coding;
use super::source::Source;
use crate::error::CodecError;
use crate::input::Reader;

/// Bytes of a source, one by one.
struct Bytes(Source);

impl Iterator for Bytes {
    type Item = io::Result<u8>;

    fn next(&mut self) -> Option<io::Result<u8>> {
        self.0.byte().transpose()
    }
}

enum Codes {
    One(Group3Decoder<Bytes>),
    Two(Group4Decoder<Bytes>),
    /// Behind the last code: rows are white.
    Ended,
    /// Behind a row that no end of line follows.
    Lost,
}

/// Decodes rows of one bit per pixel; 1 is black.
pub(super) struct Fax {
    codes: Codes,
    width: u16,
    /// To read the next span with.
    reader: Reader,
}

impl Fax {
    pub(super) fn new(source: Source, width: u32, coding: Coding) -> Result<Fax, CodecError> {
        let width = u16::try_from(width).map_err(|_| malformed("fax rows of more than 65535"))?;
        let reader = source.fork();
        let bytes = Bytes(source);
        let codes = match coding {
            Coding::Fax3 => Codes::One(
                Group3Decoder::new(bytes).map_err(|_| malformed("damaged pixels (fax codes)"))?,
            ),
            _ => Codes::Two(Group4Decoder::new(bytes, width).map_err(CodecError::read)?),
        };
        Ok(Fax {
            codes,
            width,
            reader,
        })
    }

    pub(super) fn into_reader(self) -> Reader {
        self.reader
    }

    pub(super) fn read_row(&mut self, row: &mut [u8]) -> Result<(), CodecError> {
        row.fill(0);
        let damaged = || malformed("damaged pixels (fax codes)");
        let (changes, next): (&[u16], Option<Codes>) = match &mut self.codes {
            Codes::One(decoder) => {
                let next = match decoder.advance() {
                    Ok(DecodeStatus::Incomplete) => None,
                    Ok(DecodeStatus::End) => Some(Codes::Ended),
                    // Writers leave out what would follow the last row.
                    Err(_) if decoder.transitions().last() >= Some(&self.width) => {
                        Some(Codes::Lost)
                    }
                    Err(_) => return Err(damaged()),
                };
                (decoder.transitions(), next)
            }
            Codes::Two(decoder) => match decoder.advance().map_err(|_| damaged())? {
                DecodeStatus::Incomplete => (decoder.transition(), None),
                DecodeStatus::End => (&[], Some(Codes::Ended)),
            },
            Codes::Ended => return Ok(()),
            Codes::Lost => return Err(damaged()),
        };
        blacken(row, changes, self.width);
        if let Some(next) = next {
            self.codes = next;
        }
        Ok(())
    }
}

/// Sets the bits between every first and second change of colour.
fn blacken(row: &mut [u8], changes: &[u16], width: u16) {
    for pair in changes.chunks(2) {
        let (start, end) = match pair {
            [start, end] => (*start, (*end).min(width)),
            [start] => (*start, width),
            _ => continue,
        };
        for x in start..end {
            if let Some(byte) = row.get_mut(usize::from(x / 8)) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_become_bits() {
        let mut row = [0; 2];
        blacken(&mut row, &[1, 3, 12], 14);
        assert_eq!(row, [0b0110_0000, 0b0000_1100]);
        // Damaged codes may go back, or beyond the row.
        let mut row = [0; 2];
        blacken(&mut row, &[9, 2, 60000, 65000], 16);
        assert_eq!(row, [0, 0]);
    }
}
