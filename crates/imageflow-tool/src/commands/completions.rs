//! `completions`: scripts that let a shell complete commands, flags and files.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(crate) fn run(flags: &Completions) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(
        flags.shell,
        &mut Cli::command(),
        "imageflow_tool",
        &mut script,
    );
    super::print(&String::from_utf8_lossy(&script))
}
