//! The distinct colours of a picture, as long as a palette can hold them.

const SLOTS: usize = 1024;

/// Up to 256 distinct colours, numbered as they came: open addressing, because every pixel that differs from its neighbour
/// asks.
#[derive(Clone, Debug)]
pub(crate) struct Distinct {
    slots: Box<[u16; SLOTS]>,
    colors: Vec<[u8; 4]>,
}

impl Default for Distinct {
    fn default() -> Self {
        Distinct {
            slots: Box::new([0; SLOTS]),
            colors: Vec::with_capacity(256),
        }
    }
}

impl Distinct {
    /// The number of a colour, new or known; `None` when it would be the 257th.
    #[inline]
    pub(crate) fn insert(&mut self, color: [u8; 4]) -> Option<u8> {
        match self.look_up(color) {
            Ok(index) => Some(index),
            Err(_) if self.colors.len() == 256 => None,
            Err(at) => {
                let index = u8::try_from(self.colors.len()).ok()?;
                self.colors.push(color);
                if let Some(slot) = self.slots.get_mut(at) {
                    *slot = u16::from(index) + 1;
                }
                Some(index)
            }
        }
    }

    /// The number of a known colour.
    #[inline]
    pub(crate) fn index(&self, color: [u8; 4]) -> Option<u8> {
        self.look_up(color).ok()
    }

    /// The colours by number.
    pub(crate) fn colors(&self) -> &[[u8; 4]] {
        &self.colors
    }

    /// The colours by number, without a copy.
    pub(crate) fn into_colors(self) -> Vec<[u8; 4]> {
        self.colors
    }

    /// The number of a colour, or the free slot where it belongs. There always is one: three of four slots stay free.
    fn look_up(&self, color: [u8; 4]) -> Result<u8, usize> {
        let mut at = (u32::from_le_bytes(color).wrapping_mul(0x9E37_79B1) >> 22) as usize;
        loop {
            let number = self.slots.get(at).map_or(0, |slot| usize::from(*slot));
            match self.colors.get(number.wrapping_sub(1)) {
                Some(known) if *known == color => return Ok((number - 1) as u8),
                Some(_) => at = (at + 1) % SLOTS,
                None => return Err(at),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_256_colours_and_no_more() {
        let mut distinct = Distinct::default();
        let color = |i: u32| (i.wrapping_mul(0x0101_4103)).to_le_bytes();
        for i in 0..256 {
            assert_eq!(distinct.insert(color(i)), Some(i as u8));
            assert_eq!(distinct.insert(color(i)), Some(i as u8));
        }
        assert_eq!(distinct.insert(color(256)), None);
        assert_eq!(distinct.index(color(256)), None);
        assert_eq!(distinct.index(color(200)), Some(200));
        assert_eq!(distinct.colors().len(), 256);
    }
}
