//! TIFF: tags of the first directory.

use std::io::{Read, Seek, SeekFrom};

use super::{Blocks, MAX_BLOCK};
use crate::input::Reader;
use crate::metadata::directory::{Bytes, Directories};
use crate::metadata::iptc;

const XMP: u16 = 700;
const IPTC: u16 = 33723;
const PHOTOSHOP: u16 = 34377;
const IIM: u8 = 0x1C;

/// Bytes of a file, from anywhere in it.
struct File<'a>(&'a mut Reader);

impl Bytes for File<'_> {
    fn at(&mut self, at: u64, length: usize) -> Option<Vec<u8>> {
        self.0.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = Vec::new();
        let read = self.0.by_ref().take(length as u64).read_to_end(&mut bytes);
        (read.ok()? == length).then_some(bytes)
    }
}

pub(super) fn read(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    let Some(mut file) = Directories::open(File(reader)) else {
        return Ok(());
    };
    let mut value = |tag| file.value(tag, MAX_BLOCK).map(|entry| entry.value());
    blocks.xmp = value(XMP).map(|mut xmp| {
        // Padding of some writers.
        while xmp.last() == Some(&0) {
            xmp.pop();
        }
        xmp
    });
    let resources = value(PHOTOSHOP).and_then(|resources| iptc::in_resources(&resources));
    blocks.iptc = value(IPTC).map(in_order).or(resources);
    blocks.exif = file.described();
    Ok(())
}

/// Some writers stored IPTC as numbers of four bytes, which a change of byte order turned around.
fn in_order(mut records: Vec<u8>) -> Vec<u8> {
    if records.first() != Some(&IIM) && records.get(3) == Some(&IIM) {
        for four in records.as_chunks_mut::<4>().0 {
            four.reverse();
        }
    }
    records
}
