//! `--bundle-to` and `--debug-package`: a job with all it needs in one folder, to be sent to somebody else.
//!
//! Bundling never runs the job, and a bundle that cannot be completed leaves no folder.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use imageflow_types::{Build, IoDirection, IoKind, IoObject};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{Job, Request};
use crate::commands::capture::Capture;
use crate::error::Failure;
use crate::job::response::write_stdout;
use crate::say;

const RECIPE: &str = "recipe.json";

/// The words scripts match on, then what failed.
fn io_failure(what: impl std::fmt::Display, error: &io::Error) -> Failure {
    Failure {
        text: format!("IoError: {what}: {error}"),
        exit: 74,
    }
}

/// Writes the bundle, and to standard output how to run it. Returns the exit code.
pub(crate) fn write(job: &Job, folder: &Path) -> u8 {
    match make(job, folder).and_then(|notes| announce(folder, &notes)) {
        Ok(()) => 0,
        Err(failure) => refused(&failure),
    }
}

/// Writes the bundle, runs it in there, and packs everything. Returns the exit code of the run.
pub(crate) fn debug_package(job: &Job, folder: &Path) -> u8 {
    let packed = make(job, folder).and_then(|notes| {
        let capture = Capture {
            basename: "recipe".into(),
            folder: folder.to_owned(),
        };
        let mut arguments: Vec<OsString> =
            ["v1/build", "--json", RECIPE].map(OsString::from).into();
        if let Some(timeout) = job.timeout {
            arguments.extend(["--timeout".into(), timeout.as_secs_f64().to_string().into()]);
        }
        let captured = capture
            .record(&arguments, Stdio::null())
            .map_err(|e| io_failure("cannot run the bundle", &e))?;
        // What the job has to say comes first.
        let _ = io::stderr().write_all(&captured.stderr);
        let archive = zipped(folder)
            .map_err(|e| io_failure(format!("cannot pack {}", folder.display()), &e))?;
        announce(folder, &notes)?;
        say::note(&format!("packed into {}", archive.display()));
        Ok(captured.exit)
    });
    packed.unwrap_or_else(|failure| refused(&failure))
}

fn refused(failure: &Failure) -> u8 {
    say::categorised(&failure.text);
    failure.exit
}

/// Fills the folder. The notes say which file went where.
fn make(job: &Job, folder: &Path) -> Result<Vec<String>, Failure> {
    let missing = missing_inputs(job);
    if !missing.is_empty() {
        return Err(Failure {
            text: format!(
                "IoError: inputs to bundle do not exist: {}",
                missing.join(", ")
            ),
            exit: 66,
        });
    }
    fs::create_dir(folder).map_err(|e| Failure {
        text: match e.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("IoError: {} exists; name a new folder", folder.display())
            }
            _ => format!("IoError: cannot create {}: {e}", folder.display()),
        },
        exit: 1,
    })?;
    fill(job, folder).inspect_err(|_| {
        // The folder is ours; what cannot be removed is nothing worse than what is reported already.
        let _ = fs::remove_dir_all(folder);
    })
}

fn missing_inputs(job: &Job) -> Vec<String> {
    let Request::Parsed(build) = &job.request else {
        return Vec::new();
    };
    let inputs = build.io.iter().filter(|e| e.direction == IoDirection::In);
    let named = inputs.filter_map(|entry| match &entry.io {
        IoKind::File(path) => Some(Path::new(path)),
        _ => None,
    });
    let unnamed = job.files.iter().filter(|f| f.direction == IoDirection::In);
    named
        .chain(unnamed.map(|file| file.path.as_path()))
        .filter(|path| !path.is_file())
        .map(|path| path.display().to_string())
        .collect()
}

fn fill(job: &Job, folder: &Path) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    let recipe = match &job.request {
        Request::Mistaken(_) => job.source.clone().unwrap_or_default(),
        Request::Parsed(build) => {
            let build = rewritten(build, job, folder, &mut notes)?;
            serde_json::to_vec_pretty(&build).map_err(|e| Failure {
                text: format!("InternalError: the job cannot be written as JSON: {e}"),
                exit: 70,
            })?
        }
    };
    let path = folder.join(RECIPE);
    fs::write(&path, recipe)
        .map_err(|e| io_failure(format!("cannot write {}", path.display()), &e))?;
    Ok(notes)
}

