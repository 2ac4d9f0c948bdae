//! The horizontal stage: one row in, one narrower (or wider) row of floats out.
//!
//! Byte rows are turned into the working space piece by piece, just before the taps read them: the floats of a piece of four
//! rows stay in the first-level cache, and no full-size float row is ever written. Four opaque rows are filtered as three that
//! hold their colours: a quarter of the work would otherwise be for a channel that is 1 everywhere.

use std::fmt;
use std::ops::Range;

use super::WorkingSpace;
use super::weights::{Axis, Weights};
use crate::contract::{Scratch, Stage};
use crate::geometry::Size;
use crate::layout::{FrameInfo, PixelLayout};
use crate::rows::{Rows, RowsMut};
use crate::simd::{self, SimdLevel};

/// Floats of finite padding that the kernels may read behind a row.
const PADDING: usize = 16;
/// Source pixels of a piece: 16 bytes each, four rows, half of a 32 KB cache.
const PIECE: usize = 256;

/// Outputs that are computed together, and the source pixels they read.
#[derive(Debug)]
struct Piece {
    outputs: Range<usize>,
    source: Range<usize>,
    /// First tap of each output, counted from `source.start`.
    starts: Vec<u32>,
}

/// Filters rows horizontally. Bytes are turned into the working space on the way in; float rows are taken as they are.
#[derive(Debug)]
pub struct Horizontal {
    input: FrameInfo,
    output: FrameInfo,
    space: WorkingSpace,
    pieces: Vec<Piece>,
    weights: Vec<f32>,
    taps: usize,
    label: String,
    level: SimdLevel,
}

impl Horizontal {
    /// Makes the stage; `axis.samples` is the input's width. `None` when `axis.out` is no width.
    pub fn new(
        input: FrameInfo,
        axis: &Axis,
        space: WorkingSpace,
        level: SimdLevel,
    ) -> Option<Horizontal> {
        let size = Size::new(axis.out, input.size.height())?;
        let (starts, weights) = Weights::new(axis).packed(0, axis.samples);
        let taps = weights.len() / starts.len();
        let pieces = match input.layout {
            PixelLayout::Bgra8 => cut(&starts, taps, axis.samples as usize),
            PixelLayout::BgraF32 => vec![Piece {
                outputs: 0..starts.len(),
                source: 0..axis.samples as usize,
                starts,
            }],
        };
        Some(Horizontal {
            input,
            output: FrameInfo::float(size, input.alpha),
            space,
            pieces,
            weights,
            taps,
            label: format!(
                "resample_h {}..{} -> {} {:?}",
                axis.from, axis.to, axis.out, axis.filter
            ),
            level,
        })
    }

    /// Turns bytes into working-space floats, followed by padding.
    fn load(&self, bytes: &[u8], floats: &mut [f32]) {
        let (pixels, padding) = floats.split_at_mut(bytes.len());
        padding.fill(0.0);
        match (self.space, self.input.alpha.is_meaningful()) {
            (WorkingSpace::Linear, false) => simd::linearize(self.level, bytes, pixels),
            (WorkingSpace::Linear, true) => simd::linearize_alpha(self.level, bytes, pixels),
            (WorkingSpace::Srgb, false) => simd::unit(self.level, bytes, pixels),
            (WorkingSpace::Srgb, true) => simd::unit_alpha(self.level, bytes, pixels),
        }
    }

    /// Turns the colours of four opaque rows of bytes into three rows of working-space floats, each followed by padding.
    fn load_colors(&self, bytes: [&[u8]; 4], floats: [&mut [f32]; 3]) {
        let length = bytes[0].len();
        let [p, q, r] = floats;
        for at in (0..length).step_by(PIECE * 4) {
            let part = at..length.min(at + PIECE * 4);
            let mut packed = [[0; PIECE * 4]; 3];
            let [a, b, c] = packed.each_mut().map(|row| &mut row[..part.len()]);
            let rows = bytes.map(|row| &row[part.clone()]);
            simd::pack_colors4(self.level, rows, [&mut *a, &mut *b, &mut *c]);
            for (bytes, floats) in [a, b, c].into_iter().zip([&mut *p, &mut *q, &mut *r]) {
                let floats = &mut floats[part.clone()];
                match self.space {
                    WorkingSpace::Linear => simd::linearize(self.level, bytes, floats),
                    WorkingSpace::Srgb => simd::unit(self.level, bytes, floats),
                }
            }
        }
        for floats in [p, q, r] {
            floats[length..].fill(0.0);
        }
    }

