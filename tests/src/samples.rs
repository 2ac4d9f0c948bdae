//! Small files of every format that is read, made by the engine's encoders or byte by byte: what mutations start from.

use std::io::{Cursor, Write};
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::mutate::gif::GIF;
use crate::mutate::jpeg::JPEG;
use crate::mutate::parts::Part;
use crate::mutate::png::PNG;
use crate::{scene, targets};

/// Size of most samples: more than one block of every codec, and not a multiple of any.
const SIZE: (u32, u32) = (41, 29);

/// How a sample is made.
type Make = fn() -> Vec<u8>;

/// Every sample: its name, which begins with the extension of the format, and how it is made.
const SAMPLES: &[(&str, Make)] = &[
    ("png-rgb", || png(png::ColorType::Rgb)),
    ("png-rgba", || png(png::ColorType::Rgba)),
    ("png-gray-16", || png(png::ColorType::Grayscale)),
    ("png-palette", palette_png),
    ("png-interlaced", interlaced_png),
    ("png-animated", animated_png),
    ("png-chunks", chunky_png),
    ("jpg-420", || jpeg(ColorType::Rgb, false)),
    ("jpg-444", full_jpeg),
    ("jpg-progressive", || jpeg(ColorType::Rgb, true)),
    ("jpg-gray", || jpeg(ColorType::Luma, false)),
    ("jpg-cmyk", || jpeg(ColorType::Cmyk, false)),
    ("jpg-segments", segmented_jpeg),
    ("gif-still", || made("format=gif")),
    ("gif-animated", animated_gif),
    ("webp-lossless", || made("format=webp&webp.lossless=true")),
    ("webp-animated", || {
        converted(&animated_gif(), "format=webp&webp.lossless=true")
    }),
    #[cfg(feature = "native")]
    ("webp-lossy", || made("format=webp&quality=60")),
    #[cfg(feature = "native")]
    ("webp-alpha", || translucent("format=webp&quality=60")),
    ("jxl-lossless", || made("format=jxl&lossless=true")),
    ("jxl-boxes", boxed_jxl),
    ("avif-opaque", avif),
    ("avif-alpha", || translucent("format=avif")),
    ("tif-strips", || tiff(1)),
    ("tif-deflate", || tiff(8)),
    ("tif-packbits", || tiff(32773)),
    ("bmp-24", bmp),
    ("bmp-runs", rle_bmp),
    ("svg-shapes", || SVG.as_bytes().to_vec()),
    ("exif", exif),
    ("icc-p3", profile),
];

/// The samples whose name begins so, with their names; each is made when it is first asked for.
///
/// # Panics
/// When an encoder fails.
pub fn named(start: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    static MADE: [OnceLock<Vec<u8>>; SAMPLES.len()] = [const { OnceLock::new() }; SAMPLES.len()];
    let samples = SAMPLES.iter().zip(&MADE);
    samples
        .filter(move |((name, _), _)| name.starts_with(start))
        .map(|((name, make), place)| (*name, place.get_or_init(make).as_slice()))
}

/// Every sample with its name.
///
/// # Panics
/// When an encoder fails.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    named("")
}

/// The samples whose name begins so.
///
/// # Panics
/// When an encoder fails.
pub fn of(start: &str) -> impl Iterator<Item = &'static [u8]> {
    named(start).map(|(_, file)| file)
}

fn translucent(command: &str) -> Vec<u8> {
    converted(&png(png::ColorType::Rgba), command)
}

fn converted(file: &[u8], command: &str) -> Vec<u8> {
    match targets::convert(file, command) {
        Ok(output) => output,
        Err(error) => panic!("no sample by {command}: {error}"),
    }
}

fn made(command: &str) -> Vec<u8> {
    converted(&png(png::ColorType::Rgb), command)
}

/// An AVIF picture.
///
/// # Panics
/// When the encoder fails.
pub fn avif() -> Vec<u8> {
    made("format=avif")
}

fn rgb() -> Vec<u8> {
    scene::render(SIZE.0 as usize, SIZE.1 as usize)
}

