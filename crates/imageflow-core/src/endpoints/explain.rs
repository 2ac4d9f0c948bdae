//! `v1/explain`: the plan of a job, without running it.
//!
//! Headers are read. Pixels are looked at only where the plan depends on them: trimmed borders and smart crops.

use imageflow_codecs::EncoderSettings;
use imageflow_pixels::{PixelLayout, Size};
use imageflow_types::{
    ExplainedOutput, ExplainedStage, Explanation, IoDirection, IoKind, PixelFormat,
};

use super::build;
use crate::context::{Context, Response};
use crate::error::Error;
use crate::exec::{self, Ring};
use crate::io::IoTable;
use crate::plan::{self, Frames, Plan, PlanNode, Planning, SinkKind};

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let mut request = build::parse(context, "Explain001", body)?;
    for object in &mut request.io {
        if object.direction == IoDirection::Out {
            // Nothing is written, so it does not matter where to.
            object.io = IoKind::OutputBuffer;
        }
    }
    build::register(context, request.io)?;
    context.apply_limits();
    let (io, limits, control) = (&context.io, context.limits(), &context.control());
    let frames = Frames::default();
    let planning = Planning {
        io,
        limits,
        control,
        frames: &frames,
        run: &|plan| exec::run(plan, io, limits, control).map(|_| ()),
    };
    let ir = plan::compile(&request.framewise, planning)?;
    let animated = !ir.animations().0.is_empty();
    let plan = plan::finish(ir, planning)?;
    Response::ok(describe(plan, animated, io, planning)?)
}

fn describe(
    plan: Plan,
    animated: bool,
    io: &IoTable,
    planning: Planning<'_>,
) -> Result<Explanation, Error> {
    let mut stages = Vec::new();
    for node in &plan.nodes {
        stages.push(stage(node, io, planning)?);
    }
    let outputs: Vec<ExplainedOutput> = plan
        .sinks
        .iter()
        .filter_map(|sink| match &sink.kind {
            SinkKind::Encode {
                io_id, settings, ..
            } => Some(output(
                *io_id,
                sink.input,
                settings,
                &plan.nodes[sink.input],
            )),
            _ => None,
        })
        .collect();
    let (rings, peak_bytes) = exec::forecast(plan, planning.control)?;
    for (stage, Ring { rows, bytes }) in stages.iter_mut().zip(rings) {
        (stage.rows_held, stage.bytes_held) = (rows, bytes);
    }
    Ok(Explanation {
        stages,
        outputs,
        animated,
        peak_bytes,
    })
}

fn stage(node: &PlanNode, io: &IoTable, planning: Planning<'_>) -> Result<ExplainedStage, Error> {
    let frame = node.frame();
    let linear_floats = frame.layout == PixelLayout::BgraF32;
    let detail = match node.io_id {
        None => node.to_string(),
        Some(io_id) => {
            let header = io.input(io_id)?.header(planning.control)?;
            let sides = |size: Size| format!("{}×{}", size.width(), size.height());
            let mut words = format!("decode {} {}", header.format, sides(header.stored));
            if frame.size != header.stored {
                words.push_str(&format!(
                    ", reduced to {} while decoding",
                    sides(frame.size)
                ));
            }
            words
        }
    };
    Ok(ExplainedStage {
        name: node.label.clone(),
        detail,
        inputs: node.inputs.clone(),
        io_id: node.io_id,
        w: frame.size.width(),
        h: frame.size.height(),
        pixel_format: if frame.alpha.is_meaningful() {
            PixelFormat::Bgra32
        } else {
            PixelFormat::Bgr32
        },
        linear_floats,
        rows_held: 0,
        bytes_held: 0,
    })
}

fn output(
    io_id: i32,
    input: usize,
    settings: &EncoderSettings,
    node: &PlanNode,
) -> ExplainedOutput {
    let frame = node.frame();
    let format = settings.format();
    ExplainedOutput {
        io_id,
        input,
        preferred_mime_type: format.mime().to_owned(),
        preferred_extension: format.extension().to_owned(),
        encoder: settings.to_string(),
        w: frame.size.width(),
        h: frame.size.height(),
        bytes_held: settings.working_bytes(&frame),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_types::Response as Envelope;

    fn explained(steps: &str) -> Explanation {
        let body = format!(
            r#"{{"io":[{{"io_id":1,"direction":"out","io":"placeholder"}}],"framewise":{{"steps":[
                {{"create_canvas":{{"format":"bgra_32","w":300,"h":200,"color":"black"}}}},{steps}
                {{"encode":{{"io_id":1,"preset":{{"mozjpeg":{{"quality":80}}}}}}}}]}}}}"#
        );
        let response = Context::new().send_json("v1/explain", body.as_bytes());
        assert_eq!(
            response.status,
            200,
            "{}",
            String::from_utf8_lossy(&response.body)
        );
        let envelope: Envelope<Explanation> = serde_json::from_slice(&response.body).unwrap();
        envelope.data
    }

    #[test]
    fn stages_outputs_and_bytes_are_told_and_nothing_is_written() {
        let plan = explained(r#"{"resample_2d":{"w":60,"h":40}},"#);
        let names: Vec<_> = plan.stages.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names[0], "create_canvas");
        assert!(names.contains(&"resample_vertical"), "{names:?}");
        let [output] = plan.outputs.as_slice() else {
            panic!("{plan:?}")
        };
        assert_eq!((output.w, output.h, output.io_id), (60, 40, 1));
        assert_eq!(output.preferred_extension, "jpg");
        assert!(output.encoder.contains("quality 80"), "{}", output.encoder);
        let held: u64 = plan.stages.iter().map(|s| s.bytes_held).sum();
        assert!(plan.peak_bytes >= held + output.bytes_held);
    }

    #[test]
    fn rows_stream_and_a_turn_holds_the_frame() {
        let streamed = explained(r#"{"resample_2d":{"w":60,"h":40}},"#);
        assert!(streamed.stages[0].rows_held < 100, "{streamed:?}");
        let turned = explained(r#""rotate_90","#);
        assert_eq!(turned.stages[0].rows_held, 200, "{turned:?}");
        // Rows are padded to whole vectors.
        let bytes = turned.stages[0].bytes_held;
        assert!((240_000..264_000).contains(&bytes), "{turned:?}");
    }
}
