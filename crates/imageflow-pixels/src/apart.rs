//! Work that cannot be interrupted, such as a call of a library that has no hook, in a job that can.
//!
//! A job that is stopped leaves such work behind: it ends by itself, later. All jobs of the process together leave a few
//! behind at most, because whoever comes with more waits until some of it has ended.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use crate::control::{ControlError, JobControl};

/// Stack of the thread, of which only what is used becomes resident: what a main thread has on Linux.
const STACK: usize = 8 << 20;
/// How often the job is looked at meanwhile.
const PAUSE: Duration = Duration::from_millis(5);
/// Works that may be left behind before others have to wait for their end.
const MAX_LEFT: usize = 2;
/// Bytes that works left behind may hold together with the next one.
const MAX_LEFT_BYTES: u64 = 512 << 20;
/// Works that hold no more than this end soon. So many may be left behind before they have to wait too.
const SMALL_BYTES: u64 = 8 << 20;
const MAX_LEFT_SMALL: usize = 32;

/// Work that stopped jobs have left behind, of the whole process.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LeftBehind {
    /// How many threads still work.
    pub works: usize,
    /// Bytes they hold.
    pub bytes: u64,
}

static LEFT: Mutex<LeftBehind> = Mutex::new(LeftBehind { works: 0, bytes: 0 });
static ENDED: Condvar = Condvar::new();

/// What jobs of this process have left behind and is not done yet.
pub fn left_behind() -> LeftBehind {
    *left()
}

fn left() -> MutexGuard<'static, LeftBehind> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LeftBehind {
    /// Whether work that holds so many bytes may start, in a job whose budget allows `allowed` more.
    fn has_room(self, bytes: u64, allowed: u64) -> bool {
        let small = bytes <= SMALL_BYTES && self.works < MAX_LEFT_SMALL;
        let fits = self.bytes.saturating_add(bytes) <= MAX_LEFT_BYTES && self.bytes <= allowed;
        self.works == 0 || small || (self.works < MAX_LEFT && fits)
    }
}

/// One work, as both threads see it.
struct Work {
    state: AtomicU8,
    bytes: u64,
}

impl Work {
    const RUNS: u8 = 0;
    const IS_LEFT: u8 = 1;
    const HAS_ENDED: u8 = 2;

    /// The job leaves it.
    fn leave(&self) {
        let mut left = left();
        if self.state.swap(Work::IS_LEFT, Ordering::Relaxed) == Work::RUNS {
            left.works += 1;
            left.bytes = left.bytes.saturating_add(self.bytes);
        }
    }
}

/// Held by the thread that does the work, and dropped last.
struct Worker(Arc<Work>);

impl Drop for Worker {
    fn drop(&mut self) {
        let mut left = left();
        if self.0.state.swap(Work::HAS_ENDED, Ordering::Relaxed) == Work::IS_LEFT {
            left.works -= 1;
            left.bytes = left.bytes.saturating_sub(self.0.bytes);
            ENDED.notify_all();
        }
    }
}

