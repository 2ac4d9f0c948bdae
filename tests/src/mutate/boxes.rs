//! ISO base media files (ISO 14496-12), as AVIF and the container of JPEG XL are: boxes in boxes.
//!
//! Media data are found by their place in the file, which moves when a box before them changes; [`join`] moves the offsets of
//! `iloc`, `stco` and `co64` with it.

use super::parts::{Container, Part};

/// The format.
pub const BOXES: Container = Container {
    split,
    join,
    names: &[
        b"ftyp", b"meta", b"hdlr", b"pitm", b"iloc", b"iinf", b"infe", b"iref", b"dimg", b"auxl",
        b"cdsc", b"prem", b"iprp", b"ipco", b"ipma", b"ispe", b"pixi", b"av1C", b"colr", b"auxC",
        b"irot", b"imir", b"clap", b"pasp", b"clli", b"mdcv", b"lsel", b"a1lx", b"a1op", b"grpl",
        b"idat", b"mdat", b"moov", b"mvhd", b"trak", b"tkhd", b"mdia", b"mdhd", b"minf", b"stbl",
        b"stsd", b"stts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"edts", b"elst",
        b"tref", b"free", b"skip", b"uuid", b"jxlc", b"jxlp", b"jxll", b"jbrd", b"Exif", b"xml ",
        b"brob",
    ],
    packing: None,
};

/// Boxes within boxes are followed this deep.
const DEPTH: usize = 12;

/// Bytes before the first box inside a box; `None` when there are none inside.
fn head_of(name: &[u8], body: &[u8]) -> Option<usize> {
    match name {
        b"moov" | b"trak" | b"mdia" | b"minf" | b"stbl" | b"dinf" | b"edts" | b"iprp" | b"ipco"
        | b"tref" | b"grpl" => Some(0),
        b"meta" | b"iref" => Some(4),
        b"iinf" if body.first() == Some(&0) => Some(6),
        b"iinf" | b"stsd" => Some(8),
        _ => None,
    }
}

fn split(file: &[u8]) -> Option<Vec<Part>> {
    (file.len() >= 8).then(|| boxes(file, 0, DEPTH))
}

fn boxes(all: &[u8], start: usize, depth: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(head) = all.get(at..at + 8) {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        // 0 is up to the end, 1 a size of 64 bits, less a mistake: up to the end, too.
        let end = if size < 8 {
            all.len()
        } else {
            (at + size).min(all.len())
        };
        let body = &all[at + 8..end];
        let mut part = Part::new(&head[4..], body);
        part.origin = start + at + 8;
        if let Some((own, inner)) = head_of(&part.name, body)
            .filter(|_| depth > 0)
            .and_then(|head| body.split_at_checked(head))
        {
            part.parts = boxes(inner, part.origin + own.len(), depth - 1);
            let used: usize = part.parts.iter().map(length).sum();
            part.tail = inner.get(used..).unwrap_or_default().to_vec();
            part.body = own.to_vec();
        }
        parts.push(part);
        at = end;
    }
    parts
}

fn length(part: &Part) -> usize {
    8 + part.body.len() + part.parts.iter().map(length).sum::<usize>() + part.tail.len()
}

fn join(parts: &[Part]) -> Vec<u8> {
    let mut at = 0;
    let mut moved = 0i64;
    for part in parts {
        if part.name == b"mdat" && part.origin > 0 {
            moved = at + 8 - part.origin as i64;
            break;
        }
        at += length(part) as i64;
    }
    let mut out = Vec::new();
    write(parts, moved, &mut out);
    out
}

fn write(parts: &[Part], moved: i64, out: &mut Vec<u8>) {
    for part in parts {
        let size = part.lie.unwrap_or(length(part) as u32);
        out.extend(size.to_be_bytes());
        out.extend(&part.name);
        let start = out.len();
        out.extend(&part.body);
        if moved != 0 {
            move_offsets(&part.name, &mut out[start..], moved);
        }
        write(&part.parts, moved, out);
        out.extend(&part.tail);
    }
}

/// Adds to every offset into the file that a box holds.
fn move_offsets(name: &[u8], body: &mut [u8], moved: i64) {
    let width = match name {
        b"stco" => 4,
        b"co64" => 8,
        b"iloc" => {
            // A box that ends early has been changed as far as it goes.
            let _ = move_item_offsets(body, moved);
            return;
        }
        _ => return,
    };
    for offset in body
        .get_mut(8..)
        .unwrap_or_default()
        .chunks_exact_mut(width)
    {
        add(offset, moved);
    }
}

/// `iloc` of the versions 0, 1 and 2. Only extents that count from the start of the file are moved.
fn move_item_offsets(body: &mut [u8], moved: i64) -> Option<()> {
    let version = *body.first()?;
    let [offset, length, base, index] = [
        body.get(4)? >> 4,
        body.get(4)? & 15,
        body.get(5)? >> 4,
        body.get(5)? & 15,
    ]
    .map(usize::from);
    let id = if version < 2 { 2 } else { 4 };
    let count = number(body.get(6..6 + id)?);
    let mut at = 6 + id;
    for _ in 0..count {
        at += id;
        let mut in_file = true;
        if version > 0 {
            in_file = body.get(at + 1)? & 15 == 0;
            at += 2;
        }
        at += 2;
        // A base is moved for all extents together.
        let has_base = base > 0 && number(body.get(at..at + base)?) > 0;
        if has_base && in_file {
            add(body.get_mut(at..at + base)?, moved);
        }
        at += base;
        let extents = number(body.get(at..at + 2)?);
        at += 2;
        for _ in 0..extents {
            at += if version > 0 { index } else { 0 };
            if in_file && !has_base {
                add(body.get_mut(at..at + offset)?, moved);
            }
            at += offset + length;
        }
    }
    Some(())
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

fn add(bytes: &mut [u8], moved: i64) {
    let sum = number(bytes).wrapping_add_signed(moved);
    let length = bytes.len().min(8);
    bytes[..length].copy_from_slice(&sum.to_be_bytes()[8 - length..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Picture, samples};

    #[test]
    fn pictures_are_still_found_when_a_box_before_them_grows() {
        let file = samples::avif();
        let mut parts = split(&file).unwrap_or_default();
        parts.insert(1, Part::new(b"free", &[7; 1000]));
        let longer = join(&parts);
        assert_eq!(longer.len(), file.len() + 1008);
        assert_eq!(Picture::decode(&longer), Picture::decode(&file));
        assert!(Picture::decode(&longer).is_ok());
    }
}
