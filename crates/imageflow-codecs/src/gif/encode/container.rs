//! The file around the pixels (GIF89a §18-27).

use imageflow_pixels::{Rect, Size};

use super::table::Table;
use crate::encoder::Output;
use crate::error::CodecError;

/// How a frame is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Showing {
    /// In hundredths of a second.
    pub(super) delay: u16,
    /// Its rectangle becomes transparent before the next frame.
    pub(super) clear: bool,
    pub(super) transparent: Option<u8>,
}

/// Writes blocks and counts bytes. Frames wait in memory until the global table is final.
pub(super) struct Container {
    output: Output,
    bytes: u64,
    /// What waits for the head of the file; `None` once that is written.
    held: Option<Vec<u8>>,
}

impl Container {
    pub(super) fn new(output: Output) -> Container {
        Container {
            output,
            bytes: 0,
            held: Some(Vec::new()),
        }
    }

    /// Bytes that wait; `None` once the head is written.
    pub(super) fn held(&self) -> Option<usize> {
        self.held.as_ref().map(Vec::len)
    }

    /// Writes, unless that is done, the logical screen and, for animations that do not play once, how often they are repeated.
    pub(super) fn start(
        &mut self,
        size: Size,
        global: &Table,
        plays: Option<u32>,
    ) -> Result<(), CodecError> {
        let Some(held) = self.held.take() else {
            return Ok(());
        };
        let mut head = b"GIF89a".to_vec();
        head.extend(side(size.width()));
        head.extend(side(size.height()));
        // A global table, colours of eight bits, unsorted; background index and aspect ratio mean nothing today.
        head.extend([0x80 | 0x70 | (global.bits() - 1), 0, 0]);
        head.extend(table_bytes(global));
        // Stored are the repeats after the first play; 0 is for ever.
        if let Some(plays) = plays.filter(|plays| *plays != 1) {
            let repeats = u16::try_from(plays.saturating_sub(1)).unwrap_or(u16::MAX);
            head.extend(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01");
            head.extend(repeats.to_le_bytes());
            head.push(0);
        }
        self.raw(&head)?;
        self.raw(&held)
    }

    /// Writes what precedes the data of an image.
    pub(super) fn image(
        &mut self,
        rect: Rect,
        local: Option<&Table>,
        showing: Option<Showing>,
    ) -> Result<(), CodecError> {
        let mut head = Vec::new();
        if let Some(showing) = showing {
            let disposal: u8 = if showing.clear { 2 } else { 1 };
            let flags = disposal << 2 | u8::from(showing.transparent.is_some());
            head.extend([0x21, 0xF9, 4, flags]);
            head.extend(showing.delay.to_le_bytes());
            head.extend([showing.transparent.unwrap_or(0), 0]);
        }
        head.push(0x2C);
        head.extend(side(rect.x0()));
        head.extend(side(rect.y0()));
        head.extend(side(rect.size().width()));
        head.extend(side(rect.size().height()));
        match local {
            Some(table) => {
                head.push(0x80 | (table.bits() - 1));
                head.extend(table_bytes(table));
            }
            None => head.push(0),
        }
        self.raw(&head)
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> Result<(), CodecError> {
        if let Some(held) = &mut self.held {
            held.extend_from_slice(bytes);
            return Ok(());
        }
        self.output.write_all(bytes).map_err(CodecError::Write)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Writes the trailer; gives the length of the file.
    pub(super) fn finish(mut self) -> Result<u64, CodecError> {
        self.raw(&[0x3B])?;
        self.output.flush().map_err(CodecError::Write)?;
        Ok(self.bytes)
    }
}

/// Sides were checked to fit 16 bits.
fn side(value: u32) -> [u8; 2] {
    (value as u16).to_le_bytes()
}

/// R, G, B of a power of two of entries.
fn table_bytes(table: &Table) -> Vec<u8> {
    let mut bytes: Vec<u8> = table
        .entries()
        .iter()
        .flat_map(|[b, g, r, _]| [*r, *g, *b])
        .collect();
    bytes.resize(3 << table.bits(), 0);
    bytes
}