impl JobControl {
    /// Does `work`, which holds about so many bytes, on a thread of its own while this one looks whether the job goes on.
    /// When it does not, the thread is left to itself: it ends its work, whose result is dropped. So all that the work needs
    /// must be its own, the memory it reserved included. Where too much is [left behind](left_behind) already, the end of
    /// some of it is waited for.
    ///
    /// Worth it from a few milliseconds on: starting a thread takes some 20 µs. Where there is no thread to be had, the work
    /// is done by the caller's. A panic goes on in the caller.
    ///
    /// # Errors
    /// [`ControlError::Cancelled`] or [`ControlError::DeadlineExceeded`].
    pub fn run_apart<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        &self,
        bytes: u64,
        work: W,
    ) -> Result<T, ControlError> {
        self.wait_for_room(bytes)?;
        let state = AtomicU8::new(Work::RUNS);
        let shared = Arc::new(Work { state, bytes });
        let worker = Worker(shared.clone());
        let (give, given) = sync_channel::<W>(1);
        let (answer, answered) = sync_channel(1);
        let thread = Builder::new()
            .name("imageflow-apart".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                let _worker = worker;
                if let Ok(work) = given.recv() {
                    // Nobody takes the result of a job that was left.
                    let _ = answer.send(work());
                }
            });
        let Ok(thread) = thread else {
            return Ok(work());
        };
        if let Err(SendError(work)) = give.send(work) {
            return Ok(work());
        }
        loop {
            match answered.recv_timeout(PAUSE) {
                Ok(result) => {
                    // All that is left for it is to end.
                    let _ = thread.join();
                    return Ok(result);
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(stopped) = self.check() {
                        shared.leave();
                        return Err(stopped);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let panic = thread.join().err();
                    resume_unwind(panic.unwrap_or_else(|| Box::new("a thread ended early")));
                }
            }
        }
    }

    fn wait_for_room(&self, bytes: u64) -> Result<(), ControlError> {
        loop {
            self.check()?;
            let left = left();
            if left.has_room(bytes, self.free_bytes()) {
                return Ok(());
            }
            drop(ENDED.wait_timeout(left, PAUSE));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::{current, sleep, spawn};
    use std::time::Instant;

    use crate::Limits;

    #[test]
    fn the_result_comes_from_another_thread() {
        let here = current().id();
        let there = JobControl::default()
            .run_apart(0, || current().id())
            .unwrap();
        assert_ne!(here, there);
    }

    #[test]
    fn a_cancelled_job_does_not_wait_and_the_work_ends_by_itself() {
        let cancel = Arc::new(AtomicBool::new(false));
        let control = JobControl::new(cancel.clone(), Limits::default());
        let ended = Arc::new(AtomicBool::new(false));
        let theirs = ended.clone();
        let canceller = spawn(move || {
            sleep(Duration::from_millis(30));
            cancel.store(true, Ordering::Relaxed);
            Instant::now()
        });
        let memory = control.reserve(100).unwrap();
        let outcome = control.run_apart(100, move || {
            sleep(Duration::from_millis(400));
            drop(memory);
            theirs.store(true, Ordering::Relaxed);
        });
        let late = canceller.join().unwrap().elapsed();
        assert_eq!(outcome, Err(ControlError::Cancelled));
        assert!(late < Duration::from_millis(200), "{late:?}");
        assert!(!ended.load(Ordering::Relaxed) && control.used_bytes() == 100);
        assert!(left_behind().works >= 1 && left_behind().bytes >= 100);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !ended.load(Ordering::Relaxed) && Instant::now() < deadline {
            sleep(Duration::from_millis(5));
        }
        assert_eq!(control.used_bytes(), 0);
    }

    #[test]
    fn little_may_be_left_behind_and_small_works_need_not_wait() {
        let left = |works, bytes| LeftBehind { works, bytes };
        assert!(left(0, 0).has_room(u64::MAX, 0));
        assert!(left(1, 100 << 20).has_room(400 << 20, u64::MAX));
        assert!(!left(1, 100 << 20).has_room(500 << 20, u64::MAX));
        assert!(!left(1, 100 << 20).has_room(50 << 20, 99 << 20));
        assert!(!left(2, 10).has_room(9 << 20, u64::MAX));
        assert!(left(31, 10).has_room(8 << 20, u64::MAX));
        assert!(!left(32, 10).has_room(10, u64::MAX));
    }

    /// Fifty jobs are cancelled while they do what cannot be interrupted and holds much.
    #[test]
    fn jobs_that_are_cancelled_one_after_the_other_do_not_pile_up() {
        let (mut most, started) = (0, Arc::new(AtomicBool::new(false)));
        for _ in 0..50 {
            let cancel = Arc::new(AtomicBool::new(false));
            let control = JobControl::new(cancel.clone(), Limits::default());
            let running = started.clone();
            let job = spawn(move || {
                control.run_apart(200 << 20, move || {
                    running.store(true, Ordering::Relaxed);
                    sleep(Duration::from_millis(30));
                })
            });
            while !started.swap(false, Ordering::Relaxed) {
                sleep(Duration::from_millis(1));
            }
            cancel.store(true, Ordering::Relaxed);
            // The other test may leave a work too, which is small.
            let _ = job.join().unwrap();
            most = most.max(left_behind().bytes);
        }
        assert!((200 << 20..600 << 20).contains(&most), "{most}");
    }

    #[test]
    fn a_job_that_has_ended_starts_nothing() {
        let control = JobControl::new(Arc::new(AtomicBool::new(true)), Limits::default());
        assert_eq!(
            control.run_apart(0, || unreachable!()),
            Err::<(), _>(ControlError::Cancelled)
        );
    }

    #[test]
    fn a_panic_goes_on_in_the_caller() {
        let control = JobControl::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let _ = control.run_apart(0, || -> () { std::panic::panic_any("broken") });
        }));
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"broken"));
    }
}
