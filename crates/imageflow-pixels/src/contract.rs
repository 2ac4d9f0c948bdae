//! The contracts of the row pipeline: source, sink, stage.
//!
//! Demand travels up (a sink asks for rows, each stage maps them to the input rows it needs), pixels travel down. Rows are
//! requested in increasing order only.

use std::fmt;
use std::ops::Range;

use crate::control::ControlError;
use crate::layout::FrameInfo;
use crate::rows::{Rows, RowsMut};

/// Why a source or a sink could not go on.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// Cancelled, past its deadline or out of memory.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The codec's own error; the engine downcasts it.
    #[error(transparent)]
    Codec(Box<dyn std::error::Error + Send + Sync>),
}

/// Produces rows top to bottom, each once. Implemented by decoders and canvases.
pub trait RowSource: Send {
    /// Size and meaning of the rows.
    fn frame(&self) -> FrameInfo;

    /// Fills all rows of `out`, which follow the rows filled before.
    ///
    /// # Errors
    /// When the input cannot be decoded or the job must stop.
    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError>;

    /// Passes over `count` rows that nobody needs, more cheaply than reading them, and returns `true`;
    /// or returns `false` and passes over none. Called before the first [`RowSource::read_rows`] only.
    ///
    /// # Errors
    /// As for [`RowSource::read_rows`].
    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        let _ = count;
        Ok(false)
    }
}

/// What a sink has to say when it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EncodeReport {
    /// Bytes written to the output.
    pub bytes: u64,
}

/// Consumes rows top to bottom. Implemented by encoders.
pub trait RowSink: Send {
    /// Takes rows that follow the rows taken before.
    ///
    /// # Errors
    /// When the rows cannot be encoded or written, or the job must stop.
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError>;

    /// Completes the output after the last row.
    ///
    /// # Errors
    /// As for [`RowSink::write_rows`].
    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError>;
}

/// How a stage reads its inputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Windows of rows that move down with the output.
    Rows,
    /// Rows in another order: the planner puts the whole (already shrunk) frame in front of it.
    WholeFrame,
}

/// A pure function from windows of input rows to output rows: no I/O, no failure, no hidden state.
pub trait Stage: fmt::Display + Send + Sync {
    /// Size and meaning of the rows it makes.
    fn output(&self) -> FrameInfo;

    /// How it reads its inputs.
    fn access(&self) -> Access {
        Access::Rows
    }

    /// The rows of input `input` needed to make rows `out`. Both ends never decrease as `out` moves down; may be empty.
    fn window(&self, input: usize, out: Range<u32>) -> Range<u32>;

    /// Fills all rows of `out`. `inputs[i]` holds at least `window(i, out.range())`.
    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, scratch: &mut Scratch);
}

/// Working memory that a stage may reuse between calls; its content on entry is unspecified.
#[derive(Debug, Default)]
pub struct Scratch {
    floats: Vec<f32>,
}

impl Scratch {
    /// At least `len` floats of finite value.
    pub fn floats(&mut self, len: usize) -> &mut [f32] {
        if self.floats.len() < len {
            self.floats.resize(len, 0.0);
        }
        &mut self.floats[..len]
    }
}
