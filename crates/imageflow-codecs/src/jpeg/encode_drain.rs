//! Where encoded bytes go: the job's output, with cancellation and write errors remembered for whoever comes back from C.
//!
//! Native encoders ask for room through callbacks that can only say yes or no, so the reason for a *no* waits here.

use imageflow_pixels::JobControl;

use crate::encoder::Output;
use crate::error::CodecError;

/// The encoder's end of an output.
pub(super) struct Drain {
    output: Output,
    control: JobControl,
    bytes: u64,
    failure: Option<CodecError>,
}

impl Drain {
    pub(super) fn new(output: Output, control: JobControl) -> Drain {
        Drain {
            output,
            control,
            bytes: 0,
            failure: None,
        }
    }

    /// Writes bytes, unless the job must stop or something failed before. False means: give up, the reason is kept.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        if !self.may_continue() {
            return false;
        }
        match self.output.write_all(bytes) {
            Ok(()) => {
                self.bytes = self.bytes.saturating_add(bytes.len() as u64);
                true
            }
            Err(error) => {
                self.failure = Some(CodecError::Write(error));
                false
            }
        }
    }

    /// Polls cancellation and deadline. False means: give up, the reason is kept.
    pub(super) fn may_continue(&mut self) -> bool {
        if self.failure.is_none() {
            self.failure = self.control.check().err().map(CodecError::Control);
        }
        self.failure.is_none()
    }

    /// Keeps an error, unless an earlier one explains it.
    #[cfg(feature = "mozjpeg")]
    pub(super) fn fail(&mut self, error: CodecError) {
        self.failure.get_or_insert(error);
    }

    /// The first error since the last call, if any.
    ///
    /// # Errors
    /// That error.
    pub(super) fn result(&mut self) -> Result<(), CodecError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Flushes the output and says how many bytes it got.
    ///
    /// # Errors
    /// When a write failed, now or before.
    pub(super) fn close(mut self) -> Result<u64, CodecError> {
        self.result()?;
        self.output.flush().map_err(CodecError::Write)?;
        Ok(self.bytes)
    }
}
