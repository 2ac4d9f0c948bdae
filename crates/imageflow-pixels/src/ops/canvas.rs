//! A frame of one colour.

use super::{Bgra, fill};
use crate::contract::{RowSource, StreamError};
use crate::{FrameInfo, RowsMut};

/// Produces rows of one colour.
#[derive(Debug)]
pub struct Canvas {
    frame: FrameInfo,
    color: Bgra,
}

impl Canvas {
    /// Makes the source; `frame` must be of bytes.
    pub fn new(frame: FrameInfo, color: Bgra) -> Canvas {
        Canvas { frame, color }
    }
}

impl RowSource for Canvas {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            fill(out.row_mut(y), self.color.stored(self.frame.alpha));
        }
        Ok(())
    }

    fn skip_rows(&mut self, _count: u32) -> Result<bool, StreamError> {
        Ok(true)
    }
}
