//! What a header claims costs nothing until data come.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod process;
mod support;

use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::jxl::JxlSettings;
use imageflow_codecs::png::PngSettings;
use imageflow_codecs::webp::WebpSettings;
use imageflow_codecs::{DecodeOptions, EncoderSettings, FrameSinkInfo, encoder, open};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, RowBuf, Size};
use support::{encode, encode_frames, input};

fn small(settings: &EncoderSettings) -> Vec<u8> {
    let frame = FrameInfo::bgra8(Size::new(16, 16).unwrap(), Alpha::Opaque);
    let bgra: Vec<u8> = (0..256u32).flat_map(|i| [i as u8, 7, 99, 255]).collect();
    encode(settings, frame, &bgra, &JobControl::default(), 16).unwrap()
}

fn position(file: &[u8], what: &[u8]) -> usize {
    let found = file.windows(what.len()).position(|window| window == what);
    found.unwrap()
}

/// Files of a few bytes that claim pictures of 81 to 268 megapixels.
fn lies() -> Vec<(&'static str, Vec<u8>)> {
    let mut lies = Vec::new();
    for (name, style, progressive, start) in [
        ("progressive jpeg", JpegStyle::Best, true, 0xC2),
        ("jpeg", JpegStyle::Classic, false, 0xC0),
    ] {
        let mut file = small(&EncoderSettings::Jpeg(JpegSettings {
            style,
            quality: 80,
            progressive,
            optimize_huffman: false,
        }));
        let at = position(&file, &[0xFF, start]);
        file[at + 5..at + 9].copy_from_slice(&[0x40, 0, 0x40, 0]);
        lies.push((name, file));
    }
    let mut file = small(&EncoderSettings::Png(PngSettings::Lossless {
        max_deflate: false,
    }));
    file[16..24].copy_from_slice(&[0, 0, 0x28, 0, 0, 0, 0x28, 0]);
    file[28] = 1;
    let mut crc = flate2::Crc::new();
    crc.update(&file[12..29]);
    file[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    lies.push(("interlaced png", file));
    let mut file = small(&EncoderSettings::Gif(GifSettings { dithering: false }));
    file[6..10].copy_from_slice(&[0, 0x28, 0, 0x28]);
    lies.push(("gif", file.clone()));
    // The picture, too.
    let at = position(&file, &[0x2C, 0, 0, 0, 0, 16, 0, 16, 0]);
    file[at + 5..at + 9].copy_from_slice(&[0, 0x28, 0, 0x28]);
    lies.push(("gif frame", file));
    let mut file = small(&EncoderSettings::WebP(WebpSettings {
        quality: 50.0,
        lossless: true,
    }));
    let at = position(&file, b"VP8L") + 9;
    let sides = u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) >> 28 << 28;
    file[at..at + 4].copy_from_slice(&(sides | 9999 << 14 | 9999).to_le_bytes());
    // Random bits: an entropy code that is not trivial needs some of them for every pixel. The portable decoder takes the memory
    // of the picture first; it is counted against the job's.
    if imageflow_codecs::webp::CAN_ENCODE_LOSSY {
        lies.push(("lossless webp", file));
    }
    if imageflow_codecs::webp::CAN_ENCODE_LOSSY {
        let mut file = small(&EncoderSettings::WebP(WebpSettings {
            quality: 50.0,
            lossless: false,
        }));
        let at = position(&file, &[0x9D, 0x01, 0x2A]) + 3;
        file[at..at + 4].copy_from_slice(&[0, 0x28, 0, 0x28]);
        lies.push(("webp", file));
    }
    let stream = {
        let frame = FrameInfo::bgra8(Size::new(6000, 6000).unwrap(), Alpha::Opaque);
        let settings = EncoderSettings::Jxl(JxlSettings {
            distance: 0.0,
            effort: 1,
            lossless: true,
        });
        let bgra = vec![99; 6000 * 6000 * 4];
        encode(&settings, frame, &bgra, &JobControl::default(), 16).unwrap()
    };
    lies.push(("jxl", stream[..60].to_vec()));
    lies
}

/// Reads the rows of a file as a job does that makes it small, and as one that writes it.
fn read(file: &[u8], settings: Option<&EncoderSettings>) -> Result<(), String> {
    let control = JobControl::default();
    let decoder = open(&input(file), &control).map_err(|e| e.to_string())?;
    let options = DecodeOptions::default();
    let mut rows = decoder
        .into_rows(&options, &control)
        .map_err(|e| e.to_string())?;
    let frame = rows.frame();
    let mut sink = settings
        .map(|settings| encoder(settings, frame, Box::new(std::io::sink()), &control))
        .transpose()
        .map_err(|e| e.to_string())?;
    let mut ring = RowBuf::new(frame, 16, &control).unwrap();
    let mut y = 0;
    while y < frame.size.height() {
        let end = (y + 16).min(frame.size.height());
        rows.read_rows(&mut ring.advance(y..end, y))
            .map_err(|e| e.to_string())?;
        if let Some(sink) = &mut sink
            // What a decoder made up for missing data is a picture like any other.
            && frame.size.area() < 1 << 20
        {
            sink.write_rows(&ring.rows(y..end))
                .map_err(|e| e.to_string())?;
        }
        y = end;
    }
    Ok(())
}

/// Frames are passed over as they are shown, and their canvas is not touched.
fn frames_are_counted_without_pixels() {
    let frame = FrameInfo::bgra8(Size::new(2500, 2500).unwrap(), Alpha::Opaque);
    let info = FrameSinkInfo {
        frame,
        plays: 3,
        animated: true,
    };
    let frames: Vec<(Vec<u8>, u32)> = (0..3)
        .map(|n| (vec![n * 50 + 5; 2500 * 2500 * 4], 40 + u32::from(n) * 10))
        .collect();
    let webp = EncoderSettings::WebP(WebpSettings {
        quality: 0.0,
        lossless: true,
    });
    for settings in [EncoderSettings::Gif(GifSettings { dithering: false }), webp] {
        let file = encode_frames(&settings, info, &frames).unwrap();
        let listed = || {
            let control = JobControl::default();
            let decoder = open(&input(&file), &control).unwrap();
            let mut source = decoder
                .into_frames(&DecodeOptions::default(), &control)
                .unwrap();
            let mut delays = Vec::new();
            while let Some(delay) = source.skip_frame().unwrap() {
                delays.push(delay);
            }
            (source.animation().plays, delays)
        };
        let (found, peak) = process::peak_bytes(listed);
        assert_eq!(found, (3, vec![40, 50, 60]));
        assert!(peak < 6 << 20, "{settings}: {peak}");
    }
}

/// One test, because memory is that of the whole process.
#[test]
fn a_header_without_data_takes_no_memory() {
    frames_are_counted_without_pixels();
    let lies = lies();
    let targets = [
        None,
        Some(EncoderSettings::Gif(GifSettings { dithering: true })),
        Some(EncoderSettings::WebP(WebpSettings {
            quality: 80.0,
            lossless: true,
        })),
        Some(EncoderSettings::Png(PngSettings::Lossless {
            max_deflate: false,
        })),
    ];
    for (name, file) in &lies {
        for target in &targets {
            let (outcome, peak) = process::peak_bytes(|| read(file, target.as_ref()));
            println!("{name}: {} MiB, {outcome:?}", peak >> 20);
            assert!(peak < 32 << 20, "{name}: {peak} bytes, {outcome:?}");
        }
    }
}
