//! `maximum_deflate` through oxipng: the finished file is kept, searched for a smaller form, and then written.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imageflow_pixels::{EncodeReport, JobControl, RowSink, Rows, StreamError};

use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Of oxipng's 0..=6: the highest that does not repeat the whole search for a few more bytes.
const PRESET: u8 = 4;

/// A file in memory that a sink writes and the one around it reads.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) struct Optimised {
    inner: Box<dyn RowSink>,
    kept: Kept,
    output: Output,
    control: JobControl,
}

impl Optimised {
    /// Wraps the sink that `make` builds over a file in memory.
    pub(super) fn new(
        output: Output,
        control: &JobControl,
        make: impl FnOnce(Output) -> Result<Box<dyn RowSink>, CodecError>,
    ) -> Result<Optimised, CodecError> {
        let kept = Kept::default();
        Ok(Optimised {
            inner: make(Box::new(kept.clone()))?,
            kept,
            output,
            control: control.clone(),
        })
    }
}

impl RowSink for Optimised {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        self.inner.write_rows(rows)
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        let Optimised {
            inner,
            kept,
            mut output,
            control,
        } = *self;
        inner.finish()?;
        let file = std::mem::take(&mut *kept.lock());
        let _reservation = control.reserve(file.len() as u64 * 2)?;
        control.check()?;
        let smaller = oxipng::optimize_from_memory(&file, &oxipng::Options::from_preset(PRESET))
            .map_err(|error| CodecError::encode(ImageFormat::Png, error))?;
        let best = if smaller.len() < file.len() {
            &smaller
        } else {
            &file
        };
        output
            .write_all(best)
            .and_then(|()| output.flush())
            .map_err(CodecError::Write)?;
        Ok(EncodeReport {
            bytes: best.len() as u64,
        })
    }
}
