//! `explain`: the plan of a job, as text, as a drawing or as JSON.

mod svg;
mod text;

use std::ffi::OsString;
use std::path::Path;

use clap::ValueEnum;
use imageflow_core::Context;
use imageflow_types::{Build, Explanation, IoDirection, Response};

use super::build::read_recipe;
use super::querystring::job_of;
use crate::cli::LimitFlags;
use crate::error::{Failure, ToolError};
use crate::job::inject::{Streams, as_path, inject};
use crate::job::limits;
use crate::say;

/// Flags of `explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The image of a command string
    #[arg(value_name = "IMAGE", required_unless_present = "json", conflicts_with_all = ["json", "inputs"])]
    input: Option<OsString>,
    /// The command string, as for convert
    #[arg(
        short,
        long,
        value_name = "STRING",
        default_value = "",
        hide_default_value = true,
        conflicts_with = "json",
        allow_hyphen_values = true
    )]
    command: String,
    /// A JSON job file instead
    #[arg(long, value_name = "FILE")]
    json: Option<OsString>,
    /// Inputs of the JSON job, as for v1/build
    #[arg(long = "in", value_name = "FILE", num_args = 1.., requires = "json", allow_negative_numbers = true)]
    inputs: Vec<OsString>,
    /// How to print the plan
    #[arg(long = "as", value_enum, default_value_t = Form::Text)]
    form: Form,
    #[command(flatten)]
    limits: LimitFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A line for each stage
    Text,
    /// A drawing
    Svg,
    /// What v1/explain answers
    Json,
}

/// Runs the command.
pub(crate) fn run(flags: &Explain) -> u8 {
    match explained(flags) {
        Ok(plan) => super::print(&match flags.form {
            Form::Text => text::write(&plan),
            Form::Svg => svg::draw(&plan),
            Form::Json => match serde_json::to_string_pretty(&plan) {
                Ok(json) => json + "\n",
                Err(e) => {
                    say::error(&format!("the plan cannot be written as JSON: {e}"));
                    return 70;
                }
            },
        }),
        Err(failure) => {
            say::categorised(&failure.text);
            failure.exit
        }
    }
}

fn explained(flags: &Explain) -> Result<Explanation, Failure> {
    let mut build: Build = match (&flags.json, &flags.input) {
        (Some(json), _) => {
            let source = read_recipe(Path::new(json), &flags.limits)?;
            serde_json::from_slice(&source).map_err(|e| Failure {
                text: format!(
                    "InvalidJson: {} ({})",
                    crate::error::shortened(&e),
                    json.display()
                ),
                exit: 65,
            })?
        }
        (None, _) => job_of(&flags.command),
    };
    if let Some(input) = &flags.input {
        ToolError::unless_exists(input)?;
    }
    let image = flags.input.as_deref().map(as_path);
    let inputs = image
        .as_ref()
        .map_or(&flags.inputs[..], std::slice::from_ref);
    let mut streams = Streams::default();
    inject(&mut build.io, IoDirection::In, inputs, &mut streams)?;
    if streams.stdin.is_some() {
        return Err(ToolError::BadArguments("explain reads no standard input".to_owned()).into());
    }
    limits::apply_flags(&mut build, &flags.limits)?;
    streams.leave_out(&mut build.io);
    let json = serde_json::to_vec(&build).map_err(|e| Failure::odd_json(&e))?;
    let mut context = Context::new();
    context.set_timeout(limits::timeout(&flags.limits)?);
    streams
        .files
        .iter()
        .for_each(|file| file.add_to(&mut context));
    let answer = context.send_json("v1/explain", &json);
    if let Some(error) = context.status().error() {
        return Err(Failure::from(&error));
    }
    let response: Response<Explanation> =
        serde_json::from_slice(&answer.body).map_err(|e| Failure::odd_json(&e))?;
    Ok(response.data)
}
