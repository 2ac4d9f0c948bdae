//! Tests of the JPEG sink through its contract: rows in, a file out, judged by an independent decoder.

use std::io::Write;
use std::sync::{Arc, Mutex};

use imageflow_pixels::{Alpha, FrameInfo, JobControl, RowBuf, Size, StreamError};

use super::{JpegSettings, JpegStyle, encoder};
#[cfg(feature = "mozjpeg")]
use crate::error::CodecError;

pub(super) type Pixel = [u8; 3];

#[derive(Clone, Default)]
pub(super) struct Shared(pub(super) Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) const BEST: JpegSettings = JpegSettings {
    style: JpegStyle::Best,
    quality: 85,
    progressive: true,
    optimize_huffman: false,
};
const CLASSIC: JpegSettings = JpegSettings {
    style: JpegStyle::Classic,
    quality: 85,
    progressive: false,
    optimize_huffman: false,
};

pub(super) fn every_kind() -> Vec<JpegSettings> {
    let mut kinds = Vec::new();
    for style in [JpegStyle::Best, JpegStyle::Classic] {
        for progressive in [false, true] {
            for optimize_huffman in [false, true] {
                kinds.push(JpegSettings {
                    style,
                    quality: 85,
                    progressive,
                    optimize_huffman,
                });
            }
        }
    }
    kinds
}

/// Encodes in strips of `strip` rows and ignores the fourth byte, which is noise.
pub(super) fn encode_to(
    settings: JpegSettings,
    (width, height): (u32, u32),
    strip: u32,
    pixel: impl Fn(u32, u32) -> Pixel,
    output: crate::encoder::Output,
    control: &JobControl,
) -> Result<u64, StreamError> {
    let frame = FrameInfo::bgra8(Size::new(width, height).unwrap(), Alpha::Opaque);
    let mut sink = encoder(&settings, frame, output, control)?;
    let mut ring = RowBuf::new(frame, strip, &JobControl::default()).unwrap();
    let mut y = 0;
    while y < height {
        let end = (y + strip).min(height);
        let mut rows = ring.advance(y..end, y);
        for y in y..end {
            for (x, out) in rows.row_mut(y).chunks_exact_mut(4).enumerate() {
                let [r, g, b] = pixel(x as u32, y);
                out.copy_from_slice(&[b, g, r, (x as u8).wrapping_mul(37)]);
            }
        }
        sink.write_rows(&ring.rows(y..end))?;
        y = end;
    }
    Ok(sink.finish()?.bytes)
}

fn encode(settings: JpegSettings, size: (u32, u32), pixel: impl Fn(u32, u32) -> Pixel) -> Vec<u8> {
    let out = Shared::default();
    let bytes = encode_to(
        settings,
        size,
        16,
        pixel,
        Box::new(out.clone()),
        &JobControl::default(),
    )
    .unwrap();
    let file = out.0.lock().unwrap().clone();
    assert_eq!(bytes, file.len() as u64);
    file
}

/// A smooth, coloured, gently textured scene.
pub(super) fn scene(x: u32, y: u32) -> Pixel {
    let (fx, fy) = (f64::from(x), f64::from(y));
    let wave = |f: f64, phase: f64| {
        (127.0 + 60.0 * (fx * f + phase).sin() + 50.0 * (fy * f * 0.7 - phase).cos()) as u8
    };
    [wave(0.05, 0.0), wave(0.07, 1.0), wave(0.03, 2.0)]
}

pub(super) struct Decoded {
    width: u16,
    height: u16,
    gray: bool,
    samples: Vec<u8>,
}

pub(super) fn decode(file: &[u8]) -> Decoded {
    let mut decoder = jpeg_decoder::Decoder::new(file);
    let samples = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    Decoded {
        width: info.width,
        height: info.height,
        gray: info.pixel_format == jpeg_decoder::PixelFormat::L8,
        samples,
    }
}

pub(super) fn psnr(decoded: &Decoded, pixel: impl Fn(u32, u32) -> Pixel) -> f64 {
    let width = usize::from(decoded.width);
    let channels = if decoded.gray { 1 } else { 3 };
    assert_eq!(
        decoded.samples.len(),
        width * usize::from(decoded.height) * channels
    );
    let squares: f64 = decoded
        .samples
        .iter()
        .enumerate()
        .map(|(i, sample)| {
            let at = i / channels;
            let expected = pixel((at % width) as u32, (at / width) as u32)[i % channels];
            (f64::from(*sample) - f64::from(expected)).powi(2)
        })
        .sum();
    10.0 * (255.0 * 255.0 / (squares / decoded.samples.len() as f64).max(1e-9)).log10()
}

pub(super) struct Header {
    /// The SOFn marker.
    sof: u8,
    /// Horizontal and vertical factors per component.
    pub(super) factors: Vec<(u8, u8)>,
    scans: usize,
    /// APPn and COM markers.
    extras: Vec<u8>,
}

