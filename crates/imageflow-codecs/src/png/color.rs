//! Which colours a PNG means: cICP before iCCP before sRGB before gAMA with cHRM (PNG third edition §4.3, without the
//! chunks a newer one overrides). Anything unusable counts as absent.

use png::{ColorType, Info, SourceChromaticities};

use crate::color::{RgbTransform, rgb_transform, signalled};

/// The transform to sRGB; `None` when the pixels are sRGB already.
pub(super) fn transform(info: &Info<'_>) -> Option<RgbTransform> {
    if let Some(points) = info
        .coding_independent_code_points
        .filter(|points| points.matrix_coefficients == 0 && points.is_video_full_range_image)
    {
        let profile =
            signalled::from_code_points(points.color_primaries, points.transfer_function)?;
        return RgbTransform::from_profile(&profile).ok().flatten();
    }
    if let Some(outcome) = info.icc_profile.as_deref().map(rgb_transform)
        && let Ok(transform) = outcome
    {
        let gray_pixels = matches!(
            info.color_type,
            ColorType::Grayscale | ColorType::GrayscaleAlpha
        );
        return transform.filter(|transform| gray_pixels || !transform.is_gray());
    }
    if info.srgb.is_some() {
        return None;
    }
    let (gamma, chromaticities) = info.gama_chunk.zip(info.chrm_chunk)?;
    let profile = signalled::from_gamma(gamma.into_value(), &primaries(&chromaticities))?;
    RgbTransform::from_profile(&profile).ok().flatten()
}

fn primaries(chunk: &SourceChromaticities) -> signalled::Primaries {
    let point = |(x, y): (png::ScaledFloat, png::ScaledFloat)| (x.into_value(), y.into_value());
    signalled::Primaries {
        white: point(chunk.white),
        red: point(chunk.red),
        green: point(chunk.green),
        blue: point(chunk.blue),
    }
}
