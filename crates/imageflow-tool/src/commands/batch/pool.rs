//! Works on all inputs at once, as far as cores and memory allow.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::inputs::{self, Source};
use super::journal::State;
use super::memory::Budget;
use super::progress::Progress;
use super::work::{Outcome, Work};
use super::{Batch, counted};
use crate::commands::columns::bytes;
use crate::job::interrupt::Interrupt;
use crate::job::response::write_stdout;
use crate::say;

/// How often signals are looked for and progress is shown.
const TICK: Duration = Duration::from_millis(50);
/// How often a watched input is looked at, and how long it must stay as it is before it is worked on.
const WATCH: Duration = Duration::from_millis(200);

/// Cores of the machine that this process may use.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How a batch is run.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) workers: usize,
    /// Bytes that jobs may plan for together.
    pub(super) memory: u64,
    pub(super) fail_fast: bool,
    pub(super) reports: bool,
    pub(super) dry_run: bool,
    pub(super) shows: bool,
    pub(super) forces_bar: bool,
}

/// Ends a batch: set by signals, and by the batch itself.
#[derive(Debug)]
pub(super) struct Signals {
    stop: Arc<AtomicBool>,
    interrupt: Interrupt,
}

impl Signals {
    pub(super) fn watch() -> Signals {
        let stop = Arc::new(AtomicBool::new(false));
        let interrupt = Interrupt::watch(&stop);
        Signals { stop, interrupt }
    }
}

/// What a run came to.
#[derive(Debug)]
pub(super) struct Totals {
    pub(super) start: Instant,
    pub(super) inputs: usize,
    pub(super) done: usize,
    pub(super) kept: usize,
    pub(super) failed: usize,
    pub(super) images: usize,
    pub(super) bytes_read: u64,
    pub(super) bytes_written: u64,
    /// Whether it ended before all inputs were tried.
    pub(super) stopped: bool,
    /// The exit code for the signal that ended it.
    pub(super) signal: Option<u8>,
    /// Why lines did not arrive on standard output.
    pub(super) lost_lines: Option<std::io::Error>,
}

impl Totals {
    fn new(inputs: usize) -> Totals {
        Totals {
            start: Instant::now(),
            inputs,
            done: 0,
            kept: 0,
            failed: 0,
            images: 0,
            bytes_read: 0,
            bytes_written: 0,
            stopped: false,
            signal: None,
            lost_lines: None,
        }
    }

    /// Inputs of which it is known what became of them.
    pub(super) fn finished(&self) -> usize {
        self.done + self.kept + self.failed
    }

    /// One line.
    pub(super) fn summary(&self) -> String {
        let mut parts = vec![format!(
            "{} of {} in {:.1} s",
            counted(self.images, "image", "images"),
            counted(self.done, "input", "inputs"),
            self.start.elapsed().as_secs_f64()
        )];
        if self.bytes_written > 0 {
            parts.push(format!(
                "{} → {}",
                bytes(self.bytes_read),
                bytes(self.bytes_written)
            ));
        }
        for (count, what) in [(self.kept, "kept as they were"), (self.failed, "failed")] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        let left = self.inputs - self.finished();
        if left > 0 {
            parts.push(format!("{left} not tried"));
        }
        parts.join(", ")
    }
}

/// Cancel flags of the jobs that run now.
#[derive(Debug, Default)]
struct Running(Mutex<HashMap<usize, Arc<AtomicBool>>>);

impl Running {
    fn add(&self, index: usize, flag: Arc<AtomicBool>) {
        self.flags().insert(index, flag);
    }

    fn remove(&self, index: usize) {
        self.flags().remove(&index);
    }

    fn cancel_all(&self) {
        for flag in self.flags().values() {
            flag.store(true, Ordering::Relaxed);
        }
    }

