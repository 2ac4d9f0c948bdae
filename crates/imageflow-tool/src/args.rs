//! Arguments → what to run. A small parser over the tables of [`crate::flags`]; nothing is executed here.

use std::ffi::{OsStr, OsString};
use std::fmt;

use crate::flags::{self, COMMANDS, Command, CommandId, FLAGS, Flag, Takes};
use imageflow_core::suggest;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Invocation {
    /// Run a command.
    Run(CommandId, Args),
    /// Print help: of one command, or of all.
    Help(Option<&'static Command>),
    /// Nothing was asked: print help as an error.
    Nothing,
    /// Print the version.
    Version,
}

/// The flags given, with their values.
#[derive(Debug, Default)]
pub(crate) struct Args {
    given: Vec<(&'static Flag, Vec<OsString>)>,
}

impl Args {
    /// Whether a flag was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(flag, _)| flag.name == name)
    }

    /// All values of a flag, in order.
    pub(crate) fn all(&self, name: &str) -> &[OsString] {
        self.given
            .iter()
            .find(|(flag, _)| flag.name == name)
            .map_or(&[], |(_, values)| values)
    }

    /// The value of a flag that takes one.
    pub(crate) fn one(&self, name: &str) -> Option<&OsStr> {
        self.all(name).first().map(OsString::as_os_str)
    }

    fn add(&mut self, flag: &'static Flag, mut values: Vec<OsString>) -> Result<(), UsageError> {
        match self
            .given
            .iter_mut()
            .find(|(given, _)| given.name == flag.name)
        {
            Some(_) if matches!(flag.takes, Takes::One(_)) => {
                usage(format!("--{} was given twice", flag.name))
            }
            Some((_, all)) => {
                all.append(&mut values);
                Ok(())
            }
            None => {
                self.given.push((flag, values));
                Ok(())
            }
        }
    }
}

/// A command line that cannot be understood (exit code 2).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n\nFor more, try --help.", self.0)
    }
}

fn usage<T>(message: String) -> Result<T, UsageError> {
    Err(UsageError(message))
}

/// Understands the arguments after the program name.
pub(crate) fn parse(args: Vec<OsString>) -> Result<Invocation, UsageError> {
    let mut args = args.into_iter();
    let Some(first) = args.next() else {
        return Ok(Invocation::Nothing);
    };
    match first.to_str() {
        Some("-h" | "--help") => return Ok(Invocation::Help(None)),
        Some("-V" | "--version") => return Ok(Invocation::Version),
        _ => {}
    }
    let command = find_command(&first)?;
    let rest: Vec<OsString> = args.collect();
    match command.id {
        CommandId::Help => help_topic(&rest),
        id => parse_flags(command, id, rest),
    }
}

fn find_command(name: &OsStr) -> Result<&'static Command, UsageError> {
    let shown = name.to_string_lossy();
    if let Some(command) = flags::command(&shown) {
        return Ok(command);
    }
    if shown.starts_with('-') {
        return usage(format!("{shown} must come after a command"));
    }
    let known = COMMANDS.iter().flat_map(|c| c.names.iter().copied());
    let near = suggest::did_you_mean(&shown, known);
    usage(format!("unknown command {shown:?}{near}"))
}

fn help_topic(rest: &[OsString]) -> Result<Invocation, UsageError> {
    match rest {
        [] => Ok(Invocation::Help(None)),
        [name] => Ok(Invocation::Help(Some(find_command(name)?))),
        _ => usage("help takes one command".to_owned()),
    }
}

fn parse_flags(
    command: &'static Command,
    id: CommandId,
    rest: Vec<OsString>,
) -> Result<Invocation, UsageError> {
    let mut args = Args::default();
    let mut rest = rest.into_iter().peekable();
    while let Some(arg) = rest.next() {
        let (flag, inline) = find_flag(command, id, &arg)?;
        let mut values: Vec<OsString> = inline.into_iter().collect();
        match flag.takes {
            Takes::Nothing if values.is_empty() => {}
            Takes::Nothing => return usage(format!("--{} takes no value", flag.name)),
            Takes::One(_) if values.is_empty() => {
                values.extend(rest.next_if(|next| !is_flag(next)))
            }
            Takes::One(_) => {}
            Takes::Many(_) => {
                while let Some(value) = rest.next_if(|next| !is_flag(next)) {
                    values.push(value);
                }
            }
        }
        if let (Takes::One(what) | Takes::Many(what), true) = (flag.takes, values.is_empty()) {
            return usage(format!(
                "--{} needs a value: --{} {what}",
                flag.name, flag.name
            ));
        }
        args.add(flag, values)?;
    }
    if args.has("help") {
        return Ok(Invocation::Help(Some(command)));
    }
    let missing: Vec<String> = FLAGS
        .iter()
        .filter(|f| f.required_on.contains(&id) && !args.has(f.name))
        .map(|f| format!("--{}", f.name))
        .collect();
    if !missing.is_empty() {
        return usage(format!("{} needs {}", command.names[0], missing.join(", ")));
    }
    Ok(Invocation::Run(id, args))
}

