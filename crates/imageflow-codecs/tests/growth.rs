//! Work grows with the input, not with its square: twice as many of any part of a file take at most twice the time, and the
//! job is looked at meanwhile.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod process;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::jxl::JxlSettings;
use imageflow_codecs::png::PngSettings;
use imageflow_codecs::webp::WebpSettings;
use imageflow_codecs::{DecodeOptions, EncoderSettings, open};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Size};
use support::{encode, input};

/// A file with so many of a part.
type Build = Box<dyn Fn(usize) -> Vec<u8>>;

fn small(settings: &EncoderSettings) -> Vec<u8> {
    let (side, alpha) = (16, Alpha::Opaque);
    let frame = FrameInfo::bgra8(Size::new(side, side).unwrap(), alpha);
    let bgra: Vec<u8> = (0..side * side)
        .flat_map(|i| [i as u8, 7, 99, 255])
        .collect();
    encode(settings, frame, &bgra, &JobControl::default(), 16).unwrap()
}

/// Repeats `part` between byte `at` of a file and the rest.
fn repeated(file: Vec<u8>, at: usize, part: Vec<u8>) -> Build {
    Box::new(move |count| [&file[..at], &part.repeat(count), &file[at..]].concat())
}

fn position(file: &[u8], what: &[u8]) -> usize {
    let found = file.windows(what.len()).position(|window| window == what);
    found.unwrap()
}

fn jpeg() -> Vec<(String, Build)> {
    let file = small(&EncoderSettings::Jpeg(JpegSettings {
        style: JpegStyle::Classic,
        quality: 80,
        progressive: false,
        optimize_huffman: false,
    }));
    let mut cases = Vec::new();
    for marker in (0xE0..=0xEF).chain([0xFE]) {
        let names: [&[u8]; 6] = [
            b"",
            b"Exif\0\0MM\0*",
            b"ICC_PROFILE\0\x01\x01profile",
            b"http://ns.adobe.com/xap/1.0/\0<x/>",
            b"Adobe\0\x64\0\0\0\0\x01",
            b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
        ];
        for body in names {
            let length = (body.len() as u16 + 2).to_be_bytes();
            let part = [&[0xFF, marker], &length[..], body].concat();
            let name = format!("jpeg {marker:02X} {:.4}", body.escape_ascii());
            cases.push((name, repeated(file.clone(), 2, part)));
        }
    }
    for marker in [0xC4u8, 0xDB] {
        let at = position(&file, &[0xFF, marker]);
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        let part = file[at..at + 2 + length].to_vec();
        let name = format!("jpeg {marker:02X}");
        cases.push((name, repeated(file.clone(), at, part)));
    }
    cases.push(("jpeg fill".into(), repeated(file, 2, vec![0xFF])));
    cases
}

fn png_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(body);
    let length = (body.len() as u32).to_be_bytes();
    [&length[..], kind, body, &crc.sum().to_be_bytes()].concat()
}

fn png() -> Vec<(String, Build)> {
    let file = small(&EncoderSettings::Png(PngSettings::Lossless {
        max_deflate: false,
    }));
    let pixels = position(&file, b"IDAT") - 4;
    let bodies: [(&[u8; 4], &[u8]); 9] = [
        (b"tEXt", b"Comment\0hello"),
        (b"zTXt", b"Comment\0\0\x78\x9c\x03\0\0\0\0\x01"),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
        (b"iCCP", b"p\0\0\x78\x9c\x03\0\0\0\0\x01"),
        (b"eXIf", b"MM\0*\0\0\0\x08\0\0"),
        (b"gAMA", &[0, 0, 0xB1, 0x8F]),
        (b"IDAT", b""),
        (b"prVt", b""),
        (b"fdAT", b"\0\0\0\0"),
    ];
    let at = |kind: &[u8; 4]| match kind {
        // Behind the first, so that no other chunk divides them.
        b"IDAT" => {
            let length = u32::from_be_bytes(file[pixels..pixels + 4].try_into().unwrap());
            pixels + 12 + length as usize
        }
        _ => pixels,
    };
    bodies
        .map(|(kind, body)| {
            let name = format!("png {}", kind.escape_ascii());
            let build = repeated(file.clone(), at(kind), png_chunk(kind, body));
            (name, build)
        })
        .into()
}

