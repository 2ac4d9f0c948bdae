//! `explain`: the plan of a job, as text, as a drawing or as JSON.

mod svg;
mod text;

use std::ffi::OsString;
use std::path::Path;

use clap::ValueEnum;
use imageflow_core::Context;
use imageflow_types::{
    Build, CommandStringKind, Explanation, Framewise, IoDirection, IoKind, IoObject, Node, Response,
};

use super::build::read_recipe;
use super::renditions::Failure;
use crate::cli::LimitFlags;
use crate::error::ToolError;
use crate::job::inject::{Streams, inject};
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
    let mut build = match (&flags.json, &flags.input) {
        (Some(json), _) => {
            let source = read_recipe(Path::new(json))?;
            serde_json::from_slice(&source).map_err(|e| Failure {
                text: format!("InvalidJson: {e} ({})", json.display()),
                exit: 65,
            })?
        }
        (None, input) => of_command(&flags.command, input.iter().cloned().collect())?,
    };
    let mut streams = Streams::default();
    inject(&mut build.io, IoDirection::In, &flags.inputs, &mut streams)?;
    if streams.stdin.is_some() {
        return Err(ToolError::BadArguments("explain reads no standard input".to_owned()).into());
    }
    limits::apply_flags(&mut build, &flags.limits)?;
    let wrong = |e: serde_json::Error| Failure {
        text: format!("InternalError: the engine's JSON is not understood: {e}"),
        exit: 70,
    };
    let json = serde_json::to_vec(&build).map_err(wrong)?;
    let mut context = Context::new();
    let answer = context.send_json("v1/explain", &json);
    if let Some(error) = context.status().error() {
        return Err(Failure::from(&error));
    }
    let response: Response<Explanation> = serde_json::from_slice(&answer.body).map_err(wrong)?;
    Ok(response.data)
}

/// The job of a command string on one image.
fn of_command(command: &str, input: Vec<OsString>) -> Result<Build, Failure> {
    let path = |value: OsString| match value.to_str().and_then(|text| text.parse::<i32>().ok()) {
        Some(_) => Path::new(".").join(&value).into_os_string(),
        None => value,
    };
    let input: Vec<OsString> = input.into_iter().map(path).collect();
    let opening = |io_id, direction| IoObject {
        io_id,
        direction,
        io: IoKind::Placeholder,
    };
    let mut io = vec![opening(0, IoDirection::In), opening(1, IoDirection::Out)];
    inject(&mut io, IoDirection::In, &input, &mut Streams::default())?;
    Ok(Build {
        builder_config: None,
        io,
        framewise: Framewise::Steps(vec![Node::CommandString {
            kind: CommandStringKind::Ir4,
            value: command.to_owned(),
            decode: Some(0),
            encode: Some(1),
            watermarks: None,
        }]),
    })
}
