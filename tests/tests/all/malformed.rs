//! Every damaged file of the corpus through the command line tool: an image or an error, never a crash, within time and
//! memory, and nothing left behind by a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use imageflow_codecs::{Bytes, ImageFormat, Input};
use imageflow_pixels::JobControl;
use imageflow_tests::{Picture, shared, tool};

/// Memory besides the frame that the header declares, in KiB.
const MEMORY: i64 = 32 << 10;

/// CPU time allowed for one file, in microseconds.
fn time_limit() -> i64 {
    if tool::is_release() {
        2_000_000
    } else {
        15_000_000
    }
}

#[test]
fn damaged_files_give_an_image_or_an_error_and_leave_nothing_behind() {
    let _alone = crate::alone();
    let Some(folder) = shared::find("corpus/malformed") else {
        eprintln!("no corpus at {}, skipped", shared::candidate().display());
        return;
    };
    let files = files_in(&folder);
    assert!(files.len() > 500, "the corpus has {} files", files.len());
    // Unoptimised decoders need minutes for what optimised ones do in seconds.
    let commands: &[(&str, &str)] = if tool::is_release() {
        &[
            ("png", "w=64&format=png"),
            ("jpg", "w=64&format=jpg"),
            ("webp", "w=64&format=webp"),
        ]
    } else {
        &[("png", "w=64&format=png")]
    };
    let output = std::env::temp_dir().join(format!("imageflow-malformed-{}", std::process::id()));
    let (queue, problems) = (Mutex::new(files), Mutex::new(Vec::new()));
    tool::path();
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (queue, problems, output) = (&queue, &problems, output.join(worker.to_string()));
            scope.spawn(move || {
                fs::create_dir_all(&output).unwrap();
                while let Some(file) = { queue.lock().unwrap().pop() } {
                    for (extension, command) in commands {
                        let out = output.join(format!("out.{extension}"));
                        if let Err(why) = resize(&file, &output, &out, command) {
                            let problem = format!("{} {command}: {why}", file.display());
                            problems.lock().unwrap().push(problem);
                        }
                    }
                }
            });
        }
    });
    fs::remove_dir_all(&output).unwrap();
    let problems = problems.into_inner().unwrap();
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_in(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// KiB of the frame a file's header declares, if it has one.
fn declared_kib(file: &Path) -> i64 {
    let input = Input::Memory(Bytes::Shared(Arc::from(fs::read(file).unwrap())));
    let header = imageflow_codecs::open(&input, &JobControl::default());
    header.map_or(0, |decoder| {
        i64::try_from(decoder.header().stored.area() * 4 / 1024).unwrap()
    })
}

fn resize(file: &Path, folder: &Path, out: &Path, command: &str) -> Result<(), String> {
    let arguments = ["v1/querystring", "--quiet", "--command", command, "--in"];
    let arguments = arguments
        .into_iter()
        .map(Path::new)
        .chain([file, Path::new("--out"), out]);
    let run = tool::measured(env!("CARGO_BIN_EXE_measure"), arguments);
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    let result = judge(file, &run, &left, out);
    left.iter().for_each(|path| fs::remove_file(path).unwrap());
    result
}

fn judge(file: &Path, run: &tool::Run, left: &[PathBuf], out: &Path) -> Result<(), String> {
    let (code, stderr) = (run.code, &run.stderr);
    if code < 0 {
        return Err(format!("ended by signal {}: {stderr}", -code));
    }
    if run.cpu_us > time_limit() {
        return Err(format!("took {} ms", run.cpu_us / 1000));
    }
    if run.peak_kib > MEMORY && run.peak_kib > MEMORY + declared_kib(file) {
        return Err(format!("took {} KiB", run.peak_kib));
    }
    match code {
        0 if left == [out] => {
            let bytes = fs::read(out).unwrap();
            let format = ImageFormat::sniff(&bytes).map(ImageFormat::extension);
            let wanted = out.extension().and_then(|e| e.to_str());
            if format != wanted {
                return Err(format!("wrote {format:?}"));
            }
            Picture::decode(&bytes).map(|_| ())
        }
        0 => Err(format!("succeeded and left {left:?}")),
        70 | 101 => Err(format!("exit {code}: {stderr}")),
        _ if !left.is_empty() => Err(format!("failed and left {left:?}")),
        _ if stderr
            .lines()
            .next()
            .is_none_or(|line| !line.contains(": ")) =>
        {
            Err(format!("exit {code} without a message"))
        }
        _ => Ok(()),
    }
}
