//! Text and source to encoder preset and encoder, and quality profiles to numbers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{conformance, same};
use imageflow_querystring::{
    Codec, CodecSupport, Facts, QualityRow, SourceFacts, SourceFormat, encoder_preset, parse,
    quality_row, select,
};
use imageflow_types::{OutputImageFormat, QualityProfile};
use serde_json::{Value, json};

fn codec(codec: Codec) -> Value {
    match codec {
        Codec::Mozjpeg {
            quality,
            progressive,
        } => json!({"encoder": "mozjpeg", "quality": quality, "progressive": progressive}),
        Codec::LibjpegTurbo {
            quality,
            progressive,
        } => json!({"encoder": "libjpeg_turbo", "quality": quality, "progressive": progressive,
                    "optimize_huffman_coding": progressive}),
        Codec::Lodepng { maximum_deflate } => {
            json!({"encoder": "lodepng", "max_deflate": maximum_deflate})
        }
        Codec::Pngquant {
            speed,
            quality,
            minimum_quality,
            maximum_deflate,
        } => json!({"encoder": "pngquant", "speed": speed, "quality": quality,
                    "minimum_quality": minimum_quality, "max_deflate": maximum_deflate}),
        Codec::Libpng {
            depth,
            zlib_compression,
        } => json!({"encoder": "libpng", "depth": format!("{depth:?}"),
                    "zlib_compression": zlib_compression}),
        Codec::Webp { quality } => {
            json!({"encoder": "webp", "quality": quality, "lossless": false})
        }
        Codec::WebpLossless => json!({"encoder": "webp", "lossless": true}),
        Codec::Gif => json!({"encoder": "gif"}),
        other => json!(format!("{other:?}")),
    }
}

/// Takes the recorded quality when ours is the same but for float noise.
fn close(mut found: Value, recorded: &Value) -> Value {
    if let (Some(ours), Some(theirs)) = (found["quality"].as_f64(), recorded["quality"].as_f64())
        && (ours - theirs).abs() <= 1e-4 * theirs.abs()
    {
        found["quality"] = recorded["quality"].clone();
    }
    found
}

#[test]
fn conformance_encoder() {
    conformance("encoder.jsonl", |case| {
        let (source, out) = (&case["source"], &case["out"]);
        let wishes = parse(case["qs"].as_str().unwrap()).0;
        same("norm", &out["norm"], &json!(wishes.to_canonical()))?;
        let preset = encoder_preset(&wishes.settled());
        same("preset", &out["preset"], &json!(preset))?;

        let expected = &out["select"];
        let facts = Facts {
            source: Some(SourceFacts {
                format: match source["format"].as_str().unwrap() {
                    "jpeg" => SourceFormat::Jpeg,
                    "png" => SourceFormat::Png,
                    "gif" => SourceFormat::Gif,
                    "webp" => SourceFormat::Webp,
                    _ => SourceFormat::Other,
                },
                lossless: source["lossless"] == true,
                animated: source["animated"] == true && wishes.frame.is_none(),
            }),
            needs_alpha: expected["needs_alpha"] == true,
            pixels: 40 * 30,
            ..Facts::default()
        };
        let selection = select(&preset, &facts, CodecSupport::default())
            .expect("an open preset")
            .map_err(|e| e.to_string())?;
        let format = selection.explicit_format.map(|format| match format {
            OutputImageFormat::Jpeg => json!("jpg"),
            other => json!(other),
        });
        let found = json!({
            "needs_alpha": facts.needs_alpha,
            "needs_animation": selection.needs_animation,
            "needs_lossless": selection.needs_lossless,
            "explicit_format": format,
        });
        same("select", expected, &found)?;
        let resolved = close(codec(selection.codec), &out["resolved"]);
        same("resolved", &out["resolved"], &resolved)
    });
}

fn columns(row: &QualityRow) -> [(&'static str, f64); 13] {
    [
        ("p", row.percent.into()),
        ("ssim2", row.ssim2.into()),
        ("moz", row.mozjpeg.into()),
        ("jpegli", row.jpegli.into()),
        ("webp", row.webp.into()),
        ("webp_m", row.webp_method.into()),
        ("avif", row.avif.into()),
        ("avif_s", row.avif_speed.into()),
        ("jxl", row.jxl_distance.into()),
        ("jxl_e", row.jxl_effort.into()),
        ("png", row.png_min.into()),
        ("png_max", row.png_max.into()),
        ("png_s", row.png_speed.into()),
    ]
}

#[test]
fn conformance_quality_profile() {
    conformance("quality_profile.jsonl", |case| {
        let profile = match &case["qp"] {
            Value::Number(number) => QualityProfile::Percent(number.as_f64().unwrap() as f32),
            text => parse(&format!("qp={}", text.as_str().unwrap()))
                .0
                .profile
                .ok_or("unknown profile")?,
        };
        let row = quality_row(profile, case["dpr"].as_f64().map(|d| d as f32));
        for (name, found) in columns(&row) {
            let expected = case["out"][name].as_f64().unwrap();
            if (found - expected).abs() > 1e-4 * expected.abs().max(1e-3) {
                return Err(format!("{name}: expected {expected}, found {found}"));
            }
        }
        Ok(())
    });
}
