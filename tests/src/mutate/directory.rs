//! TIFF directories, in TIFF files and in EXIF: entries of twelve bytes that point anywhere.

use super::{Noise, Random};

/// Tags that change what a reader does.
const TAGS: &[u16] = &[
    254, 256, 257, 258, 259, 262, 266, 270, 273, 274, 277, 278, 279, 284, 290, 292, 296, 305, 315,
    317, 320, 322, 323, 324, 325, 330, 332, 338, 339, 347, 512, 513, 514, 529, 530, 532, 700,
    33432, 33723, 34377, 34665, 34675, 34853, 37500, 40965,
];
/// Directories that are looked at.
const MOST: usize = 8;

/// A directory's place and its number of entries.
type Found = (usize, usize);

/// Changes an entry or a link, or makes noise.
pub fn change(data: &mut Vec<u8>, max: usize, random: &mut Random, noise: &mut Noise<'_>) {
    let little = data.starts_with(b"II");
    let found = directories(data, little);
    if found.is_empty() || random.one_in(3) {
        return noise(data, max, random);
    }
    for _ in 0..random.within(1, 2) {
        let (at, count) = *random.pick(&found);
        let entry = at + 2 + 12 * random.below(count.max(1));
        let Some(bytes) = data.get(entry..entry + 12).map(<[u8]>::to_vec) else {
            return noise(data, max, random);
        };
        match random.below(10) {
            0 => put(data, entry, u64::from(*random.pick(TAGS)), 2, little),
            1 => put(data, entry + 2, random.below(15) as u64, 2, little),
            2 => put(data, entry + 4, random.number(), 4, little),
            3 | 4 => put(data, entry + 8, random.number(), 4, little),
            // At itself, at another directory, or just before the end.
            5 => put(data, entry + 8, random.pick(&found).0 as u64, 4, little),
            6 => {
                let end = data.len().saturating_sub(random.below(9)) as u64;
                put(data, entry + 8, end, 4, little);
            }
            7 => {
                let other = random.pick(&found);
                let to = other.0 + 2 + 12 * random.below(other.1.max(1));
                if let Some(place) = data.get_mut(to..to + 12) {
                    place.copy_from_slice(&bytes);
                }
            }
            8 => put(data, at, random.within(0, count + 2) as u64, 2, little),
            _ => {
                let to = random.pick(&found).0 as u64;
                put(data, at + 2 + 12 * count, to, 4, little);
            }
        }
    }
}

fn directories(data: &[u8], little: bool) -> Vec<Found> {
    let mut found = Vec::new();
    let mut places = vec![get(data, 4, 4, little)];
    while let Some(next) = places.pop() {
        let place = next.unwrap_or(usize::MAX);
        let known = found.iter().any(|(at, _)| *at == place);
        let Some(count) = get(data, place, 2, little).filter(|_| !known && found.len() < MOST)
        else {
            continue;
        };
        let count = count.min(data.len() / 12);
        found.push((place, count));
        places.push(get(data, place + 2 + 12 * count, 4, little).filter(|next| *next > 0));
        for entry in (0..count).map(|i| place + 2 + 12 * i) {
            // EXIF, GPS and further directories of a picture.
            if matches!(get(data, entry, 2, little), Some(34665 | 34853 | 330)) {
                places.push(get(data, entry + 8, 4, little));
            }
        }
    }
    found
}

fn get(data: &[u8], at: usize, length: usize, little: bool) -> Option<usize> {
    let bytes = data.get(at..at.checked_add(length)?)?;
    let join = |n: usize, byte: &u8| n << 8 | usize::from(*byte);
    Some(if little {
        bytes.iter().rev().fold(0, join)
    } else {
        bytes.iter().fold(0, join)
    })
}

fn put(data: &mut [u8], at: usize, number: u64, length: usize, little: bool) {
    let bytes = if little {
        number.to_le_bytes()[..length].to_vec()
    } else {
        number.to_be_bytes()[8 - length..].to_vec()
    };
    if let Some(place) = data.get_mut(at..at + length) {
        place.copy_from_slice(&bytes);
    }
}
