//! WebP: lossy, lossless, alpha, animation (RFC 9649).
//!
//! The container is read and written here, and animations are composited and cut into changed rectangles here; single
//! pictures go through libwebp, or through `image-webp` in a build without C, which encodes without loss only.
//!
//! | | reading | writing |
//! |---|---|---|
//! | still picture | rows are handed out while the rest is decoded; the frame is kept | rows go into the encoder's picture |
//! | animation | frame by frame on one canvas | frame by frame; compressed frames are kept to the end |

#[cfg(any(feature = "libwebp", feature = "portable"))]
mod animation;
#[cfg(any(feature = "libwebp", feature = "portable"))]
mod canvas;
#[cfg(any(feature = "libwebp", feature = "portable"))]
mod changes;
#[cfg(any(feature = "libwebp", feature = "portable"))]
mod container;
#[cfg(any(feature = "libwebp", feature = "portable"))]
mod contents;
#[cfg(any(feature = "libwebp", feature = "portable"))]
mod decode;
#[cfg(all(feature = "portable", not(feature = "libwebp")))]
mod decode_portable;
#[cfg(not(any(feature = "libwebp", feature = "portable")))]
mod disabled;
#[cfg(any(feature = "libwebp", feature = "portable"))]
mod encode;
#[cfg(all(feature = "portable", not(feature = "libwebp")))]
mod encode_portable;
#[cfg(feature = "libwebp")]
mod ffi_decode;
#[cfg(feature = "libwebp")]
mod ffi_encode;
#[cfg(any(feature = "libwebp", feature = "portable"))]
mod mux;

#[cfg(any(feature = "libwebp", feature = "portable"))]
pub use decode::open;
#[cfg(not(any(feature = "libwebp", feature = "portable")))]
pub use disabled::{encoder, frame_encoder, open};
#[cfg(any(feature = "libwebp", feature = "portable"))]
pub use encode::{encoder, frame_encoder};

use imageflow_pixels::FrameInfo;

/// How this build codes a single picture.
#[cfg(feature = "libwebp")]
mod picture {
    pub(super) use super::ffi_decode::Picture;
    pub(super) use super::ffi_encode::{Target, supports, working_bytes};
}

/// How this build codes a single picture.
#[cfg(all(feature = "portable", not(feature = "libwebp")))]
mod picture {
    pub(super) use super::decode_portable::Picture;
    pub(super) use super::encode_portable::{Target, supports, working_bytes};
}

/// Whether this build reads the format.
pub const CAN_DECODE: bool = cfg!(any(feature = "libwebp", feature = "portable"));
/// Whether this build writes the format, at least without loss.
pub const CAN_ENCODE: bool = CAN_DECODE;
/// Whether this build writes lossy files too.
pub const CAN_ENCODE_LOSSY: bool = cfg!(feature = "libwebp");

/// How to encode.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WebpSettings {
    /// 0 to 100; for lossless files the effort.
    pub quality: f32,
    /// Keep every pixel as it is; the colour of transparent ones may change.
    pub lossless: bool,
}

impl WebpSettings {
    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        #[cfg(any(feature = "libwebp", feature = "portable"))]
        return picture::working_bytes(self, frame);
        #[cfg(not(any(feature = "libwebp", feature = "portable")))]
        return imageflow_pixels::RowBuf::bytes_for(frame, frame.size.height());
    }

    /// The settings with a quality the encoder takes.
    #[cfg(any(feature = "libwebp", feature = "portable"))]
    fn clamped(&self) -> WebpSettings {
        let quality = if self.quality.is_nan() {
            0.0
        } else {
            self.quality.clamp(0.0, 100.0)
        };
        WebpSettings { quality, ..*self }
    }

    /// How far a sample of an animation may be from what is shown without being redrawn: less than the encoder changes it by
    /// (libwebp's own animation encoder allows 4 at quality 80, this 2). `None` is without loss.
    #[cfg(any(feature = "libwebp", feature = "portable"))]
    fn slack(&self) -> Option<u8> {
        (!self.lossless).then_some(((100.0 - self.quality) / 10.0).round() as u8)
    }
}

#[cfg(any(feature = "libwebp", feature = "portable"))]
fn malformed(message: impl ToString) -> crate::error::CodecError {
    crate::error::CodecError::malformed(crate::format::ImageFormat::WebP, message)
}
