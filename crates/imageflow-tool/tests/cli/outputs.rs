//! Files are complete or not there; standard output and the response file behave.

use std::fs::File;
use std::process::Stdio;

use crate::bench::{Bench, png, png_size};

#[test]
fn a_failing_job_leaves_existing_outputs_alone() {
    let bench = Bench::new("leaves-alone");
    bench.write("good.png", b"precious");
    let whole = bench.read("a.png");
    bench.write("cut.png", &whole[..whole.len() - 30]);
    for input in ["cut.png", "none.png"] {
        let run = bench.run(&[
            "v1/ir4",
            "--in",
            input,
            "--out",
            "good.png",
            "--command",
            "w=10",
        ]);
        assert_ne!(run.code, Some(0));
        assert_eq!(bench.read("good.png"), b"precious");
    }
    assert_eq!(bench.files(), ["a.png", "cut.png", "good.png"]);
}

#[test]
fn existing_outputs_are_overwritten_on_success() {
    let bench = Bench::new("overwrites");
    bench.write("b.png", &[0; 100_000]);
    bench.convert("a.png", "b.png", "w=10");
    assert_eq!(png_size(&bench.read("b.png")), (10, 8));
    assert_eq!(bench.files(), ["a.png", "b.png"]);
}

#[test]
fn input_and_output_may_be_the_same_file() {
    let bench = Bench::new("same-file");
    bench.convert("a.png", "a.png", "w=20");
    assert_eq!(png_size(&bench.read("a.png")), (20, 15));
    bench.convert("a.png", "./a.png", "w=10");
    assert_eq!(png_size(&bench.read("a.png")), (10, 8));
    assert_eq!(bench.files(), ["a.png"]);
}

#[test]
fn response_files_hold_the_document_and_stdout_nothing() {
    let bench = Bench::new("response-file");
    let args = [
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=10",
        "--response",
        "r.json",
    ];
    let run = bench.run(&args);
    assert_eq!(
        (run.code, run.stdout.len(), run.stderr.as_str()),
        (Some(0), 0, "")
    );
    let with_quiet = bench.run(&[&args[..], &["--quiet"]].concat());
    assert_eq!((with_quiet.code, with_quiet.stdout.len()), (Some(0), 0));
    let text = String::from_utf8(bench.read("r.json")).unwrap();
    assert!(
        text.starts_with("{\n  \"code\": 200,") && text.ends_with('}'),
        "{text}"
    );
    assert_eq!(bench.files(), ["a.png", "b.png", "r.json"]);
}

#[test]
fn a_response_that_cannot_be_written_stops_the_job_before_it_starts() {
    let bench = Bench::new("response-folder");
    let run = bench.run(&[
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=10",
        "--response",
        "none/r.json",
    ]);
    assert_eq!(run.code, Some(74), "{}", run.stderr);
    assert!(
        run.stderr.starts_with("IoError: ") && run.stderr.contains("none/r.json"),
        "{}",
        run.stderr
    );
    assert_eq!(bench.files(), ["a.png"]);
}

#[test]
#[cfg(target_os = "linux")]
fn dev_stdout_is_an_output() {
    let bench = Bench::new("dev-stdout");
    let run = bench.run(&[
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "/dev/stdout",
        "--command",
        "w=10",
        "--quiet",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(png_size(&run.stdout), (10, 8));
}

#[test]
#[cfg(target_os = "linux")]
fn a_stdout_that_takes_no_response_is_an_io_error_and_the_image_is_there() {
    let bench = Bench::new("full-stdout");
    let args = [
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=10",
    ];
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = bench
        .command(&args)
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("IoError: ")
    );
    assert!(bench.exists("b.png"));

    std::fs::remove_file(bench.path("b.png")).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = bench
        .command(&args)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(74));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("IoError: ") && said.contains("Broken pipe"),
        "{said}"
    );
    assert!(bench.exists("b.png"));
}

#[test]
#[cfg(unix)]
fn an_interrupt_cancels_the_job_and_leaves_no_file() {
    use std::time::{Duration, Instant};

    let bench = Bench::new("interrupt");
    bench.write("big.png", &png(4000, 4000));
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        // Slow enough to be caught in the act: enlarging, then the slowest deflate.
        bench.write(
            "job.json",
            br#"{"io":[{"io_id":0,"direction":"in","io":"placeholder"},{"io_id":1,"direction":"out","io":"placeholder"}],
                "framewise":{"steps":[{"decode":{"io_id":0}},{"resample_2d":{"w":9000,"h":9000}},
                {"encode":{"io_id":1,"preset":{"libpng":{"depth":"png_32","zlib_compression":9}}}}]}}"#,
        );
        let mut child = bench
            .command(&[
                "v1/build", "--json", "job.json", "--in", "big.png", "--out", "b.png", "--quiet",
            ])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let start = Instant::now();
        // The temporary output shows that the job runs.
        while bench.files().len() < 4 && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(100));
        let kill = std::process::Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{signal}");
        assert_eq!(bench.files(), ["a.png", "big.png", "job.json"]);
    }
}

#[test]
fn a_timeout_cancels_the_job() {
    let bench = Bench::new("timeout");
    let args = [
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=9000&h=9000&scale=both&mode=stretch",
    ];
    let run = bench.run(&[&args[..], &["--timeout", "0.02"]].concat());
    run.fails(130, "OperationCancelled: ", 499);
    assert_eq!(bench.files(), ["a.png"]);
    let invalid = bench.run(&[&args[..], &["--timeout", "-1"]].concat());
    assert_ne!(invalid.code, Some(0));
}
