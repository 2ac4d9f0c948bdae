//! Putting EXIF, XMP and a colour profile into a file that an encoder has finished.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use imageflow_pixels::{EncodeReport, RowSink, Rows, StreamError};

use super::Metadata;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Largest payload of a JPEG segment.
const MAX_SEGMENT: usize = 65_533;

/// Largest part of a profile in a JPEG segment.
const MAX_PROFILE_PART: usize = 65_519;

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

/// Encodes to memory, and writes the file with its metadata at the end.
pub(crate) struct Embedding {
    pub(crate) encoder: Box<dyn RowSink>,
    pub(crate) file: SharedFile,
    pub(crate) format: ImageFormat,
    pub(crate) metadata: Metadata,
    pub(crate) output: Output,
}

impl RowSink for Embedding {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        self.encoder.write_rows(rows)
    }

    fn finish(mut self: Box<Self>) -> Result<EncodeReport, StreamError> {
        self.encoder.finish()?;
        let file = std::mem::take(&mut *self.file.0.lock().unwrap_or_else(PoisonError::into_inner));
        let file = embed(file, self.format, &self.metadata)?;
        self.output
            .write_all(&file)
            .and_then(|()| self.output.flush())
            .map_err(CodecError::Write)?;
        Ok(EncodeReport {
            bytes: file.len() as u64,
        })
    }
}

/// The file with the metadata.
fn embed(file: Vec<u8>, format: ImageFormat, metadata: &Metadata) -> Result<Vec<u8>, CodecError> {
    let unexpected = || CodecError::encode(format, "metadata cannot be added to this file");
    match format {
        ImageFormat::Jpeg => jpeg(&file, metadata).ok_or_else(unexpected),
        ImageFormat::Png => png(&file, metadata).ok_or_else(unexpected),
        ImageFormat::WebP => webp(&file, metadata).ok_or_else(unexpected),
        _ => Ok(file),
    }
}

/// Behind SOI and a JFIF segment. A block that does not fit a segment is left out: the file stays readable.
fn jpeg(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    let at = match file.get(2..6)? {
        [0xFF, 0xE0, high, low] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => 2,
    };
    let mut out = file.get(..at)?.to_vec();
    let mut segment = |marker: &[u8], block: &Option<Vec<u8>>| {
        let Some(block) = block else { return };
        let length = marker.len() + block.len() + 2;
        if let Ok(length) = u16::try_from(length)
            && usize::from(length) <= MAX_SEGMENT
        {
            out.extend([0xFF, 0xE1]);
            out.extend(length.to_be_bytes());
            out.extend(marker);
            out.extend(block);
        }
    };
    segment(b"Exif\0\0", &metadata.exif);
    segment(b"http://ns.adobe.com/xap/1.0/\0", &metadata.xmp);
    if let Some(icc) = &metadata.icc {
        let parts = icc.chunks(MAX_PROFILE_PART);
        let count = u8::try_from(parts.len()).ok()?;
        for (number, part) in (1u8..=count).zip(parts) {
            let length = u16::try_from(2 + 14 + part.len()).ok()?;
            out.extend([0xFF, 0xE2]);
            out.extend(length.to_be_bytes());
            out.extend(b"ICC_PROFILE\0");
            out.extend([number, count]);
            out.extend(part);
        }
    }
    out.extend(file.get(at..)?);
    Some(out)
}

/// Behind IHDR.
fn png(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    const BEHIND_IHDR: usize = 8 + 8 + 13 + 4;
    let mut out = file.get(..BEHIND_IHDR)?.to_vec();
    let mut chunk = |kind: &[u8; 4], start: &[u8], block: &Option<Vec<u8>>| {
        let Some(block) = block else { return };
        let data = [&kind[..], start, block].concat();
        if let Ok(length) = u32::try_from(data.len() - 4) {
            out.extend(length.to_be_bytes());
            out.extend(&data);
            out.extend(crc32fast::hash(&data).to_be_bytes());
        }
    };
    let profile = metadata.icc.as_ref().map(|icc| {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(icc).and_then(|()| packed.finish())
    });
    chunk(b"iCCP", b"ICC\0\0", &profile.transpose().ok()?);
    chunk(b"eXIf", b"", &metadata.exif);
    chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0", &metadata.xmp);
    out.extend(file.get(BEHIND_IHDR..)?);
    Some(out)
}

/// At the end, announced in a VP8X chunk at the beginning (RFC 9649 §2.7).
fn webp(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    const ICC: u8 = 0x20;
    const EXIF: u8 = 0x08;
    const VP8X: usize = 18;
    const XMP: u8 = 0x04;
    let body = file.get(12..)?;
    let mut chunks = if body.starts_with(b"VP8X") {
        body.to_vec()
    } else {
        let (size, alpha) = simple(body)?;
        let mut out = b"VP8X\x0a\0\0\0".to_vec();
        out.extend([if alpha { 0x10 } else { 0 }, 0, 0, 0]);
        for side in [size.0, size.1] {
            let [a, b, c, _] = side.checked_sub(1)?.to_le_bytes();
            out.extend([a, b, c]);
        }
        out.extend(body);
        out
    };
    let flags = chunks.get_mut(8)?;
    *flags |= if metadata.exif.is_some() { EXIF } else { 0 };
    *flags |= if metadata.xmp.is_some() { XMP } else { 0 };
    *flags |= if metadata.icc.is_some() { ICC } else { 0 };
    let chunk = |kind: &[u8; 4], block: &[u8]| {
        let length = u32::try_from(block.len()).ok()?.to_le_bytes();
        let mut chunk = [&kind[..], &length, block].concat();
        chunk.extend((block.len() % 2 == 1).then_some(0));
        Some(chunk)
    };
    // The profile comes before the picture, the rest behind it.
    if let Some(icc) = &metadata.icc {
        chunks.splice(VP8X..VP8X, chunk(b"ICCP", icc)?);
    }
    for (kind, block) in [(b"EXIF", &metadata.exif), (b"XMP ", &metadata.xmp)] {
        if let Some(block) = block {
            chunks.extend(chunk(kind, block)?);
        }
    }
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(chunks.len() + 4).ok()?.to_le_bytes());
    out.extend(b"WEBP");
    out.extend(chunks);
    Some(out)
}

/// Size and alpha of a file of one bitstream.
fn simple(body: &[u8]) -> Option<((u32, u32), bool)> {
    let data = body.get(8..)?;
    if body.starts_with(b"VP8L") {
        let bits = u32::from_le_bytes(data.get(1..5)?.try_into().ok()?);
        let size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
        return Some((size, bits >> 28 & 1 == 1));
    }
    let side = |at: usize| {
        Some(u32::from(
            u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?) & 0x3FFF,
        ))
    };
    Some(((side(6)?, side(8)?), false))
}
