//! Runs a job through the engine and reports: image bytes, the JSON response, one human line per error, the exit code.

use std::sync::Arc;

use imageflow_codecs::Bytes;
use imageflow_core::{Category, Context, Error, ErrorKind};
use imageflow_types::{Build, IoKind, JobResult, JobResultData, JobWarning, Response};

use super::caret;
use super::inject::{self, UnnamedFile};
use super::interrupt::Interrupt;
use super::response::{Destination, Wanted, write_stdout_until};
use super::{Job, Request};
use crate::error::{ToolError, exit_of, first_line, shortened};
use crate::say;

/// The job's answer for the outside.
#[derive(Debug)]
struct Answer {
    json: Vec<u8>,
    exit: u8,
    /// For standard error.
    error: Option<String>,
    /// What the engine did without.
    warnings: Vec<String>,
}

/// As the engine's, but the key is `build_result`.
#[derive(Debug, serde::Serialize)]
struct BuildResultData {
    build_result: JobResult,
}

/// A file of the job, for messages.
#[derive(Debug)]
struct Named {
    io_id: i32,
    direction: &'static str,
    path: String,
}

/// Runs what was prepared, reports, and returns the exit code.
pub(crate) fn finish(prepared: Result<Job, ToolError>, wanted: Wanted<'_>, verbose: bool) -> u8 {
    let stdout_taken = prepared.as_ref().is_ok_and(|job| job.stdout.is_some());
    let mut context = Context::new();
    // Before anything is made that a signal must not leave behind.
    let interrupt = Interrupt::watch(&context.status().cancel_flag());
    let destination = match Destination::open(wanted, stdout_taken) {
        Ok(destination) => destination,
        Err(error) => {
            // What was wrong first is said first.
            let error = prepared.err().unwrap_or(error);
            say::categorised(&error.to_string());
            return error.exit();
        }
    };
    let (answer, warnings) = match prepared {
        Ok(mut job) => {
            let warnings = std::mem::take(&mut job.warnings);
            (
                run(job, &mut context, &interrupt, verbose).unwrap_or_else(|e| Answer {
                    exit: interrupt.exit_code().unwrap_or_else(|| e.exit()),
                    ..Answer::refused(&e)
                }),
                warnings,
            )
        }
        Err(error) => (Answer::refused(&error), Vec::new()),
    };
    if let Some(error) = &answer.error {
        say::categorised(error);
    }
    let warnings = warnings.iter().chain(&answer.warnings);
    warnings.for_each(|warning| say::warning(warning));
    match destination.deliver(answer.json, &interrupt) {
        Ok(()) => answer.exit,
        Err(error) => {
            say::categorised(&error.to_string());
            if answer.exit == 0 {
                interrupt.exit_code().unwrap_or_else(|| error.exit())
            } else {
                answer.exit
            }
        }
    }
}

impl Answer {
    /// The tool's own error in the engine's envelope.
    fn refused(error: &ToolError) -> Answer {
        let message = error.to_string();
        let json = serde_json::to_vec_pretty(&Response::error(error.code(), message.clone()))
            .unwrap_or_default();
        Answer {
            json,
            exit: error.exit(),
            error: Some(message),
            warnings: Vec::new(),
        }
    }
}

fn run(
    job: Job,
    context: &mut Context,
    interrupt: &Interrupt,
    verbose: bool,
) -> Result<Answer, ToolError> {
    let source = job.source.unwrap_or_default();
    let (json, names, mistake) = match job.request {
        Request::Parsed(build) => (
            serde_json::to_vec(&build).map_err(unwritable)?,
            names(&build, &job.files),
            None,
        ),
        // The engine answers as it does to any client; here is only more to see.
        Request::Mistaken(mistake) => (source.clone(), Vec::new(), Some(mistake)),
    };
    context.set_timeout(job.timeout);
    job.files.iter().for_each(|file| file.add_to(context));
    if let Some((io_id, bytes)) = job.stdin {
        // A failure here is the context's first error: the job below reports it.
        let _ = context.add_input(io_id, Bytes::Shared(Arc::from(bytes)));
    }
    if let Some(lock) = &job.lock {
        // As above.
        let _ = context.lock(lock);
    }
    let response = context.send_json("v1/build", &json);
    if let Some(error) = context.status().error() {
        let cancelled = error.category() == Category::OperationCancelled;
        let signalled = interrupt.exit_code().filter(|_| cancelled);
        let exit = signalled.unwrap_or_else(|| exit_of(error.category()));
        return Ok(Answer {
            json: response.body,
            exit,
            error: Some(match mistake {
                Some(mistake) if !verbose => {
                    let place = caret::of_mistake(&source, &mistake);
                    let mistake = shortened(&mistake);
                    format!("InvalidJson: {mistake}{place}{}", hint(&error, verbose))
                }
                _ => {
                    let place = caret::of_node(&source, &error);
                    explain(&error, &names, verbose) + &place + &hint(&error, verbose)
                }
            }),
            warnings: Vec::new(),
        });
    }
    if let Some(io_id) = job.stdout {
        let bytes = context
            .take_output(io_id)
            .map_err(|e| ToolError::BadArguments(e.to_string()))?;
        let what = "cannot write the image to standard output".to_owned();
        write_stdout_until(bytes, interrupt).map_err(|source| ToolError::Io { what, source })?;
    }
    let engine: Response<JobResultData> =
        serde_json::from_slice(&response.body).map_err(unwritable)?;
    let result = engine.data.job_result;
    let warnings = result.warnings.iter().map(|w| of_file(w, &names)).collect();
    let renamed = Response::ok(BuildResultData {
        build_result: result,
    });
    let json = serde_json::to_vec_pretty(&renamed).map_err(unwritable)?;
    Ok(Answer {
        json,
        exit: 0,
        error: None,
        warnings,
    })
}

