//! [`Instructions`] to the encoder preset.

use imageflow_types::{
    AllowedFormats, AutoPreset, EncoderHints, EncoderPreset, FormatPreset, GifHints, JpegHints,
    JpegStyle, OutputImageFormat, PngHints, PngStyle, QualityProfile, WebpHints,
};

use crate::instructions::Instructions;
use crate::values::{Format, percent};

/// Makes the preset of the encode node. Keys for single formats only count when the format is not automatic.
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
