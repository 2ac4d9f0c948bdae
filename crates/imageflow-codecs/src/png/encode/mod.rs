//! Writing: three sinks over one row encoder.
//!
//! ```text
//! rows ─► Truecolor ─────────────────────────────► RowEncoder: pack ─► filter ─► deflate ─► IDAT
//!      └► Lossless: survey until the type is sure ─►     (one row)    (one row)  (stream, or whole when small)
//!      └► Palette: keep the frame, quantise, dither ─►
//! ```

mod container;
mod deflate;
mod filter;
mod format;
mod lossless;
#[cfg(feature = "oxipng")]
mod optimised;
mod palette;
mod rows;
mod survey;
mod truecolor;

use imageflow_pixels::{FrameInfo, JobControl, PixelLayout, RowSink};

use super::settings::PngSettings;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::palette::{Wish, working_bytes as palette_bytes};
use deflate::Effort;

/// Makes the sink of a PNG encoder.
///
/// # Errors
/// When the job's memory budget refuses the frame that lossless and palette encoding keep, or writing fails.
pub fn encoder(
    settings: &PngSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    control.check()?;
    if frame.layout != PixelLayout::Bgra8 {
        return Err(CodecError::encode(
            ImageFormat::Png,
            "rows must be 8-bit BGRA",
        ));
    }
    #[cfg(feature = "oxipng")]
    if let Some(usual) = settings.without_max_deflate() {
        let sink = optimised::Optimised::new(output, control, |output| {
            sink(&usual, frame, output, control)
        })?;
        return Ok(Box::new(sink));
    }
    sink(settings, frame, output, control)
}

fn sink(
    settings: &PngSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    Ok(match *settings {
        PngSettings::Truecolor {
            keep_alpha,
            zlib_level,
        } => Box::new(truecolor::Truecolor::new(
            frame, keep_alpha, zlib_level, output, control,
        )?),
        PngSettings::Lossless { max_deflate } => Box::new(lossless::Lossless::new(
            frame,
            Effort::new(max_deflate),
            output,
            control,
        )?),
        PngSettings::Palette {
            quality,
            min_quality,
            speed,
            max_deflate,
        } => {
            let wish = Wish {
                colors: 256,
                format: ImageFormat::Png,
                quality: quality.min(100),
                min_quality: min_quality.min(quality).min(100),
                speed: speed.clamp(1, 10),
            };
            Box::new(palette::PaletteSink::new(
                frame,
                wish,
                Effort::new(max_deflate),
                output,
                control,
            )?)
        }
    })
}

/// Bytes the encoder will hold beyond the strip it is given.
pub(super) fn working_bytes(settings: &PngSettings, frame: &FrameInfo) -> u64 {
    let area = frame.size.area();
    let (kept, packed, max_deflate) = match *settings {
        PngSettings::Truecolor { .. } => (0, 0, false),
        PngSettings::Lossless { max_deflate } => (4, 4, max_deflate),
        // Without a palette that is good enough, pixels are packed as they are.
        PngSettings::Palette {
            max_deflate,
            min_quality,
            ..
        } => (4, if min_quality > 0 { 4 } else { 1 }, max_deflate),
    };
    let choosing = match *settings {
        PngSettings::Palette { speed, .. } => {
            palette_bytes(area, !frame.alpha.is_meaningful(), speed)
        }
        _ => 0,
    };
    // Filtered and compressed; for the most effort, as packed, filtered best and filtered now, and compressed.
    let copies = if max_deflate { 4 } else { 2 };
    let packed = area * packed + u64::from(frame.size.height());
    let whole = if packed <= deflate::WHOLE_LIMIT {
        packed * copies
    } else {
        0
    };
    deflate::FIXED_BYTES + area * kept + choosing + whole + frame.row_bytes() as u64 * 8
}
