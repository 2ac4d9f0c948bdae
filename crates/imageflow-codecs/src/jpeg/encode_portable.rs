//! The pure-Rust encoder, for builds without a C compiler: same settings, somewhat larger files, no trellis.

use std::io;

use jpeg_encoder::{
    ColorType, Encoder, EncodingError, JfifWrite, QuantizationTableType, SamplingFactor,
};

use super::encode::Picture;
use super::encode_drain::Drain;
use super::sampling::Sampling;
use super::{JpegSettings, JpegStyle};
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Encodes a picture.
///
/// # Errors
/// What the encoder or the output says.
pub(super) fn encode(
    settings: &JpegSettings,
    picture: &Picture<'_>,
    drain: &mut Drain,
) -> Result<(), CodecError> {
    let too_large = |_| CodecError::encode(ImageFormat::Jpeg, "a side exceeds 65535 pixels");
    let width = u16::try_from(picture.width).map_err(too_large)?;
    let height = u16::try_from(picture.height).map_err(too_large)?;
    let outcome = {
        // The encoder has no quality 0.
        let mut encoder = Encoder::new(
            Chunks {
                chunk: Vec::with_capacity(CHUNK),
                drain: &mut *drain,
            },
            settings.quality.max(1),
        );
        encoder.set_quantization_tables(
            QuantizationTableType::Default,
            QuantizationTableType::Default,
        );
        if let Some(sampling) = picture.sampling {
            encoder.set_sampling_factor(common_factor(sampling));
        }
        encoder.set_progressive(settings.progressive);
        encoder.set_optimized_huffman_tables(
            settings.optimize_huffman || settings.progressive || settings.style == JpegStyle::Best,
        );
        let color = if picture.components() == 1 {
            ColorType::Luma
        } else {
            ColorType::Rgb
        };
        encoder.encode(picture.samples, width, height, color)
    };
    drain.result()?;
    outcome.map_err(|error| CodecError::encode(ImageFormat::Jpeg, error))
}

/// This encoder samples Cb and Cr alike.
fn common_factor(sampling: Sampling) -> SamplingFactor {
    let [luma, ..] = sampling.with_equal_chroma().components();
    match (luma.horizontal, luma.vertical) {
        (2, 2) => SamplingFactor::F_2_2,
        (2, _) => SamplingFactor::F_2_1,
        (_, 2) => SamplingFactor::F_1_2,
        _ => SamplingFactor::F_1_1,
    }
}

/// Bytes handed to the output at a time.
const CHUNK: usize = 32 * 1024;

/// Collects the encoder's many tiny writes.
struct Chunks<'d> {
    chunk: Vec<u8>,
    drain: &'d mut Drain,
}

impl Chunks<'_> {
    fn flush(&mut self) -> Result<(), EncodingError> {
        let pushed = self.drain.push(&self.chunk);
        self.chunk.clear();
        // The real reason stays in the drain.
        if pushed {
            Ok(())
        } else {
            Err(EncodingError::IoError(io::Error::from(
                io::ErrorKind::Interrupted,
            )))
        }
    }
}

impl JfifWrite for Chunks<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), EncodingError> {
        if self.chunk.len() + bytes.len() > CHUNK {
            self.flush()?;
        }
        self.chunk.extend_from_slice(bytes);
        Ok(())
    }
}

impl Drop for Chunks<'_> {
    fn drop(&mut self) {
        // Dropped at the end of the file, or after a failure that the drain remembers and that makes it refuse.
        self.drain.push(&self.chunk);
    }
}
