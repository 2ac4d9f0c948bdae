//! Commands for decoders, and the sizes they lead to.

use imageflow_types::{ColorProfile, DecoderCommand, JpegDownscaleHints, WebpDecoderHints};

use crate::instructions::Instructions;
use crate::layout::layout;
use crate::values::{ColorWord, Colorspace};

/// How many times larger than the result a decoder must leave the image when nothing else is asked for.
const DEFAULT_RATIO: f32 = 2.1;

/// Lists the commands for the decoder of an image whose full size, after EXIF orientation, is `oriented`.
///
/// Without a layout (a size overflow) there are no size hints; the error shows up when the layout is needed.
#[must_use]
pub fn decoder_commands(wishes: &Instructions, oriented: (u32, u32)) -> Vec<DecoderCommand> {
    let mut commands = Vec::new();
    if wishes.ignore_icc == Some(true) {
        commands.push(DecoderCommand::DiscardColorProfile);
    }
    commands.extend(wishes.ignore_icc_errors.map(|ignore| {
        if ignore {
            DecoderCommand::IgnoreColorProfileErrors
        } else {
            DecoderCommand::FailOnColorProfileErrors
        }
    }));
    commands.extend(wishes.colors.map(|word| {
        DecoderCommand::ColorProfile(match word {
            ColorWord::Srgb => ColorProfile::Srgb,
            ColorWord::Keep => ColorProfile::Keep,
            ColorWord::DisplayP3 => ColorProfile::DisplayP3,
        })
    }));
    if let Some((width, height)) = size_hint(wishes, oriented) {
        let linear = wishes.down_colorspace != Some(Colorspace::Srgb);
        commands.push(DecoderCommand::JpegDownscaleHints(JpegDownscaleHints {
            width,
            height,
            scale_luma_spatially: Some(linear),
            gamma_correct_for_srgb_during_spatial_luma_scaling: Some(linear),
        }));
        // WebP's own scaler averages sRGB-encoded values.
        if !linear {
            let side = |v: i64| i32::try_from(v).unwrap_or(i32::MAX);
            commands.push(DecoderCommand::WebpDecoderHints(WebpDecoderHints {
                width: side(width),
                height: side(height),
            }));
        }
    }
    commands.extend(wishes.frame.map(DecoderCommand::SelectFrame));
    commands
}

/// Computes the smallest size that leaves enough pixels for a precise resample; `None` when that is the full size.
fn size_hint(wishes: &Instructions, oriented: (u32, u32)) -> Option<(i64, i64)> {
    let plan = layout(wishes, oriented, oriented).ok()?;
    let ratio = wishes.min_precise_scaling_ratio.unwrap_or(DEFAULT_RATIO);
    let width = f64::from(plan.image.0);
    // Sic: the image's width divides both sides. Stored sizes depend on it.
    let across = f64::from(plan.source.0) / width;
    let down = f64::from(plan.source.1) / width;
    let share = f64::from(ratio) / across.min(down);
    let side = |side: u32| (f64::from(side) * share).floor() as i64;
    (share < 1.0).then(|| (side(oriented.0), side(oriented.1)))
}

/// A JPEG decode size: `eighths`/8 of the stored size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegScale {
    /// 1 to 6; 8 means full size.
    pub eighths: u32,
    /// Size in pixels, not yet oriented.
    pub size: (u32, u32),
}

/// Chooses the fraction at which a JPEG is decoded. `None` means full size.
///
/// `stored` is the size before EXIF orientation; the hints, which are in oriented space, are compared with it all the
/// same. Layouts must use the resulting size even when the decoder at hand shrinks differently.
#[must_use]
pub fn jpeg_scale(stored: (u32, u32), hints: &JpegDownscaleHints) -> Option<JpegScale> {
    let (width, height) = (i64::from(stored.0), i64::from(stored.1));
    let wanted = hints.width > 0 && hints.height > 0;
    if !wanted || (width <= hints.width && height <= hints.height) {
        return None;
    }
    let part = |side: u32, eighths: u32| {
        let part = (u64::from(side) * u64::from(eighths)).div_ceil(8);
        u32::try_from(part).unwrap_or(u32::MAX)
    };
    (1..=6)
        .map(|eighths| JpegScale {
            eighths,
            size: (part(stored.0, eighths), part(stored.1, eighths)),
        })
        .find(|scale| {
            i64::from(scale.size.0) >= hints.width && i64::from(scale.size.1) >= hints.height
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::parse;

    fn hints(width: i64, height: i64) -> JpegDownscaleHints {
        JpegDownscaleHints {
            width,
            height,
            scale_luma_spatially: None,
            gamma_correct_for_srgb_during_spatial_luma_scaling: None,
        }
    }

    #[test]
    fn the_smallest_sufficient_eighth_is_chosen() {
        let eighths = |w, h| jpeg_scale((768, 700), &hints(w, h)).map(|s| s.eighths);
        assert_eq!(eighths(384, 350), Some(4));
        assert_eq!(eighths(400, 400), Some(5));
        assert_eq!(eighths(600, 500), None);
        assert_eq!(eighths(0, 500), None);
        assert_eq!(eighths(768, 700), None);
        assert_eq!(
            jpeg_scale((768, 700), &hints(400, 400)).unwrap().size,
            (480, 438)
        );
    }

    #[test]
    fn commands_come_in_a_fixed_order() {
        let commands = decoder_commands(
            &parse("frame=2&ignore_icc_errors=1&ignoreicc=1&w=10&down.colorspace=srgb").0,
            (100, 100),
        );
        assert!(matches!(
            commands.as_slice(),
            [
                DecoderCommand::DiscardColorProfile,
                DecoderCommand::IgnoreColorProfileErrors,
                DecoderCommand::JpegDownscaleHints(jpeg),
                DecoderCommand::WebpDecoderHints(webp),
                DecoderCommand::SelectFrame(2),
            ] if jpeg.width == 20 && webp.height == 20
        ));
        assert!(decoder_commands(&parse("w=50").0, (100, 100)).is_empty());
    }
}
