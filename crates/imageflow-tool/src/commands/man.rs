//! `man`: the manual page, one for all commands, for `man` or as Markdown.

use clap::{Arg, ArgAction, Command, CommandFactory};
use clap_mangen::Man as Page;

use crate::cli::Cli;

/// Flags of `man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Print Markdown instead
    #[arg(long)]
    markdown: bool,
}

/// Runs the command.
pub(crate) fn run(flags: &Man) -> u8 {
    let mut program = Cli::command();
    program.build();
    if flags.markdown {
        return super::print(&markdown(&program));
    }
    match page(&program) {
        Ok(page) => super::print(&String::from_utf8_lossy(&page)),
        Err(e) => {
            crate::say::error(&format!("the manual page cannot be written: {e}"));
            70
        }
    }
}

fn commands(program: &Command) -> impl Iterator<Item = &Command> {
    program
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
}

/// The page of the program, then a section with the flags of each command.
fn page(program: &Command) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    Page::new(program.clone()).render(&mut out)?;
    for command in commands(program) {
        let name = command.get_name().to_uppercase();
        out.extend_from_slice(format!(".SH COMMAND {name}\n").as_bytes());
        let page = Page::new(command.clone());
        page.render_description_section(&mut out)?;
        page.render_synopsis_section(&mut out)?;
        page.render_options_section(&mut out)?;
    }
    Ok(out)
}

/// A section for each command, with a table of its flags; those of all commands once, at the end.
fn markdown(program: &Command) -> String {
    let mut text = String::new();
    let is_everyday = |arg: &Arg| arg.is_global_set() || arg.get_id() == "help";
    for command in commands(program) {
        text.push_str(&format!("## {}\n\n", command.get_name()));
        if let Some(about) = command.get_about() {
            text.push_str(&format!("{about}.\n\n"));
        }
        let aliases: Vec<&str> = command.get_visible_aliases().collect();
        if !aliases.is_empty() {
            text.push_str(&format!("Also called `{}`.\n\n", aliases.join("`, `")));
        }
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        text.push_str(&format!("```sh\n{usage}\n```\n\n"));
        let flags = command.get_arguments().filter(|arg| !is_everyday(arg));
        text.push_str(&table(flags));
    }
    text.push_str("## Flags of all commands\n\n");
    text.push_str(&table(program.get_arguments()));
    text
}

fn table<'a>(flags: impl Iterator<Item = &'a Arg>) -> String {
    let rows: String = flags
        .filter(|flag| !flag.is_hide_set())
        .map(|flag| format!("| `{}` | {} |\n", name(flag), meaning(flag)))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("| | |\n|---|---|\n{rows}\n")
}

fn name(flag: &Arg) -> String {
    let mut names = Vec::new();
    names.extend(flag.get_short().map(|short| format!("-{short}")));
    names.extend(flag.get_long().map(|long| format!("--{long}")));
    let mut name = names.join(", ");
    if matches!(flag.get_action(), ArgAction::Set | ArgAction::Append) {
        let values = flag.get_value_names().unwrap_or_default();
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        let gap = if name.is_empty() { "" } else { " " };
        name.push_str(&format!("{gap}{}", values.join(" ")));
    }
    name
}

fn meaning(flag: &Arg) -> String {
    let mut text = flag
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default()
        .replace('|', "\\|")
        .replace('<', "&lt;");
    let words: Vec<String> = flag
        .get_possible_values()
        .iter()
        .filter(|_| flag.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !words.is_empty() {
        text.push_str(&format!(": {}", words.join(", ")));
    }
    let default: Vec<String> = flag
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .filter(|value| !value.is_empty() && !flag.is_hide_default_value_set())
        .collect();
    if !default.is_empty() && flag.get_action().takes_values() {
        text.push_str(&format!(" (default `{}`)", default.join(",")));
    }
    text
}
