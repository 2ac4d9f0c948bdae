//! Names of files that are not UTF-8, as old archives and other systems leave them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Output;

use crate::bench::{Bench, png, png_size};

/// `lat?N.EXTENSION` with a byte that is é in Latin-1 and nothing in UTF-8.
fn latin(number: u32, extension: &str) -> OsString {
    let mut name = b"lat\xE9".to_vec();
    name.extend_from_slice(format!("{number}.{extension}").as_bytes());
    OsStr::from_bytes(&name).to_owned()
}

/// A folder with such a picture, or `None` where the file system takes only text.
fn bench(name: &str) -> Option<Bench> {
    let bench = Bench::new(name);
    let path = bench.path("").join(latin(1, "png"));
    fs::write(path, png(40, 30)).ok()?;
    Some(bench)
}

fn run(bench: &Bench, args: &[&OsStr]) -> Output {
    let output = bench.command(&[]).args(args).output().unwrap();
    assert_ne!(output.status.code(), Some(101), "a panic");
    output
}

fn succeeds(bench: &Bench, args: &[&OsStr]) -> Output {
    let output = run(bench, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
    output
}

fn words<'a>(list: &'a [&'a str]) -> Vec<&'a OsStr> {
    list.iter().map(OsStr::new).collect()
}

fn read(bench: &Bench, name: &OsStr) -> Vec<u8> {
    fs::read(bench.path("").join(name)).unwrap()
}

#[test]
fn every_command_of_one_job_takes_and_makes_them() {
    let Some(bench) = bench("latin-job") else {
        return;
    };
    let (input, output) = (latin(1, "png"), latin(2, "png"));
    let [convert, c, w10] = ["convert", "-c", "w=10"].map(OsStr::new);
    succeeds(&bench, &[convert, &input, &output, c, w10]);
    assert_eq!(png_size(&read(&bench, &output)), (10, 8));

    let mut args = words(&["v1/querystring", "--command", "w=20", "--in"]);
    args.extend([input.as_os_str(), OsStr::new("--out"), &output]);
    let answer = succeeds(&bench, &args);
    assert_eq!(png_size(&read(&bench, &output)), (20, 15));
    assert!(
        String::from_utf8(answer.stdout)
            .unwrap()
            .contains("physical_file")
    );

    bench.write("job.json", br#"{"io":[{"io_id":0,"direction":"in","io":"placeholder"},{"io_id":1,"direction":"out","io":"placeholder"}],
        "framewise":{"steps":[{"decode":{"io_id":0}},{"encode":{"io_id":1,"preset":{"lodepng":{}}}}]}}"#);
    let mut args = words(&["v1/build", "--json", "job.json", "--in", "0"]);
    args.extend([
        input.as_os_str(),
        OsStr::new("--out"),
        OsStr::new("1"),
        &output,
    ]);
    succeeds(&bench, &args);
    assert_eq!(png_size(&read(&bench, &output)), (40, 30));

    let plan = succeeds(&bench, &[OsStr::new("explain"), &input, c, w10]);
    assert!(!plan.stdout.is_empty());
    let info = succeeds(&bench, &[OsStr::new("info"), &input]);
    assert!(String::from_utf8(info.stdout).unwrap().contains("40×30"));
}

#[test]
fn failures_name_them_and_leave_nothing() {
    let Some(bench) = bench("latin-fails") else {
        return;
    };
    let (absent, output) = (latin(8, "png"), latin(9, "png"));
    let [convert, c, w10] = ["convert", "-c", "w=10"].map(OsStr::new);
    let refused = run(&bench, &[convert, &absent, &output, c, w10]);
    assert_eq!(refused.status.code(), Some(66));
    let kept = latin(1, "png");
    let refused = run(
        &bench,
        &[
            convert,
            OsStr::new("a.png"),
            &kept,
            c,
            w10,
            OsStr::new("--no-clobber"),
        ],
    );
    assert_eq!(refused.status.code(), Some(74));
    bench.write("text.png", b"no picture");
    let refused = run(&bench, &[convert, OsStr::new("text.png"), &output, c, w10]);
    assert_eq!(refused.status.code(), Some(65));
    let names = fs::read_dir(bench.path("")).unwrap();
    assert_eq!(names.count(), 3);
}

#[test]
fn a_batch_finds_keeps_and_remembers_them() {
    let Some(bench) = bench("latin-batch") else {
        return;
    };
    fs::create_dir(bench.path("in")).unwrap();
    for number in [3, 4] {
        let path = bench.path("in").join(latin(number, "png"));
        fs::write(path, png(30, 20)).unwrap();
    }
    let results = || {
        let mut names: Vec<OsString> = fs::read_dir(bench.path("out"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .filter(|name| !name.as_bytes().starts_with(b"."))
            .collect();
        names.sort();
        names
    };
    for inputs in ["in", "in/*.png", "i*/**/*.png"] {
        let args = [
            "batch",
            inputs,
            "-c",
            "w=10",
            "--out-dir",
            "out",
            "--report",
            "ndjson",
        ];
        let lines = succeeds(&bench, &words(&args));
        let lines = String::from_utf8(lines.stdout).unwrap();
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(
            lines.lines().all(|line| line.contains("\"done\"")),
            "{lines}"
        );
        let expected = [latin(3, "png"), latin(4, "png")];
        if inputs == "in" || inputs == "in/*.png" {
            assert_eq!(results(), expected, "{inputs}");
        }
    }
    let again = [
        "batch",
        "in",
        "-c",
        "w=10",
        "--out-dir",
        "out",
        "--overwrite",
        "older",
        "--report",
        "ndjson",
    ];
    succeeds(&bench, &words(&again));
    let kept = succeeds(&bench, &words(&again));
    let kept = String::from_utf8(kept.stdout).unwrap();
    assert_eq!(kept.matches("\"kept\"").count(), 2, "{kept}");
}

#[test]
fn a_srcset_is_named_after_them() {
    let Some(bench) = bench("latin-srcset") else {
        return;
    };
    let input = latin(1, "png");
    let mut args = vec![OsStr::new("srcset"), &input];
    args.extend(words(&[
        "--widths",
        "20",
        "--formats",
        "png",
        "--out-dir",
        ".",
    ]));
    let html = succeeds(&bench, &args);
    let mut name = b"lat\xE9".to_vec();
    name.extend_from_slice(b"1-20.png");
    assert_eq!(png_size(&read(&bench, OsStr::from_bytes(&name))), (20, 15));
    assert!(
        String::from_utf8(html.stdout)
            .unwrap()
            .contains("lat%E91-20.png")
    );
}

#[test]
fn a_bundle_gives_them_names_that_json_can_hold() {
    let Some(bench) = bench("latin-bundle") else {
        return;
    };
    let (input, output) = (latin(1, "png"), latin(2, "png"));
    let [convert, c, w10, to, folder] =
        ["convert", "-c", "w=10", "--bundle-to", "bundle"].map(OsStr::new);
    succeeds(&bench, &[convert, &input, &output, c, w10, to, folder]);
    let inside = bench
        .command(&["v1/build", "--json", "recipe.json"])
        .current_dir(bench.path("bundle"))
        .output()
        .unwrap();
    assert_eq!(
        inside.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&inside.stderr)
    );
}
