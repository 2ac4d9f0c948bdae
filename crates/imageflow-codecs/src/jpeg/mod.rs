//! JPEG.

#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod chroma;
#[cfg(feature = "mozjpeg")]
mod decode;
#[cfg(all(feature = "portable", not(feature = "mozjpeg")))]
mod decode_portable;
#[cfg(not(any(feature = "mozjpeg", feature = "portable")))]
mod disabled;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod encode;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod encode_drain;
#[cfg(all(test, any(feature = "mozjpeg", feature = "portable")))]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod encode_fault_tests;
#[cfg(jpegli)]
mod encode_jpegli;
#[cfg(feature = "mozjpeg")]
mod encode_mozjpeg;
#[cfg(all(feature = "portable", not(feature = "mozjpeg")))]
mod encode_portable;
#[cfg(all(test, any(feature = "mozjpeg", feature = "portable")))]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod encode_tests;
#[cfg(all(test, feature = "mozjpeg"))]
#[allow(clippy::unwrap_used)]
mod entropy_tests;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod features;
#[cfg(feature = "mozjpeg")]
mod ffi_decode;
#[cfg(feature = "mozjpeg")]
mod ffi_encode;
#[cfg(feature = "mozjpeg")]
mod ffi_entropy;
#[cfg(jpegli)]
mod ffi_jpegli;
#[cfg(feature = "mozjpeg")]
mod huffman;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod markers;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod opened;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod plane_reader;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod sampling;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod scaled;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod shrink;
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
mod transform;

#[cfg(feature = "mozjpeg")]
pub(crate) use decode::open_as;
#[cfg(all(feature = "portable", not(feature = "mozjpeg")))]
pub(crate) use decode_portable::open_as;
#[cfg(not(any(feature = "mozjpeg", feature = "portable")))]
pub(crate) use disabled::{encoder, open_as};
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
pub(crate) use encode::encoder;

use imageflow_pixels::{FrameInfo, JobControl};

use crate::decoder::Decoder;
use crate::error::CodecError;
use crate::input::Reader;

/// Scans a progressive file may have; encoders write 5 to 20, and each costs a pass over all coefficients.
#[cfg(any(feature = "mozjpeg", feature = "portable"))]
const MAX_SCANS: u32 = 200;

/// Which family of JPEG encoder to use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum JpegStyle {
    /// Best bytes per quality at a small multiple of the fast encoder's time (the `mozjpeg` preset and the default).
    #[default]
    Best,
    /// Classic libjpeg-turbo defaults: Annex-K tables (the `libjpegturbo` preset).
    Classic,
}

/// What the samples of four components mean when Adobe's marker is absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Inks {
    /// 255 is no ink. All files from the field are Adobe's or like them, and browsers read all of them like that.
    Inverted,
    /// 255 is full ink: JPEG data in a TIFF file.
    #[cfg_attr(not(feature = "tiff"), allow(dead_code))]
    Plain,
}

/// Reads the header of a JPEG file.
pub(crate) fn open(reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    open_as(reader, Inks::Inverted, control)
}

/// Settings of the JPEG encoder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JpegSettings {
    /// Encoder family.
    pub style: JpegStyle,
    /// Quality, 0..=100 on libjpeg's scale.
    pub quality: u8,
    /// Several scans, coarse to fine; `false` gives a baseline file.
    pub progressive: bool,
    /// Compute Huffman tables for this image (`Best` always does).
    pub optimize_huffman: bool,
}

impl JpegSettings {
    /// Bytes the encoder will hold beyond the strip it is given: the final-size RGB picture (chroma subsampling is chosen
    /// from it) and the library's coefficients, of a picture that ends up 4:2:0.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        let per_pixel = match (self.progressive, self.style) {
            (true, _) => 9,
            (false, JpegStyle::Classic) if !self.optimize_huffman => 4,
            (false, _) => 6,
        };
        frame.size.area().saturating_mul(per_pixel)
    }
}
