//! Putting EXIF, XMP and a colour profile into a file that an encoder has finished.

mod avif;
pub(super) mod gif;
pub(super) mod jpeg;
mod jxl;
mod png;
mod webp;

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use imageflow_pixels::{EncodeReport, RowSink, Rows, StreamError};

use super::Metadata;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::FrameSink;

/// A file in memory that an encoder writes and somebody else reads.
#[derive(Clone, Default)]
pub(crate) struct SharedFile(Arc<Mutex<Vec<u8>>>);

impl Write for SharedFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.try_reserve(bytes.len())
            .map_err(|_| std::io::ErrorKind::OutOfMemory)?;
        file.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A file in memory that metadata goes into.
pub(crate) struct Embedded {
    pub(crate) file: SharedFile,
    pub(crate) format: ImageFormat,
    pub(crate) metadata: Metadata,
    pub(crate) output: Output,
}

/// Encodes to memory, and writes the file with its metadata at the end.
pub(crate) struct Embedding<S: ?Sized> {
    pub(crate) encoder: Box<S>,
    pub(crate) embedded: Embedded,
}

impl Embedded {
    fn finish(self) -> Result<EncodeReport, StreamError> {
        let Embedded {
            file,
            format,
            metadata,
            mut output,
        } = self;
        let file = std::mem::take(&mut *file.0.lock().unwrap_or_else(PoisonError::into_inner));
        let file = embed(file, format, &metadata)?;
        output
            .write_all(&file)
            .and_then(|()| output.flush())
            .map_err(CodecError::Write)?;
        Ok(EncodeReport {
            bytes: file.len() as u64,
        })
    }
}

impl RowSink for Embedding<dyn RowSink> {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        self.encoder.write_rows(rows)
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        self.encoder.finish()?;
        self.embedded.finish()
    }
}

impl FrameSink for Embedding<dyn FrameSink> {
    fn write_frame(&mut self, frame: &Rows<'_>, delay_ms: u32) -> Result<(), StreamError> {
        self.encoder.write_frame(frame, delay_ms)
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        self.encoder.finish()?;
        self.embedded.finish()
    }
}

/// The file with the metadata.
fn embed(file: Vec<u8>, format: ImageFormat, metadata: &Metadata) -> Result<Vec<u8>, CodecError> {
    let unexpected = || CodecError::encode(format, "metadata cannot be added to this file");
    let embedded = match format {
        ImageFormat::Jpeg => jpeg::embedded(&file, metadata),
        ImageFormat::Png => png::embedded(&file, metadata),
        ImageFormat::WebP => webp::embedded(&file, metadata),
        ImageFormat::Gif => gif::embedded(&file, metadata),
        ImageFormat::Avif => avif::embedded(&file, metadata),
        ImageFormat::Jxl => jxl::embedded(&file, metadata),
        _ => return Ok(file),
    };
    embedded.ok_or_else(unexpected)
}
