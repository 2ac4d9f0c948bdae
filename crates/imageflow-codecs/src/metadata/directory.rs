//! EXIF made anew from the directories of a TIFF file, or of a block that is too large: what describes the picture, without
//! what describes its pixels or belongs to the camera's maker.
//!
//! The byte order stays, so that values are copied as they are.

/// Tags of IFD0 that describe a picture, and those that lead to the directories of EXIF and GPS.
const DESCRIBING: [u16; 16] = [
    0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x8298, EXIF, GPS, 0x9C9B,
    0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F,
];
const EXIF: u16 = 0x8769;
const GPS: u16 = 0x8825;
const MAKER_NOTE: u16 = 0x927C;
/// A directory of offsets within JPEG data.
const INTEROPERABILITY: u16 = 0xA005;
/// Bytes one value may have.
const MAX_VALUE: u64 = 16 << 10;
/// Bytes all values may have together, below what a JPEG segment holds.
const MAX_ALL: usize = 48 << 10;
/// Entries of a directory that are looked at.
const MAX_ENTRIES: u64 = 1000;

/// Where the bytes of a TIFF structure come from.
pub(super) trait Bytes {
    /// `length` bytes from `at` on, if they are there.
    fn at(&mut self, at: u64, length: usize) -> Option<Vec<u8>>;
}

impl Bytes for &[u8] {
    fn at(&mut self, at: u64, length: usize) -> Option<Vec<u8>> {
        let start = usize::try_from(at).ok()?;
        self.get(start..start.checked_add(length)?)
            .map(<[u8]>::to_vec)
    }
}

/// A TIFF or BigTIFF structure.
pub(super) struct Directories<B> {
    bytes: B,
    is_big_endian: bool,
    is_wide: bool,
    /// Where the first directory is.
    first: u64,
}

/// One entry, with its value in the byte order of the file.
#[derive(Debug)]
pub(super) struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    value: Vec<u8>,
}

impl Entry {
    pub(super) fn value(self) -> Vec<u8> {
        self.value
    }
}

impl<B: Bytes> Directories<B> {
    /// Reads the header.
    pub(super) fn open(mut bytes: B) -> Option<Directories<B>> {
        let header = bytes.at(0, 8)?;
        let is_big_endian = header.starts_with(b"MM");
        if !is_big_endian && !header.starts_with(b"II") {
            return None;
        }
        let mut all = Directories {
            bytes,
            is_big_endian,
            is_wide: false,
            first: 0,
        };
        all.is_wide = match all.number(header.get(2..4)?) {
            42 => false,
            43 => true,
            _ => return None,
        };
        let (at, length) = if all.is_wide { (8, 8) } else { (4, 4) };
        let first = all.bytes.at(at, length)?;
        all.first = all.number(&first);
        Some(all)
    }

    fn number(&self, bytes: &[u8]) -> u64 {
        let fold = |v: u64, b: &u8| v << 8 | u64::from(*b);
        if self.is_big_endian {
            bytes.iter().fold(0, fold)
        } else {
            bytes.iter().rev().fold(0, fold)
        }
    }

    /// The value of a tag of the first directory, at most `max` bytes of it.
    pub(super) fn value(&mut self, tag: u16, max: u64) -> Option<Entry> {
        let wanted = |found| found == tag;
        self.entries(self.first, wanted, max).pop()
    }

    /// The entries of a directory whose tags are wanted and whose values have at most `max` bytes.
    fn entries(&mut self, at: u64, wanted: impl Fn(u16) -> bool, max: u64) -> Vec<Entry> {
        let (count_bytes, entry_bytes, inline) = if self.is_wide { (8, 20, 8) } else { (2, 12, 4) };
        let mut found = Vec::new();
        let Some(count) = self.bytes.at(at, count_bytes) else {
            return found;
        };
        let count = self.number(&count).min(MAX_ENTRIES);
        for entry in 0..count {
            let at = at.saturating_add(count_bytes as u64 + entry * entry_bytes as u64);
            let Some(entry) = self.bytes.at(at, entry_bytes) else {
                break;
            };
            let Some((tag, rest)) = entry.split_at_checked(2) else {
                break;
            };
            let Some((kind, rest)) = rest.split_at_checked(2) else {
                break;
            };
            let Some((count, place)) = rest.split_at_checked(inline) else {
                break;
            };
            let (tag, kind) = (self.number(tag) as u16, self.number(kind) as u16);
            let count = self.number(count);
            let length = count.saturating_mul(size_of_kind(kind));
            if !wanted(tag) || length == 0 || length > max {
                continue;
            }
            let value = match usize::try_from(length) {
                Ok(length) if length <= inline => place.get(..length).map(<[u8]>::to_vec),
                Ok(length) => self.bytes.at(self.number(place), length),
                Err(_) => None,
            };
            if let Some(value) = value {
                found.push(Entry {
                    tag,
                    kind,
                    count,
                    value,
                });
            }
        }
        found
    }

    /// An EXIF block of what describes the picture; `None` when nothing does.
    pub(super) fn described(&mut self) -> Option<Vec<u8>> {
        let first = self.first;
        let mut room = MAX_ALL;
        let is_described = |tag| DESCRIBING.contains(&tag);
        let mut main = self.entries(first, is_described, MAX_VALUE);
        let mut parts = Vec::new();
        for pointer in [EXIF, GPS] {
            let Some(at) = main.iter().position(|e| e.tag == pointer) else {
                continue;
            };
            let place = self.number(&main.remove(at).value);
            let wanted = |tag| !matches!(tag, MAKER_NOTE | INTEROPERABILITY);
            let mut entries = self.entries(place, wanted, MAX_VALUE);
            entries.retain(|entry| fits(entry, &mut room));
            if !entries.is_empty() {
                parts.push((pointer, entries));
            }
        }
        main.retain(|entry| fits(entry, &mut room));
        if main.is_empty() && parts.is_empty() {
            return None;
        }
        Some(self.written(main, parts))
    }