fn png(color: png::ColorType) -> Vec<u8> {
    let rgb = rgb();
    let pixels = rgb.as_chunks::<3>().0.iter();
    let (depth, data): (_, Vec<u8>) = match color {
        png::ColorType::Rgba => {
            let rgba = pixels
                .enumerate()
                .flat_map(|(i, &[r, g, b])| [r, g, b, (i * 5) as u8]);
            (png::BitDepth::Eight, rgba.collect())
        }
        png::ColorType::Grayscale => (
            png::BitDepth::Sixteen,
            pixels.flat_map(|&[r, g, _]| [r, g]).collect(),
        ),
        _ => (png::BitDepth::Eight, rgb),
    };
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, SIZE.0, SIZE.1);
    encoder.set_color(color);
    encoder.set_depth(depth);
    write(encoder, &[&data]);
    out
}

fn write(encoder: png::Encoder<'_, &mut Vec<u8>>, frames: &[&[u8]]) {
    let written = encoder.write_header().and_then(|mut writer| {
        frames
            .iter()
            .try_for_each(|frame| writer.write_image_data(frame))?;
        writer.finish()
    });
    assert!(written.is_ok(), "{written:?}");
}

fn palette_png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 20, 12);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(vec![0, 0, 0, 200, 30, 30, 30, 200, 30, 255, 255, 255]);
    encoder.set_trns(vec![0, 128]);
    write(encoder, &[&[0x1B; 60]]);
    out
}

fn animated_png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 8, 6);
    encoder.set_color(png::ColorType::Rgba);
    let animated = encoder
        .set_animated(3, 0)
        .and_then(|()| encoder.set_frame_delay(1, 10));
    assert!(animated.is_ok(), "{animated:?}");
    write(encoder, &[&[200; 192], &[90; 192], &[10; 192]]);
    out
}

/// Adam7, which the encoder does not write: seven small pictures of gray, a filter byte before each row.
fn interlaced_png() -> Vec<u8> {
    let (width, height) = (13u32, 9u32);
    let mut rows = Vec::new();
    for (x, y, dx, dy) in [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ] {
        for row in (y..height).step_by(dy) {
            rows.push((row % 5) as u8);
            rows.extend((x..width).step_by(dx).map(|x| (x * 17 + row * 5) as u8));
        }
    }
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 1]);
    (PNG.join)(&[
        Part::new(b"IHDR", &header),
        Part::new(b"IDAT", &deflated(&rows)),
        Part::new(b"IEND", &[]),
    ])
}

/// One of every chunk that says something about the pixels, or that is kept.
fn chunky_png() -> Vec<u8> {
    let mut parts = (PNG.split)(&png(png::ColorType::Rgb)).unwrap_or_default();
    let profile = [b"P3\0\0".as_slice(), &deflated(&profile())].concat();
    let text = [b"Copyright\0\0".as_slice(), &deflated(b"Somebody")].concat();
    let chunks: [(&[u8], &[u8]); 10] = [
        (b"iCCP", &profile),
        (b"gAMA", &45_455u32.to_be_bytes()),
        (
            b"cHRM",
            &[
                0, 0, 0x7A, 0x26, 0, 0, 0x80, 0x84, 0, 0, 0xFA, 0, 0, 0, 0x80, 0xE8, 0, 0, 0x75,
                0x30, 0, 0, 0xEA, 0x60, 0, 0, 0x3A, 0x98, 0, 0, 0x17, 0x70,
            ],
        ),
        (b"sBIT", &[8, 8, 8]),
        (b"bKGD", &[0, 1, 0, 2, 0, 3]),
        (b"pHYs", &[0, 0, 0x0B, 0x13, 0, 0, 0x0B, 0x13, 1]),
        (b"tIME", &[7, 0xE9, 1, 2, 3, 4, 5]),
        (b"eXIf", &exif()),
        (b"tEXt", b"Author\0Somebody"),
        (b"zTXt", &text),
    ];
    let chunks = chunks.map(|(name, body)| Part::new(name, body));
    parts.splice(1..1, chunks);
    (PNG.join)(&parts)
}

/// A picture large enough to be shrunk while it is decoded, with all of its colour.
fn full_jpeg() -> Vec<u8> {
    let (width, height) = (160, 120);
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 50);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    let pixels = scene::render(width.into(), height.into());
    let written = encoder.encode(&pixels, width, height, ColorType::Rgb);
    assert!(written.is_ok(), "{written:?}");
    out
}

