//! AVIF (AV1 pictures in HEIF, ISO/IEC 23008-12): stills, grids, alpha, image sequences.
//!
//! The container is read here: `bmff` knows boxes, `meta`, `property` and `movie` what is in them, and
//! `description` resolves them to a picture with a size, an orientation and colours, all before a pixel is decoded.
//! rav1d (behind `ffi`) decodes the AV1 data, cell by cell of a grid; `rgb` and `color` make sRGB of them row by row.
//! Orientation is that of `irot` and `imir`: HEIF has EXIF's tell what the camera saw, not what to show.
//!
//! Encoding is ravif's and needs the whole frame.

#[cfg(feature = "avif")]
mod bmff;
#[cfg(feature = "avif")]
mod coding;
#[cfg(feature = "avif")]
mod color;
#[cfg(feature = "avif")]
mod container;
#[cfg(feature = "avif")]
mod decode;
#[cfg(feature = "avif")]
mod description;
#[cfg(not(feature = "avif"))]
mod disabled;
#[cfg(feature = "avif")]
mod encode;
#[cfg(feature = "avif")]
mod ffi;
#[cfg(feature = "avif")]
mod meta;
#[cfg(feature = "avif")]
mod mosaic;
#[cfg(feature = "avif")]
mod movie;
#[cfg(feature = "avif")]
mod property;
#[cfg(feature = "avif")]
mod render;
#[cfg(feature = "avif")]
mod rgb;
#[cfg(feature = "avif")]
mod sequence;
#[cfg(feature = "avif")]
mod stream;

use imageflow_pixels::FrameInfo;

#[cfg(feature = "avif")]
pub use decode::open;
#[cfg(not(feature = "avif"))]
pub use disabled::{encoder, open};
#[cfg(feature = "avif")]
pub use encode::encoder;

/// Whether this build reads the format.
pub const CAN_DECODE: bool = cfg!(feature = "avif");
/// Whether this build writes the format.
pub const CAN_ENCODE: bool = cfg!(feature = "avif");

/// How to encode.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AvifSettings {
    /// 0 to 100; below 1 is 1.
    pub quality: f32,
    /// 0 (slow, small) to 10 (fast); 0 is 1.
    pub speed: u8,
    /// Keep every pixel as it is: refused, because the encoder cannot.
    pub lossless: bool,
}

impl AvifSettings {
    /// The slowest speed that encodes a megapixel within a second on one core, whatever the quality.
    ///
    /// Measured with a photograph of 1 MP, one core at about 3 GHz: 0.24 s at quality 55 and 0.65 s at 85, against 0.45 s
    /// and 1.5 s with speed 8 (3 % fewer bytes for the same PSNR), 0.6 s and 1.7 s with speed 6 (8 %). Speed 10 takes 0.24 s
    /// at any quality, for 10 % to 15 % more bytes.
    pub const SERVING_SPEED: u8 = 9;

    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        let whole = imageflow_pixels::RowBuf::bytes_for(frame, frame.size.height());
        #[cfg(feature = "avif")]
        let whole = whole.saturating_add(encode::working_bytes(frame));
        whole
    }
}
