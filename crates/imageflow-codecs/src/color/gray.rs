//! Gray profiles whose curve leads to lightness (connection space Lab) instead of light.

use moxcms::{ColorProfile, DataColorSpace, ToneReprCurve};

/// Entries of the curve to light: enough for the steep part of any curve to be straight between two of them.
const STEPS: usize = 4096;

/// The same profile with a curve to light. Others stay as they are.
pub(super) fn in_xyz(mut profile: ColorProfile) -> ColorProfile {
    if profile.color_space != DataColorSpace::Gray || profile.pcs != DataColorSpace::Lab {
        return profile;
    }
    // 65536 values of lightness, 0..=1.
    let Ok(lightness) = profile.build_gray_linearize_table::<u16, 65536, 16>() else {
        return profile;
    };
    let last = lightness.len() - 1;
    let light = (0..STEPS).map(|step| {
        let value = lightness.get(step * last / (STEPS - 1)).copied();
        (light(value.unwrap_or(0.0).clamp(0.0, 1.0)) * 65535.0).round() as u16
    });
    profile.gray_trc = Some(ToneReprCurve::Lut(light.collect()));
    profile.pcs = DataColorSpace::Xyz;
    profile
}

/// Y of L* = 100·`lightness` (CIE 15:2004).
fn light(lightness: f32) -> f32 {
    let l = lightness * 100.0;
    if l > 8.0 {
        ((l + 16.0) / 116.0).powi(3)
    } else {
        l * 27.0 / 24389.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::RgbTransform;
    use super::*;

    #[test]
    fn lightness_becomes_light() {
        // A line from value to lightness: 128 is L* 50.2, which sRGB writes as 119.
        let mut profile = ColorProfile::new_gray_with_gamma(1.0);
        profile.pcs = DataColorSpace::Lab;
        let profile = in_xyz(profile);
        let mut transform = RgbTransform::from_profile(&profile).unwrap().unwrap();
        let mut row = [128, 128, 128, 9, 255, 255, 255, 255, 0, 0, 0, 0];
        transform.apply(&mut row);
        assert!(row[0].abs_diff(119) <= 1, "{row:?}");
        assert_eq!(row[3..], [9, 255, 255, 255, 255, 0, 0, 0, 0]);
    }
}
