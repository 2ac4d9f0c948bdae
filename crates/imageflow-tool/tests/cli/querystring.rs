//! `v1/querystring` and its aliases.

use serde_json::json;

use crate::bench::{Bench, is_jpeg, png_size};

#[test]
fn all_names_of_the_command_resize() {
    let bench = Bench::new("ir4-names");
    for (n, name) in ["v1/querystring", "v1/ir4", "v0.1/ir4"]
        .into_iter()
        .enumerate()
    {
        let out = format!("{n}.png");
        let run = bench.run(&[name, "--in", "a.png", "--out", &out, "--command", "w=20"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{name}");
        assert_eq!(png_size(&bench.read(&out)), (20, 15));
    }
}

#[test]
fn the_response_is_one_pretty_document_with_build_result() {
    let bench = Bench::new("response-shape");
    let run = bench.convert("a.png", "b.png", "w=20");
    let text = String::from_utf8(run.stdout.clone()).unwrap();
    let json = run.json();
    let keys: Vec<usize> = ["\"code\"", "\"success\"", "\"message\"", "\"data\""]
        .iter()
        .map(|key| text.find(key).unwrap())
        .collect();
    assert!(keys.is_sorted(), "{text}");
    assert_eq!(
        (&json["code"], &json["success"], &json["message"]),
        (&json!(200), &json!(true), &json!("OK"))
    );
    let result = &json["data"]["build_result"];
    assert_eq!(
        result["encodes"],
        json!([{"preferred_mime_type": "image/png", "preferred_extension": "png", "io_id": 1, "w": 20, "h": 15,
                "bytes": {"physical_file": "b.png"}}])
    );
    assert_eq!(
        result["decodes"],
        json!([{"preferred_mime_type": "image/png", "preferred_extension": "png", "io_id": 0, "w": 40, "h": 30}])
    );
    let frame = &result["performance"]["frames"][0];
    assert!(frame["wall_microseconds"].is_u64() && frame["overhead_microseconds"].is_i64());
    let times: Vec<u64> = frame["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["wall_microseconds"].as_u64().unwrap())
        .collect();
    assert!(
        !times.is_empty() && times.is_sorted_by(|a, b| a >= b),
        "{times:?}"
    );
}

#[test]
fn the_extension_of_the_output_does_not_choose_the_format() {
    let bench = Bench::new("extension");
    bench.convert("a.png", "b.png", "w=10&format=jpg");
    assert!(is_jpeg(&bench.read("b.png")));
    bench.convert("b.png", "c.png", "w=10");
    assert!(is_jpeg(&bench.read("c.png")), "no format: the source's");
}

#[test]
fn unknown_keys_and_values_pass_the_image_through_with_a_warning() {
    let bench = Bench::new("unknown-keys");
    for (command, about) in [
        ("w=abc", "abc"),
        ("bogus=1", "bogus"),
        ("format=bogus", "bogus"),
        ("watermark=x", "watermark"),
    ] {
        let run = bench.convert("a.png", "b.png", command);
        assert!(
            run.stderr.starts_with("warning: ") && run.stderr.contains(about),
            "{command}: {}",
            run.stderr
        );
        assert_eq!(png_size(&bench.read("b.png")), (40, 30), "{command}");
    }
}

#[test]
fn quiet_silences_warnings_and_strict_refuses_them() {
    let bench = Bench::new("strict");
    let args = [
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "widht=10",
    ];
    let quiet = bench.run(&[&args[..], &["--quiet"]].concat());
    assert_eq!(
        (quiet.code, quiet.stderr.as_str(), quiet.stdout.len()),
        (Some(0), "", 0)
    );
    std::fs::remove_file(bench.path("b.png")).unwrap();
    let strict = bench.run(&[&args[..], &["--strict"]].concat());
    strict.fails(64, "BadArguments: ", 400);
    assert!(
        strict.stderr.contains("did you mean \"width\"?"),
        "{}",
        strict.stderr
    );
    assert!(!bench.exists("b.png"));
}

#[test]
fn a_leading_question_mark_is_part_of_the_first_key() {
    let bench = Bench::new("question-mark");
    let run = bench.convert("a.png", "b.jpg", "?w=10&format=jpg");
    assert!(run.stderr.contains("leading ?"), "{}", run.stderr);
    assert!(is_jpeg(&bench.read("b.jpg")), "the other keys still apply");
    assert_eq!(run.json()["data"]["build_result"]["encodes"][0]["w"], 40);
}

#[test]
fn a_semicolon_separates_nothing() {
    let bench = Bench::new("semicolon");
    let run = bench.convert("a.png", "b.png", "bogus=1;w=10");
    assert_eq!(run.json()["data"]["build_result"]["encodes"][0]["w"], 40);
}

#[test]
fn a_flag_and_its_value_may_be_joined_by_an_equals_sign() {
    let bench = Bench::new("equals");
    let run = bench.run(&[
        "v1/ir4",
        "--in=a.png",
        "--out=b=c.png",
        "--command=w=10&h=10",
        "--quiet",
    ]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(bench.exists("b=c.png"));
}

#[test]
fn several_values_for_one_opening_are_too_many() {
    let bench = Bench::new("too-many");
    let run = bench.run(&[
        "v1/ir4",
        "--in",
        "a.png",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=1",
    ]);
    run.fails(
        64,
        "BadArguments: too many arguments: 2 inputs were given; the job has 1 input: 0",
        400,
    );
}

#[test]
fn a_size_beyond_the_limits_is_refused_with_its_name() {
    let bench = Bench::new("size-limit");
    let args = [
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=20000&h=4&mode=stretch&scale=both",
    ];
    let run = bench.run(&args);
    run.fails(
        64,
        "ArgumentInvalid: SizeLimitExceeded: Frame width 20000 exceeds max_frame_size.w 10000",
        400,
    );
    assert!(run.stderr.contains("hint: "), "{}", run.stderr);
    assert!(!bench.exists("b.png"));
    let raised = bench.run(&[&args[..], &["--exit-if-larger-than", "20000px"]].concat());
    assert_eq!(raised.code, Some(0), "{}", raised.stderr);
    let lowered = bench.run(&[
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=10",
        "--exit-if-larger-than",
        "39W",
    ]);
    lowered.fails(
        64,
        "ArgumentInvalid: SizeLimitExceeded: Frame width 40 exceeds max_frame_size.w 39",
        400,
    );
    let nonsense = bench.run(&[
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=10",
        "--exit-if-larger-than",
        "big",
    ]);
    nonsense.fails(64, "BadArguments: ", 400);
}
