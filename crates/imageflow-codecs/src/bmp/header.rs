//! The headers before the pixels, and the palette.

use std::io::{Read, Seek, SeekFrom};

use imageflow_pixels::Size;

use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Bytes of the file header.
const FILE_HEADER: u64 = 14;
/// Headers of at least this size have their own masks; before it they follow the header.
const WITH_MASKS: u32 = 52;
/// `bV5CSType` of a profile in the file.
const PROFILE_EMBEDDED: u32 = u32::from_be_bytes(*b"MBED");
/// Bytes a profile may have.
const MAX_PROFILE: u32 = 16 << 20;

/// How samples are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Storage {
    /// Rows of `bits` per pixel, padded to four bytes.
    Plain,
    /// Runs of palette indices.
    Runs,
}

/// Red, green, blue and alpha within a pixel.
pub(super) type Masks = [u32; 4];

/// What is known before the first pixel.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) size: Size,
    pub(super) bottom_up: bool,
    /// 1, 2, 4, 8, 16, 24 or 32.
    pub(super) bits: u16,
    pub(super) storage: Storage,
    /// Of 16 and 32 bits.
    pub(super) masks: Masks,
    /// B, G, R, 255 of each index; opaque black beyond the palette.
    pub(super) palette: Box<[[u8; 4]; 256]>,
    /// Where the pixels are.
    pub(super) pixels_at: u64,
    /// The embedded ICC profile.
    pub(super) profile: Option<Vec<u8>>,
    pub(super) file_bytes: u64,
}

pub(super) fn malformed(message: impl ToString) -> CodecError {
    CodecError::malformed(ImageFormat::Bmp, message)
}

/// An error of reading; the end of the file is the file's fault.
pub(super) fn damaged(error: std::io::Error, what: &str) -> CodecError {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        malformed(format_args!("the file ends in {what}"))
    } else {
        CodecError::read(error)
    }
}

/// Little-endian fields of the information header; what is beyond it is 0.
struct Fields(Vec<u8>);

