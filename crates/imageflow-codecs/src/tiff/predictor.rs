//! Undoing what was subtracted before compression (TIFF 6.0 §14; supplement 3 for floats).

use super::directory::Order;
use super::facts::{Facts, Predictor};

/// Turns differences back to samples, in a row of one plane of a strip or tile.
pub(super) struct Undo {
    predictor: Predictor,
    samples: usize,
    sample_bytes: usize,
    order: Order,
    before: Vec<u8>,
}

impl Undo {
    pub(super) fn new(facts: &Facts) -> Undo {
        Undo {
            predictor: facts.predictor,
            samples: facts.samples_together(),
            sample_bytes: (facts.depth.bits() / 8).max(1) as usize,
            order: facts.order,
            before: Vec::new(),
        }
    }

    pub(super) fn apply(&mut self, row: &mut [u8]) {
        match self.predictor {
            Predictor::None => {}
            Predictor::Horizontal => self.add(row),
            Predictor::Float => self.join(row),
        }
    }

    fn add(&self, row: &mut [u8]) {
        let (samples, order) = (self.samples, self.order);
        match self.sample_bytes {
            1 => add_bytes(row, samples),
            2 => add_words(row, samples, |a, b| match order {
                Order::Little => u16::from_le_bytes(a)
                    .wrapping_add(u16::from_le_bytes(b))
                    .to_le_bytes(),
                Order::Big => u16::from_be_bytes(a)
                    .wrapping_add(u16::from_be_bytes(b))
                    .to_be_bytes(),
            }),
            4 => add_words(row, samples, |a, b| match order {
                Order::Little => u32::from_le_bytes(a)
                    .wrapping_add(u32::from_le_bytes(b))
                    .to_le_bytes(),
                Order::Big => u32::from_be_bytes(a)
                    .wrapping_add(u32::from_be_bytes(b))
                    .to_be_bytes(),
            }),
            _ => add_words(row, samples, |a, b| match order {
                Order::Little => u64::from_le_bytes(a)
                    .wrapping_add(u64::from_le_bytes(b))
                    .to_le_bytes(),
                Order::Big => u64::from_be_bytes(a)
                    .wrapping_add(u64::from_be_bytes(b))
                    .to_be_bytes(),
            }),
        }
    }

    /// The bytes of all samples were sorted by significance, highest first, and subtracted from their neighbours.
    fn join(&mut self, row: &mut [u8]) {
        add_bytes(row, self.samples);
        self.before.clear();
        self.before.extend_from_slice(row);
        let count = row.len() / self.sample_bytes;
        let last = self.sample_bytes - 1;
        for (i, sample) in row.chunks_exact_mut(self.sample_bytes).enumerate() {
            for (byte, target) in sample.iter_mut().enumerate() {
                let significance = match self.order {
                    Order::Big => byte,
                    Order::Little => last - byte,
                };
                *target = self
                    .before
                    .get(significance * count + i)
                    .copied()
                    .unwrap_or(0);
            }
        }
    }
}

fn add_bytes(row: &mut [u8], samples: usize) {
    for i in samples..row.len() {
        if let Some(left) = row.get(i - samples).copied()
            && let Some(target) = row.get_mut(i)
        {
            *target = target.wrapping_add(left);
        }
    }
}

fn add_words<const N: usize>(
    row: &mut [u8],
    samples: usize,
    sum: impl Fn([u8; N], [u8; N]) -> [u8; N],
) {
    let words = row.as_chunks_mut::<N>().0;
    for i in samples..words.len() {
        if let Some(left) = words.get(i - samples).copied()
            && let Some(target) = words.get_mut(i)
        {
            *target = sum(*target, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(predictor: Predictor, sample_bytes: usize, order: Order, row: &[u8]) -> Vec<u8> {
        let mut row = row.to_vec();
        Undo {
            predictor,
            samples: 1,
            sample_bytes,
            order,
            before: Vec::new(),
        }
        .apply(&mut row);
        row
    }

    #[test]
    fn differences_become_samples() {
        let horizontal = Predictor::Horizontal;
        assert_eq!(undone(horizontal, 1, Order::Big, &[1, 2, 255]), [1, 3, 2]);
        assert_eq!(
            undone(horizontal, 2, Order::Little, &[255, 0, 1, 0]),
            [255, 0, 0, 1]
        );
        assert_eq!(
            undone(horizontal, 2, Order::Big, &[0, 255, 0, 1]),
            [0, 255, 1, 0]
        );
    }

    #[test]
    fn bytes_of_floats_come_together() {
        // 1.0 and -2.0: 3F 80 00 00 and C0 00 00 00, sorted and subtracted.
        let row = [0x3F, 0x81, 0xC0, 0x80, 0, 0, 0, 0];
        let expected: Vec<u8> = [1.0f32, -2.0]
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect();
        assert_eq!(undone(Predictor::Float, 4, Order::Big, &row), expected);
        let expected: Vec<u8> = [1.0f32, -2.0]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        assert_eq!(undone(Predictor::Float, 4, Order::Little, &row), expected);
    }
}
