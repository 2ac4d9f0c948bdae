//! The C library's functions that fail when they are told to, and what else needs the system.
//!
//! A program that defines `malloc` and its kin is what glibc calls "replacing malloc"; the functions below do their work with
//! glibc's own under its other names, or with system calls.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::Relaxed};

/// Which calls fail, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// A large allocation.
    Memory,
    /// It and every later one.
    MemoryFrom,
    /// A call that reads, writes, opens or renames.
    Io,
    /// It does one byte only.
    IoShort,
    /// It takes [`STALL`].
    IoStall,
}

/// How long a call that stalls takes, in microseconds.
const STALL: u32 = 30_000;

/// Allocations of more bytes fail.
static LARGE: AtomicUsize = AtomicUsize::new(0);
static ARMED: AtomicBool = AtomicBool::new(false);
static FAULT: AtomicUsize = AtomicUsize::new(0);
static AT: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);
/// Bytes allocated and not freed.
static LIVE: AtomicI64 = AtomicI64::new(0);

/// Sets how many bytes an allocation may have that never fails.
pub(crate) fn let_through(bytes: usize) {
    LARGE.store(bytes, Relaxed);
}

/// Lets the n-th call fail from now on; none when n is 0.
pub(crate) fn arm(fault: Fault, n: usize) {
    FAULT.store(fault as usize, Relaxed);
    AT.store(n, Relaxed);
    CALLS.store(0, Relaxed);
    ARMED.store(true, Relaxed);
}

/// Lets nothing fail any more; gives the number of calls that might have.
pub(crate) fn disarm() -> usize {
    ARMED.store(false, Relaxed);
    CALLS.load(Relaxed)
}

/// Bytes allocated and not freed.
pub(crate) fn live() -> i64 {
    LIVE.load(Relaxed)
}

/// Whether this call is of the kind that is counted, and the one.
fn is_the_call(is_memory: bool) -> bool {
    if !ARMED.load(Relaxed) {
        return false;
    }
    let fault = FAULT.load(Relaxed);
    let wants_memory = fault == Fault::Memory as usize || fault == Fault::MemoryFrom as usize;
    if wants_memory != is_memory {
        return false;
    }
    let (call, at) = (CALLS.fetch_add(1, Relaxed) + 1, AT.load(Relaxed));
    call == at || (at > 0 && call > at && fault == Fault::MemoryFrom as usize)
}

fn fail(error: c_int) {
    // SAFETY: the place of this thread's `errno` is always there.
    unsafe { *libc::__errno_location() = error };
}

fn no_memory(bytes: usize) -> bool {
    let refused = bytes > LARGE.load(Relaxed) && is_the_call(true);
    if refused {
        fail(libc::ENOMEM);
    }
    refused
}

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(alignment: usize, size: usize) -> *mut c_void;
    fn __libc_free(block: *mut c_void);
}

/// Bytes of a block; 0 for null.
///
/// # Safety
/// The block is null or allocated.
unsafe fn size_of(block: *mut c_void) -> i64 {
    // SAFETY: the promise of the caller.
    unsafe { libc::malloc_usable_size(block) as i64 }
}

