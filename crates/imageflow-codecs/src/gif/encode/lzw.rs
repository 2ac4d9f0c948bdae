//! LZW with growing codes (GIF89a appendix F), streaming.
//!
//! A full code table is given up at once: keeping it while it serves well (a deferred clear) saved nothing on dithered
//! frames and cost 2-3 % on stills.

use super::sub_blocks::SubBlocks;

/// Codes have at most 12 bits.
const MAX_CODES: u16 = 4096;
/// Slots of the hash table; a power of two, twice the codes.
const SLOTS: usize = 8192;

/// Turns palette indices into the data of one image.
pub(super) struct Lzw {
    /// Bits of an index, 2..=8.
    bits: u8,
    /// Bits of a code now.
    width: u8,
    /// The next free code.
    next: u16,
    /// `(string, index)` packed, and the code of that string with that index behind it; 0 is free.
    keys: Box<[u32; SLOTS]>,
    codes: Box<[u16; SLOTS]>,
    /// The code of the string seen so far.
    prefix: Option<u16>,
    /// Bits not written yet, lowest first.
    waiting: u32,
    waiting_bits: u8,
    out: SubBlocks,
}

impl Lzw {
    /// `bits` is 2..=8; indices must fit it.
    pub(super) fn new(bits: u8) -> Lzw {
        let mut lzw = Lzw {
            bits,
            width: 0,
            next: 0,
            keys: Box::new([0; SLOTS]),
            codes: Box::new([0; SLOTS]),
            prefix: None,
            waiting: 0,
            waiting_bits: 0,
            out: SubBlocks::new(bits),
        };
        lzw.width = bits + 1;
        lzw.clear();
        lzw
    }

    /// Takes indices.
    pub(super) fn push(&mut self, indices: &[u8]) {
        for index in indices {
            let Some(prefix) = self.prefix else {
                self.prefix = Some(u16::from(*index));
                continue;
            };
            // Not 0: the 1 above the prefix marks a used slot.
            let key = 1 << 20 | u32::from(prefix) << 8 | u32::from(*index);
            match self.find(key) {
                Ok(code) => self.prefix = Some(code),
                Err(slot) => {
                    self.emit(prefix);
                    self.prefix = Some(u16::from(*index));
                    self.learn(key, slot);
                }
            }
        }
    }

    /// Completes the data and gives it: size byte, sub-blocks, terminator.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if let Some(prefix) = self.prefix.take() {
            self.emit(prefix);
            self.grow();
        }
        self.emit((1 << self.bits) + 1);
        while self.waiting_bits > 0 {
            self.out.push(self.waiting as u8);
            self.waiting >>= 8;
            self.waiting_bits = self.waiting_bits.saturating_sub(8);
        }
        self.out.finish()
    }

    /// The bytes that are complete so far.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.out.take()
    }

    fn find(&self, key: u32) -> Result<u16, usize> {
        let mut slot = (key.wrapping_mul(0x9E37_79B1) >> 19) as usize % SLOTS;
        loop {
            match self.keys[slot] {
                0 => return Err(slot),
                known if known == key => return Ok(self.codes[slot]),
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }

    /// Gives a new string its code; when there is none left, begins a new table.
    fn learn(&mut self, key: u32, slot: usize) {
        if self.next == MAX_CODES {
            self.clear();
            return;
        }
        self.keys[slot] = key;
        self.codes[slot] = self.next;
        self.grow();
        self.next += 1;
    }

    /// Codes grow when the reader, who is one string behind, can meet one that is longer.
    fn grow(&mut self) {
        if self.next == 1 << self.width && self.next < MAX_CODES {
            self.width += 1;
        }
    }

    fn clear(&mut self) {
        self.emit(1 << self.bits);
        self.keys.fill(0);
        self.width = self.bits + 1;
        self.next = (1 << self.bits) + 2;
    }

    fn emit(&mut self, code: u16) {
        self.waiting |= u32::from(code) << self.waiting_bits;
        self.waiting_bits += self.width;
        while self.waiting_bits >= 8 {
            self.out.push(self.waiting as u8);
            self.waiting >>= 8;
            self.waiting_bits -= 8;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// Decodes with the other implementation at hand.
    fn decoded(data: &[u8]) -> Vec<u8> {
        let (bits, mut at, mut codes) = (data[0], 1, Vec::new());
        while data[at] != 0 {
            let length = usize::from(data[at]);
            codes.extend_from_slice(&data[at + 1..][..length]);
            at += 1 + length;
        }
        assert_eq!(at + 1, data.len());
        weezl::decode::Decoder::new(weezl::BitOrder::Lsb, bits)
            .decode(&codes)
            .unwrap()
    }

    fn indices(count: usize, colors: u32, run: u32, mut seed: u32) -> Vec<u8> {
        let mut value = 0;
        (0..count)
            .map(|_| {
                seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
                if seed >> 16 & 0xFF < 256 / run {
                    value = (seed >> 24) % colors;
                }
                value as u8
            })
            .collect()
    }

    #[test]
    fn every_length_decodes_to_what_was_put_in() {
        // Every moment at which codes grow falls on the end of some input.
        for (bits, colors) in [(2, 3), (4, 16), (8, 256)] {
            let all = indices(5000, colors, 1, 7);
            for length in (0..1200).chain([3800, 3900, 4000, 4096, 5000]) {
                let mut lzw = Lzw::new(bits);
                lzw.push(&all[..length]);
                assert_eq!(decoded(&lzw.finish()), all[..length], "{bits} {length}");
            }
        }
    }

    #[test]
    fn full_tables_are_replaced() {
        for run in [1, 4, 40] {
            let mut all = indices(200_000, 200, run, 3);
            all.extend(indices(200_000, 7, run, 5));
            let mut lzw = Lzw::new(8);
            let mut data = Vec::new();
            for part in all.chunks(777) {
                lzw.push(part);
                data.extend(lzw.take());
            }
            data.extend(lzw.finish());
            assert!(decoded(&data) == all, "runs of {run}");
        }
    }
}
