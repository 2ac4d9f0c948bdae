//! Rows of one or more planes to samples side by side: of 8 bits, or of 16.

use super::directory::Order;
use super::facts::{Depth, Facts};

/// Takes from the planes what makes a pixel: its colours, and its alpha as the last.
#[derive(Clone, Debug)]
pub(super) struct Unpacker {
    depth: Depth,
    order: Order,
    /// Samples of a pixel in a plane.
    together: usize,
    /// The plane of each sample, and its place there.
    places: Vec<(usize, usize)>,
}

/// The planes that matter, in order.
pub(super) fn planes(facts: &Facts) -> Vec<usize> {
    if !facts.is_planar {
        return vec![0];
    }
    (0..facts.model.colors())
        .chain(facts.alpha.map(|alpha| alpha.at))
        .collect()
}

impl Unpacker {
    pub(super) fn new(facts: &Facts) -> Unpacker {
        let wanted = (0..facts.model.colors()).chain(facts.alpha.map(|alpha| alpha.at));
        let places = if facts.is_planar {
            wanted.enumerate().map(|(plane, _)| (plane, 0)).collect()
        } else {
            wanted.map(|sample| (0, sample)).collect()
        };
        Unpacker {
            depth: facts.depth,
            order: facts.order,
            together: facts.samples_together(),
            places,
        }
    }

    /// Samples of a pixel.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// Samples of up to 8 bits, as they are.
    pub(super) fn bytes(&self, planes: &[Vec<u8>], width: usize, out: &mut Vec<u8>) {
        let count = self.count();
        out.resize(width * count, 0);
        let bits = match self.depth {
            Depth::Bits(bits) => usize::from(bits),
            _ => return,
        };
        if bits == 8 && self.together == count && planes.len() == 1 {
            if let Some(plane) = planes.first().and_then(|plane| plane.get(..out.len())) {
                out.copy_from_slice(plane);
            }
            return;
        }
        for (place, (plane, sample)) in self.places.iter().enumerate() {
            let Some(plane) = planes.get(*plane) else {
                continue;
            };
            let targets = out.iter_mut().skip(place).step_by(count);
            if bits == 8 {
                let values = plane.iter().skip(*sample).step_by(self.together);
                targets
                    .zip(values)
                    .for_each(|(target, value)| *target = *value);
            } else {
                for (x, target) in targets.enumerate() {
                    // At most 7 bits.
                    *target = packed(plane, (x * self.together + sample) * bits, bits) as u8;
                }
            }
        }
    }

    /// Samples of more than 8 bits, spread to 0..=65535; floats are clamped to 0..=1.
    pub(super) fn words(&self, planes: &[Vec<u8>], width: usize, out: &mut Vec<u16>) {
        let count = self.count();
        out.resize(width * count, 0);
        for (place, (plane, sample)) in self.places.iter().enumerate() {
            let Some(plane) = planes.get(*plane) else {
                continue;
            };
            let targets = out.iter_mut().skip(place).step_by(count);
            let (order, together, sample) = (self.order, self.together, *sample);
            match self.depth {
                Depth::Bits(16) => each(plane, together, sample, targets, |b| order.u16(b)),
                Depth::Bits(bits) => {
                    let bits = usize::from(bits);
                    let top = (1u32 << bits) - 1;
                    for (x, target) in targets.enumerate() {
                        let value = packed(plane, (x * together + sample) * bits, bits);
                        *target = ((value * 65535 + top / 2) / top) as u16;
                    }
                }
                Depth::Long => each(plane, together, sample, targets, |b| {
                    (order.u32(b) >> 16) as u16
                }),
                Depth::Float(16) => each(plane, together, sample, targets, |b| {
                    level(f64::from(half(order.u16(b))))
                }),
                Depth::Float(32) => each(plane, together, sample, targets, |b| {
                    level(f64::from(f32::from_bits(order.u32(b))))
                }),
                Depth::Float(_) => each(plane, together, sample, targets, |b| {
                    level(f64::from_bits(order.u64(b)))
                }),
            }
        }
    }
}

/// Every `together`-th word from the `sample`-th.
fn each<'a, const N: usize>(
    plane: &[u8],
    together: usize,
    sample: usize,
    targets: impl Iterator<Item = &'a mut u16>,
    value: impl Fn([u8; N]) -> u16,
) {
    let words = plane.as_chunks::<N>().0.iter();
    for (target, word) in targets.zip(words.skip(sample).step_by(together)) {
        *target = value(*word);
    }
}

/// `bits` bits, at most 16, from the `at`-th of a row, highest first.
fn packed(row: &[u8], at: usize, bits: usize) -> u32 {
    let byte = |i: usize| row.get(at / 8 + i).map_or(0, |b| u32::from(*b));
    let three = byte(0) << 16 | byte(1) << 8 | byte(2);
    three >> (24 - at % 8 - bits) & ((1 << bits) - 1)
}

/// A float as a level of 16 bits; what is no number is 0.
fn level(value: f64) -> u16 {
    // The cast takes 0 for no number.
    (value.clamp(0.0, 1.0) * 65535.0 + 0.5) as u16
}

/// A float of 16 bits (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let fraction = f32::from(bits & 1023);
    sign * match exponent {
        0 => fraction * (-24f32).exp2(),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        exponent => (1024.0 + fraction) * ((exponent - 25) as f32).exp2(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_what_ieee_says() {
        for (bits, value) in [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x7BFF, 65504.0),
        ] {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7E00).is_nan());
        assert_eq!([f64::NAN, -1.0, 0.5, 9.0].map(level), [0, 0, 32768, 65535]);
    }

    #[test]
    fn samples_of_odd_widths_are_found() {
        let row = [0b1010_1111, 0b0000_1100, 0b1110_0000];
        assert_eq!(packed(&row, 0, 12), 0b1010_1111_0000);
        assert_eq!(packed(&row, 12, 12), 0b1100_1110_0000);
        assert_eq!(packed(&row, 3, 2), 0b01);
        assert_eq!(packed(&row, 23, 16), 0);
    }

    #[test]
    fn planes_and_padding_samples_are_sorted_out() {
        let unpacker = Unpacker {
            depth: Depth::Bits(8),
            order: Order::Big,
            together: 5,
            places: vec![(0, 0), (0, 1), (0, 2), (0, 4)],
        };
        let mut out = Vec::new();
        unpacker.bytes(&[(1..=10).collect()], 2, &mut out);
        assert_eq!(out, [1, 2, 3, 5, 6, 7, 8, 10]);
        let planar = Unpacker {
            depth: Depth::Bits(16),
            order: Order::Big,
            together: 1,
            places: vec![(0, 0), (1, 0)],
        };
        let mut out = Vec::new();
        planar.words(&[vec![1, 0, 2, 0], vec![3, 0, 4, 0]], 2, &mut out);
        assert_eq!(out, [256, 768, 512, 1024]);
    }
}
