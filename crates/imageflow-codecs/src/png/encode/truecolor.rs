//! The streaming sink: every row leaves as it comes.

use imageflow_pixels::{EncodeReport, FrameInfo, JobControl, RowSink, Rows, StreamError};

use super::deflate::Effort;
use super::format::{Color, Format};
use super::rows::RowEncoder;
use crate::encoder::Output;
use crate::error::CodecError;

pub(super) struct Truecolor {
    rows: RowEncoder,
}

impl Truecolor {
    pub(super) fn new(
        frame: FrameInfo,
        keep_alpha: bool,
        zlib_level: u8,
        output: Output,
        control: &JobControl,
    ) -> Result<Truecolor, CodecError> {
        let color = if keep_alpha && frame.alpha.is_meaningful() {
            Color::Rgba
        } else {
            Color::Rgb
        };
        let rows = RowEncoder::new(
            output,
            frame.size,
            &Format::plain(color),
            Effort::Stream(zlib_level),
            true,
            control,
        )?;
        Ok(Truecolor { rows })
    }
}

impl RowSink for Truecolor {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        for y in rows.range() {
            self.rows.pixels(rows.row(y))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        Ok(EncodeReport {
            bytes: self.rows.finish()?,
        })
    }
}
