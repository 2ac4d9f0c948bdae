//! Jobs of other people: what they may not do with `--no-files` and `--lock-limits`, and what a message never shows.

use crate::bench::Bench;

/// A job from a.png to out.png, with these inputs and outputs and settings.
fn job(input: &str, output: &str, security: &str) -> String {
    format!(
        r#"{{"builder_config":{{"security":{security}}},
          "io":[{{"io_id":0,"direction":"in","io":{input}}},{{"io_id":1,"direction":"out","io":{output}}}],
          "framewise":{{"steps":[{{"decode":{{"io_id":0}}}},{{"encode":{{"io_id":1,"preset":{{"lodepng":{{}}}}}}}}]}}}}"#
    )
}

const OPEN: &str = "\"placeholder\"";

#[test]
fn without_files_only_the_command_line_names_some() {
    let bench = Bench::new("no-files");
    let build = |input: &str, output: &str, arguments: &[&str]| {
        bench.write("j.json", job(input, output, "null").as_bytes());
        let common = ["v1/build", "--json", "j.json", "--quiet", "--no-files"];
        bench.run(&[&common, arguments].concat())
    };
    let (file_in, file_out) = (r#"{"file":"a.png"}"#, r#"{"file":"own.png"}"#);
    let whole = ["--in", "a.png", "--out", "out.png"];
    assert_eq!(build(OPEN, OPEN, &whole).code, Some(0));
    // Replaced, so not the job's.
    assert_eq!(build(file_in, file_out, &whole).code, Some(0));
    for (input, output, arguments, io_id) in [
        (file_in, OPEN, &whole[2..], 0),
        (OPEN, file_out, &whole[..2], 1),
        (file_in, OPEN, &[], 0),
        (file_in, file_out, &["--out", "1", "out.png"], 0),
    ] {
        let run = build(input, output, arguments);
        assert_eq!(run.code, Some(77), "{}", run.stderr);
        let expected = format!("ActionForbidden: FilesForbidden: io_id {io_id} is a file");
        assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    }
    assert!(!bench.exists("own.png"));
}

#[test]
fn locked_limits_are_those_of_the_flags_or_the_engine() {
    let bench = Bench::new("lock-limits");
    let build = |width: u32, flags: &[&str]| {
        let security = format!(r#"{{"max_frame_size":{{"w":{width},"h":100,"megapixels":1}}}}"#);
        bench.write("j.json", job(OPEN, OPEN, &security).as_bytes());
        let common = [
            "v1/build", "--json", "j.json", "--quiet", "--in", "a.png", "--out", "o.png",
        ];
        bench.run(&[&common, flags].concat())
    };
    let lock = "--lock-limits";
    // The picture is 40 pixels wide.
    for (width, flags, code) in [
        (50, &[lock][..], 0),
        (20_000, &[], 0),
        (20_000, &[lock], 77),
        (39, &[lock], 64),
        (
            50,
            &[lock, "--exit-if-larger-than", "50w", "100h", "1mp"],
            0,
        ),
        (
            51,
            &[lock, "--exit-if-larger-than", "50w", "100h", "1mp"],
            77,
        ),
        // Without the lock the flag replaces what the job says.
        (51, &["--exit-if-larger-than", "50w", "100h", "1mp"], 0),
        (51, &["--exit-if-larger-than", "39w"], 64),
    ] {
        let run = build(width, flags);
        assert_eq!(run.code, Some(code), "{width} {flags:?}: {}", run.stderr);
        let names_the_lock = run
            .stderr
            .starts_with("ActionForbidden: LimitLocked: security.max_frame_size.w");
        assert_eq!(names_the_lock, code == 77, "{}", run.stderr);
    }
}

#[test]
fn a_file_that_is_no_job_is_not_shown() {
    let bench = Bench::new("no-job");
    bench.write("secret", b"root:x:0:0:the password\nmore");
    bench.write("array", b"[the password]\nmore");
    for name in ["secret", "array"] {
        for verbose in [&["--verbose"][..], &[]] {
            let run = bench.run(&[&["v1/build", "--json", name], verbose].concat());
            run.fails(65, "InvalidJson: ", 400);
            let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
            assert!(!said.contains("password"), "{said}");
            assert!(said.contains(name), "{said}");
        }
        let run = bench.run(&["convert", name, "out.png"]);
        assert_eq!(run.code, Some(65));
        // Neither as text nor as numbers: `r`, `o` and `[` are 72, 6F and 5B.
        for shown in ["root", "password", "72", "6F", "5B"] {
            assert!(!run.stderr.contains(shown), "{}", run.stderr);
        }
    }
}

#[test]
fn mistakes_do_not_repeat_long_texts() {
    let bench = Bench::new("long-mistake");
    let long = "é".repeat(200_000);
    let step = format!(r#"{{"io":[],"framewise":{{"steps":["{long}"]}}}}"#);
    bench.write("j.json", step.as_bytes());
    for command in [
        &["v1/build", "--json", "j.json"][..],
        &["explain", "--json", "j.json"],
    ] {
        let run = bench.run(command);
        assert_eq!(run.code, Some(65), "{}", run.stderr);
        assert!(run.stderr.contains("unknown variant `éé"), "{}", run.stderr);
        assert!(run.stderr.len() < 8000, "{}", run.stderr.len());
        assert!(run.stderr.contains(" at line 1 column "), "{}", run.stderr);
    }
}

#[test]
fn a_job_file_is_not_read_beyond_what_a_job_may_have() {
    let bench = Bench::new("long-job");
    bench.write("j.json", &vec![b' '; (64 << 20) + 1]);
    for command in [
        &["v1/build", "--json", "j.json"][..],
        &["explain", "--json", "j.json"],
    ] {
        let run = bench.run(command);
        assert_eq!(run.code, Some(64), "{}", run.stderr);
        let expected = "ArgumentInvalid: the job file j.json has more than 67108864 bytes";
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}
