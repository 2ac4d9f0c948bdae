//! Tests of the JPEG sink through its contract: rows in, a file out, judged by an independent decoder.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use imageflow_pixels::{Alpha, ControlError, FrameInfo, JobControl, Limits, RowBuf, Size, StreamError};

use super::{JpegSettings, JpegStyle, encoder};
use crate::error::CodecError;

type Pixel = [u8; 3];

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const BEST: JpegSettings = JpegSettings { style: JpegStyle::Best, quality: 85, progressive: true, optimize_huffman: false };
const CLASSIC: JpegSettings = JpegSettings { style: JpegStyle::Classic, quality: 85, progressive: false, optimize_huffman: false };

fn every_kind() -> Vec<JpegSettings> {
    let mut kinds = Vec::new();
    for style in [JpegStyle::Best, JpegStyle::Classic] {
        for progressive in [false, true] {
            for optimize_huffman in [false, true] {
                kinds.push(JpegSettings { style, quality: 85, progressive, optimize_huffman });
            }
        }
    }
    kinds
}

/// Encodes in strips of `strip` rows and ignores the fourth byte, which is noise.
fn encode_to(
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
    let bytes = encode_to(settings, size, 16, pixel, Box::new(out.clone()), &JobControl::default()).unwrap();
    let file = out.0.lock().unwrap().clone();
    assert_eq!(bytes, file.len() as u64);
    file
}

/// A smooth, coloured, gently textured scene.
fn scene(x: u32, y: u32) -> Pixel {
    let (fx, fy) = (f64::from(x), f64::from(y));
    let wave = |f: f64, phase: f64| (127.0 + 60.0 * (fx * f + phase).sin() + 50.0 * (fy * f * 0.7 - phase).cos()) as u8;
    [wave(0.05, 0.0), wave(0.07, 1.0), wave(0.03, 2.0)]
}

struct Decoded {
    width: u16,
    height: u16,
    gray: bool,
    samples: Vec<u8>,
}

fn decode(file: &[u8]) -> Decoded {
    let mut decoder = jpeg_decoder::Decoder::new(file);
    let samples = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    Decoded { width: info.width, height: info.height, gray: info.pixel_format == jpeg_decoder::PixelFormat::L8, samples }
}

fn psnr(decoded: &Decoded, pixel: impl Fn(u32, u32) -> Pixel) -> f64 {
    let width = usize::from(decoded.width);
    let channels = if decoded.gray { 1 } else { 3 };
    assert_eq!(decoded.samples.len(), width * usize::from(decoded.height) * channels);
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

struct Header {
    /// The SOFn marker.
    sof: u8,
    /// Horizontal and vertical factors per component.
    factors: Vec<(u8, u8)>,
    scans: usize,
    /// APPn and COM markers.
    extras: Vec<u8>,
}

fn header(file: &[u8]) -> Header {
    let mut found = Header { sof: 0, factors: Vec::new(), scans: 0, extras: Vec::new() };
    assert_eq!((&file[..2], &file[file.len() - 2..]), (&[0xFF, 0xD8][..], &[0xFF, 0xD9][..]));
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
                found.factors = (0..count).map(|i| file[at + 11 + 3 * i]).map(|f| (f >> 4, f & 15)).collect();
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
        assert_eq!((decoded.width, decoded.height, decoded.gray), (173, 131, false));
        let psnr = psnr(&decoded, scene);
        assert!(psnr > 36.0, "{settings:?}: {psnr:.1} dB");
    }
}

#[test]
fn more_quality_is_closer_and_larger() {
    let textured = |x: u32, y: u32| scene(x, y).map(|v| v ^ (x.wrapping_mul(31) ^ y.wrapping_mul(17)) as u8 & 15);
    for settings in every_kind() {
        let mut last = (0.0, 0);
        for quality in [0, 10, 30, 60, 85, 100] {
            let file = encode(JpegSettings { quality, ..settings }, (120, 90), textured);
            let now = (psnr(&decode(&file), textured), file.len());
            assert!(now.0 > last.0 && now.1 > last.1, "{settings:?} at {quality}: {now:?} after {last:?}");
            last = now;
        }
    }
}

