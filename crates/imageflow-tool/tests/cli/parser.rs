//! Help, version and command lines that cannot be understood.

use crate::bench::Bench;

#[test]
fn no_arguments_print_help_on_stderr_and_exit_2() {
    let run = Bench::new("no-arguments").run(&[]);
    assert_eq!((run.code, run.stdout.len()), (Some(2), 0));
    assert!(run.stderr.contains("v1/querystring"), "{}", run.stderr);
}

#[test]
fn help_goes_to_stdout_and_exits_0() {
    let bench = Bench::new("help");
    for args in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["help", "v1/build"],
        &["v1/build", "--help"],
    ] {
        let run = bench.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(
            String::from_utf8(run.stdout)
                .unwrap()
                .contains("imageflow_tool v1/build"),
            "{args:?}"
        );
    }
}

#[test]
fn help_lists_no_command_that_does_not_exist() {
    let run = Bench::new("help-list").run(&["--help"]);
    let text = String::from_utf8(run.stdout).unwrap();
    let commands = text
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let bench = Bench::new("help-list-commands");
    // Names stand two columns in; what is further in belongs to the line before.
    let names = commands.lines().filter(|line| !line.starts_with("   "));
    for line in names {
        let name = line.split_whitespace().next().unwrap();
        assert_eq!(bench.run(&["help", name]).code, Some(0), "{name}");
    }
}

#[test]
fn the_version_is_one_line() {
    let run = Bench::new("version").run(&["-V"]);
    let text = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.code, Some(0));
    assert!(
        text.starts_with("imageflow_tool ") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn the_version_names_the_licence_of_the_build() {
    let licence = if cfg!(feature = "imagequant") {
        "GPL-3.0-or-later"
    } else {
        "MIT OR Apache-2.0"
    };
    let bench = Bench::new("licence");
    for args in [
        &["version"][..],
        &["--version"],
        &["diagnose", "--show-compilation-info"],
    ] {
        let text = String::from_utf8(bench.run(args).stdout).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.ends_with(&format!(", licence {licence}")), "{first}");
    }
}

#[test]
fn argument_errors_exit_2_without_a_response() {
    let bench = Bench::new("argument-errors");
    for (args, expected) in [
        (&["help", "--help"][..], "--help"),
        (&["v1/nope"], "unrecognized subcommand"),
        (&["v1/bild"], "v1/build"),
        (&["v1/build", "--json", "a", "--json", "b"], "--json"),
        (&["v1/build", "--json", "a", "--quiet=1"], "--quiet"),
        (&["examples"], "--generate"),
        (&["v1/build"], "--json"),
        (
            &["v1/build", "--json", "j.json", "--command", "w=1"],
            "--command",
        ),
        (&["v1/querystring", "--json", "j.json"], "--json"),
        (
            &["v1/querystring", "--in", "a.png", "--out", "b.png"],
            "--command",
        ),
        (
            &["v1/querystring", "--in", "a.png", "--command", "w=1"],
            "--out",
        ),
        (
            &["v1/querystring", "--out", "b.png", "--command", "w=1"],
            "--in",
        ),
    ] {
        let run = bench.run(args);
        assert_eq!(
            (run.code, run.stdout.len()),
            (Some(2), 0),
            "{args:?}: {}",
            run.stderr
        );
        assert!(
            run.stderr.starts_with("error: ") && run.stderr.contains(expected),
            "{args:?}: {}",
            run.stderr
        );
    }
}
