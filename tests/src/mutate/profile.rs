//! ICC profiles (ICC.1:2022): a header of 128 bytes, a table of tags, data of a type each.

use super::{Noise, Random};

const HEADER: usize = 128;
const TAGS: &[&[u8; 4]] = &[
    b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"A2B0", b"A2B1",
    b"A2B2", b"B2A0", b"B2A1", b"chad", b"cicp", b"desc", b"cprt", b"D2B0", b"gamt",
];
const TYPES: &[&[u8; 4]] = &[
    b"curv", b"para", b"mft1", b"mft2", b"mAB ", b"mBA ", b"XYZ ", b"sf32", b"text", b"desc",
    b"mluc", b"cicp", b"mpet",
];
const SPACES: &[&[u8; 4]] = &[
    b"RGB ", b"GRAY", b"CMYK", b"Lab ", b"XYZ ", b"YCbr", b"6CLR",
];
const CLASSES: &[&[u8; 4]] = &[
    b"mntr", b"scnr", b"prtr", b"spac", b"link", b"abst", b"nmcl",
];

/// Changes the header, the table or the data of a tag, and sets the size right.
pub fn change(data: &mut Vec<u8>, max: usize, random: &mut Random, noise: &mut Noise<'_>) {
    let tags = data
        .get(HEADER..HEADER + 4)
        .map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
        .min(data.len() / 12);
    for _ in 0..random.within(1, 3) {
        let entry = HEADER + 4 + 12 * random.below(tags.max(1));
        let place = data
            .get(entry + 4..entry + 8)
            .map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize);
        match random.below(12) {
            0 => put(data, 16, *random.pick(SPACES)),
            1 => put(data, 20, *random.pick(SPACES)),
            2 => put(data, 12, *random.pick(CLASSES)),
            3 => put(data, 8, &[random.below(6) as u8]),
            4 => put(data, entry, *random.pick(TAGS)),
            5 => put(data, place, *random.pick(TYPES)),
            6 => put(
                data,
                entry + 4 + 4 * random.below(2),
                &random.number().to_be_bytes()[4..],
            ),
            7 => {
                let other = HEADER + 4 + 12 * random.below(tags.max(1));
                if let Some(copy) = data.get(other..other + 12).map(<[u8]>::to_vec) {
                    put(data, entry + 4 * random.below(2), &copy);
                }
            }
            // Counts, sizes of tables and offsets stand at the beginning of the data.
            8 | 9 => {
                let at = place + 8 + 2 * random.below(14);
                let length = *random.pick(&[1, 2, 4]);
                let number = random.number_bytes(length);
                put(data, at, &number);
            }
            _ => noise(data, max, random),
        }
    }
    data.truncate(max);
    if !random.one_in(8) {
        let size = (data.len() as u32).to_be_bytes();
        put(data, 0, &size);
        put(data, 36, b"acsp");
    }
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = data.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
