//! Files that are no input of this engine, known by their first bytes so that the error can name them.
//!
//! Names and magic numbers only: nothing here reads a file. Sources: the registration of each format (ISO/IEC 14496-12 for
//! brands of `ftyp` boxes), and the `magic` database of file(1).

use std::fmt;

/// A kind of file that is recognised and not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Foreign {
    name: &'static str,
    way: Way,
}

/// What the owner of the file can do about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// Another program makes an image of it.
    Convert(&'static str),
    /// It holds no picture of its own, or none in this form.
    Instead(&'static str),
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Foreign { name, way } = self;
        match way {
            Way::Convert(with) => write!(
                f,
                "this is {name}, which is not read; convert it to JPEG, PNG or WebP first, for example with {with}"
            ),
            Way::Instead(what) => write!(f, "this is {name}, which is not read; {what}"),
        }
    }
}

const MAGICK: Way = Way::Convert("ImageMagick");
const RAW: Way = Way::Convert("darktable-cli or dcraw");
const HEIF: Way = Way::Convert("heif-convert or ImageMagick");
const VIDEO: Way =
    Way::Instead("take a picture out of it first, for example with ffmpeg -frames:v 1");
const SOUND: Way = Way::Instead("it holds no picture");
const PAGES: Way = Way::Convert("pdftoppm or Ghostscript");
const ARCHIVE: Way = Way::Instead("unpack it first and use a picture out of it");
const ANSWER: Way = Way::Instead(
    "perhaps a server's page or error message was saved in place of the image: look at it with a text viewer",
);

