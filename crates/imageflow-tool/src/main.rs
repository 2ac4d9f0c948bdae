//! `imageflow_tool`: the engine on the command line.
//!
//! [`cli`] says which commands and flags there are; help, completions and the man page are made from it. [`commands`]
//! has a file per command. What runs one job and reports about it, the same for all commands, is in [`job`].

#![deny(unsafe_code)]

mod cli;
mod commands;
mod error;
mod job;
mod say;
mod startup;
mod version;

use std::ffi::OsString;
use std::io::Write;
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
    match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => {
            say::set_up(&cli.everyday);
            ExitCode::from(commands::run(cli))
        }
        Err(answer) => ExitCode::from(tell(&answer)),
    }
}

/// Prints help, the version, or what is wrong with the command line. Returns the exit code.
fn tell(answer: &clap::Error) -> u8 {
    if answer.use_stderr() {
        // Where nothing can be said, the exit code says it.
        let _ = answer.print();
        return 2;
    }
    commands::printed(job::response::check_stdout().and_then(|()| {
        answer.print()?;
        std::io::stdout().flush()
    }))
}
