//! Whole jobs through `send_json`: what is accepted, what comes out, what a mistake is answered with.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod frames;
mod limits;
mod mistakes;
mod presets;
mod watermark_hints;
mod webp_hints;

use imageflow_codecs::Bytes;
use imageflow_core::Context;

/// A context with inputs 0, 1, … and an output of the next id.
fn context(inputs: &[&[u8]]) -> Context {
    let mut context = Context::new();
    for (io_id, bytes) in (0..).zip(inputs) {
        context
            .add_input(io_id, Bytes::Shared((*bytes).into()))
            .unwrap();
    }
    context.add_output_buffer(output(inputs)).unwrap();
    context
}

fn output(inputs: &[&[u8]]) -> i32 {
    i32::try_from(inputs.len()).unwrap()
}

/// Runs steps and writes what they make as a lossless PNG.
fn png(inputs: &[&[u8]], steps: &str) -> Result<Vec<u8>, String> {
    let mut context = context(inputs);
    let io_id = output(inputs);
    let job = format!(
        r#"{{"framewise":{{"steps":[{steps},{{"encode":{{"io_id":{io_id},"preset":{{"lodepng":{{}}}}}}}}]}}}}"#
    );
    let response = context.send_json("v1/execute", job.as_bytes());
    match response.status {
        200 => Ok(context.take_output(io_id).unwrap()),
        _ => Err(String::from_utf8(response.body).unwrap()),
    }
}
