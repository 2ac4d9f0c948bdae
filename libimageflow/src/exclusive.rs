//! One caller at a time works on the engine's context; the others wait, but not behind a cancelled job.
//!
//! Nothing else is locked while somebody waits, so errors can be read and cancellation requested meanwhile.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use imageflow_core::{Context, Status};

/// The engine's context and who may use it.
#[derive(Debug)]
pub(crate) struct Exclusive {
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Debug)]
enum Slot {
    Free(Box<Context>),
    /// Taken out by the caller whose turn it is.
    Busy,
    /// A caller panicked. The context is kept because pointers into it were lent out.
    Panicked(Box<Context>),
}

/// Why a caller did not get its turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// The context was cancelled while another caller's job was running.
    Cancelled,
    /// An earlier caller panicked.
    Panicked,
}

impl Exclusive {
    pub(crate) fn new(context: Context) -> Exclusive {
        Exclusive {
            slot: Mutex::new(Slot::Free(Box::new(context))),
            changed: Condvar::new(),
        }
    }

    /// Waits for its turn and works on the context. Gives up when the context is cancelled.
    pub(crate) fn work<T>(
        &self,
        status: &Status,
        body: impl FnOnce(&mut Context) -> T,
    ) -> Result<T, Refused> {
        Ok(self.turn(|| status.is_cancelled())?.spend(body))
    }

    /// Waits for its turn, however long that takes.
    pub(crate) fn work_patiently<T>(
        &self,
        body: impl FnOnce(&mut Context) -> T,
    ) -> Result<T, Refused> {
        Ok(self.turn(|| false)?.spend(body))
    }

    /// Lets waiting callers look whether the context was cancelled.
    pub(crate) fn wake(&self) {
        // Taking the lock makes sure that nobody is between looking and falling asleep.
        drop(self.lock());
        self.changed.notify_all();
    }

    fn turn(&self, gives_up: impl Fn() -> bool) -> Result<Turn<'_>, Refused> {
        let mut slot = self.lock();
        loop {
            match std::mem::replace(&mut *slot, Slot::Busy) {
                Slot::Free(context) => {
                    return Ok(Turn {
                        owner: self,
                        context: Some(context),
                    });
                }
                Slot::Panicked(context) => {
                    *slot = Slot::Panicked(context);
                    return Err(Refused::Panicked);
                }
                Slot::Busy if gives_up() => return Err(Refused::Cancelled),
                Slot::Busy => {
                    slot = self
                        .changed
                        .wait(slot)
                        .unwrap_or_else(PoisonError::into_inner)
                }
            }
        }
    }

    /// Nothing panics while the lock is held.
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The context while it is taken out; put back when dropped, as panicked if [`Turn::spend`] did not come to its end.
struct Turn<'a> {
    owner: &'a Exclusive,
    context: Option<Box<Context>>,
}

impl Turn<'_> {
    fn spend<T>(mut self, body: impl FnOnce(&mut Context) -> T) -> T {
        // `turn` puts a context here and only `put_back` takes it away.
        let result = self.context.as_deref_mut().map(body);
        self.put_back(Slot::Free);
        match result {
            Some(result) => result,
            None => unreachable!("a turn without a context"),
        }
    }

    fn put_back(&mut self, kind: fn(Box<Context>) -> Slot) {
        if let Some(context) = self.context.take() {
            *self.owner.lock() = kind(context);
            self.owner.changed.notify_all();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.put_back(Slot::Panicked);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::guard;
    use std::sync::mpsc;
    use std::thread;

    #[test]
    fn a_panic_makes_the_context_unusable() {
        let exclusive = Exclusive::new(Context::new());
        let status = Status::default();
        let caught = guard::catch(|| exclusive.work(&status, |_| -> () { panic!("in a job") }));
        assert!(caught.unwrap_err().starts_with("in a job"));
        assert_eq!(exclusive.work(&status, |_| ()), Err(Refused::Panicked));
        assert_eq!(exclusive.work_patiently(|_| ()), Err(Refused::Panicked));
    }

    #[test]
    fn waiting_ends_when_the_context_is_cancelled() {
        let exclusive = Exclusive::new(Context::new());
        let status = Status::default();
        thread::scope(|scope| {
            let (started, has_started) = mpsc::channel();
            let (finish, may_finish) = mpsc::channel::<()>();
            let (exclusive, status) = (&exclusive, &status);
            let job = scope.spawn(move || {
                exclusive.work(status, |_| {
                    started.send(()).unwrap();
                    may_finish.recv().unwrap();
                })
            });
            has_started.recv().unwrap();
            let waiting = scope.spawn(move || exclusive.work(status, |_| ()));
            status.request_cancellation();
            exclusive.wake();
            assert_eq!(waiting.join().unwrap(), Err(Refused::Cancelled));
            finish.send(()).unwrap();
            assert_eq!(job.join().unwrap(), Ok(()));
        });
        assert_eq!(exclusive.work(&status, |_| ()), Ok(()));
    }
}
