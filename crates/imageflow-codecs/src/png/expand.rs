//! Unfiltered PNG rows to B, G, R, A: one tight loop for each sample layout.
//!
//! Gray and palette rows of up to 8 bits are the same thing, an index into 256 pixels; so is their transparency.
#![allow(clippy::indexing_slicing, reason = "kernels over chunks of fixed size")]

use png::{BitDepth, ColorType, Info};

type Pixel = [u8; 4];

/// How to read a row.
pub(super) enum Expander {
    /// Samples of 1, 2, 4 or 8 bits that select a pixel.
    Table {
        bits: u8,
        pixels: Box<[Pixel; 256]>,
    },
    Gray16 {
        key: Option<u16>,
    },
    GrayAlpha8,
    GrayAlpha16,
    Rgb8 {
        key: Option<[u8; 3]>,
    },
    Rgb16 {
        key: Option<[u16; 3]>,
    },
    Rgba8,
    Rgba16,
}

impl Expander {
    /// Chooses the loop for an image with this header.
    pub(super) fn new(info: &Info<'_>) -> Expander {
        let trns = info.trns.as_deref();
        let key = |at: usize| {
            trns.and_then(|t| Some(u16::from_be_bytes([*t.get(2 * at)?, *t.get(2 * at + 1)?])))
        };
        let wide = info.bit_depth == BitDepth::Sixteen;
        match info.color_type {
            ColorType::Grayscale if wide => Expander::Gray16 { key: key(0) },
            // The decoder has reduced the key of narrow samples to one byte for each channel.
            ColorType::Grayscale => {
                Expander::gray(info.bit_depth as u8, trns.and_then(|t| t.first().copied()))
            }
            ColorType::GrayscaleAlpha if wide => Expander::GrayAlpha16,
            ColorType::GrayscaleAlpha => Expander::GrayAlpha8,
            ColorType::Rgb if wide => Expander::Rgb16 {
                key: key(0).and_then(|r| Some([r, key(1)?, key(2)?])),
            },
            ColorType::Rgb => Expander::Rgb8 {
                key: trns.and_then(|t| t.get(..3)?.try_into().ok()),
            },
            ColorType::Rgba if wide => Expander::Rgba16,
            ColorType::Rgba => Expander::Rgba8,
            ColorType::Indexed => Expander::palette(
                info.bit_depth as u8,
                info.palette.as_deref().unwrap_or_default(),
                trns.unwrap_or_default(),
            ),
        }
    }

    fn gray(bits: u8, key: Option<u8>) -> Expander {
        let mut pixels = Box::new([[0, 0, 0, 255]; 256]);
        let top = (1u16 << bits) - 1;
        for (sample, pixel) in pixels.iter_mut().enumerate().take(usize::from(top) + 1) {
            let value = (sample * 255 / usize::from(top)) as u8;
            let alpha = if key.is_some_and(|k| usize::from(k) == sample) {
                0
            } else {
                255
            };
            *pixel = [value, value, value, alpha];
        }
        Expander::Table { bits, pixels }
    }

    /// Indices beyond the palette are opaque black, as other decoders have it.
    fn palette(bits: u8, palette: &[u8], alpha: &[u8]) -> Expander {
        let mut pixels = Box::new([[0, 0, 0, 255]; 256]);
        for (pixel, rgb) in pixels.iter_mut().zip(palette.chunks_exact(3)) {
            *pixel = [rgb[2], rgb[1], rgb[0], 255];
        }
        for (pixel, alpha) in pixels.iter_mut().zip(alpha).take(palette.len() / 3) {
            pixel[3] = *alpha;
        }
        Expander::Table { bits, pixels }
    }

