//! Histograms, and the stretch of levels that is computed from them.

use std::fmt;
use std::ops::Range;

use crate::contract::{Scratch, Stage};
use crate::{FrameInfo, Rows, RowsMut};

/// How often each value occurs, per stored colour channel B, G, R; alpha counts for nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Histogram {
    counts: [[u64; 256]; 3],
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram {
            counts: [[0; 256]; 3],
        }
    }
}

impl Histogram {
    /// Counts the pixels of a byte row.
    pub fn add_row(&mut self, row: &[u8]) {
        let [blue, green, red] = &mut self.counts;
        for p in row.chunks_exact(4) {
            blue[usize::from(p[0])] += 1;
            green[usize::from(p[1])] += 1;
            red[usize::from(p[2])] += 1;
        }
    }

    /// The tables that stretch every channel between the values that more than `threshold` of all pixels lie below and
    /// above: `v → round((v − low)·255/(high − low))`, clamped. A channel without such a range stays as it is.
    pub fn stretch(&self, threshold: f32) -> LevelTables {
        LevelTables(self.counts.each_ref().map(|counts| {
            let total: u64 = counts.iter().sum();
            let passes = |count: u64| count as f64 / total.max(1) as f64 > f64::from(threshold);
            let passed = |mut values: Box<dyn Iterator<Item = usize>>| {
                let mut sum = 0;
                values.find(|v| {
                    sum += counts[*v];
                    passes(sum)
                })
            };
            let low = passed(Box::new(0..256)).unwrap_or(0);
            let high = passed(Box::new((0..256).rev())).unwrap_or(255);
            std::array::from_fn(|v| {
                if high <= low {
                    return v as u8;
                }
                let scaled = v.saturating_sub(low) as f64 * 255.0 / (high - low) as f64;
                (scaled + 0.5) as u8
            })
        }))
    }
}

/// What every value becomes, per stored colour channel B, G, R.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LevelTables(pub [[u8; 256]; 3]);

/// Replaces values by tables; alpha stays.
#[derive(Debug)]
pub struct Levels {
    input: FrameInfo,
    tables: Box<LevelTables>,
}

impl Levels {
    /// Makes the stage.
    pub fn new(input: FrameInfo, tables: LevelTables) -> Levels {
        Levels {
            input,
            tables: Box::new(tables),
        }
    }
}

impl Stage for Levels {
    fn output(&self) -> FrameInfo {
        self.input
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let [blue, green, red] = &self.tables.0;
        for y in out.range() {
            let source = input.row(y);
            for (d, s) in out
                .row_mut(y)
                .chunks_exact_mut(4)
                .zip(source.chunks_exact(4))
            {
                d[0] = blue[usize::from(s[0])];
                d[1] = green[usize::from(s[1])];
                d[2] = red[usize::from(s[2])];
                d[3] = s[3];
            }
        }
    }
}

impl fmt::Display for Levels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("levels")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Alpha;
    use crate::ops::testing::{frame, grays, run};

    fn tables(values: &[u8], threshold: f32) -> LevelTables {
        let mut histogram = Histogram::default();
        histogram.add_row(&grays(values).concat());
        histogram.stretch(threshold)
    }

    #[test]
    fn the_range_in_use_becomes_the_whole_range() {
        let values = [50, 50, 100, 150, 150];
        let input = frame(5, Alpha::Opaque, &grays(&values));
        let stage = Levels::new(*input.info(), tables(&values, 0.006));
        assert_eq!(run(&stage, &[&input]), grays(&[0, 0, 128, 255, 255]));
    }

    #[test]
    fn rare_values_do_not_count() {
        let mut values = vec![100; 500];
        values.extend([200; 500]);
        values.extend([0, 255]);
        assert_eq!(tables(&values, 0.006).0[0][100], 0);
        assert_eq!(tables(&values, 0.0).0[0][100], 100);
    }

    #[test]
    fn a_flat_channel_stays() {
        assert_eq!(tables(&[7; 9], 0.006).0[1][7], 7);
        // Nothing passes: the whole range is in use.
        assert_eq!(tables(&[7; 9], 2.0).0[1][7], 7);
    }
}
