//! Changes of bytes of which nothing is known.

use super::{Noise, Random};

/// One to four changes: bits, bytes, numbers, runs that go, come or are copied. Seldom the end is cut off.
pub fn bytes(data: &mut Vec<u8>, max: usize, random: &mut Random) {
    for _ in 0..random.within(1, 4) {
        once(data, max, random);
    }
    data.truncate(max);
}

fn once(data: &mut Vec<u8>, max: usize, random: &mut Random) {
    if data.is_empty() {
        data.extend(random.number_bytes(max.min(4)));
        return;
    }
    let at = random.below(data.len());
    let end = (at + random.within(1, 16)).min(data.len());
    match random.below(10) {
        0 | 1 => data[at] ^= 1 << random.below(8),
        2 | 3 => data[at] = *random.pick(&[0, 1, 0x7F, 0x80, 0xFE, 0xFF, (at * 31) as u8]),
        4 => {
            data[at] = data[at]
                .wrapping_add(random.within(0, 8) as u8)
                .wrapping_sub(4)
        }
        5 | 6 => {
            let length = *random.pick(&[1, 2, 2, 4, 4, 8]);
            let number = random.number_bytes(length);
            data.iter_mut()
                .skip(at)
                .zip(number)
                .for_each(|(byte, new)| *byte = new);
        }
        7 => {
            data.drain(at..end);
        }
        8 => {
            let run = data[at..end].to_vec();
            let to = random.below(data.len() + 1);
            data.splice(to..to, run);
        }
        _ if random.one_in(4) => data.truncate(at),
        _ => {
            let run = vec![data[at]; random.within(1, 64)];
            data.splice(at..at, run);
        }
    }
}

/// A number among the first bytes, where headers are, or noise anywhere.
pub fn fields(data: &mut Vec<u8>, max: usize, random: &mut Random, noise: &mut Noise<'_>) {
    if data.is_empty() || random.one_in(2) {
        return noise(data, max, random);
    }
    for _ in 0..random.within(1, 2) {
        let at = random.below(data.len().min(80)) & !1;
        let length = *random.pick(&[1, 2, 4]);
        let number = random.number_bytes(length);
        data.iter_mut()
            .skip(at)
            .zip(number)
            .for_each(|(byte, new)| *byte = new);
    }
}
