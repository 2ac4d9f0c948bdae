//! WebP: chunks at the end, announced in a VP8X chunk at the beginning (RFC 9649 §2.7).

use crate::metadata::Metadata;

pub(super) fn embedded(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    const ICC: u8 = 0x20;
    const EXIF: u8 = 0x08;
    const VP8X: usize = 18;
    const XMP: u8 = 0x04;
    let body = file.get(12..)?;
    let mut chunks = if body.starts_with(b"VP8X") {
        body.to_vec()
    } else {
        let (size, alpha) = simple(body)?;
        let mut out = b"VP8X\x0a\0\0\0".to_vec();
        out.extend([if alpha { 0x10 } else { 0 }, 0, 0, 0]);
        for side in [size.0, size.1] {
            let [a, b, c, _] = side.checked_sub(1)?.to_le_bytes();
            out.extend([a, b, c]);
        }
        out.extend(body);
        out
    };
    let flags = chunks.get_mut(8)?;
    *flags |= if metadata.exif.is_some() { EXIF } else { 0 };
    *flags |= if metadata.xmp.is_some() { XMP } else { 0 };
    *flags |= if metadata.icc.is_some() { ICC } else { 0 };
    let chunk = |kind: &[u8; 4], block: &[u8]| {
        let length = u32::try_from(block.len()).ok()?.to_le_bytes();
        let mut chunk = [&kind[..], &length, block].concat();
        chunk.extend((block.len() % 2 == 1).then_some(0));
        Some(chunk)
    };
    // The profile comes before the picture, the rest behind it.
    if let Some(icc) = &metadata.icc {
        chunks.splice(VP8X..VP8X, chunk(b"ICCP", icc)?);
    }
    for (kind, block) in [(b"EXIF", &metadata.exif), (b"XMP ", &metadata.xmp)] {
        if let Some(block) = block {
            chunks.extend(chunk(kind, block)?);
        }
    }
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(chunks.len() + 4).ok()?.to_le_bytes());
    out.extend(b"WEBP");
    out.extend(chunks);
    Some(out)
}

/// Size and alpha of a file of one bitstream.
fn simple(body: &[u8]) -> Option<((u32, u32), bool)> {
    let data = body.get(8..)?;
    if body.starts_with(b"VP8L") {
        let bits = u32::from_le_bytes(data.get(1..5)?.try_into().ok()?);
        let size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
        return Some((size, bits >> 28 & 1 == 1));
    }
    let side = |at: usize| {
        Some(u32::from(
            u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?) & 0x3FFF,
        ))
    };
    Some(((side(6)?, side(8)?), false))
}
