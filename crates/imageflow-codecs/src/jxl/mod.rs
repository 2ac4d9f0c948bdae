//! JPEG XL (ISO 18181), codestream and container.
//!
//! Decoding is the Rust decoder of the format's authors, in every build. Encoding is lossless in every build; lossy files need
//! libjxl, which is the feature `libjxl` because it takes five minutes of processor time to compile.

use imageflow_pixels::FrameInfo;

mod canvas;
mod color;
mod decode;
mod encode;
mod frames;
mod stream;

pub use decode::open;
pub use encode::encoder;

/// Whether this build reads the format.
pub const CAN_DECODE: bool = true;
/// Whether this build writes the format, at least without loss.
pub const CAN_ENCODE: bool = true;
/// Whether this build writes lossy files too.
pub const CAN_ENCODE_LOSSY: bool = cfg!(feature = "libjxl");

/// How to encode.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct JxlSettings {
    /// Butteraugli distance; 0 keeps every pixel as it is, 1 looks the same.
    pub distance: f32,
    /// 1 (fast) to 9 (small).
    pub effort: u8,
    /// Keep every pixel as it is.
    pub lossless: bool,
}

impl JxlSettings {
    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        encode::working_bytes(self, frame)
    }

    /// Whether every pixel is kept as it is.
    pub fn is_lossless(&self) -> bool {
        self.lossless || self.distance <= 0.0
    }
}
