//! Formats and their magic bytes.

use std::ffi::OsStr;
use std::fmt;

use imageflow_pixels::Size;

use crate::error::CodecError;

/// An image file format.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ImageFormat {
    /// JPEG (ISO 10918-1).
    Jpeg,
    /// PNG (W3C, third edition).
    Png,
    /// GIF87a and GIF89a.
    Gif,
    /// WebP (RIFF container).
    WebP,
    /// AVIF (ISO BMFF, AV1 image).
    Avif,
    /// JPEG XL (codestream or container).
    Jxl,
    /// BMP of Windows and OS/2.
    Bmp,
    /// TIFF 6.0 and BigTIFF.
    Tiff,
    /// SVG 1.1, without compression.
    Svg,
}

impl ImageFormat {
    /// All formats there are, whether this build knows them or not.
    pub const ALL: &'static [ImageFormat] = &[
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Avif,
        ImageFormat::Jxl,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::Svg,
    ];

    /// The format that files of this extension usually have, in any case.
    pub fn of_extension(extension: &OsStr) -> Option<ImageFormat> {
        let extension = extension.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" | "jif" => ImageFormat::Jpeg,
            "png" | "apng" => ImageFormat::Png,
            "gif" => ImageFormat::Gif,
            "webp" => ImageFormat::WebP,
            "avif" => ImageFormat::Avif,
            "jxl" => ImageFormat::Jxl,
            "bmp" => ImageFormat::Bmp,
            "tif" | "tiff" => ImageFormat::Tiff,
            "svg" => ImageFormat::Svg,
            _ => return None,
        })
    }

    /// Bytes that messages about unknown formats show.
    pub const HEAD: usize = 12;
    /// Bytes that [`ImageFormat::sniff`] wants to see.
    pub const SNIFF: usize = 4096;

    /// Recognises a format by its first bytes.
    pub fn sniff(head: &[u8]) -> Option<ImageFormat> {
        if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(ImageFormat::Jpeg)
        } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(ImageFormat::Png)
        } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
            Some(ImageFormat::Gif)
        } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            Some(ImageFormat::WebP)
        } else if is_avif(head) {
            Some(ImageFormat::Avif)
        } else if head.starts_with(&[0xFF, 0x0A])
            || head.starts_with(&[0, 0, 0, 0x0C, b'J', b'X', b'L', b' '])
        {
            Some(ImageFormat::Jxl)
        } else if is_tiff(head) {
            Some(ImageFormat::Tiff)
        } else if is_bmp(head) {
            Some(ImageFormat::Bmp)
        } else if is_svg(head) {
            Some(ImageFormat::Svg)
        } else {
            None
        }
    }

    /// Whether this build reads the format.
    pub const fn can_decode(self) -> bool {
        match self {
            ImageFormat::Jpeg | ImageFormat::Png => true,
            ImageFormat::Gif => crate::gif::CAN_DECODE,
            ImageFormat::WebP => crate::webp::CAN_DECODE,
            ImageFormat::Avif => crate::avif::CAN_DECODE,
            ImageFormat::Jxl => crate::jxl::CAN_DECODE,
            ImageFormat::Bmp => crate::bmp::CAN_DECODE,
            ImageFormat::Tiff => crate::tiff::CAN_DECODE,
            ImageFormat::Svg => crate::svg::CAN_DECODE,
        }
    }

    /// Whether this build writes the format.
    pub const fn can_encode(self) -> bool {
        match self {
            ImageFormat::Jpeg | ImageFormat::Png => true,
            ImageFormat::Gif => crate::gif::CAN_ENCODE,
            ImageFormat::WebP => crate::webp::CAN_ENCODE,
            ImageFormat::Avif => crate::avif::CAN_ENCODE,
            ImageFormat::Jxl => crate::jxl::CAN_ENCODE,
            ImageFormat::Bmp | ImageFormat::Tiff | ImageFormat::Svg => false,
        }
    }

    /// Whether [`encoder_with`](crate::encoder_with) writes metadata into the format: XMP at least.
    pub const fn carries_metadata(self) -> bool {
        self.holds_exif() || matches!(self, ImageFormat::Gif)
    }

    /// Whether EXIF is among the metadata the format carries.
    pub const fn holds_exif(self) -> bool {
        matches!(
            self,
            ImageFormat::Jpeg
                | ImageFormat::Png
                | ImageFormat::WebP
                | ImageFormat::Avif
                | ImageFormat::Jxl
        )
    }

    /// Whether colour profiles are read from the format unchanged and written into it.
    pub const fn carries_profile(self) -> bool {
        matches!(
            self,
            ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP
        )
    }

    /// The longest side a picture of the format can have, in pixels; of the encoder's, where it allows less than the format.
    pub const fn max_side(self) -> u32 {
        match self {
            // The format has 16 bits for it, libjpeg keeps a reserve (`JPEG_MAX_DIMENSION`).
            ImageFormat::Jpeg => 65_500,
            ImageFormat::Gif => u16::MAX as u32,
            // 14 bits (`WEBP_MAX_DIMENSION`).
            ImageFormat::WebP => 16_383,
            // AV1 §5.5.1.
            ImageFormat::Avif => 1 << 16,
            ImageFormat::Jxl => (1 << 30) - 1,
            ImageFormat::Png | ImageFormat::Bmp | ImageFormat::Tiff | ImageFormat::Svg => {
                i32::MAX as u32
            }
        }
    }

    /// Refuses a frame with a longer side than the format can have.
    ///
    /// # Errors
    /// [`CodecError::InvalidArgument`].
    pub(crate) fn check_sides(self, size: Size) -> Result<(), CodecError> {
        let most = self.max_side();
        if size.width() <= most && size.height() <= most {
            return Ok(());
        }
        Err(CodecError::InvalidArgument(format!(
            "frame {size} exceeds the {most} pixels per side of {self}; make it smaller, or write another format"
        )))
    }

    /// The media type written in results.
    pub const fn mime(self) -> &'static str {
        match self {
            ImageFormat::Jpeg => "image/jpeg",
            ImageFormat::Png => "image/png",
            ImageFormat::Gif => "image/gif",
            ImageFormat::WebP => "image/webp",
            ImageFormat::Avif => "image/avif",
            ImageFormat::Jxl => "image/jxl",
            ImageFormat::Bmp => "image/bmp",
            ImageFormat::Tiff => "image/tiff",
            ImageFormat::Svg => "image/svg+xml",
        }
    }

    /// The file extension written in results, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            ImageFormat::Jpeg => "jpg",
            ImageFormat::Png => "png",
            ImageFormat::Gif => "gif",
            ImageFormat::WebP => "webp",
            ImageFormat::Avif => "avif",
            ImageFormat::Jxl => "jxl",
            ImageFormat::Bmp => "bmp",
            ImageFormat::Tiff => "tiff",
            ImageFormat::Svg => "svg",
        }
    }
}

