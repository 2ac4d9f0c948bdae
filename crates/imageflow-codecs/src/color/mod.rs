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
mod gray;
mod hdr;
mod inks;
mod p3;
mod rgb;
pub mod signalled;
mod sound;
mod wide;

pub use cmyk::{CmykTransform, cmyk_transform};
pub use deep::DeepTransform;
pub(crate) use embedded::{Embedded, embedded, embedded_cmyk, leave_out};
pub use hdr::HdrTransform;
pub use p3::{ConvertColors, Gamut, display_p3_profile};
pub use rgb::{RgbTransform, rgb_transform};
pub use wide::WideTransform;

use moxcms::{CmsError, ColorProfile, DataColorSpace};

/// Bytes of profile that are accepted; the largest in use (press profiles with dense tables) have about 4 MB.
const MAX_PROFILE: usize = 16 << 20;

/// Reads a profile, whatever its version; of its tables the readable ones. The table of the perceptual intent is there
/// whenever there is one at all.
pub(crate) fn parse(icc: &[u8]) -> Result<ColorProfile, String> {
    if icc.len() > MAX_PROFILE {
        return Err(format!(
            "profile of {} bytes exceeds the limit of {MAX_PROFILE}",
            icc.len()
        ));
    }
    let read = |without: &[&[u8; 4]]| {
        let sound = sound::sound(icc, without)?;
        ColorProfile::new_from_slice(&sound)
            .map_err(|error| format!("unusable ICC profile: {}", words(&error)))
    };
    let mut profile = read(&[]).or_else(|error| {
        let [a, b, c] = sound::TABLES;
        let fewer: [&[&[u8; 4]]; 4] = [&[a], &[b], &[c], &[a, b, c]];
        let readable = fewer.into_iter().find_map(|without| read(without).ok());
        readable.filter(is_usable).ok_or(error)
    })?;
    if profile.lut_a_to_b_perceptual.is_none() {
        let other = [
            &profile.lut_a_to_b_colorimetric,
            &profile.lut_a_to_b_saturation,
        ];
        profile.lut_a_to_b_perceptual = other.into_iter().flatten().next().cloned();
    }
    Ok(gray::in_xyz(profile))
}

/// Whether there is a way from the device to the connection space.
fn is_usable(profile: &ColorProfile) -> bool {
    let tables = [
        &profile.lut_a_to_b_perceptual,
        &profile.lut_a_to_b_colorimetric,
        &profile.lut_a_to_b_saturation,
    ];
    profile.is_matrix_shaper() || profile.gray_trc.is_some() || tables.iter().any(|t| t.is_some())
}

/// What is wrong, without the notation of a programming language.
fn words(error: &CmsError) -> String {
    match error {
        CmsError::MalformedClut(size) | CmsError::MalformedCurveLutTable(size) => {
            format!(
                "a table has {} values instead of {}",
                size.size, size.expected
            )
        }
        CmsError::UnsupportedLutRenderingIntent(_) => "there is no table to colours".to_owned(),
        CmsError::UnsupportedProfileConnection => "it leads to no colours".to_owned(),
        other => other.to_string(),
    }
}

/// The name of a colour space, for messages.
fn space_name(space: DataColorSpace) -> &'static str {
    match space {
        DataColorSpace::Rgb => "RGB",
        DataColorSpace::Gray => "gray",
        DataColorSpace::Cmyk => "CMYK",
        DataColorSpace::Lab => "Lab",
        DataColorSpace::Xyz => "XYZ",
        DataColorSpace::YCbr => "YCbCr",
        DataColorSpace::Hsv => "HSV",
        DataColorSpace::Cmy => "CMY",
        _ => "another colour space",
    }
}
