//! The sRGB transfer function, IEC 61966-2-1: exact forms and the polynomials the kernels use.

/// sRGB-encoded 0..1 → linear light 0..1, exact.
pub fn srgb_to_linear(s: f64) -> f64 {
    if s <= 0.04045 {
        s / 12.92
    } else {
        ((s + 0.055) / 1.055).powf(2.4)
    }
}

/// Linear light 0..1 → sRGB-encoded 0..1, exact; clamps.
pub fn linear_to_srgb(l: f64) -> f64 {
    let l = l.clamp(0.0, 1.0);
    if l <= 0.003_130_8 {
        12.92 * l
    } else {
        1.055 * l.powf(1.0 / 2.4) - 0.055
    }
}

/// Up to this encoded value the transfer function is the line `s / 12.92`.
pub(crate) const TOE_ENCODED: f32 = 0.040_45;
/// Up to this linear value the transfer function is the line `12.92 · l`.
pub(crate) const TOE_LINEAR: f32 = 0.003_130_8;

/// `((s+0.055)/1.055)^2.4` for s in 11/255..=1, least maximum error over the 245 byte values above the toe, weighted by the
/// step between neighbours: at most 0.012 of a step.
pub(crate) const DECODE: [f32; 6] = [
    0.000_924_226_36,
    0.032_571_778,
    0.520_617_1,
    0.663_700_8,
    -0.303_304_55,
    0.085_595_14,
];

/// `255·(1.055·l^(1/2.4) − 0.055)` as a polynomial in `√l` for l in 0.0031308..=1: at most 0.019 of a byte step off.
pub(crate) const ENCODE: [f32; 8] = [
    -11.164_71,
    414.101_87,
    -618.583,
    1_664.742_6,
    -3_012.283,
    3_275.208_3,
    -1_927.227_2,
    470.223_45,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn horner(c: &[f32], x: f32) -> f32 {
        c.iter().rev().fold(0.0, |v, k| v * x + k)
    }

    #[test]
    fn every_byte_survives_the_exact_round_trip() {
        for b in 0..=255u8 {
            let s = f64::from(b) / 255.0;
            assert_eq!((linear_to_srgb(srgb_to_linear(s)) * 255.0).round() as u8, b);
        }
    }

    #[test]
    fn decode_polynomial_is_within_a_fiftieth_of_a_step() {
        for b in 11..=255u8 {
            let s = f64::from(b) / 255.0;
            let step = srgb_to_linear(s) - srgb_to_linear(s - 1.0 / 255.0);
            let error = (f64::from(horner(&DECODE, s as f32)) - srgb_to_linear(s)).abs();
            assert!(error < step / 50.0, "byte {b}: {error} of step {step}");
        }
    }

    #[test]
    fn encode_polynomial_is_within_a_fiftieth_of_a_step() {
        for i in 0..=10_000 {
            let l = 0.003_130_8 + (1.0 - 0.003_130_8) * f64::from(i) / 10_000.0;
            let error =
                (f64::from(horner(&ENCODE, (l as f32).sqrt())) - 255.0 * linear_to_srgb(l)).abs();
            assert!(error < 0.02, "{l}: {error}");
        }
    }
}
