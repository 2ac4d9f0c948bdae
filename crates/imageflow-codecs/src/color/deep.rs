//! Profiles to sRGB on rows of floats, for samples of more than 8 bits.

use std::fmt;
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformF32Executor};

use super::rgb::options;

/// Converts rows of R, G, B, A floats, encoded values 0..=1, from a profile's colours to sRGB. Alpha passes through.
pub struct DeepTransform {
    executor: Arc<TransformF32Executor>,
    is_gray: bool,
    gray: Vec<f32>,
    rgb: Vec<f32>,
}

impl fmt::Debug for DeepTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeepTransform(gray: {})", self.is_gray)
    }
}

impl DeepTransform {
    /// Makes the transform.
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
            .map_err(|error| format!("unusable ICC profile: {error}"))?;
        Ok(DeepTransform {
            executor,
            is_gray,
            gray: Vec::new(),
            rgb: Vec::new(),
        })
    }

    /// Converts whole pixels; `source` and `target` are of one length. A gray profile reads R alone.
    pub fn apply(&mut self, source: &[f32], target: &mut [f32]) {
        // The lengths are those of whole pixels on both sides, the only thing an executor refuses.
        if !self.is_gray {
            let outcome = self.executor.transform(source, target);
            debug_assert!(outcome.is_ok(), "{outcome:?}");
            return;
        }
        self.gray.clear();
        self.gray.extend(source.chunks_exact(4).map(|p| p[0]));
        self.rgb.resize(self.gray.len() * 3, 0.0);
        let outcome = self.executor.transform(&self.gray, &mut self.rgb);
        debug_assert!(outcome.is_ok(), "{outcome:?}");
        let converted = self.rgb.chunks_exact(3).zip(source.chunks_exact(4));
        for (target, (rgb, source)) in target.chunks_exact_mut(4).zip(converted) {
            target[..3].copy_from_slice(rgb);
            target[3] = source[3];
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
}
