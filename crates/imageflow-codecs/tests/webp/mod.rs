//! WebP files made and taken apart by hand, and animations driven the way the engine does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    missing_docs
)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use imageflow_codecs::webp::WebpSettings;
use imageflow_codecs::{
    Animation, CodecError, DecodeOptions, EncoderSettings, FrameSinkInfo, frame_encoder, open,
};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, RowBuf, Size};

use super::support;

pub const LOSSLESS: EncoderSettings = EncoderSettings::WebP(WebpSettings {
    quality: 70.0,
    lossless: true,
});

pub fn lossy(quality: f32) -> EncoderSettings {
    EncoderSettings::WebP(WebpSettings {
        quality,
        lossless: false,
    })
}

pub fn info(width: u32, height: u32, alpha: Alpha) -> FrameInfo {
    FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha)
}

/// Pixels without pattern; alpha takes every value.
pub fn noise(count: usize, mut seed: u32) -> Vec<u8> {
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            (seed >> 24) as u8
        })
        .collect()
}

/// A smooth picture: what a lossy encoder keeps well.
pub fn smooth(width: u32, height: u32, alpha: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let wave = |v: u32, period: f32| (127.0 + 120.0 * (v as f32 / period).sin()) as u8;
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| [wave(x, 17.0), wave(y, 23.0), wave(x + y, 31.0), alpha(x, y)])
        .collect()
}

/// A picture of one colour, encoded without loss: the chunks of the file.
pub fn plain(width: u32, height: u32, bgra: [u8; 4]) -> Vec<u8> {
    let pixels = bgra.repeat((width * height) as usize);
    let alpha = if bgra[3] == 255 {
        Alpha::Opaque
    } else {
        Alpha::Meaningful
    };
    let control = JobControl::default();
    let frame = info(width, height, alpha);
    support::encode(&LOSSLESS, frame, &pixels, &control, 4).unwrap()[12..].to_vec()
}

pub fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut out = name.to_vec();
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

pub fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let mut out = b"RIFF".to_vec();
    out.extend((body.len() as u32 + 4).to_le_bytes());
    out.extend(b"WEBP");
    out.extend(body);
    out
}

pub const ICC: u8 = 0x20;
pub const ALPHA: u8 = 0x10;
pub const EXIF: u8 = 0x08;
pub const ANIMATION: u8 = 0x02;

fn u24(value: u32) -> [u8; 3] {
    let [a, b, c, _] = value.to_le_bytes();
    [a, b, c]
}

pub fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut data = vec![flags, 0, 0, 0];
    data.extend(u24(width - 1));
    data.extend(u24(height - 1));
    chunk(b"VP8X", &data)
}

pub fn anim(plays: u16) -> Vec<u8> {
    let mut data = vec![255; 4];
    data.extend(plays.to_le_bytes());
    chunk(b"ANIM", &data)
}

/// A frame; `flags`: 1 to clear its place afterwards, 2 to replace instead of blending.
pub fn anmf(at: (u32, u32), size: (u32, u32), delay: u32, flags: u8, picture: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    for value in [at.0 / 2, at.1 / 2, size.0 - 1, size.1 - 1, delay] {
        data.extend(u24(value));
    }
    data.push(flags);
    data.extend(picture);
    chunk(b"ANMF", &data)
}

/// The names of the chunks of a file.
pub fn names(file: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = 12;
    while at + 8 <= file.len() {
        names.push(String::from_utf8_lossy(&file[at..at + 4]).into_owned());
        let size = u32::from_le_bytes(file[at + 4..at + 8].try_into().unwrap()) as usize;
        at += 8 + size.next_multiple_of(2);
    }
    assert_eq!(at, file.len());
    names
}

/// The data of the chunks of this name.
pub fn chunks_of(file: &[u8], name: &[u8; 4]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut at = 12;
    while at + 8 <= file.len() {
        let size = u32::from_le_bytes(file[at + 4..at + 8].try_into().unwrap()) as usize;
        if &file[at..at + 4] == name {
            found.push(file[at + 8..at + 8 + size].to_vec());
        }
        at += 8 + size.next_multiple_of(2);
    }
    found
}

/// A decoded animation: what holds for all frames, and each frame's time and pixels.
pub type Played = (Animation, Vec<(u32, Vec<u8>)>);

/// Decodes all frames; `hold` keeps each canvas while the next frame is made.
pub fn play(bytes: &[u8], hold: bool) -> Result<Played, CodecError> {
    play_with(
        bytes,
        hold,
        &DecodeOptions::default(),
        &JobControl::default(),
    )
}

pub fn play_with(
    bytes: &[u8],
    hold: bool,
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<Played, CodecError> {
    let mut source = open(&support::input(bytes), control)?.into_frames(options, control)?;
    let mut frames = Vec::new();
    let mut held = Vec::new();
    while let Some(frame) = source.next_frame()? {
        let rows = frame.canvas.all();
        let pixels = rows.range().flat_map(|y| rows.row(y).to_vec()).collect();
        frames.push((frame.delay_ms, pixels));
        if hold {
            held.push((frame.canvas, frames.len() - 1));
        }
    }
    for (canvas, index) in held {
        let rows = canvas.all();
        let now: Vec<u8> = rows.range().flat_map(|y| rows.row(y).to_vec()).collect();
        assert_eq!(now, frames[index].1, "frame {index} changed while held");
    }
    Ok((source.animation(), frames))
}

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

/// Encodes frames of B, G, R, A with their times.
pub fn animate(
    settings: &EncoderSettings,
    sink: FrameSinkInfo,
    frames: &[(u32, Vec<u8>)],
) -> Result<Vec<u8>, String> {
    let shared = Shared::default();
    let control = JobControl::default();
    let mut encoder = frame_encoder(settings, sink, Box::new(shared.clone()), &control)
        .map_err(|e| e.to_string())?;
    for (delay, pixels) in frames {
        let mut canvas = RowBuf::whole(sink.frame, &control).unwrap();
        let mut rows = canvas.all_mut();
        for (y, row) in rows
            .range()
            .zip(pixels.chunks_exact(sink.frame.row_bytes()))
        {
            rows.row_mut(y).copy_from_slice(row);
        }
        encoder
            .write_frame(&canvas.all(), *delay)
            .map_err(|e| e.to_string())?;
    }
    let report = encoder.finish().map_err(|e| e.to_string())?;
    let bytes = std::mem::take(&mut *shared.0.lock().unwrap());
    assert_eq!(report.bytes, bytes.len() as u64);
    Ok(bytes)
}

/// Mean absolute difference of two pictures' samples.
pub fn mean_difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / a.len() as f64
}

/// Peak signal to noise ratio in decibels.
pub fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
        .sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / (sum as f64).max(1e-9)).log10()
}
