//! RGB with 16 bits a channel to sRGB with 8: for encodings that 8 bits cannot carry without banding, linear light and HDR.

use std::fmt;
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, Transform16BitExecutor};

use super::hdr::HdrTransform;

/// Converts rows of 16-bit R, G, B, A to sRGB rows of B, G, R, A bytes. Alpha passes through.
pub struct WideTransform(Kind);

enum Kind {
    Profile {
        executor: Arc<Transform16BitExecutor>,
        srgb: Vec<u16>,
    },
    Hdr(Box<HdrTransform>),
}

impl fmt::Debug for WideTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WideTransform")
    }
}

impl WideTransform {
    /// Makes the transform of a parsed or constructed RGB profile.
    ///
    /// # Errors
    /// Says what is wrong with the profile.
    pub fn from_profile(profile: &ColorProfile) -> Result<WideTransform, String> {
        if profile.color_space != DataColorSpace::Rgb {
            return Err(format!(
                "the ICC profile is for {}, not for RGB",
                super::space_name(profile.color_space)
            ));
        }
        let executor = profile
            .create_transform_16bit(
                Layout::Rgba,
                &ColorProfile::new_srgb(),
                Layout::Rgba,
                super::rgb::options(),
            )
            .map_err(|error| format!("unusable ICC profile: {}", super::words(&error)))?;
        Ok(WideTransform(Kind::Profile {
            executor,
            srgb: Vec::new(),
        }))
    }

    /// Makes the transform of light that may be brighter than white.
    pub fn from_hdr(hdr: HdrTransform) -> WideTransform {
        WideTransform(Kind::Hdr(Box::new(hdr)))
    }

    /// Converts one row; both have four samples for each pixel.
    pub fn apply(&mut self, rgba: &[u16], bgra: &mut [u8]) {
        let length = rgba.len().min(bgra.len()) / 4 * 4;
        let (rgba, bgra) = (&rgba[..length], &mut bgra[..length]);
        let pixels = rgba.chunks_exact(4).zip(bgra.chunks_exact_mut(4));
        match &mut self.0 {
            Kind::Profile { executor, srgb } => {
                srgb.clear();
                srgb.resize(length, 0);
                // The lengths are those of whole pixels on both sides, the only thing an executor refuses.
                let outcome = executor.transform(rgba, srgb);
                debug_assert!(outcome.is_ok(), "{outcome:?}");
                for ((source, out), srgb) in pixels.zip(srgb.chunks_exact(4)) {
                    out.copy_from_slice(&[
                        to_byte(srgb[2]),
                        to_byte(srgb[1]),
                        to_byte(srgb[0]),
                        to_byte(source[3]),
                    ]);
                }
            }
            Kind::Hdr(hdr) => {
                for (source, out) in pixels {
                    let signal = |i: usize| f32::from(source[i]) / 65535.0;
                    let [r, g, b] = hdr.pixel([signal(0), signal(1), signal(2)]);
                    out.copy_from_slice(&[b, g, r, to_byte(source[3])]);
                }
            }
        }
    }
}

/// Rounds v/65535 to n/255.
fn to_byte(value: u16) -> u8 {
    ((u32::from(value) * 255 + 32767) / 65535) as u8
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::color::signalled::{Primaries, from_gamma};

    #[test]
    fn linear_light_keeps_its_shadows_and_alpha_passes() {
        let linear = from_gamma(1.0, &Primaries::SRGB).unwrap();
        let mut transform = WideTransform::from_profile(&linear).unwrap();
        // 1/255 sRGB-encoded is 0.000304 linear, less than half a step of 8 bits.
        let dark = (65535.0_f64 / 255.0 / 12.92).round() as u16;
        let mut row = [0; 8];
        transform.apply(&[dark, 0, 65535, 65535, 14047, 14047, 14047, 128], &mut row);
        assert_eq!(row, [255, 0, 1, 255, 128, 128, 128, 0]);
    }

    #[test]
    fn light_brighter_than_white_is_compressed() {
        let hdr = HdrTransform::from_code_points(9, 16, None).unwrap();
        let mut transform = WideTransform::from_hdr(hdr);
        let signal = |v: f32| (v * 65535.0).round() as u16;
        // 203 cd/m² is white, 600 is brighter, and both can be told apart.
        let (white, brighter) = (signal(0.5807), signal(0.6966));
        let mut row = [0; 8];
        transform.apply(
            &[
                white, white, white, 65535, brighter, brighter, brighter, 257,
            ],
            &mut row,
        );
        assert!(row[0] > 200 && row[0] < row[4] && row[4] < 255, "{row:?}");
        assert_eq!((row[3], row[7]), (255, 1));
    }

    #[test]
    fn other_colour_spaces_are_refused_by_name() {
        let error = WideTransform::from_profile(&ColorProfile::new_lab()).unwrap_err();
        assert!(error.contains("Lab"), "{error}");
    }
}
