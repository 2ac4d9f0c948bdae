//! `imageflow_tool`: the engine on the command line.
//!
//! [`cli`] says which commands and flags there are; help, completions and the man page are made from it. [`commands`]
//! has a file per command. What runs one job and reports about it, the same for all commands, is in [`job`].

#![forbid(unsafe_code)]

mod cli;
mod commands;
mod error;
mod job;
mod say;
mod version;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    match commands::capture::take_flag(&mut arguments) {
        Ok(None) => {}
        Ok(Some(basename)) => {
            return ExitCode::from(commands::capture::run(&basename, &arguments));
        }
        Err(message) => {
            say::error(&message);
            return ExitCode::from(2);
        }
    }
    // Prints help, the version and mistakes by itself, and exits with 0 or 2.
    let cli = cli::Cli::parse_from(arguments);
    say::set_up(&cli.everyday);
    ExitCode::from(commands::run(cli))
}