/// Whether a file type box names a brand of AVIF, first or among those the file is compatible with.
fn is_avif(head: &[u8]) -> bool {
    if head.get(4..8) != Some(b"ftyp") {
        return false;
    }
    let size = head.iter().take(4).fold(0, |v, b| v << 8 | usize::from(*b));
    let body = head.get(8..size.min(head.len())).unwrap_or_default();
    // The second four bytes are a version number.
    body.chunks_exact(4)
        .enumerate()
        .any(|(i, brand)| i != 1 && matches!(brand, b"avif" | b"avis"))
}

/// Whether this is a TIFF header, or one of BigTIFF with its offsets of eight bytes. Canon's raw photos have a mark of their
/// own behind it.
fn is_tiff(head: &[u8]) -> bool {
    let is_canon = head.get(8..10) == Some(b"CR");
    !is_canon
        && [
            &b"II*\0"[..],
            b"MM\0*",
            b"II+\0\x08\0\0\0",
            b"MM\0+\0\x08\0\0",
        ]
        .iter()
        .any(|magic| head.starts_with(magic))
}

/// Two letters are no signature: the header that follows must have a size that exists.
fn is_bmp(head: &[u8]) -> bool {
    const HEADER_SIZES: [u8; 8] = [12, 16, 40, 52, 56, 64, 108, 124];
    head.starts_with(b"BM")
        && matches!(head.get(14..18), Some([size, 0, 0, 0]) if HEADER_SIZES.contains(size))
}

/// Whether the first element of an XML document is `svg`, with any namespace prefix.
fn is_svg(head: &[u8]) -> bool {
    let mut rest = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    loop {
        rest = rest.trim_ascii_start();
        let skipped = if rest.starts_with(b"<?") {
            behind(rest, b"?>")
        } else if rest.starts_with(b"<!--") {
            behind(rest, b"-->")
        } else if rest.starts_with(b"<!DOCTYPE") {
            behind_doctype(rest)
        } else {
            break;
        };
        match skipped {
            Some(after) => rest = after,
            None => return false,
        }
    }
    let Some(name) = rest.strip_prefix(b"<") else {
        return false;
    };
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'>' | b'/');
    let Some(end) = name.iter().position(ends) else {
        return false;
    };
    let name = name.get(..end).unwrap_or_default();
    name.rsplit(|b| *b == b':').next() == Some(b"svg")
}

