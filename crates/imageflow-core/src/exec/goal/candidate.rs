//! A file in memory, in the job's budget.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imageflow_codecs::metadata::Metadata;
use imageflow_codecs::{Bytes, EncoderSettings, Input};
use imageflow_pixels::{ControlError, JobControl, Reservation, RowBuf, StreamError};

/// Rows an encoder is given at once, between two looks at the job's control.
const STRIP: u32 = 16;

/// A frame, encoded.
#[derive(Debug)]
pub(super) struct Candidate {
    bytes: Arc<[u8]>,
    _reservation: Reservation,
}

impl Candidate {
    /// Encodes a frame.
    ///
    /// # Errors
    /// The encoder's; refusals of the budget; a job that must stop.
    pub(super) fn encode(
        settings: &EncoderSettings,
        metadata: &Metadata,
        frame: &RowBuf,
        control: &JobControl,
    ) -> Result<Candidate, StreamError> {
        let buffer = Buffer::new(control);
        let encoded = write(settings, metadata, frame, buffer.clone(), control);
        let mut state = buffer.state();
        // The encoder knows of a refusal as a failed write.
        if let Some(refusal) = state.refusal.take() {
            return Err(refusal.into());
        }
        encoded?;
        let reservation = control.reserve(state.bytes.len() as u64)?;
        Ok(Candidate {
            bytes: Arc::from(std::mem::take(&mut state.bytes)),
            _reservation: reservation,
        })
    }

    /// The file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the file.
    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The file, for a decoder.
    pub(super) fn input(&self) -> Input {
        Input::Memory(Bytes::Shared(self.bytes.clone()))
    }
}

fn write(
    settings: &EncoderSettings,
    metadata: &Metadata,
    frame: &RowBuf,
    buffer: Buffer,
    control: &JobControl,
) -> Result<(), StreamError> {
    let output = Box::new(buffer);
    let mut sink =
        imageflow_codecs::encoder_with(settings, metadata, *frame.info(), output, control)?;
    let height = frame.info().size.height();
    for y in (0..height).step_by(STRIP as usize) {
        control.check()?;
        sink.write_rows(&frame.rows(y..height.min(y.saturating_add(STRIP))))?;
    }
    sink.finish()?;
    Ok(())
}

/// Memory that grows with leave of the budget.
#[derive(Clone, Debug)]
struct Buffer {
    state: Arc<Mutex<State>>,
    control: JobControl,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    reservation: Option<Reservation>,
    refusal: Option<ControlError>,
}

impl Buffer {
    fn new(control: &JobControl) -> Buffer {
        Buffer {
            state: Arc::default(),
            control: control.clone(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes room for `more` bytes.
    fn grow(&mut self, more: usize, control: &JobControl) -> Result<(), ControlError> {
        let needed = self.bytes.len().saturating_add(more);
        if needed <= self.bytes.capacity() {
            return Ok(());
        }
        let capacity = needed.max(self.bytes.capacity().saturating_mul(2));
        let bytes = capacity as u64;
        // The old memory is there until its content is moved, so its reservation is too.
        let reservation = control.reserve(bytes)?;
        self.bytes
            .try_reserve_exact(capacity.saturating_sub(self.bytes.len()))
            .map_err(|_| ControlError::AllocationFailed { bytes })?;
        self.reservation = Some(reservation);
        Ok(())
    }
}

impl Write for Buffer {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        if let Err(refusal) = state.grow(buffer.len(), &self.control) {
            let error = io::Error::new(io::ErrorKind::OutOfMemory, refusal.to_string());
            state.refusal = Some(refusal);
            return Err(error);
        }
        state.bytes.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
