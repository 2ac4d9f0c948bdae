//! WebP: RIFF chunks of even length; frames of an animation hold chunks of their own.

use super::parts::{Container, Part};

/// The format.
pub const WEBP: Container = Container {
    split,
    join,
    names: &[
        b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP ", b"JUNK",
    ],
    packing: None,
};

/// Bytes of an ANMF chunk before its own chunks.
const FRAME_HEAD: usize = 16;

fn split(file: &[u8]) -> Option<Vec<Part>> {
    let rest = file.strip_prefix(b"RIFF")?.get(4..)?;
    Some(chunks(rest.strip_prefix(b"WEBP")?))
}

fn chunks(mut rest: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    while let Some((head, after)) = rest.split_at_checked(8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let body = &after[..length.min(after.len())];
        let mut part = Part::new(&head[..4], body);
        if head.starts_with(b"ANMF")
            && let Some((own, inner)) = body.split_at_checked(FRAME_HEAD)
        {
            part.body = own.to_vec();
            part.parts = chunks(inner);
        }
        parts.push(part);
        let padded = length.saturating_add(length & 1);
        rest = after.get(padded..).unwrap_or_default();
    }
    parts
}

fn join(parts: &[Part]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    write(parts, &mut body);
    let mut out = b"RIFF".to_vec();
    out.extend((body.len() as u32).to_le_bytes());
    out.append(&mut body);
    out
}

fn write(parts: &[Part], out: &mut Vec<u8>) {
    for part in parts {
        let mut body = part.body.clone();
        write(&part.parts, &mut body);
        out.extend(&part.name);
        out.extend(part.lie.unwrap_or(body.len() as u32).to_le_bytes());
        if body.len() % 2 == 1 {
            body.push(0);
        }
        out.append(&mut body);
    }
}
