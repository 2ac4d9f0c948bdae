//! AVIF: items of the `meta` box that describe the picture (ISO/IEC 23008-12 annex A), with their bytes at the end of the
//! file. What was behind the grown box moves, and so do the offsets to it.

use crate::metadata::Metadata;
use crate::metadata::items::{Fields, Head, Location, XMP_TYPE, boxes, info, locations};

/// The file with the metadata.
pub(super) fn embedded(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    let mut blocks: Vec<(bool, Vec<u8>)> = Vec::new();
    if let Some(exif) = &metadata.exif {
        // The header is right behind the number that says where it is.
        blocks.push((true, [&[0; 4], &exif[..]].concat()));
    }
    blocks.extend(metadata.xmp.clone().map(|xmp| (false, xmp)));
    if blocks.is_empty() {
        return Some(file.to_vec());
    }
    let (at, meta) = find_meta(file)?;
    let meta_end = at + meta.len();
    // The new box has the same length whatever its offsets are.
    let length = grown(meta, &blocks, Some, 0, file.len())?.len();
    let shift = (length as u64).checked_sub(meta.len() as u64)?;
    let moved = |offset: u64| {
        let is_behind = offset >= meta_end as u64;
        offset.checked_add(if is_behind { shift } else { 0 })
    };
    // Behind the head of the box for the blocks.
    let data_at = file.len() as u64 + shift + 8;
    let meta = grown(meta, &blocks, moved, data_at, file.len())?;
    let mut out = file.get(..at)?.to_vec();
    out.extend(meta);
    out.extend(bounded(file, meta_end)?);
    let data: Vec<u8> = blocks.into_iter().flat_map(|(_, block)| block).collect();
    out.extend(boxed(b"mdat", &data)?);
    Some(out)
}

/// Where the `meta` box is, and the whole of it.
fn find_meta(file: &[u8]) -> Option<(usize, &[u8])> {
    let mut at = 0;
    for (kind, _, whole) in boxes(file) {
        if kind == *b"meta" {
            return Some((at, whole));
        }
        at += whole.len();
    }
    None
}

