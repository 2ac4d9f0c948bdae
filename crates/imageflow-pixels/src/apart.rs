//! Work that cannot be interrupted, such as a call of a library that has no hook, in a job that can.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, SendError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use crate::control::{ControlError, JobControl};

/// Stack of the thread, of which only what is used becomes resident: what a main thread has on Linux.
const STACK: usize = 8 << 20;
/// How often the job is looked at meanwhile.
const PAUSE: Duration = Duration::from_millis(5);

impl JobControl {
    /// Does `work` on a thread of its own while this one looks whether the job goes on. When it does not, the thread is left
    /// to itself: it ends its work, whose result is dropped. So all that the work needs must be its own, the memory it
    /// reserved included.
    ///
    /// Worth it from a few milliseconds on: starting a thread takes some 20 µs. Where there is no thread to be had, the work
    /// is done by the caller's. A panic goes on in the caller.
    ///
    /// # Errors
    /// [`ControlError::Cancelled`] or [`ControlError::DeadlineExceeded`].
    pub fn run_apart<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        &self,
        work: W,
    ) -> Result<T, ControlError> {
        self.check()?;
        let (give, given) = sync_channel::<W>(1);
        let (answer, answered) = sync_channel(1);
        let thread = Builder::new()
            .name("imageflow-apart".to_owned())
            .stack_size(STACK)
            .spawn(move || {
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
                Err(RecvTimeoutError::Timeout) => self.check()?,
                Err(RecvTimeoutError::Disconnected) => {
                    let panic = thread.join().err();
                    resume_unwind(panic.unwrap_or_else(|| Box::new("a thread ended early")));
                }
            }
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
        let there = JobControl::default().run_apart(|| current().id()).unwrap();
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
        let outcome = control.run_apart(move || {
            sleep(Duration::from_millis(400));
            drop(memory);
            theirs.store(true, Ordering::Relaxed);
        });
        let late = canceller.join().unwrap().elapsed();
        assert_eq!(outcome, Err(ControlError::Cancelled));
        assert!(late < Duration::from_millis(200), "{late:?}");
        assert!(!ended.load(Ordering::Relaxed) && control.used_bytes() == 100);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !ended.load(Ordering::Relaxed) && Instant::now() < deadline {
            sleep(Duration::from_millis(5));
        }
        assert_eq!(control.used_bytes(), 0);
    }

    #[test]
    fn a_job_that_has_ended_starts_nothing() {
        let control = JobControl::new(Arc::new(AtomicBool::new(true)), Limits::default());
        assert_eq!(
            control.run_apart(|| unreachable!()),
            Err::<(), _>(ControlError::Cancelled)
        );
    }

    #[test]
    fn a_panic_goes_on_in_the_caller() {
        let control = JobControl::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let _ = control.run_apart(|| -> () { std::panic::panic_any("broken") });
        }));
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"broken"));
    }
}