/// The job with its files inside the folder; inputs are copied there.
fn rewritten(
    build: &Build,
    job: &Job,
    folder: &Path,
    notes: &mut Vec<String>,
) -> Result<Build, Failure> {
    let mut build = build.clone();
    for entry in &mut build.io {
        let io_id = entry.io_id;
        match (&entry.io, entry.direction) {
            (IoKind::File(path), IoDirection::In) => {
                entry.io = copied(io_id, Path::new(path), folder, notes)?;
            }
            (IoKind::File(path), IoDirection::Out) => {
                entry.io = moved(io_id, Path::new(path), notes);
            }
            (IoKind::OutputBuffer, _) if job.stdout == Some(io_id) => {
                let name = format!("output_{io_id}_stdout");
                notes.push(format!("# Changed output - to {name}"));
                entry.io = IoKind::File(name);
            }
            _ => {}
        }
    }
    // In the bundle they have names that JSON can hold.
    for (at, file) in job.files.iter().enumerate() {
        let io = match file.direction {
            IoDirection::In => copied(file.io_id, &file.path, folder, notes)?,
            IoDirection::Out => moved(file.io_id, &file.path, notes),
        };
        let entry = IoObject {
            io_id: file.io_id,
            direction: file.direction,
            io,
        };
        build.io.insert(at.min(build.io.len()), entry);
    }
    if let Some((io_id, bytes)) = &job.stdin {
        let name = format!("input_{io_id}_stdin");
        let copy = folder.join(&name);
        fs::write(&copy, bytes)
            .map_err(|e| io_failure(format!("cannot write {}", copy.display()), &e))?;
        notes.push(format!(
            "# Copied - to {} (referenced as {name})",
            copy.display()
        ));
        build.io.insert(
            0,
            IoObject {
                io_id: *io_id,
                direction: IoDirection::In,
                io: IoKind::File(name),
            },
        );
    }
    Ok(build)
}

/// Copies an input into the folder.
fn copied(
    io_id: i32,
    path: &Path,
    folder: &Path,
    notes: &mut Vec<String>,
) -> Result<IoKind, Failure> {
    let name = format!("input_{io_id}_{}", basename(path));
    let copy = folder.join(&name);
    fs::copy(path, &copy).map_err(|e| io_failure(format!("cannot copy {}", path.display()), &e))?;
    notes.push(format!(
        "# Copied {} to {} (referenced as {name})",
        path.display(),
        copy.display()
    ));
    Ok(IoKind::File(name))
}

/// Lets an output be written into the folder.
fn moved(io_id: i32, path: &Path, notes: &mut Vec<String>) -> IoKind {
    let name = format!("output_{io_id}_{}", basename(path));
    notes.push(format!("# Changed output {} to {name}", path.display()));
    IoKind::File(name)
}

fn basename(path: &Path) -> String {
    path.file_name().map_or_else(
        || "file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn announce(folder: &Path, notes: &[String]) -> Result<(), Failure> {
    let mut text = format!(
        "cd \"{}\"\nimageflow_tool v1/build --json {RECIPE}\n\n\n",
        folder.display()
    );
    for note in notes {
        text.push_str(note);
        text.push('\n');
    }
    write_stdout(text.as_bytes()).map_err(|e| io_failure("cannot write to standard output", &e))
}

/// Packs the files of a folder, but not its folders and hidden files, into `FOLDER.zip`, as they are.
fn zipped(folder: &Path) -> io::Result<PathBuf> {
    let mut name = folder.as_os_str().to_owned();
    name.push(".zip");
    let archive = PathBuf::from(name);
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut zip = ZipWriter::new(File::create(&archive)?);
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || !file.file_type()?.is_file() {
            continue;
        }
        zip.start_file(name, stored)?;
        io::copy(&mut File::open(file.path())?, &mut zip)?;
    }
    zip.finish()?;
    Ok(archive)
}
