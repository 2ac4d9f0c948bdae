//! `v1/build`: registers the inputs and outputs a message brings along, then runs its job.

use std::path::{Path, PathBuf};

use imageflow_codecs::Bytes;
use imageflow_pixels::JobControl;
use imageflow_types::{Build, IoDirection, IoKind, IoObject, JobResultData, ResultBytes};

use super::{hex, job, request};
use crate::base64;
use crate::context::{Context, Response};
use crate::error::{Error, ErrorKind};
use crate::io::{IoTable, OutputPlace};
use crate::limits::SecurityLimits;
use crate::plan::graph::JobGraph;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let request = parse(context, "Build001", body)?;
    register(context, request.io)?;
    let job_result = job::run(context, &request.framewise, bytes_of)?;
    Response::ok(JobResultData { job_result })
}

/// Reads a request that brings its inputs and outputs along, and lets its limits take effect. A graph that cannot work, a limit
/// that is locked and a file where none are allowed are reported before any file is opened.
pub(super) fn parse(context: &mut Context, name: &str, body: &[u8]) -> Result<Build, Error> {
    let control = context.control();
    let request: Build =
        request::parse_job(name, body, &control, |build: &Build| &build.framewise)?;
    JobGraph::new(&request.framewise)?;
    for object in &request.io {
        if matches!(object.io, IoKind::File(_)) {
            context.policy().check_file(object.io_id)?;
        }
    }
    let config = request.builder_config.as_ref();
    context
        .policy_mut()
        .merge(config.and_then(|config| config.security.as_ref()))?;
    Ok(request)
}

/// Adds the inputs and outputs in the order of the message.
pub(super) fn register(context: &mut Context, objects: Vec<IoObject>) -> Result<(), Error> {
    let (limits, control) = (*context.limits(), context.control());
    for object in objects {
        control.check()?;
        register_one(&mut context.io, &limits, object, &control)?;
    }
    Ok(())
}

/// The direction counts only for files: other kinds say themselves what they are.
fn register_one(
    io: &mut IoTable,
    limits: &SecurityLimits,
    object: IoObject,
    control: &JobControl,
) -> Result<(), Error> {
    let IoObject {
        io_id,
        direction,
        io: kind,
    } = object;
    let invalid = |text: String| Error::new(ErrorKind::InvalidArgument, text).at_io(io_id);
    match kind {
        IoKind::BytesHex(text) => {
            io.add_bytes(io_id, shared(hex::decode(&text).map_err(invalid)?), limits)
        }
        IoKind::Base64(text) => io.add_bytes(
            io_id,
            shared(base64::decode(&text).map_err(invalid)?),
            limits,
        ),
        IoKind::ByteArray(bytes) => io.add_bytes(io_id, shared(bytes), limits),
        IoKind::File(path) if direction == IoDirection::In => {
            io.add_file(io_id, Path::new(&path), limits, control)
        }
        IoKind::File(path) => io.add_output(io_id, OutputPlace::File(PathBuf::from(path))),
        IoKind::OutputBuffer => io.add_output(io_id, OutputPlace::Buffer),
        IoKind::OutputBase64 => io.add_output(io_id, OutputPlace::Base64),
        IoKind::Placeholder => {
            let text = format!("Io Placeholder {io_id} was never substituted");
            Err(Error::new(ErrorKind::GraphInvalid, text).at_io(io_id))
        }
    }
}

fn shared(bytes: Vec<u8>) -> Bytes {
    Bytes::Shared(bytes.into())
}

/// Where the response says the bytes are. What it carries itself is moved out of the context.
fn bytes_of(io: &IoTable, io_id: i32) -> Result<ResultBytes, Error> {
    let output = io.output(io_id)?;
    if output.is_base64() {
        return Ok(ResultBytes::Base64(base64::encode(&output.take(io_id)?)));
    }
    Ok(match output.path() {
        Some(path) => ResultBytes::PhysicalFile(path.to_string_lossy().into_owned()),
        None => ResultBytes::Elsewhere,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn error(io: &str) -> String {
        let body = format!(
            r#"{{"io":[{{"io_id":0,"direction":"in","io":{io}}}],"framewise":{{"steps":[]}}}}"#
        );
        let mut context = Context::new();
        assert_ne!(context.send_json("v1/build", body.as_bytes()).status, 200);
        context
            .status()
            .error()
            .unwrap()
            .to_string()
            .lines()
            .next()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_bad_graph_is_reported_before_files_are_opened() {
        let mut context = Context::new();
        let body = r#"{"io":[{"io_id":0,"direction":"in","io":{"file":"/nonexistent/x.png"}}],
            "framewise":{"graph":{"nodes":{"a":"flip_v"},"edges":[]}}}"#;
        assert_eq!(context.send_json("v1/build", body.as_bytes()).status, 400);
        assert_eq!(
            context.status().error().unwrap().kind(),
            ErrorKind::GraphInvalid
        );
    }

    #[test]
    fn bad_inputs_say_what_is_wrong() {
        assert_eq!(
            error(r#"{"bytes_hex":"ABC"}"#),
            "ArgumentInvalid: InvalidArgument: hex: Odd number of digits at"
        );
        let text = error(r#"{"bytes_hex":"zz"}"#);
        assert_eq!(
            text,
            "ArgumentInvalid: InvalidArgument: hex: Invalid character 'z' at position 0 at"
        );
        assert_eq!(
            error(r#"{"base_64":"!!!!"}"#),
            "ArgumentInvalid: InvalidArgument: base64: Invalid symbol 33, offset 0. at"
        );
        assert_eq!(
            error(r#""placeholder""#),
            "GraphInvalid: GraphInvalid: Io Placeholder 0 was never substituted at"
        );
        assert!(
            error(r#"{"file":"/nonexistent/x.png"}"#).starts_with(
                "IoError: DecodingIoError: cannot open input file '/nonexistent/x.png'"
            )
        );
        assert!(
            error(r#"{"byte_array":[1,2]}"#).starts_with("ImageMalformed: NoEnabledDecoderFound: ")
        );
    }
}
