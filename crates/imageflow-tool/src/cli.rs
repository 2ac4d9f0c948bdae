//! The command line: commands, and the flags that many of them share. Flags of one command are beside it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    batch, build, completions, convert, diagnose, examples, explain, info, man, querystring,
    srcset, version,
};

const EXAMPLES: &str = "\
Examples:
  A thumbnail
    imageflow_tool convert photo.jpg small.webp -c \"w=400&h=300&mode=crop\"
  A folder of photos, on all cores
    imageflow_tool batch 'photos/*.jpg' -c \"w=800&format=webp\" --out-dir out
  The files and the HTML of a responsive picture
    imageflow_tool srcset photo.jpg --widths 400,800,1600 --out-dir out
  A JSON job
    imageflow_tool v1/build --json job.json --in photo.jpg --out 1 small.jpg

A command string is the querystring of an image URL: w, h, mode=max|pad|crop|stretch, format, quality and more.
`imageflow_tool help COMMAND` explains a command.";

/// Resizes, crops and converts images.
#[derive(Debug, Parser)]
#[command(
    name = "imageflow_tool",
    version = crate::version::line(),
    after_help = EXAMPLES,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) everyday: Everyday,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Flags of all commands")]
pub(crate) struct Everyday {
    /// No JSON response, warnings or progress; errors are still printed
    #[arg(short, long, global = true, display_order = 1001)]
    pub(crate) quiet: bool,
    /// Print all details of an error
    #[arg(short, long, global = true, display_order = 1002)]
    pub(crate) verbose: bool,
    /// When messages have colours; NO_COLOR is honoured
    #[arg(long, global = true, display_order = 1003, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(crate) color: When,
    /// How errors and warnings are written to standard error: as sentences or as JSON lines
    #[arg(long, global = true, display_order = 1004, value_enum, default_value_t = LogFormat::Text, value_name = "FORM")]
    pub(crate) log_format: LogFormat,
    /// Run as a child process and write what it was asked, said and returned to BASENAME_*
    #[arg(long, global = true, display_order = 1005, value_name = "BASENAME")]
    pub(crate) capture_to: Option<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make one image of another; the format follows the name of the output
    Convert(convert::Convert),
    /// Make one or more images of each of many, on all cores
    Batch(Box<batch::Batch>),
    /// Make the files and the HTML of a responsive picture
    Srcset(srcset::Srcset),
    /// Say what image files are, from their headers
    Info(info::Info),
    /// Show the plan of a job: stages, sizes, memory
    Explain(explain::Explain),
    /// Run a JSON job file
    #[command(name = "v1/build", visible_alias = "v0.1/build")]
    Build(Box<build::BuildJob>),
    /// Run one command string on one input, to one output
    #[command(name = "v1/querystring", visible_aliases = ["v1/ir4", "v0.1/ir4"])]
    Querystring(Box<querystring::Querystring>),
    /// Write sample jobs, with pictures and scripts to run them
    Examples(examples::Examples),
    /// Say how this program was built, or check that it works
    #[command(arg_required_else_help = true)]
    Diagnose(diagnose::Diagnose),
    /// Print a completion script for a shell
    Completions(completions::Completions),
    /// Print the manual page
    Man(man::Man),
    /// Print the version
    Version(version::Version),
}

/// Flags of commands that run one job.
#[derive(Debug, Args, Default)]
pub(crate) struct JobFlags {
    /// Write the JSON response to a file instead of standard output; - is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) response: Option<OsString>,
    /// Refuse to replace an output that exists
    #[arg(long)]
    pub(crate) no_clobber: bool,
    /// Write image bytes even when standard output is a terminal
    #[arg(long)]
    pub(crate) force: bool,
    /// Write the job and copies of its inputs to a new folder, without running it
    #[arg(long, value_name = "DIR", conflicts_with = "debug_package")]
    pub(crate) bundle_to: Option<PathBuf>,
    /// Bundle the job, run it there, and pack what happened into DIR.zip
    #[arg(long, value_name = "DIR")]
    pub(crate) debug_package: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

/// Flags that bound what a job may use.
#[derive(Debug, Clone, Args, Default)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitFlags {
    /// Largest frame: 4000px, 4000w, 3000h, 12.5mp; or disabled
    #[arg(long, value_name = "LIMIT", num_args = 1.., allow_negative_numbers = true)]
    pub(crate) exit_if_larger_than: Vec<String>,
    /// Most megapixels an input may have
    #[arg(long, value_name = "N")]
    pub(crate) max_megapixels: Option<f32>,
    /// Most bytes read from standard input
    #[arg(long, value_name = "N", default_value_t = 256 << 20, hide_default_value = true)]
    pub(crate) max_input_bytes: u64,
    /// Cancel a job after this time
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<f64>,
    /// Most threads a job may use
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::inject::{Streams, inject};
    use clap::CommandFactory;
    use imageflow_types::{IoDirection, IoKind, IoObject};
    use proptest::prelude::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Words that mean something somewhere on a command line, and words that do not.
    fn words() -> impl Strategy<Value = Vec<OsString>> {
        let known = proptest::sample::select(vec![
            "v1/build",
            "v1/ir4",
            "convert",
            "batch",
            "srcset",
            "info",
            "explain",
            "diagnose",
            "help",
            "--json",
            "--json=-",
            "--in",
            "--out",
            "--command",
            "-c",
            "--response",
            "--quiet",
            "--capture-to",
            "--capture-to=x",
            "--exit-if-larger-than",
            "--bundle-to",
            "--widths",
            "--memory",
            "--timeout",
            "--",
            "-",
            "=",
            "base64:",
            "0",
            "1",
            "-2",
            "2147483648",
            "https://x",
            "w=1&h=",
            "disabled",
            "9px",
            "",
        ])
        .prop_map(OsString::from);
        let other = ".{0,12}".prop_map(OsString::from);
        proptest::collection::vec(proptest::prop_oneof![4 => known, 1 => other], 0..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_command_line_is_understood_or_refused(words in words()) {
            let mut arguments = vec![OsString::from("imageflow_tool")];
            arguments.extend(words);
            let _ = crate::commands::capture::take_flag(&mut arguments);
            let _ = Cli::try_parse_from(arguments);
        }

        #[test]
        fn any_values_fill_openings_or_are_refused(values in words()) {
            let opening = |io_id, direction| IoObject { io_id, direction, io: IoKind::Placeholder };
            for direction in [IoDirection::In, IoDirection::Out] {
                let mut io = [opening(0, IoDirection::In), opening(1, IoDirection::Out), opening(-2, direction)];
                let before = io.len();
                let _ = inject(&mut io, direction, &values, &mut Streams::default());
                prop_assert_eq!(io.len(), before);
                // What is of the other direction stays as it was.
                prop_assert!(io.iter().all(|e| e.direction == direction || e.io == IoKind::Placeholder));
            }
        }
    }

    #[test]
    fn every_command_and_flag_is_explained() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let id = argument.get_id();
                assert!(argument.get_help().is_some(), "{} {id}", command.get_name());
            }
        }
    }
}