/// A lone `-` is a stream and a negative number is an io id: both are values.
fn is_flag(arg: &OsStr) -> bool {
    let text = arg.to_string_lossy();
    text.len() > 1 && text.starts_with('-') && text.parse::<i32>().is_err()
}

/// The flag an argument names, and the value after its `=`.
fn find_flag(
    command: &'static Command,
    id: CommandId,
    arg: &OsStr,
) -> Result<(&'static Flag, Option<OsString>), UsageError> {
    let shown = arg.to_string_lossy();
    if let Some(long) = shown.strip_prefix("--") {
        let (name, inline) = match long.split_once('=') {
            Some((name, _)) => (name, Some(after_equals(arg))),
            None => (long, None),
        };
        if let Some(flag) = flags::flag(id, name) {
            return Ok((flag, inline));
        }
        let known = FLAGS.iter().filter(|f| f.on.contains(&id)).map(|f| f.name);
        let near = suggest::did_you_mean(name, known);
        return usage(format!(
            "unknown flag --{name} for {}{near}",
            command.names[0]
        ));
    }
    let mut chars = shown.chars();
    if let (Some('-'), Some(short), None) = (chars.next(), chars.next(), chars.next()) {
        let found = FLAGS
            .iter()
            .find(|f| f.short == Some(short) && f.on.contains(&id));
        if let Some(flag) = found {
            return Ok((flag, None));
        }
    }
    usage(format!(
        "unexpected argument {shown:?}; values follow a flag such as --in or --out"
    ))
}

/// What follows the first `=`, byte for byte.
#[cfg(unix)]
fn after_equals(arg: &OsStr) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let value = arg.as_bytes().iter().skip_while(|&&b| b != b'=').skip(1);
    OsString::from_vec(value.copied().collect())
}

/// What follows the first `=`.
#[cfg(not(unix))]
fn after_equals(arg: &OsStr) -> OsString {
    let shown = arg.to_string_lossy();
    shown
        .split_once('=')
        .map(|(_, value)| value)
        .unwrap_or_default()
        .into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Invocation, UsageError> {
        parse(args.iter().map(OsString::from).collect())
    }

    fn run(args: &[&str]) -> Args {
        match parsed(args) {
            Ok(Invocation::Run(_, args)) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn many_values_end_at_the_next_flag_and_accumulate() {
        let args = run(&[
            "v1/ir4",
            "--in",
            "0",
            "a",
            "--command=w=1&h=2",
            "--in=b",
            "--out",
            "-",
            "-q",
        ]);
        assert_eq!(args.all("in"), ["0", "a", "b"]);
        assert_eq!(args.one("command"), Some(OsStr::new("w=1&h=2")));
        assert_eq!(args.all("out"), ["-"]);
        assert!(args.has("quiet"));
    }

    #[test]
    fn a_negative_number_is_a_value() {
        let args = run(&["v1/build", "--json", "j", "--in", "-5", "a"]);
        assert_eq!(args.all("in"), ["-5", "a"]);
    }

    #[test]
    fn mistakes_are_named() {
        for (args, expected) in [
            (&["v1/bild"][..], "did you mean \"v1/build\"?"),
            (&["v1/build"], "v1/build needs --json"),
            (&["v1/build", "--jso", "x"], "did you mean \"json\"?"),
            (&["v1/build", "--json"], "--json needs a value"),
            (
                &["v1/build", "--json", "a", "--json", "b"],
                "--json was given twice",
            ),
            (
                &["v1/build", "--json", "a", "b"],
                "unexpected argument \"b\"",
            ),
            (
                &["v1/build", "--json", "a", "--quiet=1"],
                "--quiet takes no value",
            ),
            (
                &["v1/build", "--json", "a", "--command", "w=1"],
                "unknown flag --command",
            ),
            (
                &["v1/querystring", "--in", "a"],
                "v1/querystring needs --out, --command",
            ),
            (&["help", "--help"], "must come after a command"),
            (&["--quiet"], "must come after a command"),
        ] {
            let message = parsed(args).expect_err("is refused").to_string();
            assert!(message.contains(expected), "{args:?}: {message}");
        }
    }

    #[test]
    fn help_and_version_are_recognised() {
        assert!(matches!(parsed(&[]), Ok(Invocation::Nothing)));
        assert!(matches!(parsed(&["--help"]), Ok(Invocation::Help(None))));
        assert!(matches!(parsed(&["help"]), Ok(Invocation::Help(None))));
        assert!(
            matches!(parsed(&["help", "v0.1/ir4"]), Ok(Invocation::Help(Some(c))) if c.id == CommandId::Querystring)
        );
        assert!(matches!(
            parsed(&["v1/build", "--help"]),
            Ok(Invocation::Help(Some(_)))
        ));
        assert!(matches!(parsed(&["-V"]), Ok(Invocation::Version)));
    }
}
