//! `imageflow_tool`: the engine on the command line.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod error;
mod flags;
mod help;
mod inject;
mod interrupt;
mod limits;
mod response;
mod run;
mod version;

use std::process::ExitCode;

use args::Invocation;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1).collect()) {
        Ok(Invocation::Run(command, args)) => ExitCode::from(commands::run(command, &args)),
        Ok(Invocation::Help(topic)) => print(&help::text(topic)),
        Ok(Invocation::Version) => print(&version::line()),
        Ok(Invocation::Nothing) => {
            eprint!("{}", help::text(None));
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Prints to standard output; a reader that went away is no error.
fn print(text: &str) -> ExitCode {
    match response::write_stdout(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("IoError: cannot write to standard output: {e}");
            ExitCode::from(74)
        }
        _ => ExitCode::SUCCESS,
    }
}
