//! Lossless files, in Rust: `zune-jpegxl` predicts and packs groups of 256×256 pixels.
//!
//! Gray frames and frames without transparency are written with fewer channels. What the encoder refuses, pictures one pixel
//! wide or high, it gets with that pixel doubled; [`super::thin`] then says in the headers that the second one lies outside
//! of the picture.

use imageflow_pixels::{FrameInfo, JobControl, RowBuf, Size};
use zune_core::bit_depth::BitDepth;
use zune_core::colorspace::ColorSpace;
use zune_core::options::EncoderOptions;
use zune_jpegxl::JxlSimpleEncoder;

use super::channels::Channels;
use super::{failed, thin};
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Bytes per sample: the sample, its code as it is built and in the file, and what lists have in reserve (3.3 of a noisy
/// photo).
const SAMPLE_BYTES: u64 = 5;
/// What the encoder takes for a file of any size.
const FIXED_BYTES: u64 = 1 << 20;

/// Bytes held while a frame is encoded, the frame itself not counted.
pub(super) fn working_bytes(frame: &FrameInfo) -> u64 {
    let count = if frame.alpha.is_meaningful() { 4 } else { 3 };
    let samples = Size::area(frame.size).saturating_mul(count);
    FIXED_BYTES.saturating_add(samples.saturating_mul(SAMPLE_BYTES))
}

/// Encodes a whole frame of B, G, R, A to a JPEG XL codestream.
///
/// # Errors
/// When the job must stop, or the frame is larger than the format allows.
pub(super) fn encode(
    frame: &RowBuf,
    effort: u8,
    control: &JobControl,
) -> Result<Vec<u8>, CodecError> {
    control.check()?;
    let info = frame.info();
    let reservation = control.reserve(working_bytes(info))?;
    let (width, height) = (info.size.width(), info.size.height());
    ImageFormat::Jxl.check_sides(info.size)?;
    let (padded_width, padded_height) = (width.max(2), height.max(2));
    let channels = Channels::of(frame, control)?;
    let samples = channels.samples(frame, padded_width, padded_height, control)?;
    control.check()?;
    let options = EncoderOptions::new(
        padded_width as usize,
        padded_height as usize,
        color_space(channels),
        BitDepth::Eight,
    )
    .set_num_threads(1)
    // Rows of a group that are looked at before its codes are chosen; this costs next to nothing.
    .set_effort(effort.clamp(1, 9) * 14);
    // The encoder cannot be interrupted.
    let encoded = control.run_apart(working_bytes(info), move || {
        let _reservation = reservation;
        let mut file = Vec::new();
        let done = JxlSimpleEncoder::new(&samples, options).encode(&mut file);
        done.map(|_| file)
    })?;
    let file = encoded.map_err(|error| failed(format_args!("{error:?}")))?;
    if (width, height) == (padded_width, padded_height) {
        return Ok(file);
    }
    thin::trim(&file, info.size, channels)
        .ok_or_else(|| failed("its headers are not laid out as expected"))
}

fn color_space(channels: Channels) -> ColorSpace {
    match (channels.gray, channels.alpha) {
        (true, false) => ColorSpace::Luma,
        (true, true) => ColorSpace::LumaA,
        (false, false) => ColorSpace::RGB,
        (false, true) => ColorSpace::RGBA,
    }
}
