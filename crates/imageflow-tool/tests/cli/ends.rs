//! What ends a run from outside: silence, a reader that is gone, a full disk, signals. With real processes and pipes.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, png};

/// Longer than anything here takes, shorter than a test may hang.
const PATIENCE: Duration = Duration::from_secs(20);

fn fifo(bench: &Bench, name: &str) {
    let made = Command::new("mkfifo").arg(bench.path(name)).status();
    assert!(made.unwrap().success());
}

fn send(signal: &str, child: &Child) {
    let kill = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// Waits for the end, but not for ever.
fn end(mut child: Child, what: &str) -> (ExitStatus, String) {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let mut said = String::new();
            if let Some(mut stderr) = child.stderr.take() {
                stderr.read_to_string(&mut said).unwrap();
            }
            assert_ne!(status.code(), Some(101), "{what}: {said}");
            return (status, said);
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{what}: still running");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn spawn(command: &mut Command) -> Child {
    command.stderr(Stdio::piped()).spawn().unwrap()
}

/// Whether a process catches a signal, as /proc tells.
fn catches(child: &Child, signal: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

fn wait_until(what: &str, reached: impl Fn() -> bool) {
    let start = Instant::now();
    while !reached() {
        assert!(start.elapsed() < PATIENCE, "{what} never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn silence_ends_with_the_timeout() {
    let bench = Bench::new("silent-timeout");
    fifo(&bench, "silent");
    bench.write("job.json", br#"{"framewise":{"steps":[]}}"#);
    for args in [
        &["convert", "silent", "b.png", "-c", "w=9"][..],
        &["convert", "-", "b.png", "-c", "w=9"],
        &[
            "v1/querystring",
            "--in",
            "silent",
            "--out",
            "b.png",
            "--command",
            "w=9",
        ],
        &["v1/build", "--json", "silent"],
        &["v1/build", "--json", "-"],
        &["explain", "silent", "-c", "w=9"],
        &["explain", "--json", "silent"],
        &["srcset", "silent", "--out-dir", "out"],
    ] {
        for has_writer in [false, true] {
            let writer = has_writer.then(|| {
                File::options()
                    .read(true)
                    .write(true)
                    .open(bench.path("silent"))
                    .unwrap()
            });
            let start = Instant::now();
            let mut command = bench.command(args);
            command.args(["--timeout", "0.3"]).stdin(Stdio::piped());
            let mut child = spawn(command.stdout(Stdio::null()));
            // Kept open, and silent.
            let stdin = child.stdin.take();
            let (status, said) = end(child, args[0]);
            assert_eq!(status.code(), Some(130), "{args:?}: {said}");
            assert!(said.contains("OperationCancelled"), "{args:?}: {said}");
            assert!(start.elapsed() < Duration::from_secs(5), "{args:?}");
            drop((writer, stdin));
        }
    }
    assert_eq!(bench.files(), ["a.png", "job.json", "silent"]);
}

#[test]
fn silence_ends_with_the_first_signal() {
    let bench = Bench::new("silent-signal");
    fifo(&bench, "silent");
    for args in [
        &[
            "convert",
            "silent",
            "b.png",
            "-c",
            "w=9",
            "--response",
            "r.json",
        ][..],
        &["v1/build", "--json", "job.json", "--out", "b.png"],
        &["batch", "silent", "-c", "w=9", "--out-dir", "out"],
        &["srcset", "silent", "--out-dir", "out"],
    ] {
        bench.write("job.json", br#"{"io":[{"io_id":0,"direction":"in","io":{"file":"silent"}},{"io_id":1,"direction":"out","io":"placeholder"}],
            "framewise":{"steps":[{"command_string":{"kind":"ir4","value":"w=10","decode":0,"encode":1}}]}}"#);
        for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
            let child = spawn(bench.command(args).stdout(Stdio::null()));
            wait_until("the handler", || catches(&child, number as u32));
            // Time to come to the read itself; a signal before that is obeyed as well.
            std::thread::sleep(Duration::from_millis(50));
            let start = Instant::now();
            send(name, &child);
            let (status, said) = end(child, args[0]);
            assert_eq!(status.code(), Some(128 + number), "{name} {args:?}: {said}");
            assert!(start.elapsed() < Duration::from_secs(5), "{name} {args:?}");
        }
    }
    // Standard input is read before there is anything to clean up: the signal ends the process itself.
    let mut command = bench.command(&["convert", "-", "b.png"]);
    let mut child = spawn(command.stdin(Stdio::piped()));
    let stdin = child.stdin.take();
    send("TERM", &child);
    let (status, _) = end(child, "stdin");
    assert!(
        status.signal() == Some(15) || status.code() == Some(143),
        "{status}"
    );
    drop(stdin);
    let response: serde_json::Value = serde_json::from_slice(&bench.read("r.json")).unwrap();
    assert_eq!(response["code"], 499);
    let _ = fs::remove_dir_all(bench.path("out"));
    assert_eq!(bench.files(), ["a.png", "job.json", "r.json", "silent"]);
}

#[test]
fn a_pipe_that_speaks_is_an_input_like_any_other() {
    let bench = Bench::new("speaking");
    fifo(&bench, "pipe");
    for args in [
        &["convert", "pipe", "out/b.png", "-c", "w=10"][..],
        &["info", "pipe"],
        &["explain", "pipe", "-c", "w=10"],
        &["batch", "pipe", "-c", "w=10", "--out-dir", "out"],
        &["srcset", "pipe", "--widths", "10", "--out-dir", "out"],
    ] {
        let _ = fs::create_dir(bench.path("out"));
        let child = spawn(bench.command(args).stdout(Stdio::null()));
        let path = bench.path("pipe");
        let writer = std::thread::spawn(move || {
            let mut pipe = File::options().write(true).open(path).unwrap();
            for piece in png(40, 30).chunks(100) {
                pipe.write_all(piece).unwrap();
            }
        });
        let (status, said) = end(child, args[0]);
        assert_eq!(status.code(), Some(0), "{args:?}: {said}");
        writer.join().unwrap();
    }
}

/// Ways in which standard output takes nothing.
fn deaf() -> Vec<(&'static str, Option<OwnedFd>)> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut ways = vec![
        ("a reader that is gone", Some(writer.into())),
        ("a closed one", None),
    ];
    if let Ok(full) = File::options().write(true).open("/dev/full") {
        ways.push(("a full disk", Some(full.into())));
    }
    ways
}

#[test]
fn what_standard_output_does_not_take_is_an_error() {
    let bench = Bench::new("deaf");
    for args in [
        &["--version"][..],
        &["--help"],
        &["help", "convert"],
        &["version"],
        &["version", "--json"],
        &["info", "a.png"],
        &["info", "--json", "a.png"],
        &["explain", "a.png", "-c", "w=9"],
        &["man"],
        &["completions", "bash"],
        &["diagnose", "--show-compilation-info"],
        &["convert", "a.png", "-", "-c", "w=9"],
        &["convert", "a.png", "b.png", "--response", "-"],
        &[
            "v1/querystring",
            "--in",
            "a.png",
            "--out",
            "b.png",
            "--command",
            "w=9",
        ],
        &[
            "v1/querystring",
            "--in",
            "a.png",
            "--out",
            "base64:",
            "--command",
            "w=9",
        ],
        &["srcset", "a.png", "--widths", "9", "--out-dir", "out"],
        &[
            "batch",
            "a.png",
            "-c",
            "w=9",
            "--out-dir",
            "out",
            "--report",
            "ndjson",
        ],
        &[
            "batch",
            "a.png",
            "-c",
            "w=9",
            "--out-dir",
            "out",
            "--dry-run",
        ],
    ] {
        for (way, stdout) in deaf() {
            let child = match stdout {
                Some(stdout) => spawn(bench.command(args).stdout(stdout)),
                None => {
                    let program = env!("CARGO_BIN_EXE_imageflow_tool");
                    let mut shell = Command::new("sh");
                    shell
                        .args(["-c", "exec \"$0\" \"$@\" >&-", program])
                        .args(args);
                    spawn(shell.current_dir(bench.path("")))
                }
            };
            let (status, said) = end(child, args[0]);
            assert_eq!(status.code(), Some(74), "{way}, {args:?}: {said}");
            assert!(said.contains("standard output"), "{way}, {args:?}: {said}");
        }
    }
    // Nothing is lost where nothing is said.
    let program = env!("CARGO_BIN_EXE_imageflow_tool");
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" convert a.png c.png -c w=9 >&-", program]);
    let (status, said) = end(spawn(shell.current_dir(bench.path(""))), "quiet");
    assert_eq!(status.code(), Some(0), "{said}");
}

#[test]
fn a_deaf_standard_error_changes_no_exit_code() {
    let bench = Bench::new("deaf-stderr");
    for (args, code) in [
        (&["convert", "a.png", "b.png", "-c", "bogus=1"][..], 0),
        (&["convert", "none.png", "b.png"], 66),
        (&["info", "none.png"], 66),
        (&["nonsense"], 2),
        (&["batch", "none.png", "-c", "w=9", "--out-dir", "out"], 1),
    ] {
        for (way, stderr) in deaf() {
            let mut command = bench.command(args);
            command.stdout(Stdio::null());
            match stderr {
                Some(stderr) => command.stderr(stderr),
                None => continue,
            };
            let (status, _) = end(command.spawn().unwrap(), args[0]);
            assert_eq!(status.code(), Some(code), "{way}, {args:?}");
        }
    }
}

#[test]
fn a_full_disk_is_an_error_of_files_too() {
    if !fs::exists("/dev/full").unwrap() {
        return;
    }
    let bench = Bench::new("full");
    for args in [
        &["convert", "a.png", "/dev/full", "-c", "format=png"][..],
        &["convert", "a.png", "b.png", "--response", "/dev/full"],
        &[
            "v1/querystring",
            "--in",
            "a.png",
            "--out",
            "/dev/full",
            "--command",
            "w=9",
        ],
    ] {
        let (status, said) = end(spawn(bench.command(args).stdout(Stdio::null())), args[0]);
        assert_eq!(status.code(), Some(74), "{args:?}: {said}");
        assert!(said.contains("No space left"), "{args:?}: {said}");
    }
}

/// Noise that takes a while to be enlarged.
fn slow(bench: &Bench, count: usize) {
    fs::create_dir(bench.path("in")).unwrap();
    for i in 0..count {
        bench.write(&format!("in/{i}.png"), &png(600, 400));
    }
}

#[test]
fn a_hangup_cleans_up_as_a_termination_does() {
    let command = "w=3000&scale=both&format=webp&webp.lossless=true";
    for (name, number) in [("TERM", 15), ("HUP", 1)] {
        let bench = Bench::new(&format!("hangup-{name}"));
        slow(&bench, 12);
        let args = [
            "batch",
            "in",
            "-c",
            command,
            "--out-dir",
            "out",
            "--jobs",
            "2",
        ];
        let child = spawn(bench.command(&args).stdout(Stdio::null()));
        wait_until("the first result", || bench.exists("out/0.webp"));
        send(name, &child);
        let (status, said) = end(child, name);
        assert_eq!(status.code(), Some(128 + number), "{said}");
        let mut whole = 0;
        for entry in fs::read_dir(bench.path("out")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name != ".imageflow-batch.ndjson" {
                assert!(name.ends_with(".webp") && !name.contains("tmp"), "{name}");
                let info = bench.run(&["info", &format!("out/{name}")]);
                assert_eq!(info.code, Some(0), "{}", info.stderr);
                whole += 1;
            }
        }
        assert!(whole < 12, "the batch was over before the signal");
        let journal = String::from_utf8(bench.read("out/.imageflow-batch.ndjson")).unwrap();
        let done = journal
            .lines()
            .filter(|line| line.starts_with("{\"done\""))
            .count();
        assert_eq!(done, whole, "{journal}");

        let args = [
            "convert",
            "in/0.png",
            "b.webp",
            "-c",
            "w=9000&scale=both&webp.lossless=true",
        ];
        let child = spawn(bench.command(&args).stdout(Stdio::null()));
        wait_until("the handler", || catches(&child, number as u32));
        send(name, &child);
        let (status, said) = end(child, name);
        assert_eq!(status.code(), Some(128 + number), "{said}");
        assert_eq!(bench.files(), ["a.png", "in", "out"]);
    }
}

#[test]
fn a_hangup_that_is_ignored_stays_ignored() {
    let bench = Bench::new("nohup");
    slow(&bench, 1);
    let program = env!("CARGO_BIN_EXE_imageflow_tool");
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "trap '' HUP; exec \"$0\" convert in/0.png b.jpg -c 'w=2000&scale=both'",
        program,
    ]);
    let child = spawn(shell.current_dir(bench.path("")).process_group(0));
    wait_until("the handler", || catches(&child, 15));
    assert!(!catches(&child, 1));
    send("HUP", &child);
    let (status, said) = end(child, "nohup");
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(bench.exists("b.jpg"));
}

#[test]
fn a_signal_ends_the_wait_for_a_reader_who_does_not_read() {
    let bench = Bench::new("slow-reader");
    // More than a pipe holds.
    bench.write("big.png", &png(900, 900));
    let (reader, writer) = std::io::pipe().unwrap();
    let args = [
        "convert",
        "big.png",
        "-",
        "-c",
        "format=png&s.sepia=true&w=1800&scale=both",
    ];
    let child = spawn(bench.command(&args).stdout(writer));
    // A byte of the result is there: it is being written.
    let mut byte = [0];
    (&reader).read_exact(&mut byte).unwrap();
    send("TERM", &child);
    let (status, said) = end(child, "slow reader");
    assert_eq!(status.code(), Some(143), "{said}");
    drop(reader);
}
