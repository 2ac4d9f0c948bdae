//! The weight mathematics, in one place.
//!
//! An axis is a real interval of source samples (see [`crate::RectF`]) that becomes a number of output samples. Taps outside
//! the interval are dropped and the rest renormalised. A sample that the interval covers only in part counts for that part,
//! at the middle of it.

use super::filter::Filter;

/// One axis of a resample.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Axis {
    /// Samples of the source along this axis.
    pub samples: u32,
    /// Where the interval begins, `0 <= from < to`.
    pub from: f64,
    /// Where it ends, `to <= samples`.
    pub to: f64,
    /// Output samples.
    pub out: u32,
    /// The filter.
    pub filter: Filter,
    /// Sharpening in percent, 0..=100.
    pub sharpen: f32,
    /// Pixels along this axis that each sample is the mean of; 1 for plain pixels. Weights undo the softening.
    pub block: u32,
}

/// The taps of one output sample: `weights[i]` belongs to source sample `start + i`.
#[derive(Clone, PartialEq, Debug)]
pub struct Taps {
    /// First source sample.
    pub start: u32,
    /// Weights, summing to 1.
    pub weights: Vec<f32>,
}

/// Weights of an axis, one [`Taps`] an output sample.
#[derive(Clone, PartialEq, Debug)]
pub struct Weights {
    taps: Vec<Taps>,
}

/// Weights smaller than this are treated as zero.
const NEGLIGIBLE: f64 = 2e-8;

/// The largest share of the negative weights. At 0.95 the weights of both axes are together 1521 times as large as their sum,
/// and the 24 bits of an `f32` still tell the colour at a transparent edge; at the 0.9999 of imageflow 2.x they are 4·10⁸ times
/// as large and tell none. No picture is of use at either.
const MOST_NEGATIVE: f64 = 0.95;

impl Weights {
    /// Computes the weights of an axis.
    pub fn new(axis: &Axis) -> Weights {
        let kernel = axis.filter.kernel();
        let scale = f64::from(axis.out) / (axis.to - axis.from);
        let d = scale.min(1.0);
        let reach = kernel.window() / d + 1e-4;
        let first = axis.from.floor() as i64;
        let last = (axis.to.ceil() as i64).min(i64::from(axis.samples)) - 1;
        let natural = kernel.negative_ratio();
        let target = natural
            .max(f64::from(axis.sharpen.clamp(0.0, 100.0)) / 100.0)
            .min(MOST_NEGATIVE);
        let taps = (0..axis.out)
            .map(|o| {
                let c = axis.from + (f64::from(o) + 0.5) / scale - 0.5;
                let lo = ((c - reach).ceil() as i64).clamp(first, last);
                let hi = ((c + reach).floor() as i64).clamp(lo, last);
                let mut w: Vec<f64> = (lo..=hi)
                    .map(|i| {
                        let (left, right) =
                            ((i as f64).max(axis.from), (i as f64 + 1.0).min(axis.to));
                        let value =
                            kernel.at(d * ((left + right) / 2.0 - 0.5 - c)) * (right - left);
                        if value.abs() <= NEGLIGIBLE {
                            0.0
                        } else {
                            value
                        }
                    })
                    .collect();
                normalise(&mut w, natural, target);
                let (lo, w) = undo_mean(axis.block, lo, w, first, last);
                trim(lo, w)
            })
            .collect();
        Weights { taps }
    }

    /// The taps, one entry an output sample.
    pub fn taps(&self) -> &[Taps] {
        &self.taps
    }

    /// Output samples.
    pub fn len(&self) -> usize {
        self.taps.len()
    }

    /// Never true for weights of a valid axis.
    pub fn is_empty(&self) -> bool {
        self.taps.is_empty()
    }

    /// First and one past the last source sample that any tap reads.
    pub fn span(&self) -> (u32, u32) {
        let start = self.taps.iter().map(|t| t.start).min().unwrap_or(0);
        let end = self
            .taps
            .iter()
            .map(|t| t.start + t.weights.len() as u32)
            .max()
            .unwrap_or(0);
        (start, end)
    }

    /// The form the horizontal kernels read: one start and the same even number of weights for every output sample, sources
    /// counted from `base`, of which there are `available` (plus two of padding). Returns starts and weights.
    pub fn packed(&self, base: u32, available: u32) -> (Vec<u32>, Vec<f32>) {
        let taps = self
            .taps
            .iter()
            .map(|t| t.weights.len())
            .max()
            .unwrap_or(1)
            .next_multiple_of(2);
        let mut starts = Vec::with_capacity(self.taps.len());
        let mut weights = vec![0.0; taps * self.taps.len()];
        for (t, out) in self.taps.iter().zip(weights.chunks_exact_mut(taps)) {
            let start = t.start - base;
            // Windows near the right end move left, so that all of them stay inside the row and its padding.
            let shifted = start.min((available + 1).saturating_sub(taps as u32));
            let lead = (start - shifted) as usize;
            for (o, w) in out.iter_mut().skip(lead).zip(&t.weights) {
                *o = *w;
            }
            starts.push(shifted);
        }
        (starts, weights)
    }
}

