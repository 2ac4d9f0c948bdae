//! Presets with nothing but what they must have.

/// Runs a job with this preset.
fn runs(preset: &str) -> Result<(), String> {
    let mut context = super::context(&[]);
    let job = format!(
        r#"{{"framewise":{{"steps":[{{"create_canvas":{{"format":"bgr_32","w":8,"h":8,"color":"black"}}}},
            {{"encode":{{"io_id":0,"preset":{preset}}}}}]}}}}"#
    );
    let response = context.send_json("v1/execute", job.as_bytes());
    match response.status {
        200 => Ok(()),
        _ => Err(String::from_utf8(response.body).unwrap()),
    }
}

#[test]
fn everything_with_a_default_may_be_left_out_or_null() {
    for preset in [
        r#"{"auto":{"quality_profile":null}}"#,
        r#"{"auto":{"quality_profile":null,"quality_profile_dpr":null,"matte":null,"lossless":null,"allow":null}}"#,
        r#"{"format":{"format":"jpeg"}}"#,
        r#"{"format":{"format":"png","quality_profile":null,"encoder_hints":null}}"#,
        r#"{"format":{"format":"keep","encoder_hints":{"jpeg":{},"png":{},"webp":null,"gif":{}}}}"#,
        r#"{"libjpegturbo":{}}"#,
        r#"{"libjpegturbo":{"quality":null,"progressive":null,"optimize_huffman_coding":null,"matte":null}}"#,
        r#"{"libpng":{}}"#,
        r#"{"libpng":{"depth":null,"matte":null,"zlib_compression":null}}"#,
        r#"{"pngquant":{}}"#,
        r#"{"pngquant":{"quality":null,"minimum_quality":null,"speed":null,"maximum_deflate":null}}"#,
        r#"{"lodepng":{}}"#,
        r#"{"lodepng":{"maximum_deflate":null}}"#,
        r#"{"mozjpeg":{}}"#,
        r#"{"mozjpeg":{"quality":null,"progressive":null,"matte":null}}"#,
        r#""gif""#,
        r#"{"gif":null}"#,
        r#""webplossless""#,
        r#"{"webplossless":null}"#,
    ] {
        if let Err(answer) = runs(preset) {
            panic!("{preset}: {answer}");
        }
    }
    // Not in every build: a refusal must be about the codec, not the preset.
    if let Err(answer) = runs(r#"{"webplossy":{"quality":null}}"#) {
        assert!(answer.contains("CodecDisabledError"), "{answer}");
    }
}

#[test]
fn what_2x_insists_on_is_insisted_on() {
    for (preset, field) in [
        (r#"{"auto":{}}"#, "quality_profile"),
        (r#"{"webplossy":{}}"#, "quality"),
        (r#"{"format":{}}"#, "format"),
    ] {
        let answer = runs(preset).unwrap_err();
        let text = format!("missing field `{field}`");
        assert!(answer.contains(&text), "{answer}");
    }
}
