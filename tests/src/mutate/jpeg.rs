//! JPEG (ITU-T T.81 annex B): markers with a length, entropy-coded data after some.

use super::parts::{Container, Part};

/// The format.
pub const JPEG: Container = Container {
    split,
    join,
    names: &[
        b"\xC0", b"\xC1", b"\xC2", b"\xC3", b"\xC4", b"\xC9", b"\xCA", b"\xCC", b"\xD0", b"\xD7",
        b"\xD8", b"\xD9", b"\xDA", b"\xDB", b"\xDC", b"\xDD", b"\xDE", b"\xE0", b"\xE1", b"\xE2",
        b"\xED", b"\xEE", b"\xFE", b"\x01",
    ],
    packing: None,
};

/// Markers that are two bytes and nothing else.
fn is_bare(marker: u8) -> bool {
    matches!(marker, 0x01 | 0xD0..=0xD9)
}

fn split(file: &[u8]) -> Option<Vec<Part>> {
    if !file.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some([0xFF, marker]) = file
        .get(at..at + 2)
        .and_then(|b| <&[u8; 2]>::try_from(b).ok())
    {
        at += 2;
        let mut part = Part::new(&[*marker], &[]);
        if !is_bare(*marker) {
            let length = file
                .get(at..at + 2)
                .map_or(2, |b| usize::from(b[0]) << 8 | usize::from(b[1]));
            let end = (at + length.max(2)).min(file.len());
            part.body = file.get(at + 2..end).unwrap_or_default().to_vec();
            at = end;
        }
        let next = file
            .get(at..)?
            .windows(2)
            .position(|w| w[0] == 0xFF && !matches!(w[1], 0 | 0xFF | 0xD0..=0xD7))
            .map_or(file.len(), |found| at + found);
        part.tail = file[at..next].to_vec();
        parts.push(part);
        at = next;
    }
    Some(parts)
}

fn join(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        let marker = part.name.first().copied().unwrap_or(0xFE);
        out.extend([0xFF, marker]);
        if !is_bare(marker) {
            let body = &part.body[..part.body.len().min(65_533)];
            let length = part.lie.map_or((body.len() + 2) as u16, |lie| lie as u16);
            out.extend(length.to_be_bytes());
            out.extend(body);
        }
        out.extend(&part.tail);
    }
    out
}