fn gif() -> Vec<(String, Build)> {
    let file = small(&EncoderSettings::Gif(GifSettings { dithering: false }));
    let image = file.len() - 1;
    let parts: [(&str, &[u8]); 6] = [
        ("comment", b"\x21\xFE\x03abc\0"),
        ("control", b"\x21\xF9\x04\0\0\0\0\0"),
        ("application", b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0"),
        ("text", b"\x21\x01\0"),
        ("terminator", b"\0"),
        ("frame", b"\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"),
    ];
    parts
        .map(|(name, part)| {
            let build = repeated(file.clone(), image, part.to_vec());
            (format!("gif {name}"), build)
        })
        .into()
}

fn riff(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = [kind, &(body.len() as u32).to_le_bytes()[..], body].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// A file with VP8X flags, a repeated part, and a rest.
fn extended(flags: u8, part: Vec<u8>, rest: Vec<u8>) -> Build {
    let head = riff(b"VP8X", &[flags, 0, 0, 0, 15, 0, 0, 15, 0, 0]);
    Box::new(move |count| {
        let body = [b"WEBP", &head[..], &part.repeat(count), &rest].concat();
        [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
    })
}

fn webp() -> Vec<(String, Build)> {
    let still = small(&EncoderSettings::WebP(WebpSettings {
        quality: 50.0,
        lossless: true,
    }));
    let picture = still[12..].to_vec();
    let frame = |parts: &[u8]| {
        let place = [0, 0, 0, 0, 0, 0, 15, 0, 0, 15, 0, 0, 9, 0, 0, 0];
        riff(b"ANMF", &[&place[..], parts, &picture].concat())
    };
    let several = [riff(b"ANIM", &[0; 6]), frame(&[]), frame(&[])].concat();
    let exif = riff(b"EXIF", b"MM\0*\0\0\0\x08\0\0");
    let still_with = |kind: &[u8; 4]| extended(0x28, riff(kind, b""), picture.clone());
    let within = picture.clone();
    vec![
        ("webp unknown".into(), still_with(b"what")),
        ("webp ICCP".into(), still_with(b"ICCP")),
        ("webp ALPH".into(), still_with(b"ALPH")),
        ("webp EXIF".into(), extended(8, exif, picture.clone())),
        (
            "webp frames".into(),
            extended(2, frame(&[]), several.clone()),
        ),
        (
            "webp chunks of a frame".into(),
            Box::new(move |count| {
                let place = [0, 0, 0, 0, 0, 0, 15, 0, 0, 15, 0, 0, 9, 0, 0, 0];
                let chunks = riff(b"what", b"").repeat(count);
                let frame = riff(b"ANMF", &[&place[..], &chunks, &within].concat());
                let rest = [riff(b"ANIM", &[0; 6]), frame.repeat(2)].concat();
                extended(2, Vec::new(), rest)(0)
            }),
        ),
    ]
}

fn jxl() -> Vec<(String, Build)> {
    let stream = small(&EncoderSettings::Jxl(JxlSettings {
        distance: 0.0,
        effort: 1,
        lossless: true,
    }));
    let box_of = |kind: &[u8; 4], body: &[u8]| {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    };
    let head = [
        box_of(b"JXL ", b"\r\n\x87\n"),
        box_of(b"ftyp", b"jxl \0\0\0\0jxl "),
    ]
    .concat();
    let file = [head.clone(), box_of(b"jxlc", &stream)].concat();
    [&b"free"[..], b"Exif", b"xml ", b"brob"]
        .map(|kind| {
            let part = box_of(kind.try_into().unwrap(), b"\0\0\0\0");
            let name = format!("jxl {}", kind.escape_ascii());
            (name, repeated(file.clone(), head.len(), part))
        })
        .into()
}

#[cfg(feature = "tiff")]
fn tiff() -> Vec<(String, Build)> {
    fn entry(tag: u16, value: u32) -> Vec<u8> {
        let (kind, count) = (4u16, 1u32);
        let head = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        [&head[..], &count.to_le_bytes(), &value.to_le_bytes()].concat()
    }
    /// One page of 1×1 gray pixel, with `extra` entries of an unknown tag.
    fn page(at: u32, extra: usize, next: u32) -> Vec<u8> {
        let tags = [
            (256, 1),
            (257, 1),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, at),
            (279, 1),
        ];
        let entries = tags.map(|(tag, value)| entry(tag, value)).concat();
        let count = (tags.len() + extra) as u16;
        [
            &count.to_le_bytes()[..],
            &entries,
            &entry(60_000, 1).repeat(extra),
            &next.to_le_bytes(),
        ]
        .concat()
    }
    let entries: Build =
        Box::new(|count| [&b"II*\0\x08\0\0\0"[..], &page(0, count.min(65_000), 0)].concat());
    let pages: Build = Box::new(|count| {
        let length = page(0, 0, 0).len();
        let chain = (1..=count).map(|n| {
            let next = if n == count { 0 } else { 8 + n * length };
            page(0, 0, next as u32)
        });
        let chain: Vec<u8> = chain.flatten().collect();
        [&b"II*\0\x08\0\0\0"[..], &chain].concat()
    });
    vec![
        ("tiff entries".into(), entries),
        ("tiff pages".into(), pages),
    ]
}

#[cfg(feature = "avif")]
fn avif() -> Vec<(String, Build)> {
    fn full(kind: &[u8; 4], version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
        boxed(kind, &[&[version, 0, 0, flags], body].concat())
    }
    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }
    /// A file whose one item has a size; `more` goes into its `meta`, `within` into its `iprp`.
    fn file(before: &[u8], more: &[u8], within: &[u8]) -> Vec<u8> {
        let item = full(b"infe", 2, 0, b"\0\x01\0\0av01\0");
        let size = full(b"ispe", 0, 0, &[0, 0, 0, 16, 0, 0, 0, 16]);
        let owner = full(b"ipma", 0, 0, &[0, 0, 0, 1, 0, 1, 1, 1]);
        let ipco = boxed(b"ipco", &size);
        let meta = [
            full(b"pitm", 0, 0, &[0, 1]),
            full(b"iinf", 0, 0, &[&[0, 1][..], &item].concat()),
            boxed(b"iprp", &[&ipco[..], &owner, within].concat()),
            more.to_vec(),
        ]
        .concat();
        let start = boxed(b"ftyp", b"avif\0\0\0\0avifmif1");
        [&start[..], before, &full(b"meta", 0, 0, &meta)].concat()
    }
    let case = |name: &str, build: fn(usize) -> Vec<u8>| -> (String, Build) {
        (format!("avif {name}"), Box::new(build))
    };
    vec![
        case("boxes", |n| file(&boxed(b"free", b"").repeat(n), b"", b"")),
        case("boxes of meta", |n| {
            file(b"", &boxed(b"free", b"").repeat(n), b"")
        }),
        case("properties", |n| {
            file(b"", b"", &boxed(b"ipco", &boxed(b"pixi", b"").repeat(n)))
        }),
        case("items", |n| {
            let items: Vec<u8> = (0..n.min(60_000) as u16)
                .flat_map(|id| {
                    let body = [&id.to_be_bytes()[..], b"\0\0av01\0"].concat();
                    full(b"infe", 2, 0, &body)
                })
                .collect();
            file(
                b"",
                &full(b"iinf", 0, 0, &[&[0, 1][..], &items].concat()),
                b"",
            )
        }),
        case("extents", |n| {
            let one = b"\0\x02\0\0\0\x01\0\0\0\x01\0\0\0\x01".repeat(n.min(60_000));
            let count = (n.min(60_000) as u16).to_be_bytes();
            let body = [&[0x44, 0][..], &count, &one].concat();
            file(b"", &full(b"iloc", 0, 0, &body), b"")
        }),
        case("references", |n| {
            let one = boxed(b"auxl", b"\0\x02\0\x01\0\x01").repeat(n);
            file(b"", &full(b"iref", 0, 0, &one), b"")
        }),
        // Every reference leads to an item with as many properties as there are references.
        case("references and properties", |n| {
            let aux = full(
                b"auxC",
                0,
                0,
                b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0",
            );
            let one = boxed(b"auxl", b"\0\x02\0\x01\0\x01").repeat(n);
            let owned = [&[0, 2, 250][..], &[2; 250]].concat().repeat(n / 250 + 1);
            let count = (n as u32 / 250 + 1).to_be_bytes();
            let owners = full(b"ipma", 0, 0, &[&count[..], &owned].concat());
            let within = [boxed(b"ipco", &aux), owners].concat();
            file(b"", &full(b"iref", 0, 0, &one), &within)
        }),
    ]
}

fn cases() -> Vec<(String, Build)> {
    let formats = [jpeg(), png(), gif(), webp(), jxl()];
    #[allow(unused_mut)]
    let mut cases: Vec<(String, Build)> = formats.into_iter().flatten().collect();
    #[cfg(feature = "tiff")]
    cases.extend(tiff());
    #[cfg(feature = "avif")]
    cases.extend(avif());
    cases
}

/// Opens a file, reads its last page or its rows, and its frames; what comes of it does not matter.
fn read(file: &[u8], control: &JobControl) {
    let file = input(file);
    let last = DecodeOptions {
        select_frame: Some(i32::MAX),
        ..DecodeOptions::default()
    };
    let Ok(mut decoder) = open(&file, control) else {
        return;
    };
    let several = decoder.header().multiple_frames;
    let _ = decoder.select(&last);
    if let Ok(mut rows) = decoder.into_rows(&DecodeOptions::default(), control) {
        let frame = rows.frame();
        let mut whole = imageflow_pixels::RowBuf::whole(frame, control).unwrap();
        let _ = rows.read_rows(&mut whole.all_mut());
    }
    if several
        && let Ok(decoder) = open(&file, control)
        && let Ok(mut frames) = decoder.into_frames(&DecodeOptions::default(), control)
    {
        while let Ok(Some(_)) = frames.next_frame() {}
    }
}

/// Processor time of the quickest of a few readings.
fn time(file: &[u8]) -> Duration {
    let once = || {
        let before = process::cpu_time();
        read(file, &JobControl::default());
        process::cpu_time() - before
    };
    (0..4).map(|_| once()).min().unwrap()
}

/// Work that is too short to be compared.
const NOISE: Duration = Duration::from_millis(2);

#[test]
fn twice_as_many_of_anything_take_at_most_twice_as_long() {
    for (name, build) in cases() {
        let (few, many) = (build(8_000), build(32_000));
        let most = |few: Duration| few.mul_f64(4.0 * 1.3) + NOISE;
        let is_linear = |_: u32| time(&many) <= most(time(&few));
        assert!(
            (0..3).any(is_linear),
            "{name}: {:?}, {:?}",
            time(&few),
            time(&many)
        );
    }
}

#[test]
fn the_job_is_looked_at_between_the_parts() {
    for (name, build) in cases() {
        let file = build(60_000);
        let count = Arc::new(AtomicU32::new(0));
        let looks = count.clone();
        let control = JobControl::watched(move || {
            looks.fetch_add(1, Ordering::Relaxed);
        });
        read(&file, &control);
        let due = file.len() / (256 << 10);
        let looks = count.load(Ordering::Relaxed) as usize;
        assert!(
            looks >= due,
            "{name}: {looks} looks at {} bytes",
            file.len()
        );
    }
}