pub(super) fn header(file: &[u8]) -> Header {
    let mut found = Header {
        sof: 0,
        factors: Vec::new(),
        scans: 0,
        extras: Vec::new(),
    };
    assert_eq!(
        (&file[..2], &file[file.len() - 2..]),
        (&[0xFF, 0xD8][..], &[0xFF, 0xD9][..])
    );
    let mut at = 2;
    while at + 4 <= file.len() {
        let marker = file[at + 1];
        if file[at] != 0xFF || marker == 0 || marker == 0xFF {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        match marker {
            0xC0..=0xC3 => {
                found.sof = marker;
                let count = usize::from(file[at + 9]);
                found.factors = (0..count)
                    .map(|i| file[at + 11 + 3 * i])
                    .map(|f| (f >> 4, f & 15))
                    .collect();
            }
            0xDA => found.scans += 1,
            0xE0..=0xEF | 0xFE => found.extras.push(marker),
            _ => {}
        }
        at += 2 + length;
    }
    found
}

#[test]
fn what_comes_back_looks_like_what_went_in() {
    for settings in every_kind() {
        let decoded = decode(&encode(settings, (173, 131), scene));
        assert_eq!(
            (decoded.width, decoded.height, decoded.gray),
            (173, 131, false)
        );
        let psnr = psnr(&decoded, scene);
        assert!(psnr > 36.0, "{settings:?}: {psnr:.1} dB");
    }
}

#[test]
fn more_quality_is_closer_and_larger() {
    let textured = |x: u32, y: u32| {
        scene(x, y).map(|v| v ^ (x.wrapping_mul(31) ^ y.wrapping_mul(17)) as u8 & 15)
    };
    for settings in every_kind() {
        let mut last = (0.0, 0);
        for quality in [0, 10, 30, 60, 85, 100] {
            let file = encode(
                JpegSettings {
                    quality,
                    ..settings
                },
                (120, 90),
                textured,
            );
            let now = (psnr(&decode(&file), textured), file.len());
            assert!(
                now.0 > last.0 && now.1 > last.1,
                "{settings:?} at {quality}: {now:?} after {last:?}"
            );
            last = now;
        }
    }
}

#[test]
fn progressive_has_scans_and_baseline_is_strictly_baseline() {
    for settings in every_kind() {
        for quality in [1, 40, 95] {
            let found = header(&encode(
                JpegSettings {
                    quality,
                    ..settings
                },
                (64, 48),
                scene,
            ));
            // The pure-Rust encoder writes a baseline file's components one after the other.
            let (sof, scans) = if settings.progressive {
                (0xC2, 4..=64)
            } else {
                (0xC0, 1..=if cfg!(feature = "mozjpeg") { 1 } else { 3 })
            };
            assert_eq!(found.sof, sof, "{settings:?} at {quality}");
            assert!(
                scans.contains(&found.scans),
                "{settings:?} at {quality}: {} scans",
                found.scans
            );
        }
    }
}

#[test]
fn only_the_jfif_header_accompanies_the_picture() {
    for settings in every_kind() {
        assert_eq!(header(&encode(settings, (20, 20), scene)).extras, [0xE0]);
    }
}

#[test]
fn smooth_colour_is_subsampled_and_sharp_colour_is_not() {
    let sharp = |x: u32, y: u32| {
        if (x ^ y) & 1 == 0 {
            [255, 0, 0]
        } else {
            [0, 0, 255]
        }
    };
    for settings in every_kind() {
        assert_eq!(
            header(&encode(settings, (96, 96), scene)).factors,
            [(2, 2), (1, 1), (1, 1)],
            "{settings:?}"
        );
        assert_eq!(
            header(&encode(settings, (96, 96), sharp)).factors,
            [(1, 1); 3],
            "{settings:?}"
        );
    }
}

#[test]
fn gray_pictures_have_one_component() {
    let gray = |x: u32, y: u32| [scene(x, y)[0]; 3];
    for settings in every_kind() {
        let file = encode(settings, (75, 50), gray);
        let decoded = decode(&file);
        assert!(decoded.gray);
        assert!(psnr(&decoded, gray) > 36.0, "{settings:?}");
        assert_eq!(
            header(&file).sof,
            if settings.progressive { 0xC2 } else { 0xC0 }
        );
    }
}

#[test]
fn one_coloured_pixel_in_the_last_row_makes_a_colour_file() {
    let spot = |x: u32, y: u32| {
        if (x, y) == (39, 29) {
            [90, 100, 100]
        } else {
            [100; 3]
        }
    };
    assert!(!decode(&encode(BEST, (40, 30), spot)).gray);
}

#[test]
fn every_small_size_works() {
    for settings in every_kind() {
        for size in [
            (1, 1),
            (8, 8),
            (17, 3),
            (3, 17),
            (2, 200),
            (200, 2),
            (16, 16),
            (9, 31),
        ] {
            let decoded = decode(&encode(settings, size, scene));
            assert_eq!(
                (u32::from(decoded.width), u32::from(decoded.height)),
                size,
                "{settings:?}"
            );
            assert!(psnr(&decoded, scene) > 30.0, "{settings:?} {size:?}");
            decode(&encode(settings, size, |_, _| [77; 3]));
        }
    }
}

#[test]
fn bytes_do_not_depend_on_strips_or_on_the_run() {
    for settings in every_kind() {
        let once = encode(settings, (101, 67), scene);
        for strip in [1, 7, 64, 67] {
            let out = Shared::default();
            encode_to(
                settings,
                (101, 67),
                strip,
                scene,
                Box::new(out.clone()),
                &JobControl::default(),
            )
            .unwrap();
            assert!(
                once == *out.0.lock().unwrap(),
                "{settings:?} in strips of {strip}"
            );
        }
    }
}

#[test]
fn classic_honours_huffman_optimisation() {
    let plain = encode(CLASSIC, (200, 150), scene);
    let optimised = encode(
        JpegSettings {
            optimize_huffman: true,
            ..CLASSIC
        },
        (200, 150),
        scene,
    );
    assert!(optimised.len() < plain.len());
    assert!(decode(&plain).samples == decode(&optimised).samples);
}

#[cfg(feature = "mozjpeg")]
#[test]
fn every_combination_of_chroma_sampling_is_encoded() {
    use super::encode::Picture;
    use super::encode_drain::Drain;
    use super::sampling::Sampling;

    let samples: Vec<u8> = (0..61u32)
        .flat_map(|y| (0..53u32).flat_map(move |x| scene(x, y)))
        .collect();
    let all = [(1, 1), (1, 2), (2, 1), (2, 2)];
    for (cb, cr) in all.into_iter().flat_map(|cb| all.map(|cr| (cb, cr))) {
        let sampling = Sampling::from_pixels_per_sample(cb, cr);
        let picture = Picture {
            width: 53,
            height: 61,
            samples: &samples,
            sampling: Some(sampling),
        };
        let check = |run: &dyn Fn(&mut Drain) -> Result<(), CodecError>| {
            let out = Shared::default();
            run(&mut Drain::new(
                Box::new(out.clone()),
                JobControl::default(),
            ))
            .unwrap();
            let file = out.0.lock().unwrap();
            let expected: Vec<(u8, u8)> = sampling
                .components()
                .iter()
                .map(|f| (f.horizontal, f.vertical))
                .collect();
            assert_eq!(header(&file).factors, expected);
            assert!(psnr(&decode(&file), scene) > 33.0, "cb {cb:?} cr {cr:?}");
        };
        let mozjpeg = super::ffi_encode::Settings {
            classic: true,
            quality: 85,
            progressive: false,
            optimize_huffman: false,
        };
        check(&|drain| super::ffi_encode::compress(&mozjpeg, &picture, drain));
        #[cfg(jpegli)]
        check(&|drain| {
            super::ffi_jpegli::compress(
                &super::ffi_jpegli::Settings {
                    distance: 1.3,
                    scans: &[],
                },
                &picture,
                drain,
                imageflow_pixels::PictureMemory::new(0, &JobControl::default()).unwrap(),
            )
        });
    }
}

/// Pieces of 64 KB and more come from the memory given, the rest from the library's own.
#[cfg(jpegli)]
#[test]
fn bytes_do_not_depend_on_the_memory_jpegli_is_given() {
    use super::encode::Picture;
    use super::encode_drain::Drain;
    use super::sampling::Sampling;
    use imageflow_pixels::PictureMemory;

    let (width, height) = (640, 480);
    let samples: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| scene(x, y)))
        .collect();
    let picture = Picture {
        width,
        height,
        samples: &samples,
        sampling: Some(Sampling::from_pixels_per_sample((2, 2), (2, 2))),
    };
    let settings = JpegSettings {
        style: JpegStyle::Best,
        quality: 85,
        progressive: true,
        optimize_huffman: true,
    };
    let encoded = |bytes: u64| {
        let memory = PictureMemory::new(bytes, &JobControl::default()).unwrap();
        let out = Shared::default();
        let mut drain = Drain::new(Box::new(out.clone()), JobControl::default());
        super::encode_jpegli::encode(&settings, &picture, &mut drain, memory).unwrap();
        drop(drain);
        out.0.lock().unwrap().clone()
    };
    let own = encoded(0);
    assert!(decode(&own).samples.len() == samples.len());
    // Too little for any piece; for luma alone, unaligned behind it; for the coefficients alone; for everything.
    for bytes in [1000, 640 * 480 * 2 + 100, 640 * 480 * 3 + 5000, 8 << 20] {
        assert!(encoded(bytes) == own, "{bytes} bytes");
    }
}
