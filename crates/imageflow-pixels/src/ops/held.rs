//! A frame in memory as a source of rows.

use std::sync::Arc;

use crate::contract::{RowSource, StreamError};
use crate::{FrameInfo, RowBuf, RowsMut};

/// Hands out the rows of a whole frame that others may read too.
#[derive(Debug)]
pub struct HeldFrame(Arc<RowBuf>);

impl HeldFrame {
    /// A source over a frame whose rows are all valid.
    pub fn new(frame: Arc<RowBuf>) -> HeldFrame {
        HeldFrame(frame)
    }
}

impl RowSource for HeldFrame {
    fn frame(&self) -> FrameInfo {
        *self.0.info()
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        let rows = self.0.all();
        for y in out.range() {
            out.row_mut(y).copy_from_slice(rows.row(y));
        }
        Ok(())
    }

    fn skip_rows(&mut self, _count: u32) -> Result<bool, StreamError> {
        Ok(true)
    }
}
