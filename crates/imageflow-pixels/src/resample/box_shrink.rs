//! Averaging blocks of n×n pixels in linear light: the cheap first step of a large reduction, shared by its consumers.

use std::fmt;
use std::ops::Range;

use crate::contract::{Scratch, Stage};
use crate::geometry::Size;
use crate::layout::{FrameInfo, PixelLayout};
use crate::rows::{Rows, RowsMut};
use crate::simd::{self, SimdLevel};

/// Shrinks by a whole number in linear light. Partial blocks at the right and bottom average the pixels that exist.
#[derive(Debug)]
pub struct BoxShrink {
    input: FrameInfo,
    output: FrameInfo,
    n: u32,
    level: SimdLevel,
}

impl BoxShrink {
    /// Makes the stage. Byte rows are linearised, float rows must be linear. `n` is at least 1.
    pub fn new(input: FrameInfo, n: u32, level: SimdLevel) -> Option<BoxShrink> {
        let size = Size::new(
            input.size.width().div_ceil(n),
            input.size.height().div_ceil(n),
        )?;
        Some(BoxShrink {
            input,
            output: FrameInfo::float(size, input.alpha),
            n,
            level,
        })
    }
}

impl Stage for BoxShrink {
    fn output(&self) -> FrameInfo {
        self.output
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        let height = self.input.size.height();
        let at = |y: u32| {
            u32::try_from(u64::from(y) * u64::from(self.n)).map_or(height, |y| y.min(height))
        };
        at(out.start)..at(out.end)
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let n = self.n as usize;
        let width = self.input.size.width() as usize;
        let linear = scratch.floats(width * 4);
        for y in out.range() {
            let rows = self.window(0, y..y + 1);
            let count = rows.len() as f32;
            let sums = out.row_mut_f32(y);
            for (i, source) in rows.enumerate() {
                let row = match (self.input.layout, self.input.alpha.is_meaningful()) {
                    (PixelLayout::BgraF32, _) => input.row_f32(source),
                    (PixelLayout::Bgra8, false) => {
                        simd::linearize(self.level, input.row(source), linear);
                        &*linear
                    }
                    (PixelLayout::Bgra8, true) => {
                        simd::linearize_alpha(self.level, input.row(source), linear);
                        &*linear
                    }
                };
                simd::box_sum(self.level, row, n, i == 0, sums);
            }
            let last_width = width - (width - 1) / n * n;
            let (whole, partial) = sums.split_at_mut(sums.len() - 4);
            scale(whole, 1.0 / (count * n as f32));
            scale(partial, 1.0 / (count * last_width as f32));
        }
    }
}

fn scale(row: &mut [f32], by: f32) {
    row.iter_mut().for_each(|v| *v *= by);
}

impl fmt::Display for BoxShrink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "box_shrink 1/{}", self.n)
    }
}
