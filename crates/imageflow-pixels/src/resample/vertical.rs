//! The vertical stage: a window of float rows in, one row out, turned back into bytes on the way.

use std::fmt;
use std::ops::Range;

use super::WorkingSpace;
use super::weights::{Axis, Weights};
use crate::contract::{Scratch, Stage};
use crate::geometry::Size;
use crate::layout::FrameInfo;
use crate::rows::{Rows, RowsMut};
use crate::simd::{self, SimdLevel};

/// What the vertical stage writes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Target {
    /// Straight sRGB bytes, over a matte (premultiplied BGRA in the working space) if there is one.
    Bytes {
        /// The matte.
        matte: Option<[f32; 4]>,
    },
    /// Premultiplied floats in the working space, for compositing.
    Floats,
}

/// Filters rows vertically.
#[derive(Debug)]
pub struct Vertical {
    output: FrameInfo,
    space: WorkingSpace,
    target: Target,
    weights: Weights,
    bounds: Vec<(u32, u32)>,
    /// Rows of the input.
    rows: u32,
    label: String,
    level: SimdLevel,
}

impl Vertical {
    /// Makes the stage; `axis.samples` is the input's height. `None` when `axis.out` is no height.
    pub fn new(
        input: FrameInfo,
        axis: &Axis,
        space: WorkingSpace,
        target: Target,
        level: SimdLevel,
    ) -> Option<Vertical> {
        let size = Size::new(input.size.width(), axis.out)?;
        let output = match target {
            Target::Bytes { .. } => FrameInfo::bgra8(size, input.alpha),
            Target::Floats => FrameInfo::float(size, input.alpha),
        };
        let weights = Weights::new(axis);
        let label = format!(
            "resample_v {}..{} -> {} {:?} {space:?}",
            axis.from, axis.to, axis.out, axis.filter
        );
        let bounds = monotone_bounds(&weights);
        Some(Vertical {
            output,
            space,
            target,
            weights,
            bounds,
            rows: input.size.height(),
            label,
            level,
        })
    }

    fn finish(&self, row: &mut [f32], matte: Option<[f32; 4]>, out: &mut [u8]) {
        let alpha = self.output.alpha.is_meaningful();
        if let Some(matte) = matte.filter(|_| alpha) {
            simd::under_matte(self.level, row, matte);
        }
        match (self.space, alpha) {
            (WorkingSpace::Linear, false) => simd::encode_srgb(self.level, row, out),
            (WorkingSpace::Linear, true) => simd::encode_srgb_alpha(self.level, row, out),
            (WorkingSpace::Srgb, false) => simd::encode_unit(self.level, row, out),
            (WorkingSpace::Srgb, true) => simd::encode_unit_alpha(self.level, row, out),
        }
    }
}

impl Stage for Vertical {
    fn output(&self) -> FrameInfo {
        self.output
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        match (
            self.bounds.get(out.start as usize),
            self.bounds.get((out.end as usize).wrapping_sub(1)),
        ) {
            (Some(first), Some(last)) if !out.is_empty() => first.0..last.1,
            (Some(first), _) => first.0..first.0,
            _ => self.rows..self.rows,
        }
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let width = self.output.size.width() as usize * 4;
        let mut rows: Vec<&[f32]> = Vec::new();
        for y in out.range() {
            let taps = &self.weights.taps()[y as usize];
            rows.clear();
            rows.extend((0..taps.weights.len() as u32).map(|i| input.row_f32(taps.start + i)));
            match self.target {
                Target::Floats => {
                    simd::vertical(self.level, &rows, &taps.weights, out.row_mut_f32(y))
                }
                Target::Bytes { matte } => {
                    let row = scratch.floats(width);
                    simd::vertical(self.level, &rows, &taps.weights, row);
                    self.finish(row, matte, out.row_mut(y));
                }
            }
        }
    }
}

/// First and one past the last row that each output row reads, made monotone: trimmed zero weights may let a window start
/// or end a little off the order of its neighbours.
fn monotone_bounds(weights: &Weights) -> Vec<(u32, u32)> {
    let mut bounds: Vec<(u32, u32)> = weights
        .taps()
        .iter()
        .map(|t| (t.start, t.start + t.weights.len() as u32))
        .collect();
    let mut end = 0;
    for b in &mut bounds {
        end = end.max(b.1);
        b.1 = end;
    }
    let mut start = u32::MAX;
    for b in bounds.iter_mut().rev() {
        start = start.min(b.0);
        b.0 = start;
    }
    bounds
}

impl fmt::Display for Vertical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}