/// A warning of the engine, behind the name of the file it is about.
fn of_file(warning: &JobWarning, names: &[Named]) -> String {
    let named = names.iter().find(|n| Some(n.io_id) == warning.io_id);
    match named {
        Some(named) => format!("{}: {}", named.path, warning.message),
        None => warning.message.clone(),
    }
}

/// JSON to or from the engine is of one set of types, so this does not happen with text that was parsed before.
fn unwritable(error: serde_json::Error) -> ToolError {
    ToolError::BadArguments(format!("the job cannot be written as JSON: {error}"))
}

/// One line with the name of the file it is about, or all the engine says.
fn explain(error: &Error, names: &[Named], verbose: bool) -> String {
    let mut text = if verbose {
        error.to_string().trim_end().to_owned()
    } else {
        first_line(error)
    };
    let named = names.iter().find(|n| Some(n.io_id) == error.io_id());
    if let Some(Named {
        direction, path, ..
    }) = named.filter(|n| !verbose && !text.contains(&n.path))
    {
        text.push_str(&format!(" ({direction} {path})"));
    }
    text
}

/// A line that says what to do, or nothing: the engine's advice, or what only the tool can know.
fn hint(error: &Error, verbose: bool) -> String {
    let flag = match error.kind() {
        ErrorKind::GraphInvalid if error.message().contains("Placeholder") => {
            Some("give every input and output of the job a file with --in and --out")
        }
        ErrorKind::SizeLimitExceeded if error.message().starts_with("Frame") => Some(
            "if the size is intended, raise the limit with --exit-if-larger-than, for example 20000px",
        ),
        // Known files that are no images have a way out in the message itself.
        ErrorKind::NoEnabledDecoderFound if error.message().contains(" starting in [") => Some(
            "the input must be an image; its format is recognised by its first bytes, not by its name",
        ),
        _ => None,
    };
    // All the engine says has its advice in it.
    let advice = error.advice().filter(|_| !verbose).or(flag);
    advice.map_or_else(String::new, |advice| format!("\nhint: {advice}"))
}

/// What a message calls the files of a job: the io id, the direction and the path.
fn names(build: &Build, files: &[UnnamedFile]) -> Vec<Named> {
    let named = build.io.iter().filter_map(|entry| {
        let path = match &entry.io {
            IoKind::File(path) => path.as_str(),
            IoKind::OutputBuffer => "standard output",
            _ => return None,
        };
        Some(Named {
            io_id: entry.io_id,
            direction: inject::word(entry.direction),
            path: path.to_owned(),
        })
    });
    let unnamed = files.iter().map(|file| Named {
        io_id: file.io_id,
        direction: inject::word(file.direction),
        path: file.path.display().to_string(),
    });
    named.chain(unnamed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_names_the_file_and_drops_engine_details() {
        let names = [Named {
            io_id: 0,
            direction: "input",
            path: "a.jpg".to_owned(),
        }];
        let error = Error::new(ErrorKind::JpegDecodingError, "bad marker")
            .at_io(0)
            .at_node("0: decode");
        assert_eq!(
            explain(&error, &names, false),
            "ImageMalformed: JpegDecodingError: bad marker (input a.jpg)"
        );
        assert!(explain(&error, &names, true).contains("0: decode"));
        let error = Error::new(ErrorKind::GraphCyclic, "");
        assert_eq!(explain(&error, &names, false), "GraphInvalid: GraphCyclic");
    }
}
