//! [`Instructions`] to the encoder preset.

use imageflow_types::{
    AllowedFormats, AutoPreset, AvifHints, EncoderHints, EncoderPreset, FormatPreset, GifHints,
    JpegHints, JpegStyle, JxlHints, MetadataPolicy, OutputImageFormat, PngHints, PngStyle,
    QualityProfile, WebpHints,
};

use crate::instructions::Instructions;
use crate::quality::quality_row;
use crate::values::{Format, MetadataWord, percent};

/// Makes the preset of the encode node, with what only encoders of AVIF and JPEG XL use.
///
/// For them, `quality` means the row of the quality profiles, so that it stands for the same look in every format.
#[must_use]
pub fn complete_preset(wishes: &Instructions) -> EncoderPreset {
    let mut preset = encoder_preset(wishes);
    if let EncoderPreset::Format(FormatPreset {
        encoder_hints: Some(hints),
        ..
    }) = &mut preset
    {
        let row = wishes.quality.map(|q| quality_row(percent(q as f32), None));
        hints.avif = Some(AvifHints {
            quality: wishes.avif_quality.or(row.map(|r| r.avif)),
            speed: wishes.avif_speed,
        });
        let of_quality = |q: f32| quality_row(percent(q), None).jxl_distance;
        hints.jxl = Some(JxlHints {
            distance: wishes
                .jxl_distance
                .or(wishes.jxl_quality.map(of_quality))
                .or(row.map(|r| r.jxl_distance)),
            effort: wishes.jxl_effort,
            lossless: wishes.jxl_lossless,
        });
    }
    preset
}

/// What of the source's metadata the encode node keeps.
#[must_use]
pub fn metadata_policy(wishes: &Instructions) -> Option<MetadataPolicy> {
    wishes.metadata.map(|word| match word {
        MetadataWord::None => MetadataPolicy::None,
        MetadataWord::Copyright => MetadataPolicy::Copyright,
        MetadataWord::All => MetadataPolicy::All,
    })
}

/// Makes the preset of the encode node, as imageflow 2.x does. Keys for single formats only count when the format is not automatic.
#[must_use]
pub fn encoder_preset(wishes: &Instructions) -> EncoderPreset {
    let unasked = if wishes.profile.is_some() {
        Format::Auto
    } else {
        Format::Keep
    };
    let allow = Some(allowed(wishes));
    let format = match wishes.format.unwrap_or(unasked) {
        Format::Auto => {
            let asked = wishes
                .profile
                .or_else(|| wishes.quality.map(|q| percent(q as f32)));
            return EncoderPreset::Auto(AutoPreset {
                quality_profile: Some(asked.unwrap_or(QualityProfile::High)),
                quality_profile_dpr: wishes.profile_dpr,
                matte: None,
                lossless: wishes.lossless,
                allow,
                max_bytes: wishes.max_bytes,
                ssimulacra2: wishes.ssimulacra2,
            });
        }
        Format::Keep => OutputImageFormat::Keep,
        Format::Jpeg => OutputImageFormat::Jpeg,
        Format::Png => OutputImageFormat::Png,
        Format::Gif => OutputImageFormat::Gif,
        Format::Webp => OutputImageFormat::Webp,
        Format::Avif => OutputImageFormat::Avif,
        Format::Jxl => OutputImageFormat::Jxl,
    };
    EncoderPreset::Format(FormatPreset {
        format,
        quality_profile: wishes.profile,
        quality_profile_dpr: wishes.profile_dpr,
        matte: None,
        lossless: wishes.lossless,
        allow,
        encoder_hints: Some(hints(wishes)),
        max_bytes: wishes.max_bytes,
        ssimulacra2: wishes.ssimulacra2,
    })
}

fn allowed(wishes: &Instructions) -> AllowedFormats {
    AllowedFormats {
        webp: wishes.accept_webp,
        avif: wishes.accept_avif,
        jxl: wishes.accept_jxl,
        jpeg: Some(true),
        png: Some(true),
        gif: Some(true),
        web_safe: Some(true),
        color_profiles: Some(wishes.accept_color_profiles.unwrap_or(false)),
        ..AllowedFormats::default()
    }
}

fn hints(wishes: &Instructions) -> EncoderHints {
    let style = match (wishes.jpeg_li, wishes.jpeg_turbo) {
        (Some(true), _) => Some(JpegStyle::Jpegli),
        (_, Some(true)) => Some(JpegStyle::LibjpegTurbo),
        _ => None,
    };
    let quality = wishes.quality.map(|q| q as f32);
    EncoderHints {
        jpeg: Some(JpegHints {
            quality: wishes.jpeg_quality.map(|q| q as f32).or(quality),
            progressive: wishes.jpeg_progressive,
            mimic: style,
        }),
        png: Some(PngHints {
            quality: wishes.png_quality.map(f32::from),
            min_quality: wishes.png_min_quality.map(f32::from),
            quantization_speed: wishes.png_quantization_speed,
            mimic: (wishes.png_libpng == Some(true)).then_some(PngStyle::Libpng),
            hint_max_deflate: wishes.png_max_deflate,
            lossless: wishes.png_lossless,
        }),
        webp: Some(WebpHints {
            quality: wishes.webp_quality.or(quality),
            lossless: wishes.webp_lossless,
        }),
        gif: Some(GifHints {}),
        ..EncoderHints::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn a_profile_alone_makes_the_format_automatic() {
        assert!(matches!(
            encoder_preset(&parse("qp=good&jpeg.quality=5").0),
            EncoderPreset::Auto(AutoPreset {
                quality_profile: Some(QualityProfile::Good),
                ..
            })
        ));
        assert!(matches!(
            encoder_preset(&parse("quality=5").0),
            EncoderPreset::Format(FormatPreset {
                format: OutputImageFormat::Keep,
                quality_profile: None,
                ..
            })
        ));
    }

    #[test]
    fn avif_and_jpeg_xl_have_their_own_quality_or_the_row_of_the_general_one() {
        let hints = |text: &str| match complete_preset(&parse(text).0) {
            EncoderPreset::Format(preset) => preset.encoder_hints.unwrap_or_default(),
            other => panic!("{other:?}"),
        };
        let both = hints("format=avif&avif.quality=40&avif.speed=3&quality=91&jxl.distance=2");
        assert_eq!(both.avif.and_then(|h| h.quality), Some(40.0));
        assert_eq!(both.avif.and_then(|h| h.speed), Some(3));
        assert_eq!(both.jxl.and_then(|h| h.distance), Some(2.0));
        let general = hints("format=avif&quality=91");
        assert_eq!(general.avif.and_then(|h| h.quality), Some(66.0));
        assert_eq!(general.jxl.and_then(|h| h.distance), Some(1.0));
        assert_eq!(
            hints("format=jxl&jxl.quality=96")
                .jxl
                .and_then(|h| h.distance),
            Some(0.5)
        );
        assert_eq!(hints("format=avif").avif, Some(AvifHints::default()));
    }

    #[test]
    fn format_keys_come_before_the_general_quality() {
        let EncoderPreset::Format(preset) =
            encoder_preset(&parse("format=jpg&quality=80&webp.quality=20").0)
        else {
            panic!("not a format preset")
        };
        let hints = preset.encoder_hints.unwrap_or_default();
        assert_eq!(hints.jpeg.and_then(|h| h.quality), Some(80.0));
        assert_eq!(hints.webp.and_then(|h| h.quality), Some(20.0));
    }
}