/// Corrects for samples that are means of `block` pixels.
///
/// A mean over one sample's width passes frequency f (cycles a sample) with `sinc(f) ≈ 1 − (1 − 1/block²)·(πf)²/6`; the taps
/// `[−a, 1+2a, −a]` with `a = (1 − 1/block²)/24` pass it with the inverse, to second order.
fn undo_mean(block: u32, lo: i64, w: Vec<f64>, first: i64, last: i64) -> (i64, Vec<f64>) {
    if block <= 1 || first == last {
        return (lo, w);
    }
    let a = (1.0 - 1.0 / f64::from(block).powi(2)) / 24.0;
    let start = (lo - 1).max(first);
    let end = (lo + w.len() as i64).min(last);
    let mut out = vec![0.0; (end - start + 1) as usize];
    for (i, weight) in (lo..).zip(w) {
        for (at, share) in [(i - 1, -a), (i, 1.0 + 2.0 * a), (i + 1, -a)] {
            // Beyond the interval its edge sample is repeated.
            out[(at.clamp(start, end) - start) as usize] += weight * share;
        }
    }
    (start, out)
}

/// Makes the weights sum to 1 and gives the negative ones the share that sharpening asks for.
fn normalise(w: &mut [f64], natural: f64, target: f64) {
    let sum: f64 = w.iter().sum();
    if sum.abs() <= NEGLIGIBLE {
        // No tap inside the kernel: the nearest sample.
        let middle = w.len() / 2;
        for (i, v) in w.iter_mut().enumerate() {
            *v = f64::from(u8::from(i == middle));
        }
        return;
    }
    let positive: f64 = w.iter().filter(|v| **v > 0.0).sum();
    let negative: f64 = w.iter().filter(|v| **v < 0.0).sum();
    let sharpened = target != natural && negative < 0.0 && positive > 0.0;
    for v in w {
        *v *= if !sharpened {
            1.0 / sum
        } else if *v > 0.0 {
            1.0 / (1.0 - target) / positive
        } else {
            -target / (1.0 - target) / negative
        };
    }
}

fn trim(lo: i64, w: Vec<f64>) -> Taps {
    let lead = w.iter().position(|v| *v != 0.0).unwrap_or(0);
    let end = w.iter().rposition(|v| *v != 0.0).map_or(w.len(), |i| i + 1);
    Taps {
        start: (lo + lead as i64) as u32,
        weights: w[lead..end].iter().map(|v| *v as f32).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(samples: u32, out: u32, filter: Filter, sharpen: f32) -> Axis {
        Axis {
            samples,
            from: 0.0,
            to: f64::from(samples),
            out,
            filter,
            sharpen,
            block: 1,
        }
    }

    fn near(taps: &Taps, start: u32, want: &[f32]) {
        assert_eq!(
            (taps.start, taps.weights.len()),
            (start, want.len()),
            "{taps:?}"
        );
        for (g, w) in taps.weights.iter().zip(want) {
            assert!((g - w).abs() < 1e-6, "{taps:?} against {want:?}");
        }
    }

    #[test]
    fn known_weights() {
        near(
            &Weights::new(&axis(8, 5, Filter::Robidoux, 0.0)).taps[0],
            0,
            &[0.569899, 0.418951, 0.024426, -0.013277],
        );
        near(
            &Weights::new(&axis(17, 11, Filter::Robidoux, 0.0)).taps[3],
            2,
            &[
                -0.002369, -0.009356, 0.278013, 0.556312, 0.195910, -0.018510,
            ],
        );
        near(
            &Weights::new(&axis(4, 1, Filter::Lanczos, 0.0)).taps[0],
            0,
            &[0.220116, 0.279884, 0.279884, 0.220116],
        );
        near(
            &Weights::new(&axis(2, 5, Filter::Ginseng, 0.0)).taps[1],
            0,
            &[0.914133, 0.085867],
        );
        let sharpened = [
            -0.088235, 0.039310, 0.197325, 0.351600, 0.351600, 0.197325, 0.039310, -0.088235,
        ];
        near(
            &Weights::new(&axis(8, 3, Filter::Mitchell, 15.0)).taps[1],
            0,
            &sharpened,
        );
    }

    #[test]
    fn weights_sum_to_one_for_every_filter_and_odd_size() {
        for filter in Filter::ALL {
            for (samples, out) in [(1, 1), (1, 9), (9, 1), (7, 5), (5, 7), (100, 3)] {
                for taps in Weights::new(&axis(samples, out, filter, 20.0)).taps() {
                    let sum: f32 = taps.weights.iter().sum();
                    assert!(
                        (sum - 1.0).abs() < 1e-5,
                        "{filter:?} {samples}->{out}: {sum}"
                    );
                    assert!(taps.start + taps.weights.len() as u32 <= samples);
                }
            }
        }
    }

    #[test]
    fn a_partly_covered_last_sample_counts_for_its_part() {
        // 2.5 samples to one, box filter: the half sample weighs half.
        let weights = Weights::new(&Axis {
            samples: 3,
            from: 0.0,
            to: 2.5,
            out: 1,
            filter: Filter::Box,
            sharpen: 0.0,
            block: 1,
        });
        near(&weights.taps[0], 0, &[0.4, 0.4, 0.2]);
    }

    #[test]
    fn packed_windows_stay_inside_the_row_and_its_padding() {
        for (samples, out) in [(10, 4), (3, 3), (5, 50), (1, 4), (400, 7)] {
            let weights = Weights::new(&axis(samples, out, Filter::Lanczos, 0.0));
            let (starts, packed) = weights.packed(0, samples);
            let taps = packed.len() / starts.len();
            assert!(taps % 2 == 0 && starts.iter().all(|s| s + taps as u32 <= samples + 2));
            for ((start, w), t) in starts.iter().zip(packed.chunks(taps)).zip(weights.taps()) {
                let lead = (t.start - start) as usize;
                assert_eq!(w[lead..lead + t.weights.len()], t.weights);
            }
        }
    }
}
