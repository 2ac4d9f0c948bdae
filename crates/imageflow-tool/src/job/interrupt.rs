//! SIGINT, SIGTERM and SIGHUP set the engine's cancellation flag, so that a job ends cleanly; a second signal ends the
//! process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::startup;

/// The terminal was closed, or the connection to it lost. (Windows has no such signal.)
#[cfg(unix)]
const SIGHUP: Option<i32> = Some(signal_hook::consts::SIGHUP);
#[cfg(not(unix))]
const SIGHUP: Option<i32> = None;

/// Remembers which signal arrived while a job runs.
#[derive(Debug)]
pub(crate) struct Interrupt {
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Connects the signals to a cancellation flag.
    pub(crate) fn watch(cancel: &Arc<AtomicBool>) -> Interrupt {
        let signal = Arc::new(AtomicUsize::new(0));
        let hangup = SIGHUP.filter(|_| !startup::hangup_is_ignored());
        for number in [SIGINT, SIGTERM].into_iter().chain(hangup) {
            // Order matters: the shutdown looks at the flag before this signal sets it. A signal that cannot be
            // caught keeps its default action, which is to end the process.
            let _ = flag::register_conditional_shutdown(number, 128 + number, Arc::clone(cancel));
            let _ =
                flag::register_usize(number, Arc::clone(&signal), number.unsigned_abs() as usize);
            let _ = flag::register(number, Arc::clone(cancel));
        }
        Interrupt { signal }
    }

    /// The exit code of a process ended by the signal that arrived, if one did.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        match self.signal.load(Ordering::Acquire) {
            0 => None,
            number => u8::try_from(128 + number).ok(),
        }
    }
}
