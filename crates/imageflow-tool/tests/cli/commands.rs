//! Commands that imageflow 2.x does not have, but `batch` and `srcset`.

use std::process::Stdio;

use serde_json::Value;

use crate::bench::{Bench, animation, is_jpeg, png, png_size};

#[test]
fn convert_follows_the_name_of_the_output() {
    let bench = Bench::new("convert");
    let run = bench.run(&["convert", "a.png", "b.jpg", "-c", "w=20"]);
    assert_eq!((run.code, run.stdout.len()), (Some(0), 0), "{}", run.stderr);
    assert!(is_jpeg(&bench.read("b.jpg")));
    // The command has the last word, and no command is one too.
    bench.run(&["convert", "a.png", "c.jpg", "-c", "w=20&format=png"]);
    assert_eq!(png_size(&bench.read("c.jpg")), (20, 15));
    bench.run(&["convert", "a.png", "d.png"]);
    assert_eq!(png_size(&bench.read("d.png")), (40, 30));
    let run = bench.run(&["convert", "a.png", "e.xyz"]);
    assert_eq!(run.code, Some(64));
    assert!(
        run.stderr.contains(".xyz") && run.stderr.contains(".webp"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_number_is_a_file_for_convert() {
    let bench = Bench::new("convert-number");
    bench.write("7", &png(8, 8));
    let run = bench.run(&["convert", "7", "8"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(png_size(&bench.read("8")), (8, 8));
}

#[test]
fn streams_can_be_piped_into_each_other() {
    let bench = Bench::new("pipes");
    let first = bench.run_with_stdin(
        &["convert", "-", "-", "-c", "w=10&format=jpg"],
        &bench.read("a.png"),
    );
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let second = bench.run_with_stdin(&["info", "-", "--json"], &first.stdout);
    let info: Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(info[0]["format"], "JPEG");
    assert_eq!(info[0]["width"], 10);
}

#[test]
fn mistakes_of_a_job_file_come_with_a_way_out() {
    let bench = Bench::new("advice");
    bench.write(
        "j.json",
        br#"{"framewise":{"steps":[{"resample_2d":{"w":"30","h":20}}]}}"#,
    );
    let run = bench.run(&["v1/build", "--json", "j.json"]);
    assert_eq!(run.code, Some(65));
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert!(lines[0].starts_with("InvalidJson: "), "{}", run.stderr);
    assert_eq!(
        lines.last(),
        Some(&"hint: at framewise.steps[0].resample_2d.w: write the number without quotes: 30")
    );
}

#[test]
fn an_output_that_exists_is_kept_on_request() {
    let bench = Bench::new("no-clobber");
    bench.write("b.png", b"mine");
    for args in [
        &["convert", "a.png", "b.png", "--no-clobber"][..],
        &[
            "v1/querystring",
            "--in",
            "a.png",
            "--out",
            "b.png",
            "--command",
            "w=5",
            "--no-clobber",
        ],
    ] {
        let run = bench.run(args);
        assert_eq!(run.code, Some(74), "{}", run.stderr);
        assert!(run.stderr.contains("b.png exists"), "{}", run.stderr);
        assert_eq!(bench.read("b.png"), b"mine");
    }
}

#[test]
fn info_tells_what_headers_tell() {
    let bench = Bench::new("info");
    bench.convert("a.png", "b.jpg", "format=jpg");
    bench.write("text.txt", b"text");
    let run = bench.run(&["info", "a.png", "b.jpg", "text.txt", "none.jpg"]);
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(text.starts_with("FILE"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[1].starts_with("a.png") && lines[1].contains("40×30"),
        "{text}"
    );
    assert!(
        lines[2].starts_with("b.jpg") && lines[2].contains("JPEG"),
        "{text}"
    );
    assert_eq!(lines.len(), 3);
    assert!(run.stderr.contains("text.txt: ") && run.stderr.contains("none.jpg: "));
    assert_eq!(run.code, Some(66));

    let run = bench.run(&["info", "--json", "a.png", "text.txt"]);
    let info: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(info[0]["height"], 30);
    assert_eq!(info[0]["lossless"], true);
    assert!(info[1]["error"].is_string());
    assert_eq!(run.code, Some(65));
}

#[test]
fn info_counts_frames_and_reads_exif() {
    let bench = Bench::new("info-more");
    bench.write("anim.gif", &animation());
    bench.write("photo.jpg", &with_exif(&bench));
    let run = bench.run(&["info", "--json", "anim.gif", "photo.jpg"]);
    let info: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(
        (&info[0]["frames"], &info[0]["duration_ms"]),
        (&2.into(), &200.into())
    );
    assert_eq!(info[1]["exif"]["camera"], "Maker Model 1", "{info}");
    assert_eq!(info[1]["exif"]["location"], false);
    let run = bench.run(&["info", "anim.gif", "photo.jpg"]);
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(
        text.contains("2 frames in 0.2 s") && text.contains("Maker Model 1"),
        "{text}"
    );
}

/// A JPEG with an EXIF block that names maker and model.
fn with_exif(bench: &Bench) -> Vec<u8> {
    bench.convert("a.png", "plain.jpg", "format=jpg");
    let jpeg = bench.read("plain.jpg");
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    for (tag, length, offset) in [(0x010fu16, 6u32, 38u32), (0x0110, 8, 44)] {
        tiff.extend_from_slice(&tag.to_be_bytes());
        tiff.extend_from_slice(&2u16.to_be_bytes());
        tiff.extend_from_slice(&length.to_be_bytes());
        tiff.extend_from_slice(&offset.to_be_bytes());
    }
    tiff.extend_from_slice(b"\0\0\0\0Maker\0Model 1\0");
    let mut out = jpeg[..2].to_vec();
    out.extend_from_slice(&[0xff, 0xe1]);
    out.extend_from_slice(&(u16::try_from(tiff.len() + 8).unwrap()).to_be_bytes());
    out.extend_from_slice(b"Exif\0\0");
    out.extend_from_slice(&tiff);
    out.extend_from_slice(&jpeg[2..]);
    out
}

#[test]
fn explain_shows_the_plan_and_writes_nothing() {
    let bench = Bench::new("explain");
    let run = bench.run(&["explain", "a.png", "-c", "w=20&format=jpg"]);
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(text.contains("input 0: decode PNG 40×30"), "{text}");
    assert!(
        text.contains("20×15") && text.contains("output 1: JPEG, quality"),
        "{text}"
    );
    assert!(text.trim_end().ends_with("in all"), "{text}");

    let run = bench.run(&["explain", "a.png", "-c", "w=20", "--as", "svg"]);
    let svg = String::from_utf8(run.stdout).unwrap();
    assert!(
        svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
        "{svg}"
    );

    bench.write(
        "job.json",
        br#"{"io":[{"io_id":0,"direction":"in","io":"placeholder"},{"io_id":5,"direction":"out","io":"placeholder"}],
            "framewise":{"steps":[{"decode":{"io_id":0}},"rotate_90",{"encode":{"io_id":5,"preset":{"lodepng":{}}}}]}}"#,
    );
    let run = bench.run(&[
        "explain", "--json", "job.json", "--in", "a.png", "--as", "json",
    ]);
    let plan: Value =
        serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!(
        (&plan["outputs"][0]["io_id"], &plan["outputs"][0]["w"]),
        (&5.into(), &30.into())
    );
    assert_eq!(bench.files(), ["a.png", "job.json"]);

    let run = bench.run(&["explain", "none.png"]);
    assert_eq!(run.code, Some(66), "{}", run.stderr);
}

#[test]
fn the_line_of_a_mistake_is_shown_with_a_caret() {
    let bench = Bench::new("caret");
    bench.write(
        "bad.json",
        b"{\n  \"io\": [],\n  \"framewise\": {\"steps\": [\n    \"flip_x\"\n  ]}\n}",
    );
    let run = bench.run(&["v1/build", "--json", "bad.json"]);
    run.fails(65, "InvalidJson: ", 400);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert!(
        lines[0].contains("flip_x") && lines[0].contains("at line 4"),
        "{}",
        run.stderr
    );
    assert_eq!(lines[2], "4 |     \"flip_x\"", "{}", run.stderr);
    assert!(lines[3].ends_with('^'), "{}", run.stderr);

    // A node that cannot do what it is told is shown as well.
    bench.write(
        "node.json",
        br#"{"io":[{"io_id":0,"direction":"in","io":"placeholder"},{"io_id":1,"direction":"out","io":"placeholder"}],
  "framewise":{"steps":[{"decode":{"io_id":0}},
    {"crop":{"x1":90,"y1":0,"x2":10,"y2":10}},
    {"encode":{"io_id":1,"preset":"gif"}}]}}"#,
    );
    let run = bench.run(&[
        "v1/build",
        "--json",
        "node.json",
        "--in",
        "a.png",
        "--out",
        "o.gif",
    ]);
    assert_eq!(run.code, Some(64), "{}", run.stderr);
    assert!(run.stderr.contains("3 |     {\"crop\""), "{}", run.stderr);
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let bench = Bench::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = bench.run(&["completions", shell]);
        let script = String::from_utf8(run.stdout).unwrap();
        assert!(
            script.contains("srcset") && script.contains("out-dir"),
            "{shell}"
        );
    }
    let run = bench.run(&["man"]);
    let page = String::from_utf8(run.stdout).unwrap();
    assert!(
        page.contains(".TH imageflow_tool") && page.contains("COMMAND BATCH"),
        "{page}"
    );
    assert!(page.contains("out\\-dir"), "{page}");
}

#[test]
fn the_version_is_there_for_machines() {
    let run = Bench::new("version-json").run(&["version", "--json"]);
    let version: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert!(version["version"].is_string() && version["target"].is_string());
    assert_eq!(version["license"], imageflow_codecs::LICENSE);
    let codecs = version["codecs"].as_array().unwrap();
    assert!(
        codecs
            .iter()
            .any(|c| c["format"] == "JPEG" && c["decodes"] == true)
    );
}

#[test]
fn messages_can_be_json_lines() {
    let bench = Bench::new("log-format");
    let run = bench.run(&[
        "--log-format",
        "json",
        "v1/querystring",
        "--in",
        "none.jpg",
        "--out",
        "b.jpg",
        "--command",
        "widht=4",
    ]);
    for line in run.stderr.lines() {
        let said: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(said["message"].is_string());
    }
    let levels: Vec<Value> = run
        .stderr
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["level"].clone())
        .collect();
    assert_eq!(levels, ["error", "warning"]);
}

#[cfg(unix)]
#[test]
fn standard_output_that_cannot_be_written_is_an_error_without_a_panic() {
    let bench = Bench::new("dev-full");
    for args in [
        &["completions", "bash"][..],
        &["info", "a.png"],
        &["version"],
        &["man"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = bench
            .command(args)
            .stdout(Stdio::from(full))
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(74), "{args:?}");
    }
}
