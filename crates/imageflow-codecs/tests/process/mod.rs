//! What this process has used, as the system tells: Linux with glibc only.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub, missing_docs)]

use std::time::Duration;

/// Processor time of the calling thread.
pub fn cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is valid for writes.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Bytes that are allocated now, by Rust and by C.
pub fn heap_bytes() -> i64 {
    // SAFETY: the function only reads the allocator's own numbers.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as i64
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() << 10
}

/// Resident bytes that `work` took at most, beyond what was there before.
pub fn peak_bytes<T>(work: impl FnOnce() -> T) -> (T, u64) {
    // SAFETY: the function gives free memory back to the system; nothing that is in use changes.
    unsafe { libc::malloc_trim(0) };
    // Makes the highest mark the current one.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    let result = work();
    (result, status("VmHWM:").saturating_sub(before))
}
