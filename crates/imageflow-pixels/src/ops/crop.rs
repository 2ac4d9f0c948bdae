//! Keeping a rectangle.

use std::fmt;
use std::ops::Range;

use super::pixels;
use crate::contract::{Scratch, Stage};
use crate::{FrameInfo, Rect, Rows, RowsMut};

/// Copies a rectangle that lies inside the frame.
#[derive(Debug)]
pub struct Crop {
    input: FrameInfo,
    rect: Rect,
}

impl Crop {
    /// Makes the stage; `None` when the rectangle reaches outside the frame.
    pub fn new(input: FrameInfo, rect: Rect) -> Option<Crop> {
        rect.fits(input.size).then_some(Crop { input, rect })
    }
}

impl Stage for Crop {
    fn output(&self) -> FrameInfo {
        FrameInfo {
            size: self.rect.size(),
            ..self.input
        }
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out.start + self.rect.y0()..out.end + self.rect.y0()
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        for y in out.range() {
            let row = input.row(y + self.rect.y0());
            out.row_mut(y)
                .copy_from_slice(&row[pixels(self.rect.x0(), self.rect.x1())]);
        }
    }
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crop {}", self.rect)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Alpha;
    use crate::ops::testing::{frame, grays, run};

    #[test]
    fn keeps_the_rectangle() {
        let input = frame(3, Alpha::Opaque, &grays(&[1, 2, 3, 4, 5, 6]));
        let crop = Crop::new(*input.info(), Rect::new(1, 1, 3, 2).unwrap()).unwrap();
        assert_eq!(run(&crop, &[&input]), grays(&[5, 6]));
    }
}
