//! Pictures one pixel wide or high, made of files with that pixel doubled.
//!
//! A JPEG XL frame may reach beyond its picture (ISO 18181-1, frame header, `have_crop`): the headers are rewritten bit by bit
//! so that the picture has its true size and the frame keeps the doubled one. The pixels are not touched.

use imageflow_pixels::Size;

use super::channels::Channels;

/// Widths of the four ways to write a side minus one in the image header.
const SIDE_BITS: [u32; 4] = [9, 13, 18, 30];
/// Offsets and widths of the four ways to write a side in the frame header.
const CROP: [(u32, u32); 4] = [(0, 8), (256, 11), (2304, 14), (18688, 30)];

/// Trims the picture of a file by `zune-jpegxl`, made for `size` with sides of 1 doubled; `None` when the file is not laid out
/// as that encoder does.
pub(super) fn trim(file: &[u8], size: Size, channels: Channels) -> Option<Vec<u8>> {
    let mut bits = Rewrite::of(file);
    let alpha = |count: u32| if channels.alpha { count } else { 0 };

    // Signature, `small`; height, `ratio`; width.
    bits.copy(16 + 1)?;
    bits.replace_side(size.height())?;
    bits.copy(3)?;
    bits.replace_side(size.width())?;
    // `all_default`, `extra_fields`, bit depth (3), 16-bit buffers; extra channels; `xyb_encoded`; colour; extensions;
    // `default_m`.
    bits.copy(6 + 2 + alpha(1) + 1 + if channels.gray { 15 } else { 1 } + 2 + 1)?;
    bits.align()?;

    // `all_default`, type, encoding, flags, `do_YCbCr`, upsampling; alpha's upsampling; group size, passes.
    bits.copy(1 + 2 + 1 + 2 + 1 + 2 + alpha(2) + 2 + 2)?;
    (bits.read(1)? == 0).then_some(())?;
    bits.write(1, 1);
    for side in [0, 0, size.width().max(2), size.height().max(2)] {
        bits.write_crop(side)?;
    }
    // Blending; alpha's; `is_last`, name; loop filter with its extensions; extensions; permutation of the sections.
    bits.copy(2 + alpha(2) + 1 + 2 + (1 + 1 + 2 + 2) + 2 + 1)?;
    bits.align()?;
    bits.finish()
}

/// Bits in, bits out, the first in the lowest place.
struct Rewrite<'a> {
    from: &'a [u8],
    /// Bits read.
    at: usize,
    to: Vec<u8>,
    /// Bits written.
    end: usize,
}

impl Rewrite<'_> {
    fn of(from: &[u8]) -> Rewrite<'_> {
        Rewrite {
            from,
            at: 0,
            to: Vec::with_capacity(from.len() + 32),
            end: 0,
        }
    }

    fn read(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for place in 0..count {
            let byte = *self.from.get(self.at / 8)?;
            value |= u32::from(byte >> (self.at % 8) & 1) << place;
            self.at += 1;
        }
        Some(value)
    }

    fn write(&mut self, value: u32, count: u32) {
        for place in 0..count {
            if self.end.is_multiple_of(8) {
                self.to.push(0);
            }
            if let Some(byte) = self.to.last_mut() {
                *byte |= ((value >> place & 1) as u8) << (self.end % 8);
            }
            self.end += 1;
        }
    }

    fn copy(&mut self, count: u32) -> Option<()> {
        for _ in 0..count {
            let bit = self.read(1)?;
            self.write(bit, 1);
        }
        Some(())
    }

    /// Reads a side of the image header and writes another in its place.
    fn replace_side(&mut self, side: u32) -> Option<()> {
        let old = self.read(2)?;
        self.read(*SIDE_BITS.get(old as usize)?)?;
        let value = side.checked_sub(1)?;
        let (new, bits) = (0..).zip(SIDE_BITS).find(|(_, bits)| value >> bits == 0)?;
        self.write(new, 2);
        self.write(value, bits);
        Some(())
    }

    /// Writes a side or an origin of the frame header.
    fn write_crop(&mut self, value: u32) -> Option<()> {
        let (selector, (offset, bits)) = (0..).zip(CROP).find(|(_, (offset, bits))| {
            value
                .checked_sub(*offset)
                .is_some_and(|rest| rest >> bits == 0)
        })?;
        self.write(selector, 2);
        self.write(value - offset, bits);
        Some(())
    }

    /// Goes on at the next whole byte on both sides; what is skipped must be zero.
    fn align(&mut self) -> Option<()> {
        while !self.at.is_multiple_of(8) {
            (self.read(1)? == 0).then_some(())?;
        }
        self.end = self.end.next_multiple_of(8);
        Some(())
    }

    /// Appends the rest.
    fn finish(mut self) -> Option<Vec<u8>> {
        self.to.extend_from_slice(self.from.get(self.at / 8..)?);
        Some(self.to)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bits_go_in_and_out_lowest_first() {
        let mut bits = Rewrite::of(&[0b1010_0110, 0xFF]);
        assert_eq!(bits.read(3), Some(0b110));
        bits.copy(5).unwrap();
        bits.write(0b11, 2);
        bits.align().unwrap();
        assert_eq!(bits.finish().unwrap(), [0b111_0100 & 0x7F, 0xFF]);
    }

    #[test]
    fn what_is_no_file_of_this_encoder_is_refused() {
        let size = Size::new(1, 1).unwrap();
        let channels = Channels {
            gray: false,
            alpha: false,
        };
        assert!(trim(&[], size, channels).is_none());
        assert!(trim(&[0xFF; 40], size, channels).is_none());
    }
}
