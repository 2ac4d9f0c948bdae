//! SSIMULACRA2: how much a picture looks like its original. 100 is identical, 90 not told apart side by side, 70 high quality,
//! 50 medium.
//!
//! Structural similarity in XYB, a colour space near perception, at six scales. Errors are pooled to 108 means, and these to
//! one score. The metric is Jon Sneyers' (Cloudinary, part of libjxl), version 2.1.
//!
//! Rows of both pictures come in together and flow down the scales; each scale keeps the nine rows that its blur reaches. So
//! the score needs no memory in proportion to the picture, and can be stopped between two rows.

mod scale;
mod weights;

use scale::{Planes, Scale};

use crate::control::{ControlError, JobControl, Reservation};
use crate::geometry::Size;
use crate::layout::Alpha;
use crate::simd::{LINEAR, SimdLevel};

/// Sides of the smallest picture that the metric is defined for.
const MIN_SIDE: u32 = 8;
/// Scales, each half the size of the one before.
const SCALES: usize = 6;

/// Compares two pictures of one size, row by row.
///
/// A picture with a side below 8 is compared as if its last column or row were repeated up to there.
#[derive(Debug)]
pub struct Ssimulacra2 {
    scales: Vec<Scale>,
    rows: Planes,
    /// What is put under the original and under the copy.
    backgrounds: [Option<u8>; 2],
    /// Rows taken of those that will come.
    taken: u32,
    height: u32,
    level: SimdLevel,
    _reservation: Reservation,
}

impl Ssimulacra2 {
    /// Backgrounds to compare pictures with alpha on, sRGB-encoded gray: 0.1 and 0.9, as the reference tool has them. The
    /// lower score counts, for damage that one background hides.
    pub const BACKGROUNDS: [u8; 2] = [26, 230];

    /// Starts a comparison of frames of `size`. Frames with meaningful alpha are put on `background`, sRGB-encoded gray.
    ///
    /// # Errors
    /// When the budget refuses the memory: about 600 bytes a column.
    pub fn new(
        size: Size,
        alphas: [Alpha; 2],
        background: u8,
        control: &JobControl,
    ) -> Result<Ssimulacra2, ControlError> {
        let width = size.width().max(MIN_SIDE) as usize;
        let height = size.height().max(MIN_SIDE);
        let mut sides = vec![(width, height)];
        while let Some((width, height)) = sides.last().copied()
            && sides.len() < SCALES
            && width >= MIN_SIDE as usize
            && height >= MIN_SIDE
        {
            sides.push((width.div_ceil(2), height.div_ceil(2)));
        }
        let bytes = sides.iter().map(|(width, _)| Scale::bytes(*width)).sum();
        let reservation = control.reserve(bytes)?;
        Ok(Ssimulacra2 {
            scales: (sides.into_iter())
                .map(|(width, height)| Scale::new(width, height))
                .collect(),
            rows: Planes::new(width),
            backgrounds: alphas.map(|alpha| alpha.is_meaningful().then_some(background)),
            taken: 0,
            height: size.height(),
            level: SimdLevel::detect(),
            _reservation: reservation,
        })
    }

    /// Takes the next row of both pictures, top to bottom. **Shape**: one row of `Bgra8` pixels each.
    pub fn push_row(&mut self, original: &[u8], copy: &[u8]) {
        let [r, g, b, copy_r, copy_g, copy_b] = &mut self.rows.0;
        let [under_original, under_copy] = self.backgrounds;
        linear(original, under_original, [r, g, b]);
        linear(copy, under_copy, [copy_r, copy_g, copy_b]);
        self.taken += 1;
        let repeats = if self.taken == self.height {
            1 + MIN_SIDE.saturating_sub(self.height)
        } else {
            1
        };
        for _ in 0..repeats {
            scale::push(&mut self.scales, &self.rows, self.level);
        }
    }

    /// The score, once all rows were taken.
    pub fn score(&self) -> f64 {
        let errors: Vec<_> = self.scales.iter().map(Scale::errors).collect();
        weights::score(&errors)
    }
}

