//! Reading: headers, then rows.

use imageflow_pixels::{
    Alpha, FrameInfo, JobControl, Reservation, RowSource, RowsMut, StreamError,
};

use super::header::{self, Facts, Storage};
use super::pixels::Expander;
use super::plain::StoredRows;
use super::runs::Runs;
use crate::color::{RgbTransform, embedded};
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Rows between two looks at the job's deadline.
const CHECK_ROWS: u32 = 32;

/// Reads the header of a BMP.
///
/// # Errors
/// [`CodecError::Malformed`] or a read error.
pub fn open(mut reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    control.check()?;
    let facts = header::read(&mut reader)?;
    let [.., alpha_mask] = facts.masks;
    let header = Header {
        format: ImageFormat::Bmp,
        stored: facts.size,
        orientation: 1,
        alpha: if alpha_mask == 0 {
            Alpha::Opaque
        } else {
            Alpha::Meaningful
        },
        lossless: true,
        multiple_frames: false,
        can_shrink: false,
        can_scale: false,
        is_deep: false,
    };
    Ok(Box::new(BmpDecoder {
        header,
        facts,
        reader,
    }))
}

struct BmpDecoder {
    header: Header,
    facts: Facts,
    reader: Reader,
}

impl Decoder for BmpDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        match self.facts.storage {
            Storage::Plain => StoredRows::bytes_for(&self.facts),
            Storage::Runs => {
                Runs::bytes_for(&self.facts).saturating_add(u64::from(self.facts.size.width()))
            }
        }
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        control.check()?;
        let BmpDecoder {
            header,
            facts,
            reader,
        } = *self;
        let color = match &facts.profile {
            Some(icc) => embedded(ImageFormat::Bmp, icc, false, options, control)?.transform(),
            None => None,
        };
        let (stored, held) = match facts.storage {
            Storage::Plain => {
                let held = StoredRows::bytes_for(&facts);
                let reservation = control.reserve(held)?;
                (Stored::Plain(StoredRows::new(reader, &facts)?), reservation)
            }
            Storage::Runs => {
                let reservation = control.reserve(u64::from(facts.size.width()))?;
                let runs = Runs::new(reader, &facts, control)?;
                let indices = vec![0; facts.size.width() as usize];
                (Stored::Runs { runs, indices }, reservation)
            }
        };
        // Runs are expanded to a byte each.
        let expander = match &stored {
            Stored::Plain(_) => Expander::new(&facts),
            Stored::Runs { .. } => Expander::Table {
                bits: 8,
                pixels: facts.palette,
            },
        };
        Ok(Box::new(Rows {
            frame: FrameInfo::bgra8(header.stored, header.alpha),
            stored,
            expander,
            color,
            bottom_up: facts.bottom_up,
            next: 0,
            control: control.clone(),
            _held: held,
        }))
    }
}

enum Stored {
    Plain(StoredRows),
    Runs { runs: Runs, indices: Vec<u8> },
}

struct Rows {
    frame: FrameInfo,
    stored: Stored,
    expander: Expander,
    color: Option<RgbTransform>,
    bottom_up: bool,
    next: u32,
    control: JobControl,
    _held: Reservation,
}

impl Rows {
    /// Fills the next row.
    fn fill(&mut self, row: &mut [u8]) -> Result<(), CodecError> {
        if self.next.is_multiple_of(CHECK_ROWS) {
            self.control.check()?;
        }
        let index = if self.bottom_up {
            (self.frame.size.height() - 1).saturating_sub(self.next)
        } else {
            self.next
        };
        self.next += 1;
        match &mut self.stored {
            Stored::Plain(stored) => self.expander.expand(stored.row(index)?, row),
            Stored::Runs { runs, indices } => {
                runs.read(index, indices)?;
                self.expander.expand(indices, row);
            }
        }
        if let Some(color) = &mut self.color {
            color.apply(row);
        }
        Ok(())
    }
}

impl RowSource for Rows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            self.fill(out.row_mut(y))?;
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
