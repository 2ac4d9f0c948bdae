//! Sequential Huffman decoding of whole MCUs (ITU-T T.81, F.2.2), faster than libjpeg's.
//!
//! Most codes are short, and so are the values behind them: one lookup of the next bits gives both, and how far to move on.
//! Bits are kept left-justified in 64, refilled eight bytes at a time where no byte is 0xFF. An MCU is taken only when all of
//! it is sound and in the buffer; anything else is left, untouched, to the library, whose answers to damage are the
//! definition.
//!
//! Measured on a 12 megapixel photo of 2.5 bits a pixel: 17.7 ms where libjpeg-turbo's takes 29. Tables of two coefficients a
//! lookup were slower, and so were 9 and 12 bits.

/// Bits that a lookup sees.
const LOOKUP: u32 = 10;

/// Lookups that a refill to 56 bits is enough for.
const RUN: u32 = 56 / LOOKUP;

/// Coefficients of a block in natural order.
pub(super) type Block = [i16; 64];

/// Position in a block of each coefficient in zigzag order.
const NATURAL: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Moves past the last coefficient: the end of the block.
const END: u8 = 64;

/// A code and the value behind it, as far as the bits of a lookup tell. From the lowest bit: bits to pass over (6 bits, 2
/// unused, and again 7 bits, so that shifting need not wait for a mask); [`Found::WHOLE`]; coefficients to move on (7 bits, 1
/// unused); the value (8 bits) or, where it is not in the lookup, its size. 0 where even the code is longer than the lookup.
#[derive(Clone, Copy, Default)]
struct Found(u32);

impl Found {
    /// Code and value are both in the lookup.
    const WHOLE: u32 = 1 << 15;

    fn new(bits: u32, skip: u8, value: i32) -> Found {
        Found(bits | bits << 8 | u32::from(skip) << 16 | (value as u32) << 24)
    }

    #[inline(always)]
    fn shift(self, buffer: u64) -> u64 {
        buffer.wrapping_shl(self.0)
    }

    #[inline(always)]
    fn bits(self) -> i64 {
        i64::from(self.0 >> 8 & 127)
    }

    #[inline(always)]
    fn is_whole(self) -> bool {
        self.0 & Found::WHOLE != 0
    }

    #[inline(always)]
    fn skip(self) -> usize {
        (self.0 >> 16 & 127) as usize
    }

    #[inline(always)]
    fn value(self) -> i16 {
        (self.0 as i32 >> 24) as i16
    }
}

/// What a code means.
#[derive(Clone, Copy)]
struct Symbol {
    /// Bits of the value behind it.
    size: u8,
    /// Coefficients to move on.
    skip: u8,
}

impl Symbol {
    fn new(byte: u8, ac: bool) -> Option<Symbol> {
        let (run, size) = if ac {
            (byte >> 4, byte & 15)
        } else {
            (0, byte)
        };
        let skip = match (ac, run, size) {
            (true, 0..15, 0) => END,
            _ => run + 1,
        };
        (size <= 15).then_some(Symbol { size, skip })
    }
}

/// The value of `size` bits at the top of `bits` (F.2.2.1, EXTEND): those of its complement when it is negative.
#[inline(always)]
fn extended(bits: u64, size: u8) -> i32 {
    let negative = !(bits as i64 >> 63);
    let magnitude = (bits ^ negative as u64) >> 1 >> (63 - size);
    (magnitude as i32 ^ negative as i32) - negative as i32
}

/// A code, by its first bits.
pub(super) struct Table {
    found: [Found; 1 << LOOKUP],
    /// Of each length: one past its last code, left-justified in 16 bits, and the index of its first symbol less its first
    /// code.
    lengths: [(u32, i32); 17],
    symbols: Vec<Symbol>,
}

impl Table {
    /// `counts[n]` codes have `n` bits; `values` are their symbols, as in a DHT segment. `None` when they are no code.
    fn new(counts: &[u8; 17], values: &[u8], ac: bool) -> Option<Table> {
        let mut table = Table {
            found: [Found::default(); 1 << LOOKUP],
            lengths: [(0, 0); 17],
            symbols: Vec::new(),
        };
        let mut code = 0u32;
        for (length, count) in (1u32..).zip(&counts[1..]) {
            let index = table.symbols.len();
            let first = index as i32 - code as i32;
            for value in values.get(index..index + usize::from(*count))? {
                let symbol = Symbol::new(*value, ac)?;
                table.symbols.push(symbol);
                if code >> length != 0 {
                    return None;
                }
                table.fill(code, length, symbol);
                code += 1;
            }
            table.lengths[length as usize] = (code << (16 - length), first);
            code <<= 1;
        }
        Some(table)
    }

