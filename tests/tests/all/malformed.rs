//! Every damaged JPEG and PNG of the corpus through the command line tool: an image or an error, never a crash.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use imageflow_tests::{Picture, shared, tool};

/// Time allowed for one file.
fn limit() -> Duration {
    Duration::from_secs(if tool::is_release() { 2 } else { 15 })
}

#[test]
fn damaged_files_give_an_image_or_an_error_and_leave_nothing_behind() {
    let _alone = crate::alone();
    let Some(folder) = shared::find("corpus/malformed") else {
        eprintln!("no corpus at {}, skipped", shared::candidate().display());
        return;
    };
    let files = images_in(&folder);
    assert!(files.len() > 50, "the corpus has {} files", files.len());
    let output = std::env::temp_dir().join(format!("imageflow-malformed-{}", std::process::id()));
    fs::create_dir_all(&output).unwrap();
    let (queue, problems) = (Mutex::new(files), Mutex::new(Vec::new()));
    tool::path();
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (queue, problems, output) = (&queue, &problems, output.join(worker.to_string()));
            scope.spawn(move || {
                fs::create_dir_all(&output).unwrap();
                while let Some(file) = { queue.lock().unwrap().pop() } {
                    if let Err(why) = resize(&file, &output) {
                        problems
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", file.display()));
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

/// Files by their first bytes, whatever they are called; names of the two formats count too.
fn images_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(images_in(&path));
            continue;
        }
        let named = path.extension().is_some_and(|e| e == "jpg" || e == "png");
        let bytes = fs::read(&path).unwrap();
        if named || bytes.starts_with(&[0xFF, 0xD8, 0xFF]) || bytes.starts_with(b"\x89PNG") {
            found.push(path);
        }
    }
    found
}

fn resize(file: &Path, folder: &Path) -> Result<(), String> {
    let out = folder.join("out.png");
    let start = Instant::now();
    let run = Command::new(tool::path())
        .args([
            "v1/querystring",
            "--quiet",
            "--command",
            "w=64&format=png",
            "--in",
        ])
        .arg(file)
        .arg("--out")
        .arg(&out)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let took = start.elapsed();
    let stderr = String::from_utf8_lossy(&run.stderr);
    let code = run
        .status
        .code()
        .ok_or_else(|| format!("ended by a signal: {:?} {stderr}", run.status))?;
    if took > limit() {
        return Err(format!("took {took:?}"));
    }
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    let result = match code {
        0 if left == [out.clone()] => Picture::load(&out).map(|_| ()),
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
    };
    left.iter().for_each(|path| fs::remove_file(path).unwrap());
    result
}
