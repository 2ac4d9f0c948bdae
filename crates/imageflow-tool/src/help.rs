//! Help text, made from the tables of [`crate::flags`].

use std::fmt::Write;

use crate::flags::{COMMANDS, Command, CommandId, FLAGS, Takes};

/// Help of one command, or of the program.
pub(crate) fn text(topic: Option<&Command>) -> String {
    match topic {
        Some(command) if command.id != CommandId::Help => of_command(command),
        _ => of_program(),
    }
}

fn of_program() -> String {
    let mut out = String::from(
        "Resizes, crops and converts images.\n\nUsage: imageflow_tool COMMAND [FLAGS]\n\nCommands:\n",
    );
    for command in COMMANDS {
        let _ = writeln!(
            out,
            "  {:<16} {}{}",
            command.names[0],
            command.about,
            aliases(command)
        );
    }
    out.push_str("\nOptions:\n  -h, --help       Print help\n  -V, --version    Print the version\n\nExamples:\n");
    for command in COMMANDS {
        let _ = writeln!(out, "  {}", command.example);
    }
    out
}

fn of_command(command: &Command) -> String {
    let mut out = format!(
        "{}{}\n\nUsage: imageflow_tool {}",
        command.about,
        aliases(command),
        command.names[0]
    );
    let flags = || FLAGS.iter().filter(|f| f.on.contains(&command.id));
    for flag in flags().filter(|f| f.required_on.contains(&command.id)) {
        let _ = write!(out, " --{}{}", flag.name, value(flag.takes));
    }
    out.push_str(" [FLAGS]\n\nFlags:\n");
    for flag in flags() {
        let short = flag.short.map_or("    ".to_owned(), |c| format!("-{c}, "));
        let left = format!("{short}--{}{}", flag.name, value(flag.takes));
        let _ = writeln!(out, "  {left:<36} {}", flag.about);
    }
    let _ = write!(out, "\nExample:\n  {}\n", command.example);
    out
}

fn aliases(command: &Command) -> String {
    match &command.names[1..] {
        [] => String::new(),
        names => format!(" (also {})", names.join(", ")),
    }
}

fn value(takes: Takes) -> String {
    match takes {
        Takes::Nothing => String::new(),
        Takes::One(what) => format!(" {what}"),
        Takes::Many(what) => format!(" {what}..."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_flag_is_explained() {
        let all = text(None);
        for command in COMMANDS {
            assert!(command.names.iter().all(|name| all.contains(name)), "{all}");
            if command.id == CommandId::Help {
                continue;
            }
            let one = text(Some(command));
            for flag in FLAGS.iter().filter(|f| f.on.contains(&command.id)) {
                assert!(one.contains(flag.name) && one.contains(flag.about), "{one}");
            }
        }
    }
}