    /// Filters four opaque rows of bytes.
    fn filter_colors(&self, input: [&[u8]; 4], [a, b, c, d]: [&mut [f32]; 4], scratch: &mut [f32]) {
        for (i, piece) in self.pieces.iter().enumerate() {
            let weights = self.weights_of(piece);
            let span = piece.source.len() * 4 + PADDING;
            let (p, rest) = scratch.split_at_mut(span);
            let (q, rest) = rest.split_at_mut(span);
            let r = &mut rest[..span];
            let source = piece.source.start * 4..piece.source.end * 4;
            let bytes = input.map(|row| &row[source.clone()]);
            self.load_colors(bytes, [&mut *p, &mut *q, &mut *r]);
            if let Some(next) = self.pieces.get(i + 1) {
                let bytes = next.source.start.max(piece.source.end) * 4..next.source.end * 4;
                input
                    .iter()
                    .for_each(|row| simd::prefetch(&row[bytes.clone()]));
            }
            let target = piece.outputs.start * 4..piece.outputs.end * 4;
            let out = [&mut *a, &mut *b, &mut *c, &mut *d].map(|row| &mut row[target.clone()]);
            simd::horizontal_colors4(self.level, [p, q, r], &piece.starts, weights, out);
        }
    }

    fn weights_of(&self, piece: &Piece) -> &[f32] {
        &self.weights[piece.outputs.start * self.taps..piece.outputs.end * self.taps]
    }

    /// Filters up to four rows, `rows` of the input, into rows of `out`.
    fn filter(
        &self,
        input: &Rows<'_>,
        rows: Range<u32>,
        mut out: [&mut [f32]; 4],
        scratch: &mut [f32],
    ) {
        let count = rows.len();
        let bytes = self.input.layout == PixelLayout::Bgra8;
        let opaque_bytes = bytes && !self.input.alpha.is_meaningful();
        if opaque_bytes && count == 4 {
            let row = |i: u32| input.row(rows.start + i);
            return self.filter_colors([row(0), row(1), row(2), row(3)], out, scratch);
        }
        for piece in &self.pieces {
            let weights = self.weights_of(piece);
            let span = piece.source.len() * 4 + PADDING;
            if bytes {
                for (y, floats) in rows.clone().zip(scratch.chunks_exact_mut(span)) {
                    self.load(
                        &input.row(y)[piece.source.start * 4..piece.source.end * 4],
                        floats,
                    );
                }
            }
            let source = |i: usize| {
                if bytes {
                    &scratch[i * span..(i + 1) * span]
                } else {
                    input.row_f32_padded(rows.start + i as u32)
                }
            };
            let target = piece.outputs.start * 4..piece.outputs.end * 4;
            if count == 4 {
                let [a, b, c, d] = &mut out;
                let out = [
                    &mut a[target.clone()],
                    &mut b[target.clone()],
                    &mut c[target.clone()],
                    &mut d[target],
                ];
                simd::horizontal4(
                    self.level,
                    [source(0), source(1), source(2), source(3)],
                    &piece.starts,
                    weights,
                    out,
                );
            } else {
                for (i, out) in out.iter_mut().enumerate().take(count) {
                    simd::horizontal(
                        self.level,
                        source(i),
                        &piece.starts,
                        weights,
                        &mut out[target.clone()],
                    );
                }
            }
        }
        if opaque_bytes {
            // As for four rows: the sum of the weights, which it was, differs from 1 by rounding.
            let pixels = out
                .into_iter()
                .take(count)
                .flat_map(|row| row.as_chunks_mut::<4>().0);
            pixels.for_each(|[.., alpha]| *alpha = 1.0);
        }
    }

    fn scratch_floats(&self) -> usize {
        let widest = self
            .pieces
            .iter()
            .map(|piece| piece.source.len())
            .max()
            .unwrap_or(0);
        (widest * 4 + PADDING) * 4
    }
}

