//! The JPEG sink: rows in, a file out when the last row has come.
//!
//! Chroma subsampling is chosen from the whole picture, so the sink keeps it at final size, three bytes per pixel, one when
//! every row is gray. `finish` hands it to the encoder of this build:
//!
//! | style | native build | without jpegli | pure Rust |
//! |---|---|---|---|
//! | `Best` | jpegli | mozjpeg with trellis | jpeg-encoder |
//! | `Classic` | mozjpeg as libjpeg-turbo | the same | jpeg-encoder |
//!
//! `docs/jpeg-encoder.md` has the measurements behind this table.

use imageflow_pixels::simd::{self, SimdLevel};
use imageflow_pixels::{
    EncodeReport, FrameInfo, JobControl, PixelLayout, RowSink, Rows, StreamError,
};

use super::encode_drain::Drain;
use super::sampling::{Sampling, SamplingChoice};
use super::{JpegSettings, JpegStyle};
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use imageflow_pixels::PictureMemory;

/// Makes the sink of a JPEG file.
///
/// # Errors
/// When the frame does not fit the format or the job's memory.
pub(crate) fn encoder(
    settings: &JpegSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    ImageFormat::Jpeg.check_sides(frame.size)?;
    let (width, height) = (frame.size.width(), frame.size.height());
    if frame.layout != PixelLayout::Bgra8 {
        return Err(CodecError::encode(
            ImageFormat::Jpeg,
            "rows must be 8-bit BGRA",
        ));
    }
    let samples = PictureMemory::new(frame.size.area().saturating_mul(3), control)?;
    let settings = JpegSettings {
        quality: settings.quality.min(100),
        ..*settings
    };
    Ok(Box::new(JpegSink {
        settings,
        frame,
        samples,
        next: 0,
        gray: true,
        choice: SamplingChoice::new(width, height, settings.quality),
        level: SimdLevel::detect(),
        output,
        control: control.clone(),
    }))
}

struct JpegSink {
    settings: JpegSettings,
    frame: FrameInfo,
    /// Packed RGB, as far as rows came.
    samples: PictureMemory,
    next: u32,
    /// No row had colour so far.
    gray: bool,
    choice: SamplingChoice,
    level: SimdLevel,
    output: Output,
    control: JobControl,
}

impl RowSink for JpegSink {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        let range = rows.range();
        if range.start != self.next || range.end > self.frame.size.height() {
            return Err(CodecError::encode(
                ImageFormat::Jpeg,
                format!("rows {range:?} came where row {} was due", self.next),
            )
            .into());
        }
        for y in range.clone() {
            self.control.check()?;
            self.take(y, rows.row(y));
        }
        self.next = range.end;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        let JpegSink {
            settings,
            frame,
            mut samples,
            next,
            gray,
            choice,
            level: _,
            output,
            control,
        } = *self;
        let (width, height) = (frame.size.width(), frame.size.height());
        if next != height {
            return Err(CodecError::encode(
                ImageFormat::Jpeg,
                format!("only {next} of {height} rows came"),
            )
            .into());
        }
        control.check()?;
        let sampling = (!gray).then(|| choice.finish());
        let samples = if gray {
            keep_every_third(&mut samples)
        } else {
            &samples[..]
        };
        let picture = Picture {
            width,
            height,
            samples,
            sampling,
        };
        let mut drain = Drain::new(output, control.clone());
        compress(&settings, &picture, &mut drain, &control)?;
        Ok(EncodeReport {
            bytes: drain.close()?,
        })
    }
}

impl JpegSink {
    /// Takes row `y`, the next one.
    fn take(&mut self, y: u32, bgra: &[u8]) {
        self.gray = self.gray
            && bgra
                .chunks_exact(4)
                .all(|p| matches!(p, [b, g, r, _] if b == g && g == r));
        self.choice.push(bgra);
        let stride = self.frame.size.width() as usize * 3;
        let row = self.samples.chunks_exact_mut(stride).nth(y as usize);
        simd::pack_rgb(self.level, bgra, row.unwrap_or_default());
    }
}

fn keep_every_third(samples: &mut [u8]) -> &[u8] {
    let count = samples.len() / 3;
    for i in 0..count {
        samples[i] = samples[3 * i];
    }
    &samples[..count]
}

/// Bytes a library holds while it works: 16-bit coefficients of the whole picture where it needs more than one pass, and as
/// much again for what progressive encoding derives from them (measured: 2.0–2.4 times the coefficients at quality 85).
fn codec_bytes(settings: &JpegSettings, picture: &Picture<'_>) -> u64 {
    let coefficients = picture
        .sampling
        .map_or(4, Sampling::samples_per_four_pixels)
        * 2;
    let copies = match (settings.progressive, settings.style) {
        (true, _) => 2,
        (false, JpegStyle::Best) => 1,
        (false, JpegStyle::Classic) => u64::from(settings.optimize_huffman),
    };
    (u64::from(picture.width) * u64::from(picture.height)).saturating_mul(coefficients * copies) / 4
}

/// A whole picture of packed samples: R, G, B with the sampling to use, or gray.
pub(super) struct Picture<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) samples: &'a [u8],
    /// None for gray.
    pub(super) sampling: Option<Sampling>,
}

impl Picture<'_> {
    /// Samples per pixel: 3, or 1 for gray.
    pub(super) fn components(&self) -> u8 {
        if self.sampling.is_some() { 3 } else { 1 }
    }

    /// The rows, top to bottom.
    #[cfg(feature = "mozjpeg")]
    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, u8> {
        self.samples
            .chunks_exact(self.width as usize * usize::from(self.components()))
    }
}

fn compress(
    settings: &JpegSettings,
    picture: &Picture<'_>,
    drain: &mut Drain,
    control: &JobControl,
) -> Result<(), CodecError> {
    let bytes = codec_bytes(settings, picture);
    #[cfg(jpegli)]
    if settings.style == JpegStyle::Best {
        let memory = PictureMemory::new(bytes, control)?;
        return super::encode_jpegli::encode(settings, picture, drain, memory);
    }
    let _codec = control.reserve(bytes)?;
    #[cfg(feature = "mozjpeg")]
    return super::encode_mozjpeg::encode(settings, picture, drain);
    #[cfg(all(feature = "portable", not(feature = "mozjpeg")))]
    return super::encode_portable::encode(settings, picture, drain);
}