/// The boxes from `from` on; the last of them says where it ends, since there will be another one.
fn bounded(file: &[u8], from: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for (kind, body, whole) in boxes(file.get(from..)?) {
        if whole.starts_with(&[0; 4]) {
            out.extend(boxed(&kind, body)?);
        } else {
            out.extend(whole);
        }
    }
    Some(out)
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Option<Vec<u8>> {
    let size = u32::try_from(body.len() + 8).ok()?.to_be_bytes();
    Some([&size[..], kind, body].concat())
}

/// The `meta` box with an item for each block; the blocks lie one behind the other from `data_at` on.
fn grown(
    meta: &[u8],
    blocks: &[(bool, Vec<u8>)],
    moved: impl Fn(u64) -> Option<u64>,
    data_at: u64,
    file_bytes: usize,
) -> Option<Vec<u8>> {
    let head = Head::read(meta, meta.len() as u64)?;
    let body = meta.get(usize::try_from(head.bytes).ok()?..)?;
    let (version, children) = body.split_at_checked(4)?;
    let first_new = first_free(children)?;
    let ids: Vec<u32> = (first_new..).take(blocks.len()).collect();
    let primary = boxes(children).find_map(|(kind, body, _)| {
        let mut fields = Fields(body);
        let is_wide = (kind == *b"pitm").then(|| fields.version())?? > 0;
        fields.id(is_wide)
    })?;
    let mut out = version.to_vec();
    let mut has_references = false;
    for (kind, body, whole) in boxes(children) {
        match &kind {
            b"iinf" => out.extend(infos(body, blocks, &ids)?),
            b"iloc" => {
                let mut all = locations(body)?;
                for location in all.iter_mut().filter(|location| location.method == 0) {
                    for (offset, length) in &mut location.extents {
                        // To the end of the file, which will be somewhere else.
                        if *length == 0 {
                            *length = (file_bytes as u64).saturating_sub(*offset);
                        }
                        *offset = moved(*offset)?;
                    }
                }
                let mut at = data_at;
                for (id, (_, block)) in ids.iter().zip(blocks) {
                    all.push(Location {
                        id: *id,
                        method: 0,
                        reference: 0,
                        extents: vec![(at, block.len() as u64)],
                    });
                    at += block.len() as u64;
                }
                out.extend(locations_box(&all)?);
            }
            b"iref" => {
                has_references = true;
                out.extend(references(Some(body), &ids, primary)?);
            }
            _ => out.extend(whole),
        }
    }
    if !has_references {
        out.extend(references(None, &ids, primary)?);
    }
    boxed(b"meta", &out)
}

/// A number that no item has.
fn first_free(children: &[u8]) -> Option<u32> {
    let mut most = 0;
    for (kind, body, _) in boxes(children) {
        if kind == *b"iinf" {
            let mut fields = Fields(body);
            let version = fields.version()?;
            fields.id(version > 0)?;
            for (_, body, _) in boxes(fields.0) {
                most = most.max(info(body).map_or(0, |(id, _)| id));
            }
        } else if kind == *b"iloc" {
            let ids = locations(body)?.into_iter().map(|location| location.id);
            most = most.max(ids.max().unwrap_or(0));
        }
    }
    most.checked_add(1)
}

/// `iinf` with more entries.
fn infos(body: &[u8], blocks: &[(bool, Vec<u8>)], ids: &[u32]) -> Option<Vec<u8>> {
    let mut fields = Fields(body);
    let version = fields.version()?;
    let count = fields
        .id(version > 0)?
        .checked_add(u32::try_from(ids.len()).ok()?)?;
    // Version 1 counts with 32 bits.
    let mut out = vec![1, 0, 0, 0];
    out.extend(count.to_be_bytes());
    out.extend(fields.0);
    for (id, (is_exif, _)) in ids.iter().zip(blocks) {
        // Version 3 numbers with 32 bits; flag 1 hides what is no picture.
        let mut entry = vec![3, 0, 0, 1];
        entry.extend(id.to_be_bytes());
        entry.extend([0, 0]);
        entry.extend(if *is_exif { b"Exif" } else { b"mime" });
        // No name.
        entry.push(0);
        if !is_exif {
            entry.extend(XMP_TYPE);
            entry.push(0);
        }
        out.extend(boxed(b"infe", &entry)?);
    }
    boxed(b"iinf", &out)
}

/// `iref` in which every new item describes the picture.
fn references(body: Option<&[u8]>, ids: &[u32], primary: u32) -> Option<Vec<u8>> {
    let mut out = match body {
        Some(body) => body.to_vec(),
        None => vec![1, 0, 0, 0],
    };
    let is_wide = *out.first()? > 0;
    let number = |id: u32| {
        if is_wide {
            Some(id.to_be_bytes().to_vec())
        } else {
            Some(u16::try_from(id).ok()?.to_be_bytes().to_vec())
        }
    };
    for id in ids {
        let entry = [number(*id)?, vec![0, 1], number(primary)?].concat();
        out.extend(boxed(b"cdsc", &entry)?);
    }
    boxed(b"iref", &out)
}

/// `iloc` of version 2: numbers of 32 bits, offsets and lengths of 64.
fn locations_box(all: &[Location]) -> Option<Vec<u8>> {
    let mut out = vec![2, 0, 0, 0, 0x88, 0];
    out.extend(u32::try_from(all.len()).ok()?.to_be_bytes());
    for location in all {
        out.extend(location.id.to_be_bytes());
        out.extend(location.method.to_be_bytes());
        out.extend(location.reference.to_be_bytes());
        out.extend(u16::try_from(location.extents.len()).ok()?.to_be_bytes());
        for (offset, length) in &location.extents {
            out.extend(offset.to_be_bytes());
            out.extend(length.to_be_bytes());
        }
    }
    boxed(b"iloc", &out)
}
