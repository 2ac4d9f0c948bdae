//! `batch` and `srcset`: many images at once.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::{Bench, Run, is_jpeg, png, png_size};

/// A folder `in` with `count` pictures, and a folder in it with one more.
fn photos(name: &str, count: usize) -> Bench {
    let bench = Bench::new(name);
    fs::create_dir_all(bench.path("in/sub")).unwrap();
    for i in 0..count {
        bench.write(&format!("in/p{i:03}.png"), &png(60 + i as u32, 40));
    }
    bench.write("in/sub/q.png", &png(50, 50));
    bench
}

fn out_files(bench: &Bench) -> Vec<String> {
    let mut files: Vec<String> = walk(&bench.path("out"));
    files.sort();
    files
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            names.extend(
                walk(&entry.path())
                    .into_iter()
                    .map(|n| format!("{name}/{n}")),
            );
        } else if !name.starts_with('.') {
            names.push(name);
        }
    }
    names
}

fn ok(run: Run) -> Run {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

#[test]
fn patterns_folders_and_files_are_inputs() {
    let bench = photos("batch-inputs", 3);
    ok(bench.run(&["batch", "in/*.png", "-c", "w=10", "--out-dir", "out"]));
    assert_eq!(out_files(&bench), ["p000.png", "p001.png", "p002.png"]);
    assert_eq!(png_size(&bench.read("out/p000.png")).0, 10);

    let bench = photos("batch-recursive", 2);
    ok(bench.run(&[
        "batch",
        "in",
        "-r",
        "-c",
        "w=10&format=jpg",
        "--out-dir",
        "out",
    ]));
    assert_eq!(out_files(&bench), ["p000.jpg", "p001.jpg", "sub/q.jpg"]);
    assert!(is_jpeg(&bench.read("out/sub/q.jpg")));

    let bench = photos("batch-list", 2);
    bench.write("list", b"in/p001.png\0in/sub/q.png\0");
    ok(bench.run(&[
        "batch",
        "--files-from",
        "list",
        "-0",
        "-c",
        "w=10",
        "--out-dir",
        "out",
        "--in",
        "in/p000.png",
    ]));
    assert_eq!(out_files(&bench), ["p000.png", "p001.png", "q.png"]);
}

#[test]
fn several_renditions_come_from_one_input() {
    let bench = photos("batch-renditions", 1);
    ok(bench.run(&[
        "batch",
        "in/p000.png",
        "--widths",
        "10,20",
        "-c",
        "format=jpg",
        "--out-dir",
        "out",
    ]));
    assert_eq!(out_files(&bench), ["p000-10.jpg", "p000-20.jpg"]);
    ok(bench.run(&[
        "batch",
        "in/p000.png",
        "-c",
        "w=10&h=10&mode=crop",
        "-c",
        "w=30",
        "--out-dir",
        "out",
        "--name",
        "{index}_{stem}_{w}x{h}.{ext}",
    ]));
    assert_eq!(png_size(&bench.read("out/1_p000_10x10.png")), (10, 10));
    assert_eq!(png_size(&bench.read("out/1_p000_30x20.png")), (30, 20));
}

#[test]
fn a_damaged_file_is_reported_and_the_rest_is_done() {
    let bench = photos("batch-damaged", 4);
    bench.write("in/p002.png", b"\x89PNG\r\n\x1a\nbroken");
    let run = bench.run(&[
        "batch",
        "in/*.png",
        "-c",
        "w=10",
        "--out-dir",
        "out",
        "--report",
        "ndjson",
    ]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("error: in/p002.png: "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("3 images of 3 inputs") && run.stderr.contains("1 failed"),
        "{}",
        run.stderr
    );
    assert_eq!(out_files(&bench), ["p000.png", "p001.png", "p003.png"]);
    let text = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    let failed: Vec<&Value> = lines.iter().filter(|l| l["status"] == "failed").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["input"], "in/p002.png");

    let run = bench.run(&[
        "batch",
        "in/p002.png",
        "in/p000.png",
        "-c",
        "w=9",
        "--out-dir",
        "o2",
        "--fail-fast",
        "--jobs",
        "1",
    ]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("1 not tried"), "{}", run.stderr);
}

#[test]
fn bytes_do_not_depend_on_the_number_of_workers() {
    let bench = photos("batch-jobs", 8);
    ok(bench.run(&[
        "batch",
        "in",
        "-c",
        "w=20&format=jpg",
        "--out-dir",
        "o1",
        "--jobs",
        "1",
    ]));
    ok(bench.run(&[
        "batch",
        "in",
        "-c",
        "w=20&format=jpg",
        "--out-dir",
        "o4",
        "--jobs",
        "4",
        "--memory",
        "1k",
    ]));
    for i in 0..8 {
        let name = format!("p{i:03}.jpg");
        assert_eq!(
            bench.read(&format!("o1/{name}")),
            bench.read(&format!("o4/{name}"))
        );
    }
}

#[test]
fn what_exists_is_treated_as_asked() {
    let bench = photos("batch-overwrite", 2);
    let batch = |command: &str, how: &str| {
        ok(bench.run(&[
            "batch",
            "in",
            "-c",
            command,
            "--out-dir",
            "out",
            "--overwrite",
            how,
        ]))
        .stderr
    };
    batch("w=10", "always");
    bench.write("out/p000.png", b"mine");
    assert!(batch("w=10", "never").contains("2 kept"));
    assert_eq!(bench.read("out/p000.png"), b"mine");
    assert!(batch("w=10", "older").contains("2 kept"));
    // Another command makes other images.
    assert!(batch("w=11", "older").contains("2 images"));
    bench.write("in/p001.png", &png(90, 90));
    assert!(batch("w=11", "older").contains("1 image of 1 input"));
    assert!(batch("w=11", "always").contains("2 images"));
}

#[test]
fn a_dry_run_writes_nothing() {
    let bench = photos("batch-dry", 2);
    let run = ok(bench.run(&[
        "batch",
        "in",
        "-c",
        "w=10&format=jpg",
        "--out-dir",
        "out",
        "--dry-run",
    ]));
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(
        text.contains("p000.jpg (10×") && text.contains("image/jpeg"),
        "{text}"
    );
    assert!(!bench.exists("out"));
}

#[test]
fn results_never_replace_inputs_or_each_other() {
    let bench = photos("batch-clash", 1);
    let before = bench.read("in/p000.png");
    let run = bench.run(&["batch", "in/p000.png", "-c", "w=10", "--out-dir", "in"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("replace the input itself"),
        "{}",
        run.stderr
    );
    assert_eq!(bench.read("in/p000.png"), before);
    bench.write("in/sub/p000.png", &png(20, 20));
    let run = bench.run(&[
        "batch",
        "in/p000.png",
        "in/sub/p000.png",
        "-c",
        "w=10",
        "--out-dir",
        "out",
        "--jobs",
        "1",
    ]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("it would replace the image of in/p000.png"),
        "{}",
        run.stderr
    );
}

#[test]
fn mistakes_are_usage_errors() {
    let bench = photos("batch-mistakes", 1);
    for (args, expected) in [
        (&["batch", "in", "--out-dir", "o"][..], "nothing to do"),
        (&["batch", "-c", "w=1", "--out-dir", "o"], "no inputs"),
        (
            &["batch", "no*.png", "-c", "w=1", "--out-dir", "o"],
            "no file matches no*.png",
        ),
        (
            &[
                "batch",
                "in",
                "-c",
                "w=1",
                "--out-dir",
                "o",
                "--name",
                "{x}",
            ],
            "there is no {x}",
        ),
        (
            &[
                "batch",
                "in",
                "-c",
                "w=1",
                "--widths",
                "5",
                "--out-dir",
                "o",
            ],
            "has a width already",
        ),
        (
            &["batch", "in", "-c", "widht=1", "--strict", "--out-dir", "o"],
            "did you mean \"width\"?",
        ),
        (
            &[
                "batch",
                "in",
                "-c",
                "w=1",
                "--memory",
                "lots",
                "--out-dir",
                "o",
            ],
            "expected a size such as 2GiB",
        ),
    ] {
        let run = bench.run(args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{args:?}: {}", run.stderr);
        assert!(!bench.exists("o"));
    }
}

#[cfg(unix)]
#[test]
fn a_killed_batch_leaves_whole_files_and_goes_on() {
    let bench = photos("batch-killed", 30);
    // Large enough that the batch is in the middle when it is killed.
    for i in 0..30 {
        bench.write(&format!("in/p{i:03}.png"), &png(900, 900));
    }
    let args = [
        "batch",
        "in/*.png",
        "-c",
        "w=600&format=png&png.max_deflate=true",
        "--out-dir",
        "out",
        "--jobs",
        "2",
    ];
    let mut child = bench
        .command(&args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    // Beside finished pictures are those being written, under temporary names.
    let pictures = || -> Vec<String> {
        let files = out_files(&bench).into_iter();
        files.filter(|name| name.ends_with(".png")).collect()
    };
    while pictures().len() < 3 && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let done = pictures();
    assert!(done.len() >= 3 && done.len() < 30, "{done:?}");
    for name in &done {
        assert_eq!(png_size(&bench.read(&format!("out/{name}"))), (600, 600));
    }
    let run = ok(bench.run(&args));
    assert!(
        run.stderr.contains("an interrupted run of this batch made"),
        "{}",
        run.stderr
    );
    let files = out_files(&bench);
    assert_eq!(files.len(), 30, "{files:?}");
    assert!(files.iter().all(|name| name.ends_with(".png")), "{files:?}");
}

#[test]
fn a_folder_gives_what_this_build_reads() {
    let bench = photos("batch-kinds", 1);
    bench.write(
        "in/drawing.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    );
    bench.write("in/notes.txt", b"no picture");
    let run = ok(bench.run(&["batch", "in", "-c", "w=10&format=png", "--out-dir", "out"]));
    let expected: &[&str] = if cfg!(feature = "svg") {
        &["drawing.png", "p000.png"]
    } else {
        &["p000.png"]
    };
    assert_eq!(out_files(&bench), expected, "{}", run.stderr);
}

#[test]
fn the_usual_responsive_picture_is_one_this_build_can_make() {
    let bench = Bench::new("srcset-usual");
    bench.write("a.png", &png(100, 50));
    let html = ok(bench.run(&["srcset", "a.png", "--out-dir", "out"])).stdout;
    let html = String::from_utf8(html).unwrap();
    assert_eq!(
        html.contains("image/webp"),
        cfg!(feature = "native"),
        "{html}"
    );
    assert!(html.contains("<img src=\"a-100."), "{html}");
}

#[test]
fn a_responsive_picture_is_files_and_html() {
    let bench = Bench::new("srcset");
    // A build without C codecs writes no lossy WebP.
    let format = if cfg!(feature = "native") {
        "webp"
    } else {
        "gif"
    };
    bench.write("photo of me.png", &png(100, 50));
    let run = ok(bench.run(&[
        "srcset",
        "photo of me.png",
        "--widths",
        "40,80,200,300",
        "--formats",
        &format!("{format},auto"),
        "--out-dir",
        "out",
        "--sizes",
        "50vw",
        "--alt",
        "Me & you",
        "--url-prefix",
        "/img/",
    ]));
    let html = String::from_utf8(run.stdout).unwrap();
    let source = format!(
        "<source type=\"image/{format}\" srcset=\"/img/photo%20of%20me-40.{format} 40w, \
         /img/photo%20of%20me-80.{format} 80w, /img/photo%20of%20me-100.{format} 100w\" sizes=\"50vw\">"
    );
    assert!(html.contains(&source), "{html}");
    assert!(
        html.contains("width=\"100\" height=\"50\" alt=\"Me &amp; you\""),
        "{html}"
    );
    assert_eq!(out_files(&bench).len(), 6);

    // Proportions of a crop are kept in every width.
    ok(bench.run(&[
        "srcset",
        "photo of me.png",
        "--widths",
        "20,40",
        "--formats",
        "png",
        "-c",
        "w=1&h=1&mode=crop",
        "--out-dir",
        "square",
        "--html",
        "p.html",
        "-q",
    ]));
    assert_eq!(png_size(&bench.read("square/photo of me-40.png")), (40, 40));
    assert!(bench.exists("p.html"));

    for (args, expected) in [
        (
            &["srcset", "a.png", "--out-dir", "o", "--formats", "bmp"][..],
            "there is no bmp",
        ),
        (
            &["srcset", "a.png", "--out-dir", "o", "--widths", "0"],
            "above 0",
        ),
        (
            &["srcset", "a.png", "--out-dir", "o", "-c", "w=10"],
            "both w and h",
        ),
    ] {
        let run = bench.run(args);
        assert_eq!(run.code, Some(64), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{args:?}: {}", run.stderr);
    }
}
