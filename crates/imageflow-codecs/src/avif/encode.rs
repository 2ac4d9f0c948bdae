//! Writing: the whole frame through ravif (rav1e).
//!
//! Pictures are stored with 10 bits and chroma of full size: the finer steps make smaller files of the same quality than 8
//! bits do, also for 8-bit sources. Colour below fully transparent pixels is replaced by what compresses best.

use std::io::Write;

use imageflow_pixels::{EncodeReport, FrameInfo, JobControl, RowBuf, RowSink, StreamError};
use imgref::Img;
use ravif::{AlphaColorMode, BitDepth, ColorModel, Encoder};
use rgb::RGBA8;

use super::AvifSettings;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::Gather;
use crate::memory;

/// Makes the sink of a still picture.
///
/// # Errors
/// When the frame is larger than AV1 allows, or lossless files are asked for, which rav1e cannot write.
pub fn encoder(
    settings: &AvifSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    if settings.lossless {
        return Err(CodecError::InvalidArgument(
            "the AVIF encoder cannot write lossless files; use WebP or PNG for them".into(),
        ));
    }
    ImageFormat::Avif.check_sides(frame.size)?;
    let (settings, job, mut output) = (*settings, control.clone(), output);
    let sink = Gather::new(frame, control, move |whole: &RowBuf| {
        let file = encode(&settings, whole, &job)?;
        output.write_all(&file).map_err(CodecError::Write)?;
        output.flush().map_err(CodecError::Write)?;
        Ok(EncodeReport {
            bytes: file.len() as u64,
        })
    })?;
    Ok(Box::new(sink))
}

/// Bytes held besides the frame: its copy for ravif, and what rav1e keeps of it (measured for photos: 31 bytes a pixel at the
/// usual quality, 44 at the highest, 7 more with alpha).
pub(super) fn working_bytes(frame: &FrameInfo) -> u64 {
    let per_pixel = if frame.alpha.is_meaningful() { 62 } else { 54 };
    frame.size.area().saturating_mul(per_pixel)
}

fn encode(
    settings: &AvifSettings,
    whole: &RowBuf,
    control: &JobControl,
) -> Result<Vec<u8>, StreamError> {
    control.check()?;
    let frame = whole.info();
    let bytes = working_bytes(frame);
    let held = control.reserve(bytes)?;
    let opaque = !frame.alpha.is_meaningful();
    let rows = whole.all();
    let mut pixels: Vec<RGBA8> = memory::room(frame.size.area())?;
    let (width, height) = (frame.size.width() as usize, frame.size.height() as usize);
    for y in rows.range() {
        control.check()?;
        pixels.extend(rows.row(y).chunks_exact(4).map(|p| {
            let alpha = if opaque { 255 } else { p[3] };
            RGBA8::new(p[2], p[1], p[0], alpha)
        }));
    }
    let quality = settings.quality.clamp(1.0, 100.0);
    let encoder = Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality)
        .with_speed(settings.speed.clamp(1, 10))
        .with_bit_depth(BitDepth::Ten)
        .with_internal_color_model(ColorModel::YCbCr)
        .with_alpha_color_mode(AlphaColorMode::UnassociatedClean);
    // rav1e cannot be interrupted.
    let encoded = control.run_apart(bytes, move || {
        let _held = held;
        encoder.encode_rgba(Img::new(pixels.as_slice(), width, height))
    })?;
    let image = encoded.map_err(|error| CodecError::encode(ImageFormat::Avif, error))?;
    Ok(image.avif_file)
}
