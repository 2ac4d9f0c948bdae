//! Formats and their magic bytes.

use std::fmt;

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
    ];

    /// Bytes that messages about unknown formats show.
    pub const HEAD: usize = 12;
    /// Bytes that [`ImageFormat::sniff`] wants to see.
    pub const SNIFF: usize = 256;

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
        }
    }

    /// Whether [`encoder_with`](crate::encoder_with) writes metadata and profiles into the format.
    pub const fn carries_metadata(self) -> bool {
        matches!(
            self,
            ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP
        )
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

impl fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImageFormat::Jpeg => "JPEG",
            ImageFormat::Png => "PNG",
            ImageFormat::Gif => "GIF",
            ImageFormat::WebP => "WebP",
            ImageFormat::Avif => "AVIF",
            ImageFormat::Jxl => "JPEG XL",
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
