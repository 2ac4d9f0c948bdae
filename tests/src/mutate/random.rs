//! Numbers from a seed.

/// xorshift64*, Vigna 2016: fast, and the same on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts at a seed; any will do.
    pub fn new(seed: u64) -> Random {
        // Neighbouring seeds must not give neighbouring numbers (splitmix64's increment), and 0 would stay 0.
        Random((seed.wrapping_add(1)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`; 0 when that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() >> 16)
            .checked_rem(end as u64)
            .unwrap_or_default() as usize
    }

    /// A number from `first` to `last`.
    pub fn within(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A number of the kind that breaks arithmetic, or any.
    pub fn number(&mut self) -> u64 {
        let bit = 1u64 << self.below(64);
        match self.below(6) {
            0 => self.below(5) as u64,
            1 => bit,
            2 => bit.wrapping_sub(1),
            3 => bit.wrapping_neg(),
            4 => self.below(300) as u64,
            _ => self.bits(),
        }
    }

    /// Bytes of a number in either order, `length` of them.
    pub fn number_bytes(&mut self, length: usize) -> Vec<u8> {
        let number = self.number();
        if self.one_in(2) {
            number.to_le_bytes()[..length.min(8)].to_vec()
        } else {
            number.to_be_bytes()[8 - length.min(8)..].to_vec()
        }
    }
}