/// Magic bytes: where they are, what they are, what the file is called, what to do.
#[rustfmt::skip]
const SIGNATURES: &[(usize, &[u8], &str, Way)] = &[
    // Photos straight from a camera; those that are TIFF files are known by their tags.
    (8, b"CR\x02\0", "a Canon raw photo (CR2)", RAW),
    (6, b"HEAPCCDR", "a Canon raw photo (CRW)", RAW),
    (0, b"FUJIFILMCCD-RAW", "a Fujifilm raw photo (RAF)", RAW),
    (0, b"IIRO", "an Olympus raw photo (ORF)", RAW),
    (0, b"IIRS", "an Olympus raw photo (ORF)", RAW),
    (0, b"MMOR", "an Olympus raw photo (ORF)", RAW),
    (0, b"IIU\0", "a Panasonic raw photo (RW2)", RAW),
    (0, b"\0MRM", "a Minolta raw photo (MRW)", RAW),
    (0, b"FOVb", "a Sigma raw photo (X3F)", RAW),
    // Pictures of other programs.
    (0, b"8BPS\0\x01", "a Photoshop document (PSD)", MAGICK),
    (0, b"8BPS\0\x02", "a large Photoshop document (PSB)", MAGICK),
    (0, b"gimp xcf", "a GIMP picture (XCF)", MAGICK),
    (0, b"%PDF-", "a PDF document", PAGES),
    (0, b"%!PS", "a PostScript document", PAGES),
    (0, b"\xC5\xD0\xD3\xC6", "a PostScript document (EPS)", PAGES),
    (0, b"AT&TFORM", "a DjVu document", Way::Convert("ddjvu")),
    (0, b"\xD7\xCD\xC6\x9A", "a Windows metafile (WMF)", MAGICK),
    (40, b" EMF", "a Windows metafile (EMF)", MAGICK),
    (0, b"AC10", "an AutoCAD drawing (DWG)", Way::Convert("the program that made it")),
    // Pictures.
    (0, b"\0\0\0\x0CjP  ", "a JPEG 2000 picture", MAGICK),
    (0, b"\xFF\x4F\xFF\x51", "a JPEG 2000 picture", MAGICK),
    (0, b"II\xBC", "a JPEG XR picture", Way::Convert("JxrDecApp")),
    (0, b"\0\0\x01\0", "a Windows icon (ICO)", MAGICK),
    (0, b"\0\0\x02\0", "a Windows cursor (CUR)", MAGICK),
    (0, b"icns", "a macOS icon (ICNS)", MAGICK),
    (0, b"\x76\x2F\x31\x01", "an OpenEXR picture", MAGICK),
    (0, b"#?RADIANCE", "a Radiance HDR picture", MAGICK),
    (0, b"#?RGBE", "a Radiance HDR picture", MAGICK),
    (0, b"qoif", "a QOI picture", MAGICK),
    (0, b"farbfeld", "a farbfeld picture", MAGICK),
    (0, b"DDS ", "a DirectDraw texture (DDS)", MAGICK),
    (0, b"\xABKTX ", "a Khronos texture (KTX)", Way::Convert("ktx extract")),
    (0, b"\x8AMNG\r\n\x1a\n", "an MNG animation", MAGICK),
    (0, b"\x8BJNG\r\n\x1a\n", "a JNG picture", MAGICK),
    (0, b"BPG\xFB", "a BPG picture", Way::Convert("bpgdec")),
    (0, b"FLIF", "a FLIF picture", Way::Convert("flif -d")),
    (0, b"SIMPLE  =", "a FITS picture", MAGICK),
    (128, b"DICM", "a DICOM picture", MAGICK),
    (0, b"\x59\xA6\x6A\x95", "a Sun raster picture", MAGICK),
    (0, b"\x01\xDA\x01\x01", "an SGI picture", MAGICK),
    (0, b"\x01\xDA\0\x01", "an SGI picture", MAGICK),
    (0, b"/* XPM */", "an XPM picture", MAGICK),
    // Moving pictures and sound.
    (0, b"\x1A\x45\xDF\xA3", "a Matroska or WebM video", VIDEO),
    (0, b"FLV\x01", "a Flash video", VIDEO),
    (0, b"FWS", "a Flash film", VIDEO),
    (0, b"CWS", "a Flash film", VIDEO),
    (0, b"\0\0\x01\xBA", "an MPEG video", VIDEO),
    (0, b"\0\0\x01\xB3", "an MPEG video", VIDEO),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "a Windows Media video", VIDEO),
    (4, b"moov", "a QuickTime video", VIDEO),
    (4, b"mdat", "a QuickTime video", VIDEO),
    (4, b"wide", "a QuickTime video", VIDEO),
    (0, b"OggS", "an Ogg video or sound", VIDEO),
    (0, b"ID3", "an MP3 sound", SOUND),
    (0, b"fLaC", "a FLAC sound", SOUND),
    // What is packed.
    (0, b"PK\x03\x04", "a ZIP archive or an office document", ARCHIVE),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old office document", ARCHIVE),
    (0, b"\x1F\x8B", "gzip-compressed data (an .svgz drawing, or a compressed answer of a server)", ARCHIVE),
    (0, b"\x28\xB5\x2F\xFD", "zstd-compressed data", ARCHIVE),
    (0, b"BZh", "bzip2-compressed data", ARCHIVE),
    (0, b"\xFD7zXZ\0", "xz-compressed data", ARCHIVE),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7z archive", ARCHIVE),
    (0, b"Rar!\x1a\x07", "a RAR archive", ARCHIVE),
    (257, b"ustar", "a tar archive", ARCHIVE),
    (0, b"\x7FELF", "a program", SOUND),
    // Text in place of bytes.
    (0, b"version https://git-lfs.github.com/", "a Git LFS pointer", Way::Instead("fetch the file it stands for with git lfs pull")),
    (0, b"data:image/", "a data URL", Way::Instead("decode the base64 behind its comma, or pass that as base64")),
];

