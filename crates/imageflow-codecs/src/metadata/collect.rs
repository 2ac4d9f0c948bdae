//! Finding EXIF, XMP, IPTC, texts and the colour profile in a file, whatever decodes it.

mod boxes;
mod gif;
mod jpeg;
mod png;
mod raw;
mod tiff;
mod webp;

use std::io::{Read, Seek, SeekFrom};

use super::rights::Rights;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::{Input, Reader};

/// Most bytes of one block.
const MAX_BLOCK: u64 = 4 << 20;
/// Most segments or chunks that are looked at.
const MAX_CHUNKS: usize = 10_000;
/// Most bytes of one text.
const MAX_TEXT: u64 = 64 << 10;

/// The blocks of a file as they are: EXIF without a marker, XMP, IPTC's records.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Blocks {
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
    pub(super) iptc: Option<Vec<u8>>,
    pub(super) icc: Option<Vec<u8>>,
    /// What texts of the format itself say.
    pub(super) texts: Rights,
    /// Whether pixels are stored as inks.
    pub(super) inks: bool,
    /// Blocks that are too large to be kept.
    pub(super) too_large: Vec<&'static str>,
}

impl Blocks {
    /// Takes a block of `length` bytes that the reader stands before; the first of its kind counts.
    fn take(
        &mut self,
        reader: &mut Reader,
        length: u64,
        which: fn(&mut Blocks) -> (&'static str, &mut Option<Vec<u8>>),
    ) -> std::io::Result<()> {
        if length > MAX_BLOCK {
            let (name, _) = which(self);
            self.too_large.push(name);
            return skip(reader, length);
        }
        let block = take(reader, length)?;
        which(self).1.get_or_insert(block);
        Ok(())
    }
}

fn exif(blocks: &mut Blocks) -> (&'static str, &mut Option<Vec<u8>>) {
    ("EXIF", &mut blocks.exif)
}

fn xmp(blocks: &mut Blocks) -> (&'static str, &mut Option<Vec<u8>>) {
    ("XMP", &mut blocks.xmp)
}

fn icc(blocks: &mut Blocks) -> (&'static str, &mut Option<Vec<u8>>) {
    ("the colour profile", &mut blocks.icc)
}

/// Reads them; a damaged container ends the search.
pub(super) fn collect(input: &Input, format: ImageFormat) -> Result<Blocks, CodecError> {
    let mut reader = input.reader();
    let mut blocks = Blocks::default();
    let outcome = match format {
        ImageFormat::Jpeg => jpeg::read(&mut reader, &mut blocks),
        ImageFormat::Png => png::read(&mut reader, &mut blocks),
        ImageFormat::WebP => webp::read(&mut reader, &mut blocks),
        ImageFormat::Gif => gif::read(&mut reader, &mut blocks),
        ImageFormat::Tiff => tiff::read(&mut reader, &mut blocks),
        ImageFormat::Avif => boxes::avif(&mut reader, &mut blocks),
        ImageFormat::Jxl => boxes::jxl(&mut reader, &mut blocks),
        _ => Ok(()),
    };
    // Some writers put JPEG's marker before EXIF everywhere.
    if let Some(exif) = &mut blocks.exif
        && let Some(bare) = exif.strip_prefix(b"Exif\0\0")
    {
        *exif = bare.to_vec();
    }
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            Err(CodecError::read(error))
        }
        _ => Ok(blocks),
    }
}

fn take(reader: &mut Reader, length: u64) -> std::io::Result<Vec<u8>> {
    let mut block = Vec::new();
    reader.by_ref().take(length).read_to_end(&mut block)?;
    Ok(block)
}

/// Passes over bytes, and keeps what is buffered where possible.
fn skip(reader: &mut Reader, bytes: u64) -> std::io::Result<()> {
    match i64::try_from(bytes) {
        Ok(bytes) => reader.seek_relative(bytes),
        Err(_) => reader.seek(SeekFrom::End(0)).map(drop),
    }
}

/// What zlib has packed, at most `limit` bytes; `None` when it is damaged or more.
fn inflated(packed: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let inflater = flate2::read::ZlibDecoder::new(packed);
    inflater.take(limit + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= limit).then_some(text)
}
