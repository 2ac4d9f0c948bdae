//! Reading: header, then rows.
//!
//! The `png` crate inflates and unfilters a row at a time; rows are expanded to B, G, R, A and converted to sRGB in the
//! caller's strip.

use std::io::ErrorKind;

use imageflow_pixels::{
    Alpha, FrameInfo, JobControl, Reservation, RowSource, RowsMut, Size, StreamError,
};
use png::{BitDepth, ColorType, DecodingError, Info};

use super::chunks::{self, Ancillary, Essential};
use super::color;
use super::damage::damaged;
use super::deep::DeepRows;
use super::expand::Expander;
use super::interlace::{Frame, pass_rows};
use crate::color::RgbTransform;
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Bytes the chunks before the pixels may take: colour profiles, EXIF.
const CHUNK_LIMIT: usize = 16 << 20;
/// What the decoder holds besides rows: the inflate window and its tables.
const FIXED_BYTES: u64 = 512 << 10;
/// Rows between two looks at the job's deadline.
const CHECK_ROWS: u32 = 32;
/// Deflate's best: 258 bytes from two bits (RFC 1951 §3.2.5).
const MAX_RATIO: u64 = 1032;

/// Reads the header of a PNG.
///
/// # Errors
/// [`CodecError::Malformed`] or a read error.
pub fn open(mut reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    control.check()?;
    let ancillary = chunks::scan(&mut reader, control)?;
    let in_header = |error| damaged(error, "the header");
    let essential = Essential::new(reader, &ancillary).map_err(|e| in_header(e.into()))?;
    let mut decoder = png::Decoder::new_with_limits(essential, png::Limits { bytes: CHUNK_LIMIT });
    decoder.set_ignore_text_chunk(true);
    let reader = decoder.read_info().map_err(in_header)?;
    let info = reader.info();
    let size = Size::new(info.width, info.height).ok_or_else(|| {
        CodecError::malformed(
            ImageFormat::Png,
            format_args!("a size of {}x{} is not possible", info.width, info.height),
        )
    })?;
    if info.color_type == ColorType::Indexed && info.palette.is_none() {
        return Err(CodecError::malformed(
            ImageFormat::Png,
            "a palette image without a palette",
        ));
    }
    let header = Header {
        format: ImageFormat::Png,
        stored: size,
        orientation: ancillary.orientation.unwrap_or(1),
        alpha: alpha(info),
        lossless: info.color_type != ColorType::Indexed,
        multiple_frames: false,
        can_shrink: false,
        can_scale: false,
        is_deep: info.bit_depth == BitDepth::Sixteen && !info.interlaced,
    };
    Ok(Box::new(PngDecoder {
        header,
        reader,
        ancillary,
    }))
}

fn alpha(info: &Info<'_>) -> Alpha {
    match info.color_type {
        ColorType::GrayscaleAlpha | ColorType::Rgba | ColorType::Indexed => Alpha::Meaningful,
        ColorType::Grayscale | ColorType::Rgb if info.trns.is_some() => Alpha::Meaningful,
        ColorType::Grayscale | ColorType::Rgb => Alpha::Opaque,
    }
}

struct PngDecoder {
    header: Header,
    reader: png::Reader<Essential>,
    ancillary: Ancillary,
}

impl PngDecoder {
    fn row_bytes(&self) -> u64 {
        let info = self.reader.info();
        let bits = info.color_type.samples() as u64 * info.bit_depth as u64;
        (u64::from(info.width) * bits).div_ceil(8)
    }
}

