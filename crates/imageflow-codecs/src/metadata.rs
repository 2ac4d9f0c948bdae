//! EXIF, XMP and IPTC: the orientation, which changes pixels, and what a caller may ask to be kept.
//!
//! Nothing leaves by default. The parser follows TIFF 6.0 §2 (header, IFD, 12-byte entries) and is total: any bytes give an
//! answer, none give a panic.

mod collect;
mod directory;
pub(crate) mod embed;
mod exif;
mod iptc;
mod items;
mod kept;
mod md5;
mod rights;
mod xmp;

use imageflow_pixels::JobControl;

use crate::color::rgb_transform;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Input;

/// Bytes an APP1 payload must have: the marker, a TIFF header and one directory entry.
const MIN_APP1: usize = 32;
/// Where the TIFF header may start, from the start of the block: some writers pad it.
const HEADER_SEARCH: usize = 16;
const ORIENTATION_TAG: u16 = 0x0112;

/// What of a source's metadata goes into the output.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum MetadataPolicy {
    /// Nothing.
    #[default]
    None,
    /// Who made the picture and the rights in it, from EXIF, IPTC, XMP and texts.
    Copyright,
    /// EXIF, XMP and IPTC, with the orientation of the output and without the thumbnail.
    All,
}

/// Blocks to be written into a file.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Metadata {
    /// EXIF: a TIFF block without a marker before it.
    pub exif: Option<Vec<u8>>,
    /// XMP: XML in UTF-8.
    pub xmp: Option<Vec<u8>>,
    /// IPTC: records of IIM 4.2, without the image resource around them.
    pub iptc: Option<Vec<u8>>,
    /// The ICC profile that the pixels are in, when it is not sRGB.
    pub icc: Option<Vec<u8>>,
}

impl Metadata {
    /// Reads what a policy lets through from a file of any format, for an output of format `target`. What has no place
    /// there is noted.
    ///
    /// # Errors
    /// A read error. A damaged container ends the search.
    pub fn of(
        input: &Input,
        format: ImageFormat,
        policy: MetadataPolicy,
        target: ImageFormat,
        control: &JobControl,
    ) -> Result<Metadata, CodecError> {
        Ok(match policy {
            MetadataPolicy::None => Metadata::default(),
            MetadataPolicy::Copyright => {
                kept::copyright(&collect::collect(input, format)?, target, control)
            }
            MetadataPolicy::All => kept::all(collect::collect(input, format)?, target, control),
        })
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        *self == Metadata::default()
    }
}

/// All blocks of a file as they are stored.
///
/// # Errors
/// A read error. A damaged container ends the search.
pub fn stored(input: &Input, format: ImageFormat) -> Result<Metadata, CodecError> {
    let blocks = collect::collect(input, format)?;
    Ok(Metadata {
        exif: blocks.exif,
        xmp: blocks.xmp,
        iptc: blocks.iptc,
        icc: blocks.icc,
    })
}

/// The RGB profile embedded in a JPEG, PNG or WebP file; `None` when there is none, one that cannot be used, or one for
/// other pixels than those of the file.
///
/// # Errors
/// A read error. A damaged container ends the search.
pub fn embedded_rgb_profile(
    input: &Input,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, CodecError> {
    if !format.carries_profile() {
        return Ok(None);
    }
    let blocks = collect::collect(input, format)?;
    let is_usable = |icc: &Vec<u8>| match rgb_transform(icc) {
        Ok(transform) => !transform.is_some_and(|transform| transform.is_gray()),
        Err(_) => false,
    };
    let is_for_rgb = |icc: &Vec<u8>| icc.get(16..20) == Some(b"RGB ");
    let profile = blocks.icc.filter(|icc| !blocks.inks && is_for_rgb(icc));
    Ok(profile.filter(is_usable))
}

/// XMP whose orientation is that of pixels that are turned already.
fn upright(mut xmp: Vec<u8>) -> Vec<u8> {
    for start in [
        &b"tiff:Orientation=\""[..],
        b"tiff:Orientation='",
        b"<tiff:Orientation>",
    ] {
        let mut from = 0;
        while let Some(at) = xmp
            .get(from..)
            .and_then(|rest| rest.windows(start.len()).position(|w| w == start))
        {
            from += at + start.len();
            if let Some(digit) = xmp.get_mut(from).filter(|b| b.is_ascii_digit()) {
                *digit = b'1';
            }
        }
    }
    xmp
}

/// Reads the orientation of an APP1 payload that starts with `Exif\0\0`; 1..=8, or `None` when there is none.
pub fn exif_orientation_app1(payload: &[u8]) -> Option<u8> {
    let tiff = payload.strip_prefix(b"Exif\0\0")?;
    if payload.len() < MIN_APP1 {
        None
    } else {
        exif_orientation(tiff)
    }
}

/// Reads the orientation (tag 0x0112 of IFD0) of a TIFF block; 1..=8, or `None` when it is absent or means nothing.
///
/// The TIFF header may start anywhere in the first 16 bytes. A leading `Exif\0\0` is therefore skipped too.
pub fn exif_orientation(block: &[u8]) -> Option<u8> {
    let tiff = tiff_of(block)?;
    let at = tiff.find(tiff.first_directory()?, ORIENTATION_TAG)?;
    tiff.entry(at)?.orientation()
}

/// Finds the TIFF header in a block.
fn tiff_of(block: &[u8]) -> Option<Tiff<'_>> {
    let (start, order) =
        (0..HEADER_SEARCH).find_map(|at| Order::of(block.get(at..)?).map(|order| (at, order)))?;
    Some(Tiff {
        bytes: block.get(start..)?,
        order,
    })
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn of(header: &[u8]) -> Option<Order> {
        if header.starts_with(b"II*\0") {
            Some(Order::Little)
        } else if header.starts_with(b"MM\0*") {
            Some(Order::Big)
        } else {
            None
        }
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    order: Order,
}

struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    value: u32,
}

