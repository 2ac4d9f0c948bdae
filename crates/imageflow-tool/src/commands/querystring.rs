//! `v1/querystring`: one command, one input, one output. The same as a job with io 0 = in and io 1 = out.

use std::ffi::OsString;

use imageflow_types::{Build, CommandStringKind, Framewise, IoDirection, IoKind, IoObject, Node};

use super::warnings;
use crate::cli::{Everyday, JobFlags};
use crate::error::ToolError;
use crate::job::inject::{Streams, inject};
use crate::job::{self, Job};

/// Flags of `v1/querystring`.
#[derive(Debug, clap::Args)]
pub(crate) struct Querystring {
    /// The image; - is standard input
    #[arg(long = "in", value_name = "FILE", num_args = 1.., required = true, allow_negative_numbers = true)]
    inputs: Vec<OsString>,
    /// Where the result goes; - is standard output, base64: puts the bytes into the response
    #[arg(long = "out", value_name = "FILE", num_args = 1.., required = true, allow_negative_numbers = true)]
    outputs: Vec<OsString>,
    /// What to do, for example "width=400&height=300&mode=crop"
    #[arg(long, value_name = "STRING", allow_hyphen_values = true)]
    command: OsString,
    /// Refuse a command with unknown keys or values, instead of a warning
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    job: JobFlags,
}

/// Runs the command.
pub(crate) fn run(flags: &Querystring, everyday: &Everyday) -> u8 {
    job::finish(prepare(flags), &flags.job, everyday, true)
}

fn prepare(flags: &Querystring) -> Result<Job, ToolError> {
    let Some(command) = flags.command.to_str() else {
        return Err(ToolError::BadArguments(
            "--command is not valid UTF-8".to_owned(),
        ));
    };
    let io = [&flags.inputs[..], &flags.outputs[..]];
    prepare_command(command, io, flags.strict, &flags.job)
}

/// Makes the job of one command. `io` is the input and the output, as `--in` and `--out` take them.
pub(super) fn prepare_command(
    command: &str,
    [inputs, outputs]: [&[OsString]; 2],
    strict: bool,
    flags: &JobFlags,
) -> Result<Job, ToolError> {
    let mut build = job_of(command);
    let mut streams = Streams::default();
    inject(&mut build.io, IoDirection::In, inputs, &mut streams)?;
    inject(&mut build.io, IoDirection::Out, outputs, &mut streams)?;
    let warnings = warnings::checked(command, strict)?;
    let mut job = Job::new(build, streams, flags)?;
    job.warnings = warnings;
    Ok(job)
}

/// The job of a command string: io 0 is its input, io 1 its output.
pub(super) fn job_of(command: &str) -> Build {
    let opening = |io_id, direction| IoObject {
        io_id,
        direction,
        io: IoKind::Placeholder,
    };
    let step = Node::CommandString {
        kind: CommandStringKind::Ir4,
        value: command.to_owned(),
        decode: Some(0),
        encode: Some(1),
        watermarks: None,
    };
    Build {
        builder_config: None,
        io: vec![opening(0, IoDirection::In), opening(1, IoDirection::Out)],
        framewise: Framewise::Steps(vec![step]),
    }
}
