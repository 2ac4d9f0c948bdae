//! Damage that gets past the first check: mutators that know where a format keeps its structure.
//!
//! A file is split into [`parts`] (markers, chunks, blocks, boxes), something is done to them, and they are joined again
//! with right sizes, checksums and offsets, so that what follows the container's own checks is reached. Formats whose parts
//! point at each other by offset ([`directory`], [`profile`]) are changed in place. Text is changed by tokens.
//!
//! The fuzz targets use them with libFuzzer's own mutations as [`Noise`], the tests with [`noise::bytes`] and a seed.

pub mod boxes;
pub mod directory;
pub mod gif;
pub mod jpeg;
pub mod noise;
pub mod parts;
pub mod png;
pub mod profile;
mod random;
pub mod text;
pub mod webp;

pub use random::Random;

/// Changes bytes without knowing what they are; the result has at most the number of bytes given.
pub type Noise<'a> = dyn FnMut(&mut Vec<u8>, usize, &mut Random) + 'a;

/// How a file is built, as far as a mutator must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// JPEG: markers.
    Jpeg,
    /// PNG: chunks with checksums.
    Png,
    /// GIF: blocks of sub-blocks.
    Gif,
    /// WebP: RIFF chunks.
    WebP,
    /// AVIF and JPEG XL in a container: ISO boxes.
    Boxes,
    /// TIFF and EXIF: directories.
    Directory,
    /// An ICC profile: a table of tags.
    Profile,
    /// JSON, querystrings and SVG: tokens.
    Text,
    /// Anything else: numbers at the beginning, bytes after it.
    Fields,
}

impl Shape {
    /// Guesses from the first bytes.
    pub fn of(bytes: &[u8]) -> Shape {
        match bytes {
            [0xFF, 0xD8, ..] => Shape::Jpeg,
            [0x89, b'P', b'N', b'G', ..] => Shape::Png,
            [b'G', b'I', b'F', b'8', ..] => Shape::Gif,
            [b'R', b'I', b'F', b'F', ..] => Shape::WebP,
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Shape::Directory,
            [_, _, _, _, b'f', b't', b'y', b'p', ..]
            | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Shape::Boxes,
            _ if bytes.get(36..40) == Some(b"acsp") => Shape::Profile,
            [b'<' | b'{' | b'[' | b'?', ..] => Shape::Text,
            _ => Shape::Fields,
        }
    }
}

/// A changed copy of at most `max` bytes.
pub fn mutate(
    shape: Shape,
    bytes: &[u8],
    max: usize,
    random: &mut Random,
    noise: &mut Noise<'_>,
) -> Vec<u8> {
    let mut out = bytes.to_vec();
    // One in eight knows nothing of the format: a container's own checks are code too.
    if random.one_in(8) {
        noise(&mut out, max, random);
    } else {
        change(shape, &mut out, max, random, noise);
    }
    out.truncate(max);
    out
}

fn change(shape: Shape, out: &mut Vec<u8>, max: usize, random: &mut Random, noise: &mut Noise<'_>) {
    let container = match shape {
        Shape::Jpeg => &jpeg::JPEG,
        Shape::Png => &png::PNG,
        Shape::Gif => &gif::GIF,
        Shape::WebP => &webp::WEBP,
        Shape::Boxes => &boxes::BOXES,
        Shape::Directory => return directory::change(out, max, random, noise),
        Shape::Profile => return profile::change(out, max, random, noise),
        Shape::Text => return text::change(out, max, random, noise),
        Shape::Fields => return noise::fields(out, max, random, noise),
    };
    match (container.split)(out) {
        Some(mut parts) => {
            for _ in 0..random.within(1, 3) {
                parts::change(container, &mut parts, max, random, noise);
            }
            *out = (container.join)(&parts);
        }
        None => noise(out, max, random),
    }
}

/// Changes the part of a container that holds a format of its own: EXIF, a profile. Whether there was one.
pub(crate) fn change_inside(
    body: &mut Vec<u8>,
    max: usize,
    random: &mut Random,
    noise: &mut Noise<'_>,
) -> bool {
    let start = [0, 6, 14].into_iter().find(|start| {
        let rest = body.get(*start..).unwrap_or_default();
        matches!(Shape::of(rest), Shape::Directory | Shape::Profile)
    });
    let Some(start) = start else { return false };
    let mut inner = body.split_off(start);
    change(
        Shape::of(&inner),
        &mut inner,
        max.saturating_sub(start),
        random,
        noise,
    );
    body.append(&mut inner);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn well_formed_files_are_what_their_parts_make() {
        for (name, file) in samples::all() {
            let container = match Shape::of(file) {
                Shape::Jpeg => &jpeg::JPEG,
                Shape::Png => &png::PNG,
                Shape::Gif => &gif::GIF,
                Shape::WebP => &webp::WEBP,
                Shape::Boxes => &boxes::BOXES,
                _ => continue,
            };
            let parts = (container.split)(file);
            let parts = parts.unwrap_or_else(|| panic!("{name} has no parts"));
            assert!(!parts.is_empty(), "{name}");
            assert!((container.join)(&parts) == file, "{name}");
        }
    }

    #[test]
    fn equal_seeds_make_equal_files_and_the_length_is_kept_to() {
        for (name, file) in samples::all() {
            let shape = Shape::of(file);
            let make = |seed: u64| {
                let mut random = Random::new(seed);
                mutate(shape, file, 900, &mut random, &mut noise::bytes)
            };
            let made: Vec<_> = (0..40).map(make).collect();
            assert!(made.iter().all(|m| m.len() <= 900), "{name}");
            assert_eq!(made, (0..40).map(make).collect::<Vec<_>>(), "{name}");
            let distinct = made.iter().filter(|m| **m != made[0]).count();
            assert!(distinct > 20, "{name}: {distinct} differ");
        }
    }

    #[test]
    fn any_bytes_can_be_mutated() {
        let mut random = Random::new(7);
        for (_, file) in samples::all() {
            for length in (0..file.len()).step_by(37).take(40) {
                for shape in [Shape::of(file), Shape::Fields, Shape::Text] {
                    mutate(shape, &file[..length], 4000, &mut random, &mut noise::bytes);
                }
            }
        }
    }
}
