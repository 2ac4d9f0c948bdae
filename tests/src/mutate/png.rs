//! PNG: chunks with a length, a name and a checksum; pixels, profiles and some text are compressed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::parts::{Container, Packing, Part, Unpacked};

/// The format.
pub const PNG: Container = Container {
    split,
    join,
    names: &[
        b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
        b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"eXIf", b"tIME", b"tEXt",
        b"zTXt", b"iTXt", b"acTL", b"fcTL", b"fdAT", b"iDOT", b"CgBI",
    ],
    packing: Some(Packing { unpack, pack }),
};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// More than this is not unpacked: mutations must stay fast.
const MOST: u64 = 256 << 10;

fn split(file: &[u8]) -> Option<Vec<Part>> {
    let mut rest = file.strip_prefix(SIGNATURE)?;
    let mut parts = Vec::new();
    while let Some((head, after)) = rest.split_at_checked(8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let body = &after[..length.min(after.len())];
        parts.push(Part::new(&head[4..], body));
        rest = after.get(length.saturating_add(4)..).unwrap_or_default();
    }
    Some(parts)
}

fn join(parts: &[Part]) -> Vec<u8> {
    let mut out = SIGNATURE.to_vec();
    for part in parts {
        let length = part.lie.unwrap_or(part.body.len() as u32);
        out.extend(length.to_be_bytes());
        let start = out.len();
        out.extend(&part.name);
        out.extend(&part.body);
        let checksum = crc32fast::hash(&out[start..]);
        out.extend(checksum.to_be_bytes());
    }
    out
}

fn unpack(part: &Part) -> Option<Unpacked> {
    let start = match part.name.as_slice() {
        b"IDAT" => 0,
        b"fdAT" => 4,
        // A name, its end and the method.
        b"iCCP" | b"zTXt" => part.body.iter().position(|byte| *byte == 0)? + 2,
        _ => return None,
    };
    let mut out = Vec::new();
    let read = ZlibDecoder::new(part.body.get(start..)?)
        .take(MOST)
        .read_to_end(&mut out);
    // A chunk that ends early gives what there is.
    (read.is_ok() || !out.is_empty()).then_some((start, out))
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}
