//! Driving decoders and encoders the way the engine does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    missing_docs
)]

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use imageflow_codecs::{
    Animation, Bytes, CodecError, DecodeOptions, EncoderSettings, FrameSinkInfo, Header, Input,
    encoder, frame_encoder, open,
};
use imageflow_pixels::{FrameInfo, JobControl, RowBuf, StreamError};

/// A decoded frame: B, G, R, A without padding.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub header: Header,
    pub frame: FrameInfo,
    pub bgra: Vec<u8>,
}

pub fn input(bytes: &[u8]) -> Input {
    Input::Memory(Bytes::Shared(bytes.into()))
}

pub fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    decode_with(bytes, &DecodeOptions::default(), &JobControl::default(), 7)
}

pub fn decode_with(
    bytes: &[u8],
    options: &DecodeOptions,
    control: &JobControl,
    strip: u32,
) -> Result<Decoded, String> {
    decode_input(&input(bytes), options, control, strip)
}

pub fn decode_input(
    input: &Input,
    options: &DecodeOptions,
    control: &JobControl,
    strip: u32,
) -> Result<Decoded, String> {
    let text = |error: CodecError| error.to_string();
    let decoder = open(input, control).map_err(text)?;
    let header = *decoder.header();
    let mut rows = decoder.into_rows(options, control).map_err(text)?;
    let frame = rows.frame();
    let mut ring = RowBuf::new(frame, strip, control).map_err(|e| e.to_string())?;
    let mut bgra = Vec::new();
    let mut y = 0;
    while y < frame.size.height() {
        let end = (y + strip).min(frame.size.height());
        rows.read_rows(&mut ring.advance(y..end, y))
            .map_err(|error: StreamError| error.to_string())?;
        let view = ring.rows(y..end);
        (y..end).for_each(|y| bgra.extend_from_slice(view.row(y)));
        y = end;
    }
    Ok(Decoded {
        header,
        frame,
        bgra,
    })
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

pub fn encode(
    settings: &EncoderSettings,
    frame: FrameInfo,
    bgra: &[u8],
    control: &JobControl,
    strip: u32,
) -> Result<Vec<u8>, String> {
    let shared = Shared::default();
    let mut sink =
        encoder(settings, frame, Box::new(shared.clone()), control).map_err(|e| e.to_string())?;
    let mut ring = RowBuf::new(frame, strip, &JobControl::default()).unwrap();
    let stride = frame.row_bytes();
    let mut y = 0;
    while y < frame.size.height() {
        let end = (y + strip).min(frame.size.height());
        let mut rows = ring.advance(y..end, y);
        (y..end).for_each(|y| {
            rows.row_mut(y)
                .copy_from_slice(&bgra[y as usize * stride..][..stride])
        });
        sink.write_rows(&ring.rows(y..end))
            .map_err(|e| e.to_string())?;
        y = end;
    }
    let report = sink.finish().map_err(|e| e.to_string())?;
    let bytes = std::mem::take(&mut *shared.0.lock().unwrap());
    assert_eq!(report.bytes, bytes.len() as u64);
    Ok(bytes)
}

/// The frames of an animation: B, G, R, A without padding, and the delay.
pub type Frames = Vec<(Vec<u8>, u32)>;

/// Decodes all frames; those before an error, and its text.
pub fn decode_frames(
    bytes: &[u8],
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<(Animation, Frames, Option<String>), String> {
    let text = |error: CodecError| error.to_string();
    let decoder = open(&input(bytes), control).map_err(text)?;
    let mut source = decoder.into_frames(options, control).map_err(text)?;
    let mut frames = Vec::new();
    let error = loop {
        match source.next_frame() {
            Ok(Some(frame)) => {
                let rows = frame.canvas.all();
                let bgra = rows.range().flat_map(|y| rows.row(y).to_vec()).collect();
                frames.push((bgra, frame.delay_ms));
            }
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    Ok((source.animation(), frames, error))
}

pub fn encode_frames(
    settings: &EncoderSettings,
    info: FrameSinkInfo,
    frames: &[(Vec<u8>, u32)],
) -> Result<Vec<u8>, String> {
    let shared = Shared::default();
    let control = JobControl::default();
    let mut sink = frame_encoder(settings, info, Box::new(shared.clone()), &control)
        .map_err(|e| e.to_string())?;
    for (bgra, delay) in frames {
        let mut buffer = RowBuf::whole(info.frame, &control).unwrap();
        let mut rows = buffer.all_mut();
        for (y, row) in rows.range().zip(bgra.chunks(info.frame.row_bytes())) {
            rows.row_mut(y).copy_from_slice(row);
        }
        sink.write_frame(&buffer.all(), *delay)
            .map_err(|e| e.to_string())?;
    }
    let report = sink.finish().map_err(|e| e.to_string())?;
    let bytes = std::mem::take(&mut *shared.0.lock().unwrap());
    assert_eq!(report.bytes, bytes.len() as u64);
    Ok(bytes)
}

/// A file or folder of the shared corpus; `None`, with a line printed, when it is not there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = std::env::var_os("IMAGEFLOW_SHARED")
        .map_or(beside, PathBuf::from)
        .join(path);
    if !found.exists() {
        println!("skipped: {} is not there", found.display());
    }
    found.exists().then_some(found)
}

/// The files of a folder with this extension, in order.
pub fn files(folder: &std::path::Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    found.sort();
    found
}

/// FNV-1a, 64 bits.
pub fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Damages a file in ways that do not change from run to run: cut off, bits flipped, bytes overwritten, pieces repeated.
pub fn damaged(bytes: &[u8], count: u32) -> impl Iterator<Item = Vec<u8>> + '_ {
    let mut state = 0x2545_F491_4F6C_DD1D_u64 ^ fnv(bytes);
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below.max(1)
    };
    (0..count).map(move |_| {
        let mut damaged = bytes.to_vec();
        for _ in 0..=random(4) {
            let at = random(damaged.len());
            match random(5) {
                0 => damaged.truncate(at),
                1 => damaged[at] ^= 1 << random(8),
                2 => damaged[at] = [0, 1, 0x7F, 0x80, 0xFF][random(5)],
                // Headers are where most can go wrong.
                3 => {
                    let at = random(damaged.len().min(128));
                    damaged[at] = random(256) as u8;
                }
                _ => {
                    let piece = damaged[at..(at + random(64)).min(damaged.len())].to_vec();
                    let to = random(damaged.len());
                    damaged.splice(to..to, piece);
                }
            }
            if damaged.is_empty() {
                break;
            }
        }
        damaged
    })
}

/// Decodes damaged versions of a file within 64 MiB: an image or an error, whose memory is given back.
pub fn survive_damage(bytes: &[u8], count: u32) {
    for damaged in damaged(bytes, count) {
        let limits = imageflow_pixels::Limits {
            max_bytes: 64 << 20,
            ..imageflow_pixels::Limits::default()
        };
        let control = JobControl::new(Arc::default(), limits);
        let small = open(&input(&damaged), &control)
            .is_ok_and(|decoder| decoder.header().stored.area() <= 4 << 20);
        if small {
            let _ = decode_with(&damaged, &DecodeOptions::default(), &control, 5);
        }
        control.reserve(64 << 20).expect("all memory is given back");
    }
}
