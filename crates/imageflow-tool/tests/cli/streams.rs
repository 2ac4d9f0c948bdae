//! `-` as input, output, job and response.

use crate::bench::{Bench, png_size};

#[test]
fn a_pipe_in_and_a_pipe_out_carry_image_bytes_only() {
    let bench = Bench::new("pipe");
    let input = bench.read("a.png");
    let run = bench.run_with_stdin(
        &["v1/ir4", "--in", "-", "--out", "-", "--command", "w=10"],
        &input,
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(png_size(&run.stdout), (10, 8));
    assert_eq!(bench.files(), ["a.png"]);
}

#[test]
fn the_response_of_a_piped_image_can_go_to_a_file_but_not_to_stdout() {
    let bench = Bench::new("pipe-response");
    let args = [
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "-",
        "--command",
        "w=10",
        "--response",
    ];
    let run = bench.run(&[&args[..], &["r.json"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(png_size(&run.stdout), (10, 8));
    let json: serde_json::Value = serde_json::from_slice(&bench.read("r.json")).unwrap();
    assert_eq!(
        json["data"]["build_result"]["encodes"][0]["bytes"],
        "elsewhere"
    );
    let run = bench.run(&[&args[..], &["-"]].concat());
    assert_eq!((run.code, run.stdout.len()), (Some(64), 0));
    assert!(run.stderr.starts_with("BadArguments: "), "{}", run.stderr);
}

#[test]
fn the_job_may_come_from_stdin() {
    let bench = Bench::new("json-stdin");
    let job = br#"{"io":[{"io_id":0,"direction":"in","io":"placeholder"},{"io_id":1,"direction":"out","io":"placeholder"}],
        "framewise":{"steps":[{"command_string":{"kind":"ir4","value":"w=10","decode":0,"encode":1}}]}}"#;
    let run = bench.run_with_stdin(
        &[
            "v1/build",
            "--json",
            "-",
            "--in",
            "a.png",
            "--out",
            "b.png",
            "--response",
            "-",
        ],
        job,
    );
    assert_eq!(run.json()["code"], 200, "{}", run.stderr);
    assert!(bench.exists("b.png"));
    let run = bench.run_with_stdin(
        &["v1/build", "--json", "-", "--in", "-", "--out", "b.png"],
        job,
    );
    run.fails(64, "BadArguments: standard input cannot be both", 400);
}

#[test]
fn stdin_is_bounded() {
    let bench = Bench::new("stdin-bound");
    let input = bench.read("a.png");
    let args = [
        "v1/ir4",
        "--in",
        "-",
        "--out",
        "b.png",
        "--command",
        "w=10",
        "--max-input-bytes",
    ];
    let exact = input.len().to_string();
    let run = bench.run_with_stdin(&[&args[..], &[&exact]].concat(), &input);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let less = (input.len() - 1).to_string();
    let run = bench.run_with_stdin(&[&args[..], &[&less]].concat(), &input);
    run.fails(64, "BadArguments: standard input is longer than", 400);
    let run = bench.run_with_stdin(&[&args[..], &["many"]].concat(), &input);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("--max-input-bytes"), "{}", run.stderr);
}

#[test]
fn an_empty_stdin_is_an_empty_image() {
    let bench = Bench::new("stdin-empty");
    let run = bench.run_with_stdin(
        &["v1/ir4", "--in", "-", "--out", "b.png", "--command", "w=10"],
        b"",
    );
    run.fails(65, "ImageMalformed: NoEnabledDecoderFound", 400);
    assert!(run.stderr.contains("empty"), "{}", run.stderr);
}
