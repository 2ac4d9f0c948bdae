//! `diagnose --self-test`: runs the examples and some mistakes through this very program, in `self_tests/TIME/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use imageflow_codecs::Bytes;
use imageflow_core::Context;
use imageflow_types::{ImageInfoData, Response};

use crate::commands::examples::{EXAMPLES, Example};
use crate::say;

/// A command line, its exit code, and how standard error begins.
type Case = (&'static str, i32, &'static str);

const CASES: &[Case] = &[
    ("--version", 0, ""),
    ("help v1/build", 0, ""),
    ("info picture.png", 0, ""),
    ("convert picture.png small.jpg -c w=40", 0, ""),
    (
        "v1/querystring --in picture.png --out picture.png --command w=100 --quiet",
        0,
        "",
    ),
    (
        "v1/querystring --in none.jpg --out x.jpg --command w=4",
        74,
        "IoError: ",
    ),
    (
        "v1/querystring --in picture.png --out none/x.jpg --command w=4",
        74,
        "IoError: ",
    ),
    (
        "v1/querystring --in text.txt --out x.jpg --command w=4",
        65,
        "ImageMalformed: ",
    ),
    (
        "v1/querystring --in picture.png --out x.png --command w=20000&scale=both",
        64,
        "ArgumentInvalid: ",
    ),
    (
        "v1/querystring --in picture.png --out x.png --command w=4 --exit-if-larger-than 9px",
        64,
        "ArgumentInvalid: ",
    ),
    ("v1/build --json none.json", 74, "JsonRecipeNotFound: "),
    ("v1/build --json text.txt", 65, "InvalidJson: "),
    ("v1/nonsense", 2, "error: "),
];

/// Runs all; the last line says how it went.
pub(super) fn run() -> u8 {
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let folder = PathBuf::from("self_tests").join(time.to_string());
    let mut failures = Vec::new();
    let count = CASES.len() + EXAMPLES.len();
    if let Err(e) = prepare(&folder) {
        say::error(&format!("cannot write {}: {e}", folder.display()));
        return 74;
    }
    for (line, code, begin) in CASES {
        let arguments: Vec<&str> = line.split(' ').collect();
        let said = checked(&folder, &arguments, *code, begin);
        failures.extend(said.err());
    }
    for example in EXAMPLES {
        failures.extend(check_example(&folder.join(example.slug), example).err());
    }
    for failure in &failures {
        say::error(failure);
    }
    let line = if failures.is_empty() {
        format!("All {count} self tests passed ({})\n", folder.display())
    } else {
        format!("{} of {count} self tests failed\n", failures.len())
    };
    let exit = crate::commands::print(&line);
    if failures.is_empty() { exit } else { 70 }
}

fn prepare(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let picture = crate::commands::pictures::rings().map_err(std::io::Error::other)?;
    fs::write(folder.join("picture.png"), picture)?;
    fs::write(folder.join("text.txt"), "no image, and no job either\n")
}

fn check_example(folder: &Path, example: &Example) -> Result<(), String> {
    example
        .write(folder)
        .map_err(|e| format!("{}: {e}", example.slug))?;
    let recipe = format!("{}.json", example.slug);
    let mut arguments = vec!["v1/build", "--json", &recipe];
    arguments.extend(example.arguments);
    checked(folder, &arguments, 0, "")?;
    for (name, size) in example.writes {
        let bytes = fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
        let found = size_of(bytes).map_err(|e| format!("{name}: {e}"))?;
        if found != *size {
            return Err(format!(
                "{}: {name} is {found:?}, not {size:?}",
                example.slug
            ));
        }
    }
    Ok(())
}

fn size_of(bytes: Vec<u8>) -> Result<(i32, i32), String> {
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(bytes.into()))
        .map_err(|e| e.to_string())?;
    let answer = context.send_json("v1/get_image_info", br#"{"io_id":0}"#);
    let info: Response<ImageInfoData> =
        serde_json::from_slice(&answer.body).map_err(|e| e.to_string())?;
    let info = info.data.image_info;
    Ok((info.image_width, info.image_height))
}

fn checked(folder: &Path, arguments: &[&str], code: i32, begin: &str) -> Result<(), String> {
    let called = arguments.join(" ");
    let output = call(folder, arguments).map_err(|e| format!("{called}: {e}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(code) || !stderr.starts_with(begin) {
        return Err(format!(
            "{called}: {} instead of exit code {code}: {stderr}",
            output.status
        ));
    }
    Ok(())
}

fn call(folder: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new(std::env::current_exe()?)
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
}
