//! Jobs need more stack than some hosts give their threads (fibres, 128 KiB on musl): those run on a thread of their own.
//!
//! A thread costs about 40 µs, so it is made only when the caller's stack is small or unknown.

use std::thread;

use imageflow_core::{Error, ErrorKind};

use crate::guard;

/// Stack of a thread made for a job.
const OWN_STACK: usize = 2 << 20;

/// What the caller's stack must have left to run a job on it.
const ENOUGH: usize = 768 << 10;

/// Why there is no result.
pub(crate) enum Failure {
    /// The body panicked; the text says how.
    Panicked(String),
    /// No thread could be made.
    NoThread(Error),
}

/// Runs `body` where there is stack enough for a job.
pub(crate) fn with_room<T: Send>(body: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    if left().is_some_and(|bytes| bytes >= ENOUGH) {
        return guard::catch(body).map_err(Failure::Panicked);
    }
    thread::scope(|scope| {
        let builder = thread::Builder::new()
            .name("imageflow job".to_owned())
            .stack_size(OWN_STACK);
        let job = builder
            .spawn_scoped(scope, || guard::catch(body))
            .map_err(|error| {
                let text = format!("could not start a thread for the job: {error}");
                Failure::NoThread(Error::new(ErrorKind::AllocationFailed, text))
            })?;
        // `catch` lets no panic through.
        let result = job
            .join()
            .unwrap_or_else(|_| Err("the thread of the job was lost".to_owned()));
        result.map_err(Failure::Panicked)
    })
}

/// Bytes of stack below this function, when the system knows.
fn left() -> Option<usize> {
    let here = 0u8;
    let address = (&raw const here).addr();
    let (lowest, highest) = bounds()?;
    // Outside: a fibre that brought its own stack.
    if address < lowest || address >= highest {
        None
    } else {
        Some(address - lowest)
    }
}

/// Lowest address and end of the calling thread's stack. Asked once per thread: on the main thread of Linux the answer is
/// read from a file.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn bounds() -> Option<(usize, usize)> {
    use std::cell::Cell;
    thread_local! {
        static BOUNDS: Cell<Option<Option<(usize, usize)>>> = const { Cell::new(None) };
    }
    if let Some(known) = BOUNDS.get() {
        return known;
    }
    let found = ask_system();
    BOUNDS.set(Some(found));
    found
}

#[cfg(target_os = "linux")]
fn ask_system() -> Option<(usize, usize)> {
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut lowest, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the attributes are written by the first call before the others use them, and destroyed once.
    let status = unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let status =
            libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        status
    };
    if status == 0 {
        Some((lowest.addr(), lowest.addr().checked_add(size)?))
    } else {
        None
    }
}

#[cfg(target_os = "macos")]
fn ask_system() -> Option<(usize, usize)> {
    // SAFETY: the calling thread exists.
    let (highest, size) = unsafe {
        let thread = libc::pthread_self();
        (
            libc::pthread_get_stackaddr_np(thread).addr(),
            libc::pthread_get_stacksize_np(thread),
        )
    };
    Some((highest.checked_sub(size)?, highest))
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn bounds() -> Option<(usize, usize)> {
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn job_thread(stack: usize) -> (thread::ThreadId, thread::ThreadId) {
        let caller = thread::Builder::new().stack_size(stack);
        let caller = caller.spawn(|| {
            (
                thread::current().id(),
                with_room(|| thread::current().id()).ok().unwrap(),
            )
        });
        caller.unwrap().join().unwrap()
    }

    #[test]
    fn small_stacks_get_a_thread() {
        let (caller, job) = job_thread(128 << 10);
        assert_ne!(caller, job);
    }

    #[cfg(any(target_os = "linux", target_os = "macos"))]
    #[test]
    fn large_stacks_do_not() {
        let (caller, job) = job_thread(4 << 20);
        assert_eq!(caller, job);
    }

    #[test]
    fn a_panic_is_text_on_either_side() {
        for stack in [128 << 10, 4 << 20] {
            let thread = thread::Builder::new().stack_size(stack).spawn(|| {
                match with_room(|| panic!("deep")) {
                    Err(Failure::Panicked(text)) => text,
                    Ok(()) | Err(Failure::NoThread(_)) => String::new(),
                }
            });
            assert!(
                thread
                    .unwrap()
                    .join()
                    .unwrap()
                    .starts_with("deep (stack.rs:")
            );
        }
    }
}
