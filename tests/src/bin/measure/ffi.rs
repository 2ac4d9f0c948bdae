//! `wait4`: the only way to learn what one particular child used.

/// What a finished child used.
pub(crate) struct Usage {
    pub(crate) peak_kib: i64,
    pub(crate) cpu_us: i64,
    /// As `wait` reports it: exit code × 256, or the number of a signal.
    pub(crate) status: i32,
}

/// Waits for a child of this process.
pub(crate) fn wait(pid: u32) -> Option<Usage> {
    let pid = libc::pid_t::try_from(pid).ok()?;
    let mut status = 0;
    // SAFETY: rusage is plain integers, for which all zeroes is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live local variables of the right types.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    let micros = |t: libc::timeval| t.tv_sec * 1_000_000 + t.tv_usec;
    (waited == pid).then(|| Usage {
        // Linux counts in KiB, macOS in bytes.
        peak_kib: if cfg!(target_os = "macos") {
            usage.ru_maxrss / 1024
        } else {
            usage.ru_maxrss
        },
        cpu_us: micros(usage.ru_utime) + micros(usage.ru_stime),
        status,
    })
}
