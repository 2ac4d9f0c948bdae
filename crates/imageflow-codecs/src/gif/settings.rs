//! What the GIF preset resolves to.

use imageflow_pixels::FrameInfo;

use super::encode;

/// Settings of the GIF encoder.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GifSettings {
    /// Diffuse the errors of frames that have more colours than a palette holds. Without it, files are smaller and
    /// gradients show bands.
    pub dithering: bool,
}

impl Default for GifSettings {
    fn default() -> Self {
        GifSettings { dithering: true }
    }
}

impl GifSettings {
    /// Bytes the encoder will hold beyond the strip it is given; the most that an animation needs.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        encode::working_bytes(frame)
    }
}
