//! What a long computation must respect: cancellation, deadline, memory budget, thread allowance.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use crate::notes::{Note, NoteKind, Notes};

/// Why a computation must stop although its input is fine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// Somebody asked for cancellation.
    #[error("Cancellation was requested")]
    Cancelled,
    /// The job's deadline passed.
    #[error("the job's deadline passed")]
    DeadlineExceeded,
    /// The job's byte budget is used up.
    #[error(
        "{wanted} bytes more than the job's memory budget of {limit} bytes allows ({used} in use)"
    )]
    BudgetExceeded {
        /// Bytes asked for.
        wanted: u64,
        /// Bytes in use.
        used: u64,
        /// The budget.
        limit: u64,
    },
    /// The system has no such memory.
    #[error("could not allocate {bytes} bytes")]
    AllocationFailed {
        /// Bytes asked for.
        bytes: u64,
    },
}

/// The settings of a [`JobControl`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes that image-sized allocations may take together; `u64::MAX` for no limit.
    pub max_bytes: u64,
    /// When the job must have ended.
    pub deadline: Option<Instant>,
    /// Threads the job may use, at least 1 (the caller's).
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: u64::MAX,
            deadline: None,
            threads: 1,
        }
    }
}

/// Is told of every look at the cancel flag.
struct Watch(Box<dyn Fn() + Send + Sync>);

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

#[derive(Debug)]
struct Inner {
    cancel: Arc<AtomicBool>,
    limits: Limits,
    watch: Option<Watch>,
    used: AtomicU64,
    peak: AtomicU64,
    notes: Notes,
}

/// Cancel flag, deadline, byte budget and thread allowance of one job, and what it has to say; cheap to clone, shared by all
/// its threads.
#[derive(Debug, Clone)]
pub struct JobControl(
    Arc<Inner>,
    /// The input or output that is worked on.
    Option<i32>,
);

impl Default for JobControl {
    fn default() -> Self {
        JobControl::new(Arc::new(AtomicBool::new(false)), Limits::default())
    }
}

impl JobControl {
    /// Makes the control of one job; `cancel` may be set from any thread at any time.
    pub fn new(cancel: Arc<AtomicBool>, limits: Limits) -> JobControl {
        JobControl::make(cancel, limits, None)
    }

    /// A control that calls `looked` whenever cancellation and deadline are polled, on the thread that polls: shows how
    /// long a computation goes without.
    pub fn watched(looked: impl Fn() + Send + Sync + 'static) -> JobControl {
        JobControl::make(
            Arc::default(),
            Limits::default(),
            Some(Watch(Box::new(looked))),
        )
    }

    fn make(cancel: Arc<AtomicBool>, limits: Limits, watch: Option<Watch>) -> JobControl {
        let inner = Inner {
            cancel,
            limits,
            watch,
            used: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            notes: Notes::default(),
        };
        JobControl(Arc::new(inner), None)
    }

    /// The same job, working on one input or output: its notes name it.
    #[must_use]
    pub fn about(&self, io_id: i32) -> JobControl {
        JobControl(self.0.clone(), Some(io_id))
    }

    /// Notes something that the caller of the job should know although it succeeds.
    pub fn note(&self, kind: NoteKind, message: impl Into<String>) {
        self.0.notes.add(Note {
            kind,
            io_id: self.1,
            message: message.into(),
        });
    }

    /// What was noted, in order and each thing once.
    pub fn notes(&self) -> Vec<Note> {
        self.0.notes.list()
    }

    /// Polls cancellation and deadline. Called once per strip and once per scanline group in slow codecs.
    ///
    /// # Errors
    /// [`ControlError::Cancelled`] or [`ControlError::DeadlineExceeded`].
    pub fn check(&self) -> Result<(), ControlError> {
        if let Some(Watch(looked)) = &self.0.watch {
            looked();
        }
        if self.0.cancel.load(Ordering::Relaxed) {
            return Err(ControlError::Cancelled);
        }
        match self.0.limits.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(ControlError::DeadlineExceeded),
            _ => Ok(()),
        }
    }

    /// Takes bytes from the budget until the reservation is dropped. Ask before every allocation that scales with input.
    ///
    /// # Errors
    /// [`ControlError::BudgetExceeded`]; nothing is taken then.
    pub fn reserve(&self, bytes: u64) -> Result<Reservation, ControlError> {
        let inner = &self.0;
        let taken = inner
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes)
                    .filter(|total| *total <= inner.limits.max_bytes)
            });
        match taken {
            Ok(before) => {
                inner.peak.fetch_max(before + bytes, Ordering::Relaxed);
                Ok(Reservation {
                    control: self.clone(),
                    bytes,
                })
            }
            Err(used) => Err(ControlError::BudgetExceeded {
                wanted: bytes,
                used,
                limit: inner.limits.max_bytes,
            }),
        }
    }

    /// Threads the job may use, the caller's included.
    pub fn threads(&self) -> usize {
        self.0.limits.threads.max(1)
    }

    /// Bytes that may still be reserved.
    pub fn free_bytes(&self) -> u64 {
        self.0.limits.max_bytes.saturating_sub(self.used_bytes())
    }

    /// The bytes that are reserved now.
    pub fn used_bytes(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// The most bytes that were reserved at once.
    pub fn peak_bytes(&self) -> u64 {
        self.0.peak.load(Ordering::Relaxed)
    }
}

/// Bytes taken from a job's budget; given back on drop.
#[derive(Debug)]
pub struct Reservation {
    control: JobControl,
    bytes: u64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.control.0.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn budget_is_given_back_and_never_exceeded() {
        let control = JobControl::new(
            Arc::default(),
            Limits {
                max_bytes: 100,
                ..Limits::default()
            },
        );
        let a = control.reserve(60).unwrap();
        assert_eq!(
            control.reserve(41).unwrap_err(),
            ControlError::BudgetExceeded {
                wanted: 41,
                used: 60,
                limit: 100
            }
        );
        drop(a);
        let _b = control.reserve(100).unwrap();
        assert_eq!(control.peak_bytes(), 100);
    }

    #[test]
    fn notes_are_kept_once_and_name_what_they_are_about() {
        let control = JobControl::default();
        control.note(NoteKind::Metadata, "a");
        let about = control.about(7);
        about.note(NoteKind::ColorProfile, "b");
        about.clone().note(NoteKind::ColorProfile, "b");
        let notes = control.notes();
        let told: Vec<_> = notes.iter().map(|n| (n.io_id, &*n.message)).collect();
        assert_eq!(told, [(None, "a"), (Some(7), "b")]);
        (0..1000).for_each(|n| control.note(NoteKind::Metadata, n.to_string()));
        assert_eq!(control.notes().len(), 100);
    }

    #[test]
    fn cancel_and_deadline_are_seen() {
        let flag = Arc::new(AtomicBool::new(false));
        let control = JobControl::new(flag.clone(), Limits::default());
        assert!(control.check().is_ok());
        flag.store(true, Ordering::Relaxed);
        assert_eq!(control.check(), Err(ControlError::Cancelled));
        let late = JobControl::new(
            Arc::default(),
            Limits {
                deadline: Some(Instant::now()),
                ..Limits::default()
            },
        );
        assert_eq!(late.check(), Err(ControlError::DeadlineExceeded));
    }
}
