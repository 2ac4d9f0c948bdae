//! What is accepted, what is refused, and what is written.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use imageflow_types::{
    AutoPreset, BoolKeep, Color, CompositingMode, Constraint, ConstraintMode, CornerRadius,
    DecoderCommand, EncoderPreset, Execute, FormatPreset, Gravity, IoKind, LodepngPreset, Node,
    QualityProfile, ResampleHints, WebpLossyPreset,
};
use serde::de::DeserializeOwned;

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refusal<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
    serde_json::from_str::<T>(text).unwrap_err().to_string()
}

fn written<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn unit_variants_are_read_as_name_or_null_and_written_as_name() {
    for text in [r#""rotate_90""#, r#"{"rotate_90":null}"#] {
        assert_eq!(read::<Node>(text), Node::Rotate90);
    }
    assert_eq!(written(&Node::Rotate90), r#""rotate_90""#);
    for text in [r#""gif""#, r#"{"gif":null}"#] {
        assert_eq!(read::<EncoderPreset>(text), EncoderPreset::Gif);
    }
    for text in [r#""black""#, r#"{"black":null}"#] {
        assert_eq!(read::<Color>(text), Color::Black);
    }
    for text in [r#""center""#, r#"{"center":null}"#] {
        assert_eq!(read::<Gravity>(text), Gravity::Center);
    }
    assert!(refusal::<Node>(r#"{"flip_v":{}}"#).contains("expected unit"));
    assert!(refusal::<Node>(r#"{"flip_v":null,"flip_h":null}"#).contains("expected value"));
}

#[test]
fn absent_and_null_mean_the_same_and_neither_is_written() {
    let plain = Node::Constrain(Constraint {
        mode: ConstraintMode::Fit,
        w: Some(5),
        h: None,
        hints: None,
        gravity: None,
        canvas_color: None,
    });
    assert_eq!(read::<Node>(r#"{"constrain":{"mode":"fit","w":5}}"#), plain);
    assert_eq!(
        read::<Node>(r#"{"constrain":{"mode":"fit","w":5,"h":null,"hints":null,"zzz":1}}"#),
        plain
    );
    assert_eq!(written(&plain), r#"{"constrain":{"mode":"fit","w":5}}"#);
}

#[test]
fn repeated_fields_are_refused() {
    assert!(
        refusal::<Node>(r#"{"decode":{"io_id":0,"io_id":1}}"#).contains("duplicate field `io_id`")
    );
    assert!(
        refusal::<LodepngPreset>(r#"{"maximum_deflate":true,"max_deflate":true}"#)
            .contains("duplicate field")
    );
}

#[test]
fn numbers_must_fit_their_type() {
    assert!(refusal::<Node>(r#"{"resample_2d":{"w":5.0,"h":5}}"#).contains("expected u32"));
    assert!(refusal::<Node>(r#"{"resample_2d":{"w":-1,"h":5}}"#).contains("expected u32"));
    assert!(refusal::<IoKind>(r#"{"byte_array":[256]}"#).contains("expected u8"));
    let hints: ResampleHints = read(r#"{"sharpen_percent":5}"#);
    assert_eq!(hints.sharpen_percent, Some(5.0));
}

#[test]
fn three_valued_flags_are_strings() {
    let preset: FormatPreset = read(r#"{"format":"webp","lossless":"keep"}"#);
    assert_eq!(preset.lossless, Some(BoolKeep::Keep));
    assert!(!refusal::<FormatPreset>(r#"{"format":"webp","lossless":true}"#).is_empty());
}

#[test]
fn accepted_names_are_listed_without_the_extra_spellings() {
    let message = refusal::<EncoderPreset>(r#"{"tiff":{}}"#);
    assert!(
        message.contains(
            "expected one of `auto`, `format`, `libjpegturbo`, `libpng`, `pngquant`, `lodepng`, \
             `mozjpeg`, `webplossy`, `webplossless`, `gif`"
        ),
        "{message}"
    );
    let message = refusal::<CompositingMode>(r#""add""#);
    assert!(
        message.contains("expected `compose` or `overwrite`"),
        "{message}"
    );
}

#[test]
fn spellings_of_published_clients_are_read() {
    assert!(matches!(
        read(r#"{"libjpeg_turbo":{"quality":80}}"#),
        EncoderPreset::LibjpegTurbo(preset) if preset.quality == Some(80)
    ));
    for text in [r#"{"select_frame":3}"#, r#"{"select_frame":{"index":3}}"#] {
        assert_eq!(read::<DecoderCommand>(text), DecoderCommand::SelectFrame(3));
    }
    assert_eq!(
        read::<EncoderPreset>(r#"{"auto":{"quality_profile":null}}"#),
        EncoderPreset::Auto(AutoPreset::default())
    );
    assert_eq!(
        read::<EncoderPreset>(r#"{"webplossy":{"quality":null}}"#),
        EncoderPreset::WebpLossy(WebpLossyPreset::default())
    );
    assert_eq!(
        read::<Node>(r#"{"round_image_corners":{"radius":5}}"#),
        Node::RoundImageCorners {
            radius: CornerRadius::Pixels(5.0),
            background_color: Color::Transparent,
        }
    );
    assert_eq!(read::<CompositingMode>(r#""""#), CompositingMode::Compose);
    assert_eq!(
        read::<LodepngPreset>(r#"{"max_deflate":true}"#),
        LodepngPreset {
            maximum_deflate: Some(true)
        }
    );
    let job: Execute = read(r#"{"io":[{"io_id":0}],"framewise":{"steps":[]}}"#);
    assert_eq!(written(&job), r#"{"framewise":{"steps":[]}}"#);
}

#[test]
fn corner_radii_are_read_in_every_form() {
    let radius = |text: &str| {
        let node = read(&format!(r#"{{"round_image_corners":{{"radius":{text}}}}}"#));
        let Node::RoundImageCorners { radius, .. } = node else {
            panic!("not a corner node")
        };
        radius
    };
    assert_eq!(radius(r#""circle""#), CornerRadius::Circle);
    assert_eq!(radius(r#"{"circle":null}"#), CornerRadius::Circle);
    assert_eq!(
        radius(r#"{"percentage":50}"#),
        CornerRadius::Percentage(50.0)
    );
    assert_eq!(radius("2.5"), CornerRadius::Pixels(2.5));
    assert!(
        refusal::<Node>(r#"{"round_image_corners":{"radius":"square"}}"#)
            .contains("expected one of `percentage`, `pixels`, `circle`")
    );
}

#[test]
fn profiles_are_names_or_percentages() {
    assert_eq!(
        read::<QualityProfile>(r#""mediumlow""#),
        QualityProfile::MediumLow
    );
    assert_eq!(
        read::<QualityProfile>(r#"{"percent":5}"#),
        QualityProfile::Percent(5.0)
    );
    assert!(refusal::<QualityProfile>(r#""medium-low""#).contains("unknown variant"));
}
