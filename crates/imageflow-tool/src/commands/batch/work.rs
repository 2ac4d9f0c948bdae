//! The images of one input.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};

use super::Overwrite;
use super::inputs::Source;
use super::journal::{Journal, State};
use super::memory::Budget;
use super::names::{Facts, Template};
use crate::commands::renditions::Renditions;
use crate::error::Failure;
use crate::job::origin::Origin;
use crate::job::temporary;

/// What to do with each input, and what has been done.
#[derive(Debug)]
pub(super) struct Work {
    renditions: Renditions,
    template: Template,
    out_dir: PathBuf,
    overwrite: Overwrite,
    journal: Journal,
    /// Which input each result of this run is of.
    claimed: Mutex<HashMap<PathBuf, PathBuf>>,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Made {
    #[serde(serialize_with = "as_shown")]
    pub(super) file: PathBuf,
    pub(super) w: i64,
    pub(super) h: i64,
    pub(super) mime_type: String,
    /// 0 when it was only planned.
    pub(super) bytes: u64,
}

/// JSON is text, names of files need not be.
fn as_shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// What became of an input.
#[derive(Debug)]
pub(super) enum Outcome {
    Made {
        results: Vec<Made>,
        bytes_read: u64,
        took: Duration,
    },
    /// The results are there.
    Kept,
    Failed(Failure),
}

impl Work {
    pub(super) fn new(
        renditions: Renditions,
        template: Template,
        out_dir: PathBuf,
        overwrite: Overwrite,
        journal: Journal,
    ) -> Work {
        Work {
            renditions,
            template,
            out_dir,
            overwrite,
            journal,
            claimed: Mutex::default(),
        }
    }

    /// How many inputs an interrupted run has done.
    pub(super) fn resumes(&self) -> usize {
        self.journal.resumed()
    }

    /// Notes that the batch came to its end.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(super) fn complete(&self) -> io::Result<()> {
        self.journal.end()
    }

    /// Forgets which results there are, so that inputs can be worked on again.
    pub(super) fn begin_again(&self) {
        self.claimed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Makes the images of an input, or says what they would be.
    pub(super) fn run(
        &self,
        source: &Source,
        index: usize,
        budget: &Budget,
        dry_run: bool,
        watch: impl Fn(Arc<AtomicBool>),
    ) -> Outcome {
        let start = Instant::now();
        let made = self.make(source, index, budget, dry_run, watch);
        match made {
            Ok(Some((results, bytes_read))) => Outcome::Made {
                results,
                bytes_read,
                took: start.elapsed(),
            },
            Ok(None) => Outcome::Kept,
            Err(failure) => Outcome::Failed(failure),
        }
    }

    fn make(
        &self,
        source: &Source,
        index: usize,
        budget: &Budget,
        dry_run: bool,
        watch: impl Fn(Arc<AtomicBool>),
    ) -> Result<Option<(Vec<Made>, u64)>, Failure> {
        let state = State::of(&source.path).map_err(|e| Failure::unreadable(&source.path, &e))?;
        let remembers = self.overwrite == Overwrite::Older || self.journal.resumed() > 0;
        if remembers && self.journal.has(&source.path, state) {
            return Ok(None);
        }
        let cancel = Arc::new(AtomicBool::new(false));
        watch(cancel.clone());
        let origin = Origin::of(&source.path, &self.renditions.limits, cancel)?;
        let plan = self.renditions.explain(&origin)?;
        let planned: Vec<Made> = plan
            .outputs
            .iter()
            .map(|output| Made {
                file: self.template.path(&Facts {
                    source,
                    index,
                    width: i64::from(output.w),
                    height: i64::from(output.h),
                    extension: &output.preferred_extension,
                }),
                w: i64::from(output.w),
                h: i64::from(output.h),
                mime_type: output.preferred_mime_type.clone(),
                bytes: 0,
            })
            .collect();
        self.claim(source, &planned)?;
        let exists = |made: &Made| self.out_dir.join(&made.file).exists();
        if self.overwrite == Overwrite::Never && planned.iter().all(exists) {
            return Ok(None);
        }
        let bytes_read = fs::metadata(&source.path).map_or(0, |m| m.len());
        if dry_run {
            return Ok(Some((planned, bytes_read)));
        }
        let images = {
            let _share = budget.take(plan.peak_bytes);
            self.renditions.render(&origin, watch)?
        };
        let mut results = Vec::with_capacity(images.len());
        for (mut made, image) in planned.into_iter().zip(images) {
            made.bytes = image.bytes.len() as u64;
            let path = self.out_dir.join(&made.file);
            temporary::write(&path, &image.bytes).map_err(|e| Failure::unwritable(&path, &e))?;
            results.push(made);
        }
        let files = results.iter().map(|made| made.file.clone()).collect();
        self.journal
            .note(&source.path, state, files)
            .map_err(|e| Failure::unwritable(&self.out_dir, &e))?;
        Ok(Some((results, bytes_read)))
    }

    /// Two inputs must not have a result of the same name, nor may one be replaced by its own result.
    fn claim(&self, source: &Source, planned: &[Made]) -> Result<(), Failure> {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        for (i, made) in planned.iter().enumerate() {
            let file = &made.file;
            let twice = planned.iter().take(i).any(|other| other.file == *file);
            let other = claimed.get(file).filter(|other| **other != source.path);
            let reason = if twice {
                "two of its images would have this name".to_owned()
            } else if let Some(other) = other {
                format!("it would replace the image of {}", other.display())
            } else if is_same(&source.path, &self.out_dir.join(file)) {
                "it would replace the input itself".to_owned()
            } else {
                continue;
            };
            return Err(Failure {
                text: format!(
                    "{} cannot be written: {reason}; choose another --name or --out-dir",
                    file.display()
                ),
                exit: 64,
            });
        }
        for made in planned {
            claimed.insert(made.file.clone(), source.path.clone());
        }
        Ok(())
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
