//! The data of one image: sub-blocks of LZW codes to rows of palette indices.

use weezl::decode::Decoder;
use weezl::{BitOrder, LzwStatus};

use super::blocks::Blocks;
use super::trouble::Trouble;

/// Decodes the data of the image whose descriptor was read last.
pub(super) struct Pixels<'a> {
    blocks: &'a mut Blocks,
    lzw: Decoder,
    /// Bytes left in the sub-block.
    left: usize,
    /// The last sub-block was passed.
    terminated: bool,
    /// No more indices come: the end code was seen, or the last sub-block was used up.
    ended: bool,
}

impl<'a> Pixels<'a> {
    pub(super) fn new(blocks: &'a mut Blocks) -> Result<Pixels<'a>, Trouble> {
        let bits = blocks.byte()?;
        if !(1..=8).contains(&bits) {
            return Err(Trouble::Broken(format!("{bits} bits per pixel")));
        }
        Ok(Pixels {
            blocks,
            lzw: Decoder::new(BitOrder::Lsb, bits),
            left: 0,
            terminated: false,
            ended: false,
        })
    }

    /// Decodes the next indices and tells how many there were: fewer than asked for when the data ends properly but early.
    pub(super) fn read(&mut self, indices: &mut [u8]) -> Result<usize, Trouble> {
        let mut got = 0;
        while !self.ended {
            let Some(rest) = indices.get_mut(got..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            let input = match self.left {
                // Codes and pixels may wait inside.
                0 => &[],
                left => self.blocks.peek(left)?,
            };
            let asked = input.len();
            let result = self.lzw.decode_bytes(input, rest);
            got += result.consumed_out;
            self.blocks.consume(result.consumed_in);
            self.left = self.left.saturating_sub(result.consumed_in);
            match result.status {
                Ok(LzwStatus::Done) => self.ended = true,
                // Also when nothing was consumed and nothing given: a code was moved inside.
                Ok(LzwStatus::Ok) => {}
                Ok(LzwStatus::NoProgress) if asked == 0 => {
                    self.left = usize::from(self.blocks.byte()?);
                    self.terminated = self.left == 0;
                    self.ended = self.terminated;
                }
                Ok(LzwStatus::NoProgress) => {
                    return Err(Trouble::broken("the LZW data makes no progress"));
                }
                Err(_) => return Err(Trouble::broken("invalid LZW code")),
            }
        }
        Ok(got)
    }

    /// Passes over what follows the last pixel. A file that ends here has lost none.
    pub(super) fn finish(self) -> Result<(), Trouble> {
        if self.terminated {
            return Ok(());
        }
        let skipped = self
            .blocks
            .skip(self.left)
            .and_then(|()| self.blocks.skip_sub_blocks());
        match skipped {
            Err(Trouble::Ended) => Ok(()),
            other => other,
        }
    }
}

/// The rows of an image in the order of its data (GIF89a appendix E).
pub(super) fn rows(height: u32, interlaced: bool) -> impl Iterator<Item = u32> {
    const PASSES: [(u32, usize); 4] = [(0, 8), (4, 8), (2, 4), (1, 2)];
    const PLAIN: [(u32, usize); 1] = [(0, 1)];
    let passes: &[(u32, usize)] = if interlaced { &PASSES } else { &PLAIN };
    passes
        .iter()
        .flat_map(move |(first, step)| (*first..height).step_by(*step))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use imageflow_pixels::JobControl;

    use super::*;
    use crate::input::{Bytes, Input};

    /// 5x10 pixels of one colour in twelve codes: every code gives more pixels than a row has left.
    #[test]
    fn codes_longer_than_rows_give_all_their_pixels() {
        let data = [2, 6, 0x84, 0x8F, 0xA9, 0xCB, 0x9D, 0x05, 0];
        for width in [1, 2, 5, 7, 50] {
            let input = Input::Memory(Bytes::Shared(data.as_slice().into()));
            let mut blocks = Blocks::new(input.reader(), &JobControl::default());
            let mut pixels = Pixels::new(&mut blocks).unwrap();
            let mut left = 50;
            while left > 0 {
                let mut row = vec![9; width.min(left)];
                assert_eq!(pixels.read(&mut row).unwrap(), row.len(), "{left} left");
                assert!(row.iter().all(|index| *index == 0));
                left -= row.len();
            }
            assert_eq!(pixels.read(&mut [0]).unwrap(), 0);
            pixels.finish().unwrap();
        }
    }

    #[test]
    fn interlaced_rows_come_in_four_passes() {
        assert_eq!(
            rows(10, true).collect::<Vec<_>>(),
            [0, 8, 4, 2, 6, 1, 3, 5, 7, 9]
        );
        assert_eq!(rows(1, true).collect::<Vec<_>>(), [0]);
        assert_eq!(rows(3, false).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
