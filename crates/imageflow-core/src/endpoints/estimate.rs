//! `v1/estimate`: the memory it takes to read an input and, with a `format`, to write it again.
//!
//! The model, with a *frame* being 4 bytes for each pixel of the oriented input:
//!
//! - expected peak = a frame + what the decoder holds + what the encoder holds;
//! - worst case = the same with the hungriest encoder the format may come down to (lossless or lossy, palette or
//!   truecolour), + a second frame: the source of a turn, or the canvas of an animation.
//!
//! Rows are streamed, so most jobs need no whole frame and stay far below: these are numbers to plan with, not a
//! forecast. What decoder and encoder hold is what they say themselves (`working_bytes`). The rows in flight between them
//! are part of the second frame. Frames of a job that makes the image larger are not counted; `max_frame_size` bounds
//! those.

use imageflow_codecs::{DecodeOptions, Header};
use imageflow_pixels::FrameInfo;
use imageflow_types::{
    BoolKeep, EncoderPreset, Estimate, EstimateRequest, FormatPreset, OutputImageFormat,
};

use super::request;
use crate::context::{Context, Response};
use crate::error::Error;
use crate::plan;

/// Bytes of a decoded pixel.
const BYTES_PER_PIXEL: u64 = 4;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let request: EstimateRequest = request::parse("EstimateEncode001", body, &context.control())?;
    context.apply_limits();
    let estimate = estimate(context, &request).map_err(|error| error.at_io(request.io_id))?;
    Response::ok(estimate)
}

fn estimate(context: &Context, request: &EstimateRequest) -> Result<Estimate, Error> {
    let decoder = context.io.input(request.io_id)?.open(&context.control())?;
    let header = decoder.header();
    let size = header.oriented();
    let frame = size.area().saturating_mul(BYTES_PER_PIXEL);
    let reading = frame.saturating_add(decoder.working_bytes(&DecodeOptions::default()));
    let (usual, hungriest) = match request.format {
        None => (0, 0),
        Some(format) => {
            let usual = encoder_bytes(format, None, header)?;
            let lossless = encoder_bytes(format, Some(BoolKeep::True), header)?;
            let lossy = encoder_bytes(format, Some(BoolKeep::False), header)?;
            (usual, usual.max(lossless).max(lossy))
        }
    };
    Ok(Estimate {
        width: size.width(),
        height: size.height(),
        peak_avg_bytes: reading.saturating_add(usual),
        peak_max_bytes: reading.saturating_add(hungriest).saturating_add(frame),
    })
}

/// What the encoder holds that the format comes down to when nothing but `lossless` is asked for.
fn encoder_bytes(
    format: OutputImageFormat,
    lossless: Option<BoolKeep>,
    header: &Header,
) -> Result<u64, Error> {
    let preset = EncoderPreset::Format(FormatPreset {
        format,
        lossless,
        quality_profile: None,
        quality_profile_dpr: None,
        matte: None,
        allow: None,
        encoder_hints: None,
        max_bytes: None,
        ssimulacra2: None,
    });
    let settings = plan::settings_of(&preset, header)?;
    let frame = FrameInfo::bgra8(header.oriented(), header.alpha);
    Ok(settings.working_bytes(&frame))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_codecs::Bytes;
    use imageflow_types::Execute;

    const ALL: [OutputImageFormat; 8] = [
        OutputImageFormat::Webp,
        OutputImageFormat::Jpeg,
        OutputImageFormat::Jpg,
        OutputImageFormat::Png,
        OutputImageFormat::Avif,
        OutputImageFormat::Jxl,
        OutputImageFormat::Gif,
        OutputImageFormat::Keep,
    ];

    /// A context with a picture of 300×200 as input 0.
    fn with_picture(preset: &str) -> Context {
        let body = format!(
            r#"{{"framewise":{{"steps":[
                {{"create_canvas":{{"format":"bgra_32","w":300,"h":200,"color":{{"srgb":{{"hex":"4080C0"}}}}}}}},
                {{"encode":{{"io_id":1,"preset":{preset}}}}}]}}}}"#
        );
        let mut maker = Context::new();
        maker.add_output_buffer(1).unwrap();
        assert_eq!(maker.send_json("v1/execute", body.as_bytes()).status, 200);
        let picture = maker.take_output(1).unwrap();
        let mut context = Context::new();
        context.add_input(0, Bytes::Shared(picture.into())).unwrap();
        context
    }

    fn asked(context: &Context, format: Option<OutputImageFormat>) -> Estimate {
        estimate(context, &EstimateRequest { io_id: 0, format }).unwrap()
    }

    #[test]
    fn the_worst_case_is_above_what_is_expected_and_that_above_a_frame() {
        for preset in [r#"{"lodepng":{}}"#, r#"{"mozjpeg":{}}"#] {
            let context = with_picture(preset);
            let reading = asked(&context, None);
            assert_eq!((reading.width, reading.height), (300, 200));
            assert!(reading.peak_avg_bytes > 300 * 200 * 4);
            for format in ALL {
                let writing = asked(&context, Some(format));
                assert!(
                    writing.peak_avg_bytes > reading.peak_avg_bytes,
                    "{format:?}"
                );
                assert!(
                    writing.peak_max_bytes > writing.peak_avg_bytes,
                    "{format:?}"
                );
            }
        }
    }

    #[test]
    fn a_palette_is_the_worst_a_png_can_cost_and_keep_is_the_format_of_the_input() {
        let context = with_picture(r#"{"lodepng":{}}"#);
        let [png, keep] = [OutputImageFormat::Png, OutputImageFormat::Keep]
            .map(|format| asked(&context, Some(format)));
        assert_eq!(png, keep);
        let over_the_frame = png.peak_max_bytes - png.peak_avg_bytes - 300 * 200 * 4;
        assert!(over_the_frame > 300 * 200 * 4, "{over_the_frame}");
    }

    #[test]
    fn jobs_reserve_no_more_than_the_worst_case() {
        for (source, turn, format, preset) in [
            (
                r#"{"lodepng":{}}"#,
                "flip_h",
                OutputImageFormat::Png,
                r#"{"pngquant":{}}"#,
            ),
            (
                r#"{"mozjpeg":{}}"#,
                "flip_h",
                OutputImageFormat::Jpeg,
                r#"{"mozjpeg":{}}"#,
            ),
            (
                r#"{"mozjpeg":{}}"#,
                "rotate_90",
                OutputImageFormat::Png,
                r#"{"lodepng":{}}"#,
            ),
        ] {
            let mut context = with_picture(source);
            let estimate = asked(&context, Some(format));
            context.add_output_buffer(1).unwrap();
            let body = format!(
                r#"{{"framewise":{{"steps":[{{"decode":{{"io_id":0}}}},"{turn}",{{"encode":{{"io_id":1,"preset":{preset}}}}}]}}}}"#
            );
            let job: Execute = serde_json::from_str(&body).unwrap();
            let control = context.control();
            crate::job::run(&job.framewise, &context.io, context.limits(), &control).unwrap();
            let peak = control.peak_bytes();
            assert!(
                peak > estimate.peak_max_bytes / 8 && peak <= estimate.peak_max_bytes,
                "{peak} {estimate:?}"
            );
        }
    }

    #[test]
    fn an_input_that_is_not_there_is_named() {
        let response = Context::new().send_json("v1/estimate", br#"{"io_id":7,"format":"webp"}"#);
        let text = String::from_utf8(response.body).unwrap();
        assert!(
            text.contains("IoIdNotFound: No codec with io_id 7"),
            "{text}"
        );
    }
}
