//! Whether a picture can show what is behind it.

use std::io::{Read, Seek, SeekFrom};

use imageflow_pixels::JobControl;

use crate::decoder::Header;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::{Input, Reader};

/// Whether any pixel may be other than opaque, as far as the structure of the file tells.
///
/// [`Header::alpha`] says what frames are made of, and frames of palettes have alpha whatever their colours are, as in
/// imageflow 2.x. This looks at the colours of a PNG palette, and at what frames of a GIF file leave uncovered.
///
/// # Errors
/// A read error, or the job must stop. What is damaged is looked at as far as it can be.
pub fn may_be_transparent(
    input: &Input,
    header: &Header,
    control: &JobControl,
) -> Result<bool, CodecError> {
    match header.format {
        _ if !header.alpha.is_meaningful() => Ok(false),
        ImageFormat::Png => in_png(&mut input.reader(), control),
        ImageFormat::Gif => crate::gif::may_be_transparent(input.reader(), control),
        _ => Ok(true),
    }
}

/// The kinds of colour a PNG header names for a palette (PNG, third edition, table 12).
const INDEXED: u8 = 3;
/// Colours of a palette.
const MAX_COLORS: u64 = 256;

fn in_png(reader: &mut Reader, control: &JobControl) -> Result<bool, CodecError> {
    let mut start = [0; 26];
    if reader.read_exact(&mut start).is_err() || start.last() != Some(&INDEXED) {
        return Ok(true);
    }
    // Behind the signature.
    let mut at = 8;
    loop {
        control.check()?;
        reader.seek(SeekFrom::Start(at)).map_err(CodecError::Read)?;
        let mut head = [0; 8];
        if reader.read_exact(&mut head).is_err() {
            return Ok(false);
        }
        let [a, b, c, d, kind @ ..] = head;
        let size = u64::from(u32::from_be_bytes([a, b, c, d]));
        match &kind {
            b"tRNS" => {
                let mut alphas = Vec::new();
                let mut chunk = reader.take(size.min(MAX_COLORS));
                chunk.read_to_end(&mut alphas).map_err(CodecError::Read)?;
                return Ok(alphas.iter().any(|alpha| *alpha < 255));
            }
            b"IDAT" | b"IEND" => return Ok(false),
            _ => at += size + 12,
        }
    }
}