/// Bytes → planes of linear red, green and blue; the last pixel is repeated to the end of the planes.
fn linear(row: &[u8], background: Option<u8>, planes: [&mut Vec<f32>; 3]) {
    let [red, green, blue] = planes;
    let pixels = row.as_chunks::<4>().0;
    let outputs = red.iter_mut().zip(green).zip(blue);
    let last = pixels.last().copied().unwrap_or_default();
    let padded = pixels.iter().copied().chain(std::iter::repeat(last));
    for (((r, g), b), pixel) in outputs.zip(padded) {
        let [blue, green, red, _] = match background {
            Some(gray) => on_gray(pixel, gray),
            None => pixel,
        };
        *r = LINEAR[usize::from(red)];
        *g = LINEAR[usize::from(green)];
        *b = LINEAR[usize::from(blue)];
    }
}

fn on_gray(pixel: [u8; 4], gray: u8) -> [u8; 4] {
    let alpha = u32::from(pixel[3]);
    pixel.map(|v| ((u32::from(v) * alpha + u32::from(gray) * (255 - alpha) + 127) / 255) as u8)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<Vec<u8>> {
        (0..height)
            .map(|y| (0..width).flat_map(|x| pixel(x, y)).collect())
            .collect()
    }

    fn compare(a: &[Vec<u8>], b: &[Vec<u8>], background: Option<u8>) -> f64 {
        let size = Size::new(a[0].len() as u32 / 4, a.len() as u32).unwrap();
        let alpha = background.map_or(Alpha::Opaque, |_| Alpha::Meaningful);
        let control = JobControl::default();
        let mut metric =
            Ssimulacra2::new(size, [alpha; 2], background.unwrap_or(0), &control).unwrap();
        for (a, b) in a.iter().zip(b) {
            metric.push_row(a, b);
        }
        metric.score()
    }

    fn texture(x: u32, y: u32) -> [u8; 4] {
        let v = (x * 7 + y * 13 + (x * y) % 31) % 200;
        [v as u8, (v / 2 + x) as u8, (255 - v) as u8, 255]
    }

    #[test]
    fn equal_pictures_of_any_size_score_a_hundred() {
        for (width, height) in [(1, 1), (3, 20), (8, 8), (9, 15), (64, 33), (257, 130)] {
            let a = picture(width, height, texture);
            assert_eq!(compare(&a, &a, None), 100.0, "{width}x{height}");
        }
    }

    #[test]
    fn more_damage_scores_lower() {
        let a = picture(120, 90, texture);
        let damaged = |by: u8| {
            let mut copy = a.clone();
            for (y, row) in copy.iter_mut().enumerate() {
                for v in row.iter_mut().skip(y % 5).step_by(5) {
                    *v = v.saturating_add(by);
                }
            }
            compare(&a, &copy, None)
        };
        let scores = [1, 8, 30].map(damaged);
        assert!(
            scores[0] < 100.0 && scores.is_sorted_by(|a, b| a > b),
            "{scores:?}"
        );
    }

    #[test]
    fn tiny_pictures_are_told_apart() {
        let (a, b) = (picture(2, 2, |_, _| [0; 4]), picture(2, 2, |_, _| [255; 4]));
        assert!(compare(&a, &b, None) < 50.0);
    }

    #[test]
    fn what_is_transparent_does_not_count() {
        let a = picture(40, 40, |x, y| {
            [x as u8, y as u8, 9, if x < 20 { 0 } else { 255 }]
        });
        let b = picture(40, 40, |x, y| {
            if x < 20 {
                [200, 3, 99, 0]
            } else {
                [x as u8, y as u8, 9, 255]
            }
        });
        assert_eq!(compare(&a, &b, Some(26)), 100.0);
        assert!(compare(&a, &b, None) < 90.0);
    }

    #[test]
    fn memory_comes_from_the_budget() {
        let limits = crate::Limits {
            max_bytes: 10_000,
            ..Default::default()
        };
        let control = JobControl::new(Default::default(), limits);
        let size = Size::new(1000, 1000).unwrap();
        assert!(Ssimulacra2::new(size, [Alpha::Opaque; 2], 0, &control).is_err());
    }
}