/// Counts a new block.
///
/// # Safety
/// The block is null or was just allocated.
unsafe fn count(block: *mut c_void) -> *mut c_void {
    // SAFETY: the promise of the caller.
    LIVE.fetch_add(unsafe { size_of(block) }, Relaxed);
    block
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    if no_memory(size) {
        return std::ptr::null_mut();
    }
    // SAFETY: any size may be asked for.
    unsafe { count(__libc_malloc(size)) }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(items: usize, size: usize) -> *mut c_void {
    if no_memory(items.saturating_mul(size)) {
        return std::ptr::null_mut();
    }
    // SAFETY: any size may be asked for.
    unsafe { count(__libc_calloc(items, size)) }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    if no_memory(size) {
        return std::ptr::null_mut();
    }
    // SAFETY: the caller's block is null or allocated; when it moved, the old one is not looked at.
    unsafe {
        let before = size_of(block);
        let moved = __libc_realloc(block, size);
        if !moved.is_null() || size == 0 {
            LIVE.fetch_sub(before, Relaxed);
        }
        count(moved)
    }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
    if no_memory(size) {
        return std::ptr::null_mut();
    }
    // SAFETY: any size and alignment may be asked for.
    unsafe { count(__libc_memalign(alignment, size)) }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
    // SAFETY: the same function.
    unsafe { aligned_alloc(alignment, size) }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(out: *mut *mut c_void, alignment: usize, size: usize) -> c_int {
    // SAFETY: the caller's place is writable.
    unsafe {
        let block = aligned_alloc(alignment, size);
        if block.is_null() {
            return libc::ENOMEM;
        }
        *out = block;
    }
    0
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn free(block: *mut c_void) {
    // SAFETY: the caller's block is null or allocated.
    unsafe {
        LIVE.fetch_sub(size_of(block), Relaxed);
        __libc_free(block);
    }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn mmap(
    address: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: i64,
) -> *mut c_void {
    let is_memory = flags & libc::MAP_ANONYMOUS != 0;
    if is_memory && no_memory(length) {
        return libc::MAP_FAILED;
    }
    // SAFETY: the system call of the same arguments.
    let mapped = unsafe {
        libc::syscall(
            libc::SYS_mmap,
            address,
            length,
            protection,
            flags,
            file,
            offset,
        )
    } as *mut c_void;
    if mapped != libc::MAP_FAILED {
        LIVE.fetch_add(length as i64, Relaxed);
    }
    mapped
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn mmap64(
    address: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: i64,
) -> *mut c_void {
    // SAFETY: the same function.
    unsafe { mmap(address, length, protection, flags, file, offset) }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn munmap(address: *mut c_void, length: usize) -> c_int {
    LIVE.fetch_sub(length as i64, Relaxed);
    // SAFETY: the system call of the same arguments.
    unsafe { libc::syscall(libc::SYS_munmap, address, length) as c_int }
}

/// What is to be done with a call on a file of `length` bytes: the length to do, or an error that is set.
fn faulty(file: c_int, length: usize) -> Option<usize> {
    if file <= 2 || !is_the_call(false) {
        return Some(length);
    }
    let fault = FAULT.load(Relaxed);
    if fault == Fault::IoShort as usize {
        return Some(length.min(1));
    }
    if fault == Fault::IoStall as usize {
        // SAFETY: sleeping touches nothing.
        unsafe { libc::usleep(STALL) };
        return Some(length);
    }
    fail(libc::EIO);
    None
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn read(file: c_int, buffer: *mut c_void, length: usize) -> isize {
    let Some(length) = faulty(file, length) else {
        return -1;
    };
    // SAFETY: the system call of the same arguments, or of a smaller length.
    unsafe { libc::syscall(libc::SYS_read, file, buffer, length) as isize }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn pread64(
    file: c_int,
    buffer: *mut c_void,
    length: usize,
    offset: i64,
) -> isize {
    let Some(length) = faulty(file, length) else {
        return -1;
    };
    // SAFETY: the system call of the same arguments, or of a smaller length.
    unsafe { libc::syscall(libc::SYS_pread64, file, buffer, length, offset) as isize }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn write(file: c_int, buffer: *const c_void, length: usize) -> isize {
    let Some(length) = faulty(file, length) else {
        return -1;
    };
    // SAFETY: the system call of the same arguments, or of a smaller length.
    unsafe { libc::syscall(libc::SYS_write, file, buffer, length) as isize }
}

/// # Safety
/// As C's. There it has a variable number of arguments, which the calling conventions of Linux pass in the same places.
#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    if faulty(c_int::MAX, 0).is_none() {
        return -1;
    }
    // SAFETY: the system call of the same arguments.
    unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) as c_int }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    if faulty(c_int::MAX, 0).is_none() {
        return -1;
    }
    let here: c_long = libc::AT_FDCWD.into();
    // SAFETY: the system call of the same arguments.
    unsafe { libc::syscall(libc::SYS_renameat2, here, from, here, to, 0) as c_int }
}

/// How a child ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Code(c_int),
    Signal(c_int),
}

/// Runs `work` in a child that ends with the code it gives, after `seconds` at most by SIGALRM.
pub(crate) fn in_child(seconds: u32, work: impl FnOnce() -> c_int) -> Option<End> {
    // SAFETY: this process has one thread: the engine's end with their job.
    match unsafe { libc::fork() } {
        -1 => None,
        0 => {
            // SAFETY: neither touches memory; no handlers run at this exit.
            unsafe {
                libc::alarm(seconds);
                let code = work();
                libc::_exit(code)
            }
        }
        child => {
            let mut status = 0;
            // SAFETY: the status is a live variable.
            let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
            (waited == child).then(|| {
                if libc::WIFSIGNALED(status) {
                    End::Signal(libc::WTERMSIG(status))
                } else {
                    End::Code(libc::WEXITSTATUS(status))
                }
            })
        }
    }
}
