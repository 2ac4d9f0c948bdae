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

/// Prints what a command was asked for; a reader that went away is no error.
fn print(text: &str) -> u8 {
    match crate::job::response::write_stdout(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            crate::say::error(&format!("cannot write to standard output: {e}"));
            74
        }
        _ => 0,
    }
}
