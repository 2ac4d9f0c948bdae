//! From the colours a file means to sRGB, row by row.
//!
//! Everything is converted to sRGB at decode. An embedded ICC profile becomes a [`RgbTransform`] (RGB and gray images) or a
//! [`CmykTransform`]; PNG's own chunks (cICP, gAMA with cHRM) become the same thing through [`signalled`]; pictures with more
//! light than white (PQ, HLG) go through [`HdrTransform`]. Intent: relative
//! colorimetric for RGB and gray, perceptual for CMYK. A transform that changes no 8-bit value by more than rounding is not
//! built at all.
//!
//! Nothing is cached between images: building costs 0.1-0.5 ms for a matrix profile, about 10 ms for a CMYK table.

mod cmyk;
mod deep;
mod embedded;
mod hdr;
mod inks;
mod p3;
mod rgb;
pub mod signalled;
mod wide;

pub use cmyk::{CmykTransform, cmyk_transform};
pub use deep::DeepTransform;
pub(crate) use embedded::embedded;
pub use hdr::HdrTransform;
pub use p3::{ConvertColors, Gamut, display_p3_profile};
pub use rgb::{RgbTransform, rgb_transform};
pub use wide::WideTransform;

/// Bytes of profile that are accepted; the largest in use (press profiles with dense tables) have about 4 MB.
const MAX_PROFILE: usize = 16 << 20;

pub(crate) fn parse(icc: &[u8]) -> Result<moxcms::ColorProfile, String> {
    if icc.len() > MAX_PROFILE {
        return Err(format!(
            "profile of {} bytes exceeds the limit of {MAX_PROFILE}",
            icc.len()
        ));
    }
    moxcms::ColorProfile::new_from_slice(icc)
        .map_err(|error| format!("unusable ICC profile: {error}"))
}
