//! Row filters (PNG §9) and choosing among them.
#![allow(clippy::indexing_slicing, reason = "kernels over slices of one length")]

/// How the filter of each row is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Strategy {
    /// Always this filter type, 0..=4.
    Fixed(u8),
    /// The smallest sum of absolute differences (PNG §12.8).
    MinSum,
    /// The smallest entropy of the filtered bytes: slower, better for drawings.
    MinEntropy,
}

/// Filters rows; remembers the row above.
#[derive(Debug)]
pub(super) struct Filter {
    strategy: Strategy,
    /// Bytes to the left neighbour: whole bytes of a pixel, at least 1.
    distance: usize,
    above: Vec<u8>,
    best: Vec<u8>,
    trial: Vec<u8>,
}

impl Filter {
    pub(super) fn new(strategy: Strategy, distance: usize, row_bytes: usize) -> Filter {
        Filter {
            strategy,
            distance: distance.max(1),
            above: vec![0; row_bytes],
            best: vec![0; row_bytes],
            trial: vec![0; row_bytes],
        }
    }

    /// Filters a row and gives its type and bytes.
    pub(super) fn row(&mut self, row: &[u8]) -> (u8, &[u8]) {
        let kind = match self.strategy {
            Strategy::Fixed(kind) => {
                apply(kind, self.distance, row, &self.above, &mut self.best);
                kind
            }
            Strategy::MinSum => self.choose(row, sum),
            Strategy::MinEntropy => self.choose(row, entropy),
        };
        self.above.copy_from_slice(row);
        (kind, &self.best)
    }

    fn choose(&mut self, row: &[u8], cost: fn(&[u8]) -> u64) -> u8 {
        let mut best = (u64::MAX, 0);
        // Up first: of equals it is the one whose zeroes repeat those of the row above. Paeth before the costlier rest.
        for kind in [2, 4, 1, 3, 0] {
            apply(kind, self.distance, row, &self.above, &mut self.trial);
            let price = cost(&self.trial);
            if price < best.0 {
                best = (price, kind);
                std::mem::swap(&mut self.best, &mut self.trial);
            }
        }
        best.1
    }
}

/// Fills `out` with the row minus what filter `kind` predicts.
fn apply(kind: u8, distance: usize, row: &[u8], above: &[u8], out: &mut [u8]) {
    let length = row.len();
    let (above, out) = (&above[..length], &mut out[..length]);
    let head = distance.min(length);
    // The first pixel has no left neighbour: it counts as zero, and Paeth then predicts the pixel above.
    for i in 0..head {
        out[i] = match kind {
            0 | 1 => row[i].wrapping_sub(0),
            3 => row[i].wrapping_sub(above[i] / 2),
            _ => row[i].wrapping_sub(above[i]),
        };
    }
    let tail = length - head;
    let (current, left) = (&row[head..], &row[..tail]);
    let (up, corner) = (&above[head..], &above[..tail]);
    let out = &mut out[head..];
    match kind {
        0 => out.copy_from_slice(current),
        1 => {
            for i in 0..tail {
                out[i] = current[i].wrapping_sub(left[i]);
            }
        }
        2 => {
            for i in 0..tail {
                out[i] = current[i].wrapping_sub(up[i]);
            }
        }
        3 => {
            for i in 0..tail {
                out[i] =
                    current[i].wrapping_sub(((u16::from(left[i]) + u16::from(up[i])) / 2) as u8);
            }
        }
        _ => {
            for i in 0..tail {
                out[i] = current[i].wrapping_sub(paeth(left[i], up[i], corner[i]));
            }
        }
    }
}

/// The neighbour nearest to left + up − corner; ties go to left, then up.
#[inline(always)]
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (pa, pb, pc) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    let b_or_c = if pb <= pc { up } else { corner };
    if pa <= pb && pa <= pc { left } else { b_or_c }
}

fn sum(bytes: &[u8]) -> u64 {
    // Blocks of 128 keep the partial sums in 16 bits, which vectorises.
    bytes
        .chunks(128)
        .map(|block| {
            u64::from(
                block
                    .iter()
                    .map(|v| u16::from(v.cast_signed().unsigned_abs()))
                    .sum::<u16>(),
            )
        })
        .sum()
}

/// Bits of the bytes under their own histogram, times 2^10, without the constant part.
fn entropy(bytes: &[u8]) -> u64 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f32;
    let bits: f32 = counts
        .iter()
        .filter(|n| **n > 0)
        .map(|n| *n as f32 * (total / *n as f32).log2())
        .sum();
    (bits * 1024.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo(kind: u8, distance: usize, filtered: &[u8], above: &[u8]) -> Vec<u8> {
        let mut out = vec![0u8; filtered.len()];
        for i in 0..filtered.len() {
            let left = if i >= distance { out[i - distance] } else { 0 };
            let corner = if i >= distance {
                above[i - distance]
            } else {
                0
            };
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => ((u16::from(left) + u16::from(above[i])) / 2) as u8,
                _ => paeth(left, above[i], corner),
            };
            out[i] = filtered[i].wrapping_add(guess);
        }
        out
    }

    #[test]
    fn every_filter_is_undone_by_its_inverse() {
        let mut seed = 1u32;
        let mut noise = |n: usize| -> Vec<u8> {
            (0..n)
                .map(|_| {
                    seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
                    (seed >> 24) as u8
                })
                .collect()
        };
        for distance in [1, 2, 3, 4] {
            for length in [1, 2, 3, 4, 5, 40, 300] {
                let (above, row) = (noise(length), noise(length));
                for kind in 0..5 {
                    let mut out = vec![0; length];
                    apply(kind, distance, &row, &above, &mut out);
                    assert_eq!(
                        undo(kind, distance, &out, &above),
                        row,
                        "{kind} {distance} {length}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_smooth_row_under_the_same_row_is_all_zeroes() {
        let row: Vec<u8> = (0..90).collect();
        for strategy in [Strategy::MinSum, Strategy::MinEntropy] {
            let mut filter = Filter::new(strategy, 3, row.len());
            filter.row(&row);
            let (kind, bytes) = filter.row(&row);
            assert_eq!((kind, bytes.iter().all(|v| *v == 0)), (2, true));
        }
    }

    #[test]
    fn the_sum_is_of_absolute_values() {
        assert_eq!(sum(&[0, 1, 255, 128]), 130);
        assert_eq!(sum(&[128; 1000]), 128_000);
    }
}
