//! Rows of samples, from strips or from tiles.

use imageflow_pixels::{ControlError, JobControl, Reservation};

use super::coding::{STREAM_BYTES, Stream};
use super::directory::malformed;
use super::facts::{Coding, Cut, Facts};
use super::jpeg::JpegRows;
use super::predictor::Undo;
use super::samples;
use crate::error::CodecError;
use crate::input::Reader;

/// Rows between two looks at the job's deadline.
const CHECK_ROWS: u32 = 32;

/// The rows of one strip or tile.
enum Part {
    Samples(Stream, Undo),
    Pixels(Box<JpegRows>),
}

impl Part {
    fn read_row(&mut self, row: &mut [u8]) -> Result<(), CodecError> {
        match self {
            Part::Samples(stream, undo) => {
                stream.read_row(row)?;
                undo.apply(row);
                Ok(())
            }
            Part::Pixels(rows) => rows.read_row(row),
        }
    }
}

/// A strip that is being read.
struct Open {
    strip: u32,
    next: u32,
    part: Part,
}

/// The rows of the picture, plane by plane.
pub(super) struct Lines {
    reader: Reader,
    facts: Facts,
    /// The planes that are read.
    planes: Vec<usize>,
    /// The strip that is open, for each of them.
    strips: Vec<Option<Open>>,
    /// What was read of each: a row, or a row of tiles.
    held: Vec<Vec<u8>>,
    /// Rows that are held, and the first of them.
    rows: std::ops::Range<u32>,
    /// A row of one tile.
    tile_row: Vec<u8>,
    control: JobControl,
    _reservation: Reservation,
}

impl Lines {
    /// Bytes of a row of this many pixels in a plane: samples, or pixels where JPEG data is.
    fn row_bytes(facts: &Facts, width: u32) -> u64 {
        match facts.coding {
            Coding::Jpeg => u64::from(width) * 4,
            _ => facts.row_bytes(width),
        }
    }

    /// Rows that are held at once.
    fn rows_held(facts: &Facts) -> u32 {
        if facts.cut.is_tiled {
            facts.cut.height.min(facts.size.height())
        } else {
            1
        }
    }

    /// Bytes that are held.
    pub(super) fn bytes_for(facts: &Facts) -> u64 {
        let planes = samples::planes(facts).len() as u64;
        let plane = Lines::row_bytes(facts, facts.size.width())
            .saturating_mul(u64::from(Lines::rows_held(facts)))
            .saturating_add(STREAM_BYTES);
        let tile = Lines::row_bytes(facts, facts.cut.width);
        plane.saturating_mul(planes).saturating_add(tile)
    }

    /// # Errors
    /// When the file cannot hold what the tags claim, or the budget refuses the memory.
    pub(super) fn new(
        reader: Reader,
        facts: Facts,
        control: &JobControl,
    ) -> Result<Lines, CodecError> {
        is_plausible(&facts)?;
        let reservation = control.reserve(Lines::bytes_for(&facts))?;
        let planes = samples::planes(&facts);
        let plane = Lines::row_bytes(&facts, facts.size.width())
            .saturating_mul(u64::from(Lines::rows_held(&facts)));
        // Of a row of tiles nothing is written before data come.
        let hold = if facts.cut.is_tiled { reserved } else { zeroed };
        let held = planes.iter().map(|_| hold(plane));
        let held = held.collect::<Result<_, _>>()?;
        let tile_row = if facts.cut.is_tiled {
            zeroed(Lines::row_bytes(&facts, facts.cut.width))?
        } else {
            Vec::new()
        };
        Ok(Lines {
            reader,
            strips: planes.iter().map(|_| None).collect(),
            planes,
            held,
            rows: 0..0,
            tile_row,
            facts,
            control: control.clone(),
            _reservation: reservation,
        })
    }

    /// Reads a row; those before it are gone.
    pub(super) fn read(&mut self, y: u32, planes: &mut Vec<Vec<u8>>) -> Result<(), CodecError> {
        if self.facts.cut.is_tiled {
            if !self.rows.contains(&y) {
                self.read_tiles(y)?;
            }
        } else {
            if y.is_multiple_of(CHECK_ROWS) {
                self.control.check()?;
            }
            for plane in 0..self.planes.len() {
                self.read_strip(plane, y)?;
            }
            self.rows = y..y + 1;
        }
        let row_bytes = Lines::row_bytes(&self.facts, self.facts.size.width()) as usize;
        let start = (y - self.rows.start) as usize * row_bytes;
        planes.resize(self.planes.len(), Vec::new());
        for (target, held) in planes.iter_mut().zip(&self.held) {
            target.clear();
            target.extend_from_slice(held.get(start..start + row_bytes).unwrap_or_default());
        }
        Ok(())
    }

