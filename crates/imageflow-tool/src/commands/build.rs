//! `v1/build`: runs a JSON job file.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use imageflow_codecs::{CodecError, read_special_file};
use imageflow_core::Context;
use imageflow_types::{Build, IoDirection, IoKind};

use crate::cli::{Everyday, JobFlags, LimitFlags};
use crate::error::ToolError;
use crate::job::inject::{Streams, assign, inject};
use crate::job::{self, Job, read_stdin, within};

/// Flags of `v1/build`.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildJob {
    /// The job; - reads it from standard input
    #[arg(long, value_name = "FILE")]
    json: OsString,
    /// Inputs in the order of the job, or pairs: ID FILE ID FILE; - is standard input
    #[arg(long = "in", value_name = "FILE", num_args = 1.., allow_negative_numbers = true)]
    inputs: Vec<OsString>,
    /// Outputs likewise; - is standard output, base64: puts the bytes into the response
    #[arg(long = "out", value_name = "FILE", num_args = 1.., allow_negative_numbers = true)]
    outputs: Vec<OsString>,
    /// Refuse a job that names files itself: only --in and --out do
    #[arg(long)]
    no_files: bool,
    /// Refuse a job whose own limits are above those of the flags, or of the engine where no flag says otherwise
    #[arg(long)]
    lock_limits: bool,
    #[command(flatten)]
    job: JobFlags,
}

/// Runs the command.
pub(crate) fn run(flags: &BuildJob, everyday: &Everyday) -> u8 {
    job::finish(prepare(flags), &flags.job, everyday, true)
}

/// Reads the job and puts the given inputs and outputs into it.
fn prepare(flags: &BuildJob) -> Result<Job, ToolError> {
    let from_stdin = flags.json == "-";
    let source = if from_stdin {
        read_stdin(&flags.job.limits)?
    } else {
        read_recipe(Path::new(&flags.json), &flags.job.limits)?
    };
    let mut build: Build = match serde_json::from_slice(&source) {
        Ok(build) => build,
        Err(_) if is_something_else(&source) => {
            return Err(ToolError::NoJob(Path::new(&flags.json).to_owned()));
        }
        Err(mistake) => return Ok(Job::mistaken(source, mistake)),
    };
    if flags.no_files {
        refuse_files(&build, flags)?;
    }
    let mut streams = Streams::default();
    for (direction, values) in [
        (IoDirection::In, &flags.inputs),
        (IoDirection::Out, &flags.outputs),
    ] {
        inject(&mut build.io, direction, values, &mut streams)?;
    }
    if from_stdin && streams.stdin.is_some() {
        return Err(ToolError::BadArguments(
            "standard input cannot be both the job and an input".to_owned(),
        ));
    }
    let own_limits = build.builder_config;
    let mut job = Job::new(build, streams, &flags.job)?;
    job.source = Some(source);
    if flags.lock_limits {
        job.lock(own_limits, &flags.job.limits)?;
    }
    Ok(job)
}

/// Whether a file that is no JSON of a job does not even begin like one: it may be any file, which nobody wants to see in a
/// message.
fn is_something_else(source: &[u8]) -> bool {
    let first = source.iter().find(|byte| !byte.is_ascii_whitespace());
    first.is_some_and(|byte| *byte != b'{')
}

/// Refuses a job with files of its own, but for those that the command line replaces.
fn refuse_files(build: &Build, flags: &BuildJob) -> Result<(), ToolError> {
    for (direction, values) in [
        (IoDirection::In, &flags.inputs),
        (IoDirection::Out, &flags.outputs),
    ] {
        let given = assign(&build.io, direction, values)?;
        let own = build.io.iter().find(|entry| {
            entry.direction == direction
                && matches!(entry.io, IoKind::File(_))
                && !given.iter().any(|(io_id, _)| *io_id == entry.io_id)
        });
        if let Some(entry) = own {
            return Err(ToolError::FileOfJob(entry.io_id));
        }
    }
    Ok(())
}

/// Reads a job file, within `--timeout`.
///
/// # Errors
/// When it cannot be read, or is longer than the engine takes.
pub(crate) fn read_recipe(path: &Path, limits: &LimitFlags) -> Result<Vec<u8>, ToolError> {
    let limit = Context::new().limits().max_json_bytes as u64;
    let read = if path.is_dir() {
        Err(CodecError::Read(io::ErrorKind::IsADirectory.into()))
    } else {
        read_special_file(path, limit, &within(limits)?)
    };
    let source = read.map_err(|error| match error {
        CodecError::Read(source) => ToolError::JsonRecipeNotFound {
            path: path.to_owned(),
            source,
        },
        other => ToolError::reading(format!("the job file {}", path.display()), other),
    })?;
    if source.len() as u64 > limit {
        return Err(ToolError::LongJob {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(source)
}
