//! CMYK rows to sRGB: through the embedded profile, or through the built-in ink model when there is none.

use std::fmt;
use std::sync::Arc;

use moxcms::{
    ColorProfile, DataColorSpace, InterpolationMethod, Layout, RenderingIntent,
    Transform8BitExecutor, TransformOptions,
};

use super::inks::InkModel;

/// Converts rows of C, M, Y, K bytes to rows of B, G, R, A with A = 255.
pub struct CmykTransform {
    kind: Kind,
    inverted: bool,
    cmyk: Vec<u8>,
}

enum Kind {
    /// Takes C, M, Y, K with 255 for full ink; gives B, G, R and a fourth byte.
    Profile(Arc<Transform8BitExecutor>),
    Inks(Box<InkModel>),
}

impl fmt::Debug for CmykTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Profile(_) => "CmykTransform(profile)",
            Kind::Inks(_) => "CmykTransform(ink model)",
        })
    }
}

/// Makes the transform of an embedded CMYK profile (perceptual intent), or of the built-in ink model for `None`.
///
/// # Errors
/// Says what is wrong with the profile: damaged, not for CMYK, or without a table from ink to colour.
pub fn cmyk_transform(icc: Option<&[u8]>) -> Result<CmykTransform, String> {
    let kind = match icc {
        None => Kind::Inks(Box::new(InkModel::new())),
        Some(icc) => {
            let source = super::parse(icc)?;
            if source.color_space != DataColorSpace::Cmyk {
                return Err(format!(
                    "the ICC profile is for {}, not for CMYK",
                    super::space_name(source.color_space)
                ));
            }
            Kind::Profile(executor(&source)?)
        }
    };
    Ok(CmykTransform {
        kind,
        inverted: false,
        cmyk: Vec::new(),
    })
}

impl CmykTransform {
    /// Reads 0 as full ink and 255 as none, as Adobe's JPEG files store it. Without this 0 is no ink.
    #[must_use]
    pub fn inverted(mut self, inverted: bool) -> CmykTransform {
        self.inverted = inverted;
        self
    }

    /// Converts one row; `cmyk` and `bgra` have four bytes for each pixel.
    pub fn apply(&mut self, cmyk: &[u8], bgra: &mut [u8]) {
        let length = cmyk.len().min(bgra.len()) / 4 * 4;
        let (cmyk, bgra) = (&cmyk[..length], &mut bgra[..length]);
        self.cmyk.clear();
        if self.inverted {
            self.cmyk.extend(cmyk.iter().map(|v| 255 - v));
        } else {
            self.cmyk.extend_from_slice(cmyk);
        }
        match &self.kind {
            Kind::Profile(executor) => {
                let outcome = executor.transform(&self.cmyk, bgra);
                debug_assert!(outcome.is_ok(), "{outcome:?}");
                for pixel in bgra.chunks_exact_mut(4) {
                    pixel[3] = 255;
                }
            }
            Kind::Inks(model) => model.apply(&self.cmyk, bgra),
        }
    }
}

fn executor(source: &ColorProfile) -> Result<Arc<Transform8BitExecutor>, String> {
    // Floating point costs no more for four-dimensional tables and is exact for 79 % of the values instead of 55 %.
    let options = TransformOptions {
        rendering_intent: RenderingIntent::Perceptual,
        allow_use_cicp_transfer: false,
        prefer_fixed_point: false,
        interpolation_method: InterpolationMethod::Tetrahedral,
        ..TransformOptions::default()
    };
    let mut target = ColorProfile::new_srgb();
    std::mem::swap(&mut target.red_colorant, &mut target.blue_colorant);
    std::mem::swap(&mut target.red_trc, &mut target.blue_trc);
    source
        .create_transform_8bit(Layout::Rgba, &target, Layout::Rgba, options)
        .map_err(|error| format!("unusable CMYK ICC profile: {}", super::words(&error)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn one(transform: &mut CmykTransform, cmyk: [u8; 4]) -> [u8; 4] {
        let mut bgra = [0; 4];
        transform.apply(&cmyk, &mut bgra);
        bgra
    }

    #[test]
    fn without_a_profile_paper_is_white_and_inks_look_like_inks() {
        let mut transform = cmyk_transform(None).unwrap();
        assert_eq!(one(&mut transform, [0, 0, 0, 0]), [255, 255, 255, 255]);
        let black = one(&mut transform, [0, 0, 0, 255]);
        assert!(black[..3].iter().all(|v| *v < 60), "{black:?}");
        let [b, g, r, a] = one(&mut transform, [255, 0, 0, 0]);
        assert!(b > 200 && g > 140 && r < 60 && a == 255, "cyan {b} {g} {r}");
        let [b, g, r, _] = one(&mut transform, [0, 255, 255, 0]);
        assert!(r > 200 && g < 60 && b < 70, "red {b} {g} {r}");
    }

    #[test]
    fn more_ink_is_never_lighter() {
        let mut transform = cmyk_transform(None).unwrap();
        for ink in 0..4 {
            let mut last = u32::MAX;
            for value in 0..=255u8 {
                let mut cmyk = [10, 20, 30, 5];
                cmyk[ink] = value;
                let sum = one(&mut transform, cmyk)[..3]
                    .iter()
                    .map(|v| u32::from(*v))
                    .sum::<u32>();
                assert!(sum <= last.saturating_add(1), "ink {ink} {value}");
                last = sum;
            }
        }
    }

    #[test]
    fn inverted_ink_is_the_complement() {
        let mut plain = cmyk_transform(None).unwrap();
        let mut inverted = cmyk_transform(None).unwrap().inverted(true);
        assert_eq!(
            one(&mut plain, [10, 200, 30, 40]),
            one(&mut inverted, [245, 55, 225, 215])
        );
    }

    #[test]
    fn a_profile_for_rgb_is_refused() {
        let icc = ColorProfile::new_srgb().encode().unwrap();
        assert!(
            cmyk_transform(Some(&icc))
                .unwrap_err()
                .contains("not for CMYK")
        );
        assert!(cmyk_transform(Some(b"junk")).is_err());
    }
}
