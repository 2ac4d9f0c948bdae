//! Memory owned by a context, and output buffers owned by the client.
//!
//! Both are found again by address in a table, so that a wrong pointer or length given back by a client is noticed instead
//! of corrupting the heap.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use imageflow_core::{Error, ErrorKind};

use crate::arguments;
use crate::context::ImageflowContext;
use crate::guard::{self, place};

/// Alignment of everything handed out.
const ALIGNMENT: usize = 16;

/// What a context allocated for its client, by address.
#[derive(Debug, Default)]
pub(crate) struct Allocations {
    pub(crate) blocks: BTreeMap<usize, Block>,
    pub(crate) responses: BTreeMap<usize, Block>,
}

/// Zeroed memory, 16-aligned; freed on drop.
#[derive(Debug)]
pub(crate) struct Block {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a block is plain memory without thread affinity.
unsafe impl Send for Block {}

impl Block {
    /// At least one byte is allocated, so that every block has an address of its own. `None` when there is no memory.
    pub(crate) fn new(bytes: usize) -> Option<Block> {
        let layout = Layout::from_size_align(bytes.max(1), ALIGNMENT).ok()?;
        // SAFETY: the layout has a size above zero.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        Some(Block { start, layout })
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `Block::new`, freed only here.
        unsafe { dealloc(self.as_ptr(), self.layout) };
    }
}

/// Locks a table. A panic while it is locked cannot leave it half changed.
pub(crate) fn lock<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Output buffers that were taken, by address.
static TAKEN: Mutex<BTreeMap<usize, Vec<u8>>> = Mutex::new(BTreeMap::new());

/// Hands bytes over to the client, who frees them with `imageflow_buffer_free`. The pointer is never null.
pub(crate) fn hand_over(mut bytes: Vec<u8>) -> *mut u8 {
    if bytes.capacity() == 0 {
        // An empty vector has no address of its own.
        bytes.reserve_exact(1);
    }
    let start = bytes.as_mut_ptr();
    lock(&TAKEN).insert(start.addr(), bytes);
    start
}

/// Frees a buffer taken with `imageflow_context_take_output_buffer`. NULL does nothing, and so does a pointer this library
/// does not know, or knows no longer. Always true.
///
/// # Safety
/// Nobody uses `buffer` any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_buffer_free(buffer: *mut u8, length: usize) -> bool {
    // The table knows the length.
    let _ = length;
    guard::without_context(true, || {
        let bytes = lock(&TAKEN).remove(&buffer.addr());
        drop(bytes);
        true
    })
}

/// Allocates zeroed memory, aligned to 16 bytes, which the context owns: freed by `imageflow_context_memory_free` or with
/// the context. `filename` (may be NULL) and `line` say in error text who asked.
///
/// Returns NULL when there is no memory (the context is in error then), or when the context was in error before.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; `filename` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_memory_allocate(
    context: *mut ImageflowContext,
    bytes: usize,
    filename: *const c_char,
    line: i32,
) -> *mut c_void {
    let place = place!("imageflow_context_memory_allocate");
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(context, place, std::ptr::null_mut(), |context| {
            if context.status().with_error(|error| error.is_some()) {
                return std::ptr::null_mut();
            }
            let block = arguments::length("bytes", bytes).and_then(|()| {
                Block::new(bytes).ok_or_else(|| {
                    // SAFETY: null or ends with NUL, by the caller's promise.
                    let caller = if filename.is_null() {
                        None
                    } else {
                        Some(CStr::from_ptr(filename))
                    };
                    no_memory(bytes, caller, line)
                })
            });
            match block {
                Ok(block) => {
                    let start = block.as_ptr();
                    lock(context.allocations())
                        .blocks
                        .insert(start.addr(), block);
                    start.cast()
                }
                Err(error) => {
                    context.status().fail(error.at_place(place));
                    std::ptr::null_mut()
                }
            }
        })
    }
}

fn no_memory(bytes: usize, filename: Option<&CStr>, line: i32) -> Error {
    let caller = filename.map_or_else(String::new, |name| {
        format!(" for {}:{line}", name.to_string_lossy())
    });
    Error::new(
        ErrorKind::AllocationFailed,
        format!("could not allocate {bytes} bytes{caller}"),
    )
}

/// Frees memory allocated with `imageflow_context_memory_allocate` on the same context. True when it was freed, and for
/// NULL; false for a pointer the context does not know, or knows no longer. Sets no error.
///
/// # Safety
/// `context` came from `imageflow_context_create` and was not destroyed; nobody uses the memory any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imageflow_context_memory_free(
    context: *mut ImageflowContext,
    pointer: *mut c_void,
    _filename: *const c_char,
    _line: i32,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        guard::with_context(
            context,
            place!("imageflow_context_memory_free"),
            false,
            |context| {
                pointer.is_null()
                    || lock(context.allocations())
                        .blocks
                        .remove(&pointer.addr())
                        .is_some()
            },
        )
    }
}
