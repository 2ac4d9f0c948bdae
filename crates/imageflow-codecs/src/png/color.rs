//! Which colours a PNG means: cICP before iCCP before sRGB before gAMA with cHRM (PNG third edition §4.3, without the
//! chunks a newer one overrides). Anything unusable counts as absent. The brightest pixel of PQ is what cLLI says.

use png::{ColorType, Info, SourceChromaticities};

use crate::color::{HdrTransform, RgbTransform, rgb_transform, signalled};

/// Transfer functions of ITU-T H.273 whose light may be brighter than white.
const PQ: u8 = 16;
const HLG: u8 = 18;
/// cLLI counts in 0.0001 cd/m² (PNG third edition §11.3.2.8).
const CLLI_UNITS_PER_NIT: u32 = 10000;

/// The transform to sRGB; `None` when the pixels are sRGB already.
pub(super) fn transform(info: &Info<'_>) -> Option<RgbTransform> {
    if let Some(points) = info
        .coding_independent_code_points
        .filter(|points| points.matrix_coefficients == 0 && points.is_video_full_range_image)
    {
        let (primaries, transfer) = (points.color_primaries, points.transfer_function);
        if matches!(transfer, PQ | HLG) {
            let peak = info.content_light_level.and_then(|level| {
                let nits = level.max_content_light_level / CLLI_UNITS_PER_NIT;
                u16::try_from(nits).ok().filter(|nits| *nits > 0)
            });
            return HdrTransform::from_code_points(primaries, transfer, peak)
                .map(RgbTransform::from_hdr);
        }
        let profile = signalled::from_code_points(primaries, transfer)?;
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