    /// Fills a row of pixels from a row of samples.
    pub(super) fn expand(&self, raw: &[u8], bgra: &mut [u8]) {
        let out = bgra.as_chunks_mut::<4>().0;
        match self {
            Expander::Table { bits: 8, pixels } => {
                each(raw.as_chunks::<1>().0, out, |[v]| pixels[usize::from(v)])
            }
            Expander::Table { bits, pixels } => packed(raw, out, *bits, pixels),
            Expander::Gray16 { key } => each(raw.as_chunks::<2>().0, out, |[h, l]| {
                let sample = u16::from_be_bytes([h, l]);
                let value = narrow(sample);
                [
                    value,
                    value,
                    value,
                    if *key == Some(sample) { 0 } else { 255 },
                ]
            }),
            Expander::GrayAlpha8 => each(raw.as_chunks::<2>().0, out, |[v, a]| [v, v, v, a]),
            Expander::GrayAlpha16 => each(raw.as_chunks::<4>().0, out, |[vh, vl, ah, al]| {
                let value = wide(vh, vl);
                [value, value, value, wide(ah, al)]
            }),
            Expander::Rgb8 { key: None } => {
                each(raw.as_chunks::<3>().0, out, |[r, g, b]| [b, g, r, 255])
            }
            Expander::Rgb8 { key: Some(key) } => each(raw.as_chunks::<3>().0, out, |rgb| {
                [rgb[2], rgb[1], rgb[0], if rgb == *key { 0 } else { 255 }]
            }),
            Expander::Rgb16 { key } => {
                each(raw.as_chunks::<6>().0, out, |[rh, rl, gh, gl, bh, bl]| {
                    let rgb = [
                        u16::from_be_bytes([rh, rl]),
                        u16::from_be_bytes([gh, gl]),
                        u16::from_be_bytes([bh, bl]),
                    ];
                    [
                        narrow(rgb[2]),
                        narrow(rgb[1]),
                        narrow(rgb[0]),
                        if *key == Some(rgb) { 0 } else { 255 },
                    ]
                })
            }
            Expander::Rgba8 => each(raw.as_chunks::<4>().0, out, |[r, g, b, a]| [b, g, r, a]),
            Expander::Rgba16 => each(
                raw.as_chunks::<8>().0,
                out,
                |[rh, rl, gh, gl, bh, bl, ah, al]| {
                    [wide(bh, bl), wide(gh, gl), wide(rh, rl), wide(ah, al)]
                },
            ),
        }
    }
}

#[inline(always)]
fn each<const N: usize>(raw: &[[u8; N]], out: &mut [Pixel], pixel: impl Fn([u8; N]) -> Pixel) {
    for (samples, target) in raw.iter().zip(out) {
        *target = pixel(*samples);
    }
}

fn packed(raw: &[u8], out: &mut [Pixel], bits: u8, pixels: &[Pixel; 256]) {
    let per_byte = usize::from(8 / bits);
    let mask = (1u16 << bits) as u8 - 1;
    for (byte, targets) in raw.iter().zip(out.chunks_mut(per_byte)) {
        let mut shift = 8;
        for target in targets {
            shift -= bits;
            *target = pixels[usize::from(byte >> shift & mask)];
        }
    }
}

fn wide(high: u8, low: u8) -> u8 {
    narrow(u16::from_be_bytes([high, low]))
}

/// 0..=65535 to 0..=255, rounded to nearest.
fn narrow(value: u16) -> u8 {
    ((u32::from(value) * 255 + 32767) / 65535) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(expander: &Expander, raw: &[u8], width: usize) -> Vec<[u8; 4]> {
        let mut out = vec![0; width * 4];
        expander.expand(raw, &mut out);
        out.as_chunks::<4>().0.to_vec()
    }

    #[test]
    fn sixteen_bits_round_to_nearest() {
        for value in 0..=u16::MAX {
            let exact = f64::from(value) * 255.0 / 65535.0;
            assert!((f64::from(narrow(value)) - exact).abs() <= 0.5, "{value}");
        }
    }

    #[test]
    fn narrow_gray_is_spread_and_its_key_is_transparent() {
        let two = Expander::gray(2, Some(1));
        assert_eq!(
            row(&two, &[0b0001_1011, 0b0100_0000], 5),
            [
                [0, 0, 0, 255],
                [85, 85, 85, 0],
                [170, 170, 170, 255],
                [255, 255, 255, 255],
                [85, 85, 85, 0]
            ]
        );
        assert_eq!(
            row(&Expander::gray(1, None), &[0b1010_0000], 3),
            [[255; 4], [0, 0, 0, 255], [255; 4]]
        );
        assert_eq!(
            row(&Expander::gray(4, None), &[0x0F], 2),
            [[0, 0, 0, 255], [255; 4]]
        );
    }

    #[test]
    fn palette_entries_beyond_the_palette_are_opaque_black() {
        let palette = Expander::palette(8, &[1, 2, 3, 4, 5, 6], &[9]);
        assert_eq!(
            row(&palette, &[0, 1, 2], 3),
            [[3, 2, 1, 9], [6, 5, 4, 255], [0, 0, 0, 255]]
        );
    }

    #[test]
    fn keys_compare_all_bits() {
        let key = Expander::Rgb16 {
            key: Some([0x0102, 0x0304, 0x0506]),
        };
        assert_eq!(
            row(&key, &[1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 7], 2)
                .iter()
                .map(|p| p[3])
                .collect::<Vec<_>>(),
            [0, 255]
        );
        let key = Expander::Rgb8 {
            key: Some([1, 2, 3]),
        };
        assert_eq!(
            row(&key, &[1, 2, 3, 3, 2, 1], 2),
            [[3, 2, 1, 0], [1, 2, 3, 255]]
        );
    }
}
