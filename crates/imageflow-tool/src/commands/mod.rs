//! One file per command. A command makes a [`Job`]; running it is the same for all.

mod build;
mod querystring;

use std::io::{IsTerminal, Read};
use std::time::Duration;

use imageflow_types::Build;

use crate::args::Args;
use crate::error::ToolError;
use crate::flags::CommandId;
use crate::inject::Streams;
use crate::limits;
use crate::run::{self, Job, Request};

/// Runs a command; the result is the exit code.
pub(crate) fn run(command: CommandId, args: &Args) -> u8 {
    let prepared = match command {
        CommandId::Build => build::prepare(args),
        CommandId::Querystring => querystring::prepare(args),
        CommandId::Help => return 0,
    };
    run::finish(prepared, args)
}

/// Applies the flags all jobs share, and reads standard input if the job uses it.
fn job(mut build: Build, streams: Streams, args: &Args) -> Result<Job, ToolError> {
    if streams.stdout.is_some() && std::io::stdout().is_terminal() && !args.has("force") {
        return Err(ToolError::BadArguments(
            "standard output is a terminal; redirect it, or add --force to write image bytes to it"
                .to_owned(),
        ));
    }
    let sizes = text_values(args, "exit-if-larger-than")?;
    let threads: Option<u32> = number(args, "threads")?;
    if !sizes.is_empty() || threads.is_some() {
        let security = build
            .builder_config
            .get_or_insert_default()
            .security
            .get_or_insert_default();
        if !sizes.is_empty() {
            limits::apply(security, sizes)?;
        }
        security.max_threads = threads.or(security.max_threads);
    }
    let stdin = match streams.stdin {
        Some(io_id) => {
            build.io.retain(|entry| entry.io_id != io_id);
            Some((io_id, read_stdin(args)?))
        }
        None => None,
    };
    let timeout = timeout(args)?;
    Ok(Job {
        request: Request::Parsed(Box::new(build)),
        stdin,
        stdout: streams.stdout,
        timeout,
        warnings: Vec::new(),
    })
}

/// Reads all of standard input, up to `--max-input-bytes`.
fn read_stdin(args: &Args) -> Result<Vec<u8>, ToolError> {
    let limit = number(args, "max-input-bytes")?.unwrap_or(256u64 << 20);
    let mut bytes = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes);
    read.map_err(|source| ToolError::Io {
        what: "cannot read standard input".to_owned(),
        source,
    })?;
    if bytes.len() as u64 > limit {
        return Err(ToolError::BadArguments(format!(
            "standard input is longer than {limit} bytes; raise --max-input-bytes if that is intended"
        )));
    }
    Ok(bytes)
}

fn number<T: std::str::FromStr>(args: &Args, name: &str) -> Result<Option<T>, ToolError> {
    let Some(value) = args.one(name) else {
        return Ok(None);
    };
    match value.to_str().and_then(|text| text.parse().ok()) {
        Some(number) => Ok(Some(number)),
        None => Err(ToolError::BadArguments(format!(
            "--{name} {}: expected a number",
            value.display()
        ))),
    }
}

/// The values of a flag as text.
fn text_values<'a>(args: &'a Args, name: &str) -> Result<Vec<&'a str>, ToolError> {
    let text = |value: &'a std::ffi::OsString| {
        value.to_str().ok_or_else(|| {
            ToolError::BadArguments(format!("--{name} {} is not valid UTF-8", value.display()))
        })
    };
    args.all(name).iter().map(text).collect()
}

fn timeout(args: &Args) -> Result<Option<Duration>, ToolError> {
    let seconds: Option<f64> = number(args, "timeout")?;
    let duration = |s: f64| {
        let valid = Duration::try_from_secs_f64(s).ok();
        valid.ok_or_else(|| {
            ToolError::BadArguments(format!("--timeout {s}: expected seconds, zero or more"))
        })
    };
    seconds.map(duration).transpose()
}
