//! GIF89a: a header with a palette, then extensions and images whose data come in sub-blocks.

use super::parts::{Container, Part};

/// The format.
pub const GIF: Container = Container {
    split,
    join,
    names: &[
        b"\x2C",
        b"\x3B",
        b"\x21\xF9",
        b"\x21\xFF",
        b"\x21\xFE",
        b"\x21\x01",
        b"\x21\x00",
        b"\x00",
    ],
    packing: None,
};

/// Signature and logical screen descriptor.
const HEADER: usize = 13;

/// Bytes of the palette that a flag byte announces.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn split(file: &[u8]) -> Option<Vec<Part>> {
    let end = HEADER + palette(*file.get(10)?);
    let (header, mut rest) = file.split_at_checked(end)?;
    let mut parts = vec![Part::new(b"GIF", header)];
    while let Some((kind, after)) = rest.split_first() {
        let mut part = Part::new(&[*kind], &[]);
        rest = match (kind, after.first()) {
            (0x21, Some(label)) => {
                part.name.push(*label);
                let (mut blocks, rest) = sub_blocks(&after[1..]);
                part.tail = blocks.split_off(blocks.len().min(1)).concat();
                part.body = blocks.concat();
                rest
            }
            (0x2C, Some(_)) => {
                let flags = after.get(8).copied().unwrap_or_default();
                // Descriptor, palette and the least code size.
                let (body, rest) = after.split_at(after.len().min(9 + palette(flags) + 1));
                let (blocks, rest) = sub_blocks(rest);
                part.body = body.to_vec();
                part.tail = blocks.concat();
                rest
            }
            _ => {
                part.tail = after.to_vec();
                &[]
            }
        };
        parts.push(part);
    }
    Some(parts)
}

/// The sub-blocks up to the empty one, and what follows that.
fn sub_blocks(mut rest: &[u8]) -> (Vec<Vec<u8>>, &[u8]) {
    let mut blocks = Vec::new();
    while let Some((length, after)) = rest.split_first() {
        let (block, next) = after.split_at(after.len().min(usize::from(*length)));
        rest = next;
        if *length == 0 {
            break;
        }
        blocks.push(block.to_vec());
    }
    (blocks, rest)
}

fn join(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        match part.name.as_slice() {
            b"GIF" => out.extend(&part.body),
            [0x21, label] => {
                out.extend([0x21, *label]);
                write_blocks(&part.body, part.lie, &mut out);
                write_blocks(&part.tail, None, &mut out);
                out.push(0);
            }
            [0x2C] => {
                out.push(0x2C);
                out.extend(&part.body);
                write_blocks(&part.tail, part.lie, &mut out);
                out.push(0);
            }
            name => {
                out.extend(name);
                out.extend(&part.tail);
            }
        }
    }
    out
}

fn write_blocks(data: &[u8], lie: Option<u32>, out: &mut Vec<u8>) {
    for block in data.chunks(255) {
        out.push(lie.map_or(block.len() as u8, |lie| lie as u8));
        out.extend(block);
    }
}
