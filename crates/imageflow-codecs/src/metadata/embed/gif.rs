//! GIF: XMP in an application extension before the pictures (XMP specification part 3, §1.1.2).

use crate::metadata::Metadata;

/// Name and authentication code of the extension.
pub(in crate::metadata) const APPLICATION: &[u8] = b"XMP DataXMP";
const EXTENSION: u8 = 0x21;
const APPLICATION_EXTENSION: u8 = 0xFF;

/// Behind the packet: wherever a reader that takes the packet for sub-blocks arrives here, it finds the end of them.
pub(in crate::metadata) fn trailer() -> Vec<u8> {
    let mut trailer = vec![1];
    trailer.extend((0..=255).rev());
    trailer.push(0);
    trailer
}

/// The file with the metadata; XMP is all it can hold.
pub(super) fn embedded(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    let Some(xmp) = &metadata.xmp else {
        return Some(file.to_vec());
    };
    // A zero would end the chain of sub-blocks early; XML has none.
    if xmp.contains(&0) {
        return Some(file.to_vec());
    }
    let (before, after) = file.split_at_checked(first_picture(file)?)?;
    let length = u8::try_from(APPLICATION.len()).ok()?;
    let head = [&[EXTENSION, APPLICATION_EXTENSION, length], APPLICATION].concat();
    Some([before, &head, xmp, &trailer(), after].concat())
}

/// Where the first picture or its control begins: behind the colours, and behind the count of plays, which some readers
/// look for in the first place.
fn first_picture(file: &[u8]) -> Option<usize> {
    const HEADER: usize = 13;
    let flags = *file.get(10)?;
    let colors = if flags & 0x80 == 0 {
        0
    } else {
        3usize << ((flags & 7) + 1)
    };
    let mut at = HEADER + colors;
    while file.get(at..at + 2) == Some(&[EXTENSION, APPLICATION_EXTENSION]) {
        at += 2;
        loop {
            let length = usize::from(*file.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
    (at < file.len()).then_some(at)
}