    /// A table for the first values of blocks; see [`Table::new`].
    pub(super) fn dc(counts: &[u8; 17], values: &[u8]) -> Option<Table> {
        Table::new(counts, values, false)
    }

    /// A table for the other values of blocks; see [`Table::new`].
    pub(super) fn ac(counts: &[u8; 17], values: &[u8]) -> Option<Table> {
        Table::new(counts, values, true)
    }

    /// Notes a code, with every value behind it that fits into a lookup.
    fn fill(&mut self, code: u32, length: u32, symbol: Symbol) {
        let Symbol { size, skip } = symbol;
        let mut note = |bits: u32, start: u32, found: Found| {
            let start = (start << (LOOKUP - bits)) as usize;
            self.found[start..start + (1 << (LOOKUP - bits))].fill(found);
        };
        let bits = length + u32::from(size);
        // Eight bits hold the values of up to seven, and their sign.
        if bits <= LOOKUP && size <= 7 {
            for value in 0..1u32 << size {
                let extended = extended(u64::from(value) << 1 << (63 - size), size);
                let found = Found::new(bits, skip, extended).0 | Found::WHOLE;
                note(bits, code << size | value, Found(found));
            }
        } else if length <= LOOKUP {
            note(length, code, Found::new(length, skip, i32::from(size)));
        }
    }

    #[inline(always)]
    fn find(&self, buffer: u64) -> Found {
        self.found[(buffer >> (64 - LOOKUP)) as usize]
    }

    /// The value of the code at the top of `buffer`, which has at least 31 bits, how far to move on, and the bits of both.
    #[inline(always)]
    fn read(&self, buffer: u64) -> Option<(i32, usize, u32)> {
        let found = self.find(buffer);
        if found.is_whole() {
            return Some((i32::from(found.value()), found.skip(), found.bits() as u32));
        }
        let (size, skip, length) = if found.0 == 0 {
            self.search(buffer)?
        } else {
            (found.value() as u8, found.skip(), found.bits() as u32)
        };
        let value = extended(buffer << length, size);
        Some((value, skip, length + u32::from(size)))
    }

    /// Size, skip and length of a code longer than a lookup.
    fn search(&self, buffer: u64) -> Option<(u8, usize, u32)> {
        let bits = (buffer >> 48) as u32;
        let length = (LOOKUP + 1..=16).find(|length| bits < self.lengths[*length as usize].0)?;
        let index = (bits >> (16 - length)) as i32 + self.lengths[length as usize].1;
        let symbol = self.symbols.get(usize::try_from(index).ok()?)?;
        Some((symbol.size, usize::from(symbol.skip), length))
    }
}

/// Where the reader of bits stands. Passed by value, so that it stays in registers.
#[derive(Clone, Copy)]
pub(super) struct Position {
    /// Next bits, left-justified. Below `count` they are unspecified.
    pub(super) buffer: u64,
    /// How many are valid; negative after more were taken than there are.
    pub(super) count: i64,
    /// Bytes of the input that were read.
    pub(super) at: usize,
}

impl Position {
    /// Makes at least 56 bits valid, unless a marker or the end of the input comes first.
    #[inline(always)]
    fn refilled(mut self, input: &[u8]) -> Position {
        if let Some(bytes) = input.get(self.at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_be_bytes(*bytes);
            const ONES: u64 = u64::MAX / 255;
            let has_ff = (!word).wrapping_sub(ONES) & word & (ONES << 7) != 0;
            if !has_ff {
                self.buffer |= word >> self.count;
                self.at += ((63 - self.count) >> 3) as usize;
                self.count |= 56;
                return self;
            }
        }
        self.refilled_bytewise(input)
    }

    /// Inlined like all of this: a structure whose address is taken anywhere would stay in memory, at a quarter of the speed.
    #[inline(always)]
    fn refilled_bytewise(mut self, input: &[u8]) -> Position {
        if (0..56).contains(&self.count) {
            // Bits that a word brought beyond `count` come again.
            self.buffer &= !(u64::MAX >> self.count);
        }
        while (0..56).contains(&self.count) {
            let (byte, used) = match input.get(self.at..) {
                Some([0xFF, 0, ..]) => (0xFF, 2),
                Some([byte, ..]) if *byte != 0xFF => (*byte, 1),
                Some(rest) => match filled(rest) {
                    Some(used) => (0xFF, used),
                    None => break,
                },
                None => break,
            };
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            self.at += used;
        }
        self
    }

    /// Passes over bits.
    #[inline(always)]
    fn past(mut self, bits: u32) -> Position {
        self.buffer <<= bits;
        self.count -= i64::from(bits);
        self
    }

    #[inline(always)]
    fn past_whole(mut self, found: Found) -> Position {
        self.buffer = found.shift(self.buffer);
        self.count -= found.bits();
        self
    }
}

