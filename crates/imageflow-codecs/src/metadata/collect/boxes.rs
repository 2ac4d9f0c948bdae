//! AVIF and JPEG XL: boxes (ISO/IEC 14496-12, ISO/IEC 18181-2).

use std::io::{Read, Seek, SeekFrom};

use super::{Blocks, MAX_BLOCK, MAX_CHUNKS, exif, skip, take, xmp};
use crate::input::Reader;
use crate::metadata::items::{self, Head};

/// Before EXIF: how far its TIFF header is from there.
const OFFSET: usize = 4;
/// Bytes of a `meta` box that is read.
const MAX_META: u64 = 16 << 20;

/// Reads the heads of the boxes of a file; `body` reads or skips what follows a head.
fn boxes(
    reader: &mut Reader,
    mut body: impl FnMut(&mut Reader, Head) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let end = reader.seek(SeekFrom::End(0))?;
    let mut at = 0;
    for _ in 0..MAX_CHUNKS {
        if end.saturating_sub(at) < 8 {
            break;
        }
        reader.seek(SeekFrom::Start(at))?;
        let bytes = take(reader, Head::MAX as u64)?;
        let Some(head) = Head::read(&bytes, end - at) else {
            break;
        };
        reader.seek(SeekFrom::Start(at + head.bytes))?;
        body(reader, head)?;
        at = at.saturating_add(head.bytes).saturating_add(head.body);
    }
    Ok(())
}

pub(super) fn jxl(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    boxes(reader, |reader, head| {
        match &head.kind {
            b"Exif" => blocks.take(reader, head.body, exif)?,
            b"xml " => blocks.take(reader, head.body, xmp)?,
            b"brob" if head.body <= MAX_BLOCK => {
                let packed = take(reader, head.body)?;
                brotli(&packed, blocks);
            }
            _ => return skip(reader, head.body),
        }
        Ok(())
    })?;
    blocks.exif = blocks.exif.take().and_then(behind_offset);
    Ok(())
}

/// A box of another kind, packed.
fn brotli(packed: &[u8], blocks: &mut Blocks) {
    let Some((kind, packed)) = packed.split_first_chunk::<4>() else {
        return;
    };
    let (name, place) = match kind {
        b"Exif" => exif(blocks),
        b"xml " => xmp(blocks),
        _ => return,
    };
    let mut block = Vec::new();
    let inflater = brotli_decompressor::Decompressor::new(packed, 4096);
    let outcome = inflater.take(MAX_BLOCK + 1).read_to_end(&mut block);
    if block.len() as u64 > MAX_BLOCK {
        blocks.too_large.push(name);
    } else if outcome.is_ok() {
        place.get_or_insert(block);
    }
}

/// EXIF behind the number that says where its header is.
fn behind_offset(block: Vec<u8>) -> Option<Vec<u8>> {
    let offset = u32::from_be_bytes(*block.first_chunk::<OFFSET>()?);
    let start = usize::try_from(offset).ok()?.checked_add(OFFSET)?;
    let behind = block.get(start..).filter(|exif| !exif.is_empty());
    behind.or(block.get(OFFSET..)).map(<[u8]>::to_vec)
}

pub(super) fn avif(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    let mut meta = None;
    boxes(reader, |reader, head| {
        if head.kind == *b"meta" && head.body <= MAX_META && meta.is_none() {
            meta = Some(take(reader, head.body)?);
        }
        Ok(())
    })?;
    let found = meta.as_deref().map(items::read).unwrap_or_default();
    for item in found {
        let which = match item.content {
            items::Content::Exif => exif,
            items::Content::Xmp => xmp,
        };
        if item.bytes() > MAX_BLOCK {
            let (name, _) = which(blocks);
            blocks.too_large.push(name);
            continue;
        }
        let mut block = Vec::new();
        for (place, length) in &item.extents {
            match place {
                items::Place::File(at) => {
                    reader.seek(SeekFrom::Start(*at))?;
                    block.extend(take(reader, *length)?);
                }
                items::Place::Meta(bytes) => block.extend(bytes),
            }
        }
        which(blocks).1.get_or_insert(block);
    }
    blocks.exif = blocks.exif.take().and_then(behind_offset);
    Ok(())
}
