//! The lossless sink: rows are kept only until the smallest colour type is certain.

use imageflow_pixels::{
    ControlError, EncodeReport, FrameInfo, JobControl, Reservation, RowSink, Rows, StreamError,
};

use super::deflate::Effort;
use super::format::Format;
use super::rows::RowEncoder;
use super::survey::Survey;
use crate::encoder::Output;
use crate::error::CodecError;

pub(super) struct Lossless {
    frame: FrameInfo,
    effort: Effort,
    control: JobControl,
    state: State,
}

enum State {
    Undecided {
        kept: KeptRows,
        survey: Survey,
        output: Output,
    },
    Decided(Box<RowEncoder>),
    /// Only while moving between the two.
    Moving,
}

/// Rows of B, G, R, A that were taken so far; the fourth byte of opaque frames is 255.
pub(super) struct KeptRows {
    pub(super) bgra: Vec<u8>,
    opaque: bool,
    _reservation: Reservation,
}

impl KeptRows {
    pub(super) fn new(frame: &FrameInfo, control: &JobControl) -> Result<KeptRows, CodecError> {
        let bytes = frame.size.area() * 4;
        let reservation = control.reserve(bytes)?;
        let failed = || CodecError::Control(ControlError::AllocationFailed { bytes });
        let mut bgra = Vec::new();
        bgra.try_reserve_exact(usize::try_from(bytes).map_err(|_| failed())?)
            .map_err(|_| failed())?;
        Ok(KeptRows {
            bgra,
            opaque: !frame.alpha.is_meaningful(),
            _reservation: reservation,
        })
    }

    /// Keeps a row and gives it back as kept.
    pub(super) fn push(&mut self, row: &[u8]) -> &[u8] {
        let start = self.bgra.len();
        self.bgra.extend_from_slice(row);
        let kept = self.bgra.get_mut(start..).unwrap_or_default();
        if self.opaque {
            for pixel in kept.as_chunks_mut::<4>().0 {
                pixel[3] = 255;
            }
        }
        kept
    }
}

impl Lossless {
    pub(super) fn new(
        frame: FrameInfo,
        effort: Effort,
        output: Output,
        control: &JobControl,
    ) -> Result<Lossless, CodecError> {
        let state = State::Undecided {
            kept: KeptRows::new(&frame, control)?,
            survey: Survey::new(frame.alpha),
            output,
        };
        Ok(Lossless {
            frame,
            effort,
            control: control.clone(),
            state,
        })
    }

    fn row(&mut self, row: &[u8]) -> Result<(), CodecError> {
        match &mut self.state {
            State::Decided(encoder) => return encoder.pixels(row),
            State::Undecided { kept, survey, .. } => survey.row(kept.push(row)),
            State::Moving => {}
        }
        Ok(())
    }

    /// Starts writing when the format is certain, or at the end.
    fn decide(&mut self, at_end: bool) -> Result<(), CodecError> {
        let settled = match &self.state {
            State::Undecided { survey, .. } => survey.settled(),
            _ => return Ok(()),
        };
        if settled.is_none() && !at_end {
            return Ok(());
        }
        if let State::Undecided {
            kept,
            survey,
            output,
        } = std::mem::replace(&mut self.state, State::Moving)
        {
            let format = settled.unwrap_or_else(|| survey.format(&kept.bgra));
            self.state = State::Decided(Box::new(write_kept(
                &self.frame,
                &format,
                self.effort,
                &kept,
                output,
                &self.control,
            )?));
        }
        Ok(())
    }
}

/// Starts a file and writes the kept rows.
pub(super) fn write_kept(
    frame: &FrameInfo,
    format: &Format,
    effort: Effort,
    kept: &KeptRows,
    output: Output,
    control: &JobControl,
) -> Result<RowEncoder, CodecError> {
    let mut encoder = RowEncoder::new(output, frame.size, format, effort, false, control)?;
    for row in kept.bgra.chunks_exact(frame.row_bytes()) {
        encoder.pixels(row)?;
    }
    Ok(encoder)
}

impl RowSink for Lossless {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        self.control.check()?;
        for y in rows.range() {
            self.row(rows.row(y))?;
        }
        Ok(self.decide(false)?)
    }

    fn finish(mut self: Box<Self>) -> Result<EncodeReport, StreamError> {
        self.decide(true)?;
        match self.state {
            State::Decided(encoder) => Ok(EncodeReport {
                bytes: encoder.finish()?,
            }),
            _ => Err(CodecError::encode(
                crate::ImageFormat::Png,
                "an earlier error ended the file",
            )
            .into()),
        }
    }
}
