//! From pixels to IDAT, a row at a time.

use imageflow_pixels::{JobControl, Size};

use super::container::Container;
use super::deflate::{self, Buffer, Effort, Level, Stream};
use super::filter::{Filter, Strategy};
use super::format::{Color, Format, Packer, pack_indices};
use crate::encoder::Output;
use crate::error::CodecError;

/// Rows between two looks at the job's deadline.
const CHECK_ROWS: u32 = 32;

/// Packs, filters and compresses the rows of one picture.
pub(super) struct RowEncoder {
    out: Container,
    packer: Packer,
    depth: u8,
    distance: usize,
    row: Vec<u8>,
    target: Target,
    done: u32,
    control: JobControl,
}

enum Target {
    /// Filtered rows leave at once.
    Stream(Filter, Stream),
    /// Filtered rows gather.
    Whole(Filter, Buffer),
    /// Packed rows gather; filters are compared at the end.
    Search(Buffer),
}

impl RowEncoder {
    /// Writes the header. `tagged_srgb` adds the chunks that say the pixels are sRGB.
    pub(super) fn new(
        output: Output,
        size: Size,
        format: &Format,
        effort: Effort,
        tagged_srgb: bool,
        control: &JobControl,
    ) -> Result<RowEncoder, CodecError> {
        let row_bytes = format.row_bytes(size.width() as usize);
        let distance = (format.bits_per_pixel() / 8).max(1);
        let bytes = (row_bytes as u64 + 1) * u64::from(size.height());
        let strategy = strategy(format, effort);
        let target = if !effort.is_whole(bytes) {
            Target::Stream(
                Filter::new(strategy, distance, row_bytes),
                Stream::new(effort, control)?,
            )
        } else if effort == Effort::Max {
            Target::Search(Buffer::new(bytes, control)?)
        } else {
            Target::Whole(
                Filter::new(strategy, distance, row_bytes),
                Buffer::new(bytes, control)?,
            )
        };
        let out = Container::start(output, size, format, tagged_srgb)?;
        Ok(RowEncoder {
            out,
            packer: format.packer(),
            depth: format.depth,
            distance,
            row: vec![0; row_bytes],
            target,
            done: 0,
            control: control.clone(),
        })
    }

    /// Takes a row of B, G, R, A.
    pub(super) fn pixels(&mut self, bgra: &[u8]) -> Result<(), CodecError> {
        self.packer.pack(bgra, &mut self.row);
        self.emit()
    }

    /// Takes a row of palette indices.
    pub(super) fn indices(&mut self, indices: &[u8]) -> Result<(), CodecError> {
        pack_indices(indices, self.depth, &mut self.row);
        self.emit()
    }

    fn emit(&mut self) -> Result<(), CodecError> {
        if self.done.is_multiple_of(CHECK_ROWS) {
            self.control.check()?;
        }
        self.done += 1;
        match &mut self.target {
            Target::Search(packed) => packed.bytes.extend_from_slice(&self.row),
            Target::Whole(filter, filtered) => {
                let (kind, bytes) = filter.row(&self.row);
                filtered.bytes.push(kind);
                filtered.bytes.extend_from_slice(bytes);
            }
            Target::Stream(filter, stream) => {
                let (kind, bytes) = filter.row(&self.row);
                stream.push(&[kind], &mut self.out)?;
                stream.push(bytes, &mut self.out)?;
            }
        }
        Ok(())
    }

    /// Completes the file; gives its length.
    pub(super) fn finish(mut self) -> Result<u64, CodecError> {
        match self.target {
            Target::Stream(_, stream) => stream.finish(&mut self.out)?,
            Target::Whole(_, filtered) => {
                let (deflated, _) = deflate::whole(filtered, Level::Usual, &self.control)?;
                self.out.chunk(b"IDAT", &deflated)?;
            }
            Target::Search(packed) => self.out.chunk(
                b"IDAT",
                &search(&packed.bytes, self.row.len(), self.distance, &self.control)?,
            )?,
        }
        self.out.finish()
    }
}

/// Neighbouring indices are no neighbouring colours, and packed samples straddle bytes: neither gains from filters.
fn strategy(format: &Format, effort: Effort) -> Strategy {
    if matches!(format.color, Color::Indexed(_)) || format.depth < 8 || effort == Effort::Stream(0)
    {
        Strategy::Fixed(0)
    } else {
        Strategy::MinSum
    }
}

/// Compresses under the filter strategy that compresses best.
fn search(
    packed: &[u8],
    row_bytes: usize,
    distance: usize,
    control: &JobControl,
) -> Result<Vec<u8>, CodecError> {
    const STRATEGIES: [Strategy; 6] = [
        Strategy::Fixed(0),
        Strategy::MinSum,
        Strategy::MinEntropy,
        Strategy::Fixed(2),
        Strategy::Fixed(4),
        Strategy::Fixed(1),
    ];
    let mut best: Option<(usize, Buffer)> = None;
    for strategy in STRATEGIES {
        let bytes = packed.len() + packed.len() / row_bytes.max(1);
        let mut filtered = Buffer::new(bytes as u64, control)?;
        let mut filter = Filter::new(strategy, distance, row_bytes);
        for (i, row) in packed.chunks_exact(row_bytes).enumerate() {
            if i.is_multiple_of(CHECK_ROWS as usize) {
                control.check()?;
            }
            let (kind, bytes) = filter.row(row);
            filtered.bytes.push(kind);
            filtered.bytes.extend_from_slice(bytes);
        }
        let (deflated, filtered) = deflate::whole(filtered, Level::Probe, control)?;
        let length = deflated.len();
        if best.as_ref().is_none_or(|(shortest, _)| length < *shortest) {
            best = Some((length, filtered));
        }
    }
    let Some((_, filtered)) = best else {
        return Ok(Vec::new());
    };
    Ok(deflate::whole(filtered, Level::Max, control)?.0)
}
