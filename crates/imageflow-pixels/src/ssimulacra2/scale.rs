//! One scale of the metric: rows in, sums of errors out, rows of half the size down to the next scale.

use super::weights::ScaleErrors;
use crate::simd::{self, REACH, SimdLevel};

/// Rows a blur reaches.
const WINDOW: usize = 2 * REACH + 1;

/// One row of both pictures: three planes of the original, three of the copy.
#[derive(Debug, Default)]
pub(super) struct Planes(pub(super) [Vec<f32>; 6]);

impl Planes {
    /// Zeroes.
    pub(super) fn new(width: usize) -> Planes {
        Planes(std::array::from_fn(|_| vec![0.0; width]))
    }
}

/// One scale at work.
#[derive(Debug)]
pub(super) struct Scale {
    width: usize,
    height: u32,
    /// Rows taken.
    taken: u32,
    /// Rows whose errors are summed.
    summed: u32,
    /// The last rows in XYB, row `y` at `y % WINDOW`.
    ring: Vec<Planes>,
    /// What lies above and below the picture.
    zeroes: Vec<f32>,
    /// A row after the vertical blur, with room on both sides for the horizontal one.
    blurred: [Vec<f32>; 5],
    /// A row for the next scale, half of it there after an even row.
    half: Planes,
    sums: ScaleErrors,
}

impl Scale {
    /// Bytes a scale takes.
    pub(super) fn bytes(width: usize) -> u64 {
        let floats = 6 * (WINDOW + 1) + 5 + 1;
        ((width + 2 * REACH) * floats * size_of::<f32>()) as u64
    }

    pub(super) fn new(width: usize, height: u32) -> Scale {
        Scale {
            width,
            height,
            taken: 0,
            summed: 0,
            ring: (0..WINDOW).map(|_| Planes::new(width)).collect(),
            zeroes: vec![0.0; width],
            blurred: std::array::from_fn(|_| vec![0.0; width + 2 * REACH]),
            half: Planes::new(width.div_ceil(2)),
            sums: ScaleErrors::default(),
        }
    }

    /// Mean errors; those to the fourth as norms.
    pub(super) fn errors(&self) -> ScaleErrors {
        let pixels = self.width as f64 * f64::from(self.height);
        self.sums.map(|sums| {
            let mut errors = sums.map(|sum| sum / pixels);
            for fourth in errors.iter_mut().skip(1).step_by(2) {
                *fourth = fourth.sqrt().sqrt();
            }
            errors
        })
    }

    fn take(&mut self, rows: &Planes, level: SimdLevel) {
        let slot = &mut self.ring[self.taken as usize % WINDOW];
        let [r, g, b, copy_r, copy_g, copy_b] = &rows.0;
        let [x, y, z, copy_x, copy_y, copy_z] = &mut slot.0;
        simd::positive_xyb(level, [r, g, b], [x, y, z]);
        simd::positive_xyb(level, [copy_r, copy_g, copy_b], [copy_x, copy_y, copy_z]);
        self.taken += 1;
        // A row can be blurred when all it reaches is there.
        let ready = if self.taken == self.height {
            self.height
        } else {
            self.taken.saturating_sub(REACH as u32)
        };
        while self.summed < ready {
            self.sum_row(level);
            self.summed += 1;
        }
    }

    fn sum_row(&mut self, level: SimdLevel) {
        let center = self.summed as usize;
        for plane in 0..3 {
            let window = |plane: usize| -> [&[f32]; WINDOW] {
                std::array::from_fn(|k| {
                    match (center + k).checked_sub(REACH) {
                        Some(y) if y < self.height as usize => &self.ring[y % WINDOW].0[plane],
                        _ => &self.zeroes,
                    }
                    .as_slice()
                })
            };
            let (original, copy) = (window(plane), window(plane + 3));
            let inner = REACH..REACH + self.width;
            let blurred = self.blurred.each_mut().map(|row| &mut row[inner.clone()]);
            simd::blur_down(level, original, copy, blurred);
            let blurred = self.blurred.each_ref().map(Vec::as_slice);
            let sums = &mut self.sums[plane];
            simd::add_errors(level, blurred, original[REACH], copy[REACH], sums);
        }
    }

    /// Adds a row to the half-size one; says whether that is complete.
    fn halve(&mut self, rows: &Planes) -> bool {
        let y = self.taken - 1;
        let first = y.is_multiple_of(2);
        let last = self.taken == self.height;
        // The last row and column of an odd side count twice.
        let weight = if first && last { 0.5 } else { 0.25 };
        for (half, row) in self.half.0.iter_mut().zip(&rows.0) {
            let (pairs, single) = row.as_chunks::<2>();
            let sums = (pairs.iter().map(|[a, b]| a + b)).chain(single.iter().map(|v| v + v));
            for (half, sum) in half.iter_mut().zip(sums) {
                *half = if first { 0.0 } else { *half } + weight * sum;
            }
        }
        !first || last
    }
}

/// Takes a row of linear light at the first of `scales`, and what it completes at those below.
pub(super) fn push(scales: &mut [Scale], rows: &Planes, level: SimdLevel) {
    let Some((scale, below)) = scales.split_first_mut() else {
        return;
    };
    scale.take(rows, level);
    if !below.is_empty() && scale.halve(rows) {
        push(below, &scale.half, level);
    }
}
