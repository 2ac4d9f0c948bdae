//! What the process was given, looked at before Rust's runtime changes it: the one place of this crate with `unsafe`.
//!
//! The runtime opens `/dev/null` in place of a standard stream that is closed, after which a lost result looks like one that
//! was written. And a handler for SIGHUP must not be set where `nohup` had the signal ignored, which only `sigaction` tells.

use std::sync::atomic::{AtomicBool, Ordering};

static STDOUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);
static HANGUP_IS_IGNORED: AtomicBool = AtomicBool::new(false);

/// Whether the process began without a standard output.
pub(crate) fn stdout_is_closed() -> bool {
    STDOUT_IS_CLOSED.load(Ordering::Relaxed)
}

/// Whether the process began with SIGHUP ignored, as `nohup` does it.
pub(crate) fn hangup_is_ignored() -> bool {
    HANGUP_IS_IGNORED.load(Ordering::Relaxed)
}

#[cfg(unix)]
#[allow(unsafe_code)]
mod look {
    use super::{HANGUP_IS_IGNORED, Ordering, STDOUT_IS_CLOSED};

    // SAFETY: the loader calls the functions whose addresses stand in this section one after the other, before `main` and
    // with the C library ready; `look` has the type it expects, and leaves the arguments it is given alone.
    #[used]
    #[cfg_attr(
        target_vendor = "apple",
        unsafe(link_section = "__DATA,__mod_init_func")
    )]
    #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
    static BEFORE_MAIN: extern "C" fn() = look;

    extern "C" fn look() {
        // SAFETY: F_GETFD takes no argument, and any number may be asked for.
        let closed = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } == -1;
        STDOUT_IS_CLOSED.store(closed, Ordering::Relaxed);
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: without a new action nothing is set; the present one is written to memory of its type.
        let asked = unsafe { libc::sigaction(libc::SIGHUP, std::ptr::null(), action.as_mut_ptr()) };
        if asked == 0 {
            // SAFETY: the call succeeded, so all of it was written.
            let ignored = unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN;
            HANGUP_IS_IGNORED.store(ignored, Ordering::Relaxed);
        }
    }
}
