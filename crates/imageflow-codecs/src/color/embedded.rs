//! What becomes of an embedded profile, in every format alike.
//!
//! A profile that cannot be used never costs the picture: it is left out and noted, unless the caller asked for an error.
//! Unusable is what is damaged, and what is for other pixels than these: inks in an RGB file, RGB in a file of inks, gray
//! in a coloured one.

use imageflow_pixels::{JobControl, NoteKind};

use super::{CmykTransform, RgbTransform, cmyk_transform, rgb_transform};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// What an RGB or gray profile asks for.
#[derive(Debug)]
pub(crate) enum Embedded {
    /// Nothing: the pixels are sRGB already, or nobody wants them converted.
    Plain,
    /// A conversion.
    Transform(RgbTransform),
    /// It could not be used: the file means what it would mean without it.
    LeftOut,
}

impl Embedded {
    /// The conversion, if there is one.
    pub(crate) fn transform(self) -> Option<RgbTransform> {
        match self {
            Embedded::Transform(transform) => Some(transform),
            Embedded::Plain | Embedded::LeftOut => None,
        }
    }
}

/// Decides about the profile of pixels that are gray or RGB.
///
/// # Errors
/// [`CodecError::ColorProfile`] when it cannot be used and the options ask for an error.
pub(crate) fn embedded(
    format: ImageFormat,
    icc: &[u8],
    gray_pixels: bool,
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<Embedded, CodecError> {
    if options.discard_color_profile {
        return Ok(Embedded::Plain);
    }
    let message = match rgb_transform(icc) {
        Ok(None) => return Ok(Embedded::Plain),
        Ok(Some(transform)) if gray_pixels || !transform.is_gray() => {
            return Ok(Embedded::Transform(transform));
        }
        Ok(Some(_)) => "the ICC profile is for gray, the picture has colours".to_owned(),
        Err(message) => message,
    };
    leave_out(format, message, options, control).map(|()| Embedded::LeftOut)
}

/// Decides about the profile of inks; they are converted whatever was asked, since pixels are RGB.
///
/// # Errors
/// As for [`embedded`].
pub(crate) fn embedded_cmyk(
    format: ImageFormat,
    icc: Option<&[u8]>,
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<CmykTransform, CodecError> {
    let icc = icc.filter(|_| !options.discard_color_profile);
    let message = match cmyk_transform(icc) {
        Ok(transform) => return Ok(transform),
        Err(message) => message,
    };
    leave_out(format, message, options, control)?;
    cmyk_transform(None).map_err(|message| CodecError::ColorProfile { format, message })
}

/// Notes that a profile is left out, or fails if that was asked for.
///
/// # Errors
/// As for [`embedded`].
pub(crate) fn leave_out(
    format: ImageFormat,
    message: String,
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<(), CodecError> {
    if options.fail_on_color_profile_errors {
        return Err(CodecError::ColorProfile { format, message });
    }
    control.note(
        NoteKind::ColorProfile,
        format!("the colour profile of this {format} file is left out: {message}"),
    );
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use moxcms::ColorProfile;

    use super::*;

    const FORMAT: ImageFormat = ImageFormat::Jpeg;

    fn rgb(icc: &[u8], gray: bool, fail: bool) -> (Result<Embedded, CodecError>, usize) {
        let control = JobControl::default();
        let options = DecodeOptions {
            fail_on_color_profile_errors: fail,
            ..DecodeOptions::default()
        };
        let outcome = embedded(FORMAT, icc, gray, &options, &control);
        (outcome, control.notes().len())
    }

    #[test]
    fn a_profile_for_other_pixels_is_left_out_with_a_note_or_fails() {
        let gray = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        for (icc, gray_pixels) in [(&gray[..], false), (&b"damaged"[..], true)] {
            let (outcome, notes) = rgb(icc, gray_pixels, false);
            assert!(matches!(outcome, Ok(Embedded::LeftOut)), "{outcome:?}");
            assert_eq!(notes, 1);
            let (outcome, notes) = rgb(icc, gray_pixels, true);
            assert!(matches!(outcome, Err(CodecError::ColorProfile { .. })));
            assert_eq!(notes, 0);
        }
        let (outcome, notes) = rgb(&gray, true, false);
        assert!(outcome.unwrap().transform().is_some() && notes == 0);
    }

    #[test]
    fn inks_are_converted_without_a_profile_for_rgb() {
        let control = JobControl::default();
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        let options = DecodeOptions::default();
        let mut transform = embedded_cmyk(FORMAT, Some(&srgb), &options, &control).unwrap();
        let mut bgra = [0; 4];
        transform.apply(&[0; 4], &mut bgra);
        assert_eq!(bgra, [255; 4]);
        let notes = control.notes();
        assert!(
            notes[0].message.contains("for RGB, not for CMYK"),
            "{notes:?}"
        );
    }
}
