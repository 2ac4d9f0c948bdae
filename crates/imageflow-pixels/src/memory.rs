//! Memory for whole pictures.
//!
//! The first touch of each page is a fault: of a picture of a few MB, thousands of them, a tenth of the time it takes to
//! encode it as JPEG. Such a picture therefore gets a mapping of its own that asks for pages of 2 MB, where the system has
//! them. Small ones come from the allocator, which likely has memory that was touched before.
//!
//! What is never written takes no memory in a mapping: a header that promises a large picture costs nothing until its data
//! come.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::control::{ControlError, JobControl, Reservation};
use crate::rows::ROW_ALIGN;

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Line([u8; ROW_ALIGN]);

/// Size and alignment of a huge page, on x86-64 and, with pages of 4 KB, on ARM64.
#[cfg(target_os = "linux")]
const HUGE: usize = 2 << 20;
/// Less than this is left to the allocator.
#[cfg(target_os = "linux")]
const SMALL: usize = 2 * HUGE;

/// Lines that are zeroed between two looks at whether the job goes on: a megabyte.
const PIECE: usize = (1 << 20) / ROW_ALIGN;

/// Zeroed bytes, aligned to [`ROW_ALIGN`], that count against a job's memory while they live.
pub struct PictureMemory {
    bytes: Bytes,
    length: usize,
    _reservation: Reservation,
}

enum Bytes {
    Heap(Vec<Line>),
    #[cfg(target_os = "linux")]
    Mapped(memmap2::MmapMut),
}

impl PictureMemory {
    /// Memory of so many bytes.
    ///
    /// # Errors
    /// When the job or the system has no more, or the job must stop.
    pub fn new(bytes: u64, control: &JobControl) -> Result<PictureMemory, ControlError> {
        let reservation = control.reserve(bytes)?;
        let failed = || ControlError::AllocationFailed { bytes };
        let length = usize::try_from(bytes).map_err(|_| failed())?;
        Ok(PictureMemory {
            bytes: Bytes::new(length, control)?.ok_or_else(failed)?,
            length,
            _reservation: reservation,
        })
    }
}

impl Bytes {
    /// `None` when the system has no such memory.
    fn new(length: usize, control: &JobControl) -> Result<Option<Bytes>, ControlError> {
        #[cfg(target_os = "linux")]
        if length >= SMALL {
            control.check()?;
            return Ok(mapped(length).map(Bytes::Mapped));
        }
        let mut lines = Vec::new();
        let count = length.div_ceil(ROW_ALIGN);
        if lines.try_reserve_exact(count).is_err() {
            return Ok(None);
        }
        // Memory that is touched for the first time costs as much as decoding into it.
        while lines.len() < count {
            control.check()?;
            lines.resize(count.min(lines.len() + PIECE), Line([0; ROW_ALIGN]));
        }
        Ok(Some(Bytes::Heap(lines)))
    }
}

/// A mapping of at least `length` bytes, in whole huge pages: Linux aligns mappings of such a length since 6.7. Huge pages are
/// asked for only as far as `length` fills them, so that no more memory becomes resident.
#[cfg(target_os = "linux")]
fn mapped(length: usize) -> Option<memmap2::MmapMut> {
    let map = memmap2::MmapMut::map_anon(length.checked_next_multiple_of(HUGE)?).ok()?;
    // Refused where there are no huge pages, which changes nothing but the time.
    let _ = map.advise_range(memmap2::Advice::HugePage, 0, length / HUGE * HUGE);
    Some(map)
}

impl Deref for PictureMemory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let bytes: &[u8] = match &self.bytes {
            Bytes::Heap(lines) => bytemuck::cast_slice(lines),
            #[cfg(target_os = "linux")]
            Bytes::Mapped(map) => map,
        };
        &bytes[..self.length]
    }
}

impl DerefMut for PictureMemory {
    fn deref_mut(&mut self) -> &mut [u8] {
        let bytes: &mut [u8] = match &mut self.bytes {
            Bytes::Heap(lines) => bytemuck::cast_slice_mut(lines),
            #[cfg(target_os = "linux")]
            Bytes::Mapped(map) => map,
        };
        &mut bytes[..self.length]
    }
}

impl fmt::Debug for PictureMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PictureMemory({} bytes)", self.length)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::control::Limits;
    use std::sync::Arc;

    fn within(max_bytes: u64) -> JobControl {
        let limits = Limits {
            max_bytes,
            ..Limits::default()
        };
        JobControl::new(Arc::default(), limits)
    }

    #[test]
    fn any_length_is_zero_writable_and_exact() {
        for length in [0, 1, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 6 << 20] {
            let mut memory = PictureMemory::new(length as u64, &JobControl::default()).unwrap();
            assert_eq!(memory.len(), length);
            assert!(memory.as_ptr().addr().is_multiple_of(ROW_ALIGN));
            assert!(memory.iter().all(|byte| *byte == 0));
            if let Some(last) = memory.last_mut() {
                *last = 7;
            }
            assert!(memory.iter().rev().skip(1).all(|byte| *byte == 0));
        }
    }

    #[test]
    fn it_counts_against_the_job_while_it_lives() {
        let control = within(10 << 20);
        let first = PictureMemory::new(6 << 20, &control).unwrap();
        assert!(PictureMemory::new(6 << 20, &control).is_err());
        drop(first);
        assert!(PictureMemory::new(6 << 20, &control).is_ok());
    }

    #[test]
    fn what_no_machine_has_is_an_error() {
        let control = within(u64::MAX);
        for bytes in [u64::MAX, u64::MAX / 2, 1 << 60] {
            assert!(PictureMemory::new(bytes, &control).is_err());
        }
    }
}