    fn flags(&self) -> std::sync::MutexGuard<'_, HashMap<usize, Arc<AtomicBool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// Works on all inputs; says what failed.
    pub(super) fn run(&self, sources: &[Source], work: &Work, signals: &Signals) -> Totals {
        let stop = &signals.stop;
        let next = AtomicUsize::new(0);
        let running = Running::default();
        let budget = Budget::new(self.memory);
        let (sender, receiver) = channel();
        let mut totals = Totals::new(sources.len());
        std::thread::scope(|scope| {
            for _ in 0..self.workers.min(sources.len()) {
                let sender: Sender<(usize, Outcome)> = sender.clone();
                let (next, running, budget) = (&next, &running, &budget);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(source) = sources.get(index) else {
                            break;
                        };
                        let watch = |flag| running.add(index, flag);
                        let outcome = work.run(source, index + 1, budget, self.dry_run, watch);
                        running.remove(index);
                        if self.fail_fast && matches!(outcome, Outcome::Failed(_)) {
                            stop.store(true, Ordering::Relaxed);
                        }
                        if sender.send((index, outcome)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            self.follow(sources, &receiver, stop, &running, &mut totals);
        });
        totals.signal = signals.interrupt.exit_code();
        totals.stopped = totals.finished() < sources.len();
        totals
    }

    /// Takes outcomes as they come, until all workers are gone.
    fn follow(
        &self,
        sources: &[Source],
        outcomes: &Receiver<(usize, Outcome)>,
        stop: &AtomicBool,
        running: &Running,
        totals: &mut Totals,
    ) {
        let mut progress = Progress::new(sources.len(), self.shows, self.forces_bar);
        loop {
            match outcomes.recv_timeout(TICK) {
                Ok((index, outcome)) => {
                    let stopping = stop.load(Ordering::Relaxed);
                    let mut told = Ok(());
                    progress.interrupted_by(|| {
                        told = self.tell(&sources[index], &outcome, stopping);
                    });
                    if let (Err(error), None) = (told, &totals.lost_lines) {
                        totals.lost_lines = Some(error);
                    }
                    self.count(outcome, stopping, totals);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if stop.load(Ordering::Relaxed) {
                running.cancel_all();
            }
            progress.update(totals);
        }
        progress.end();
    }

    fn count(&self, outcome: Outcome, stopping: bool, totals: &mut Totals) {
        match outcome {
            Outcome::Made {
                results,
                bytes_read,
                ..
            } => {
                totals.done += 1;
                totals.images += results.len();
                totals.bytes_read += bytes_read;
                totals.bytes_written += results.iter().map(|made| made.bytes).sum::<u64>();
            }
            Outcome::Kept => totals.kept += 1,
            // A job that was told to stop did not fail.
            Outcome::Failed(failure) if stopping && failure.exit == 130 => {}
            Outcome::Failed(_) => totals.failed += 1,
        }
    }

    fn tell(&self, source: &Source, outcome: &Outcome, stopping: bool) -> std::io::Result<()> {
        if let Outcome::Failed(failure) = outcome
            && !(stopping && failure.exit == 130)
        {
            say::error(&format!("{}: {}", source.path.display(), failure.text));
        }
        let text = if self.reports {
            // JSON is text, names of files need not be.
            let input = source.path.display().to_string();
            let line = match outcome {
                Outcome::Made {
                    results,
                    bytes_read,
                    took,
                } => json!({
                    "input": input,
                    "status": if self.dry_run { "planned" } else { "done" },
                    "bytes_read": bytes_read,
                    "milliseconds": took.as_millis() as u64,
                    "results": results,
                }),
                Outcome::Kept => json!({ "input": input, "status": "kept" }),
                Outcome::Failed(failure) => json!({
                    "input": input,
                    "status": "failed",
                    "error": failure.text,
                }),
            };
            format!("{line}\n")
        } else if let (true, Outcome::Made { results, .. }) = (self.dry_run, outcome) {
            let lines = results.iter().map(|made| {
                let (file, mime_type) = (made.file.display(), &made.mime_type);
                let size = format!("{}×{}", made.w, made.h);
                format!("{} → {file} ({size}, {mime_type})\n", source.path.display())
            });
            lines.collect()
        } else {
            return Ok(());
        };
        // Where nobody reads the lines any more the work is wanted all the same; what is lost is told at the end.
        write_stdout(text.as_bytes())
    }

    /// Works on inputs that change or appear, until a signal comes.
    pub(super) fn watch(
        &self,
        flags: &Batch,
        sources: &[Source],
        work: &Work,
        signals: &Signals,
    ) -> u8 {
        let state = |source: &Source| State::of(&source.path).ok();
        let mut known: HashMap<PathBuf, State> = sources
            .iter()
            .filter_map(|source| Some((source.path.clone(), state(source)?)))
            .collect();
        let mut restless: HashMap<PathBuf, State> = HashMap::new();
        say::note("watching; press Ctrl-C to end");
        while !signals.stop.load(Ordering::Relaxed) {
            std::thread::sleep(WATCH);
            // A pattern may match nothing for a while.
            let found = inputs::collect(flags).unwrap_or_default();
            let mut changed = Vec::new();
            for source in found {
                let Some(now) = state(&source) else { continue };
                if known.get(&source.path) == Some(&now) {
                    continue;
                }
                // One that changed since the last look may still be written to.
                if restless.insert(source.path.clone(), now) == Some(now) {
                    restless.remove(&source.path);
                    known.insert(source.path.clone(), now);
                    changed.push(source);
                }
            }
            if !changed.is_empty() {
                work.begin_again();
                let totals = self.run(&changed, work, signals);
                say::note(&totals.summary());
                if let Some(code) = totals.signal {
                    return code;
                }
            }
        }
        signals.interrupt.exit_code().unwrap_or(130)
    }
}
