//! JPEG XL (ISO 18181), codestream and container.

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
/// Whether this build writes the format.
pub const CAN_ENCODE: bool = true;
/// Whether it writes lossy files: without them the format is never chosen for a picture that may lose something.
pub const CAN_ENCODE_LOSSY: bool = false;

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
        frame
            .size
            .area()
            .saturating_mul(4 + encode::BYTES_PER_PIXEL)
    }
}