/// Brands of `ftyp` boxes that hold pictures or raw photos; a file of another brand is a video.
const BRANDS: &[(&[u8; 4], &str, Way)] = &[
    (b"crx ", "a Canon raw photo (CR3)", RAW),
    (b"heic", "a HEIC photo (HEIF with HEVC)", HEIF),
    (b"heix", "a HEIC photo (HEIF with HEVC)", HEIF),
    (b"heim", "a HEIC photo (HEIF with HEVC)", HEIF),
    (b"heis", "a HEIC photo (HEIF with HEVC)", HEIF),
    (b"hevc", "a HEIC sequence (HEIF with HEVC)", HEIF),
    (b"hevx", "a HEIC sequence (HEIF with HEVC)", HEIF),
    (b"hevm", "a HEIC sequence (HEIF with HEVC)", HEIF),
    (b"hevs", "a HEIC sequence (HEIF with HEVC)", HEIF),
    (b"avci", "a HEIF picture with H.264", HEIF),
    (b"avcs", "a HEIF sequence with H.264", HEIF),
    (b"vvic", "a HEIF picture with VVC", HEIF),
    (b"j2ki", "a HEIF picture with JPEG 2000", HEIF),
    (b"jpeg", "a HEIF picture with JPEG", HEIF),
    (b"mif1", "a HEIF picture, perhaps HEIC", HEIF),
    (b"mif2", "a HEIF picture, perhaps HEIC", HEIF),
    (b"msf1", "a HEIF sequence, perhaps HEIC", HEIF),
    (b"jxs ", "a JPEG XS picture", MAGICK),
    (b"M4A ", "an MPEG-4 sound", SOUND),
    (b"M4B ", "an MPEG-4 sound", SOUND),
];

impl Foreign {
    /// A raw photo that is a TIFF file.
    pub(crate) const RAW_TIFF: Foreign = Foreign {
        name: "a raw photo (DNG, NEF, ARW or another built on TIFF)",
        way: RAW,
    };

    /// Recognises a file by its first bytes, which belong to no [`ImageFormat`](crate::ImageFormat).
    pub fn sniff(head: &[u8]) -> Option<Foreign> {
        let signed = SIGNATURES.iter().find(|(at, magic, ..)| {
            let there = head.get(*at..).unwrap_or_default();
            there.starts_with(magic)
        });
        if let Some((_, _, name, way)) = signed {
            return Some(Foreign { name, way: *way });
        }
        riff(head)
            .or_else(|| brand(head))
            .or_else(|| portable_map(head))
            .or_else(|| text(head))
    }
}

/// What the container of WebP holds when it is none.
fn riff(head: &[u8]) -> Option<Foreign> {
    let (name, way) = match (head.get(..4)?, head.get(8..12)?) {
        (b"RIFF", b"AVI ") => ("an AVI video", VIDEO),
        (b"RIFF", b"ACON") => ("an animated Windows cursor (ANI)", MAGICK),
        (b"RIFF", b"WAVE") => ("a WAVE sound", SOUND),
        _ => return None,
    };
    Some(Foreign { name, way })
}

/// What the brands of a file type box say: the main one, then those it is compatible with.
fn brand(head: &[u8]) -> Option<Foreign> {
    if head.get(4..8) != Some(b"ftyp") {
        return None;
    }
    let size = head.iter().take(4).fold(0, |v, b| v << 8 | usize::from(*b));
    let body = head.get(8..size.min(head.len()))?;
    // The second four bytes are a version number.
    let brands = || body.chunks_exact(4).enumerate().filter(|(i, _)| *i != 1);
    let found = BRANDS
        .iter()
        .find(|(brand, ..)| brands().any(|(_, there)| there == brand.as_slice()));
    let (name, way) = found.map_or(("an MPEG-4 or QuickTime video", VIDEO), |(_, name, way)| {
        (*name, *way)
    });
    Some(Foreign { name, way })
}

/// Netpbm's family: `P`, a digit or a letter, white space.
fn portable_map(head: &[u8]) -> Option<Foreign> {
    match head {
        [
            b'P',
            b'1'..=b'7' | b'F' | b'f',
            b' ' | b'\t' | b'\r' | b'\n',
            ..,
        ] => Some(Foreign {
            name: "a Netpbm picture (PBM, PGM, PPM, PAM or PFM)",
            way: MAGICK,
        }),
        _ => None,
    }
}