/// Groups outputs so that what they read together is about [`PIECE`] pixels.
fn cut(starts: &[u32], taps: usize, samples: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut first = 0;
    while let Some(&base) = starts.get(first) {
        let base = base as usize;
        let fits = |start: &&u32| **start as usize + taps <= base + PIECE.max(taps);
        let count = starts[first..].iter().take_while(fits).count().max(1);
        let group = &starts[first..first + count];
        let end = group
            .iter()
            .map(|start| *start as usize + taps)
            .max()
            .unwrap_or(base + taps)
            .min(samples);
        let low = group
            .iter()
            .map(|start| *start as usize)
            .min()
            .unwrap_or(base);
        pieces.push(Piece {
            outputs: first..first + count,
            source: low..end,
            starts: group.iter().map(|start| start - low as u32).collect(),
        });
        first += count;
    }
    pieces
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
        let width = self.output.size.width() as usize * 4;
        let (source, gathered) = scratch
            .floats(self.scratch_floats() + width * 4)
            .split_at_mut(self.scratch_floats());
        let range = out.range();
        let mut y = range.start;
        while y < range.end {
            let rows = y..(y + 4 - y % 4).min(range.end);
            if rows.len() == 4
                && let Some(four) = out.four_rows_mut_f32(y)
            {
                self.filter(input, rows.clone(), four, source);
            } else {
                // Rows that do not lie one after the other in the ring are gathered in scratch.
                let (a, rest) = gathered.split_at_mut(width);
                let (b, rest) = rest.split_at_mut(width);
                let (c, d) = rest.split_at_mut(width);
                self.filter(
                    input,
                    rows.clone(),
                    [&mut *a, &mut *b, &mut *c, &mut *d],
                    source,
                );
                for (y, filtered) in rows.clone().zip([a, b, c, d]) {
                    out.row_mut_f32(y).copy_from_slice(filtered);
                }
            }
            y = rows.end;
        }
    }
}

impl fmt::Display for Horizontal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::layout::Alpha;
    use crate::resample::Filter;
    use crate::{JobControl, RowBuf};

    #[test]
    fn pieces_cover_all_outputs_and_never_reach_outside_their_source() {
        for (samples, out) in [
            (4032u32, 1600u32),
            (4032, 7),
            (10, 400),
            (1, 5),
            (5, 1),
            (1000, 1000),
        ] {
            let axis = Axis {
                samples,
                from: 0.0,
                to: f64::from(samples),
                out,
                filter: Filter::Lanczos,
                sharpen: 0.0,
                block: 1,
            };
            let (starts, weights) = Weights::new(&axis).packed(0, samples);
            let taps = weights.len() / starts.len();
            let pieces = cut(&starts, taps, samples as usize);
            assert_eq!(
                pieces.iter().map(|p| p.outputs.len()).sum::<usize>(),
                starts.len()
            );
            for piece in &pieces {
                assert!(piece.source.end <= samples as usize);
                for start in &piece.starts {
                    assert!(
                        *start as usize + taps <= piece.source.len() + PADDING / 4,
                        "{samples}->{out}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_flat_row_stays_flat_across_pieces() {
        let info = FrameInfo::bgra8(Size::new(3000, 5).unwrap(), Alpha::Opaque);
        let mut input = RowBuf::new(info, 5, &JobControl::default()).unwrap();
        let mut rows = input.advance(0..5, 0);
        (0..5).for_each(|y| rows.row_mut(y).fill(200));
        let axis = Axis {
            samples: 3000,
            from: 0.0,
            to: 3000.0,
            out: 1100,
            filter: Filter::Robidoux,
            sharpen: 0.0,
            block: 1,
        };
        let stage = Horizontal::new(info, &axis, WorkingSpace::Srgb, SimdLevel::detect()).unwrap();
        let mut out = RowBuf::new(stage.output(), 5, &JobControl::default()).unwrap();
        stage.run(
            &[input.rows(0..5)],
            &mut out.advance(0..5, 0),
            &mut Scratch::default(),
        );
        let rows = out.rows(0..5);
        for y in 0..5 {
            for [colors @ .., alpha] in rows.row_f32(y).as_chunks::<4>().0 {
                assert!(colors.iter().all(|v| (v - 200.0 / 255.0).abs() < 1e-6));
                assert_eq!(*alpha, 1.0, "opaque, whatever the fourth byte was");
            }
        }
    }
}
