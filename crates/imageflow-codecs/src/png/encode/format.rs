//! The colour type and bit depth of the file, and packing rows into it.

use std::collections::HashMap;

/// How pixels are stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Color {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    /// B, G, R, A of each index.
    Indexed(Vec<[u8; 4]>),
}

/// Colour type, bit depth and the colour that stands for transparency.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Format {
    pub(super) color: Color,
    /// 8, or less for gray and palettes.
    pub(super) depth: u8,
    /// B, G, R of fully transparent pixels, when no opaque pixel has it.
    pub(super) key: Option<[u8; 3]>,
}

impl Format {
    pub(super) fn plain(color: Color) -> Format {
        Format {
            color,
            depth: 8,
            key: None,
        }
    }

    /// The fewest bits that hold this palette.
    pub(super) fn indexed(colors: Vec<[u8; 4]>) -> Format {
        let depth = match colors.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        };
        Format {
            color: Color::Indexed(colors),
            depth,
            key: None,
        }
    }

    pub(super) fn color_type(&self) -> u8 {
        match self.color {
            Color::Gray => 0,
            Color::Rgb => 2,
            Color::Indexed(_) => 3,
            Color::GrayAlpha => 4,
            Color::Rgba => 6,
        }
    }

    pub(super) fn bits_per_pixel(&self) -> usize {
        let samples = match self.color {
            Color::Gray | Color::Indexed(_) => 1,
            Color::GrayAlpha => 2,
            Color::Rgb => 3,
            Color::Rgba => 4,
        };
        samples * usize::from(self.depth)
    }

    pub(super) fn row_bytes(&self, width: usize) -> usize {
        (width * self.bits_per_pixel()).div_ceil(8)
    }

    /// The tRNS samples of a gray or RGB file, in file order and at the file's depth.
    pub(super) fn key_samples(&self) -> Option<Vec<u8>> {
        let [b, g, r] = self.key?;
        match self.color {
            Color::Gray => Some(vec![r >> (8 - self.depth)]),
            Color::Rgb => Some(vec![r, g, b]),
            _ => None,
        }
    }

    /// The function from pixels to stored bytes.
    pub(super) fn packer(&self) -> Packer {
        match &self.color {
            Color::Gray => Packer::Gray { depth: self.depth },
            Color::GrayAlpha => Packer::GrayAlpha,
            Color::Rgb => Packer::Rgb,
            Color::Rgba => Packer::Rgba,
            Color::Indexed(colors) => {
                let indices = colors
                    .iter()
                    .zip(0u8..=255)
                    .map(|(color, index)| (*color, index))
                    .collect();
                Packer::Indexed {
                    depth: self.depth,
                    indices,
                    row: Vec::new(),
                }
            }
        }
    }
}

/// Packs rows of B, G, R, A.
#[derive(Debug)]
pub(super) enum Packer {
    Gray {
        depth: u8,
    },
    GrayAlpha,
    Rgb,
    Rgba,
    Indexed {
        depth: u8,
        indices: HashMap<[u8; 4], u8>,
        row: Vec<u8>,
    },
}

impl Packer {
    /// Fills `out`, which has exactly the bytes of a stored row.
    pub(super) fn pack(&mut self, bgra: &[u8], out: &mut [u8]) {
        let pixels = bgra.as_chunks::<4>().0;
        match self {
            Packer::Rgb => each(pixels, out.as_chunks_mut::<3>().0, |[b, g, r, _]| [r, g, b]),
            Packer::Rgba => each(pixels, out.as_chunks_mut::<4>().0, |[b, g, r, a]| {
                [r, g, b, a]
            }),
            Packer::GrayAlpha => each(pixels, out.as_chunks_mut::<2>().0, |[_, _, v, a]| [v, a]),
            Packer::Gray { depth: 8 } => {
                each(pixels, out.as_chunks_mut::<1>().0, |[_, _, v, _]| [v])
            }
            Packer::Gray { depth } => pack_bits(
                pixels.iter().map(|[_, _, v, _]| v >> (8 - *depth)),
                *depth,
                out,
            ),
            Packer::Indexed {
                depth,
                indices,
                row,
            } => {
                row.clear();
                let mut last = ([0; 4], indices.get(&[0; 4]).copied().unwrap_or_default());
                row.extend(pixels.iter().map(|pixel| {
                    if *pixel != last.0 {
                        last = (*pixel, indices.get(pixel).copied().unwrap_or_default());
                    }
                    last.1
                }));
                pack_indices(row, *depth, out);
            }
        }
    }
}

/// Packs a row of palette indices.
pub(super) fn pack_indices(indices: &[u8], depth: u8, out: &mut [u8]) {
    if depth == 8 {
        for (target, index) in out.iter_mut().zip(indices) {
            *target = *index;
        }
    } else {
        pack_bits(indices.iter().copied(), depth, out);
    }
}

#[inline(always)]
fn each<const N: usize>(
    pixels: &[[u8; 4]],
    out: &mut [[u8; N]],
    pack: impl Fn([u8; 4]) -> [u8; N],
) {
    for (pixel, target) in pixels.iter().zip(out) {
        *target = pack(*pixel);
    }
}

fn pack_bits(mut samples: impl Iterator<Item = u8>, depth: u8, out: &mut [u8]) {
    for byte in out {
        let mut packed = 0;
        for place in (0..8 / depth).rev() {
            packed |= samples.next().unwrap_or(0) << (place * depth);
        }
        *byte = packed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_samples_fill_bytes_from_the_left() {
        let mut out = [0; 2];
        pack_indices(&[1, 2, 3, 0, 1], 2, &mut out);
        assert_eq!(out, [0b0110_1100, 0b0100_0000]);
        let mut out = [0; 1];
        Packer::Gray { depth: 1 }.pack(&[255, 255, 255, 0, 0, 0, 0, 0, 255, 255, 255, 0], &mut out);
        assert_eq!(out, [0b1010_0000]);
    }

    #[test]
    fn palettes_choose_their_depth() {
        let depth = |n: usize| Format::indexed(vec![[0; 4]; n]).depth;
        assert_eq!(
            [1, 2, 3, 4, 5, 16, 17, 256].map(depth),
            [1, 1, 2, 2, 4, 4, 8, 8]
        );
    }
}
