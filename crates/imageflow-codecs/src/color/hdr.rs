//! From PQ and HLG (ITU-R BT.2100) to sRGB: what is brighter than white is compressed instead of cut off. And from linear
//! light, which like these has more shades in the dark than bytes could tell apart.
//!
//! Light is measured in reference white, 203 cd/m² (ITU-R BT.2408), which becomes nearly the white of sRGB. Up to [`KNEE`]
//! nothing changes. Above it the largest of R, G and B is bent so that the picture's peak just reaches 1, by Reinhard's
//! extended curve (2002, equation 4) from the knee on, where its slope is 1; the other two keep their ratio to it, and so
//! the hue stays. Only then follows the change to sRGB's primaries, and what lies outside of its gamut is cut off.

use std::fmt;

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
};

/// White on paper in a picture with brighter parts (ITU-R BT.2408).
const REFERENCE_WHITE_NITS: f64 = 203.0;
/// Light up to here (of reference white) stays as it is: all of an ordinary scene but highlights.
const KNEE: f32 = 0.6;
/// The peak of a picture that does not tell its own, and of the display HLG is defined by.
const USUAL_PEAK_NITS: f32 = 1000.0;
/// Entries of the table from signal to light: every value of 12 bits.
const SIGNAL_STEPS: usize = 4096;
/// Entries of the table from linear light to sRGB bytes. The steepest part, at black, moves a fifth of a byte an entry.
const LIGHT_STEPS: usize = 16384;

/// Converts rows of PQ or HLG signal to sRGB bytes.
pub struct HdrTransform {
    light: Vec<f32>,
    /// The OOTF of HLG: luminance weights of its primaries.
    system: Option<[f32; 3]>,
    curve: Curve,
    matrix: [[f32; 3]; 3],
    bytes: Vec<u8>,
}

impl fmt::Debug for HdrTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HdrTransform({:?})", self.curve)
    }
}

#[derive(Clone, Copy, Debug)]
struct Curve {
    /// (peak − knee)/(1 − knee); at most 0 where nothing is brighter than white.
    span: f32,
}

impl Curve {
    fn new(peak: f32) -> Curve {
        Curve {
            span: (peak - KNEE) / (1.0 - KNEE),
        }
    }

    /// From light to displayable light.
    fn bend(self, light: f32) -> f32 {
        if light <= KNEE || self.span <= 1.0 {
            return light;
        }
        let t = ((light - KNEE) / (1.0 - KNEE)).min(self.span);
        KNEE + (1.0 - KNEE) * t * (1.0 + t / (self.span * self.span)) / (1.0 + t)
    }
}

impl HdrTransform {
    /// Of H.273 code points, when the transfer function is linear (8), PQ (16) or HLG (18) and the primaries have a meaning
    /// here. White of linear light is the brightest it has.
    /// `peak_nits` is the brightest pixel of the picture, when it is known.
    pub fn from_code_points(
        primaries: u8,
        transfer: u8,
        peak_nits: Option<u16>,
    ) -> Option<HdrTransform> {
        let source = profile(primaries)?;
        let matrix = source.transform_matrix(&ColorProfile::new_srgb());
        let matrix = matrix.v.map(|row| row.map(|v| v as f32));
        let white = REFERENCE_WHITE_NITS as f32;
        let step = |i: usize| i as f64 / (SIGNAL_STEPS - 1) as f64;
        let (light, system, peak): (fn(f64) -> f64, _, _) = match transfer {
            16 => {
                let peak = peak_nits.map_or(USUAL_PEAK_NITS, f32::from);
                (|v| pq_to_nits(v) / REFERENCE_WHITE_NITS, None, peak)
            }
            8 => (|v| v, None, white),
            18 => {
                let luminance = source.colorant_matrix().v[1].map(|v| v as f32);
                (hlg_to_scene, Some(luminance), USUAL_PEAK_NITS)
            }
            _ => return None,
        };
        let finite = matrix.iter().flatten().all(|v| v.is_finite());
        finite.then(|| HdrTransform {
            light: (0..SIGNAL_STEPS).map(|i| light(step(i)) as f32).collect(),
            system,
            curve: Curve::new(peak / white),
            matrix,
            bytes: (0..LIGHT_STEPS)
                .map(|i| {
                    let linear = i as f64 / (LIGHT_STEPS - 1) as f64;
                    (imageflow_pixels::transfer::linear_to_srgb(linear) * 255.0 + 0.5) as u8
                })
                .collect(),
        })
    }

    /// Converts one pixel of signal (red, green, blue, each 0..=1; what lies outside is clamped) to bytes in the same order.
    pub fn pixel(&self, signal: [f32; 3]) -> [u8; 3] {
        self.light(signal).map(|v| at(&self.bytes, v))
    }

