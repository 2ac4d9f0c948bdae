//! `v1/build`: runs a JSON job file.

use std::io;
use std::path::Path;

use imageflow_types::{Build, IoDirection};

use super::{job, read_stdin};
use crate::args::Args;
use crate::error::ToolError;
use crate::inject::{Streams, inject};
use crate::run::{Job, Request};

/// Reads the job and puts the given inputs and outputs into it.
pub(crate) fn prepare(args: &Args) -> Result<Job, ToolError> {
    let path = args.one("json").unwrap_or_default();
    let bytes = if path == "-" {
        read_stdin(args)?
    } else {
        read_recipe(Path::new(path))?
    };
    // A job that cannot be understood goes to the engine as it is: its message points at the line and column.
    let Ok(mut build) = serde_json::from_slice::<Build>(&bytes) else {
        return Ok(Job {
            request: Request::Verbatim(bytes),
            stdin: None,
            stdout: None,
            timeout: None,
            warnings: Vec::new(),
        });
    };
    let mut streams = Streams::default();
    inject(&mut build.io, IoDirection::In, args.all("in"), &mut streams)?;
    inject(
        &mut build.io,
        IoDirection::Out,
        args.all("out"),
        &mut streams,
    )?;
    if path == "-" && streams.stdin.is_some() {
        return Err(ToolError::BadArguments(
            "standard input cannot be both the job and an input".to_owned(),
        ));
    }
    job(build, streams, args)
}

fn read_recipe(path: &Path) -> Result<Vec<u8>, ToolError> {
    let read = if path.is_dir() {
        Err(io::Error::from(io::ErrorKind::IsADirectory))
    } else {
        std::fs::read(path)
    };
    read.map_err(|source| ToolError::JsonRecipeNotFound {
        path: path.to_owned(),
        source,
    })
}
