//! Reads what comes before the first scan: the frame header and the metadata segments.
//!
//! Markers and their segments are those of ITU-T T.81 annex B. The colour model is guessed as libjpeg guesses it
//! (`default_decompress_parms`): by JFIF's marker, Adobe's, or the names of the components.

use std::io::{BufRead, ErrorKind, Read, Seek, SeekFrom};

use imageflow_pixels::JobControl;

use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;
use crate::jpeg::features::{ColorModel, Features};
use crate::jpeg::markers::Markers;

/// Segments between two looks at the job's deadline.
const CHECK_SEGMENTS: u64 = 256;

/// What is known before pixels are decoded.
pub(super) struct Head {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) features: Features,
    pub(super) markers: Markers,
    pub(super) progressive: bool,
    /// Four components are YCCK, not CMYK.
    pub(super) ycck: bool,
    count: usize,
}

/// A frame header (SOF).
struct Frame {
    width: u32,
    height: u32,
    progressive: bool,
    /// Name and sampling factors of each component.
    components: Vec<(u8, (u32, u32))>,
}

/// Where the colour model is written, if at all.
#[derive(Default)]
struct ColorHints {
    jfif: bool,
    adobe_transform: Option<u8>,
}

fn malformed(message: impl ToString) -> CodecError {
    CodecError::malformed(ImageFormat::Jpeg, message)
}

impl Head {
    /// Reads up to the first scan and leaves the reader at the first byte again.
    pub(super) fn read(reader: &mut Reader, control: &JobControl) -> Result<Head, CodecError> {
        let head = read_segments(reader, control)?;
        reader.seek(SeekFrom::Start(0)).map_err(CodecError::read)?;
        Ok(head)
    }

    /// The sampling factors of each component.
    pub(super) fn samplings(&self) -> &[(u32, u32)] {
        self.features.factors.get(..self.count).unwrap_or_default()
    }
}

fn read_segments(reader: &mut Reader, control: &JobControl) -> Result<Head, CodecError> {
    let mut start = [0; 2];
    fill(reader, &mut start)?;
    if start != [0xFF, 0xD8] {
        return Err(malformed("the file does not start with a JPEG marker"));
    }
    let (mut markers, mut hints, mut frame) = (Markers::default(), ColorHints::default(), None);
    for count in 0u64.. {
        if count.is_multiple_of(CHECK_SEGMENTS) {
            control.check()?;
        }
        match next_marker(reader)? {
            0x01 | 0xD0..=0xD7 => {}
            0xD8 => return Err(malformed("a second start of image")),
            0xD9 => return Err(malformed("the file ends before its picture")),
            marker @ (0xC0..=0xC2 | 0xC9 | 0xCA) => {
                if frame.is_some() {
                    return Err(malformed("a second frame header"));
                }
                frame = Some(Frame::parse(
                    &segment(reader)?,
                    matches!(marker, 0xC2 | 0xCA),
                )?);
            }
            marker @ (0xC3 | 0xC5..=0xC7 | 0xC8 | 0xCB | 0xCD..=0xCF) => {
                return Err(malformed(format!(
                    "frames of type 0x{marker:02X} are not supported: lossless or hierarchical"
                )));
            }
            0xE0 => hints.jfif |= is_jfif(&segment(reader)?),
            0xE1 => markers.add_app1(&segment(reader)?),
            0xE2 => markers.add_app2(&segment(reader)?),
            0xEE => {
                let payload = segment(reader)?;
                if let Some(transform) = adobe_transform(&payload) {
                    hints.adobe_transform = Some(transform);
                }
                markers.add_app14(&payload);
            }
            0xDA => {
                let frame = frame.ok_or_else(|| malformed("a scan before the frame header"))?;
                let in_scan = segment(reader)?.first().copied().unwrap_or(0);
                return Ok(frame.with(&hints, markers, usize::from(in_scan)));
            }
            _ => skip_segment(reader)?,
        }
    }
    Err(ended())
}