impl Fields {
    fn u16(&self, at: usize) -> u16 {
        let bytes = self.0.get(at..at + 2).and_then(|b| b.try_into().ok());
        bytes.map_or(0, u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> u32 {
        let bytes = self.0.get(at..at + 4).and_then(|b| b.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    }
}

/// Reads everything before the pixels.
pub(super) fn read(reader: &mut Reader) -> Result<Facts, CodecError> {
    let file_bytes = reader.seek(SeekFrom::End(0)).map_err(CodecError::read)?;
    reader.seek(SeekFrom::Start(0)).map_err(CodecError::read)?;
    let mut head = [0; 18];
    reader
        .read_exact(&mut head)
        .map_err(|e| damaged(e, "the header"))?;
    let head = Fields(head.to_vec());
    let (pixels_at, header_bytes) = (head.u32(10), head.u32(14));
    if !(12..=124).contains(&header_bytes) {
        return Err(malformed(format_args!("a header of {header_bytes} bytes")));
    }
    let mut fields = vec![0; header_bytes as usize];
    reader
        .seek(SeekFrom::Start(FILE_HEADER))
        .and_then(|_| reader.read_exact(&mut fields))
        .map_err(|e| damaged(e, "the header"))?;
    let fields = Fields(fields);

    let is_core = header_bytes == 12;
    let (width, height, bits) = if is_core {
        let side = |at| i64::from(fields.u16(at));
        (side(4), side(6), fields.u16(10))
    } else {
        let side = |at| i64::from(fields.u32(at).cast_signed());
        (side(4), side(8), fields.u16(14))
    };
    let size = u32::try_from(width)
        .ok()
        .zip(u32::try_from(height.abs()).ok())
        .and_then(|(width, height)| Size::new(width, height))
        .ok_or_else(|| {
            malformed(format_args!(
                "a size of {width}x{} is not possible",
                height.abs()
            ))
        })?;
    let compression = fields.u32(16);
    let has_masks = match (compression, bits) {
        (0, 1 | 2 | 4 | 8 | 16 | 24 | 32) => false,
        (1, 8) | (2, 4) if !is_core => false,
        // OS/2 has Huffman codes and runs of 24 bits under the same numbers.
        (3, 16 | 32) | (6, 16 | 32) if header_bytes != 64 => true,
        _ => {
            return Err(malformed(format_args!(
                "{} with {bits} bits per pixel is not supported",
                compression_name(compression, header_bytes)
            )));
        }
    };
    let storage = match compression {
        1 | 2 => Storage::Runs,
        _ => Storage::Plain,
    };
    let mut at = FILE_HEADER + u64::from(header_bytes);
    let masks = match (has_masks, bits) {
        (true, _) if header_bytes >= WITH_MASKS => {
            let alpha = if header_bytes >= 56 {
                fields.u32(52)
            } else {
                0
            };
            [fields.u32(40), fields.u32(44), fields.u32(48), alpha]
        }
        (true, _) => {
            let count = if compression == 6 { 4 } else { 3 };
            let mut bytes = vec![0; count * 4];
            reader
                .read_exact(&mut bytes)
                .map_err(|e| damaged(e, "the masks"))?;
            at += bytes.len() as u64;
            let following = Fields(bytes);
            [0, 4, 8, 12].map(|at| following.u32(at))
        }
        (false, 16) => [0x7C00, 0x03E0, 0x001F, 0],
        (false, _) => [0x00FF_0000, 0x0000_FF00, 0x0000_00FF, 0],
    };
    // Zero says: right behind the header.
    let has_offset = u64::from(pixels_at) >= at;
    let entry_bytes = if is_core { 3 } else { 4 };
    let entries = if bits > 8 {
        0
    } else {
        let used = if is_core { 0 } else { fields.u32(32) };
        let most = 1u64 << bits;
        let entries = match u64::from(used) {
            0 => most,
            used => used.min(most),
        };
        let room = (u64::from(pixels_at).saturating_sub(at)) / entry_bytes;
        if has_offset {
            entries.min(room)
        } else {
            entries
        }
    };
    let palette = read_palette(reader, entries, entry_bytes)?;
    let pixels_at = if has_offset {
        u64::from(pixels_at)
    } else {
        at + entries * entry_bytes
    };
    let profile = if header_bytes == 124 && fields.u32(56) == PROFILE_EMBEDDED {
        read_profile(reader, fields.u32(112), fields.u32(116))?
    } else {
        None
    };
    Ok(Facts {
        size,
        bottom_up: height > 0,
        bits,
        storage,
        masks,
        palette,
        pixels_at,
        profile,
        file_bytes,
    })
}

fn compression_name(compression: u32, header_bytes: u32) -> String {
    match (compression, header_bytes) {
        (0, _) => "no compression".to_owned(),
        (1, _) => "RLE8".to_owned(),
        (2, _) => "RLE4".to_owned(),
        (3, 64) => "Huffman compression".to_owned(),
        (4, 64) => "RLE24".to_owned(),
        (3 | 6, _) => "a mask for each channel".to_owned(),
        (4, _) => "an embedded JPEG".to_owned(),
        (5, _) => "an embedded PNG".to_owned(),
        (other, _) => format!("compression {other}"),
    }
}

fn read_palette(
    reader: &mut Reader,
    entries: u64,
    entry_bytes: u64,
) -> Result<Box<[[u8; 4]; 256]>, CodecError> {
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(entries * entry_bytes)
        .read_to_end(&mut bytes)
        .map_err(CodecError::read)?;
    let mut palette = Box::new([[0, 0, 0, 255]; 256]);
    let colors = bytes.chunks_exact(entry_bytes as usize);
    for (target, color) in palette.iter_mut().zip(colors) {
        if let [b, g, r, ..] = color {
            *target = [*b, *g, *r, 255];
        }
    }
    Ok(palette)
}

/// A profile that is not there counts as absent; one that cannot be used is found when it is.
fn read_profile(
    reader: &mut Reader,
    offset: u32,
    bytes: u32,
) -> Result<Option<Vec<u8>>, CodecError> {
    if bytes == 0 || bytes > MAX_PROFILE {
        return Ok(None);
    }
    let mut profile = Vec::new();
    reader
        .seek(SeekFrom::Start(FILE_HEADER + u64::from(offset)))
        .and_then(|_| {
            reader
                .by_ref()
                .take(u64::from(bytes))
                .read_to_end(&mut profile)
        })
        .map_err(CodecError::read)?;
    Ok(Some(profile).filter(|p| p.len() == bytes as usize))
}