impl Tiff<'_> {
    /// Where IFD0 is.
    fn first_directory(&self) -> Option<usize> {
        usize::try_from(self.u32(4)?).ok()
    }

    /// Where the first entry with this tag is.
    fn find(&self, directory: usize, tag: u16) -> Option<usize> {
        let count = usize::from(self.u16(directory)?);
        let entries = directory.checked_add(2)?;
        (0..count)
            .map_while(|i| {
                let at = entries.checked_add(i.checked_mul(12)?)?;
                self.entry(at).map(|entry| (at, entry.tag))
            })
            .find(|(_, found)| *found == tag)
            .map(|(at, _)| at)
    }

    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.array(at)?;
        Some(match self.order {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.array(at)?;
        Some(match self.order {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        })
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        const LONG: u16 = 4;
        let kind = self.u16(at.checked_add(2)?)?;
        let value_at = at.checked_add(8)?;
        // A value shorter than four bytes sits in the first of them, in either byte order. Everything but LONG is read as
        // the SHORT it should have been.
        let value = if kind == LONG {
            self.u32(value_at)?
        } else {
            u32::from(self.u16(value_at)?)
        };
        self.array::<4>(value_at)?;
        Some(Entry {
            tag: self.u16(at)?,
            kind,
            count: self.u32(at.checked_add(4)?)?,
            value,
        })
    }
}

impl Entry {
    fn orientation(&self) -> Option<u8> {
        const SHORT: u16 = 3;
        if self.kind != SHORT && self.count != 1 {
            return None;
        }
        u8::try_from(self.value)
            .ok()
            .filter(|value| (1..=8).contains(value))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(big: bool, kind: u16, count: u32, value: u16) -> Vec<u8> {
        let u16b = |v: u16| {
            if big {
                v.to_be_bytes()
            } else {
                v.to_le_bytes()
            }
        };
        let u32b = |v: u32| {
            if big {
                v.to_be_bytes()
            } else {
                v.to_le_bytes()
            }
        };
        let mut out = if big {
            b"MM\0*".to_vec()
        } else {
            b"II*\0".to_vec()
        };
        out.extend(u32b(8));
        out.extend(u16b(1));
        out.extend(u16b(ORIENTATION_TAG));
        out.extend(u16b(kind));
        out.extend(u32b(count));
        out.extend(u16b(value));
        out.extend([0, 0, 0, 0, 0, 0]);
        out
    }

    #[test]
    fn all_values_in_both_byte_orders() {
        for big in [false, true] {
            for value in 0..12u16 {
                let expected = u8::try_from(value).ok().filter(|v| (1..=8).contains(v));
                assert_eq!(
                    exif_orientation(&block(big, 3, 1, value)),
                    expected,
                    "{value} {big}"
                );
            }
        }
    }

    #[test]
    fn wrong_type_and_wrong_count_together_reject() {
        assert_eq!(exif_orientation(&block(false, 3, 2, 6)), Some(6));
        assert_eq!(exif_orientation(&block(false, 4, 1, 6)), Some(6));
        assert_eq!(exif_orientation(&block(false, 4, 2, 6)), None);
    }

    #[test]
    fn app1_needs_its_marker_and_a_minimum() {
        let mut app1 = b"Exif\0\0".to_vec();
        app1.extend(block(true, 3, 1, 8));
        assert_eq!(exif_orientation_app1(&app1), Some(8));
        assert_eq!(exif_orientation_app1(&app1[6..]), None);
        assert_eq!(exif_orientation_app1(&app1[..31]), None);
    }

    #[test]
    fn padding_before_the_header_is_skipped() {
        for pad in 0..20 {
            let mut padded = vec![0u8; pad];
            padded.extend(block(false, 3, 1, 3));
            assert_eq!(
                exif_orientation(&padded),
                (pad < HEADER_SEARCH).then_some(3)
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let value = exif_orientation(&bytes);
            prop_assert!(value.is_none_or(|v| (1..=8).contains(&v)));
            exif_orientation_app1(&bytes);
        }

        #[test]
        fn damaged_blocks_give_an_answer(big: bool, at in 0usize..32, with: u8, cut in 0usize..40) {
            let mut bytes = block(big, 3, 1, 6);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = with;
            }
            bytes.truncate(cut);
            prop_assert!(exif_orientation(&bytes).is_none_or(|v| (1..=8).contains(&v)));
        }
    }
}
