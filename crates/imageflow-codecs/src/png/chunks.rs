//! A look at the chunk list before decoding: EXIF may come after the pixels, and rows need to know first.

use std::io::{Read, Seek, SeekFrom};

use crate::input::Reader;
use crate::metadata::exif_orientation;

const SIGNATURE: u64 = 8;
/// Bytes of EXIF that are looked at; orientation is in the first directory.
const EXIF_HEAD: u64 = 64 * 1024;

/// Finds the orientation of the first eXIf chunk wherever it is, and the length of the file; leaves the reader at its start.
///
/// # Errors
/// Those of reading. A damaged chunk list just ends the search.
pub(super) fn scan(reader: &mut Reader) -> std::io::Result<(Option<u8>, u64)> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(SIGNATURE))?;
    let mut at = SIGNATURE;
    let mut orientation = None;
    let mut head = [0u8; 8];
    while length.saturating_sub(at) >= 12 {
        reader.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let size = u64::from(u32::from_be_bytes([a, b, c, d]));
        at += 12 + size;
        if &kind == b"IEND" || at > length {
            break;
        }
        if &kind == b"eXIf" {
            let mut exif = Vec::new();
            reader
                .by_ref()
                .take(size.min(EXIF_HEAD))
                .read_to_end(&mut exif)?;
            orientation = exif_orientation(&exif);
            break;
        }
        reader.seek(SeekFrom::Start(at))?;
    }
    reader.seek(SeekFrom::Start(0))?;
    Ok((orientation, length))
}
