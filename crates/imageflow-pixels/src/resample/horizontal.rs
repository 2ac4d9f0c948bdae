//! The horizontal stage: one row in, one narrower (or wider) row of floats out.

use std::fmt;
use std::ops::Range;

use super::weights::{Axis, Weights};
use super::WorkingSpace;
use crate::contract::{Scratch, Stage};
use crate::geometry::Size;
use crate::layout::{FrameInfo, PixelLayout};
use crate::rows::{Rows, RowsMut};
use crate::simd::{self, SimdLevel};

/// Floats of finite padding that the kernels may read behind a row.
const PADDING: usize = 16;

/// Filters rows horizontally. Bytes are turned into the working space on the way in; float rows are taken as they are.
#[derive(Debug)]
pub struct Horizontal {
    input: FrameInfo,
    output: FrameInfo,
    space: WorkingSpace,
    /// First and one past the last pixel that any tap reads.
    span: Range<usize>,
    starts: Vec<u32>,
    weights: Vec<f32>,
    label: String,
    level: SimdLevel,
}

impl Horizontal {
    /// Makes the stage; `axis.samples` is the input's width. `None` when `axis.out` is no width.
    pub fn new(input: FrameInfo, axis: &Axis, space: WorkingSpace, level: SimdLevel) -> Option<Horizontal> {
        let size = Size::new(axis.out, input.size.height())?;
        let weights = Weights::new(axis);
        let span = match input.layout {
            PixelLayout::Bgra8 => weights.span(),
            PixelLayout::BgraF32 => (0, axis.samples),
        };
        let (starts, packed) = weights.packed(span.0, span.1 - span.0);
        Some(Horizontal {
            input,
            output: FrameInfo::float(size, input.alpha),
            space,
            span: span.0 as usize..span.1 as usize,
            starts,
            weights: packed,
            label: format!("resample_h {}..{} -> {} {:?}", axis.from, axis.to, axis.out, axis.filter),
            level,
        })
    }

    /// Turns the needed pixels of a byte row into working-space floats.
    fn load(&self, row: &[u8], floats: &mut [f32]) {
        let bytes = &row[self.span.start * 4..self.span.end * 4];
        let (pixels, padding) = floats.split_at_mut(bytes.len());
        padding.fill(0.0);
        match (self.space, self.input.alpha.is_meaningful()) {
            (WorkingSpace::Linear, false) => simd::linearize(self.level, bytes, pixels),
            (WorkingSpace::Linear, true) => simd::linearize_alpha(self.level, bytes, pixels),
            (WorkingSpace::Srgb, false) => simd::unit(self.level, bytes, pixels),
            (WorkingSpace::Srgb, true) => simd::unit_alpha(self.level, bytes, pixels),
        }
    }

    fn filter_one(&self, src: &[f32], dst: &mut [f32]) {
        simd::horizontal(self.level, src, &self.starts, &self.weights, dst);
    }
}

impl Stage for Horizontal {
    fn output(&self) -> FrameInfo {
        self.output
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let bytes = self.input.layout == PixelLayout::Bgra8;
        let stride = (self.span.len() * 4 + PADDING).next_multiple_of(16);
        let width = self.output.size.width() as usize * 4;
        // Four output rows that do not lie one after the other are gathered in scratch.
        let floats = scratch.floats(if bytes { stride * 4 + width * 4 } else { width * 4 });
        let (source, gathered) = floats.split_at_mut(if bytes { stride * 4 } else { 0 });
        let range = out.range();
        let mut y = range.start;
        while y < range.end {
            let count = if y + 4 <= range.end { 4 } else { 1 };
            if bytes {
                for (i, floats) in source.chunks_exact_mut(stride).take(count as usize).enumerate() {
                    self.load(input.row(y + i as u32), &mut floats[..self.span.len() * 4 + PADDING]);
                }
            }
            let row = |i: u32| if bytes { &source[i as usize * stride..(i as usize + 1) * stride] } else { input.row_f32_padded(y + i) };
            if count == 1 {
                self.filter_one(row(0), out.row_mut_f32(y));
            } else if let Some(rows) = out.four_rows_mut_f32(y) {
                simd::horizontal4(self.level, [row(0), row(1), row(2), row(3)], &self.starts, &self.weights, rows);
            } else {
                let (a, rest) = gathered.split_at_mut(width);
                let (b, rest) = rest.split_at_mut(width);
                let (c, d) = rest.split_at_mut(width);
                let rows = [row(0), row(1), row(2), row(3)];
                simd::horizontal4(self.level, rows, &self.starts, &self.weights, [&mut *a, &mut *b, &mut *c, &mut *d]);
                for (i, filtered) in [a, b, c, d].into_iter().enumerate() {
                    out.row_mut_f32(y + i as u32).copy_from_slice(filtered);
                }
            }
            y += count;
        }
    }
}

impl fmt::Display for Horizontal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}