    fn put(&self, out: &mut Vec<u8>, value: u64, bytes: usize) {
        let all = value.to_be_bytes();
        let tail = all.get(8 - bytes..).unwrap_or_default();
        if self.is_big_endian {
            out.extend(tail);
        } else {
            out.extend(tail.iter().rev());
        }
    }

    fn written(&self, mut main: Vec<Entry>, parts: Vec<(u16, Vec<Entry>)>) -> Vec<u8> {
        let mut out = if self.is_big_endian { b"MM" } else { b"II" }.to_vec();
        self.put(&mut out, 42, 2);
        self.put(&mut out, 8, 4);
        // The main directory is written first and points behind itself.
        let pointers = parts.len();
        let values = |entries: &[Entry]| -> usize {
            let outside = entries.iter().filter(|e| e.value.len() > 4);
            outside.map(|e| e.value.len().next_multiple_of(2)).sum()
        };
        let bytes = |entries: &[Entry]| 2 + entries.len() * 12 + 4 + values(entries);
        let mut at = 8 + bytes(&main) + pointers * 12;
        for (tag, entries) in &parts {
            let mut value = Vec::new();
            self.put(&mut value, at as u64, 4);
            at += bytes(entries);
            main.push(Entry {
                tag: *tag,
                kind: 4,
                count: 1,
                value,
            });
        }
        for mut entries in std::iter::once(main).chain(parts.into_iter().map(|(_, e)| e)) {
            entries.sort_by_key(|entry| entry.tag);
            self.directory(&mut out, &entries);
        }
        out
    }

    /// A directory at the end of `out`, and its values behind it.
    fn directory(&self, out: &mut Vec<u8>, entries: &[Entry]) {
        let mut at = out.len() + 2 + entries.len() * 12 + 4;
        self.put(out, entries.len() as u64, 2);
        for entry in entries {
            self.put(out, u64::from(entry.tag), 2);
            self.put(out, u64::from(entry.kind), 2);
            self.put(out, entry.count, 4);
            if entry.value.len() <= 4 {
                out.extend(&entry.value);
                out.resize(out.len() + 4 - entry.value.len(), 0);
            } else {
                self.put(out, at as u64, 4);
                at += entry.value.len().next_multiple_of(2);
            }
        }
        out.extend([0; 4]);
        for entry in entries.iter().filter(|entry| entry.value.len() > 4) {
            out.extend(&entry.value);
            out.resize(out.len().next_multiple_of(2), 0);
        }
    }
}

/// Takes the room of an entry, if it is there. What only BigTIFF has does not fit EXIF.
fn fits(entry: &Entry, room: &mut usize) -> bool {
    const WIDE: std::ops::RangeInclusive<u16> = 16..=18;
    let bytes = 12 + entry.value.len();
    match room.checked_sub(bytes) {
        Some(left) if !WIDE.contains(&entry.kind) => {
            *room = left;
            true
        }
        _ => false,
    }
}

/// Bytes of one value of a type (TIFF 6.0 §2, BigTIFF, EXIF 3.0).
fn size_of_kind(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 | 129 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 0,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::exif;
    use super::*;

    /// A file with pixels described, an artist, an EXIF directory with a maker's note, in either byte order.
    fn file(big_endian: bool) -> Vec<u8> {
        let writer = Directories {
            bytes: &[][..],
            is_big_endian: big_endian,
            is_wide: false,
            first: 8,
        };
        let entry = |tag, kind, count, value: &[u8]| Entry {
            tag,
            kind,
            count,
            value: value.to_vec(),
        };
        let main = vec![
            entry(0x0100, 3, 1, &[0, 1]),
            entry(0x013B, 2, 7, b"A Name\0"),
            entry(0x8298, 2, 3, b"ME\0"),
        ];
        let inner = vec![
            entry(0x829A, 5, 1, &[0, 0, 0, 1, 0, 0, 0, 2]),
            entry(MAKER_NOTE, 7, 6, b"secret"),
        ];
        writer.written(main, vec![(EXIF, inner)])
    }

    #[test]
    fn what_describes_is_copied_and_nothing_else() {
        for big_endian in [false, true] {
            let file = file(big_endian);
            let mut all = Directories::open(&file[..]).unwrap();
            let made = all.described().unwrap();
            let rights = exif::rights(&made);
            assert_eq!(rights.creator().as_deref(), Some("A Name"));
            assert_eq!(rights.notice(), Some("ME"));
            assert!(!made.windows(6).any(|w| w == b"secret"));
            let mut again = Directories::open(&made[..]).unwrap();
            assert!(again.value(0x0100, 100).is_none());
            let place = again.value(EXIF, 100).unwrap().value();
            let place = again.number(&place);
            let inner = again.entries(place, |_| true, 100);
            assert_eq!((inner.len(), inner[0].tag), (1, 0x829A));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(at in 0usize..140, with: u8, cut in 0usize..140, big: bool) {
            let mut bytes = file(big);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = with;
            }
            bytes.truncate(cut);
            if let Some(mut all) = Directories::open(&bytes[..]) {
                let made = all.described();
                prop_assert!(made.is_none_or(|made| made.len() < 65000));
            }
        }
    }
}
