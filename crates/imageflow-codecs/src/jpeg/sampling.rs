//! Chroma subsampling chosen per picture: sharp coloured detail keeps full resolution, photographs give it up.
//!
//! [`ChromaMeter`] measures; here the measure and the quality become JPEG sampling factors, with the thresholds of the
//! `evalchroma` crate, which the tests hold this to.

use super::chroma::{ChromaMeter, Sharpness};

/// Sides up to this many pixels are never subsampled: a chroma block would not get smaller.
const TINY: u32 = 8;

/// Horizontal and vertical sampling factor of one component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Factors {
    pub(super) horizontal: u8,
    pub(super) vertical: u8,
}

/// The sampling factors of Y, Cb and Cr.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sampling([Factors; 3]);

impl Sampling {
    /// From luma pixels per chroma sample, (1, 1) to (2, 2), for Cb and Cr.
    pub(super) fn from_pixels_per_sample(cb: (u8, u8), cr: (u8, u8)) -> Sampling {
        let clamp = |(x, y): (u8, u8)| (x.clamp(1, 2), y.clamp(1, 2));
        let (cb, cr) = (clamp(cb), clamp(cr));
        // Factors count samples per MCU, the inverse of pixels per sample: luma takes the larger, chroma divides it.
        let luma = (cb.0.max(cr.0), cb.1.max(cr.1));
        let factors = |pixels: (u8, u8)| Factors {
            horizontal: luma.0 / pixels.0,
            vertical: luma.1 / pixels.1,
        };
        Sampling([factors((1, 1)), factors(cb), factors(cr)])
    }

    /// The sampling that treats Cb and Cr alike, as the sharper of both.
    #[cfg(any(test, jpegli, not(feature = "mozjpeg")))]
    pub(super) fn with_equal_chroma(self) -> Sampling {
        let [luma, cb, cr] = self.0;
        let pixels = |luma: u8, cb: u8, cr: u8| luma / cb.max(cr);
        let both = (
            pixels(luma.horizontal, cb.horizontal, cr.horizontal),
            pixels(luma.vertical, cb.vertical, cr.vertical),
        );
        Sampling::from_pixels_per_sample(both, both)
    }

    /// Samples of all components that four pixels take on average: 12 unsubsampled, 6 at 4:2:0.
    pub(super) fn samples_per_four_pixels(self) -> u64 {
        let area = |factors: Factors| u64::from(factors.horizontal) * u64::from(factors.vertical);
        let [luma, cb, cr] = self.0.map(area);
        4 * (luma + cb + cr) / luma
    }

    /// Y, Cb, Cr.
    pub(super) fn components(self) -> [Factors; 3] {
        self.0
    }
}

/// Chooses the sampling of a picture, at most 2×2, from its rows and a quality of 0..=100.
pub(super) struct SamplingChoice {
    width: u32,
    height: u32,
    threshold: u32,
    meter: ChromaMeter,
}

impl SamplingChoice {
    pub(super) fn new(width: u32, height: u32, quality: u8) -> SamplingChoice {
        let threshold = (130.0 - f32::from(quality.min(100)) * 1.21).powf(1.56) as u32;
        SamplingChoice {
            width,
            height,
            threshold,
            meter: ChromaMeter::new(width, height, 60 * threshold),
        }
    }

    /// Looks at the next row, four bytes B, G, R, ignored per pixel.
    pub(super) fn push(&mut self, bgra: &[u8]) {
        self.meter.push(bgra);
    }

    /// The choice for the rows seen.
    pub(super) fn finish(self) -> Sampling {
        let (width, height, threshold) = (self.width, self.height, self.threshold);
        let [cb, cr] = self.meter.finish();
        let of = |sharpness, threshold| pixels_per_sample(sharpness, width, height, threshold);
        Sampling::from_pixels_per_sample(of(cb, threshold * 9 / 8), of(cr, threshold))
    }
}

