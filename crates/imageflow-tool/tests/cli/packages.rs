//! Bundles, debug packages, captures, examples and diagnosis.

use std::io::Read;

use crate::bench::{Bench, png_size};

fn job(bench: &Bench) {
    bench.write(
        "job.json",
        br#"{"io":[{"io_id":0,"direction":"in","io":"placeholder"},{"io_id":1,"direction":"out","io":"placeholder"}],
            "framewise":{"steps":[{"decode":{"io_id":0}},{"constrain":{"mode":"within","w":20}},{"encode":{"io_id":1,"preset":{"lodepng":{}}}}]}}"#,
    );
}

#[test]
fn a_bundle_holds_the_job_and_runs() {
    let bench = Bench::new("bundle");
    job(&bench);
    let args = [
        "v1/build",
        "--json",
        "job.json",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--bundle-to",
        "bundle",
    ];
    let run = bench.run(&args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "cd \"bundle\"",
            "imageflow_tool v1/build --json recipe.json",
            "",
            ""
        ]
    );
    assert_eq!(
        lines[4],
        "# Copied a.png to bundle/input_0_a.png (referenced as input_0_a.png)"
    );
    assert_eq!(lines[5], "# Changed output b.png to output_1_b.png");
    assert!(!bench.exists("b.png"), "bundling runs nothing");
    let status = bench
        .command(&["v1/build", "--json", "recipe.json"])
        .current_dir(bench.path("bundle"))
        .output()
        .unwrap();
    assert!(status.status.success());
    assert_eq!(png_size(&bench.read("bundle/output_1_b.png")), (20, 15));

    let again = bench.run(&args);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("bundle exists"), "{}", again.stderr);
}