/// Length of a stuffed byte with fill bytes in it: several 0xFF before the 0, not allowed but taken by libjpeg too. `None`
/// where a marker or the end of the input comes instead.
#[cold]
fn filled(input: &[u8]) -> Option<usize> {
    let run = input.iter().position(|byte| *byte != 0xFF)?;
    (run > 0 && input.get(run) == Some(&0)).then_some(run + 1)
}

/// The tables of one block of the MCU, and which component's DC it continues.
#[derive(Clone, Copy)]
pub(super) struct BlockCode {
    pub(super) dc: usize,
    pub(super) ac: usize,
    pub(super) component: usize,
}

/// Decoder of one scan.
pub(super) struct Huffman {
    /// Distinct tables for the first values of blocks.
    pub(super) dc: Vec<Table>,
    /// Distinct tables for the others.
    pub(super) ac: Vec<Table>,
    /// One entry for each block of the MCU.
    pub(super) blocks: Vec<BlockCode>,
}

impl Huffman {
    /// Decodes an MCU from `input` into blocks of zeros. `None` when it is not whole and sound: then `position` and `dc` are
    /// as before, and the blocks unspecified.
    #[inline(always)]
    pub(super) fn decode<'b>(
        &self,
        input: &[u8],
        position: &mut Position,
        dc: &mut [i32; 4],
        blocks: impl Iterator<Item = &'b mut Block>,
    ) -> Option<()> {
        let mut now = *position;
        let mut predictions = *dc;
        for (code, block) in self.blocks.iter().zip(blocks) {
            let prediction = predictions.get_mut(code.component)?;
            let (dc, ac) = (self.dc.get(code.dc)?, self.ac.get(code.ac)?);
            now = decode_block(input, now, dc, ac, prediction, block)?;
        }
        *position = now;
        *dc = predictions;
        Some(())
    }
}

#[inline(always)]
fn decode_block(
    input: &[u8],
    mut now: Position,
    dc: &Table,
    ac: &Table,
    prediction: &mut i32,
    block: &mut Block,
) -> Option<Position> {
    now = now.refilled(input);
    let (difference, _, bits) = dc.read(now.buffer)?;
    now = now.past(bits);
    *prediction = prediction.checked_add(difference)?;
    block[0] = *prediction as i16;
    let mut k = 0usize;
    'refill: loop {
        now = now.refilled(input);
        for _ in 0..RUN {
            let found = ac.find(now.buffer);
            if found.is_whole() {
                now = now.past_whole(found);
                k += found.skip();
                if k >= 63 {
                    return finished(now, block, k, i32::from(found.value()));
                }
                block[natural(k)] = found.value();
            } else {
                now = now.refilled(input);
                let (value, skip, bits) = ac.read(now.buffer)?;
                now = now.past(bits);
                k += skip;
                if k >= 63 {
                    return finished(now, block, k, value);
                }
                block[natural(k)] = value as i16;
                continue 'refill;
            }
        }
    }
}

/// Where coefficient `k` of the zigzag order is in a block.
#[inline(always)]
fn natural(k: usize) -> usize {
    usize::from(NATURAL[k & 63] & 63)
}

