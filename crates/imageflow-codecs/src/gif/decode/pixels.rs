//! The data of one image: sub-blocks of LZW codes to rows of palette indices.

use weezl::decode::Decoder;
use weezl::{BitOrder, LzwStatus};

use super::blocks::Blocks;
use super::trouble::Trouble;

/// Decodes the data of the image whose descriptor was read last.
pub(super) struct Pixels<'a> {
    blocks: &'a mut Blocks,
    lzw: Decoder,
    /// Bytes left in the sub-block; `None` after the terminator.
    left: Option<usize>,
    /// The end code was seen, or the last sub-block was used up.
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
            left: Some(0),
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
            if self.left == Some(0) {
                self.left = match self.blocks.byte()? {
                    0 => None,
                    length => Some(usize::from(length)),
                };
            }
            let input = match self.left {
                Some(left) => self.blocks.peek(left)?,
                None => &[],
            };
            let asked = input.len();
            let result = self.lzw.decode_bytes(input, rest);
            got += result.consumed_out;
            self.blocks.consume(result.consumed_in);
            self.left = self
                .left
                .map(|left| left.saturating_sub(result.consumed_in));
            match result.status {
                Ok(LzwStatus::Done) => self.ended = true,
                Ok(_) if result.consumed_in > 0 || result.consumed_out > 0 => {}
                Ok(_) if asked == 0 => self.ended = true,
                Ok(_) => return Err(Trouble::broken("the LZW data makes no progress")),
                Err(_) => return Err(Trouble::broken("invalid LZW code")),
            }
        }
        Ok(got)
    }

    /// Passes over what follows the last pixel. A file that ends here has lost none.
    pub(super) fn finish(self) -> Result<(), Trouble> {
        let Some(left) = self.left else {
            return Ok(());
        };
        let skipped = self
            .blocks
            .skip(left)
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
mod tests {
    use super::*;

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
