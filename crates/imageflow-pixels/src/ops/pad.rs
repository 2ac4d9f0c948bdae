//! Growing the canvas.

use std::fmt;
use std::ops::Range;

use super::{Bgra, fill, pixels};
use crate::contract::{Scratch, Stage};
use crate::{Alpha, FrameInfo, Rows, RowsMut, Size};

/// Puts the frame at an offset on a larger canvas of one colour. A colour that is not opaque gives the result alpha.
#[derive(Debug)]
pub struct Pad {
    input: FrameInfo,
    output: FrameInfo,
    left: u32,
    top: u32,
    color: Bgra,
}

impl Pad {
    /// Makes the stage; `None` when the frame at this offset does not fit `canvas`.
    pub fn new(input: FrameInfo, left: u32, top: u32, canvas: Size, color: Bgra) -> Option<Pad> {
        let fits = left.checked_add(input.size.width())? <= canvas.width()
            && top.checked_add(input.size.height())? <= canvas.height();
        let alpha = if color.is_opaque() {
            input.alpha
        } else {
            Alpha::Meaningful
        };
        fits.then_some(Pad {
            input,
            output: FrameInfo::bgra8(canvas, alpha),
            left,
            top,
            color,
        })
    }
}

impl Stage for Pad {
    fn output(&self) -> FrameInfo {
        self.output
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        let clip = |y: u32| y.saturating_sub(self.top).min(self.input.size.height());
        clip(out.start)..clip(out.end)
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let color = self.color.stored(self.output.alpha);
        let gains_alpha = self.output.alpha.is_meaningful() && !self.input.alpha.is_meaningful();
        for y in out.range() {
            let inside = y >= self.top && y - self.top < self.input.size.height();
            let row = out.row_mut(y);
            fill(row, color);
            if inside {
                let image = &mut row[pixels(self.left, self.left + self.input.size.width())];
                image.copy_from_slice(input.row(y - self.top));
                if gains_alpha {
                    image.chunks_exact_mut(4).for_each(|p| p[3] = 255);
                }
            }
        }
    }
}

impl fmt::Display for Pad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "pad at {},{} of {}",
            self.left, self.top, self.output.size
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ops::testing::{frame, grays, run};

    #[test]
    fn a_transparent_border_makes_the_image_opaque_inside() {
        let input = frame(1, Alpha::Opaque, &[[1, 2, 3, 0]]);
        let pad = Pad::new(
            *input.info(),
            1,
            0,
            Size::new(2, 2).unwrap(),
            Bgra::TRANSPARENT,
        )
        .unwrap();
        assert_eq!(
            run(&pad, &[&input]),
            [[0; 4], [1, 2, 3, 255], [0; 4], [0; 4]]
        );
    }

    #[test]
    fn an_opaque_border_keeps_the_format() {
        let input = frame(1, Alpha::Opaque, &grays(&[7]));
        let pad = Pad::new(*input.info(), 0, 1, Size::new(1, 3).unwrap(), Bgra::WHITE).unwrap();
        assert_eq!(pad.output().alpha, Alpha::Opaque);
        assert_eq!(run(&pad, &[&input]), grays(&[255, 7, 255]));
    }
}
