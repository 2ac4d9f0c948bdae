//! Profiles to sRGB on rows of floats, for samples of more than 8 bits.

use std::fmt;
use std::sync::Arc;

use imageflow_pixels::transfer::linear_to_srgb;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformF32Executor};

use super::hdr::HdrTransform;
use super::rgb::options;

/// Converts rows of R, G, B, A floats, encoded values 0..=1, to sRGB. Alpha passes through.
pub struct DeepTransform(Kind);

enum Kind {
    Rgb(Arc<TransformF32Executor>),
    Gray {
        executor: Arc<TransformF32Executor>,
        gray: Vec<f32>,
        rgb: Vec<f32>,
    },
    Hdr(Arc<HdrTransform>),
}

impl fmt::Debug for DeepTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Rgb(_) => "DeepTransform(RGB)",
            Kind::Gray { .. } => "DeepTransform(gray)",
            Kind::Hdr(_) => "DeepTransform(HDR)",
        })
    }
}

impl DeepTransform {
    /// Makes the transform of a profile.
    ///
    /// # Errors
    /// Says what is wrong with the profile.
    pub fn new(profile: &ColorProfile) -> Result<DeepTransform, String> {
        let is_gray = profile.color_space == DataColorSpace::Gray;
        let (from, to) = if is_gray {
            (Layout::Gray, Layout::Rgb)
        } else {
            (Layout::Rgba, Layout::Rgba)
        };
        let executor = profile
            .create_transform_f32(from, &ColorProfile::new_srgb(), to, options())
            .map_err(|error| format!("unusable ICC profile: {}", super::words(&error)))?;
        Ok(DeepTransform(if is_gray {
            Kind::Gray {
                executor,
                gray: Vec::new(),
                rgb: Vec::new(),
            }
        } else {
            Kind::Rgb(executor)
        }))
    }

    /// Makes the transform of PQ or HLG.
    pub(super) fn from_hdr(hdr: Arc<HdrTransform>) -> DeepTransform {
        DeepTransform(Kind::Hdr(hdr))
    }

    /// Converts whole pixels; `source` and `target` are of one length. A gray profile reads R alone.
    pub fn apply(&mut self, source: &[f32], target: &mut [f32]) {
        // The lengths are those of whole pixels on both sides, the only thing an executor refuses.
        match &mut self.0 {
            Kind::Rgb(executor) => {
                let outcome = executor.transform(source, target);
                debug_assert!(outcome.is_ok(), "{outcome:?}");
            }
            Kind::Gray {
                executor,
                gray,
                rgb,
            } => {
                gray.clear();
                gray.extend(source.chunks_exact(4).map(|p| p[0]));
                rgb.resize(gray.len() * 3, 0.0);
                let outcome = executor.transform(gray, rgb);
                debug_assert!(outcome.is_ok(), "{outcome:?}");
                let converted = rgb.chunks_exact(3).zip(source.chunks_exact(4));
                for (target, (rgb, source)) in target.chunks_exact_mut(4).zip(converted) {
                    target[..3].copy_from_slice(rgb);
                    target[3] = source[3];
                }
            }
            Kind::Hdr(hdr) => {
                let pixels = source.as_chunks::<4>().0.iter();
                for ([r, g, b, alpha], target) in pixels.zip(target.as_chunks_mut::<4>().0) {
                    let light = hdr.light([*r, *g, *b]);
                    let [r, g, b] =
                        light.map(|v| linear_to_srgb(f64::from(v.clamp(0.0, 1.0))) as f32);
                    *target = [r, g, b, *alpha];
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn floats_agree_with_the_formula_and_keep_alpha() {
        let mut transform = DeepTransform::new(&ColorProfile::new_display_p3()).unwrap();
        let source = [200.0 / 255.0, 100.0 / 255.0, 50.0 / 255.0, 0.25];
        let mut target = [0.0; 4];
        transform.apply(&source, &mut target);
        for (got, want) in target.iter().zip([214.9, 93.0, 31.0]) {
            assert!((got * 255.0 - want).abs() < 0.6, "{target:?}");
        }
        assert_eq!(target[3], 0.25);
    }

    #[test]
    fn gray_profiles_give_gray() {
        let mut transform = DeepTransform::new(&ColorProfile::new_gray_with_gamma(1.0)).unwrap();
        let mut target = [0.0; 4];
        transform.apply(&[0.5, 0.0, 0.0, 1.0], &mut target);
        assert!((target[0] - 0.7354).abs() < 2e-3, "{target:?}");
        assert!((target[0] - target[2]).abs() < 1e-5);
    }

    #[test]
    fn highlights_are_bent_as_for_bytes() {
        let hdr = Arc::new(HdrTransform::from_code_points(9, 16, None).unwrap());
        let mut transform = DeepTransform::from_hdr(hdr.clone());
        let signal = [0.3581, 0.5807, 0.6966];
        let mut target = [0.0; 4];
        transform.apply(&[signal[0], signal[1], signal[2], 0.5], &mut target);
        for (float, byte) in target.iter().zip(hdr.pixel(signal)) {
            assert!((float * 255.0 - f32::from(byte)).abs() < 0.7, "{target:?}");
        }
        assert_eq!(target[3], 0.5);
    }
}
