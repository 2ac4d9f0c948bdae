//! The palette sink: keeps the frame, chooses colours, dithers.

use imageflow_pixels::{EncodeReport, FrameInfo, JobControl, RowSink, Rows, StreamError};

use super::deflate::Effort;
use super::format::{Color, Format};
use super::lossless::{KeptRows, write_kept};
use super::rows::RowEncoder;
use super::survey::Survey;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::palette::{self, Ditherer, Picture, Wish};

pub(super) struct PaletteSink {
    frame: FrameInfo,
    wish: Wish,
    effort: Effort,
    control: JobControl,
    output: Output,
    kept: KeptRows,
    survey: Survey,
}

impl PaletteSink {
    pub(super) fn new(
        frame: FrameInfo,
        wish: Wish,
        effort: Effort,
        output: Output,
        control: &JobControl,
    ) -> Result<PaletteSink, CodecError> {
        let kept = KeptRows::new(&frame, control)?;
        Ok(PaletteSink {
            frame,
            wish,
            effort,
            control: control.clone(),
            output,
            kept,
            survey: Survey::new(frame.alpha),
        })
    }

    fn encode(self) -> Result<u64, CodecError> {
        let PaletteSink {
            frame,
            wish,
            effort,
            control,
            output,
            kept,
            survey,
        } = self;
        if survey.fits_palette() {
            let format = survey.format(&kept.bgra);
            return write_kept(&frame, &format, effort, &kept, output, &control)?.finish();
        }
        let picture = Picture {
            bgra: &kept.bgra,
            width: frame.size.width() as usize,
            opaque: survey.is_opaque(),
        };
        let choosing = palette::working_bytes(frame.size.area(), picture.opaque, wish.speed);
        let reservation = control.reserve(choosing)?;
        let Some(mut colors) = palette::choose(picture, wish, &control)? else {
            drop(reservation);
            let color = if picture.opaque {
                Color::Rgb
            } else {
                Color::Rgba
            };
            return write_kept(
                &frame,
                &Format::plain(color),
                effort,
                &kept,
                output,
                &control,
            )?
            .finish();
        };
        drop(reservation);
        colors.sort_by_key(|color| color[3] == 255);
        let mut encoder = RowEncoder::new(
            output,
            frame.size,
            &Format::indexed(colors.clone()),
            effort,
            false,
            &control,
        )?;
        let mut ditherer = Ditherer::new(&colors, picture.opaque, picture.width);
        let mut indices = vec![0; picture.width];
        for row in picture.bgra.chunks_exact(frame.row_bytes()) {
            ditherer.row(row, &mut indices);
            encoder.indices(&indices)?;
        }
        encoder.finish()
    }
}

impl RowSink for PaletteSink {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        self.control.check()?;
        for y in rows.range() {
            let row = self.kept.push(rows.row(y));
            self.survey.row(row);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        Ok(EncodeReport {
            bytes: self.encode()?,
        })
    }
}
