//! `man`: the manual page, one for all commands.

use clap::CommandFactory;
use clap_mangen::Man as Page;

use crate::cli::Cli;

/// Flags of `man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {}

/// Runs the command.
pub(crate) fn run(_: &Man) -> u8 {
    match page() {
        Ok(page) => super::print(&String::from_utf8_lossy(&page)),
        Err(e) => {
            crate::say::error(&format!("the manual page cannot be written: {e}"));
            70
        }
    }
}

/// The page of the program, then a section with the flags of each command.
fn page() -> std::io::Result<Vec<u8>> {
    let mut program = Cli::command();
    program.build();
    let mut out = Vec::new();
    Page::new(program.clone()).render(&mut out)?;
    for command in program.get_subcommands().filter(|c| c.get_name() != "help") {
        let name = command.get_name().to_owned();
        out.extend_from_slice(format!(".SH COMMAND {}\n", name.to_uppercase()).as_bytes());
        let page = Page::new(command.clone());
        page.render_description_section(&mut out)?;
        page.render_synopsis_section(&mut out)?;
        page.render_options_section(&mut out)?;
    }
    Ok(out)
}
