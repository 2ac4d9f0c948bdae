//! RGB and gray profiles to sRGB on BGRA rows.
//!
//! Matrix profiles run directly on B, G, R, A by exchanging the red and blue curves and colorants of both ends: the channel
//! order is a property of the transform, not of the data. Table profiles go through an R, G, B, A copy of the row.

use std::fmt;
use std::sync::Arc;

use super::deep::DeepTransform;
use super::hdr::HdrTransform;
use moxcms::{
    ColorProfile, DataColorSpace, InterpolationMethod, Layout, RenderingIntent,
    Transform8BitExecutor, TransformOptions,
};

/// How far an 8-bit value may move before a transform counts as one: what two implementations of sRGB differ by.
const IDENTITY_TOLERANCE: u8 = 1;

/// Converts rows from a file's colours to sRGB, in place. Alpha passes through.
pub struct RgbTransform {
    kind: Kind,
    deep: Deep,
    source: Vec<u8>,
}

/// What samples of more than 8 bits are converted by.
enum Deep {
    Profile(Box<ColorProfile>),
    Hdr(Arc<HdrTransform>),
}

enum Kind {
    /// One curve for all three channels.
    Gray(Box<[u8; 256]>),
    /// Takes and gives B, G, R, A.
    Bgra(Arc<Transform8BitExecutor>),
    /// Takes and gives R, G, B, A.
    Rgba(Arc<Transform8BitExecutor>),
    /// Pixel by pixel.
    Hdr(Arc<HdrTransform>),
}

impl fmt::Debug for RgbTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Gray(_) => "RgbTransform(gray curve)",
            Kind::Bgra(_) => "RgbTransform(matrix)",
            Kind::Rgba(_) => "RgbTransform(table)",
            Kind::Hdr(_) => "RgbTransform(HDR)",
        })
    }
}

/// Makes the transform of an ICC profile for RGB or gray; `None` when the profile is sRGB or as good as.
///
/// # Errors
/// Says what is wrong with the profile: damaged, for another colour space, or of a kind that has no transform to sRGB.
pub fn rgb_transform(icc: &[u8]) -> Result<Option<RgbTransform>, String> {
    RgbTransform::from_profile(&super::parse(icc)?)
}

impl RgbTransform {
    /// Makes the transform of a parsed or constructed profile; `None` when it is sRGB or as good as.
    ///
    /// # Errors
    /// As for [`rgb_transform`].
    pub fn from_profile(profile: &ColorProfile) -> Result<Option<RgbTransform>, String> {
        RgbTransform::between(profile, &ColorProfile::new_srgb())
    }

    /// Makes the transform from one profile to an RGB matrix profile; `None` when they are the same, or as good as.
    /// A gray profile goes to sRGB whatever the target: gray is gray in both.
    ///
    /// # Errors
    /// As for [`rgb_transform`].
    pub fn between(
        profile: &ColorProfile,
        target: &ColorProfile,
    ) -> Result<Option<RgbTransform>, String> {
        let kind = match profile.color_space {
            DataColorSpace::Gray => Kind::Gray(gray_curve(profile)?),
            DataColorSpace::Rgb if is_pure_matrix(profile) => {
                Kind::Bgra(executor(&exchanged(profile), &exchanged(target))?)
            }
            DataColorSpace::Rgb => Kind::Rgba(executor(profile, target)?),
            other => {
                return Err(format!(
                    "the ICC profile is for {}, not for RGB or gray",
                    super::space_name(other)
                ));
            }
        };
        let mut transform = RgbTransform {
            kind,
            deep: Deep::Profile(Box::new(profile.clone())),
            source: Vec::new(),
        };
        Ok(if transform.is_identity() {
            None
        } else {
            Some(transform)
        })
    }

    /// Makes the transform of light that may be brighter than white.
    pub fn from_hdr(hdr: HdrTransform) -> RgbTransform {
        let hdr = Arc::new(hdr);
        RgbTransform {
            kind: Kind::Hdr(hdr.clone()),
            deep: Deep::Hdr(hdr),
            source: Vec::new(),
        }
    }

    /// Whether this is a gray profile's: valid for pixels with R = G = B only.
    pub fn is_gray(&self) -> bool {
        matches!(self.kind, Kind::Gray(_))
    }

    /// The same conversion for samples of more than 8 bits.
    ///
    /// # Errors
    /// Says what is wrong with the profile.
    pub fn deep(&self) -> Result<DeepTransform, String> {
        match &self.deep {
            Deep::Profile(profile) => DeepTransform::new(profile),
            Deep::Hdr(hdr) => Ok(DeepTransform::from_hdr(hdr.clone())),
        }
    }

    /// Converts one row of B, G, R, A bytes.
    pub fn apply(&mut self, bgra: &mut [u8]) {
        match &self.kind {
            Kind::Gray(curve) => {
                for pixel in bgra.chunks_exact_mut(4) {
                    for value in &mut pixel[..3] {
                        *value = curve[usize::from(*value)];
                    }
                }
            }
            Kind::Bgra(executor) => {
                self.source.clear();
                self.source.extend_from_slice(bgra);
                run(executor, &self.source, bgra);
            }
            Kind::Rgba(executor) => {
                exchange(bgra);
                self.source.clear();
                self.source.extend_from_slice(bgra);
                run(executor, &self.source, bgra);
                exchange(bgra);
            }
            Kind::Hdr(hdr) => {
                for [b, g, r, _] in bgra.as_chunks_mut::<4>().0 {
                    [*r, *g, *b] = hdr.pixel([*r, *g, *b].map(|v| f32::from(v) / 255.0));
                }
            }
        }
    }