fn jpeg(color: ColorType, progressive: bool) -> Vec<u8> {
    let rgb = rgb();
    let pixels = rgb.as_chunks::<3>().0.iter();
    let data: Vec<u8> = match color {
        ColorType::Luma => pixels.map(|p| p[1]).collect(),
        ColorType::Cmyk => pixels.flat_map(|&[r, g, b]| [r, g, b, 40]).collect(),
        _ => rgb,
    };
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 70);
    encoder.set_progressive(progressive);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if progressive {
        encoder.set_restart_interval(3);
    }
    let written = encoder.encode(&data, SIZE.0 as u16, SIZE.1 as u16, color);
    assert!(written.is_ok(), "{written:?}");
    out
}

/// EXIF, a profile, XMP and a comment.
fn segmented_jpeg() -> Vec<u8> {
    let mut parts = (JPEG.split)(&jpeg(ColorType::Rgb, false)).unwrap_or_default();
    let segment =
        |marker: u8, head: &[u8], body: &[u8]| Part::new(&[marker], &[head, body].concat());
    let segments = [
        segment(0xE1, b"Exif\0\0", &exif()),
        segment(
            0xE1,
            b"http://ns.adobe.com/xap/1.0/\0",
            b"<x:xmpmeta tiff:Orientation=\"6\"/>",
        ),
        segment(0xE2, b"ICC_PROFILE\0\x01\x01", &profile()),
        segment(0xFE, b"a comment", &[]),
    ];
    parts.splice(1..1, segments);
    (JPEG.join)(&parts)
}

fn animated_gif() -> Vec<u8> {
    let still = made("w=17&h=11&mode=stretch&format=gif");
    let mut parts = (GIF.split)(&still).unwrap_or_default();
    parts.retain(|part| part.name != b"\x21\xF9");
    let image = parts
        .iter()
        .find(|part| part.name == b"\x2C")
        .cloned()
        .unwrap_or_default();
    let control = |flags: u8| Part::new(b"\x21\xF9", &[flags, 7, 0, 3]);
    let mut interlaced = image.clone();
    interlaced.body[8] |= 0x40;
    let mut forever = Part::new(b"\x21\xFF", b"NETSCAPE2.0");
    forever.tail = vec![1, 0, 0];
    let end = parts
        .iter()
        .position(|part| part.name == b"\x2C")
        .unwrap_or(1);
    parts.splice(
        end..,
        [
            forever,
            control(4),
            image.clone(),
            control(9),
            interlaced,
            control(12),
            image,
            Part::new(b"\x3B", &[]),
        ],
    );
    (GIF.join)(&parts)
}

fn boxed_jxl() -> Vec<u8> {
    let mut out = b"\0\0\0\x0CJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ".to_vec();
    for (name, body) in [
        (b"Exif", [&[0; 4], exif().as_slice()].concat()),
        (b"jxlc", made("format=jxl&lossless=true")),
    ] {
        out.extend((body.len() as u32 + 8).to_be_bytes());
        out.extend(name);
        out.extend(body);
    }
    out
}

/// RGB in two strips, compressed as the tag of this number says.
fn tiff(compression: u16) -> Vec<u8> {
    let (width, height, rows) = (21u32, 14u32, 7u32);
    let strips: Vec<Vec<u8>> = (0..2u8)
        .map(|strip| {
            let raw: Vec<u8> = (0..width * rows * 3)
                .map(|i| (i as u8).wrapping_mul(strip + 3))
                .collect();
            match compression {
                8 => deflated(&raw),
                32773 => raw
                    .chunks(100)
                    .flat_map(|c| [&[c.len() as u8 - 1], c].concat())
                    .collect(),
                _ => raw,
            }
        })
        .collect();
    let mut file = b"II*\0\0\0\0\0".to_vec();
    let mut places = Vec::new();
    for strip in &strips {
        places.push(file.len() as u32);
        file.extend(strip);
    }
    let (offsets, lengths, bits) = (
        file.len() as u32,
        file.len() as u32 + 8,
        file.len() as u32 + 16,
    );
    places
        .iter()
        .for_each(|place| file.extend(place.to_le_bytes()));
    strips
        .iter()
        .for_each(|strip| file.extend((strip.len() as u32).to_le_bytes()));
    file.extend([8, 0, 8, 0, 8, 0]);
    let directory = (file.len() as u32).to_le_bytes();
    file[4..8].copy_from_slice(&directory);
    write_directory(
        &mut file,
        &[
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 3, bits),
            (259, 3, 1, u32::from(compression)),
            (262, 3, 1, 2),
            (273, 4, 2, offsets),
            (274, 3, 1, 6),
            (277, 3, 1, 3),
            (278, 4, 1, rows),
            (279, 4, 2, lengths),
        ],
    );
    file.extend([0; 4]);
    file
}

