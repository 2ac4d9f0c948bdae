//! GIF: XMP in an application extension (XMP specification part 3, §1.1.2).

use std::io::Read;

use super::{Blocks, MAX_BLOCK, MAX_CHUNKS, skip};
use crate::input::Reader;
use crate::metadata::embed::gif::{APPLICATION, trailer};

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const APPLICATION_EXTENSION: u8 = 0xFF;

pub(super) fn read(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    let mut header = [0; 13];
    reader.read_exact(&mut header)?;
    let [.., flags, _, _] = header;
    skip(reader, colors(flags))?;
    for _ in 0..MAX_CHUNKS {
        match byte(reader)? {
            EXTENSION => {
                let is_application = byte(reader)? == APPLICATION_EXTENSION;
                let name = sub_block(reader)?;
                let is_xmp = is_application && name.as_deref() == Some(APPLICATION);
                if is_xmp {
                    data(reader, Some(blocks))?;
                } else if name.is_some() {
                    data(reader, None)?;
                }
            }
            IMAGE => {
                let mut descriptor = [0; 9];
                reader.read_exact(&mut descriptor)?;
                let [.., flags] = descriptor;
                // The smallest code size stands before the pixels.
                skip(reader, colors(flags) + 1)?;
                data(reader, None)?;
            }
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// Bytes of the colour table that flags announce.
fn colors(flags: u8) -> u64 {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn byte(reader: &mut Reader) -> std::io::Result<u8> {
    let mut one = [0];
    reader.read_exact(&mut one)?;
    let [byte] = one;
    Ok(byte)
}

/// The next sub-block; `None` at the end of a chain.
fn sub_block(reader: &mut Reader) -> std::io::Result<Option<Vec<u8>>> {
    let length = byte(reader)?;
    if length == 0 {
        return Ok(None);
    }
    let mut block = vec![0; usize::from(length)];
    reader.read_exact(&mut block)?;
    Ok(Some(block))
}

/// Passes over a chain of sub-blocks. XMP lies across them as if they were not there, and ends in a trailer that leads any
/// reader to the end of the chain.
fn data(reader: &mut Reader, mut xmp: Option<&mut Blocks>) -> std::io::Result<()> {
    let mut raw = Vec::new();
    loop {
        let length = byte(reader)?;
        if xmp.is_some() && raw.len() as u64 <= MAX_BLOCK {
            raw.push(length);
            let mut block = vec![0; usize::from(length)];
            reader.read_exact(&mut block)?;
            raw.extend(block);
        } else {
            skip(reader, u64::from(length))?;
        }
        if length == 0 {
            break;
        }
    }
    if let Some(blocks) = xmp.take() {
        if raw.len() as u64 > MAX_BLOCK {
            blocks.too_large.push("XMP");
        } else if let Some(packet) = raw.strip_suffix(&trailer()[..]) {
            blocks.xmp.get_or_insert_with(|| packet.to_vec());
        }
    }
    Ok(())
}
