//! One job: where its bytes come from and go to, what it may use, how it is run and reported.

pub(crate) mod bundle;
mod caret;
pub(crate) mod inject;
pub(crate) mod interrupt;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod response;
pub(crate) mod run;
pub(crate) mod temporary;

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use imageflow_codecs::read_pipe;
use imageflow_pixels::{JobControl, Limits};
use imageflow_types::{Build, BuilderConfig, ExecutionSecurity, IoDirection, IoKind, Lock};

use crate::cli::{Everyday, JobFlags, LimitFlags};
use crate::error::ToolError;
use inject::{Streams, UnnamedFile};

/// What is sent to the engine.
#[derive(Debug)]
pub(crate) enum Request {
    Parsed(Box<Build>),
    /// A job file that could not be understood.
    Mistaken(serde_json::Error),
}

/// A job that is ready to run.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) request: Request,
    /// The job file, if there is one.
    pub(crate) source: Option<Vec<u8>>,
    /// An input that was read from standard input.
    pub(crate) stdin: Option<(i32, Vec<u8>)>,
    /// The output that goes to standard output.
    pub(crate) stdout: Option<i32>,
    /// Files that the request cannot name.
    pub(crate) files: Vec<UnnamedFile>,
    pub(crate) timeout: Option<Duration>,
    /// What the job's own limits may not be above.
    pub(crate) lock: Option<Lock>,
    /// Said on standard error unless `--quiet`.
    pub(crate) warnings: Vec<String>,
}

impl Job {
    /// Applies the flags all jobs share, and reads standard input if the job uses it.
    ///
    /// # Errors
    /// When the flags contradict each other or the world: values that are none, a terminal, files that exist.
    pub(crate) fn new(
        mut build: Build,
        streams: Streams,
        flags: &JobFlags,
    ) -> Result<Job, ToolError> {
        let is_run = flags.bundle_to.is_none() && flags.debug_package.is_none();
        if is_run && streams.stdout.is_some() && !flags.force && std::io::stdout().is_terminal() {
            return Err(ToolError::BadArguments(
                "standard output is a terminal; redirect it, or add --force to write image bytes to it"
                    .to_owned(),
            ));
        }
        if is_run && flags.no_clobber {
            refuse_existing(&build, &streams.files)?;
        }
        limits::apply_flags(&mut build, &flags.limits)?;
        streams.leave_out(&mut build.io);
        let stdin = match streams.stdin {
            Some(io_id) => Some((io_id, read_stdin(&flags.limits)?)),
            None => None,
        };
        Ok(Job {
            request: Request::Parsed(Box::new(build)),
            source: None,
            stdin,
            stdout: streams.stdout,
            files: streams.files,
            timeout: limits::timeout(&flags.limits)?,
            lock: None,
            warnings: Vec::new(),
        })
    }

    /// Makes limits that the job cannot raise of the flags, which otherwise replace its own.
    ///
    /// # Errors
    /// When a value is not a limit.
    pub(crate) fn lock(
        &mut self,
        own: Option<BuilderConfig>,
        flags: &LimitFlags,
    ) -> Result<(), ToolError> {
        if let Request::Parsed(build) = &mut self.request {
            build.builder_config = own;
        }
        let mut security = ExecutionSecurity::default();
        limits::apply_to(&mut security, flags)?;
        self.lock = Some(Lock {
            security: Some(security),
            allow_files: None,
        });
        Ok(())
    }

    /// A job file that is no job.
    pub(crate) fn mistaken(source: Vec<u8>, mistake: serde_json::Error) -> Job {
        Job {
            request: Request::Mistaken(mistake),
            source: Some(source),
            stdin: None,
            stdout: None,
            files: Vec::new(),
            timeout: None,
            lock: None,
            warnings: Vec::new(),
        }
    }
}

/// Runs or bundles what was prepared, reports, and returns the exit code.
pub(crate) fn finish(
    prepared: Result<Job, ToolError>,
    flags: &JobFlags,
    everyday: &Everyday,
    answers_on_stdout: bool,
) -> u8 {
    match (&flags.bundle_to, &flags.debug_package, prepared) {
        (Some(folder), _, Ok(job)) => bundle::write(&job, folder),
        (_, Some(folder), Ok(job)) => bundle::debug_package(&job, folder),
        (_, _, prepared) => {
            let report = response::Wanted {
                file: flags.response.as_deref(),
                on_stdout: answers_on_stdout && !everyday.quiet,
            };
            run::finish(prepared, report, everyday.verbose)
        }
    }
}

/// Whether any output of the job exists already.
fn refuse_existing(build: &Build, files: &[UnnamedFile]) -> Result<(), ToolError> {
    let outputs = build.io.iter().filter(|e| e.direction == IoDirection::Out);
    let named = outputs.filter_map(|entry| match &entry.io {
        IoKind::File(path) => Some(Path::new(path)),
        _ => None,
    });
    let unnamed = files.iter().filter(|f| f.direction == IoDirection::Out);
    match named
        .chain(unnamed.map(|file| file.path.as_path()))
        .find(|path| path.exists())
    {
        Some(path) => Err(ToolError::Exists {
            what: "output",
            path: path.into(),
        }),
        None => Ok(()),
    }
}

/// Reads all of standard input, up to `--max-input-bytes`, within `--timeout`.
pub(crate) fn read_stdin(limits: &LimitFlags) -> Result<Vec<u8>, ToolError> {
    let limit = limits.max_input_bytes;
    let read = read_pipe(|| Ok(std::io::stdin()), limit, &within(limits)?);
    let bytes = read.map_err(|error| ToolError::reading("standard input".to_owned(), error))?;
    if bytes.len() as u64 > limit {
        return Err(ToolError::too_long(&"standard input", limit));
    }
    Ok(bytes)
}

/// What ends with `--timeout`. Nothing else ends it: as long as no job runs, signals do what they do to any process.
pub(crate) fn within(limits: &LimitFlags) -> Result<JobControl, ToolError> {
    let limits = Limits {
        deadline: limits::deadline(limits)?,
        ..Limits::default()
    };
    Ok(JobControl::new(Arc::default(), limits))
}
