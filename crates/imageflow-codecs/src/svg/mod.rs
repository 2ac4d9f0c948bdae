//! SVG 1.1, static and without text, by `resvg`.
//!
//! A drawing has no pixels of its own: it is drawn at its natural size, or at the size a plan asks for
//! ([`DecodeOptions::draw_size`](crate::DecodeOptions::draw_size)). Nothing outside the file is ever read: references to
//! files and addresses, and pictures in data URLs, draw nothing. Neither does text, which would need fonts.
//!
//! Drawings are programs in disguise. `expansion` bounds what references can multiply to before the tree is built, `cost`
//! what layers and filters take before a pixel is drawn, and both are recursive no deeper than a stack allows.

#[cfg(feature = "svg")]
mod cost;
#[cfg(feature = "svg")]
mod decode;
#[cfg(feature = "svg")]
mod draw;
#[cfg(feature = "svg")]
mod expansion;
#[cfg(feature = "svg")]
mod filters;

#[cfg(feature = "svg")]
pub use decode::open;

/// Whether this build reads the format.
pub const CAN_DECODE: bool = cfg!(feature = "svg");

/// Answers that SVG is not part of this build.
///
/// # Errors
/// [`CodecError::Disabled`](crate::CodecError::Disabled).
#[cfg(not(feature = "svg"))]
pub fn open(
    _reader: crate::Reader,
    _control: &imageflow_pixels::JobControl,
) -> Result<Box<dyn crate::Decoder>, crate::CodecError> {
    Err(crate::CodecError::Disabled {
        format: crate::ImageFormat::Svg,
        action: "decoding",
    })
}
