//! From the colours of a JPEG to sRGB, row by row.

use imageflow_pixels::JobControl;

use super::features::ColorModel;
use crate::color::{CmykTransform, RgbTransform, embedded, embedded_cmyk};
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
    /// When the profile cannot be used and that was to be an error.
    pub(super) fn new(
        color: ColorModel,
        profile: Option<&[u8]>,
        inverted: bool,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Transform, CodecError> {
        let format = ImageFormat::Jpeg;
        if color == ColorModel::Cmyk {
            let transform = embedded_cmyk(format, profile, options, control)?;
            return Ok(Transform::Cmyk(transform.inverted(inverted)));
        }
        let Some(icc) = profile else {
            return Ok(Transform::None);
        };
        let gray = color == ColorModel::Gray;
        let transform = embedded(format, icc, gray, options, control)?.transform();
        Ok(transform.map_or(Transform::None, Transform::Rgb))
    }
}
