//! Rows as they are stored, read in blocks from wherever they are.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use super::header::{Facts, damaged, malformed};
use crate::error::CodecError;
use crate::input::Reader;

/// Bytes of rows that are read at once.
const BLOCK: u64 = 64 * 1024;

/// Reads stored rows in any order; a neighbour of the row read last is usually there already.
pub(super) struct StoredRows {
    reader: Reader,
    at: u64,
    stride: usize,
    row_bytes: usize,
    height: u32,
    /// Rows of a block.
    block: u32,
    bytes: Vec<u8>,
    /// The rows that `bytes` holds, counted in file order.
    held: Range<u32>,
}

impl StoredRows {
    /// Bytes of a stored row: without and with what fills it up.
    fn row_bytes(facts: &Facts) -> (u64, u64) {
        let bits = u64::from(facts.size.width()) * u64::from(facts.bits);
        (bits.div_ceil(8), bits.div_ceil(32) * 4)
    }

    /// Bytes that are held.
    pub(super) fn bytes_for(facts: &Facts) -> u64 {
        let (_, stride) = StoredRows::row_bytes(facts);
        stride.max(BLOCK)
    }

    /// # Errors
    /// When the file cannot hold the rows that the header claims.
    pub(super) fn new(reader: Reader, facts: &Facts) -> Result<StoredRows, CodecError> {
        let (row_bytes, stride) = StoredRows::row_bytes(facts);
        let height = facts.size.height();
        // What fills up the last row is often left out.
        let needed = stride
            .saturating_mul(u64::from(height - 1))
            .saturating_add(row_bytes)
            .saturating_add(facts.pixels_at);
        if needed > facts.file_bytes {
            return Err(malformed(format_args!(
                "{} bytes of file cannot hold the {} pixels the header claims",
                facts.file_bytes, facts.size
            )));
        }
        let too_long = |_| malformed("rows too long for this machine");
        let block = u32::try_from(BLOCK / stride.max(1)).unwrap_or(1);
        Ok(StoredRows {
            reader,
            at: facts.pixels_at,
            stride: usize::try_from(stride).map_err(too_long)?,
            row_bytes: usize::try_from(row_bytes).map_err(too_long)?,
            height,
            block: block.clamp(1, height),
            bytes: Vec::new(),
            held: 0..0,
        })
    }

    /// The bytes of a row, counted in file order. Blocks are aligned, so it does not matter which way rows are read.
    pub(super) fn row(&mut self, index: u32) -> Result<&[u8], CodecError> {
        if !self.held.contains(&index) {
            let first = index / self.block * self.block;
            self.load(first..first.saturating_add(self.block).min(self.height))?;
        }
        let start = (index - self.held.start) as usize * self.stride;
        Ok(self
            .bytes
            .get(start..start + self.row_bytes)
            .unwrap_or_default())
    }

    fn load(&mut self, rows: Range<u32>) -> Result<(), CodecError> {
        self.held = 0..0;
        let length = (rows.len() - 1) * self.stride + self.row_bytes;
        self.bytes.resize(length, 0);
        let start = self.at + u64::from(rows.start) * self.stride as u64;
        self.reader
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.reader.read_exact(&mut self.bytes))
            .map_err(|e| damaged(e, "the pixels"))?;
        self.held = rows;
        Ok(())
    }
}
