//! Row buffers: a ring of aligned rows that stages address by absolute image row.

use std::ops::Range;

use crate::control::{ControlError, JobControl};
use crate::layout::FrameInfo;
use crate::memory::PictureMemory;

/// Alignment of every row, and the zeroed padding after it, in bytes: kernels may read one vector past the last pixel.
pub const ROW_ALIGN: usize = 64;

/// Bytes that are copied between two looks at whether the job goes on.
const PIECE: usize = 1 << 20;

/// An owned ring of rows. Row `y` lives in slot `y % capacity`; the ring is invisible to whoever reads rows through it.
///
/// With `capacity == height` it is a whole frame.
pub struct RowBuf {
    info: FrameInfo,
    memory: PictureMemory,
    stride: usize,
    capacity: u32,
    /// Rows that hold pixels.
    valid: Range<u32>,
}

impl std::fmt::Debug for RowBuf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowBuf")
            .field("info", &self.info)
            .field("capacity", &self.capacity)
            .field("valid", &self.valid)
            .finish()
    }
}

impl RowBuf {
    /// Bytes a ring of `capacity` rows takes.
    pub fn bytes_for(info: &FrameInfo, capacity: u32) -> u64 {
        Self::stride_for(info) as u64 * u64::from(capacity)
    }

    fn stride_for(info: &FrameInfo) -> usize {
        (info.row_bytes() / ROW_ALIGN + 2) * ROW_ALIGN
    }

    /// Allocates a zeroed ring.
    ///
    /// # Errors
    /// When the job's memory budget or the system refuses the bytes, or the job must stop.
    pub fn new(
        info: FrameInfo,
        capacity: u32,
        control: &JobControl,
    ) -> Result<RowBuf, ControlError> {
        let capacity = capacity.clamp(1, info.size.height());
        let bytes = Self::bytes_for(&info, capacity);
        Ok(RowBuf {
            info,
            memory: PictureMemory::new(bytes, control)?,
            stride: Self::stride_for(&info),
            capacity,
            valid: 0..0,
        })
    }

    /// A whole frame of zeroes, all rows valid.
    ///
    /// # Errors
    /// As for [`RowBuf::new`].
    pub fn whole(info: FrameInfo, control: &JobControl) -> Result<RowBuf, ControlError> {
        let mut frame = RowBuf::new(info, info.size.height(), control)?;
        frame.valid = 0..info.size.height();
        Ok(frame)
    }

    /// A copy with a reservation of its own.
    ///
    /// # Errors
    /// As for [`RowBuf::new`], or when the job must stop.
    pub fn copy(&self, control: &JobControl) -> Result<RowBuf, ControlError> {
        let mut copy = RowBuf::new(self.info, self.capacity, control)?;
        for (to, from) in copy.memory.chunks_mut(PIECE).zip(self.memory.chunks(PIECE)) {
            control.check()?;
            to.copy_from_slice(from);
        }
        copy.valid = self.valid.clone();
        Ok(copy)
    }

    /// All valid rows.
    pub fn all(&self) -> Rows<'_> {
        self.rows(self.valid())
    }

    /// All valid rows, to be changed in place.
    pub fn all_mut(&mut self) -> RowsMut<'_> {
        RowsMut {
            row_bytes: self.info.row_bytes(),
            data: &mut self.memory,
            stride: self.stride,
            capacity: self.capacity,
            range: self.valid.clone(),
            info: self.info,
        }
    }

    /// What the rows mean.
    pub fn info(&self) -> &FrameInfo {
        &self.info
    }

    /// How many rows fit at once.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// The rows that hold pixels now.
    pub fn valid(&self) -> Range<u32> {
        self.valid.clone()
    }

    /// Forgets all rows so that the ring can serve another frame.
    pub fn clear(&mut self) {
        self.valid = 0..0;
    }

    /// A view of rows `range`, which must be valid.
    pub fn rows(&self, range: Range<u32>) -> Rows<'_> {
        debug_assert!(
            range.start >= self.valid.start && range.end <= self.valid.end,
            "rows {range:?} of {:?}",
            self.valid
        );
        Rows {
            data: &self.memory,
            stride: self.stride,
            capacity: self.capacity,
            row_bytes: self.info.row_bytes(),
            range,
            info: self.info,
        }
    }

    /// Makes room for rows `range`, which must follow the valid rows, and drops rows below `keep_from`.
    /// The rows count as valid from now on: the caller fills them.
    pub fn advance(&mut self, range: Range<u32>, keep_from: u32) -> RowsMut<'_> {
        debug_assert!(self.valid.is_empty() || range.start == self.valid.end);
        let start = if self.valid.is_empty() {
            range.start
        } else {
            self.valid.start.max(keep_from.min(range.start))
        };
        assert!(
            range.end - start <= self.capacity,
            "ring of {} rows asked to hold {}..{}",
            self.capacity,
            start,
            range.end
        );
        self.valid = start..range.end;
        RowsMut {
            row_bytes: self.info.row_bytes(),
            data: &mut self.memory,
            stride: self.stride,
            capacity: self.capacity,
            range,
            info: self.info,
        }
    }
}

/// A read-only view of consecutive rows, addressed by absolute image row.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    data: &'a [u8],
    stride: usize,
    capacity: u32,
    row_bytes: usize,
    range: Range<u32>,
    info: FrameInfo,
}

