//! "Raw profile type …" of PNG: what ImageMagick and its followers wrote, in hexadecimal text, before there was eXIf.

use super::{Blocks, MAX_BLOCK, inflated};
use crate::metadata::iptc;

const PREFIX: &[u8] = b"Raw profile type ";
/// Begins the XMP segment of a JPEG, which `APP1` may hold instead of EXIF.
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// Most bytes of the text: two digits a byte, a line break after 36 of them, and some more.
const MAX_TEXT: u64 = 3 * MAX_BLOCK;

/// Whether a text chunk with this keyword holds a profile.
pub(super) fn is_raw(keyword: &[u8]) -> bool {
    keyword.starts_with(PREFIX)
}

/// Takes a profile from text, packed or not; the first of its kind counts, and damage leaves it out.
pub(super) fn put(keyword: &[u8], text: &[u8], is_packed: bool, blocks: &mut Blocks) {
    let unpacked = is_packed.then(|| inflated(text, MAX_TEXT));
    let Some(text) = unpacked.as_ref().map_or(Some(text), |text| text.as_deref()) else {
        return;
    };
    let Some((kind, bytes)) = keyword.strip_prefix(PREFIX).zip(bytes(text)) else {
        return;
    };
    let slot = match kind.to_ascii_lowercase().as_slice() {
        b"exif" | b"app1" if !bytes.starts_with(XMP) => &mut blocks.exif,
        b"exif" | b"app1" | b"xmp" => &mut blocks.xmp,
        b"iptc" | b"8bim" | b"app13" => {
            // Within the resources of Photoshop, or bare.
            let resources = bytes.strip_prefix(b"Photoshop 3.0\0").unwrap_or(&bytes);
            let records = match resources.starts_with(b"8BIM") {
                true => iptc::in_resources(resources),
                false => Some(bytes),
            };
            blocks.iptc = blocks.iptc.take().or(records);
            return;
        }
        _ => return,
    };
    let bare = bytes.strip_prefix(XMP).unwrap_or(&bytes).to_vec();
    slot.get_or_insert(bare);
}

/// The bytes of `\nNAME\n  LENGTH\nHEX…`; `None` when they are damaged or fewer than it says.
fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.splitn(4, |byte| *byte == b'\n');
    // An empty line and the name again.
    lines.next()?;
    lines.next()?;
    let length = std::str::from_utf8(lines.next()?).ok()?.trim();
    let length = usize::try_from(length.parse::<u64>().ok().filter(|n| *n <= MAX_BLOCK)?).ok()?;
    let digits = lines.next()?.iter().filter(|b| !b.is_ascii_whitespace());
    let digits: Vec<u8> = digits
        .map(|b| char::from(*b).to_digit(16)?.try_into().ok())
        .collect::<Option<_>>()?;
    let mut bytes: Vec<u8> = (digits.chunks_exact(2))
        .filter_map(|pair| Some(pair.first()? << 4 | pair.get(1)?))
        .collect();
    (bytes.len() >= length).then(|| bytes.truncate(length))?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, profile: &[u8]) -> Vec<u8> {
        let mut out = format!("\n{name}\n{:8}\n", profile.len());
        for line in profile.chunks(36) {
            out.extend(line.iter().map(|byte| format!("{byte:02x}")));
            out.push('\n');
        }
        out.into_bytes()
    }

    fn read(kind: &str, text: &[u8]) -> Blocks {
        let mut blocks = Blocks::default();
        put(
            format!("Raw profile type {kind}").as_bytes(),
            text,
            false,
            &mut blocks,
        );
        blocks
    }

    #[test]
    fn profiles_of_every_kind_are_found() {
        let exif = [b"Exif\0\0MM\0*".as_slice(), &[7; 90]].concat();
        for kind in ["exif", "APP1"] {
            assert_eq!(read(kind, &text(kind, &exif)).exif.as_ref(), Some(&exif));
        }
        let xmp = [XMP, b"<x/>"].concat();
        assert_eq!(
            read("APP1", &text("app1", &xmp)).xmp.as_deref(),
            Some(&b"<x/>"[..])
        );
        assert_eq!(
            read("xmp", &text("xmp", b"<x/>")).xmp.as_deref(),
            Some(&b"<x/>"[..])
        );
        let records = b"\x1C\x02\x74\0\x03Ann";
        let resources = iptc::resources(records);
        for profile in [&resources[..], &records[..]] {
            assert_eq!(
                read("iptc", &text("iptc", profile)).iptc.as_deref(),
                Some(&records[..])
            );
        }
    }

    #[test]
    fn damaged_profiles_are_left_out() {
        let whole = text("exif", b"MM\0*abcdef");
        for damaged in [
            &whole[..whole.len() - 4],
            b"",
            b"\nexif\n",
            b"\nexif\n 99999999999\n00",
            b"\nexif\n 2\n0g00",
        ] {
            assert_eq!(read("exif", damaged), Blocks::default());
        }
        assert_eq!(read("icm", &whole), Blocks::default());
    }
}
