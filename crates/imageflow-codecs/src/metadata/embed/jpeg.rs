//! JPEG: segments behind SOI and a JFIF segment.

use crate::metadata::rights::Rights;
use crate::metadata::{Metadata, iptc, md5, xmp};

/// Largest payload of a segment.
pub(in crate::metadata) const MAX_SEGMENT: usize = 65_533;
/// Largest part of a profile in a segment.
const MAX_PROFILE_PART: usize = 65_519;
/// Largest part of extended XMP in a segment, as the specification of XMP has it.
const MAX_EXTENSION_PART: usize = 65_400;
pub(in crate::metadata) const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP13: u8 = 0xED;

/// The file with the metadata. What does not fit a segment was left out before.
pub(super) fn embedded(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    let at = match file.get(2..6)? {
        [0xFF, 0xE0, high, low] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => 2,
    };
    let mut out = file.get(..at)?.to_vec();
    if let Some(exif) = &metadata.exif {
        segment(&mut out, APP1, &[EXIF, exif]);
    }
    if let Some(xmp) = &metadata.xmp {
        put_xmp(&mut out, xmp);
    }
    if let Some(icc) = &metadata.icc {
        let parts = icc.chunks(MAX_PROFILE_PART);
        let count = u8::try_from(parts.len()).ok()?;
        for (number, part) in (1u8..=count).zip(parts) {
            segment(&mut out, APP2, &[b"ICC_PROFILE\0", &[number, count], part]);
        }
    }
    if let Some(records) = &metadata.iptc {
        segment(&mut out, APP13, &[PHOTOSHOP, &iptc::resources(records)]);
    }
    out.extend(file.get(at..)?);
    Some(out)
}

/// A segment, if its payload fits.
fn segment(out: &mut Vec<u8>, marker: u8, payload: &[&[u8]]) {
    let length: usize = payload.iter().map(|part| part.len()).sum();
    if let Ok(length) = u16::try_from(length + 2)
        && usize::from(length) <= MAX_SEGMENT + 2
    {
        out.extend([0xFF, marker]);
        out.extend(length.to_be_bytes());
        payload.iter().for_each(|part| out.extend(*part));
    }
}

/// Whether XMP fits the segment of the packet.
pub(in crate::metadata) fn fits_packet(xmp: &[u8]) -> bool {
    XMP.len() + xmp.len() <= MAX_SEGMENT
}

/// The packet; or one that says whose rights there are, and everything in an extension (XMP specification part 3, §1.1.3.1).
fn put_xmp(out: &mut Vec<u8>, packet: &[u8]) {
    if fits_packet(packet) {
        return segment(out, APP1, &[XMP, packet]);
    }
    let name = md5::hex(packet);
    let mut main = xmp::with_extension(&xmp::rights(packet), &name);
    if !fits_packet(&main) {
        main = xmp::with_extension(&Rights::default(), &name);
    }
    segment(out, APP1, &[XMP, &main]);
    let length = u32::try_from(packet.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    let mut offset = 0u32;
    for part in packet.chunks(MAX_EXTENSION_PART) {
        let head = [EXTENSION, name.as_bytes(), &length, &offset.to_be_bytes()].concat();
        segment(out, APP1, &[&head, part]);
        offset = offset.saturating_add(part.len() as u32);
    }
}