    fn is_identity(&mut self) -> bool {
        let mut row = probes(self.is_gray());
        let before = row.clone();
        self.apply(&mut row);
        row.iter()
            .zip(&before)
            .all(|(a, b)| a.abs_diff(*b) <= IDENTITY_TOLERANCE)
    }
}

/// The lengths are those of whole pixels on both sides, the only thing an executor refuses.
fn run(executor: &Arc<Transform8BitExecutor>, source: &[u8], target: &mut [u8]) {
    let outcome = executor.transform(source, target);
    debug_assert!(outcome.is_ok(), "{outcome:?}");
}

/// Gray levels; and, unless for a gray profile, ramps of each channel and a 6×6×6 lattice.
fn probes(gray: bool) -> Vec<u8> {
    let mut row: Vec<u8> = (0..=255).flat_map(|v| [v, v, v, 255]).collect();
    if !gray {
        row.extend(
            (0..=255)
                .flat_map(|v| [[v, 0, 0, 255], [0, v, 0, 255], [0, 0, v, 255]])
                .flatten(),
        );
        let levels = [0u8, 51, 102, 153, 204, 255];
        row.extend((0..216).flat_map(|i| [levels[i / 36], levels[i / 6 % 6], levels[i % 6], 255]));
    }
    row
}

pub(super) fn options() -> TransformOptions {
    TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        allow_use_cicp_transfer: false,
        interpolation_method: InterpolationMethod::Tetrahedral,
        ..TransformOptions::default()
    }
}

fn executor(
    source: &ColorProfile,
    target: &ColorProfile,
) -> Result<Arc<Transform8BitExecutor>, String> {
    source
        .create_transform_8bit(Layout::Rgba, target, Layout::Rgba, options())
        .map_err(|error| format!("unusable ICC profile: {}", super::words(&error)))
}

fn gray_curve(profile: &ColorProfile) -> Result<Box<[u8; 256]>, String> {
    let executor = profile
        .create_transform_8bit(
            Layout::Gray,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            options(),
        )
        .map_err(|error| format!("unusable gray ICC profile: {}", super::words(&error)))?;
    let levels: Vec<u8> = (0..=255).collect();
    let mut rgb = vec![0; 256 * 3];
    executor
        .transform(&levels, &mut rgb)
        .map_err(|error| format!("unusable gray ICC profile: {}", super::words(&error)))?;
    let mut curve = Box::new([0; 256]);
    for (value, pixel) in curve.iter_mut().zip(rgb.chunks_exact(3)) {
        *value = pixel[1];
    }
    Ok(curve)
}

fn is_pure_matrix(profile: &ColorProfile) -> bool {
    profile.is_matrix_shaper()
        && profile.pcs == DataColorSpace::Xyz
        && profile.lut_a_to_b_perceptual.is_none()
        && profile.lut_a_to_b_colorimetric.is_none()
        && profile.lut_a_to_b_saturation.is_none()
}

/// The same profile for data in the order B, G, R.
fn exchanged(profile: &ColorProfile) -> ColorProfile {
    let mut out = profile.clone();
    std::mem::swap(&mut out.red_colorant, &mut out.blue_colorant);
    std::mem::swap(&mut out.red_trc, &mut out.blue_trc);
    out
}

fn exchange(row: &mut [u8]) {
    for pixel in row.chunks_exact_mut(4) {
        pixel.swap(0, 2);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn srgb_is_recognised_and_skipped() {
        assert!(
            RgbTransform::from_profile(&ColorProfile::new_srgb())
                .unwrap()
                .is_none()
        );
        let icc = ColorProfile::new_srgb().encode().unwrap();
        assert!(rgb_transform(&icc).unwrap().is_none());
    }

    #[test]
    fn display_p3_red_leaves_the_srgb_gamut_and_gray_stays() {
        let mut transform = rgb_transform(&ColorProfile::new_display_p3().encode().unwrap())
            .unwrap()
            .unwrap();
        // Display P3 (200,100,50) is sRGB (214.9, 93.0, 31.0): decoded, times the matrix from P3 to BT.709
        // primaries (1.2249 -0.2249 0; -0.0421 1.0421 0; -0.0196 -0.0786 1.0983), encoded.
        let mut row = [50, 100, 200, 77, 128, 128, 128, 0];
        transform.apply(&mut row);
        for (got, want) in row.iter().zip([31, 93, 215, 77, 128, 128, 128, 0]) {
            assert!(got.abs_diff(want) <= 1, "{row:?}");
        }
    }

    #[test]
    fn gray_profiles_bend_all_channels_alike() {
        let mut transform = RgbTransform::from_profile(&ColorProfile::new_gray_with_gamma(1.0))
            .unwrap()
            .unwrap();
        let mut row = [128, 128, 128, 9];
        transform.apply(&mut row);
        assert!(transform.is_gray());
        assert_eq!(row, [188, 188, 188, 9]);
    }

    #[test]
    fn other_colour_spaces_and_garbage_are_refused_by_name() {
        assert!(rgb_transform(&ColorProfile::new_lab().encode().unwrap_or_default()).is_err());
        assert!(rgb_transform(b"not a profile").unwrap_err().contains("ICC"));
        assert!(rgb_transform(&[]).is_err());
    }
}
