//! Colour filters, rounded corners, the red dot.

use imageflow_pixels::ops::{Matrix5, Radii};
use imageflow_pixels::{Alpha, Rect};
use imageflow_types::{Color, ColorFilterSrgb, CornerRadii, CornerRadius};

use super::color;
use super::expand::Expander;
use super::ir::{Id, Op};
use crate::error::Error;
use imageflow_pixels::ops::Bgra;

/// Side of the red dot.
const DOT: u32 = 3;

impl Expander<'_> {
    /// Expands `color_matrix_srgb`.
    pub(super) fn color_matrix(&mut self, input: Id, matrix: &Matrix5) -> Result<Id, Error> {
        let alpha = self.frame(input).alpha;
        self.add(
            Op::ColorMatrix {
                matrix: *matrix,
                alpha,
            },
            input,
        )
    }

    /// Expands `color_filter_srgb`.
    pub(super) fn color_filter(
        &mut self,
        input: Id,
        filter: &ColorFilterSrgb,
    ) -> Result<Id, Error> {
        let alpha = match filter {
            ColorFilterSrgb::Alpha(_) => Alpha::Meaningful,
            _ => self.frame(input).alpha,
        };
        let matrix = filter_matrix(filter);
        self.add(Op::ColorMatrix { matrix, alpha }, input)
    }

    /// Expands `round_image_corners`.
    pub(super) fn round_corners(
        &mut self,
        input: Id,
        radius: &CornerRadius,
        color: &Color,
    ) -> Result<Id, Error> {
        let color = color::parse(color)?;
        let size = self.frame(input).size;
        let shorter = size.width().min(size.height()) as f32;
        let percent = |p: f32| shorter * p.clamp(0.0, 100.0) / 200.0;
        let pixels = |p: f32| p.clamp(0.0, shorter / 2.0);
        let radii = match radius {
            CornerRadius::Percentage(p) => Some([percent(*p); 4]),
            CornerRadius::Pixels(p) => Some([pixels(*p); 4]),
            CornerRadius::Circle => None,
            CornerRadius::PercentageCustom(radii) => Some(clockwise(radii).map(percent)),
            CornerRadius::PixelsCustom(radii) => Some(clockwise(radii).map(pixels)),
        };
        self.add(Op::RoundCorners { radii, color }, input)
    }

    /// Expands `watermark_red_dot`.
    pub(super) fn red_dot(&mut self, input: Id) -> Result<Id, Error> {
        let size = self.frame(input).size;
        let (width, height) = (size.width(), size.height());
        if width <= DOT || height <= DOT {
            return Ok(input);
        }
        match Rect::new(width - DOT, height - DOT, width, height) {
            Some(rect) => self.add(
                Op::FillRect {
                    rect,
                    color: Bgra([0, 0, 255, 255]),
                },
                input,
            ),
            None => Ok(input),
        }
    }
}

fn clockwise(radii: &CornerRadii) -> Radii {
    [
        radii.top_left,
        radii.top_right,
        radii.bottom_right,
        radii.bottom_left,
    ]
}

/// The matrix of a filter: rows are what r, g, b, a and 1 add to each of R, G, B, A.
fn filter_matrix(filter: &ColorFilterSrgb) -> Matrix5 {
    let gray = |[r, g, b]: [f32; 3]| columns([[r, g, b]; 3], 0.0);
    match *filter {
        // 0.229 for 0.299 is what stored addresses were made with.
        ColorFilterSrgb::GrayscaleNtsc => gray([0.229, 0.587, 0.114]),
        ColorFilterSrgb::GrayscaleBt709 => gray([0.2125, 0.7154, 0.0721]),
        ColorFilterSrgb::GrayscaleRy => gray([0.5, 0.419, 0.081]),
        ColorFilterSrgb::GrayscaleFlat => gray([0.5; 3]),
        ColorFilterSrgb::Sepia => columns(
            [
                [0.393, 0.769, 0.189],
                [0.349, 0.686, 0.168],
                [0.272, 0.534, 0.131],
            ],
            0.0,
        ),
        ColorFilterSrgb::Invert => diagonal(-1.0, 1.0),
        ColorFilterSrgb::Alpha(a) => {
            let mut matrix = diagonal(1.0, 0.0);
            matrix[3][3] = a;
            matrix
        }
        ColorFilterSrgb::Contrast(c) => diagonal(c + 1.0, -c / 2.0),
        ColorFilterSrgb::Brightness(b) => diagonal(1.0, b),
        ColorFilterSrgb::Saturation(s) => {
            let keep = (s + 1.0).max(0.0);
            let mix = [0.3086, 0.6094, 0.0820].map(|weight: f32| weight * (1.0 - keep));
            let mut rows = [mix; 3];
            for (i, row) in rows.iter_mut().enumerate() {
                row[i] += keep;
            }
            columns(rows, 0.0)
        }
    }
}

/// A matrix from what each of R, G, B is made of: `outputs[j] = [r, g, b]`; alpha stays.
fn columns(outputs: [[f32; 3]; 3], offset: f32) -> Matrix5 {
    let mut matrix = [[0.0; 5]; 5];
    for (j, weights) in outputs.iter().enumerate() {
        for (i, weight) in weights.iter().enumerate() {
            matrix[i][j] = *weight;
        }
        matrix[4][j] = offset;
    }
    matrix[3][3] = 1.0;
    matrix
}

fn diagonal(scale: f32, offset: f32) -> Matrix5 {
    columns(
        [[scale, 0.0, 0.0], [0.0, scale, 0.0], [0.0, 0.0, scale]],
        offset,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(filter: ColorFilterSrgb, rgb: [f32; 3]) -> [f32; 3] {
        let m = filter_matrix(&filter);
        [0, 1, 2]
            .map(|j| m[0][j] * rgb[0] + m[1][j] * rgb[1] + m[2][j] * rgb[2] + m[3][j] + m[4][j])
    }

    fn close(a: [f32; 3], b: [f32; 3]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    #[test]
    fn filters_follow_their_formulas() {
        let rgb = [0.2, 0.4, 0.6];
        assert!(close(apply(ColorFilterSrgb::Invert, rgb), [0.8, 0.6, 0.4]));
        assert!(close(
            apply(ColorFilterSrgb::Brightness(0.1), rgb),
            [0.3, 0.5, 0.7]
        ));
        // k = 1.5: k·x + (1 − k)/2
        assert!(close(
            apply(ColorFilterSrgb::Contrast(0.5), rgb),
            [0.05, 0.35, 0.65]
        ));
        let luma = 0.3086 * 0.2 + 0.6094 * 0.4 + 0.0820 * 0.6;
        assert!(close(
            apply(ColorFilterSrgb::Saturation(-1.0), rgb),
            [luma; 3]
        ));
        assert!(close(apply(ColorFilterSrgb::Saturation(0.0), rgb), rgb));
    }
}
