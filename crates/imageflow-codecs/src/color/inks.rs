//! The built-in colour of CMYK without a profile: the Neugebauer model of a coated web press (SWOP).
//!
//! A halftone pixel is a mosaic of the sixteen overprints of four inks; each covers the fraction given by Demichel's
//! product of ink coverages, and the eye averages their reflectances (Neugebauer 1937). Yule and Nielsen (1951) found that
//! averaging the n-th roots, n about 2, accounts for light spreading in the paper: sRGB encoding *is* such a root
//! (n about 2.2), so the model is plain interpolation of the sixteen encoded colours, linear in each ink.
//!
//! The colours are a least-squares fit to the perceptual rendering of the SWOP profile embedded in a photo, at 6561 ink
//! combinations weighted towards total coverages a press allows; mean deviation 5 of 255, root mean square 8.3.

/// B, G, R of the sixteen overprints. Index bits: 1 cyan, 2 magenta, 4 yellow, 8 black.
const OVERPRINTS: [[f32; 3]; 16] = [
    [255.0, 255.0, 255.0],
    // Cyan is outside sRGB: its red is below zero, and reaches it before the ink is full.
    [237.0, 176.0, -24.0],
    [145.0, 36.0, 245.0],
    [146.0, 53.0, 52.0],
    [40.0, 245.0, 255.0],
    [87.0, 164.0, 0.0],
    [40.0, 46.0, 238.0],
    [58.0, 59.0, 64.0],
    [46.0, 42.0, 39.0],
    [42.0, 22.0, 0.0],
    [9.0, 0.0, 36.0],
    [17.0, 0.0, 0.0],
    [0.0, 34.0, 30.0],
    [0.0, 25.0, 0.0],
    [0.0, 0.0, 37.0],
    [0.0, 0.0, 0.0],
];

/// Interpolates between [`OVERPRINTS`].
pub(super) struct InkModel {
    coverage: [f32; 256],
}

impl InkModel {
    pub(super) fn new() -> InkModel {
        let mut coverage = [0.0; 256];
        for (value, fraction) in (0u8..=255).zip(&mut coverage) {
            *fraction = f32::from(value) / 255.0;
        }
        InkModel { coverage }
    }

    /// C, M, Y, K with 255 for full ink to B, G, R, 255.
    pub(super) fn apply(&self, cmyk: &[u8], bgra: &mut [u8]) {
        for (ink, pixel) in cmyk.chunks_exact(4).zip(bgra.chunks_exact_mut(4)) {
            let color = self.color([ink[0], ink[1], ink[2], ink[3]]);
            pixel[..3].copy_from_slice(&color);
            pixel[3] = 255;
        }
    }

    fn color(&self, ink: [u8; 4]) -> [u8; 3] {
        let [c, m, y, k] = ink.map(|value| self.coverage[usize::from(value)]);
        let mut colors = OVERPRINTS;
        let mut count = 16;
        for fraction in [k, y, m, c] {
            count /= 2;
            let (without, with) = colors.split_at_mut(count);
            for (a, b) in without.iter_mut().zip(with.iter()) {
                for (value, full) in a.iter_mut().zip(b) {
                    *value += (full - *value) * fraction;
                }
            }
        }
        colors[0].map(|value| (value + 0.5) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_inks_are_the_table() {
        let model = InkModel::new();
        for (index, color) in OVERPRINTS.iter().enumerate() {
            let ink = [0, 1, 2, 3].map(|bit| if index >> bit & 1 == 1 { 255 } else { 0 });
            assert_eq!(model.color(ink), color.map(|v| v as u8), "{index}");
        }
    }

    #[test]
    fn half_coverage_is_half_way() {
        assert_eq!(InkModel::new().color([0, 0, 0, 128])[0], 150);
    }
}
