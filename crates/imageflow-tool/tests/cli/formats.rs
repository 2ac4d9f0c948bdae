//! Which format an output gets: the source's, the command's, or the best that the receiver accepts.

use serde_json::Value;

use crate::bench::{Bench, animation};

/// The MIME type an output has, by the response; it must be what the bytes say too.
fn format_of(bench: &Bench, input: &str, command: &str) -> String {
    let run = bench.convert(input, "out", command);
    let said = run.json()["data"]["build_result"]["encodes"][0]["preferred_mime_type"].clone();
    let info = bench.run(&["info", "--json", "out"]);
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info[0]["mime_type"], said, "{input} {command}: {info}");
    said.as_str().unwrap().to_owned()
}

#[test]
fn the_format_follows_the_source_and_what_is_accepted() {
    let bench = Bench::new("formats");
    bench.convert("a.png", "a.jpg", "format=jpg");
    bench.convert("a.png", "a.webp", "format=webp&webp.lossless=true");
    bench.write("a.gif", &animation());
    // A build without C codecs writes no lossy WebP, and then the next best.
    let accepted = if cfg!(feature = "native") {
        "image/webp"
    } else {
        "image/jpeg"
    };
    for (source, own, auto, webp) in [
        ("a.jpg", "image/jpeg", "image/jpeg", accepted),
        ("a.png", "image/png", "image/jpeg", accepted),
        ("a.webp", "image/webp", "image/jpeg", accepted),
        ("a.gif", "image/gif", "image/gif", "image/gif"),
    ] {
        if source != "a.webp" || cfg!(feature = "native") {
            assert_eq!(format_of(&bench, source, "w=10"), own, "{source}");
        }
        assert_eq!(
            format_of(&bench, source, "w=10&format=auto"),
            auto,
            "{source}"
        );
        assert_eq!(
            format_of(&bench, source, "w=10&format=auto&accept.webp=true"),
            webp,
            "{source}"
        );
    }
}

#[test]
fn a_format_this_build_cannot_write_is_replaced_and_the_response_says_so() {
    let bench = Bench::new("formats-missing");
    for format in ["avif", "jxl"] {
        let run = bench.convert("a.png", "out", &format!("w=10&format={format}"));
        let encode = run.json()["data"]["build_result"]["encodes"][0].clone();
        let info = bench.run(&["info", "--json", "out"]);
        let info: Value = serde_json::from_slice(&info.stdout).unwrap();
        assert_eq!(
            info[0]["mime_type"], encode["preferred_mime_type"],
            "{info}"
        );
        if encode["preferred_extension"] != format {
            assert!(
                run.stderr.starts_with("warning: ") && run.stderr.contains(format),
                "{format}: {}",
                run.stderr
            );
        }
        let strict = bench.run(&[
            "convert",
            "a.png",
            "c",
            "-c",
            &format!("format={format}"),
            "--strict",
        ]);
        let expected = if encode["preferred_extension"] == format {
            0
        } else {
            64
        };
        assert_eq!(strict.code, Some(expected), "{}", strict.stderr);
    }
    // Every build writes it without loss.
    let run = bench.run(&["convert", "a.png", "d.jxl", "-c", "lossless=true"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let info = bench.run(&["info", "--json", "d.jxl"]);
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info[0]["mime_type"], "image/jxl", "{info}");
}
