//! Flags that many commands share, and flags that belong to one command only.

use std::time::Instant;

use crate::bench::{Bench, png, png_size};

#[test]
fn flags_of_one_command_are_unknown_to_others() {
    let bench = Bench::new("foreign-flags");
    for args in [
        &["--show-compilation-info"][..],
        &["v1/build", "--json", "j.json", "--self-test"],
        &["v1/querystring", "--wait"],
        &["examples", "--call-panic"],
        &["diagnose", "--generate"],
        // The version is the program's.
        &["v1/build", "-V"],
        &["v1/querystring", "--version"],
    ] {
        let run = bench.run(args);
        assert_eq!((run.code, run.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(
            run.stderr.starts_with("error: "),
            "{args:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_flag_that_is_misspelled_gets_a_suggestion() {
    let bench = Bench::new("misspelled");
    let run = bench.run(&["batch", "a.png", "--out-dri", "o", "-c", "w=1"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--out-dir"), "{}", run.stderr);
}

#[test]
fn sizes_can_be_bounded_in_every_form() {
    let bench = Bench::new("size-forms");
    let with = |limits: &[&str]| {
        let args = [
            "v1/ir4",
            "--in",
            "a.png",
            "--out",
            "b.png",
            "--command",
            "w=20",
            "--exit-if-larger-than",
        ];
        bench.run(&[&args[..], limits].concat())
    };
    for limits in [
        &["40"][..],
        &["40px"],
        &["40PX"],
        &["40w"],
        &["30H"],
        &["0.0012mp"],
        &["40w", "30h", "1Mp"],
        &["DISABLED"],
        &["1px", "disabled"],
    ] {
        let run = with(limits);
        assert_eq!(run.code, Some(0), "{limits:?}: {}", run.stderr);
    }
    for (limits, dimension) in [
        (&["39"][..], "width 40"),
        (&["39w"], "width 40"),
        (&["29h"], "height 30"),
        (&["0.001mp"], "megapixels"),
        (&["100w", "29h"], "height 30"),
    ] {
        let run = with(limits);
        run.fails(64, "ArgumentInvalid: SizeLimitExceeded", 400);
        assert!(run.stderr.contains(dimension), "{limits:?}: {}", run.stderr);
    }
    // The flag may be repeated.
    let run = with(&["100w", "--exit-if-larger-than", "29h"]);
    run.fails(64, "ArgumentInvalid: SizeLimitExceeded", 400);
}

#[test]
fn what_the_size_limit_does_not_name_is_unlimited() {
    let bench = Bench::new("size-others");
    // 103 megapixels: above the engine's own 100.
    let args = [
        "v1/ir4",
        "--in",
        "a.png",
        "--out",
        "b.png",
        "--quiet",
        "--command",
        "w=12000&h=8600&mode=stretch&scale=both&up.filter=fastest&down.filter=fastest",
    ];
    let run = bench.run(&args);
    assert_eq!(run.code, Some(64), "{}", run.stderr);
    let explain = |limits: &[&str]| {
        let args = [
            "explain",
            "a.png",
            "-c",
            "w=12000&h=8600&mode=stretch&scale=both",
        ];
        bench.run(&[&args[..], limits].concat())
    };
    assert_eq!(explain(&[]).code, Some(64));
    for limit in ["15000px", "disabled"] {
        let run = explain(&["--exit-if-larger-than", limit]);
        assert_eq!(run.code, Some(0), "{limit}: {}", run.stderr);
    }
    assert!(!bench.exists("b.png"));
}

#[test]
fn an_input_can_be_bounded_in_megapixels() {
    let bench = Bench::new("max-megapixels");
    let args = ["convert", "a.png", "b.png", "--max-megapixels"];
    let run = bench.run(&[&args[..], &["0.001"]].concat());
    assert_eq!(run.code, Some(64));
    assert!(run.stderr.contains("max_decode_size"), "{}", run.stderr);
    assert_eq!(bench.run(&[&args[..], &["1"]].concat()).code, Some(0));
    for wrong in ["0", "-1", "nan", "many"] {
        let run = bench.run(&[
            "convert",
            "a.png",
            "b.png",
            &format!("--max-megapixels={wrong}"),
        ]);
        assert!(matches!(run.code, Some(2 | 64)), "{wrong}: {}", run.stderr);
        assert!(run.stderr.contains("--max-megapixels"), "{}", run.stderr);
    }
}

#[test]
fn threads_change_the_time_and_not_the_bytes() {
    let bench = Bench::new("threads");
    bench.write("big.png", &png(700, 500));
    for threads in ["1", "4"] {
        let out = format!("{threads}.jpg");
        let run = bench.run(&[
            "convert",
            "big.png",
            &out,
            "-c",
            "w=300",
            "--threads",
            threads,
        ]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    assert_eq!(bench.read("1.jpg"), bench.read("4.jpg"));
}

#[test]
fn colours_are_for_terminals_or_on_request() {
    let bench = Bench::new("colours");
    let args = ["convert", "a.png", "b.png", "-c", "widht=4"];
    let plain = bench.run(&args);
    assert!(!plain.stderr.contains('\x1b'), "{:?}", plain.stderr);
    let coloured = bench.run(&[&args[..], &["--color", "always"]].concat());
    assert!(coloured.stderr.contains('\x1b'), "{:?}", coloured.stderr);
    let never = bench.run(&[&args[..], &["--color", "never"]].concat());
    assert_eq!(never.stderr, plain.stderr);
}

#[test]
fn details_are_for_those_who_ask() {
    let bench = Bench::new("verbose");
    bench.write("cut.png", &bench.read("a.png")[..60]);
    let args = ["convert", "cut.png", "b.png"];
    let brief = bench.run(&args).stderr.lines().count();
    let long = bench.run(&[&args[..], &["--verbose"]].concat());
    assert!(long.stderr.lines().count() > brief, "{}", long.stderr);
}

#[test]
fn the_tool_starts_at_once() {
    let bench = Bench::new("starts");
    bench.write("small.png", &png(320, 200));
    // Generous: other tests run at the same time. The benchmark has the real figure.
    for args in [
        &["--version"][..],
        &["convert", "small.png", "b.png", "-c", "w=100"],
    ] {
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(bench.run(args).code, Some(0));
                start.elapsed()
            })
            .min()
            .unwrap();
        assert!(best.as_millis() < 300, "{args:?}: {best:?}");
    }
    assert_eq!(png_size(&bench.read("b.png")), (100, 63));
}
