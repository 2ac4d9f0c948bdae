//! What a batch has done, a JSON line for each input, in `.imageflow-batch.ndjson` of the output folder.
//!
//! A line is written when all results of an input are in place, so a run that was killed goes on where it was, and
//! `--overwrite older` knows which results are of this input and these commands.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::job::temporary::{Temporary, is_left_by};

const NAME: &str = ".imageflow-batch.ndjson";

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// A run began.
    Begin { process: u32, recipe: String },
    /// All results of an input are in place.
    Done(Done),
    /// The run came to its end.
    End,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    source: Name,
    state: State,
    recipe: String,
    /// Below the output folder.
    outputs: Vec<Name>,
}

/// A path in JSON: as text, or as bytes where it is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Bytes { bytes: Vec<u8> },
}

impl Name {
    fn of(path: &Path) -> Name {
        match path.to_str() {
            Some(text) => Name::Text(text.to_owned()),
            None => Name::Bytes {
                bytes: path.as_os_str().as_encoded_bytes().to_vec(),
            },
        }
    }

    fn path(&self) -> PathBuf {
        match self {
            Name::Text(text) => text.into(),
            Name::Bytes { bytes } => from_bytes(bytes),
        }
    }
}

#[cfg(unix)]
fn from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

/// Such names are rare there; their files are made again.
#[cfg(not(unix))]
fn from_bytes(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// What tells that a file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    size: u64,
    modified_ns: u64,
}

impl State {
    /// Of a file as it is now.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub(super) fn of(path: &Path) -> io::Result<State> {
        let metadata = fs::metadata(path)?;
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH);
        Ok(State {
            size: metadata.len(),
            modified_ns: modified.map_or(0, |since| {
                u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
            }),
        })
    }
}

/// The journal of a run.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    recipe: String,
    known: HashMap<PathBuf, Done>,
    /// How many inputs the interrupted run that this one goes on with has done; 0 when there is none.
    resumed: usize,
    file: Option<Mutex<File>>,
}

impl Journal {
    /// Remembers nothing.
    pub(super) fn none() -> Journal {
        Journal {
            folder: PathBuf::new(),
            recipe: String::new(),
            known: HashMap::new(),
            resumed: 0,
            file: None,
        }
    }

    /// Reads what earlier runs left, and begins a run. Goes on with the last one if it was the same and did not end.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub(super) fn open(folder: &Path, recipe: String, restart: bool) -> io::Result<Journal> {
        fs::create_dir_all(folder)?;
        let path = folder.join(NAME);
        let mut known = HashMap::new();
        let mut interrupted = None;
        // A line that was cut off, or is of another version, is a line that is not there.
        let text = fs::read_to_string(&path).unwrap_or_default();
        for line in text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
        {
            match line {
                Line::Begin { process, recipe } => interrupted = Some((process, recipe)),
                Line::Done(done) => {
                    known.insert(done.source.path(), done);
                }
                Line::End => interrupted = None,
            }
        }
        if let Some((process, _)) = &interrupted {
            remove_leftovers(folder, *process);
        }
        let goes_on = !restart && interrupted.is_some_and(|(_, before)| before == recipe);
        if restart {
            known.clear();
        }
        let mut lines: Vec<Line> = known.values().cloned().map(Line::Done).collect();
        let resumed = if goes_on {
            known.values().filter(|done| done.recipe == recipe).count()
        } else {
            0
        };
        lines.insert(
            0,
            Line::Begin {
                process: std::process::id(),
                recipe: recipe.clone(),
            },
        );
        let mut bytes = Vec::new();
        for line in &lines {
            append(&mut bytes, line)?;
        }
        Temporary::beside(&path)?.finish(&bytes)?;
        let file = File::options().append(true).open(&path)?;
        Ok(Journal {
            folder: folder.to_owned(),
            recipe,
            known,
            resumed,
            file: Some(Mutex::new(file)),
        })
    }

    /// How many inputs need not be done since an interrupted run did them.
    pub(super) fn resumed(&self) -> usize {
        self.resumed
    }

    /// Whether the results of an input are in place, made of this state of it by these commands.
    pub(super) fn has(&self, source: &Path, state: State) -> bool {
        self.known.get(source).is_some_and(|done| {
            done.state == state
                && done.recipe == self.recipe
                && done
                    .outputs
                    .iter()
                    .all(|name| self.folder.join(name.path()).exists())
        })
    }

    /// Notes that the results of an input are in place.
    ///
    /// # Errors
    /// When the line cannot be written.
    pub(super) fn note(
        &self,
        source: &Path,
        state: State,
        outputs: Vec<PathBuf>,
    ) -> io::Result<()> {
        self.write(&Line::Done(Done {
            source: Name::of(source),
            state,
            recipe: self.recipe.clone(),
            outputs: outputs.iter().map(|path| Name::of(path)).collect(),
        }))
    }

    /// Notes that the run came to its end.
    ///
    /// # Errors
    /// When the line cannot be written.
    pub(super) fn end(&self) -> io::Result<()> {
        self.write(&Line::End)
    }

    fn write(&self, line: &Line) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut bytes = Vec::new();
        append(&mut bytes, line)?;
        // In one piece: a run that is killed leaves whole lines, but perhaps the last.
        file.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(&bytes)
    }
}

fn append(bytes: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(())
}

/// Removes what a process that was killed did not finish.
fn remove_leftovers(folder: &Path, process: u32) {
    if process == std::process::id() {
        return;
    }
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    for entry in entries.filter(|e| e.file_type().is_file()) {
        if is_left_by(entry.file_name(), process) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("journal-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn an_interrupted_run_goes_on_and_an_ended_one_does_not() {
        let folder = folder("resume");
        let source = folder.join("a.jpg");
        fs::write(&source, b"x").unwrap();
        fs::write(folder.join("a.webp"), b"y").unwrap();
        let state = State::of(&source).unwrap();
        let open =
            |recipe: &str, restart| Journal::open(&folder, recipe.to_owned(), restart).unwrap();

        let first = open("r", false);
        assert!(!first.has(&source, state));
        first.note(&source, state, vec!["a.webp".into()]).unwrap();
        drop(first);

        let again = open("r", false);
        assert_eq!(again.resumed(), 1);
        assert!(again.has(&source, state));
        again.end().unwrap();

        let after = open("r", false);
        assert_eq!(after.resumed(), 0);
        assert!(after.has(&source, state), "--overwrite older needs it");

        assert_eq!(open("other", false).resumed(), 0);
        assert!(!open("r", true).has(&source, state));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_changed_or_is_gone_is_not_done() {
        let folder = folder("change");
        let source = folder.join("a.jpg");
        fs::write(&source, b"x").unwrap();
        fs::write(folder.join("a.webp"), b"y").unwrap();
        let state = State::of(&source).unwrap();
        let journal = Journal::open(&folder, "r".to_owned(), false).unwrap();
        journal.note(&source, state, vec!["a.webp".into()]).unwrap();
        // A line that was cut off.
        let file = folder.join(NAME);
        let mut text = fs::read(&file).unwrap();
        text.extend_from_slice(b"{\"done\":{\"sou");
        fs::write(&file, text).unwrap();
        let journal = Journal::open(&folder, "r".to_owned(), false).unwrap();
        assert!(journal.has(&source, state));
        fs::write(&source, b"xx").unwrap();
        assert!(!journal.has(&source, State::of(&source).unwrap()));
        fs::remove_file(folder.join("a.webp")).unwrap();
        assert!(!journal.has(&source, state));
        fs::remove_dir_all(&folder).unwrap();
    }
}
