//! Chroma subsampling chosen per picture: sharp coloured detail keeps full resolution, photographs give it up.
//!
//! The analysis is the `evalchroma` crate's; here its advice becomes JPEG sampling factors.

use evalchroma::PixelSize;
use imgref::ImgRef;
use rgb::FromSlice;

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

/// Chooses the sampling for packed RGB samples, at most 2×2, at a quality of 0..=100.
pub(super) fn choose(rgb: &[u8], width: u32, height: u32, quality: u8) -> Sampling {
    let most = PixelSize {
        cb: (2, 2),
        cr: (2, 2),
    };
    let picture = ImgRef::new(rgb.as_rgb(), width as usize, height as usize);
    let advice =
        evalchroma::adjust_sampling(picture, most, f32::from(quality.min(100))).subsampling;
    let limit = |(x, y): (u8, u8)| {
        (
            if width <= TINY { 1 } else { x },
            if height <= TINY { 1 } else { y },
        )
    };
    Sampling::from_pixels_per_sample(limit(advice.cb), limit(advice.cr))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(sampling: Sampling) -> [(u8, u8); 3] {
        sampling.components().map(|f| (f.horizontal, f.vertical))
    }

    fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
        (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| pixel(x, y))
            .collect()
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