impl Decoder for PngDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        let frame = if self.reader.info().interlaced {
            self.header.stored.area() * 4
        } else {
            0
        };
        // The row handed out, the unfiltered row before it and up to four rows inflated ahead.
        FIXED_BYTES + self.row_bytes() * 6 + frame
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        control.check()?;
        let size = self.header.stored;
        let row_bytes = self.row_bytes();
        if row_bytes.saturating_mul(u64::from(size.height()))
            > self.ancillary.file_bytes.saturating_mul(MAX_RATIO)
        {
            let message = format!(
                "{} bytes of file cannot hold the {size} pixels the header claims",
                self.ancillary.file_bytes
            );
            return Err(CodecError::malformed(ImageFormat::Png, message));
        }
        let reservation = control.reserve(FIXED_BYTES + row_bytes * 6)?;
        let info = self.reader.info();
        let expander = Expander::new(info);
        let gray_pixels = matches!(
            info.color_type,
            ColorType::Grayscale | ColorType::GrayscaleAlpha
        );
        let color = color::transform(&self.ancillary, gray_pixels, options, control)?;
        let raw = vec![
            0;
            usize::try_from(row_bytes).map_err(|_| CodecError::malformed(
                ImageFormat::Png,
                "rows too long for this machine"
            ))?
        ];
        let interlaced = info.interlaced;
        let facts = info.clone();
        let lines = Lines {
            reader: self.reader,
            raw,
            expander,
            read: 0,
            control: control.clone(),
            _reservation: reservation,
        };
        if options.linear_floats && self.header.is_deep {
            let frame = FrameInfo::float(size, self.header.alpha);
            let deep = color.map(|color| color.deep()).transpose();
            // A profile with a transform of bytes has one of floats.
            let deep = deep.map_err(|message| CodecError::ColorProfile {
                format: ImageFormat::Png,
                message,
            })?;
            return Ok(Box::new(DeepRows::new(
                frame, lines, &facts, deep, control,
            )?));
        }
        let frame = FrameInfo::bgra8(size, self.header.alpha);
        Ok(if interlaced {
            Box::new(InterlacedRows {
                frame,
                lines: Some(lines),
                color,
                pixels: Frame::new(size, control)?,
                next: 0,
                control: control.clone(),
            })
        } else {
            Box::new(PlainRows {
                frame,
                lines,
                color,
            })
        })
    }
}

/// The rows of the file, in file order.
pub(super) struct Lines {
    reader: png::Reader<Essential>,
    raw: Vec<u8>,
    expander: Expander,
    read: u32,
    control: JobControl,
    _reservation: Reservation,
}

impl Lines {
    /// The samples of the line read last.
    pub(super) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Reads the next of `height` lines, and what follows the last one.
    pub(super) fn advance(&mut self, height: u32) -> Result<(), CodecError> {
        self.next()?;
        if self.read == height {
            self.finish()?;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<(), CodecError> {
        if self.read.is_multiple_of(CHECK_ROWS) {
            self.control.check()?;
        }
        self.read += 1;
        match self.reader.read_row(&mut self.raw) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(CodecError::malformed(
                ImageFormat::Png,
                "fewer rows than the header claims",
            )),
            Err(error) => Err(damaged(error, "the pixels")),
        }
    }

    /// Checks what follows the last row: the check sum of the last chunk. All pixels are there, so a file that merely ends
    /// here is whole enough.
    fn finish(&mut self) -> Result<(), CodecError> {
        match self.reader.read_row(&mut self.raw) {
            Err(DecodingError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                Ok(())
            }
            Err(error) => Err(damaged(error, "the end of the pixels")),
            Ok(_) => Ok(()),
        }
    }
}

struct PlainRows {
    frame: FrameInfo,
    lines: Lines,
    color: Option<RgbTransform>,
}

impl RowSource for PlainRows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            self.lines.advance(self.frame.size.height())?;
            let row = out.row_mut(y);
            self.lines.expander.expand(&self.lines.raw, row);
            if let Some(color) = &mut self.color {
                color.apply(row);
            }
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        for _ in 0..count {
            self.lines.advance(self.frame.size.height())?;
        }
        Ok(true)
    }
}

struct InterlacedRows {
    frame: FrameInfo,
    /// `None` once all passes are in.
    lines: Option<Lines>,
    color: Option<RgbTransform>,
    pixels: Frame,
    next: u32,
    control: JobControl,
}

impl InterlacedRows {
    fn fill(&mut self) -> Result<(), CodecError> {
        let Some(mut lines) = self.lines.take() else {
            return Ok(());
        };
        let mut pass = vec![0; self.frame.row_bytes()];
        for at in pass_rows(self.frame.size) {
            lines.next()?;
            let pixels = pass.get_mut(..at.count as usize * 4).unwrap_or_default();
            lines.expander.expand(&lines.raw, pixels);
            self.pixels.scatter(at, pixels);
        }
        lines.finish()
    }
}

impl RowSource for InterlacedRows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        self.control.check()?;
        self.fill()?;
        for y in out.range() {
            let row = out.row_mut(y);
            row.copy_from_slice(self.pixels.row(self.next));
            self.next += 1;
            if let Some(color) = &mut self.color {
                color.apply(row);
            }
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