    /// Converts one pixel of signal to linear light with sRGB's primaries, 1 for white; what lies outside of the gamut is
    /// below 0 or above 1.
    pub fn light(&self, signal: [f32; 3]) -> [f32; 3] {
        let [r, g, b] = self.system_light(signal.map(|v| at(&self.light, v)));
        let largest = r.max(g).max(b);
        let ratio = if largest > KNEE {
            self.curve.bend(largest) / largest
        } else {
            1.0
        };
        self.matrix
            .map(|[to_r, to_g, to_b]| (to_r * r + to_g * g + to_b * b) * ratio)
    }

    /// HLG's signal tells the light of the scene; a display of 1000 cd/m² shows it with an exponent of 1.2 on its luminance
    /// (BT.2100 table 5).
    fn system_light(&self, light: [f32; 3]) -> [f32; 3] {
        let Some(weights) = self.system else {
            return light;
        };
        let luminance: f32 = weights.iter().zip(light).map(|(w, v)| w * v).sum();
        let gain = luminance.max(0.0).powf(0.2) * (USUAL_PEAK_NITS / REFERENCE_WHITE_NITS as f32);
        light.map(|v| v * gain)
    }
}

/// The entry for 0..=1; clamps, and takes NaN for 0.
fn at<T: Copy + Default>(table: &[T], value: f32) -> T {
    let last = table.len().saturating_sub(1);
    let index = (value.clamp(0.0, 1.0) * last as f32 + 0.5) as usize;
    table.get(index).copied().unwrap_or_default()
}

/// SMPTE ST 2084, equation 4.1.
fn pq_to_nits(signal: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let p = signal.powf(1.0 / M2);
    10000.0 * ((p - C1).max(0.0) / (C2 - C3 * p)).powf(1.0 / M1)
}

/// ITU-R BT.2100 table 5: from signal to the light of the scene, 0..=1.
fn hlg_to_scene(signal: f64) -> f64 {
    const A: f64 = 0.17883277;
    const B: f64 = 0.28466892;
    const C: f64 = 0.55991073;
    if signal <= 0.5 {
        signal * signal / 3.0
    } else {
        (((signal - C) / A).exp() + B) / 12.0
    }
}

fn profile(primaries: u8) -> Option<ColorProfile> {
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    profile.is_matrix_shaper().then_some(profile)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn gray(transform: &HdrTransform, signal: f32) -> u8 {
        let [r, g, b] = transform.pixel([signal; 3]);
        assert!(r.abs_diff(g) <= 1 && b.abs_diff(g) <= 1, "{r} {g} {b}");
        g
    }

    #[test]
    fn dark_and_middle_tones_are_exact_and_highlights_have_room() {
        for primaries in [1, 9, 12] {
            let pq = HdrTransform::from_code_points(primaries, 16, None).unwrap();
            assert_eq!(gray(&pq, 0.0), 0);
            // 20.3 cd/m², PQ 0.3581, is 10 % of white: sRGB 89.
            assert!(gray(&pq, 0.3581).abs_diff(89) <= 1, "{}", gray(&pq, 0.3581));
            // White itself, PQ 0.5807, leaves room for what is brighter.
            assert!(
                (220..=245).contains(&gray(&pq, 0.5807)),
                "{}",
                gray(&pq, 0.5807)
            );
            // 1000 cd/m², PQ 0.7518.
            assert_eq!(gray(&pq, 0.7525), 255);
            assert!(gray(&pq, 0.70) < 255);
        }
    }

    #[test]
    fn a_picture_without_highlights_keeps_its_white() {
        let pq = HdrTransform::from_code_points(9, 16, Some(203)).unwrap();
        assert_eq!(gray(&pq, 0.5807), 255);
        let brighter = HdrTransform::from_code_points(9, 16, Some(4000)).unwrap();
        assert!(gray(&brighter, 0.5807) < gray(&brighter, 0.75));
    }

    #[test]
    fn hlg_white_is_at_three_quarters() {
        let hlg = HdrTransform::from_code_points(9, 18, None).unwrap();
        let pq = HdrTransform::from_code_points(9, 16, None).unwrap();
        assert!(gray(&hlg, 0.75).abs_diff(gray(&pq, 0.5807)) <= 1);
        assert_eq!((gray(&hlg, 0.0), gray(&hlg, 1.0)), (0, 255));
    }

    #[test]
    fn linear_light_is_encoded_only() {
        let linear = HdrTransform::from_code_points(1, 8, None).unwrap();
        for (light, byte) in [(0.0, 0), (0.002, 7), (0.1, 89), (0.5, 188), (1.0, 255)] {
            assert!(gray(&linear, light).abs_diff(byte) <= 1, "{light}");
        }
    }

    #[test]
    fn the_curve_is_smooth_at_the_knee_and_ends_at_one() {
        let curve = Curve::new(5.0);
        assert!((curve.bend(KNEE + 1e-3) - KNEE - 1e-3).abs() < 1e-5);
        assert!((curve.bend(5.0) - 1.0).abs() < 1e-5);
        assert!((curve.bend(50.0) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn other_transfer_functions_are_no_hdr() {
        assert!(HdrTransform::from_code_points(1, 13, None).is_none());
        assert!(HdrTransform::from_code_points(200, 16, None).is_none());
    }
}
