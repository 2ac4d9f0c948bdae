//! Nodes whose result depends on all pixels of their input: where content begins, which values occur.
//!
//! The planner runs the job up to such a node with a sink that only looks. A small frame is kept on the way, and the job
//! goes on from it; a large one is made again by the job itself, which costs a second decode but no memory.

use std::sync::{Arc, Mutex, PoisonError};

use imageflow_pixels::ops::{ContentDetector, Histogram};
use imageflow_pixels::{EncodeReport, JobControl, RowBuf, RowSink, Rows, StreamError};

use super::expand::Expander;
use super::frames::Found;
use super::ir::{Held, Id, Op};
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

    /// What was found at this place of the job on an earlier frame, or what `look` finds; and the operation to go on from.
    pub(super) fn found(
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
        let keeper = self.keeper(input, true)?;
        let survey = Survey::new(state, look);
        let mut sinks = vec![(input, survey.sink(self.planning.control))];
        sinks.extend(
            keeper
                .iter()
                .map(|k| (input, k.sink(self.planning.control))),
        );
        self.show(sinks)?;
        Ok((survey.finish()?, self.go_on(input, keeper)?))
    }

    /// Something that keeps a frame on the way, unless it is better made again: when it is large, or when that is cheap.
    pub(super) fn keeper(
        &self,
        input: Id,
        small_ones: bool,
    ) -> Result<Option<Survey<Kept>>, Error> {
        let frame = self.frame(input);
        let bytes = RowBuf::bytes_for(&frame, frame.size.height());
        let in_memory = matches!(self.ir.op(input), Op::Held(_));
        let small = small_ones && bytes <= MAX_KEPT_BYTES;
        if in_memory || !(small || self.surveys > MAX_REPEATS) {
            return Ok(None);
        }
        let kept = Kept {
            frame: RowBuf::new(frame, frame.size.height(), self.planning.control)?,
            rows: 0,
        };
        Ok(Some(Survey::new(kept, Kept::push_row)))
    }

    /// The operation to go on from: the frame that was kept, or the one it would have been.
    pub(super) fn go_on(&mut self, input: Id, keeper: Option<Survey<Kept>>) -> Result<Id, Error> {
        match keeper {
            Some(keeper) => {
                let held = Held {
                    frame: Arc::new(keeper.finish()?.frame),
                    animated: self.ir.animated(input),
                };
                self.ir.add(Op::Held(held), &[], self.planning.limits)
            }
            None => Ok(input),
        }
    }

    /// Runs the job up to these frames and shows them to sinks.
    pub(super) fn show(&self, sinks: Vec<(Id, Box<dyn RowSink>)>) -> Result<(), Error> {
        let (ends, sinks): (Vec<Id>, Vec<_>) = sinks.into_iter().unzip();
        let mut plan = super::finish(self.ir.subgraph(&ends), self.planning)?;
        for (end, sink) in plan.sinks.iter_mut().zip(sinks) {
            end.kind = SinkKind::Rows(sink);
        }
        (self.planning.run)(plan)
    }
}

/// Somebody who looks at rows, and what was learned so far.
pub(super) struct Survey<T> {
    state: Arc<Mutex<T>>,
    look: fn(&mut T, &[u8]),
}

impl<T: Send + 'static> Survey<T> {
    pub(super) fn new(state: T, look: fn(&mut T, &[u8])) -> Survey<T> {
        Survey {
            state: Arc::new(Mutex::new(state)),
            look,
        }
    }

    /// The sink that looks.
    pub(super) fn sink(&self, control: &JobControl) -> Box<dyn RowSink> {
        Box::new(Looking {
            state: self.state.clone(),
            look: self.look,
            control: control.clone(),
        })
    }

    /// What was learned, when the plan has run.
    pub(super) fn finish(self) -> Result<T, Error> {
        let state = Arc::into_inner(self.state)
            .ok_or_else(|| Error::new(ErrorKind::InternalError, "a survey is still being made"))?;
        Ok(state.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The sink of a survey.
struct Looking<T> {
    state: Arc<Mutex<T>>,
    look: fn(&mut T, &[u8]),
    control: JobControl,
}

impl<T: Send> RowSink for Looking<T> {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        self.control.check()?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for y in rows.range() {
            (self.look)(&mut state, rows.row(y));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        Ok(EncodeReport::default())
    }
}

/// A frame that is kept on the way.
pub(super) struct Kept {
    frame: RowBuf,
    rows: u32,
}

impl Kept {
    fn push_row(&mut self, row: &[u8]) {
        let y = self.rows;
        self.rows += 1;
        self.frame
            .advance(y..y + 1, 0)
            .row_mut(y)
            .copy_from_slice(row);
    }
}