impl<'a> Rows<'a> {
    /// A view of no rows, for a stage that needs none of an input yet.
    pub fn none(info: FrameInfo) -> Rows<'static> {
        Rows {
            data: &[],
            stride: 0,
            capacity: 1,
            row_bytes: info.row_bytes(),
            range: 0..0,
            info,
        }
    }

    /// The rows in view.
    pub fn range(&self) -> Range<u32> {
        self.range.clone()
    }

    /// What the rows mean.
    pub fn info(&self) -> &FrameInfo {
        &self.info
    }

    fn slot(&self, y: u32) -> usize {
        debug_assert!(self.range.contains(&y), "row {y} outside {:?}", self.range);
        (y % self.capacity) as usize * self.stride
    }

    /// The bytes of row `y`.
    pub fn row(&self, y: u32) -> &'a [u8] {
        let at = self.slot(y);
        &self.data[at..at + self.row_bytes]
    }

    /// The samples of row `y` of a float frame.
    pub fn row_f32(&self, y: u32) -> &'a [f32] {
        bytemuck::cast_slice(self.row(y))
    }

    /// The samples of row `y` of a float frame with at least 16 finite samples of padding behind them.
    pub fn row_f32_padded(&self, y: u32) -> &'a [f32] {
        let at = self.slot(y);
        bytemuck::cast_slice(&self.data[at..at + self.stride])
    }
}

/// A view of consecutive rows to fill, addressed by absolute image row.
#[derive(Debug)]
pub struct RowsMut<'a> {
    data: &'a mut [u8],
    stride: usize,
    capacity: u32,
    row_bytes: usize,
    range: Range<u32>,
    info: FrameInfo,
}

impl RowsMut<'_> {
    /// The rows to fill: all of them, top to bottom.
    pub fn range(&self) -> Range<u32> {
        self.range.clone()
    }

    /// What the rows mean.
    pub fn info(&self) -> &FrameInfo {
        &self.info
    }

    fn slot(&self, y: u32) -> usize {
        debug_assert!(self.range.contains(&y), "row {y} outside {:?}", self.range);
        (y % self.capacity) as usize * self.stride
    }

    /// The bytes of row `y`.
    pub fn row_mut(&mut self, y: u32) -> &mut [u8] {
        let at = self.slot(y);
        &mut self.data[at..at + self.row_bytes]
    }

    /// The samples of row `y` of a float frame.
    pub fn row_mut_f32(&mut self, y: u32) -> &mut [f32] {
        bytemuck::cast_slice_mut(self.row_mut(y))
    }

    /// Four rows at once from `y`, when they lie one after the other in the ring.
    pub fn four_rows_mut_f32(&mut self, y: u32) -> Option<[&mut [f32]; 4]> {
        let at = self.slot(y);
        if !y.is_multiple_of(4) || !self.capacity.is_multiple_of(4) {
            return None;
        }
        let four = self.data.get_mut(at..at + self.stride * 4)?;
        let mut rows = four
            .chunks_exact_mut(self.stride)
            .map(|row| bytemuck::cast_slice_mut(&mut row[..self.row_bytes]));
        Some([rows.next()?, rows.next()?, rows.next()?, rows.next()?])
    }

    /// A part of the rows, for a producer that fills them in several calls.
    pub fn part(&mut self, range: Range<u32>) -> RowsMut<'_> {
        debug_assert!(range.start >= self.range.start && range.end <= self.range.end);
        RowsMut {
            data: self.data,
            stride: self.stride,
            capacity: self.capacity,
            row_bytes: self.row_bytes,
            range,
            info: self.info,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::layout::Alpha;

    #[test]
    fn a_ring_keeps_the_last_rows_under_their_absolute_numbers() {
        let info = FrameInfo::bgra8(Size::new(1, 10).unwrap(), Alpha::Opaque);
        let mut ring = RowBuf::new(info, 3, &JobControl::default()).unwrap();
        for y in 0..10u32 {
            ring.advance(y..y + 1, y.saturating_sub(2))
                .row_mut(y)
                .fill(y as u8);
        }
        assert_eq!(ring.valid(), 7..10);
        let rows = ring.rows(7..10);
        assert_eq!((rows.row(7)[0], rows.row(9)[3]), (7, 9));
    }

    #[test]
    fn rows_are_padded_with_zeroes() {
        let info = FrameInfo::float(Size::new(5, 1).unwrap(), Alpha::Opaque);
        let mut ring = RowBuf::new(info, 1, &JobControl::default()).unwrap();
        ring.advance(0..1, 0).row_mut_f32(0).fill(1.0);
        let rows = ring.rows(0..1);
        let padded = rows.row_f32_padded(0);
        assert!(padded.len() >= 5 * 4 + 16 && padded[20..].iter().all(|v| *v == 0.0));
    }

    #[test]
    fn zeroing_and_copying_large_frames_looks_at_the_job() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicU32, Ordering};
        let polls = Arc::new(AtomicU32::new(0));
        let counted = polls.clone();
        let control = JobControl::watched(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        // Eight megabytes.
        let info = FrameInfo::bgra8(Size::new(2016, 1040).unwrap(), Alpha::Opaque);
        let frame = RowBuf::whole(info, &control).unwrap();
        // Zeroes that the system gives when they are looked at take no time.
        let due = if cfg!(target_os = "linux") { 1 } else { 8 };
        assert!(polls.swap(0, Ordering::Relaxed) >= due);
        frame.copy(&control).unwrap();
        assert!(polls.load(Ordering::Relaxed) >= due + 8);
        let cancelled = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let control = JobControl::new(cancelled, crate::Limits::default());
        let refused = RowBuf::whole(info, &control).unwrap_err();
        assert_eq!(refused, ControlError::Cancelled);
        assert_eq!(control.used_bytes(), 0);
    }
}
