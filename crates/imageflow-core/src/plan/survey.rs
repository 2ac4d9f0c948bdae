//! Nodes whose result depends on all pixels of their input: where content begins, which values occur.
//!
//! The planner runs the job up to such a node with a sink that only looks. A small frame is kept on the way, and the job
//! goes on from it; a large one is made again by the job itself, which costs a second decode but no memory.

use std::sync::{Arc, Mutex, PoisonError};

use imageflow_pixels::ops::{ContentDetector, Histogram};
use imageflow_pixels::{EncodeReport, JobControl, RowBuf, RowSink, Rows, StreamError};

use super::expand::Expander;
use super::frames::Found;
use super::ir::{Held, Id, Ir, Op};
use super::lower::SinkKind;
use crate::error::{Error, ErrorKind};

/// A frame up to this size is kept rather than made twice.
const MAX_KEPT_BYTES: u64 = 16 << 20;
/// Surveys of one job that may make large frames twice; further ones keep theirs, so that a chain of them stays linear.
const MAX_REPEATS: usize = 2;
/// Pixels outside which values are rare enough to be cut off, as a fraction, when the node does not say.
const WHITE_BALANCE_THRESHOLD: f32 = 0.006;

impl Expander<'_> {
    /// Expands `crop_whitespace`.
    pub(super) fn crop_whitespace(
        &mut self,
        input: Id,
        threshold: u32,
        padding: f32,
    ) -> Result<Id, Error> {
        let frame = self.frame(input);
        let (found, id) = self.found(input, |expander| {
            let detector = ContentDetector::new(frame, threshold);
            let (detector, id) = expander.survey(input, detector, ContentDetector::push_row)?;
            Ok((Found::Content(detector.content(padding)), id))
        })?;
        match found {
            Found::Content(rect) if rect.fits(frame.size) => self.crop_to(id, rect),
            _ => Ok(id),
        }
    }

    /// Expands `white_balance_histogram_area_threshold_srgb`.
    pub(super) fn white_balance(&mut self, input: Id, threshold: Option<f32>) -> Result<Id, Error> {
        let threshold = threshold.unwrap_or(WHITE_BALANCE_THRESHOLD);
        let (found, id) = self.found(input, |expander| {
            let (histogram, id) =
                expander.survey(input, Histogram::default(), Histogram::add_row)?;
            Ok((Found::Levels(Box::new(histogram.stretch(threshold))), id))
        })?;
        match found {
            Found::Levels(tables) => self.add(Op::Levels(tables), id),
            Found::Content(_) => Ok(id),
        }
    }

    fn found(
        &mut self,
        input: Id,
        look: impl FnOnce(&mut Self) -> Result<(Found, Id), Error>,
    ) -> Result<(Found, Id), Error> {
        let index = self.surveys;
        self.surveys += 1;
        if let Some(found) = self.planning.frames.found(index) {
            return Ok((found, input));
        }
        let (found, id) = look(self)?;
        self.planning.frames.remember(&found);
        Ok((found, id))
    }

    /// Shows all rows of a frame to `look`; returns what it learned and the operation to go on from.
    fn survey<T: Send + 'static>(
        &mut self,
        input: Id,
        state: T,
        look: fn(&mut T, &[u8]),
    ) -> Result<(T, Id), Error> {
        let frame = self.frame(input);
        let bytes = RowBuf::bytes_for(&frame, frame.size.height());
        let in_memory = matches!(self.ir.op(input), Op::Held(_));
        let keeps = !in_memory && (bytes <= MAX_KEPT_BYTES || self.surveys > MAX_REPEATS);
        let control = self.planning.control;
        let kept = if keeps {
            Some(RowBuf::new(frame, frame.size.height(), control)?)
        } else {
            None
        };
        let shared = Arc::new(Mutex::new(Survey { state, look, kept }));
        let part = Ir {
            ops: self.ir.ops.clone(),
            encodes: Vec::new(),
            unused: vec![input],
        };
        let mut plan = super::finish(part, self.planning)?;
        for sink in &mut plan.sinks {
            sink.kind = SinkKind::Rows(Box::new(Looking {
                shared: shared.clone(),
                control: control.clone(),
            }));
        }
        (self.planning.run)(plan)?;
        let survey = Arc::into_inner(shared)
            .ok_or_else(|| Error::new(ErrorKind::InternalError, "a survey is still being made"))?;
        let survey = survey.into_inner().unwrap_or_else(PoisonError::into_inner);
        let id = match survey.kept {
            Some(frame) => {
                self.ir
                    .add(Op::Held(Held(Arc::new(frame))), &[], self.planning.limits)?
            }
            None => input,
        };
        Ok((survey.state, id))
    }
}

struct Survey<T> {
    state: T,
    look: fn(&mut T, &[u8]),
    kept: Option<RowBuf>,
}

/// The sink of a survey.
struct Looking<T> {
    shared: Arc<Mutex<Survey<T>>>,
    control: JobControl,
}

impl<T: Send> RowSink for Looking<T> {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        self.control.check()?;
        let mut guard = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let survey = &mut *guard;
        for y in rows.range() {
            (survey.look)(&mut survey.state, rows.row(y));
        }
        if let Some(kept) = &mut survey.kept {
            let mut copy = kept.advance(rows.range(), 0);
            for y in rows.range() {
                copy.row_mut(y).copy_from_slice(rows.row(y));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        Ok(EncodeReport::default())
    }
}
