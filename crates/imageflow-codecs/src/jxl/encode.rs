//! Writing: lossless codestreams through zune-jpegxl.
//!
//! There is no permissively licensed encoder of lossy JPEG XL in Rust, so a distance above 0 is refused rather than
//! answered with a file several times as large.

use std::io::Write;

use imageflow_pixels::{EncodeReport, FrameInfo, JobControl, RowBuf, RowSink, StreamError};
use zune_core::bit_depth::BitDepth;
use zune_core::colorspace::ColorSpace;
use zune_core::options::EncoderOptions;
use zune_jpegxl::JxlSimpleEncoder;

use super::JxlSettings;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::Gather;

/// Makes the sink of a still picture.
///
/// # Errors
/// When the settings ask for a lossy file, or a side is one pixel, which the encoder cannot write.
pub fn encoder(
    settings: &JxlSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    if !settings.lossless && settings.distance > 0.0 {
        return Err(CodecError::InvalidArgument(
            "lossy JPEG XL encoding is not part of this build; ask for lossless=true, or for AVIF or WebP".into(),
        ));
    }
    if frame.size.width() < 2 || frame.size.height() < 2 {
        return Err(CodecError::InvalidArgument(format!(
            "the JPEG XL encoder cannot write {} pixels: both sides must be 2 at least",
            frame.size
        )));
    }
    let (job, mut output) = (control.clone(), output);
    let sink = Gather::new(frame, control, move |whole: &RowBuf| {
        let file = encode(whole, &job)?;
        output.write_all(&file).map_err(CodecError::Write)?;
        output.flush().map_err(CodecError::Write)?;
        Ok(EncodeReport {
            bytes: file.len() as u64,
        })
    })?;
    Ok(Box::new(sink))
}

/// Bytes for every pixel besides the frame: packed samples, the encoder's residuals, and the file.
pub(super) const BYTES_PER_PIXEL: u64 = 24;

fn encode(whole: &RowBuf, control: &JobControl) -> Result<Vec<u8>, StreamError> {
    control.check()?;
    let frame = whole.info();
    let _held = control.reserve(frame.size.area().saturating_mul(BYTES_PER_PIXEL))?;
    let (width, height) = (frame.size.width() as usize, frame.size.height() as usize);
    let (space, channels) = if frame.alpha.is_meaningful() {
        (ColorSpace::RGBA, 4)
    } else {
        (ColorSpace::RGB, 3)
    };
    let rows = whole.all();
    let mut samples: Vec<u8> = Vec::with_capacity(width * height * channels);
    for y in rows.range() {
        for p in rows.row(y).as_chunks::<4>().0 {
            samples.extend_from_slice(&[p[2], p[1], p[0], p[3]][..channels]);
        }
    }
    let options = EncoderOptions::new(width, height, space, BitDepth::Eight);
    let mut file = Vec::new();
    JxlSimpleEncoder::new(&samples, options)
        .encode(&mut file)
        .map_err(|error| CodecError::encode(ImageFormat::Jxl, format_args!("{error:?}")))?;
    // The encoder cannot be interrupted.
    control.check()?;
    Ok(file)
}