/// Ends a block whose last symbol moved to `k`: the last coefficient, the end, or sixteen zeros that reach it. A coefficient
/// beyond is damage.
#[inline(always)]
fn finished(now: Position, block: &mut Block, k: usize, value: i32) -> Option<Position> {
    if k == 63 {
        block[63] = value as i16;
    }
    (now.count >= 0 && (k == 63 || value == 0)).then_some(now)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// DC: 00 is size 0, 01 size 3. AC: 00 ends the block, 01 a value of one bit after a zero, 10 sixteen zeros, 110 a value
    /// of ten bits after two zeros.
    fn huffman() -> Huffman {
        let mut dc = [0; 17];
        dc[2] = 2;
        let mut ac = [0; 17];
        (ac[2], ac[3]) = (3, 1);
        Huffman {
            dc: vec![Table::dc(&dc, &[0, 3]).unwrap()],
            ac: vec![Table::ac(&ac, &[0x00, 0x11, 0xF0, 0x2A]).unwrap()],
            blocks: vec![BlockCode {
                dc: 0,
                ac: 0,
                component: 0,
            }],
        }
    }

    /// Bytes of a string of bits, the last filled up with ones.
    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits
            .bytes()
            .filter(|b| *b != b' ')
            .map(|b| b - b'0')
            .collect();
        bits.chunks(8)
            .map(|byte| (0..8).fold(0, |v, i| v << 1 | byte.get(i).unwrap_or(&1)))
            .collect()
    }

    fn start() -> Position {
        Position {
            buffer: 0,
            count: 0,
            at: 0,
        }
    }

    fn decode(input: &[u8]) -> Option<(Block, i32, Position)> {
        let (mut position, mut dc, mut block) = (start(), [0; 4], [0; 64]);
        huffman().decode(input, &mut position, &mut dc, [&mut block].into_iter())?;
        Some((block, dc[0], position))
    }

    #[test]
    fn values_are_extended_from_their_bits() {
        let value = |bits: u64, size: u8| extended(bits << 1 << (63 - size), size);
        assert_eq!([value(0, 1), value(1, 1)], [-1, 1]);
        assert_eq!(
            [value(0, 3), value(3, 3), value(4, 3), value(7, 3)],
            [-7, -4, 4, 7]
        );
        assert_eq!(
            [value(0, 0), value(0, 15), value(0x7FFF, 15)],
            [0, -32767, 32767]
        );
    }

    #[test]
    fn a_block_is_put_in_natural_order() {
        // DC 5; coefficient 2 is -1; coefficient 5 is 512; the end.
        let coded = bytes("01 101  01 0  110 1000000000  00");
        let (block, dc, position) = decode(&coded).unwrap();
        let mut expected = [0; 64];
        (expected[0], expected[8], expected[2]) = (5, -1, 512);
        assert_eq!((block, dc), (expected, 5));
        assert_eq!(position.at as i64 * 8 - position.count, 23);
    }

    #[test]
    fn a_stuffed_byte_is_one_byte_of_ones() {
        // Coefficients 3 and 6 are 1023.
        let plain = bytes("00  110 1111111111  110 1111111111  00");
        let stuffed: Vec<u8> = plain
            .iter()
            .flat_map(|byte| [Some(*byte), (*byte == 0xFF).then_some(0)])
            .flatten()
            .collect();
        assert_ne!(plain, stuffed);
        let (block, ..) = decode(&stuffed).unwrap();
        assert_eq!((block[16], block[3], block[0]), (1023, 1023, 0));
    }

    #[test]
    fn fill_bytes_in_a_stuffed_byte_are_passed_over() {
        let stuffed = |fill: &[u8]| [&[0b0001_1110][..], &[0xFF], fill, &[0, 0b1100_1111]].concat();
        assert!(decode(&stuffed(&[])).is_some());
        assert_eq!(
            decode(&stuffed(&[])).map(|(block, ..)| block),
            decode(&stuffed(&[0xFF; 9])).map(|(block, ..)| block)
        );
        assert!(decode(&[0b0001_1110, 0xFF, 0xFF]).is_none());
    }

    #[test]
    fn an_mcu_that_is_not_whole_is_declined() {
        let coded = bytes("01 101  01 0  110 1000000000  00");
        assert!(decode(&coded[..2]).is_none());
        let marker = [&coded[..2], &[0xFF, 0xD9, 0, 0, 0, 0, 0, 0, 0]].concat();
        assert!(decode(&marker).is_none());
        let whole = [&coded[..], &[0xFF, 0xD9]].concat();
        assert!(decode(&whole).is_some_and(|(.., position)| position.at == coded.len()));
    }

    #[test]
    fn zeros_may_reach_the_end_but_no_coefficient_may_pass_it() {
        let zeros = "10 ".repeat(3);
        // 48 zeros, then coefficients 50, 52, … 62, then 16 zeros.
        let reaches = format!("00 {zeros} {} 10", "01 1 ".repeat(7));
        assert_eq!(decode(&bytes(&reaches)).unwrap().0[62], 1);
        let passes = format!("00 {zeros} {} 01 1 00", "01 1 ".repeat(7));
        let (mut position, mut dc, mut block) = (start(), [9; 4], [0; 64]);
        let declined = huffman().decode(
            &bytes(&passes),
            &mut position,
            &mut dc,
            [&mut block].into_iter(),
        );
        assert!(declined.is_none());
        assert_eq!((position.at, position.count, dc), (0, 0, [9; 4]));
    }

    #[test]
    fn bits_that_are_no_code_are_declined() {
        assert!(decode(&bytes("11")).is_none());
        assert!(decode(&bytes("00 111")).is_none());
    }

    #[test]
    fn lengths_that_make_no_code_are_refused() {
        let counts = |length: usize, count: u8| {
            let mut counts = [0; 17];
            counts[length] = count;
            counts
        };
        assert!(Table::new(&counts(1, 3), &[0, 1, 2], false).is_none());
        assert!(Table::new(&counts(2, 3), &[0, 1], false).is_none());
        assert!(Table::new(&counts(2, 1), &[16], false).is_none());
        assert!(Table::new(&counts(16, 200), &[1; 200], true).is_some());
    }
}
