//! `--json` with `--in` and `--out`: openings, pairs, placeholders, and what the job file may contain.

use serde_json::{Value, json};

use crate::bench::{Bench, png_size};

/// Two inputs (0, 5) and two outputs (1, 2): 0 → 20 px → 1 and 5 → 10 px → 2.
fn two_by_two() -> Value {
    let io = |io_id: i32, direction: &str| json!({"io_id": io_id, "direction": direction, "io": "placeholder"});
    let command = |decode: i32, encode: i32, value: &str| json!({"command_string": {"kind": "ir4", "value": value, "decode": decode, "encode": encode}});
    json!({
        "io": [io(0, "in"), io(1, "out"), io(5, "in"), io(2, "out")],
        "framewise": {"graph": {"nodes": {"0": command(0, 1, "w=20"), "1": command(5, 2, "w=10")}, "edges": []}},
    })
}

fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    bench.write("job.json", two_by_two().to_string().as_bytes());
    bench.write("b.png", &crate::bench::png(80, 20));
    bench
}

#[test]
fn positional_values_fill_the_openings_in_file_order() {
    let bench = bench("positional");
    for name in ["v1/build", "v0.1/build"] {
        let run = bench.run(&[
            name, "--json", "job.json", "--in", "a.png", "b.png", "--out", "1.png", "2.png",
        ]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert_eq!(png_size(&bench.read("1.png")), (20, 15));
        assert_eq!(png_size(&bench.read("2.png")), (10, 3));
        assert_eq!(
            run.json()["data"]["build_result"]["encodes"][1]["bytes"],
            json!({"physical_file": "2.png"})
        );
    }
}

#[test]
fn pairs_and_positional_values_may_be_mixed_between_in_and_out() {
    let bench = bench("mixed");
    let run = bench.run(&[
        "v1/build", "--json", "job.json", "--in", "5", "a.png", "0", "b.png", "--out", "x.png",
        "y.png",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(png_size(&bench.read("x.png")), (20, 5));
    assert_eq!(png_size(&bench.read("y.png")), (10, 8));
}

#[test]
fn misfits_are_refused() {
    let bench = bench("misfits");
    for (given, first) in [
        (
            &["--in", "0", "a.png", "b.png"][..],
            "InconsistentUseOfIoId",
        ),
        (
            &["--in", "0", "a.png", "b.png", "a.png"],
            "InconsistentUseOfIoId",
        ),
        (&["--in", "1", "a.png"], "IoIdNotInRecipe(1)"),
        (&["--out", "7", "x.png"], "IoIdNotInRecipe(7)"),
        (
            &["--in", "0", "a.png", "0", "b.png"],
            "BadArguments: input 0 was given twice: a.png and b.png",
        ),
        (
            &["--in", "a.png", "b.png", "a.png"],
            "BadArguments: too many arguments: 3 inputs were given; the job has 2 inputs: 0, 5",
        ),
        (
            &["--out", "https://example.org/x.png"],
            "BadArguments: URLs are not accepted",
        ),
        (
            &["--in", "http://example.org/x.png"],
            "BadArguments: URLs are not accepted",
        ),
    ] {
        bench
            .run(&[&["v1/build", "--json", "job.json"], given].concat())
            .fails(64, first, 400);
    }
    assert_eq!(bench.files(), ["a.png", "b.png", "job.json"]);
}

#[test]
fn a_placeholder_that_stays_is_named() {
    let bench = bench("placeholder");
    let run = bench.run(&[
        "v1/build", "--json", "job.json", "--in", "a.png", "--out", "1.png", "2.png",
    ]);
    run.fails(64, "GraphInvalid: ", 400);
    assert!(
        run.stderr.contains("Placeholder 5") && run.stderr.contains("--in"),
        "{}",
        run.stderr
    );
    assert_eq!(bench.files(), ["a.png", "b.png", "job.json"]);
}

#[test]
fn an_injected_value_replaces_what_the_job_says() {
    let bench = bench("replaces");
    let mut job = two_by_two();
    job["io"][0]["io"] = json!({"file": "nowhere.png"});
    job["io"][2]["io"] = json!({"file": "b.png"});
    bench.write("job.json", job.to_string().as_bytes());
    let run = bench.run(&[
        "v1/build", "--json", "job.json", "--in", "a.png", "--out", "1.png", "2.png",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(png_size(&bench.read("2.png")), (10, 3));
}

#[test]
fn base64_outputs_appear_in_the_response() {
    let bench = Bench::new("base64");
    let run = bench.convert("a.png", "base64:", "w=10");
    let json = run.json();
    let text = json["data"]["build_result"]["encodes"][0]["bytes"]["base_64"]
        .as_str()
        .unwrap();
    assert!(text.starts_with("iVBORw0KGgo"), "{text}");
    assert_eq!(bench.files(), ["a.png"]);
}

#[test]
fn paths_are_relative_to_the_current_directory() {
    let bench = bench("relative");
    std::fs::create_dir(bench.path("jobs")).unwrap();
    std::fs::rename(bench.path("job.json"), bench.path("jobs/job.json")).unwrap();
    let run = bench.run(&[
        "v1/build",
        "--json",
        "jobs/job.json",
        "--in",
        "a.png",
        "./b.png",
        "--out",
        "1.png",
        "./2.png",
        "-q",
    ]);
    assert_eq!((run.code, run.stdout.len()), (Some(0), 0), "{}", run.stderr);
    assert!(bench.exists("1.png") && bench.exists("2.png"));
}

#[test]
fn job_files_that_cannot_be_used() {
    let bench = Bench::new("bad-jobs");
    bench
        .run(&["v1/build", "--json", "none.json"])
        .fails(74, "JsonRecipeNotFound", 500);
    for (text, expected) in [
        ("{\"io\": [", "line 1 column 8"),
        (
            "{\"io\": [],\n \"framewise\": {\"steps\": [\"nope\"]}}",
            "line 2 column",
        ),
        ("[1, 2]", "line 1"),
        ("", "line 1 column 0"),
        (
            r#"{"io":[{"io_id":0,"direction":"in","io":{"url":"http://x"}}],"framewise":{"steps":[]}}"#,
            "output_base_64",
        ),
    ] {
        bench.write("job.json", text.as_bytes());
        let run = bench.run(&["v1/build", "--json", "job.json"]);
        run.fails(65, "InvalidJson", 400);
        assert!(run.stderr.contains(expected), "{text}: {}", run.stderr);
    }
}

#[test]
fn a_cyclic_graph_is_invalid_and_empty_steps_succeed() {
    let bench = Bench::new("graphs");
    bench.write(
        "job.json",
        br#"{"io":[],"framewise":{"graph":{"nodes":{"0":"flip_h","1":"flip_v"},
            "edges":[{"from":0,"to":1,"kind":"input"},{"from":1,"to":0,"kind":"input"}]}}}"#,
    );
    bench
        .run(&["v1/build", "--json", "job.json"])
        .fails(64, "GraphInvalid: GraphCyclic", 400);
    bench.write("job.json", br#"{"io":[],"framewise":{"steps":[]}}"#);
    let run = bench.run(&["v1/build", "--json", "job.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let result = &run.json()["data"]["build_result"];
    assert_eq!(
        (&result["encodes"], &result["decodes"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn exit_if_larger_than_keeps_the_other_limits_of_the_job() {
    let bench = Bench::new("merge-limits");
    let job = json!({
        "builder_config": {"security": {"max_decode_size": {"w": 10, "h": 10, "megapixels": 1.0}}},
        "io": [{"io_id": 0, "direction": "in", "io": {"file": "a.png"}},
               {"io_id": 1, "direction": "out", "io": {"file": "b.png"}}],
        "framewise": {"steps": [{"decode": {"io_id": 0}}, {"encode": {"io_id": 1, "preset": {"lodepng": {}}}}]},
    });
    bench.write("job.json", job.to_string().as_bytes());
    let run = bench.run(&[
        "v1/build",
        "--json",
        "job.json",
        "--exit-if-larger-than",
        "10000px",
    ]);
    run.fails(
        64,
        "ArgumentInvalid: SizeLimitExceeded: Frame width 40 exceeds max_decode_size.w 10",
        400,
    );
    let run = bench.run(&[
        "v1/build",
        "--json",
        "job.json",
        "--exit-if-larger-than",
        "disabled",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn values_accumulate_over_repeated_flags() {
    let bench = bench("accumulate");
    let run = bench.run(&[
        "v1/build", "--in", "a.png", "--out", "1.png", "--json", "job.json", "--in", "b.png",
        "--out", "2.png",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(png_size(&bench.read("1.png")), (20, 15));
    assert_eq!(png_size(&bench.read("2.png")), (10, 3));
}

#[test]
fn a_file_named_like_a_number_is_given_as_a_path() {
    let bench = bench("number-names");
    std::fs::rename(bench.path("a.png"), bench.path("7")).unwrap();
    let run = bench.run(&[
        "v1/build", "--json", "job.json", "--in", "./7", "b.png", "--out", "1.png", "2.png",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(png_size(&bench.read("1.png")), (20, 15));
    let run = bench.run(&[
        "v1/build", "--json", "job.json", "--in", "7", "--out", "1.png", "2.png",
    ]);
    run.fails(64, "InconsistentUseOfIoId", 400);
    assert!(run.stderr.contains("./7"), "{}", run.stderr);
}

#[test]
fn outputs_the_job_names_itself_need_no_flag() {
    let bench = bench("own-names");
    let mut job = two_by_two();
    for (entry, name) in [(0, "a.png"), (2, "b.png"), (1, "one.png"), (3, "two.png")] {
        job["io"][entry]["io"] = json!({ "file": name });
    }
    bench.write("job.json", job.to_string().as_bytes());
    let run = bench.run(&["v1/build", "--json", "job.json", "--out", "2", "base64:"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let encodes = &run.json()["data"]["build_result"]["encodes"];
    assert_eq!(encodes[0]["bytes"], json!({"physical_file": "one.png"}));
    assert!(encodes[1]["bytes"]["base_64"].is_string());
    assert!(bench.exists("one.png") && !bench.exists("two.png"));
}

#[test]
fn what_could_have_been_written_is_listed() {
    let bench = Bench::new("lists");
    for (text, names) in [
        (
            r#"{"io":[],"framewise":{"steps":["nope"]}}"#,
            &["constrain", "flip_h", "command_string"][..],
        ),
        (
            r#"{"io":[{"io_id":0,"direction":"in","io":{"url":"http://x"}}],"framewise":{"steps":[]}}"#,
            &[
                "bytes_hex",
                "base_64",
                "byte_array",
                "file",
                "output_buffer",
                "output_base_64",
                "placeholder",
            ],
        ),
    ] {
        bench.write("job.json", text.as_bytes());
        let run = bench.run(&["v1/build", "--json", "job.json"]);
        run.fails(65, "InvalidJson", 400);
        for name in names {
            assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
        }
    }
}
