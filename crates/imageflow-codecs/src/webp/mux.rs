//! Writing the container (RFC 9649 §2.3-2.7).
//!
//! The size of the file comes first in it, so that an animation is put together when its last frame is known.

use imageflow_pixels::{Rect, Size};

use super::container::{CHUNK_HEADER, FIRST_CHUNK};
use crate::error::CodecError;
use crate::format::ImageFormat;

const ALPHA_FLAG: u8 = 0x10;
const ANIMATION_FLAG: u8 = 0x02;
/// The longest a frame can be shown: 24 bits of milliseconds.
pub(super) const MAX_DELAY_MS: u32 = (1 << 24) - 1;

/// What of a still file goes into an animation frame.
pub(super) struct Stripped<'a> {
    /// ALPH, if there is one, and the bitstream, with their chunk headers.
    pub(super) chunks: &'a [u8],
    /// Whether the pixels have alpha.
    pub(super) alpha: bool,
}

/// Takes the picture out of a still file that an encoder of ours made.
pub(super) fn strip(file: &[u8]) -> Result<Stripped<'_>, CodecError> {
    let incomplete = || CodecError::encode(ImageFormat::WebP, "an incomplete frame");
    let body = file.get(FIRST_CHUNK as usize..).ok_or_else(incomplete)?;
    let chunks = if body.starts_with(b"VP8X") {
        body.get(18..).ok_or_else(incomplete)?
    } else {
        body
    };
    let alpha = match chunks.get(..4).ok_or_else(incomplete)? {
        b"ALPH" => true,
        // The bit after signature and both sides.
        b"VP8L" => chunks.get(12).ok_or_else(incomplete)? & 0x10 != 0,
        _ => false,
    };
    Ok(Stripped { chunks, alpha })
}

/// The header of a frame chunk whose picture has `length` bytes, to be blended with what is at `place` or to replace it.
///
/// # Errors
/// When a chunk cannot be as long.
pub(super) fn frame_header(
    place: Rect,
    delay_ms: u32,
    blend: bool,
    length: usize,
) -> Result<Vec<u8>, CodecError> {
    const HEADER: usize = 16;
    const DO_NOT_BLEND: u8 = 2;
    let size = u32::try_from(length.saturating_add(HEADER)).map_err(|_| too_large())?;
    let mut out = Vec::with_capacity(CHUNK_HEADER as usize + HEADER);
    out.extend_from_slice(b"ANMF");
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&u24(place.x0() / 2));
    out.extend_from_slice(&u24(place.y0() / 2));
    out.extend_from_slice(&u24(place.size().width() - 1));
    out.extend_from_slice(&u24(place.size().height() - 1));
    out.extend_from_slice(&u24(delay_ms.min(MAX_DELAY_MS)));
    out.push(if blend { 0 } else { DO_NOT_BLEND });
    Ok(out)
}

/// What comes before the frames, which have `length` bytes together.
///
/// # Errors
/// When a file cannot be as long.
pub(super) fn animation_header(
    canvas: Size,
    alpha: bool,
    plays: u32,
    length: u64,
) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    let flags = ANIMATION_FLAG | if alpha { ALPHA_FLAG } else { 0 };
    extended(&mut out, flags, canvas);
    out.extend_from_slice(b"ANIM");
    out.extend_from_slice(&6u32.to_le_bytes());
    // The background: a hint that viewers disregard. Transparent.
    out.extend_from_slice(&[0; 4]);
    let plays = u16::try_from(plays).unwrap_or(u16::MAX);
    out.extend_from_slice(&plays.to_le_bytes());
    let size = u32::try_from(length + out.len() as u64 + 4).map_err(|_| too_large())?;
    let mut file = riff(size);
    file.append(&mut out);
    Ok(file)
}

/// A still file of these chunks.
#[cfg(not(feature = "libwebp"))]
pub(super) fn still(size: Size, alpha: bool, chunks: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if alpha {
        extended(&mut out, ALPHA_FLAG, size);
    }
    out.extend_from_slice(chunks);
    let mut file = riff(u32::try_from(out.len() + 4).unwrap_or(u32::MAX));
    file.append(&mut out);
    file
}

fn riff(size: u32) -> Vec<u8> {
    [*b"RIFF", size.to_le_bytes(), *b"WEBP"].concat()
}

fn extended(out: &mut Vec<u8>, flags: u8, canvas: Size) {
    out.extend_from_slice(b"VP8X");
    out.extend_from_slice(&10u32.to_le_bytes());
    out.extend_from_slice(&[flags, 0, 0, 0]);
    out.extend_from_slice(&u24(canvas.width() - 1));
    out.extend_from_slice(&u24(canvas.height() - 1));
}

fn u24(value: u32) -> [u8; 3] {
    let [a, b, c, _] = value.to_le_bytes();
    [a, b, c]
}

fn too_large() -> CodecError {
    CodecError::encode(ImageFormat::WebP, "the file would exceed 4 GiB")
}
