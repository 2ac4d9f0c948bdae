//! Stored rows to B, G, R, A.

use super::header::{Facts, Masks};

type Pixel = [u8; 4];

/// How to read a row.
pub(super) enum Expander {
    /// Indices of 1, 2, 4 or 8 bits.
    Table {
        bits: u16,
        pixels: Box<[Pixel; 256]>,
    },
    /// Pixels of two bytes.
    Masked16([Channel; 4]),
    /// B, G, R.
    Bgr,
    /// B, G, R and a byte without meaning.
    Bgrx,
    /// Pixels of four bytes.
    Masked32([Channel; 4]),
}

/// Where a channel is within a pixel; a mask of 0 means: always full for alpha, always 0 for colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channel {
    mask: u32,
    shift: u32,
    /// The largest value; never 0.
    top: u64,
    absent: u8,
}

impl Channel {
    fn new(mask: u32, absent: u8) -> Channel {
        let shift = if mask == 0 { 0 } else { mask.trailing_zeros() };
        Channel {
            mask,
            shift,
            top: u64::from((mask >> shift).max(1)),
            absent,
        }
    }

    /// The value of a pixel, spread to 0..=255 and rounded.
    fn of(&self, pixel: u32) -> u8 {
        if self.mask == 0 {
            return self.absent;
        }
        let value = u64::from((pixel & self.mask) >> self.shift);
        ((value * 255 + self.top / 2) / self.top) as u8
    }
}

fn channels(masks: Masks) -> [Channel; 4] {
    let [red, green, blue, alpha] = masks;
    [
        Channel::new(blue, 0),
        Channel::new(green, 0),
        Channel::new(red, 0),
        Channel::new(alpha, 255),
    ]
}

impl Expander {
    pub(super) fn new(facts: &Facts) -> Expander {
        match facts.bits {
            16 => Expander::Masked16(channels(facts.masks)),
            24 => Expander::Bgr,
            32 if facts.masks == [0x00FF_0000, 0xFF00, 0xFF, 0] => Expander::Bgrx,
            32 => Expander::Masked32(channels(facts.masks)),
            bits => Expander::Table {
                bits,
                pixels: facts.palette.clone(),
            },
        }
    }

    /// Fills a row of pixels from stored bytes.
    pub(super) fn expand(&self, raw: &[u8], bgra: &mut [u8]) {
        let out = bgra.as_chunks_mut::<4>().0;
        match self {
            Expander::Table { bits, pixels } => packed(raw, out, *bits, pixels),
            Expander::Masked16(channels) => {
                for (bytes, target) in raw.as_chunks::<2>().0.iter().zip(out) {
                    let pixel = u32::from(u16::from_le_bytes(*bytes));
                    *target = channels.map(|channel| channel.of(pixel));
                }
            }
            Expander::Bgr => {
                for ([b, g, r], target) in raw.as_chunks::<3>().0.iter().zip(out) {
                    *target = [*b, *g, *r, 255];
                }
            }
            Expander::Bgrx => {
                for ([b, g, r, _], target) in raw.as_chunks::<4>().0.iter().zip(out) {
                    *target = [*b, *g, *r, 255];
                }
            }
            Expander::Masked32(channels) => {
                for (bytes, target) in raw.as_chunks::<4>().0.iter().zip(out) {
                    let pixel = u32::from_le_bytes(*bytes);
                    *target = channels.map(|channel| channel.of(pixel));
                }
            }
        }
    }
}

fn packed(raw: &[u8], out: &mut [Pixel], bits: u16, pixels: &[Pixel; 256]) {
    let bits = u32::from(bits.clamp(1, 8));
    let mask = (1u32 << bits) - 1;
    let per_byte = (8 / bits) as usize;
    for (byte, targets) in raw.iter().zip(out.chunks_mut(per_byte)) {
        let mut shift = 8;
        for target in targets {
            shift -= bits;
            let index = u32::from(*byte) >> shift & mask;
            if let Some(pixel) = pixels.get(index as usize) {
                *target = *pixel;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_of_any_width_are_spread_and_rounded() {
        let five = Channel::new(0x7C00, 0);
        assert_eq!([0, 0x7C00, 0x4000].map(|p| five.of(p)), [0, 255, 132]);
        let ten = Channel::new(0x3FF0_0000, 0);
        assert_eq!(ten.of(0x3FF0_0000), 255);
        assert_eq!(ten.of(0x1FF0_0000), 127);
        assert_eq!(Channel::new(u32::MAX, 0).of(u32::MAX), 255);
        assert_eq!(Channel::new(0, 255).of(7), 255);
        // A mask with gaps means nothing, and must not do harm.
        assert_eq!(Channel::new(0x8000_0001, 0).of(u32::MAX), 255);
    }
}