impl Frame {
    fn parse(segment: &[u8], progressive: bool) -> Result<Frame, CodecError> {
        let Some((&[precision, h1, h0, w1, w0, count], rest)) = segment.split_first_chunk::<6>()
        else {
            return Err(malformed("the frame header is too short"));
        };
        if precision != 8 {
            return Err(malformed(format!(
                "samples have {precision} bits; only 8 are supported"
            )));
        }
        let components: Vec<(u8, (u32, u32))> = rest
            .chunks_exact(3)
            .take(usize::from(count))
            .map(|c| (c[0], (u32::from(c[1] >> 4), u32::from(c[1] & 15))))
            .collect();
        if components.len() != usize::from(count) || !(1..=4).contains(&count) {
            return Err(malformed(format!(
                "the frame header has {count} components; 1 to 4 are supported"
            )));
        }
        let legal = |(_, (h, v)): &(u8, (u32, u32))| (1..=4).contains(h) && (1..=4).contains(v);
        if !components.iter().all(legal) {
            return Err(malformed("a sampling factor is not between 1 and 4"));
        }
        Ok(Frame {
            width: u32::from(u16::from_be_bytes([w1, w0])),
            height: u32::from(u16::from_be_bytes([h1, h0])),
            progressive,
            components,
        })
    }

    fn with(self, hints: &ColorHints, markers: Markers, in_scan: usize) -> Head {
        let sampling: Vec<(u32, u32)> = self.components.iter().map(|c| c.1).collect();
        let (color, ycck) = self.color(hints);
        let multiple_scans = self.progressive || in_scan < sampling.len();
        Head {
            width: self.width,
            height: self.height,
            features: Features::new(color, &sampling, multiple_scans),
            markers,
            progressive: self.progressive,
            ycck,
            count: sampling.len(),
        }
    }

    /// The model, and whether CMYK is stored as YCCK.
    fn color(&self, hints: &ColorHints) -> (ColorModel, bool) {
        let names: Vec<u8> = self.components.iter().map(|c| c.0).collect();
        match (names.as_slice(), hints.adobe_transform) {
            ([_], _) => (ColorModel::Gray, false),
            ([_, _, _], _) if hints.jfif => (ColorModel::YCbCr, false),
            ([_, _, _], Some(0)) => (ColorModel::Rgb, false),
            ([_, _, _], Some(_)) => (ColorModel::YCbCr, false),
            ([b'R', b'G', b'B'], None) => (ColorModel::Rgb, false),
            ([_, _, _], None) => (ColorModel::YCbCr, false),
            ([_, _, _, _], None | Some(0)) => (ColorModel::Cmyk, false),
            ([_, _, _, _], Some(_)) => (ColorModel::Cmyk, true),
            _ => (ColorModel::Unknown, false),
        }
    }
}

fn is_jfif(payload: &[u8]) -> bool {
    payload.len() >= 14 && payload.starts_with(b"JFIF\0")
}

fn adobe_transform(payload: &[u8]) -> Option<u8> {
    payload
        .get(11)
        .copied()
        .filter(|_| payload.starts_with(b"Adobe"))
}

/// The next marker; bytes that belong to none are passed over.
fn next_marker(reader: &mut Reader) -> Result<u8, CodecError> {
    let mut byte = [0];
    loop {
        while byte != [0xFF] {
            fill(reader, &mut byte)?;
        }
        while byte == [0xFF] {
            fill(reader, &mut byte)?;
        }
        if byte != [0] {
            return Ok(byte[0]);
        }
    }
}

fn segment_length(reader: &mut Reader) -> Result<usize, CodecError> {
    let mut length = [0; 2];
    fill(reader, &mut length)?;
    usize::from(u16::from_be_bytes(length))
        .checked_sub(2)
        .ok_or_else(|| malformed("a segment is shorter than its length field"))
}

/// The payload of the segment that follows.
fn segment(reader: &mut Reader) -> Result<Vec<u8>, CodecError> {
    let mut payload = vec![0; segment_length(reader)?];
    fill(reader, &mut payload)?;
    Ok(payload)
}

fn skip_segment(reader: &mut Reader) -> Result<(), CodecError> {
    let mut left = segment_length(reader)?;
    while left > 0 {
        let here = reader.fill_buf().map_err(CodecError::read)?.len().min(left);
        if here == 0 {
            return Err(ended());
        }
        reader.consume(here);
        left -= here;
    }
    Ok(())
}

fn fill(reader: &mut Reader, buf: &mut [u8]) -> Result<(), CodecError> {
    reader.read_exact(buf).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => ended(),
        _ => CodecError::read(error),
    })
}

fn ended() -> CodecError {
    malformed("the file ends within its header")
}
