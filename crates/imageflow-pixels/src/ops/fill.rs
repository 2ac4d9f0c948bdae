//! Filling a rectangle.

use std::fmt;
use std::ops::Range;

use super::{Bgra, fill, pixels};
use crate::contract::{Scratch, Stage};
use crate::{FrameInfo, Rect, Rows, RowsMut};

/// Replaces the pixels of a rectangle; no blending. An opaque frame drops the colour's alpha.
#[derive(Debug)]
pub struct FillRect {
    input: FrameInfo,
    rect: Rect,
    color: Bgra,
}

impl FillRect {
    /// Makes the stage; `None` when the rectangle reaches outside the frame.
    pub fn new(input: FrameInfo, rect: Rect, color: Bgra) -> Option<FillRect> {
        rect.fits(input.size)
            .then_some(FillRect { input, rect, color })
    }
}

impl Stage for FillRect {
    fn output(&self) -> FrameInfo {
        self.input
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let color = self.color.stored(self.input.alpha);
        for y in out.range() {
            let row = out.row_mut(y);
            row.copy_from_slice(input.row(y));
            if (self.rect.y0()..self.rect.y1()).contains(&y) {
                fill(&mut row[pixels(self.rect.x0(), self.rect.x1())], color);
            }
        }
    }
}

impl fmt::Display for FillRect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fill_rect {}", self.rect)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Alpha;
    use crate::ops::testing::{frame, grays, run};

    #[test]
    fn replaces_without_blending() {
        let input = frame(2, Alpha::Meaningful, &grays(&[1, 2, 3, 4]));
        let stage = FillRect::new(
            *input.info(),
            Rect::new(1, 0, 2, 1).unwrap(),
            Bgra([9, 9, 9, 10]),
        )
        .unwrap();
        assert_eq!(
            run(&stage, &[&input]),
            [
                [1, 1, 1, 255],
                [9, 9, 9, 10],
                [3, 3, 3, 255],
                [4, 4, 4, 255]
            ]
        );
    }
}