/// Text of kinds that turn up where an image was expected.
fn text(head: &[u8]) -> Option<Foreign> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let head = head.trim_ascii_start();
    let begins = |word: &str| {
        let start = head.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    let (name, way) = if begins("<!doctype html") || begins("<html") || begins("<head") {
        ("an HTML page", ANSWER)
    } else if begins("<?xml") || begins("<error") {
        ("an XML document", ANSWER)
    } else if begins("/9j/") || begins("iVBORw0KGgo") || begins("R0lGOD") || begins("UklGR") {
        let what = "decode it first, or pass it as base64";
        ("base64 text of an image", Way::Instead(what))
    } else if matches!(head, [b'{' | b'[', rest @ ..] if is_json(rest)) {
        ("a JSON document", ANSWER)
    } else {
        return None;
    };
    Some(Foreign { name, way })
}

/// Whether what follows an opening brace or bracket begins as JSON does.
fn is_json(rest: &[u8]) -> bool {
    matches!(
        rest.trim_ascii_start(),
        [b'"' | b'{' | b'[' | b'}' | b']', ..]
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ImageFormat;

    fn said(head: &[u8]) -> String {
        assert_eq!(ImageFormat::sniff(head), None, "{head:?}");
        Foreign::sniff(head).map_or_else(String::new, |found| found.to_string())
    }

    #[test]
    fn every_signature_is_found_where_it_stands_and_is_no_format_that_is_read() {
        for (at, magic, name, way) in SIGNATURES {
            let mut head = vec![0xEE; *at];
            head.extend_from_slice(magic);
            head.extend_from_slice(b" and what follows");
            if (*at, *magic) == (8, b"CR\x02\0".as_slice()) {
                head[..4].copy_from_slice(b"II*\0");
            }
            assert_eq!(ImageFormat::sniff(&head), None, "{name}");
            assert_eq!(Foreign::sniff(&head), Some(Foreign { name, way: *way }));
            // A signature that is cut off is none.
            head.truncate(at + magic.len() - 1);
            assert_ne!(Foreign::sniff(&head), Some(Foreign { name, way: *way }));
        }
    }

    #[test]
    fn messages_name_the_format_and_the_way_out() {
        let heic = said(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
        assert_eq!(
            heic,
            "this is a HEIC photo (HEIF with HEVC), which is not read; convert it to JPEG, PNG or WebP first, for example with heif-convert or ImageMagick"
        );
        for (head, words) in [
            (&b"\0\0\0\x18ftypmif1\0\0\0\0miafheix"[..], "HEIC photo"),
            (b"\0\0\0\x10ftypmif1\0\0\0\0", "HEIF picture"),
            (b"\0\0\0\x14ftypisom\0\0\x02\0mp41", "MPEG-4"),
            (b"\0\0\0\x14ftypcrx \0\0\0\x01crx ", "raw photo (CR3)"),
            (b"RIFF\x10\0\0\0AVI LIST", "AVI video"),
            (b"P6\n3 2\n255\n", "Netpbm"),
            (b"\xEF\xBB\xBF\r\n<!DOCTYPE HTML><html>", "an HTML page"),
            (b"<html lang=en>404 Not Found", "an HTML page"),
            (
                b"<?xml version='1.0'?><Error><Code>AccessDenied",
                "an XML document",
            ),
            (b"{\"error\":\"not found\"}", "a JSON document"),
            (b"/9j/4AAQSkZJRgABAQ", "base64 text"),
            (b"data:image/png;base64,iVBORw0", "a data URL"),
        ] {
            assert!(said(head).contains(words), "{words}: {}", said(head));
        }
    }

    #[test]
    fn what_is_unknown_has_no_name() {
        for head in [
            &b""[..],
            b"\0\0\0\0",
            b"hello, world",
            b"P5x",
            b"P9 1 1",
            b"RIFF\0\0\0\0XXXX",
            b"{ is a brace",
            b"\x01\x02\x03",
        ] {
            assert_eq!(said(head), "");
        }
    }
}
