//! EXIF blocks that may leave: all of one but what no longer fits the picture, or the names of its makers alone.

use super::{ORIENTATION_TAG, Order, Tiff, tiff_of};

const ARTIST: u16 = 0x013B;
const COPYRIGHT: u16 = 0x8298;
const THUMBNAIL_OFFSET: u16 = 0x0201;
const THUMBNAIL_LENGTH: u16 = 0x0202;
/// Longest text that is taken over.
const MAX_TEXT: usize = 4096;

/// A block with the artist and the copyright of IFD0, little-endian; `None` when there is neither.
pub(super) fn makers(block: &[u8]) -> Option<Vec<u8>> {
    let tiff = tiff_of(block)?;
    let texts: Vec<(u16, Vec<u8>)> = [ARTIST, COPYRIGHT]
        .into_iter()
        .filter_map(|tag| Some((tag, text(&tiff, tag)?)))
        .collect();
    if texts.is_empty() {
        return None;
    }
    let directory = 8 + 2 + 12 * texts.len() + 4;
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend(u16::try_from(texts.len()).ok()?.to_le_bytes());
    let mut at = directory;
    for (tag, text) in &texts {
        out.extend(tag.to_le_bytes());
        out.extend(2u16.to_le_bytes());
        out.extend(u32::try_from(text.len()).ok()?.to_le_bytes());
        if text.len() <= 4 {
            let mut value = text.clone();
            value.resize(4, 0);
            out.extend(value);
        } else {
            out.extend(u32::try_from(at).ok()?.to_le_bytes());
            at += text.len();
        }
    }
    out.extend([0; 4]);
    for (_, text) in texts.iter().filter(|(_, text)| text.len() > 4) {
        out.extend(text);
    }
    Some(out)
}

/// The value of an ASCII tag of IFD0, its zero included.
fn text(tiff: &Tiff<'_>, tag: u16) -> Option<Vec<u8>> {
    let at = tiff.find(tiff.first_directory()?, tag)?;
    let entry = tiff.entry(at)?;
    let length = usize::try_from(entry.count).ok()?.min(MAX_TEXT);
    let start = if length <= 4 {
        at.checked_add(8)?
    } else {
        usize::try_from(tiff.u32(at.checked_add(8)?)?).ok()?
    };
    let value = tiff.bytes.get(start..start.checked_add(length)?)?;
    let value = value.split(|b| *b == 0).next().unwrap_or_default();
    if entry.kind != 2 || value.is_empty() {
        return None;
    }
    Some([value, &[0]].concat())
}

/// The block with orientation 1, since the pixels are turned already, and without the thumbnail, which shows what may have
/// been cropped away. `None` when it is no EXIF block.
pub(super) fn settled(block: &[u8]) -> Option<Vec<u8>> {
    let tiff = tiff_of(block)?;
    let mut out = tiff.bytes.to_vec();
    let first = tiff.first_directory()?;
    if let Some(at) = tiff.find(first, ORIENTATION_TAG) {
        // A SHORT in the first bytes of the value, as TIFF has it.
        let (kind, one) = match tiff.order {
            Order::Little => ([3, 0], [1, 0, 0, 0]),
            Order::Big => ([0, 3], [0, 1, 0, 0]),
        };
        put(&mut out, at + 2, &kind);
        put(&mut out, at + 8, &one);
    }
    let count = usize::from(tiff.u16(first)?);
    let link = first.checked_add(2)?.checked_add(count.checked_mul(12)?)?;
    let second = usize::try_from(tiff.u32(link).unwrap_or(0)).ok()?;
    if second != 0 {
        let value = |tag| {
            let at = tiff.find(second, tag)?;
            usize::try_from(tiff.entry(at)?.value).ok()
        };
        if let Some((start, length)) = value(THUMBNAIL_OFFSET).zip(value(THUMBNAIL_LENGTH)) {
            let end = start.saturating_add(length).min(out.len());
            if let Some(thumbnail) = out.get_mut(start..end) {
                thumbnail.fill(0);
            }
        }
        put(&mut out, link, &[0; 4]);
    }
    Some(out)
}

fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(target) = out.get_mut(at..at.saturating_add(bytes.len())) {
        target.copy_from_slice(bytes);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::exif_orientation;
    use super::*;

    /// Orientation 6, an artist, a copyright, and a second directory with a thumbnail of four bytes.
    fn block() -> Vec<u8> {
        let mut out = b"II*\0\x08\0\0\0\x03\0".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: u32| {
            [
                &tag.to_le_bytes()[..],
                &kind.to_le_bytes(),
                &count.to_le_bytes(),
                &value.to_le_bytes(),
            ]
            .concat()
        };
        out.extend(entry(ORIENTATION_TAG, 3, 1, 6));
        out.extend(entry(ARTIST, 2, 8, 80));
        out.extend(entry(COPYRIGHT, 2, 3, u32::from_le_bytes(*b"ME\0\0")));
        out.extend(88u32.to_le_bytes());
        out.resize(80, 0);
        out.extend(b"A. Name\0");
        out.extend(2u16.to_le_bytes());
        out.extend(entry(THUMBNAIL_OFFSET, 4, 1, 118));
        out.extend(entry(THUMBNAIL_LENGTH, 4, 1, 4));
        out.extend([0; 4]);
        assert_eq!(out.len(), 118);
        out.extend([0xAB; 4]);
        out
    }

    #[test]
    fn makers_keeps_names_alone() {
        let made = makers(&block()).unwrap();
        let tiff = tiff_of(&made).unwrap();
        assert_eq!(text(&tiff, ARTIST).unwrap(), b"A. Name\0");
        assert_eq!(text(&tiff, COPYRIGHT).unwrap(), b"ME\0");
        assert_eq!(exif_orientation(&made), None);
        assert!(!made.contains(&0xAB));
        assert_eq!(makers(b"II*\0\x08\0\0\0\0\0"), None);
    }

    #[test]
    fn settled_turns_nothing_and_shows_nothing_old() {
        let made = settled(&block()).unwrap();
        assert_eq!(exif_orientation(&made), Some(1));
        assert!(!made.contains(&0xAB));
        assert_eq!(makers(&made), makers(&block()));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(at in 0usize..122, with: u8, cut in 0usize..123) {
            let mut bytes = block();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = with;
            }
            bytes.truncate(cut);
            makers(&bytes);
            settled(&bytes);
        }
    }
}
