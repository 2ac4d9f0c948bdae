//! `convert IN OUT`: the short form of `v1/querystring`; the format follows the name of the output.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use imageflow_querystring::parse;
use imageflow_querystring::values::Format;

use super::querystring::prepare_command;
use super::warnings;
use crate::cli::{Everyday, JobFlags};
use crate::error::ToolError;
use crate::job::inject::as_path;
use crate::job::{self, Job};

/// Flags of `convert`.
#[derive(Debug, clap::Args)]
pub(crate) struct Convert {
    /// The image; - is standard input
    #[arg(value_name = "IN")]
    input: OsString,
    /// Where the result goes; - is standard output
    #[arg(value_name = "OUT")]
    output: OsString,
    /// What to do, for example "w=400&h=300&mode=crop"
    #[arg(
        short,
        long,
        value_name = "STRING",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    command: String,
    /// Refuse a command with unknown keys or values, instead of a warning
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    job: JobFlags,
}

/// Runs the command.
pub(crate) fn run(flags: &Convert, everyday: &Everyday) -> u8 {
    job::finish(prepare(flags), &flags.job, everyday, false)
}

fn prepare(flags: &Convert) -> Result<Job, ToolError> {
    ToolError::unless_exists(&flags.input)?;
    let command = with_format(&flags.command, &flags.output)?;
    let (input, output) = (as_path(&flags.input), as_path(&flags.output));
    let io = [&[input][..], &[output][..]];
    prepare_command(&command, io, flags.strict, &flags.job)
}

/// The command with the format that the name of the output asks for, unless it names one itself.
fn with_format(command: &str, output: &OsStr) -> Result<String, ToolError> {
    let instructions = parse(command).0;
    if output == "-" || instructions.format.is_some() {
        return Ok(command.to_owned());
    }
    let Some(extension) = Path::new(output).extension() else {
        return Ok(command.to_owned());
    };
    let extension = extension.to_string_lossy().to_ascii_lowercase();
    let format = Format::WORDS
        .iter()
        .find(|word| **word == extension && !matches!(**word, "auto" | "keep"));
    let Some(format) = format else {
        return Err(ToolError::BadArguments(format!(
            "{}: .{extension} is no format that can be written; use .jpg, .png, .webp, .gif, .avif or .jxl, or name one with -c format=…",
            output.display()
        )));
    };
    let command = super::with(command, &format!("format={format}"));
    match warnings::unwritable_format(&parse(&command).0) {
        // Under this name another format would be a surprise.
        Some((_, why)) => Err(ToolError::BadArguments(format!(
            "{}: {why}; otherwise name the output .webp or .jpg",
            output.display()
        ))),
        None => Ok(command),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_unless_the_command_does() {
        let made = |command: &str, output: &str| with_format(command, OsStr::new(output)).unwrap();
        assert_eq!(made("", "a.WEBP"), "format=webp");
        assert_eq!(made("w=5", "a.jpg"), "w=5&format=jpg");
        assert_eq!(made("w=5#h=6", "a.jpg"), "w=5&format=jpg#h=6");
        assert_eq!(made("w=5&format=png", "a.jpg"), "w=5&format=png");
        assert_eq!(made("thumbnail=gif", "a.jpg"), "thumbnail=gif");
        assert_eq!(made("w=5", "-"), "w=5");
        assert_eq!(made("w=5", "photo"), "w=5");
    }

    #[test]
    fn a_name_this_build_cannot_honour_is_refused_with_the_way_out() {
        let lossless = with_format("w=5&lossless=true", OsStr::new("a.jxl"));
        assert_eq!(lossless.unwrap(), "w=5&lossless=true&format=jxl");
        let lossy = with_format("w=5", OsStr::new("a.jxl"));
        if imageflow_codecs::jxl::CAN_ENCODE_LOSSY {
            assert_eq!(lossy.unwrap(), "w=5&format=jxl");
        } else {
            let error = lossy.unwrap_err().to_string();
            assert!(
                error.contains("lossless=true") && error.contains(".webp"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_extension_nobody_writes_is_refused_by_name() {
        for name in ["a.tiff", "a.auto", "a.keep"] {
            let error = with_format("w=5", OsStr::new(name)).unwrap_err();
            assert!(error.to_string().contains(".webp"), "{error}");
        }
    }
}
