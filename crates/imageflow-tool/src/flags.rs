//! The command line as two tables: commands and flags. Parser, help text and suggestions are derived from them.

use CommandId::{Build, Help, Querystring};

/// Identifies a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CommandId {
    Build,
    Querystring,
    Help,
}

/// Describes a command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) id: CommandId,
    /// The name shown, then its aliases.
    pub(crate) names: &'static [&'static str],
    pub(crate) about: &'static str,
    pub(crate) example: &'static str,
}

/// Says what follows a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Takes {
    Nothing,
    /// One value, given once.
    One(&'static str),
    /// One or more values up to the next flag; several uses add up.
    Many(&'static str),
}

/// Describes a flag.
#[derive(Debug)]
pub(crate) struct Flag {
    /// Without the leading dashes.
    pub(crate) name: &'static str,
    pub(crate) short: Option<char>,
    pub(crate) takes: Takes,
    pub(crate) on: &'static [CommandId],
    pub(crate) required_on: &'static [CommandId],
    pub(crate) about: &'static str,
}

const JOBS: &[CommandId] = &[Build, Querystring];

/// All commands, in the order of the help text.
pub(crate) const COMMANDS: &[Command] = &[
    Command {
        id: Build,
        names: &["v1/build", "v0.1/build"],
        about: "Run a JSON job file",
        example: "imageflow_tool v1/build --json job.json --in photo.jpg --out 1 small.jpg",
    },
    Command {
        id: Querystring,
        names: &["v1/querystring", "v1/ir4", "v0.1/ir4"],
        about: "Run one querystring on one input, to one output",
        example: "imageflow_tool v1/querystring --in photo.jpg --out small.jpg --command \"w=400&format=jpg\"",
    },
    Command {
        id: Help,
        names: &["help"],
        about: "Explain a command",
        example: "imageflow_tool help v1/build",
    },
];

/// All flags, in the order of the help text.
pub(crate) const FLAGS: &[Flag] = &[
    Flag {
        name: "json",
        short: None,
        takes: Takes::One("FILE"),
        on: &[Build],
        required_on: &[Build],
        about: "The job; - reads it from standard input",
    },
    Flag {
        name: "in",
        short: None,
        takes: Takes::Many("FILE"),
        on: JOBS,
        required_on: &[Querystring],
        about: "Inputs in the order of the job, or pairs: ID FILE ID FILE; - is standard input",
    },
    Flag {
        name: "out",
        short: None,
        takes: Takes::Many("FILE"),
        on: JOBS,
        required_on: &[Querystring],
        about: "Outputs likewise; - is standard output, base64: puts the bytes into the response",
    },
    Flag {
        name: "command",
        short: None,
        takes: Takes::One("QUERYSTRING"),
        on: &[Querystring],
        required_on: &[Querystring],
        about: "What to do, for example \"width=400&height=300&mode=crop\"",
    },
    Flag {
        name: "response",
        short: None,
        takes: Takes::One("FILE"),
        on: JOBS,
        required_on: &[],
        about: "Write the JSON response to a file instead of standard output",
    },
    Flag {
        name: "quiet",
        short: Some('q'),
        takes: Takes::Nothing,
        on: JOBS,
        required_on: &[],
        about: "No JSON response and no warnings; errors are still printed",
    },
    Flag {
        name: "verbose",
        short: Some('v'),
        takes: Takes::Nothing,
        on: JOBS,
        required_on: &[],
        about: "Print all details of an error",
    },
    Flag {
        name: "strict",
        short: None,
        takes: Takes::Nothing,
        on: &[Querystring],
        required_on: &[],
        about: "Refuse a command with unknown keys or values, instead of a warning",
    },
    Flag {
        name: "exit-if-larger-than",
        short: None,
        takes: Takes::Many("LIMIT"),
        on: JOBS,
        required_on: &[],
        about: "Largest frame: 4000px, 4000w, 3000h, 12.5mp; or disabled",
    },
    Flag {
        name: "max-input-bytes",
        short: None,
        takes: Takes::One("N"),
        on: JOBS,
        required_on: &[],
        about: "Most bytes read from standard input (default 268435456)",
    },
    Flag {
        name: "timeout",
        short: None,
        takes: Takes::One("SECONDS"),
        on: JOBS,
        required_on: &[],
        about: "Cancel the job after this time",
    },
    Flag {
        name: "threads",
        short: None,
        takes: Takes::One("N"),
        on: JOBS,
        required_on: &[],
        about: "Most threads the job may use",
    },
    Flag {
        name: "force",
        short: None,
        takes: Takes::Nothing,
        on: JOBS,
        required_on: &[],
        about: "Write image bytes even when standard output is a terminal",
    },
    Flag {
        name: "help",
        short: Some('h'),
        takes: Takes::Nothing,
        on: JOBS,
        required_on: &[],
        about: "Print help",
    },
];

/// Finds a command by its name or an alias.
pub(crate) fn command(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.names.contains(&name))
}

/// Finds a flag of a command by its long name.
pub(crate) fn flag(command: CommandId, name: &str) -> Option<&'static Flag> {
    FLAGS
        .iter()
        .find(|f| f.name == name && f.on.contains(&command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_required_flags_belong_to_their_command() {
        for (i, flag) in FLAGS.iter().enumerate() {
            assert!(
                FLAGS
                    .iter()
                    .skip(i + 1)
                    .all(|other| other.name != flag.name),
                "{}",
                flag.name
            );
            assert!(
                flag.required_on.iter().all(|c| flag.on.contains(c)),
                "{}",
                flag.name
            );
        }
        let mut names: Vec<_> = COMMANDS.iter().flat_map(|c| c.names).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
