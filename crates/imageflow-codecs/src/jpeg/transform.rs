//! From the colours of a JPEG to sRGB, row by row.

use super::features::ColorModel;
use crate::color::{CmykTransform, RgbTransform, cmyk_transform, rgb_transform};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// What is done to a row once its samples are decoded.
pub(super) enum Transform {
    None,
    Rgb(RgbTransform),
    Cmyk(CmykTransform),
}

impl Transform {
    /// Chooses the transform; `inverted` says that CMYK is stored with 255 for no ink.
    ///
    /// # Errors
    /// When the profile cannot be used and nobody asked to ignore that.
    pub(super) fn new(
        color: ColorModel,
        profile: Option<&[u8]>,
        inverted: bool,
        options: &DecodeOptions,
    ) -> Result<Transform, CodecError> {
        let failed = |message: String| CodecError::ColorProfile {
            format: ImageFormat::Jpeg,
            message,
        };
        let profile = profile.filter(|_| !options.discard_color_profile);
        if color == ColorModel::Cmyk {
            // CMYK is converted whatever was asked: pixels are RGB.
            let transform = match cmyk_transform(profile) {
                Err(message) if !options.ignore_color_profile_errors => {
                    return Err(failed(message));
                }
                Err(_) => cmyk_transform(None).map_err(failed)?,
                Ok(transform) => transform,
            };
            return Ok(Transform::Cmyk(transform.inverted(inverted)));
        }
        let Some(profile) = profile else {
            return Ok(Transform::None);
        };
        match rgb_transform(profile) {
            Ok(None) => Ok(Transform::None),
            // A gray profile says nothing of a colour picture.
            Ok(Some(transform)) if transform.is_gray() && color != ColorModel::Gray => {
                Ok(Transform::None)
            }
            Ok(Some(transform)) => Ok(Transform::Rgb(transform)),
            Err(_) if options.ignore_color_profile_errors => Ok(Transform::None),
            Err(message) => Err(failed(message)),
        }
    }
}