    /// Reads a row of a strip, and passes those before it.
    fn read_strip(&mut self, plane: usize, y: u32) -> Result<(), CodecError> {
        let Cut { height, down, .. } = self.facts.cut;
        let (strip, row) = (y / height, y % height);
        let is_usable = |open: &Open| open.strip == strip && open.next <= row;
        let slot = self.strips.get_mut(plane).and_then(Option::take);
        let mut open = match slot {
            Some(open) if is_usable(&open) => open,
            other => {
                let reader = match other.map(|open| open.part) {
                    Some(Part::Samples(stream, _)) => stream.into_reader(),
                    _ => self.reader.fork(),
                };
                let number = self.planes.get(plane).copied().unwrap_or(0);
                let index = number * down as usize + strip as usize;
                Open {
                    strip,
                    next: 0,
                    part: self.part(reader, index)?,
                }
            }
        };
        let target = self.held.get_mut(plane).map(Vec::as_mut_slice);
        let target = target.unwrap_or_default();
        while open.next <= row {
            open.part.read_row(target)?;
            open.next += 1;
        }
        if let Some(slot) = self.strips.get_mut(plane) {
            *slot = Some(open);
        }
        Ok(())
    }

    /// Reads the row of tiles that a row of pixels is in.
    fn read_tiles(&mut self, y: u32) -> Result<(), CodecError> {
        let Cut {
            height,
            across,
            down,
            ..
        } = self.facts.cut;
        let band = y / height;
        let first = band * height;
        let rows = first..first.saturating_add(height).min(self.facts.size.height());
        self.rows = 0..0;
        let row_bytes = Lines::row_bytes(&self.facts, self.facts.size.width()) as usize;
        let mut tile_row = std::mem::take(&mut self.tile_row);
        for plane in 0..self.planes.len() {
            let number = self.planes.get(plane).copied().unwrap_or(0);
            for column in 0..across {
                self.control.check()?;
                let band_first = (number as u64 * u64::from(down) + u64::from(band))
                    .saturating_mul(u64::from(across));
                let index = usize::try_from(band_first + u64::from(column)).unwrap_or(usize::MAX);
                let mut part = self.part(self.reader.fork(), index)?;
                let Some(held) = self.held.get_mut(plane) else {
                    continue;
                };
                for line in 0..rows.len() {
                    part.read_row(&mut tile_row)?;
                    let start = line * row_bytes;
                    let end = start + row_bytes;
                    if held.len() < end {
                        // Within what was reserved.
                        held.resize(end, 0);
                    }
                    let from = start + column as usize * tile_row.len();
                    let target = held.get_mut(from..end).unwrap_or_default();
                    let shown = target.len().min(tile_row.len());
                    if let (Some(target), Some(shown)) =
                        (target.get_mut(..shown), tile_row.get(..shown))
                    {
                        target.copy_from_slice(shown);
                    }
                }
            }
        }
        self.tile_row = tile_row;
        self.rows = rows;
        Ok(())
    }

    /// Starts a strip or tile.
    fn part(&self, reader: Reader, index: usize) -> Result<Part, CodecError> {
        let facts = &self.facts;
        let span = facts.spans.get(index).copied();
        let span = span.ok_or_else(|| malformed("a strip or tile is not there"))?;
        let width = facts.cut.width;
        Ok(match facts.coding {
            Coding::Jpeg => Part::Pixels(Box::new(JpegRows::new(
                reader,
                span,
                width,
                facts,
                &self.control,
            )?)),
            _ => Part::Samples(Stream::new(reader, span, width, facts)?, Undo::new(facts)),
        })
    }
}

/// Bytes that one byte of file can become at most.
fn ratio(coding: Coding) -> u64 {
    match coding {
        Coding::None => 1,
        // A byte of count and one that is repeated up to 128 times.
        Coding::PackBits => 64,
        // 258 bytes from two bits (RFC 1951 §3.2.5).
        Coding::Deflate => 1032,
        // Codes of 12 bits for strings of up to 4094 bytes.
        Coding::Lzw => 2731,
        // Two bits for a block of 64 pixels of four bytes, a quarter of it where the colour is coarser.
        Coding::Jpeg => 4096,
        // A bit for a white row of 65535 pixels.
        Coding::Fax3 | Coding::Fax4 => 65536,
    }
}

/// Refuses pictures whose strips or tiles cannot be in a file of this size.
fn is_plausible(facts: &Facts) -> Result<(), CodecError> {
    let Cut {
        is_tiled,
        width,
        height,
        across,
        down,
    } = facts.cut;
    let rows = if is_tiled {
        u64::from(height).saturating_mul(u64::from(down))
    } else {
        u64::from(facts.size.height())
    };
    let bytes = Lines::row_bytes(facts, width)
        .saturating_mul(u64::from(across))
        .saturating_mul(rows);
    if bytes > facts.file_bytes.saturating_mul(ratio(facts.coding)) {
        return Err(malformed(format_args!(
            "{} bytes of file cannot hold the {} pixels the tags claim",
            facts.file_bytes, facts.size
        )));
    }
    Ok(())
}

/// An empty vector with room.
fn reserved(bytes: u64) -> Result<Vec<u8>, CodecError> {
    let failed = || CodecError::Control(ControlError::AllocationFailed { bytes });
    let length = usize::try_from(bytes).map_err(|_| failed())?;
    let mut room = Vec::new();
    room.try_reserve_exact(length).map_err(|_| failed())?;
    Ok(room)
}

fn zeroed(bytes: u64) -> Result<Vec<u8>, CodecError> {
    let mut zeros = reserved(bytes)?;
    // What was reserved fits into a `usize`.
    zeros.resize(bytes as usize, 0);
    Ok(zeros)
}