fn write_directory(file: &mut Vec<u8>, entries: &[(u16, u16, u32, u32)]) {
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
}

/// A TIFF block: orientation, artist and copyright, an EXIF directory, a second directory.
fn exif() -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    // Five entries, then a directory of two, then one of one, then the text.
    let (second, third) = (8 + 2 + 5 * 12 + 4, 8 + 2 + 5 * 12 + 4 + 2 + 2 * 12 + 4);
    let text = third + 2 + 12 + 4;
    write_directory(
        &mut file,
        &[
            (270, 2, 9, text),
            (274, 3, 1, 6),
            (315, 2, 9, text),
            (33432, 2, 9, text),
            (34665, 4, 1, second),
        ],
    );
    file.extend(third.to_le_bytes());
    write_directory(&mut file, &[(33434, 5, 1, text), (40962, 4, 1, 41)]);
    file.extend([0; 4]);
    write_directory(&mut file, &[(259, 3, 1, 6)]);
    file.extend([0; 4]);
    file.extend(b"Somebody\0");
    file
}

fn profile() -> Vec<u8> {
    let profile = imageflow_codecs::color::display_p3_profile();
    profile.unwrap_or_else(|error| panic!("no profile: {error}"))
}

fn bmp() -> Vec<u8> {
    let (width, height) = (15u32, 9u32);
    let mut file = bmp_header(width, height, 24, 0, 0);
    file.extend((0..48 * height).map(|i| (i * 7) as u8));
    file
}

fn rle_bmp() -> Vec<u8> {
    let mut file = bmp_header(16, 4, 8, 1, 4);
    file.extend([0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0]);
    // A run, single pixels, the end of a line, a jump, the end.
    file.extend([
        12, 1, 0, 4, 0, 1, 2, 3, 0, 0, 16, 2, 0, 0, 0, 2, 3, 0, 5, 3, 0, 1,
    ]);
    file
}

fn bmp_header(width: u32, height: u32, bits: u8, compression: u8, colors: u32) -> Vec<u8> {
    let mut file = b"BM\0\0\0\0\0\0\0\0".to_vec();
    file.extend((54 + 4 * colors).to_le_bytes());
    file.extend(40u32.to_le_bytes());
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend([1, 0, bits, 0, compression, 0, 0, 0]);
    file.resize(46, 0);
    file.extend(colors.to_le_bytes());
    file.resize(54, 0);
    file
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Cursor::new(Vec::new()), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.map(Cursor::into_inner).unwrap_or_default()
}

const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='20' height='10' viewBox='0 0 40 20'>\
<defs><linearGradient id='a'><stop offset='0' stop-color='#f00'/><stop offset='1' stop-color='blue' stop-opacity='.5'/></linearGradient>\
<filter id='b'><feGaussianBlur stdDeviation='2'/></filter><clipPath id='c'><circle cx='9' cy='9' r='8'/></clipPath>\
<pattern id='p' width='4' height='4' patternUnits='userSpaceOnUse'><rect width='2' height='2' fill='lime'/></pattern>\
<mask id='m'><rect width='30' height='20' fill='white'/></mask></defs>\
<style>.k{stroke:#0a0;stroke-width:2}</style>\
<g clip-path='url(#c)' transform='rotate(9) scale(1.5)'><rect width='20' height='12' fill='url(#a)'/></g>\
<path class='k' d='M1 1 L9 9 C3 4 5 6 30 2 A4 4 0 0 1 9 9 Z' fill='url(#p)' filter='url(#b)'/>\
<ellipse cx='9' cy='5' rx='4' ry='2' mask='url(#m)' opacity='.7' stroke-dasharray='2 1'/><use xlink:href='#q' x='3'/>\
<polygon id='q' points='1,2 30,4 5,19'/></svg>";
