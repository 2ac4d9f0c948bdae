//! Mirroring left to right.

use std::fmt;
use std::ops::Range;

use crate::contract::{Scratch, Stage};
use crate::{FrameInfo, Rows, RowsMut};

/// Reverses the pixels of every row.
#[derive(Debug)]
pub struct FlipH {
    input: FrameInfo,
}

impl FlipH {
    /// Makes the stage.
    pub fn new(input: FrameInfo) -> FlipH {
        FlipH { input }
    }
}

impl Stage for FlipH {
    fn output(&self) -> FrameInfo {
        self.input
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        for y in out.range() {
            for (d, s) in out
                .row_mut(y)
                .chunks_exact_mut(4)
                .zip(input.row(y).chunks_exact(4).rev())
            {
                d.copy_from_slice(s);
            }
        }
    }
}

impl fmt::Display for FlipH {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flip_h")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Alpha;
    use crate::ops::testing::{frame, grays, run};

    #[test]
    fn mirrors_rows() {
        let input = frame(3, Alpha::Opaque, &grays(&[1, 2, 3, 4, 5, 6]));
        assert_eq!(
            run(&FlipH::new(*input.info()), &[&input]),
            grays(&[3, 2, 1, 6, 5, 4])
        );
    }
}
