//! Adam7: seven passes over a frame that is kept until all of them are in (PNG §8.2).

use imageflow_pixels::{JobControl, PictureMemory, Size};

use crate::error::CodecError;

/// First column, column step, first row, row step of each pass.
const PASSES: [(u32, u32, u32, u32); 7] = [
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
];

/// One row of a pass: `row` and every `step`-th pixel of it, from `column`, `count` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PassRow {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) step: u32,
    pub(super) count: u32,
}

/// The rows of all passes in file order; passes without pixels are left out.
pub(super) fn pass_rows(size: Size) -> impl Iterator<Item = PassRow> + Send {
    let (width, height) = (size.width(), size.height());
    PASSES
        .into_iter()
        .filter(move |(column, _, row, _)| *column < width && *row < height)
        .flat_map(move |(column, step, first, row_step)| {
            let count = (width - column).div_ceil(step);
            (first..height)
                .step_by(row_step as usize)
                .map(move |row| PassRow {
                    row,
                    column,
                    step,
                    count,
                })
        })
}

/// The frame while passes arrive.
#[derive(Debug)]
pub(super) struct Frame {
    bgra: PictureMemory,
    stride: usize,
}

impl Frame {
    /// Takes the frame's bytes from the job's budget.
    pub(super) fn new(size: Size, control: &JobControl) -> Result<Frame, CodecError> {
        Ok(Frame {
            bgra: PictureMemory::new(size.area().saturating_mul(4), control)?,
            stride: size.width() as usize * 4,
        })
    }

    /// Spreads the pixels of a pass row.
    pub(super) fn scatter(&mut self, at: PassRow, pixels: &[u8]) {
        let start = at.row as usize * self.stride + at.column as usize * 4;
        let end = (at.row as usize + 1) * self.stride;
        if let Some(row) = self.bgra.get_mut(start..end) {
            for (target, pixel) in row
                .chunks_mut(at.step as usize * 4)
                .zip(pixels.chunks_exact(4))
            {
                if let Some(target) = target.get_mut(..4) {
                    target.copy_from_slice(pixel);
                }
            }
        }
    }

    /// The pixels of a row.
    pub(super) fn row(&self, y: u32) -> &[u8] {
        let start = y as usize * self.stride;
        self.bgra
            .get(start..start + self.stride)
            .unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_comes_exactly_once() {
        for (w, h) in [(1, 1), (2, 3), (5, 1), (1, 9), (8, 8), (33, 17)] {
            let mut seen = vec![0u8; (w * h) as usize];
            for pass in pass_rows(Size::new(w, h).unwrap()) {
                for i in 0..pass.count {
                    seen[(pass.row * w + pass.column + i * pass.step) as usize] += 1;
                }
            }
            assert!(seen.iter().all(|n| *n == 1), "{w}x{h} {seen:?}");
        }
    }

    #[test]
    fn scattered_pixels_land_on_their_columns() {
        let mut frame = Frame::new(Size::new(5, 2).unwrap(), &JobControl::default()).unwrap();
        frame.scatter(
            PassRow {
                row: 1,
                column: 1,
                step: 2,
                count: 2,
            },
            &[1, 2, 3, 4, 5, 6, 7, 8],
        );
        assert_eq!(&frame.row(1)[4..16], [1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8]);
    }
}
