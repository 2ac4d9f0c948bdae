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

/// A PNG of a palette whose colours have these alphas (as many as are given; the rest are opaque).
fn palette_png(alphas: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(&[1u8, 2, 3, 4, 5, 6][..]);
    if !alphas.is_empty() {
        encoder.set_trns(alphas.to_vec());
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0, 1]).unwrap();
    drop(writer);
    bytes
}

/// A GIF of 4×4 pixels with frames of a place, a disposal and whether a colour is transparent.
fn gif(frames: &[([u8; 4], u8, bool)]) -> Vec<u8> {
    let mut gif = b"GIF89a\x04\0\x04\0\x80\0\0\xff\xff\xff\0\0\0".to_vec();
    for ([left, top, width, height], disposal, transparent) in frames {
        let flags = disposal << 2 | u8::from(*transparent);
        gif.extend([0x21, 0xF9, 4, flags, 10, 0, 1, 0]);
        gif.extend([0x2C, *left, 0, *top, 0, *width, 0, *height, 0, 0]);
        // A code of three bits per pixel: clear before each of them, then the end.
        let mut bits = String::new();
        for _ in 0..width * height {
            bits = format!("000100{bits}");
        }
        bits = format!("101{bits}");
        let bits: Vec<char> = bits.chars().rev().collect();
        let data: Vec<u8> = bits
            .chunks(8)
            .map(|byte| {
                let set = byte.iter().enumerate().filter(|(_, bit)| **bit == '1');
                set.map(|(i, _)| 1 << i).sum()
            })
            .collect();
        gif.extend([2, data.len() as u8]);
        gif.extend(data);
        gif.push(0);
    }
    gif.push(0x3B);
    gif
}

#[test]
fn info_says_alpha_only_of_what_may_be_transparent() {
    let bench = Bench::new("info-alpha");
    let whole = [0, 0, 4, 4];
    let part = [1, 1, 2, 2];
    for (what, bytes, expected) in [
        ("an opaque palette", palette_png(&[]), false),
        (
            "a palette that says it is opaque",
            palette_png(&[255, 255]),
            false,
        ),
        ("a palette with alpha", palette_png(&[255, 90]), true),
        (
            "a GIF that covers its canvas",
            gif(&[(whole, 1, false)]),
            false,
        ),
        (
            "a GIF with a transparent colour",
            gif(&[(whole, 1, true)]),
            true,
        ),
        ("a GIF that leaves a margin", gif(&[(part, 1, false)]), true),
        (
            "an animation of differences",
            gif(&[
                (whole, 1, false),
                (part, 1, true),
                (part, 3, true),
                (part, 1, true),
            ]),
            false,
        ),
        (
            "an animation that takes away and covers again",
            gif(&[(whole, 2, false), (whole, 1, false)]),
            false,
        ),
        (
            "an animation that takes away",
            gif(&[(whole, 2, false), (part, 1, false)]),
            true,
        ),
        (
            "an animation that goes back to nothing",
            gif(&[(whole, 3, false), (whole, 1, true)]),
            true,
        ),
    ] {
        bench.write("x.bin", &bytes);
        let run = bench.run(&["info", "--json", "x.bin"]);
        assert_eq!(run.code, Some(0), "{what}: {}", run.stderr);
        let facts: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(facts[0]["alpha"], expected, "{what}");
        let run = bench.run(&["info", "x.bin"]);
        let text = String::from_utf8(run.stdout).unwrap();
        assert_eq!(text.contains("alpha"), expected, "{what}: {text}");
    }
    // What is not transparent is a JPEG for browsers that know no other format.
    for (bytes, word) in [(palette_png(&[]), ".jpg"), (palette_png(&[0]), ".png")] {
        bench.write("x.png", &bytes);
        let args = [
            "srcset",
            "x.png",
            "--widths",
            "2",
            "--formats",
            "auto",
            "--out-dir",
            "o",
        ];
        let run = bench.run(&args);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(String::from_utf8(run.stdout).unwrap().contains(word));
    }
}

/// A little-endian TIFF header and a directory of these tags with a short value each.
fn tiff(tags: &[(u16, u16)]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, value) in tags {
        file.extend(tag.to_le_bytes());
        file.extend([3, 0, 1, 0, 0, 0]);
        file.extend(value.to_le_bytes());
        file.extend([0, 0]);
    }
    file.extend([0; 4]);
    file
}

#[test]
fn files_that_are_not_read_are_named_by_every_command() {
    let bench = Bench::new("foreign");
    let size = [(256, 9), (257, 9)];
    for (bytes, name) in [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), "HEIC"),
        (b"8BPS\0\x01 and more".to_vec(), "Photoshop"),
        (b"\0\0\x01\0\x01\0\x10\x10".to_vec(), "ICO"),
        (b"%PDF-1.7\n".to_vec(), "PDF"),
        (b"<!doctype html><title>404</title>".to_vec(), "HTML page"),
        (tiff(&[size[0], size[1], (50706, 1)]), "raw photo"),
        (tiff(&[(254, 1), size[0], size[1], (330, 8)]), "raw photo"),
        (tiff(&[size[0], size[1], (262, 32803)]), "raw photo"),
        (b"II*\0\x10\0\0\0CR\x02\0\0\0\0\0".to_vec(), "CR2"),
    ] {
        if name == "raw photo" && !imageflow_codecs::ImageFormat::Tiff.can_decode() {
            continue;
        }
        bench.write("x.jpg", &bytes);
        for args in [
            &["convert", "x.jpg", "b.png"][..],
            &["info", "x.jpg"],
            &["explain", "x.jpg", "-c", "w=9"],
            &["srcset", "x.jpg", "--out-dir", "o"],
            &[
                "v1/querystring",
                "--in",
                "x.jpg",
                "--out",
                "b.png",
                "--command",
                "w=9",
            ],
        ] {
            let run = bench.run(args);
            assert_eq!(run.code, Some(65), "{args:?}: {}", run.stderr);
            let said = run.stderr.lines().next().unwrap();
            assert!(
                said.contains(name) && said.contains("which is not read"),
                "{args:?}: {said}"
            );
        }
    }
}
