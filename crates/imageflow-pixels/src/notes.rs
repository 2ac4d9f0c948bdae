//! What a computation has to say although it succeeded: a colour profile that was left out, metadata that did not fit.

use std::sync::{Mutex, PoisonError};

/// Most notes one job keeps; a file with more than these says nothing new.
const MAX_NOTES: usize = 100;

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoteKind {
    /// A colour profile, or colours signalled otherwise, could not be used and was left out.
    ColorProfile,
    /// Metadata that was to be kept was left out or changed.
    Metadata,
}

/// Something that the caller of a job should know although it succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The input or output it is about, when that is known.
    pub io_id: Option<i32>,
    /// One sentence.
    pub message: String,
}

/// The notes of one job, each of them once.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<Vec<Note>>);

impl Notes {
    pub(crate) fn add(&self, note: Note) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() < MAX_NOTES && !notes.contains(&note) {
            notes.push(note);
        }
    }

    pub(crate) fn list(&self) -> Vec<Note> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
