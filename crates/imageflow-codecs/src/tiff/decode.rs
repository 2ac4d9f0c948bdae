//! Reading: a page's tags, then its rows.

use imageflow_pixels::{
    Alpha, FrameInfo, JobControl, Reservation, RowSource, RowsMut, StreamError,
};

use super::deep::DeepPainter;
use super::directory::File;
use super::facts::{Coding, Facts, Model};
use super::lines::Lines;
use super::paint::{Color, Painter};
use super::samples::Unpacker;
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Reads the tags of the first page.
///
/// # Errors
/// [`CodecError::Malformed`] or a read error.
pub fn open(reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    let mut file = File::open(reader)?;
    let facts = Facts::read(&mut file, 0, control)?;
    Ok(Box::new(TiffDecoder {
        header: header(&facts),
        file,
        facts,
        page: 0,
        control: control.clone(),
    }))
}

fn header(facts: &Facts) -> Header {
    Header {
        format: ImageFormat::Tiff,
        stored: facts.size,
        orientation: facts.orientation,
        alpha: if facts.alpha.is_some() {
            Alpha::Meaningful
        } else {
            Alpha::Opaque
        },
        lossless: facts.coding != Coding::Jpeg,
        multiple_frames: false,
        can_shrink: false,
        can_scale: false,
        is_deep: facts.depth.is_deep() && facts.model != Model::Cmyk,
    }
}

struct TiffDecoder {
    header: Header,
    file: File,
    facts: Facts,
    page: i32,
    control: JobControl,
}

impl Decoder for TiffDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn select(&mut self, options: &DecodeOptions) -> Result<(), CodecError> {
        let page = options.select_frame.unwrap_or(0);
        if page != self.page {
            self.facts = Facts::read(&mut self.file, page, &self.control)?;
            self.header = header(&self.facts);
            self.page = page;
        }
        Ok(())
    }

    fn working_bytes(&self, options: &DecodeOptions) -> u64 {
        let deep = if options.linear_floats && self.header.is_deep {
            DeepPainter::bytes_for(&self.facts)
        } else {
            0
        };
        Lines::bytes_for(&self.facts)
            .saturating_add(row_bytes(&self.facts))
            .saturating_add(deep)
    }

    fn into_rows(
        mut self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        control.check()?;
        self.select(options)?;
        let TiffDecoder {
            header,
            file,
            facts,
            ..
        } = *self;
        let color = Color::new(&facts, options, control)?;
        let is_deep = options.linear_floats && header.is_deep;
        let deep = if is_deep {
            DeepPainter::bytes_for(&facts)
        } else {
            0
        };
        let reservation = control.reserve(row_bytes(&facts).saturating_add(deep))?;
        let unpacker = Unpacker::new(&facts);
        let source = match (facts.coding, facts.depth.is_deep()) {
            (Coding::Jpeg, _) => Samples::Pixels,
            (_, false) => Samples::Bytes(Vec::new()),
            (_, true) => Samples::Words(Vec::new()),
        };
        let brush = match color {
            Color::Rgb(transform) if is_deep => Brush::Deep(DeepPainter::new(
                &facts,
                // A profile with a transform of bytes has one of floats.
                Some(
                    transform
                        .deep()
                        .map_err(|message| CodecError::ColorProfile {
                            format: ImageFormat::Tiff,
                            message,
                        })?,
                ),
            )),
            _ if is_deep => Brush::Deep(DeepPainter::new(&facts, None)),
            color => Brush::Bytes(Painter::new(&facts, color)),
        };
        let frame = if is_deep {
            FrameInfo::float(header.stored, header.alpha)
        } else {
            FrameInfo::bgra8(header.stored, header.alpha)
        };
        Ok(Box::new(Rows {
            frame,
            lines: Lines::new(file.reader(), facts, control)?,
            unpacker,
            planes: Vec::new(),
            samples: source,
            brush,
            next: 0,
            _reservation: reservation,
        }))
    }
}

/// Bytes of a row in its planes, as samples, and what transforms keep of it.
fn row_bytes(facts: &Facts) -> u64 {
    let width = u64::from(facts.size.width());
    let stored = facts.row_bytes(facts.size.width()).saturating_mul(2);
    width.saturating_mul(32).saturating_add(stored)
}

/// A row of samples.
enum Samples {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
    /// None: JPEG data gives pixels.
    Pixels,
}

enum Brush {
    Bytes(Painter),
    Deep(DeepPainter),
}

struct Rows {
    frame: FrameInfo,
    lines: Lines,
    unpacker: Unpacker,
    planes: Vec<Vec<u8>>,
    samples: Samples,
    brush: Brush,
    next: u32,
    _reservation: Reservation,
}

impl RowSource for Rows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        let width = self.frame.size.width() as usize;
        for y in out.range() {
            self.lines.read(self.next, &mut self.planes)?;
            self.next += 1;
            match (&mut self.samples, &mut self.brush) {
                (Samples::Bytes(samples), Brush::Bytes(painter)) => {
                    self.unpacker.bytes(&self.planes, width, samples);
                    painter.bytes(samples, out.row_mut(y));
                }
                (Samples::Words(samples), Brush::Bytes(painter)) => {
                    self.unpacker.words(&self.planes, width, samples);
                    painter.words(samples, out.row_mut(y));
                }
                (Samples::Words(samples), Brush::Deep(painter)) => {
                    self.unpacker.words(&self.planes, width, samples);
                    painter.fill(samples, out.row_mut_f32(y));
                }
                (Samples::Pixels, Brush::Bytes(painter)) => {
                    let decoded = self.planes.first().map(Vec::as_slice);
                    painter.pixels(decoded.unwrap_or_default(), out.row_mut(y));
                }
                // Only what is deep has a brush for it.
                (Samples::Bytes(_) | Samples::Pixels, Brush::Deep(_)) => {}
            }
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
