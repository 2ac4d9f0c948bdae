//! WebP: chunks named as what they hold.

use std::io::{Read, Seek, SeekFrom};

use super::{Blocks, MAX_CHUNKS, exif, icc, skip, xmp};
use crate::input::Reader;

pub(super) fn read(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    reader.seek(SeekFrom::Start(12))?;
    let mut head = [0; 8];
    for _ in 0..MAX_CHUNKS {
        reader.read_exact(&mut head)?;
        let [kind @ .., a, b, c, d] = head;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        match &kind {
            b"EXIF" => blocks.take(reader, length, exif)?,
            b"ICCP" => blocks.take(reader, length, icc)?,
            b"XMP " => blocks.take(reader, length, xmp)?,
            _ => skip(reader, length)?,
        }
        skip(reader, length % 2)?;
    }
    Ok(())
}