/// Luma pixels per sample of one chroma channel, across and down.
fn pixels_per_sample(sharpness: Sharpness, width: u32, height: u32, threshold: u32) -> (u8, u8) {
    // Large pictures are looked at scaled down, tiny ones closely or enlarged.
    let scaled = |value: u32, side: u32, large: u32| match side {
        0..=100 => value.saturating_mul(2),
        _ if side <= large => value,
        _ => value / 2,
    };
    let across = scaled(sharpness.horizontal, width, 1920);
    let down = scaled(sharpness.vertical, height, 1600);
    let x = if across > 40 * threshold || width <= TINY {
        1
    } else {
        2
    };
    let y = if down > 32 * threshold || height <= TINY {
        1
    } else {
        2
    };
    if (x, y) == (2, 2) && across.saturating_add(down) > 64 * threshold {
        return (2, 1);
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(sampling: Sampling) -> [(u8, u8); 3] {
        sampling.components().map(|f| (f.horizontal, f.vertical))
    }

    fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
        let at = |y| (0..width).map(move |x| (x, y));
        (0..height)
            .flat_map(at)
            .flat_map(|(x, y)| pixel(x, y))
            .collect()
    }

    /// The choice for packed RGB, whose fourth bytes are noise.
    fn choose(rgb: &[u8], width: u32, height: u32, quality: u8) -> Sampling {
        let mut choice = SamplingChoice::new(width, height, quality);
        for (y, row) in rgb.chunks_exact(width as usize * 3).enumerate() {
            let bgra: Vec<u8> = row
                .chunks_exact(3)
                .flat_map(|p| [p[2], p[1], p[0], (y * 91) as u8])
                .collect();
            choice.push(&bgra);
        }
        choice.finish()
    }

    /// What `evalchroma` says, with the limit for tiny sides, which it forgets when a picture has no sharp colour.
    fn oracle(rgb: &[u8], width: u32, height: u32, quality: u8) -> Sampling {
        use rgb::FromSlice;
        let most = evalchroma::PixelSize {
            cb: (2, 2),
            cr: (2, 2),
        };
        let picture = imgref::ImgRef::new(rgb.as_rgb(), width as usize, height as usize);
        let found = evalchroma::adjust_sampling(picture, most, f32::from(quality)).subsampling;
        let limit = |(x, y): (u8, u8)| {
            (
                if width <= TINY { 1 } else { x },
                if height <= TINY { 1 } else { y },
            )
        };
        Sampling::from_pixels_per_sample(limit(found.cb), limit(found.cr))
    }

    fn noise(x: u32, y: u32, seed: u32) -> [u8; 3] {
        let h = (x.wrapping_mul(0x9E37_79B1)
            ^ y.wrapping_mul(0x85EB_CA77)
            ^ seed.wrapping_mul(0x27D4_EB2F))
        .wrapping_mul(0xC2B2_AE3D);
        let h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
        [h as u8, (h >> 8) as u8, (h >> 16) as u8]
    }

    #[test]
    fn the_choice_is_that_of_evalchroma() {
        let sizes = [
            (1, 1),
            (2, 40),
            (3, 3),
            (8, 50),
            (9, 9),
            (31, 200),
            (100, 101),
            (150, 129),
            (201, 340),
            (64, 1700),
            (1930, 20),
        ];
        let mut kinds = std::collections::BTreeSet::new();
        for (n, (width, height)) in sizes.into_iter().enumerate() {
            for strength in [0u8, 12, 30, 55, 90, 150, 255] {
                for direction in 0..4 {
                    // Detail only in a band, across, down or both, in one or all channels.
                    let rgb = picture(width, height, |x, y| {
                        let (x, y) = ([x, 7, x, x][direction], [7, y, y, y / 3][direction]);
                        let band = y > height / 2 || direction == 0;
                        let [r, g, b] = noise(x, y, n as u32).map(|v| {
                            if band {
                                v.min(strength)
                            } else {
                                v.min(strength) / 4
                            }
                        });
                        if direction == 3 {
                            [r, 90, 90]
                        } else {
                            [r, g, b]
                        }
                    });
                    for quality in [0, 35, 60, 75, 85, 95, 100] {
                        let expected = oracle(&rgb, width, height, quality);
                        kinds.insert(format!("{:?}", factors(expected)));
                        assert_eq!(
                            choose(&rgb, width, height, quality),
                            expected,
                            "{width}x{height} strength {strength} direction {direction} quality {quality}"
                        );
                    }
                }
            }
        }
        assert!(
            kinds.len() >= 6,
            "the test must see many outcomes, saw {kinds:?}"
        );
    }

    #[test]
    fn factors_are_relative_to_luma_and_may_differ_between_cb_and_cr() {
        let of = |cb, cr| factors(Sampling::from_pixels_per_sample(cb, cr));
        assert_eq!(of((2, 2), (2, 2)), [(2, 2), (1, 1), (1, 1)]);
        assert_eq!(of((1, 1), (1, 1)), [(1, 1), (1, 1), (1, 1)]);
        assert_eq!(of((2, 1), (2, 1)), [(2, 1), (1, 1), (1, 1)]);
        assert_eq!(of((2, 2), (1, 2)), [(2, 2), (1, 1), (2, 1)]);
        assert_eq!(of((9, 0), (0, 9)), [(2, 2), (1, 2), (2, 1)]);
    }

    #[test]
    fn samples_follow_the_factors() {
        let of = |cb, cr| Sampling::from_pixels_per_sample(cb, cr).samples_per_four_pixels();
        assert_eq!(
            (
                of((1, 1), (1, 1)),
                of((2, 1), (2, 1)),
                of((2, 2), (2, 2)),
                of((2, 2), (1, 2))
            ),
            (12, 8, 6, 7)
        );
    }

    #[test]
    fn equal_chroma_is_the_sharper_of_both() {
        let of = |cb, cr| factors(Sampling::from_pixels_per_sample(cb, cr).with_equal_chroma());
        assert_eq!(of((2, 2), (1, 2)), [(1, 2), (1, 1), (1, 1)]);
        assert_eq!(of((2, 1), (1, 2)), [(1, 1); 3]);
        assert_eq!(of((2, 2), (2, 2)), [(2, 2), (1, 1), (1, 1)]);
    }

    #[test]
    fn smooth_colour_is_subsampled_and_sharp_colour_is_not() {
        let smooth = picture(96, 96, |x, y| [x as u8, y as u8, 128]);
        assert_eq!(factors(choose(&smooth, 96, 96, 75))[0], (2, 2));
        let checks = picture(96, 96, |x, y| {
            if (x + y) % 2 == 0 {
                [255, 0, 0]
            } else {
                [0, 0, 255]
            }
        });
        assert_eq!(factors(choose(&checks, 96, 96, 75)), [(1, 1); 3]);
    }

    #[test]
    fn sharp_columns_keep_horizontal_resolution_only() {
        let columns = picture(96, 96, |x, _| {
            if x % 2 == 0 {
                [230, 20, 20]
            } else {
                [20, 20, 230]
            }
        });
        assert_eq!(
            factors(choose(&columns, 96, 96, 75)),
            [(1, 2), (1, 1), (1, 1)]
        );
    }

    #[test]
    fn sides_of_eight_pixels_or_less_stay_whole() {
        let flat = |w, h| picture(w, h, |_, _| [200, 10, 60]);
        assert_eq!(factors(choose(&flat(8, 64), 8, 64, 50))[0], (1, 2));
        assert_eq!(factors(choose(&flat(64, 3), 64, 3, 50))[0], (2, 1));
        assert_eq!(factors(choose(&flat(1, 1), 1, 1, 0)), [(1, 1); 3]);
    }
}
