//! IPTC's records (IIM 4.2) and the image resources of Photoshop that hold them.

use super::rights::{Localized, Rights};

/// Begins every dataset.
const MARKER: u8 = 0x1C;
/// Record and dataset.
const CHARACTER_SET: (u8, u8) = (1, 90);
const VERSION: (u8, u8) = (2, 0);
const BY_LINE: (u8, u8) = (2, 80);
const COPYRIGHT: (u8, u8) = (2, 116);
/// ISO 2022 for UTF-8.
const UTF8: &[u8] = b"\x1B%G";
/// The image resource with IIM.
const RESOURCE: u16 = 0x0404;
/// Most bytes of one text.
const MAX_TEXT: usize = 16 << 10;

/// IIM from among the image resources of Photoshop.
pub(super) fn in_resources(mut bytes: &[u8]) -> Option<Vec<u8>> {
    while let Some(rest) = bytes.strip_prefix(b"8BIM") {
        let (id, rest) = rest.split_first_chunk::<2>()?;
        // A Pascal string, padded to an even length with its own byte.
        let name = usize::from(*rest.first()?) + 1;
        let rest = rest.get(name.next_multiple_of(2)..)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if u16::from_be_bytes(*id) == RESOURCE {
            return rest.get(..length.min(rest.len())).map(<[u8]>::to_vec);
        }
        bytes = rest.get(length.checked_next_multiple_of(2)?..)?;
    }
    None
}

/// Image resources with nothing but IIM.
pub(super) fn resources(iim: &[u8]) -> Vec<u8> {
    let mut out = b"8BIM\x04\x04\0\0".to_vec();
    out.extend(u32::try_from(iim.len()).unwrap_or(0).to_be_bytes());
    out.extend(iim);
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

/// Creators and copyright notices; damage ends the search.
pub(super) fn rights(iim: &[u8]) -> Rights {
    let mut rights = Rights::default();
    let mut is_utf8 = false;
    for (name, value) in Datasets(iim) {
        match name {
            CHARACTER_SET => is_utf8 = value == UTF8,
            BY_LINE => rights.creators.extend(text(value, is_utf8)),
            COPYRIGHT => rights
                .notices
                .extend(text(value, is_utf8).map(Localized::plain)),
            _ => {}
        }
    }
    rights
}

/// Records with creators and notices alone.
pub(super) fn records(rights: &Rights) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |(record, dataset): (u8, u8), value: &[u8]| {
        let length = value.len().min(MAX_TEXT);
        out.extend([MARKER, record, dataset]);
        out.extend(u16::try_from(length).unwrap_or(0).to_be_bytes());
        out.extend(value.get(..length).unwrap_or_default());
    };
    put(CHARACTER_SET, UTF8);
    put(VERSION, &[0, 4]);
    for creator in &rights.creators {
        put(BY_LINE, creator.as_bytes());
    }
    if let Some(notice) = rights.notice() {
        put(COPYRIGHT, notice.as_bytes());
    }
    out
}

/// UTF-8 where it is said to be, or looks like it; else Latin-1.
fn text(value: &[u8], is_utf8: bool) -> Option<String> {
    let value = value.get(..value.len().min(MAX_TEXT))?;
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) if is_utf8 => String::from_utf8_lossy(value).into_owned(),
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
    };
    let text = text.trim_matches(['\0', ' ', '\n', '\r']).to_owned();
    (!text.is_empty()).then_some(text)
}

/// Record, dataset and value, one after the other.
struct Datasets<'a>(&'a [u8]);

impl<'a> Iterator for Datasets<'a> {
    type Item = ((u8, u8), &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let ([marker, record, dataset], rest) = self.0.split_first_chunk::<3>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = u16::from_be_bytes(*length);
        // Longer values than 32767 bytes have the length of their length here; none of ours has.
        if *marker != MARKER || length & 0x8000 != 0 {
            return None;
        }
        let (value, rest) = rest.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(((*record, *dataset), value))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> Rights {
        Rights {
            creators: vec!["Änne".to_owned(), "B".to_owned()],
            notices: vec![Localized::plain("© Ä")],
            ..Rights::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let resources = resources(&records(&example()));
        let iim = in_resources(&resources).unwrap();
        assert_eq!(rights(&iim), example());
        let behind = [b"8BIM\x03\xED\x03abc\0\0\0\x01x\0".as_slice(), &resources].concat();
        assert_eq!(in_resources(&behind).as_deref(), Some(&iim[..]));
    }

    #[test]
    fn text_without_a_character_set_may_be_latin_1() {
        let iim = b"\x1C\x02\x74\0\x04\xA9 \xC4 ";
        assert_eq!(rights(iim).notice(), Some("© Ä"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(at in 0usize..60, with: u8, cut in 0usize..60) {
            let mut bytes = resources(&records(&example()));
            if let Some(byte) = bytes.get_mut(at) {
                *byte = with;
            }
            bytes.truncate(cut);
            if let Some(iim) = in_resources(&bytes) {
                rights(&iim);
            }
        }
    }
}