#[test]
fn progressive_has_scans_and_baseline_is_strictly_baseline() {
    for settings in every_kind() {
        for quality in [1, 40, 95] {
            let found = header(&encode(JpegSettings { quality, ..settings }, (64, 48), scene));
            // The pure-Rust encoder writes a baseline file's components one after the other.
            let (sof, scans) = if settings.progressive { (0xC2, 4..=64) } else { (0xC0, 1..=if cfg!(feature = "mozjpeg") { 1 } else { 3 }) };
            assert_eq!(found.sof, sof, "{settings:?} at {quality}");
            assert!(scans.contains(&found.scans), "{settings:?} at {quality}: {} scans", found.scans);
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
    let sharp = |x: u32, y: u32| if (x ^ y) & 1 == 0 { [255, 0, 0] } else { [0, 0, 255] };
    for settings in every_kind() {
        assert_eq!(header(&encode(settings, (96, 96), scene)).factors, [(2, 2), (1, 1), (1, 1)], "{settings:?}");
        assert_eq!(header(&encode(settings, (96, 96), sharp)).factors, [(1, 1); 3], "{settings:?}");
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
        assert_eq!(header(&file).sof, if settings.progressive { 0xC2 } else { 0xC0 });
    }
}

#[test]
fn one_coloured_pixel_in_the_last_row_makes_a_colour_file() {
    let spot = |x: u32, y: u32| if (x, y) == (39, 29) { [90, 100, 100] } else { [100; 3] };
    assert!(!decode(&encode(BEST, (40, 30), spot)).gray);
}

#[test]
fn every_small_size_works() {
    for settings in every_kind() {
        for size in [(1, 1), (8, 8), (17, 3), (3, 17), (2, 200), (200, 2), (16, 16), (9, 31)] {
            let decoded = decode(&encode(settings, size, scene));
            assert_eq!((u32::from(decoded.width), u32::from(decoded.height)), size, "{settings:?}");
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
            encode_to(settings, (101, 67), strip, scene, Box::new(out.clone()), &JobControl::default()).unwrap();
            assert!(once == *out.0.lock().unwrap(), "{settings:?} in strips of {strip}");
        }
    }
}

#[test]
fn classic_honours_huffman_optimisation() {
    let plain = encode(CLASSIC, (200, 150), scene);
    let optimised = encode(JpegSettings { optimize_huffman: true, ..CLASSIC }, (200, 150), scene);
    assert!(optimised.len() < plain.len());
    assert!(decode(&plain).samples == decode(&optimised).samples);
}

/// Cancels the job when the first bytes arrive.
struct Canceller(Arc<AtomicBool>);

impl Write for Canceller {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.store(true, Ordering::Relaxed);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn noise(x: u32, y: u32) -> Pixel {
    let h = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
    [h as u8, (h >> 8) as u8, (h >> 16) as u8]
}

#[test]
fn cancellation_stops_before_and_inside_the_encoder() {
    for settings in every_kind() {
        let flag = Arc::new(AtomicBool::new(false));
        let control = JobControl::new(flag.clone(), Limits::default());
        // The file is far larger than one chunk, so the cancel that the first chunk causes is seen by the second.
        let result = encode_to(settings, (400, 400), 50, noise, Box::new(Canceller(flag.clone())), &control);
        assert!(matches!(result, Err(StreamError::Control(ControlError::Cancelled))), "{settings:?}: {result:?}");
        flag.store(true, Ordering::Relaxed);
        let result = encode_to(settings, (40, 40), 8, noise, Box::new(Shared::default()), &control);
        assert!(matches!(result, Err(StreamError::Control(ControlError::Cancelled))), "{settings:?}: {result:?}");
    }
}

/// Fails when more than `.0` bytes arrive.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(rest) => {
                self.0 = rest;
                Ok(bytes.len())
            }
            None => Err(std::io::Error::from(std::io::ErrorKind::StorageFull)),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failing_output_is_a_write_error_wherever_it_fails() {
    for settings in every_kind() {
        for room in [0, 40_000, 100_000] {
            let result = encode_to(settings, (400, 400), 50, noise, Box::new(Full(room)), &JobControl::default());
            let Err(StreamError::Codec(error)) = result else { panic!("{settings:?} {room}: {result:?}") };
            let error = error.downcast_ref::<CodecError>().unwrap();
            assert!(matches!(error, CodecError::Write(io) if io.kind() == std::io::ErrorKind::StorageFull), "{settings:?} {room}: {error}");
        }
    }
}

#[test]
fn frames_beyond_the_format_or_the_budget_are_refused() {
    let frame = |width, height| FrameInfo::bgra8(Size::new(width, height).unwrap(), Alpha::Opaque);
    let control = JobControl::new(Arc::default(), Limits { max_bytes: 1000, ..Limits::default() });
    let open = |frame| encoder(&BEST, frame, Box::new(Shared::default()), &control).map(|_| ());
    let error = open(frame(65_501, 1)).unwrap_err();
    assert!(matches!(error, CodecError::InvalidArgument(_)) && error.to_string().contains("65501x1"), "{error}");
    assert!(matches!(open(frame(1, 70_000)), Err(CodecError::InvalidArgument(_))));
    assert!(matches!(open(frame(100, 100)), Err(CodecError::Control(ControlError::BudgetExceeded { .. }))));
    assert!(open(frame(10, 10)).is_ok());
}

#[test]
fn missing_and_misplaced_rows_are_errors() {
    let frame = FrameInfo::bgra8(Size::new(4, 4).unwrap(), Alpha::Opaque);
    let control = JobControl::default();
    let mut ring = RowBuf::new(frame, 4, &control).unwrap();
    let _ = ring.advance(0..4, 0);
    let mut sink = encoder(&BEST, frame, Box::new(Shared::default()), &control).unwrap();
    assert!(sink.write_rows(&ring.rows(1..2)).is_err());
    sink.write_rows(&ring.rows(0..3)).unwrap();
    assert!(sink.finish().is_err());
}

#[cfg(feature = "mozjpeg")]
#[test]
fn every_combination_of_chroma_sampling_is_encoded() {
    use super::encode::Picture;
    use super::encode_drain::Drain;
    use super::sampling::Sampling;

    let samples: Vec<u8> = (0..61u32).flat_map(|y| (0..53u32).flat_map(move |x| scene(x, y))).collect();
    let all = [(1, 1), (1, 2), (2, 1), (2, 2)];
    for (cb, cr) in all.into_iter().flat_map(|cb| all.map(|cr| (cb, cr))) {
        let sampling = Sampling::from_pixels_per_sample(cb, cr);
        let picture = Picture { width: 53, height: 61, samples: &samples, sampling: Some(sampling) };
        let check = |run: &dyn Fn(&mut Drain) -> Result<(), CodecError>| {
            let out = Shared::default();
            run(&mut Drain::new(Box::new(out.clone()), JobControl::default())).unwrap();
            let file = out.0.lock().unwrap();
            let expected: Vec<(u8, u8)> = sampling.components().iter().map(|f| (f.horizontal, f.vertical)).collect();
            assert_eq!(header(&file).factors, expected);
            assert!(psnr(&decode(&file), scene) > 33.0, "cb {cb:?} cr {cr:?}");
        };
        let mozjpeg = super::ffi_encode::Settings { classic: true, quality: 85, progressive: false, optimize_huffman: false };
        check(&|drain| super::ffi_encode::compress(&mozjpeg, &picture, drain));
        #[cfg(jpegli)]
        check(&|drain| super::ffi_jpegli::compress(&super::ffi_jpegli::Settings { distance: 1.3, scans: &[] }, &picture, drain));
    }
}

#[cfg(feature = "mozjpeg")]
#[test]
fn a_library_error_carries_the_librarys_words() {
    use super::encode::Picture;
    use super::encode_drain::Drain;

    let run = |compress: &dyn Fn(&Picture<'_>, &mut Drain) -> Result<(), CodecError>| {
        // A picture that lies about its height: the library notices missing rows when it is told to finish.
        let picture = Picture { width: 16, height: 99, samples: &[7; 16 * 16], sampling: None };
        let mut drain = Drain::new(Box::new(Shared::default()), JobControl::default());
        match compress(&picture, &mut drain).unwrap_err() {
            CodecError::Encode { message, .. } => message,
            other => panic!("{other}"),
        }
    };
    let settings = super::ffi_encode::Settings { classic: true, quality: 50, progressive: true, optimize_huffman: true };
    assert_eq!(run(&|picture, drain| super::ffi_encode::compress(&settings, picture, drain)), "Application transferred too few scanlines");
    #[cfg(jpegli)]
    {
        let settings = super::ffi_jpegli::Settings { distance: 2.0, scans: &[] };
        let message = run(&|picture, drain| super::ffi_jpegli::compress(&settings, picture, drain));
        assert!(message.contains("Incomplete image, expected 99 rows, got 16"), "{message}");
    }
}
