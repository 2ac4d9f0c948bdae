//! Colour that is signalled by numbers instead of a profile: gamma with chromaticities (PNG gAMA and cHRM), and the code
//! points of ITU-T H.273 (cICP).

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, MatrixCoefficients,
    ToneReprCurve, TransferCharacteristics,
};

/// CIE 1931 chromaticity.
pub type Chromaticity = (f32, f32);

/// Chromaticities of white, red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Primaries {
    /// The white point.
    pub white: Chromaticity,
    /// The red primary.
    pub red: Chromaticity,
    /// The green primary.
    pub green: Chromaticity,
    /// The blue primary.
    pub blue: Chromaticity,
}

impl Primaries {
    /// Those of sRGB (ITU-R BT.709 with D65).
    pub const SRGB: Primaries = Primaries {
        white: (0.3127, 0.3290),
        red: (0.64, 0.33),
        green: (0.30, 0.60),
        blue: (0.15, 0.06),
    };

    fn all(&self) -> [Chromaticity; 4] {
        [self.white, self.red, self.green, self.blue]
    }

    fn is_sane(&self) -> bool {
        let inside = self
            .all()
            .iter()
            .all(|(x, y)| x.is_finite() && y.is_finite() && *x >= 0.0 && *y > 0.0);
        let ((rx, ry), (gx, gy), (bx, by)) = (self.red, self.green, self.blue);
        // Twice the area of the gamut triangle; a flat one has no inverse.
        inside && ((gx - rx) * (by - ry) - (bx - rx) * (gy - ry)).abs() > 1e-4
    }

    fn is_near(&self, other: &Primaries) -> bool {
        self.all()
            .iter()
            .zip(other.all())
            .all(|((x, y), (ox, oy))| (x - ox).abs() < 0.01 && (y - oy).abs() < 0.01)
    }
}

/// The profile of an encoding with exponent `file_gamma` (PNG's convention: 0.45455 for about sRGB) and `primaries`; `None`
/// when it is nearly sRGB or when the numbers describe no colour space.
pub fn from_gamma(file_gamma: f32, primaries: &Primaries) -> Option<ColorProfile> {
    if !file_gamma.is_finite() || file_gamma <= 0.0 || !primaries.is_sane() {
        return None;
    }
    if (file_gamma * 2.2 - 1.0).abs() < 0.05 && primaries.is_near(&Primaries::SRGB) {
        return None;
    }
    let gamma = 1.0 / file_gamma;
    // 1/100000, the smallest gAMA there is, would be an exponent of 100000: black but for white.
    let curve = ToneReprCurve::Parametric(vec![gamma.min(100.0)]);
    let profile = with_colorimetry(primaries, &curve);
    profile_is_finite(&profile).then_some(profile)
}

/// The profile of H.273 code points with full range R, G, B; `None` for sRGB and for code points without a meaning here.
/// PQ and HLG are no profiles: [`super::HdrTransform`] reads them.
pub fn from_code_points(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    const SRGB: (u8, u8) = (1, 13);
    if (primaries, transfer) == SRGB {
        return None;
    }
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    (profile.is_matrix_shaper() && profile_is_finite(&profile)).then_some(profile)
}

fn with_colorimetry(primaries: &Primaries, curve: &ToneReprCurve) -> ColorProfile {
    let point = |(x, y): Chromaticity| moxcms::Chromaticity::new(x, y);
    let colorants = ColorPrimaries {
        red: point(primaries.red),
        green: point(primaries.green),
        blue: point(primaries.blue),
    };
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry(point(primaries.white).to_xyyb(), colorants);
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve.clone());
    profile
}

fn profile_is_finite(profile: &ColorProfile) -> bool {
    profile
        .colorant_matrix()
        .v
        .iter()
        .flatten()
        .all(|v| v.is_finite())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::color::RgbTransform;

    fn mapped(profile: Option<ColorProfile>, bgr: [u8; 3]) -> [u8; 3] {
        let mut row = [bgr[0], bgr[1], bgr[2], 255];
        if let Some(mut transform) = profile.and_then(|p| RgbTransform::from_profile(&p).unwrap()) {
            transform.apply(&mut row);
        }
        [row[0], row[1], row[2]]
    }

    #[test]
    fn nearly_srgb_and_nonsense_are_no_transform() {
        assert!(from_gamma(0.45455, &Primaries::SRGB).is_none());
        assert!(from_gamma(0.0, &Primaries::SRGB).is_none());
        assert!(from_gamma(f32::NAN, &Primaries::SRGB).is_none());
        assert!(
            from_gamma(
                1.0,
                &Primaries {
                    red: (0.3, 0.0),
                    ..Primaries::SRGB
                }
            )
            .is_none()
        );
        assert!(
            from_gamma(
                1.0,
                &Primaries {
                    red: (0.3, 0.6),
                    ..Primaries::SRGB
                }
            )
            .is_none()
        );
    }

    #[test]
    fn linear_gamma_brightens_the_middle() {
        assert_eq!(
            mapped(from_gamma(1.0, &Primaries::SRGB), [128; 3]),
            [188; 3]
        );
    }

    #[test]
    fn code_points_of_srgb_and_of_nothing_are_no_transform() {
        assert!(from_code_points(1, 13).is_none());
        assert!(from_code_points(200, 13).is_none());
        let wide = mapped(from_code_points(12, 13), [50, 100, 200]);
        assert_eq!(wide, [31, 93, 215], "Display P3");
    }
}
