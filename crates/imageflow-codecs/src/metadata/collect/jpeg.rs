//! JPEG: APP1 (EXIF, XMP and its extension), APP2 (the profile), APP13 (Photoshop's resources).

use std::io::{BufRead, Read};

use super::{Blocks, MAX_BLOCK, MAX_CHUNKS, skip, take};
use crate::input::Reader;
use crate::metadata::{iptc, xmp};

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const INKS: u8 = 4;

/// What takes several segments.
#[derive(Default)]
struct Parts {
    /// Number, count and bytes of each part of the profile.
    profile: Vec<(u8, u8, Vec<u8>)>,
    /// Name, offset and bytes of each part of the extension of XMP.
    extension: Vec<([u8; 32], u32, Vec<u8>)>,
    extension_bytes: u64,
    resources: Vec<u8>,
}

pub(super) fn read(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    let mut parts = Parts::default();
    // What is there before the damage counts.
    let outcome = segments(reader, blocks, &mut parts);
    parts.finish(blocks);
    outcome
}

fn segments(reader: &mut Reader, blocks: &mut Blocks, parts: &mut Parts) -> std::io::Result<()> {
    let mut two = [0; 2];
    reader.read_exact(&mut two)?;
    for _ in 0..MAX_CHUNKS {
        reader.read_exact(&mut two)?;
        let [0xFF, marker] = two else { return Ok(()) };
        // Start of scan, end of image, and markers without a length.
        if matches!(marker, 0xDA | 0xD9 | 0x00 | 0x01 | 0xD0..=0xD8) {
            break;
        }
        if marker == 0xFF {
            // Fill bytes: the second of these may be the first of a marker.
            let next = reader.fill_buf()?.first().copied();
            if let Some(next) = next.filter(|b| *b != 0xFF) {
                reader.consume(1);
                if matches!(next, 0xDA | 0xD9) {
                    break;
                }
                segment(reader, next, blocks, parts)?;
            }
            continue;
        }
        segment(reader, marker, blocks, parts)?;
    }
    Ok(())
}

/// Takes a segment whose marker is read.
fn segment(
    reader: &mut Reader,
    marker: u8,
    blocks: &mut Blocks,
    parts: &mut Parts,
) -> std::io::Result<()> {
    let mut two = [0; 2];
    reader.read_exact(&mut two)?;
    let Some(length) = u64::from(u16::from_be_bytes(two)).checked_sub(2) else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    let is_frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
    if !matches!(marker, 0xE1 | 0xE2 | 0xED) && !is_frame {
        return skip(reader, length);
    }
    let payload = take(reader, length)?;
    if is_frame {
        blocks.inks = payload.get(5) == Some(&INKS);
    } else if let Some(exif) = payload.strip_prefix(EXIF) {
        blocks.exif.get_or_insert_with(|| exif.to_vec());
    } else if let Some(xmp) = payload.strip_prefix(XMP) {
        blocks.xmp.get_or_insert_with(|| xmp.to_vec());
    } else if let Some([number, count, part @ ..]) = payload.strip_prefix(ICC) {
        parts.profile.push((*number, *count, part.to_vec()));
    } else if let Some(resources) = payload.strip_prefix(PHOTOSHOP) {
        if (parts.resources.len() as u64) < MAX_BLOCK {
            parts.resources.extend(resources);
        }
    } else if let Some(part) = payload.strip_prefix(EXTENSION) {
        parts.extend(part);
    }
    Ok(())
}

impl Parts {
    /// Takes a part of the extension: name, whole length, offset, bytes.
    fn extend(&mut self, part: &[u8]) {
        let Some((name, rest)) = part.split_first_chunk::<32>() else {
            return;
        };
        let Some((offset, bytes)) = rest.get(4..).and_then(|rest| rest.split_first_chunk::<4>())
        else {
            return;
        };
        self.extension_bytes += bytes.len() as u64;
        if self.extension_bytes <= MAX_BLOCK {
            let offset = u32::from_be_bytes(*offset);
            self.extension.push((*name, offset, bytes.to_vec()));
        }
    }

    fn finish(mut self, blocks: &mut Blocks) {
        self.profile.sort_by_key(|(number, ..)| *number);
        let numbers = self.profile.iter().map(|(number, ..)| usize::from(*number));
        let is_whole = numbers.eq(1..=self.profile.len())
            && (self.profile.iter()).all(|(_, count, _)| usize::from(*count) == self.profile.len());
        if is_whole && !self.profile.is_empty() {
            let parts = self.profile.into_iter().flat_map(|(.., part)| part);
            blocks.icc = Some(parts.collect());
        }
        blocks.iptc = iptc::in_resources(&self.resources);
        if self.extension_bytes > MAX_BLOCK {
            blocks.too_large.push("the extension of XMP");
        } else if let Some(main) = &blocks.xmp {
            self.extension.sort_by_key(|(_, offset, _)| *offset);
            blocks.xmp = Some(xmp::extended(main, &self.extension));
        }
    }
}