/// What follows the first `end`.
fn behind<'a>(text: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(end.len()).position(|w| w == end)?;
    text.get(at + end.len()..)
}

/// What follows a document type, whose entities may be listed in brackets.
fn behind_doctype(text: &[u8]) -> Option<&[u8]> {
    let at = text.iter().position(|b| matches!(b, b'[' | b'>'))?;
    let rest = text.get(at..)?;
    if rest.starts_with(b"[") {
        behind(behind(rest, b"]")?, b">")
    } else {
        rest.get(1..)
    }
}

impl fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImageFormat::Jpeg => "JPEG",
            ImageFormat::Png => "PNG",
            ImageFormat::Gif => "GIF",
            ImageFormat::WebP => "WebP",
            ImageFormat::Avif => "AVIF",
            ImageFormat::Jxl => "JPEG XL",
            ImageFormat::Bmp => "BMP",
            ImageFormat::Tiff => "TIFF",
            ImageFormat::Svg => "SVG",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_bytes_are_recognised() {
        assert_eq!(
            ImageFormat::sniff(&[0xFF, 0xD8, 0xFF, 0xE0]),
            Some(ImageFormat::Jpeg)
        );
        assert_eq!(
            ImageFormat::sniff(b"RIFF\0\0\0\0WEBPVP8 "),
            Some(ImageFormat::WebP)
        );
        assert_eq!(ImageFormat::sniff(b"RIFF\0\0\0\0WAVEfmt "), None);
        assert_eq!(ImageFormat::sniff(b""), None);
    }

    #[test]
    fn every_format_has_its_extension() {
        for format in ImageFormat::ALL {
            let upper = format.extension().to_uppercase();
            assert_eq!(ImageFormat::of_extension(OsStr::new(&upper)), Some(*format));
        }
        assert_eq!(ImageFormat::of_extension(OsStr::new("txt")), None);
    }

    #[test]
    fn tiff_is_known_in_both_byte_orders_and_sizes() {
        for head in [
            &b"II*\0\x08\0\0\0"[..],
            b"MM\0*\0\0\0\x08",
            b"II+\0\x08\0\0\0",
            b"MM\0+\0\x08\0\0",
        ] {
            assert_eq!(ImageFormat::sniff(head), Some(ImageFormat::Tiff));
        }
        assert_eq!(ImageFormat::sniff(b"II+\0\x04\0\0\0"), None);
    }

    #[test]
    fn bmp_needs_a_header_that_exists() {
        let mut head = *b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0";
        assert_eq!(ImageFormat::sniff(&head), Some(ImageFormat::Bmp));
        head[14] = 41;
        assert_eq!(ImageFormat::sniff(&head), None);
        assert_eq!(ImageFormat::sniff(b"BMW is a car maker"), None);
    }

    #[test]
    fn svg_is_known_behind_what_xml_allows_before_it() {
        for text in [
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\u{feff}<?xml version='1.0'?>\n<svg>",
            "<!-- <html> --><!--x-->\n<svg width='1'>",
            "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'a.dtd' [<!ENTITY a 'b'>]>\n<s:svg >",
            "<?xml version='1.0'?><!DOCTYPE svg>\r\n<svg/>",
        ] {
            assert_eq!(
                ImageFormat::sniff(text.as_bytes()),
                Some(ImageFormat::Svg),
                "{text}"
            );
        }
        for text in [
            "<html><svg/></html>",
            "<svgz>",
            "<svg",
            "<?xml version='1.0'?>",
            "<!-- never closed <svg>",
            "text <svg>",
        ] {
            assert_eq!(ImageFormat::sniff(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn avif_is_known_by_any_of_its_brands() {
        let avif = Some(ImageFormat::Avif);
        assert_eq!(ImageFormat::sniff(b"\0\0\0\x10ftypavif\0\0\0\0"), avif);
        assert_eq!(
            ImageFormat::sniff(b"\0\0\0\x18ftypmif1\0\0\0\0miafavif"),
            avif
        );
        assert_eq!(
            ImageFormat::sniff(b"\0\0\0\x14ftypmsf1\0\0\0\0avisavif"),
            avif
        );
        // Behind the box, or as a version, it is no brand.
        assert_eq!(ImageFormat::sniff(b"\0\0\0\x14ftypmif1avifmiafavif"), None);
        assert_eq!(
            ImageFormat::sniff(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            None
        );
    }
}
