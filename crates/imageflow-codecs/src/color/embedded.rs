//! What an embedded profile of RGB or gray asks for, under the options of a decode.

use super::{RgbTransform, rgb_transform};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// The transform to sRGB; `None` when the pixels are sRGB already, nobody wants it, or a gray profile comes with colours.
///
/// # Errors
/// [`CodecError::ColorProfile`] when the profile cannot be used and nobody asked to ignore that.
#[cfg_attr(not(any(feature = "bmp", feature = "tiff")), allow(dead_code))]
pub(crate) fn embedded(
    format: ImageFormat,
    icc: &[u8],
    gray_pixels: bool,
    options: &DecodeOptions,
) -> Result<Option<RgbTransform>, CodecError> {
    if options.discard_color_profile {
        return Ok(None);
    }
    match rgb_transform(icc) {
        Ok(transform) => Ok(transform.filter(|transform| gray_pixels || !transform.is_gray())),
        Err(_) if options.ignore_color_profile_errors => Ok(None),
        Err(message) => Err(CodecError::ColorProfile { format, message }),
    }
}
