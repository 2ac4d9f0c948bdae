//! One file per command: its flags, and what it does.

pub(crate) mod batch;
pub(crate) mod build;
pub(crate) mod capture;
mod columns;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod diagnose;
pub(crate) mod examples;
pub(crate) mod explain;
pub(crate) mod info;
pub(crate) mod man;
mod pictures;
pub(crate) mod querystring;
pub(crate) mod renditions;
pub(crate) mod srcset;
pub(crate) mod version;
mod warnings;

use crate::cli::{Cli, Command};

/// Runs a command; the result is the exit code.
pub(crate) fn run(cli: Cli) -> u8 {
    let Cli { everyday, command } = cli;
    match command {
        Command::Convert(flags) => convert::run(&flags, &everyday),
        Command::Batch(flags) => batch::run(&flags, &everyday),
        Command::Srcset(flags) => srcset::run(&flags, &everyday),
        Command::Info(flags) => info::run(&flags),
        Command::Explain(flags) => explain::run(&flags),
        Command::Build(flags) => build::run(&flags, &everyday),
        Command::Querystring(flags) => querystring::run(&flags, &everyday),
        Command::Examples(flags) => examples::run(&flags),
        Command::Diagnose(flags) => diagnose::run(&flags),
        Command::Completions(flags) => completions::run(&flags),
        Command::Man(flags) => man::run(&flags),
        Command::Version(flags) => version::run(&flags),
    }
}

/// A command string and one more key, which comes before a `#`, where reading ends.
fn with(command: &str, pair: &str) -> String {
    let (keys, rest) = command.split_at(command.find('#').unwrap_or(command.len()));
    let joint = if keys.is_empty() { "" } else { "&" };
    format!("{keys}{joint}{pair}{rest}")
}

/// Prints what a command was asked for. Returns the exit code.
fn print(text: &str) -> u8 {
    printed(crate::job::response::write_stdout(text.as_bytes()))
}

/// The exit code of something that was printed; what did not arrive is an error, whoever is to blame.
pub(crate) fn printed(result: std::io::Result<()>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(e) => {
            crate::say::error(&format!("cannot write to standard output: {e}"));
            74
        }
    }
}