#[test]
fn a_querystring_is_bundled_as_a_job_and_streams_as_files() {
    let bench = Bench::new("bundle-querystring");
    let picture = bench.read("a.png");
    let run = bench.run_with_stdin(
        &[
            "v1/querystring",
            "--in",
            "-",
            "--out",
            "-",
            "--command",
            "w=10",
            "--bundle-to",
            "b",
        ],
        &picture,
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(bench.read("b/input_0_stdin"), picture);
    let recipe = String::from_utf8(bench.read("b/recipe.json")).unwrap();
    assert!(
        recipe.contains("command_string") && recipe.contains("output_1_stdout"),
        "{recipe}"
    );
}

#[test]
fn missing_inputs_are_listed_and_leave_no_folder() {
    let bench = Bench::new("bundle-missing");
    let run = bench.run(&[
        "v1/querystring",
        "--in",
        "none.png",
        "--out",
        "b.png",
        "--command",
        "w=1",
        "--bundle-to",
        "b",
    ]);
    assert_eq!(run.code, Some(66));
    assert!(run.stderr.contains("none.png"), "{}", run.stderr);
    assert!(!bench.exists("b"));
    for flag in ["--bundle-to", "--debug-package"] {
        let run = bench.run(&["v1/build", "--json", "none.json", flag, "b"]);
        assert_eq!(run.code, Some(74), "{}", run.stderr);
        assert!(
            run.stderr.starts_with("JsonRecipeNotFound"),
            "{}",
            run.stderr
        );
        assert!(!bench.exists("b"));
    }
    let run = bench.run(&[
        "v1/querystring",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--command",
        "w=1",
        "--bundle-to",
        "none/b",
    ]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
}

#[test]
fn a_bundle_keeps_what_is_no_file_and_ignores_where_the_response_goes() {
    let bench = Bench::new("bundle-kinds");
    bench.write(
        "job.json",
        br#"{"builder_config":{"security":{"max_threads":1}},
            "io":[{"io_id":0,"direction":"in","io":{"base_64":"iVBORw0KGgo="}},{"io_id":1,"direction":"out","io":"output_base_64"}],
            "framewise":{"steps":[{"decode":{"io_id":0}},{"encode":{"io_id":1,"preset":{"lodepng":{}}}}]}}"#,
    );
    let run = bench.run(&[
        "v1/build",
        "--json",
        "job.json",
        "--bundle-to",
        "b",
        "--quiet",
        "--response",
        "r.json",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!bench.exists("r.json"));
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(text.starts_with("cd \"b\"\n"), "{text}");
    let recipe = String::from_utf8(bench.read("b/recipe.json")).unwrap();
    // Pretty-printed, with all three parts.
    assert!(recipe.starts_with("{\n  \""), "{recipe}");
    let recipe: serde_json::Value = serde_json::from_str(&recipe).unwrap();
    assert_eq!(recipe["builder_config"]["security"]["max_threads"], 1);
    assert_eq!(recipe["io"][0]["io"]["base_64"], "iVBORw0KGgo=");
    assert_eq!(recipe["io"][1]["io"], "output_base_64");
    assert!(recipe["framewise"]["steps"].is_array());
    assert_eq!(
        std::fs::read_dir(bench.path("b")).unwrap().count(),
        1,
        "only the recipe"
    );
}

#[test]
fn a_debug_package_of_a_job_that_works_is_made_too() {
    let bench = Bench::new("debug-package-ok");
    job(&bench);
    let run = bench.run(&[
        "v1/build",
        "--json",
        "job.json",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--debug-package",
        "p",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!bench.exists("b.png"), "what it makes is in the package");
    let invocation = String::from_utf8(bench.read("p/recipe_run.txt")).unwrap();
    assert!(
        invocation.ends_with(" v1/build --json recipe.json"),
        "{invocation}"
    );
    let mut zip = zip::ZipArchive::new(std::fs::File::open(bench.path("p.zip")).unwrap()).unwrap();
    let mut picture = Vec::new();
    zip.by_name("output_1_b.png")
        .unwrap()
        .read_to_end(&mut picture)
        .unwrap();
    assert_eq!(png_size(&picture), (20, 15));
    assert!(zip.by_name("recipe_exitcode_Some(0).txt").is_ok());
}

#[test]
fn a_debug_package_reproduces_the_problem() {
    let bench = Bench::new("debug-package");
    bench.write("text.png", b"not an image");
    let run = bench.run(&[
        "v1/querystring",
        "--in",
        "text.png",
        "--out",
        "b.png",
        "--command",
        "w=1",
        "--debug-package",
        "p",
    ]);
    assert_eq!(run.code, Some(65), "{}", run.stderr);
    assert!(run.stderr.starts_with("ImageMalformed: "), "{}", run.stderr);
    assert!(bench.exists("p/recipe_exitcode_Some(65).txt"));
    let captured = String::from_utf8(bench.read("p/recipe_stderr.txt")).unwrap();
    assert!(captured.starts_with("ImageMalformed: "), "{captured}");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(bench.path("p.zip")).unwrap()).unwrap();
    let mut text = Vec::new();
    let mut file = zip.by_name("input_0_text.png").unwrap();
    assert_eq!(file.compression(), zip::CompressionMethod::Stored);
    file.read_to_end(&mut text).unwrap();
    assert_eq!(text, b"not an image");
    drop(file);
    for name in [
        "recipe.json",
        "recipe_run.txt",
        "recipe_version.txt",
        "recipe_compilation_info.txt",
    ] {
        assert!(zip.by_name(name).is_ok(), "{name}");
    }
}

#[test]
fn a_capture_keeps_what_was_asked_said_and_returned() {
    let bench = Bench::new("capture");
    for (args, base) in [
        (
            &[
                "v1/querystring",
                "--capture-to",
                "x",
                "--in",
                "none.png",
                "--out",
                "b",
                "--command",
                "w=1",
            ][..],
            "x",
        ),
        (
            &[
                "--capture-to=y",
                "v1/querystring",
                "--in",
                "none.png",
                "--out",
                "b",
                "--command",
                "w=1",
            ],
            "y",
        ),
    ] {
        let run = bench.run(args);
        assert_eq!(
            (run.code, run.stdout.len(), run.stderr.as_str()),
            (Some(74), 0, "")
        );
        assert!(bench.exists(&format!("{base}_exitcode_Some(74).txt")));
        let text =
            |name: &str| String::from_utf8(bench.read(&format!("{base}_{name}.txt"))).unwrap();
        assert!(text("stderr").starts_with("IoError: "));
        assert!(text("stdout").contains("\"code\": 500"));
        assert!(text("run").contains("--command w=1"), "{}", text("run"));
        assert!(
            text("version").contains("STDOUT:\nimageflow_tool imageflow "),
            "{}",
            text("version")
        );
        assert!(text("compilation_info").contains("\nTARGET="));
        assert!(bench.exists(&format!(
            "{base}_imageflow_tool{}",
            std::env::consts::EXE_SUFFIX
        )));
    }
    // Mistakes on the command line are captured too.
    assert_eq!(bench.run(&["v1/nope", "--capture-to", "z"]).code, Some(2));
    assert!(bench.exists("z_exitcode_Some(2).txt"));
    let run = bench
        .command(&["--version", "--capture-to=w"])
        .env("IMAGEFLOW_TOOL_CAPTURED", "1")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(!bench.exists("w_run.txt"));
}

#[test]
fn examples_come_with_inputs_and_scripts_that_run() {
    let bench = Bench::new("examples");
    let run = bench.run(&["examples", "--generate"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for slug in [
        "laundry_list",
        "export_4_sizes",
        "pure_json",
        "pure_json_to_stdout",
        "give_me_base64",
    ] {
        let script =
            String::from_utf8(bench.read(&format!("examples/{slug}/run_recipe.sh"))).unwrap();
        assert!(
            script.starts_with(&format!("imageflow_tool v1/build --json {slug}.json")),
            "{script}"
        );
        let folder = bench.path(&format!("examples/{slug}"));
        let args: Vec<&str> = script.split_whitespace().skip(1).collect();
        let output = bench.command(&args).current_dir(folder).output().unwrap();
        assert!(
            output.status.success(),
            "{slug}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(
        png_size(&bench.read("examples/laundry_list/wat.png")),
        (640, 480)
    );
    for width in [1600, 1200, 800, 400] {
        let name = format!("examples/export_4_sizes/waterhouse_w{width}.jpg");
        let info = bench.run(&["info", "--json", &name]);
        let info: serde_json::Value = serde_json::from_slice(&info.stdout).unwrap();
        assert_eq!(info[0]["width"], width, "{info}");
    }
    assert!(!bench.exists("examples/pure_json_to_stdout/operation_result.json"));
    let response =
        String::from_utf8(bench.read("examples/give_me_base64/operation_result.json")).unwrap();
    assert!(response.contains("\"base_64\""));
}

#[test]
fn diagnosis_tells_about_the_build_and_tests_it() {
    let bench = Bench::new("diagnose");
    let run = bench.run(&["diagnose"]);
    assert_eq!((run.code, run.stdout.len()), (Some(2), 0));
    assert!(run.stderr.contains("--self-test"), "{}", run.stderr);

    let run = bench.run(&["diagnose", "--show-compilation-info"]);
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(
        text.starts_with("imageflow ") && text.contains("\nRUSTC_VERSION=rustc "),
        "{text}"
    );
    assert!(
        text.lines()
            .skip(1)
            .all(|l| l.contains('=') || l.ends_with(" (None)")),
        "{text}"
    );

    let run = bench.run(&["diagnose", "--self-test"]);
    let text = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(text.lines().last().unwrap().starts_with("All "), "{text}");
    let times = std::fs::read_dir(bench.path("self_tests")).unwrap();
    assert_eq!(times.count(), 1, "a folder for each run");

    let run = bench.run_with_stdin(&["diagnose", "--wait"], b"\nmore");
    assert_eq!((run.code, run.stdout.as_slice()), (Some(0), &b"1\n"[..]));

    let output = bench
        .command(&["diagnose", "--call-panic"])
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(101));
    assert!(String::from_utf8_lossy(&output.stderr).contains("stack backtrace"));
}
