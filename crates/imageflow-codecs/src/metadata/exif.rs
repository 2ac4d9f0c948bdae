//! EXIF blocks that may leave: all of one but what no longer fits the picture, or the names of its makers alone.

use super::rights::{Localized, Rights};
use super::{ORIENTATION_TAG, Order, Tiff, exif_orientation, tiff_of};

const ARTIST: u16 = 0x013B;
const COPYRIGHT: u16 = 0x8298;
const THUMBNAIL_OFFSET: u16 = 0x0201;
const THUMBNAIL_LENGTH: u16 = 0x0202;
/// Longest text that is taken over.
const MAX_TEXT: usize = 16 << 10;

/// Who EXIF says made the picture, and the notice. The notice of an editor follows that of the photographer.
pub(super) fn rights(block: &[u8]) -> Rights {
    let Some(tiff) = tiff_of(block) else {
        return Rights::default();
    };
    let notice = text(&tiff, COPYRIGHT).map(|text| {
        let parts = text.split('\0').map(str::trim);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("; ")
    });
    let creator = text(&tiff, ARTIST).map(|text| text.trim_end_matches('\0').trim().to_owned());
    let says_something = |text: &String| !text.is_empty();
    Rights {
        creators: creator.into_iter().filter(says_something).collect(),
        notices: notice
            .into_iter()
            .filter(says_something)
            .map(Localized::plain)
            .collect(),
        ..Rights::default()
    }
}

/// A block with an artist and a copyright notice, little-endian; `None` when there is neither.
pub(super) fn makers(artist: Option<&str>, copyright: Option<&str>) -> Option<Vec<u8>> {
    let terminated = |text: &str| {
        let mut end = text.len().min(MAX_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        [text.get(..end).unwrap_or_default().as_bytes(), &[0]].concat()
    };
    let texts: Vec<(u16, Vec<u8>)> = [(ARTIST, artist), (COPYRIGHT, copyright)]
        .into_iter()
        .filter_map(|(tag, text)| Some((tag, terminated(text?))))
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

/// The value of a text tag of IFD0; UTF-8, or else Latin-1.
fn text(tiff: &Tiff<'_>, tag: u16) -> Option<String> {
    /// BYTE, ASCII, UNDEFINED, and UTF-8 of EXIF 3.0.
    const TEXTS: [u16; 4] = [1, 2, 7, 129];
    let at = tiff.find(tiff.first_directory()?, tag)?;
    let entry = tiff.entry(at)?;
    let length = usize::try_from(entry.count).ok()?;
    let start = if length <= 4 {
        at.checked_add(8)?
    } else {
        usize::try_from(tiff.u32(at.checked_add(8)?)?).ok()?
    };
    // What is there of a value that claims more.
    let value = tiff.bytes.get(start..)?;
    let value = value.get(..length.min(MAX_TEXT).min(value.len()))?;
    if !TEXTS.contains(&entry.kind) {
        return None;
    }
    Some(match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
    })
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
        put(&mut out, link, &[0; 4]);
        if let Some((start, length)) = value(THUMBNAIL_OFFSET).zip(value(THUMBNAIL_LENGTH)) {
            let end = start.saturating_add(length).min(out.len());
            if let Some(thumbnail) = out.get_mut(start..end) {
                thumbnail.fill(0);
            }
            // Most writers put it last.
            if end == out.len() && start > link {
                out.truncate(start);
            }
        }
    }
    // Where header, directories and thumbnail overlap, a change of one changes another.
    matches!(exif_orientation(&out), None | Some(1)).then_some(out)
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
    fn names_are_read_and_written_alone() {
        let read = rights(&block());
        assert_eq!(read.creator().as_deref(), Some("A. Name"));
        assert_eq!(read.notice(), Some("ME"));
        let made = makers(read.creator().as_deref(), read.notice()).unwrap();
        assert_eq!(rights(&made), read);
        assert_eq!(exif_orientation(&made), None);
        assert!(!made.contains(&0xAB));
        assert_eq!(makers(None, None), None);
        let long = "ü".repeat(MAX_TEXT);
        let made = makers(Some(&long), Some("é")).unwrap();
        assert_eq!(rights(&made).creators[0].len(), MAX_TEXT);
        assert_eq!(rights(&made).notice(), Some("é"));
    }

    #[test]
    fn the_notice_of_an_editor_is_kept() {
        let made = makers(None, Some("(c) P\0(c) E")).unwrap();
        assert_eq!(rights(&made).notice(), Some("(c) P; (c) E"));
    }

    #[test]
    fn settled_turns_nothing_and_shows_nothing_old() {
        let made = settled(&block()).unwrap();
        assert_eq!(exif_orientation(&made), Some(1));
        assert!(!made.contains(&0xAB));
        assert_eq!(made.len(), block().len() - 4);
        assert_eq!(rights(&made), rights(&block()));
    }

    #[test]
    fn a_block_that_turns_when_its_link_goes_is_not_kept() {
        // A directory within the header: its link is the header's.
        let mut block = b"MM\0*\0\0\0\x05".to_vec();
        block.resize(4 + 0x4D4D * 12, 0x80);
        // With the header's link gone, the header is a directory of 0x4D4D entries, of which this is one.
        block.splice(14..26, [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0]);
        assert_eq!(settled(&block), None);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(at in 0usize..122, with: u8, cut in 0usize..123) {
            let mut bytes = block();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = with;
            }
            bytes.truncate(cut);
            rights(&bytes);
            settled(&bytes);
        }
    }
}
