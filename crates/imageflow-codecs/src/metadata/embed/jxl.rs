//! JPEG XL: boxes of a container, which is made around a bare codestream (ISO/IEC 18181-2).

use crate::metadata::Metadata;
use crate::metadata::items::boxes;

const CODESTREAM: &[u8] = &[0xFF, 0x0A];
const SIGNATURE: &[u8] = b"\0\0\0\x0CJXL \r\n\x87\n";
const FILE_TYPE: &[u8] = b"\0\0\0\x14ftypjxl \0\0\0\0jxl ";

/// The file with the metadata before the pixels.
pub(super) fn embedded(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    let mut blocks = Vec::new();
    if let Some(exif) = &metadata.exif {
        // The header is right behind the number that says where it is.
        blocks.extend(boxed(b"Exif", &[&[0; 4], exif])?);
    }
    if let Some(xmp) = &metadata.xmp {
        blocks.extend(boxed(b"xml ", &[xmp])?);
    }
    if file.starts_with(CODESTREAM) {
        let codestream = boxed(b"jxlc", &[file])?;
        return Some([SIGNATURE, FILE_TYPE, &blocks, &codestream].concat());
    }
    let mut out = Vec::new();
    let mut is_placed = false;
    for (kind, _, whole) in boxes(file) {
        if !is_placed && matches!(&kind, b"jxlc" | b"jxlp") {
            out.extend(&blocks);
            is_placed = true;
        }
        out.extend(whole);
    }
    is_placed.then_some(out)
}

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let length = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let size = u32::try_from(length).ok()?.to_be_bytes();
    let mut out = [&size[..], kind].concat();
    parts.iter().for_each(|part| out.extend(*part));
    Some(out)
}
