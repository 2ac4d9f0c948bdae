//! Feeding the decoder: bytes in, events out.
//!
//! The `jxl` crate is a push decoder. It gets the input in pieces, and its work in tasks of one group of pixels; between two
//! pieces and between two tasks the job may be stopped.

use std::io::{self, BufRead, IoSliceMut, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use imageflow_pixels::{ControlError, JobControl};
use jxl::api::{
    Event, JxlBitstreamInput, JxlDecoder, JxlDecoderOptions, JxlOutputBuffer, JxlParallelRunner,
    JxlParallelRunnerFun,
};
use jxl::error::Error;

use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Bytes of input between two looks at the job's deadline.
const PIECE: usize = 64 * 1024;

/// A decoder and the input it eats.
pub(super) struct Stream {
    pub(super) decoder: JxlDecoder,
    input: Pieces,
    control: JobControl,
}

impl Stream {
    /// Decodes `reader` from where it stands.
    pub(super) fn new(reader: Reader, options: JxlDecoderOptions, control: &JobControl) -> Stream {
        Stream {
            decoder: JxlDecoder::new(options),
            input: Pieces {
                reader,
                allowance: 0,
            },
            control: control.clone(),
        }
    }

    /// Gives the input back.
    pub(super) fn into_reader(self) -> Reader {
        self.input.reader
    }

    /// Decodes up to the next event, which is never [`Event::NeedMoreInput`].
    ///
    /// # Errors
    /// [`CodecError::Malformed`], a read error, or the job must stop. The decoder is of no use afterwards.
    pub(super) fn next(
        &mut self,
        mut buffers: Option<&mut [JxlOutputBuffer<'_>]>,
    ) -> Result<Event, CodecError> {
        loop {
            self.control.check()?;
            self.input.allowance = PIECE;
            let mut tasks = Tasks {
                control: &self.control,
                stopped: None,
            };
            let (decoder, input) = (&mut self.decoder, &mut self.input);
            // The decoder has hundreds of assertions about what earlier checks of the bitstream established. None failed for
            // 42,000 damaged files; input that finds a gap must still be an error of that input, not of the process.
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                decoder.process(input, buffers.as_deref_mut(), Some(&mut tasks))
            }))
            .map_err(|_| malformed("an invariant does not hold for this file"))?;
            if let Some(stopped) = tasks.stopped {
                return Err(stopped.into());
            }
            match outcome {
                Ok(Event::NeedMoreInput { .. }) if self.input.allowance == PIECE => {
                    return Err(malformed("the file ends early"));
                }
                Ok(Event::NeedMoreInput { .. }) => {}
                Ok(event) => return Ok(event),
                Err(Error::IOError(error)) => return Err(CodecError::read(error)),
                Err(Error::OutOfMemory(_)) => {
                    let size = self.decoder.basic_info().map_or((0, 0), |info| info.size);
                    let bytes = (size.0 as u64).saturating_mul(size.1 as u64) * 4;
                    return Err(ControlError::AllocationFailed { bytes }.into());
                }
                Err(Error::ImageOutOfMemory(row, rows)) => {
                    let bytes = (row as u64).saturating_mul(rows as u64);
                    return Err(ControlError::AllocationFailed { bytes }.into());
                }
                Err(error) => return Err(malformed(error)),
            }
        }
    }
}

pub(super) fn malformed(message: impl ToString) -> CodecError {
    CodecError::malformed(ImageFormat::Jxl, message)
}

/// A reader that claims to be at its end after `allowance` bytes.
struct Pieces {
    reader: Reader,
    allowance: usize,
}

impl JxlBitstreamInput for Pieces {
    fn available_bytes(&mut self) -> io::Result<usize> {
        if self.allowance == 0 {
            return Ok(0);
        }
        Ok(self.reader.fill_buf()?.len().min(self.allowance))
    }

    fn read(&mut self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let before = self.allowance;
        for buffer in buffers {
            let mut filled = 0;
            while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                let wanted = rest.len().min(self.allowance);
                let got = self
                    .reader
                    .read(rest.get_mut(..wanted).unwrap_or_default())?;
                if got == 0 {
                    return Ok(before - self.allowance);
                }
                self.allowance -= got;
                filled += got;
            }
        }
        Ok(before - self.allowance)
    }
}

/// Runs the tasks of the decoder one after the other, and looks at the job's deadline before each.
struct Tasks<'a> {
    control: &'a JobControl,
    stopped: Option<ControlError>,
}

impl JxlParallelRunner for Tasks<'_> {
    fn run(&mut self, count: usize, task: &JxlParallelRunnerFun<'_>) -> Result<(), Error> {
        for index in 0..count {
            if let Err(stopped) = self.control.check() {
                self.stopped = Some(stopped);
                return Err(Error::ApiUsageError("the job was stopped"));
            }
            task(index)?;
        }
        Ok(())
    }

    fn num_threads(&self) -> usize {
        1
    }

    fn run_ordered(
        &mut self,
        count: usize,
        _max_threads: Option<usize>,
        task: &JxlParallelRunnerFun<'_>,
    ) -> Result<(), Error> {
        self.run(count, task)
    }
}
