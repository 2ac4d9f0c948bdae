//! `--capture-to BASENAME`: runs the tool as a child and keeps all there is to know about the run, to report a problem.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::say;

const FLAG: &str = "--capture-to";

/// Set for the child, which must not capture again.
const GUARD: &str = "IMAGEFLOW_TOOL_CAPTURED";

/// Takes the flag out of the arguments, wherever it is, so that a command line with mistakes can be captured as well.
///
/// # Errors
/// When the flag has no value, is given twice, or this is a captured run already.
pub(crate) fn take_flag(arguments: &mut Vec<OsString>) -> Result<Option<OsString>, String> {
    let value_of = |argument: &OsStr| {
        let text = argument.to_str()?;
        text.strip_prefix(FLAG)?
            .strip_prefix('=')
            .map(OsString::from)
    };
    let mut found = None;
    let mut rest = Vec::with_capacity(arguments.len());
    let mut all = arguments.drain(..);
    while let Some(argument) = all.next() {
        let value = if argument == FLAG {
            all.next()
        } else if let Some(value) = value_of(&argument) {
            Some(value)
        } else {
            rest.push(argument);
            continue;
        };
        let value = value.filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("{FLAG} needs a value: {FLAG} BASENAME"))?;
        if found.replace(value).is_some() {
            return Err(format!("{FLAG} was given twice"));
        }
    }
    drop(all);
    *arguments = rest;
    if found.is_some() && std::env::var_os(GUARD).is_some() {
        return Err(format!("{FLAG} cannot be used in a run that is captured"));
    }
    Ok(found)
}

/// Runs the tool with these arguments (the first is the program) and writes the capture. Returns the child's exit code.
pub(crate) fn run(basename: &OsStr, arguments: &[OsString]) -> u8 {
    let capture = Capture {
        basename: basename.to_owned(),
        folder: PathBuf::from("."),
    };
    let rest = arguments.get(1..).unwrap_or_default();
    match capture.record(rest, Stdio::inherit()) {
        Ok(captured) => captured.exit,
        Err(e) => {
            say::error(&format!("cannot capture to {}: {e}", basename.display()));
            74
        }
    }
}

/// Where a capture goes.
#[derive(Debug)]
pub(crate) struct Capture {
    /// What the names of its files begin with, relative to the folder.
    pub(crate) basename: OsString,
    /// The folder the tool runs in.
    pub(crate) folder: PathBuf,
}

/// A run that was captured.
#[derive(Debug)]
pub(crate) struct Captured {
    /// The exit code, 70 when a signal ended the child.
    pub(crate) exit: u8,
    /// What it said on standard error.
    pub(crate) stderr: Vec<u8>,
}

impl Capture {
    /// Runs the tool with these arguments and writes the files.
    ///
    /// # Errors
    /// When the tool cannot be started or a file cannot be written.
    pub(crate) fn record(&self, arguments: &[OsString], stdin: Stdio) -> io::Result<Captured> {
        let program = std::env::current_exe()?;
        let mut invocation = quoted(program.as_os_str());
        for argument in arguments {
            invocation.push(b' ');
            invocation.extend(quoted(argument));
        }
        self.write("run.txt", &invocation)?;
        let run = |arguments: &[OsString], stdin: Stdio| {
            Command::new(&program)
                .args(arguments)
                .current_dir(&self.folder)
                .env("RUST_BACKTRACE", "1")
                .env(GUARD, "1")
                .stdin(stdin)
                .output()
        };
        let output = run(arguments, stdin)?;
        let code = output.status.code();
        self.write(&format!("exitcode_{code:?}.txt"), b"")?;
        self.write("stdout.txt", &output.stdout)?;
        self.write("stderr.txt", &output.stderr)?;
        let about: [(&str, &[&str]); 2] = [
            ("version.txt", &["--version"]),
            (
                "compilation_info.txt",
                &["diagnose", "--show-compilation-info"],
            ),
        ];
        for (name, asked) in about {
            let asked_os: Vec<OsString> = asked.iter().map(OsString::from).collect();
            let answer = run(&asked_os, Stdio::null())?;
            self.write(name, &sections(asked, &answer))?;
        }
        match option_env!("ARTIFACT_URL") {
            Some(url) => self.write("artifact_url.txt", url.as_bytes())?,
            None => {
                let name = format!("imageflow_tool{}", std::env::consts::EXE_SUFFIX);
                fs::copy(&program, self.path(&name)).map(|_| ())?;
            }
        }
        Ok(Captured {
            exit: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(70),
            stderr: output.stderr,
        })
    }

    fn path(&self, rest: &str) -> PathBuf {
        let mut name = self.basename.clone();
        name.push("_");
        name.push(rest);
        self.folder.join(Path::new(&name))
    }

    fn write(&self, rest: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(rest);
        fs::write(&path, bytes)
            .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))
    }
}

/// A header line, then both streams.
fn sections(asked: &[&str], answer: &Output) -> Vec<u8> {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = writeln!(text, "imageflow_tool {}", asked.join(" "));
    let _ = writeln!(text, "STDERR:");
    text.extend_from_slice(&answer.stderr);
    let _ = writeln!(text, "\nSTDOUT:");
    text.extend_from_slice(&answer.stdout);
    text
}

/// An argument as a POSIX shell reads it.
fn quoted(argument: &OsStr) -> Vec<u8> {
    let bytes = argument.as_encoded_bytes();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(b);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return bytes.to_vec();
    }
    let inner: Vec<&[u8]> = bytes.split(|b| *b == b'\'').collect();
    [b"'", inner.join(&b"'\\''"[..]).as_slice(), b"'"].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn taken(arguments: &[&str]) -> (Result<Option<OsString>, String>, Vec<OsString>) {
        let mut arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        (take_flag(&mut arguments), arguments)
    }

    #[test]
    fn the_flag_is_taken_out_wherever_it_is() {
        for arguments in [
            &["tool", "--capture-to", "x", "v1/build"][..],
            &["tool", "v1/build", "--capture-to=x"],
        ] {
            let (found, rest) = taken(arguments);
            assert_eq!(found, Ok(Some("x".into())));
            assert_eq!(rest, ["tool", "v1/build"]);
        }
        assert_eq!(
            taken(&["tool", "info"]),
            (Ok(None), vec!["tool".into(), "info".into()])
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            taken(&["tool", "--capture-to"])
                .0
                .unwrap_err()
                .contains("needs a value")
        );
        assert!(
            taken(&["tool", "--capture-to="])
                .0
                .unwrap_err()
                .contains("needs a value")
        );
        assert!(
            taken(&["tool", "--capture-to=a", "--capture-to", "b"])
                .0
                .unwrap_err()
                .contains("twice")
        );
    }

    #[test]
    fn arguments_survive_a_shell() {
        assert_eq!(quoted(OsStr::new("a/b-c.jpg")), b"a/b-c.jpg");
        assert_eq!(quoted(OsStr::new("w=1&h=2")), b"'w=1&h=2'");
        assert_eq!(quoted(OsStr::new("it's")), b"'it'\\''s'");
        assert_eq!(quoted(OsStr::new("")), b"''");
    }
}
