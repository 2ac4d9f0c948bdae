//! Turns that read rows out of order: they need the whole frame.

use std::fmt;
use std::ops::Range;

use crate::contract::{Access, Scratch, Stage};
use crate::{FrameInfo, Rows, RowsMut, Size};

/// An exact permutation of pixels that reads its input out of order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Turn {
    /// Top to bottom reversed.
    FlipV,
    /// Half a turn.
    Rotate180,
    /// Rows and columns exchanged.
    Transpose,
    /// A quarter clockwise.
    Rotate90,
    /// A quarter counter-clockwise.
    Rotate270,
    /// Transposed along the other diagonal.
    Transverse,
}

impl Turn {
    /// Whether width and height are exchanged.
    pub const fn swaps_sides(self) -> bool {
        !matches!(self, Turn::FlipV | Turn::Rotate180)
    }

    /// Where the output pixel `x, y` comes from: source column reversed, source row reversed.
    const fn reversed(self) -> (bool, bool) {
        match self {
            Turn::FlipV | Turn::Rotate90 => (false, true),
            Turn::Rotate180 | Turn::Transverse => (true, true),
            Turn::Transpose => (false, false),
            Turn::Rotate270 => (true, false),
        }
    }

    /// Size after the turn.
    pub const fn size(self, input: Size) -> Size {
        if self.swaps_sides() {
            input.transposed()
        } else {
            input
        }
    }
}

/// The stage that turns a frame.
#[derive(Debug)]
pub struct Turned {
    input: FrameInfo,
    turn: Turn,
}

impl Turned {
    /// Makes the stage.
    pub fn new(input: FrameInfo, turn: Turn) -> Turned {
        Turned { input, turn }
    }
}

/// Output columns handled together when sides are exchanged: the source rows they come from stay in cache.
const BLOCK: usize = 32;

impl Stage for Turned {
    fn output(&self) -> FrameInfo {
        FrameInfo {
            size: self.turn.size(self.input.size),
            ..self.input
        }
    }

    fn access(&self) -> Access {
        Access::WholeFrame
    }

    fn window(&self, _input: usize, _out: Range<u32>) -> Range<u32> {
        0..self.input.size.height()
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let (width, height) = (self.input.size.width(), self.input.size.height());
        let (flip_x, flip_y) = self.turn.reversed();
        if !self.turn.swaps_sides() {
            for y in out.range() {
                let source = input.row(if flip_y { height - 1 - y } else { y });
                let row = out.row_mut(y);
                if flip_x {
                    for (d, s) in row.chunks_exact_mut(4).zip(source.chunks_exact(4).rev()) {
                        d.copy_from_slice(s);
                    }
                } else {
                    row.copy_from_slice(source);
                }
            }
            return;
        }
        // Output row y is source column y; output column x is source row x.
        let range = out.range();
        for block in (0..height as usize).step_by(BLOCK) {
            let end = (block + BLOCK).min(height as usize);
            for y in range.clone() {
                let column = if flip_x { width - 1 - y } else { y } as usize * 4;
                let row = &mut out.row_mut(y)[block * 4..end * 4];
                for (x, d) in (block as u32..).zip(row.chunks_exact_mut(4)) {
                    let source = input.row(if flip_y { height - 1 - x } else { x });
                    d.copy_from_slice(&source[column..column + 4]);
                }
            }
        }
    }
}

impl fmt::Display for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Alpha;
    use crate::ops::testing::{frame, grays, run};

    fn turned(turn: Turn) -> Vec<[u8; 4]> {
        // 1 2 3
        // 4 5 6
        let input = frame(3, Alpha::Opaque, &grays(&[1, 2, 3, 4, 5, 6]));
        run(&Turned::new(*input.info(), turn), &[&input])
    }

    #[test]
    fn turns_are_exact_permutations() {
        assert_eq!(turned(Turn::FlipV), grays(&[4, 5, 6, 1, 2, 3]));
        assert_eq!(turned(Turn::Rotate180), grays(&[6, 5, 4, 3, 2, 1]));
        assert_eq!(turned(Turn::Transpose), grays(&[1, 4, 2, 5, 3, 6]));
        assert_eq!(turned(Turn::Rotate90), grays(&[4, 1, 5, 2, 6, 3]));
        assert_eq!(turned(Turn::Rotate270), grays(&[3, 6, 2, 5, 1, 4]));
        assert_eq!(turned(Turn::Transverse), grays(&[6, 3, 5, 2, 4, 1]));
    }
}
