//! Inputs that cannot be read and outputs that cannot be written: exit codes and messages.

use crate::bench::Bench;

fn convert(bench: &Bench, input: &str, output: &str) -> crate::bench::Run {
    bench.run(&[
        "v1/querystring",
        "--in",
        input,
        "--out",
        output,
        "--command",
        "w=10",
    ])
}

#[test]
fn a_missing_input_is_named() {
    let bench = Bench::new("missing-input");
    let run = convert(&bench, "none.jpg", "b.jpg");
    run.fails(74, "IoError: ", 500);
    assert!(
        run.stderr.contains("none.jpg") && run.stderr.contains("input"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("os error 2"), "{}", run.stderr);
}

#[test]
fn a_missing_input_of_the_newer_commands_is_not_found() {
    let bench = Bench::new("missing-newer");
    for arguments in [
        &["convert", "none.jpg", "out.png"][..],
        &["explain", "none.jpg", "-c", "w=5"],
        &["info", "none.jpg"],
        &["srcset", "none.jpg", "--out-dir", "out"],
    ] {
        let run = bench.run(arguments);
        assert_eq!(run.code, Some(66), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("none.jpg"), "{}", run.stderr);
    }
}

#[test]
fn a_missing_output_folder_is_named() {
    let bench = Bench::new("missing-folder");
    let run = convert(&bench, "a.png", "none/b.jpg");
    run.fails(74, "IoError: ", 500);
    assert!(
        run.stderr.contains("none/b.jpg") && run.stderr.contains("output"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_directory_is_no_input() {
    let bench = Bench::new("directory");
    std::fs::create_dir(bench.path("d")).unwrap();
    let run = convert(&bench, "d", "b.jpg");
    run.fails(74, "IoError: ", 500);
    assert!(
        run.stderr.to_lowercase().contains("is a directory"),
        "{}",
        run.stderr
    );
}

#[test]
fn files_that_are_no_image_are_malformed() {
    let bench = Bench::new("no-image");
    bench.write("text.jpg", b"not an image at all");
    bench.write(
        "bitmap.bmp",
        b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00",
    );
    for name in ["text.jpg", "bitmap.bmp"] {
        let run = convert(&bench, name, "b.jpg");
        run.fails(65, "ImageMalformed: NoEnabledDecoderFound", 400);
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
    bench.write("nothing.jpg", b"");
    let run = convert(&bench, "nothing.jpg", "b.jpg");
    run.fails(65, "ImageMalformed: NoEnabledDecoderFound", 400);
    assert!(run.stderr.contains("empty"), "{}", run.stderr);
    assert!(!bench.exists("b.jpg"));
}

#[test]
fn a_jpeg_cut_in_its_headers_is_malformed() {
    let bench = Bench::new("cut-jpeg");
    bench.convert("a.png", "a.jpg", "format=jpg");
    let whole = bench.read("a.jpg");
    bench.write("cut.jpg", &whole[..40]);
    let run = convert(&bench, "cut.jpg", "b.jpg");
    run.fails(65, "ImageMalformed: JpegDecodingError", 400);
    assert!(
        run.stderr.lines().next().unwrap().contains("cut.jpg"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_error_is_one_line_unless_verbose() {
    let bench = Bench::new("one-line");
    let whole = bench.read("a.png");
    bench.write("cut.png", &whole[..whole.len() / 2]);
    let run = convert(&bench, "cut.png", "b.png");
    run.fails(65, "ImageMalformed: ImageDecodingError", 400);
    let lines = run
        .stderr
        .lines()
        .filter(|line| !line.starts_with("hint: "))
        .count();
    assert_eq!(lines, 1, "{}", run.stderr);
    assert!(!run.stderr.contains(".rs"), "{}", run.stderr);
}

#[test]
fn errors_are_printed_with_quiet_and_written_to_the_response() {
    let bench = Bench::new("quiet-errors");
    let args = [
        "v1/ir4",
        "--in",
        "none.jpg",
        "--out",
        "b.jpg",
        "--command",
        "w=1",
        "--quiet",
        "--response",
        "r.json",
    ];
    let run = bench.run(&args);
    assert_eq!((run.code, run.stdout.len()), (Some(74), 0));
    assert!(run.stderr.starts_with("IoError: "), "{}", run.stderr);
    let json: serde_json::Value = serde_json::from_slice(&bench.read("r.json")).unwrap();
    assert_eq!(
        (json["success"].as_bool(), json["code"].as_i64()),
        (Some(false), Some(500))
    );
    assert!(json["message"].as_str().unwrap().starts_with("IoError: "));
}
