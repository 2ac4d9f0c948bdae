//! Colour matrices on straight sRGB-encoded bytes.

use std::fmt;
use std::ops::Range;

use crate::contract::{Scratch, Stage};
use crate::{Alpha, FrameInfo, Rows, RowsMut};

/// The coefficients of a 5×5 row-vector matrix, rows and columns in the order r, g, b, a, offset.
///
/// `out[j] = m[0][j]·r + m[1][j]·g + m[2][j]·b + m[3][j]·a + 255·m[4][j]`, samples 0..=255; the fifth column is unused.
pub type Matrix5 = [[f32; 5]; 5];

/// Applies a colour matrix to every pixel, invisible ones too. Not premultiplied: what is stored is what is multiplied.
#[derive(Debug)]
pub struct ColorMatrix {
    input: FrameInfo,
    alpha: Alpha,
    /// What each of b, g, r, a and the offset adds to the stored channels B, G, R, A.
    terms: [[f32; 4]; 5],
}

impl ColorMatrix {
    /// Makes the stage. With `alpha` [`Alpha::Meaningful`] an opaque frame gains alpha (255 before the matrix); an opaque
    /// result drops the alpha the matrix computes.
    pub fn new(input: FrameInfo, matrix: &Matrix5, alpha: Alpha) -> ColorMatrix {
        const STORED: [usize; 4] = [2, 1, 0, 3];
        let row = |row: usize, scale: f32| STORED.map(|column| matrix[row][column] * scale);
        ColorMatrix {
            input,
            alpha,
            terms: [
                row(2, 1.0),
                row(1, 1.0),
                row(0, 1.0),
                row(3, 1.0),
                row(4, 255.0),
            ],
        }
    }
}

impl Stage for ColorMatrix {
    fn output(&self) -> FrameInfo {
        FrameInfo {
            alpha: self.alpha,
            ..self.input
        }
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let [tb, tg, tr, ta, offset] = self.terms;
        // Coverage of an opaque frame is 255 whatever its fourth byte says.
        let opaque_in = if self.input.alpha.is_meaningful() {
            0
        } else {
            255
        };
        let opaque_out = if self.alpha.is_meaningful() { 0 } else { 255 };
        for y in out.range() {
            let source = input.row(y);
            for (d, s) in out
                .row_mut(y)
                .chunks_exact_mut(4)
                .zip(source.chunks_exact(4))
            {
                let (b, g, r) = (f32::from(s[0]), f32::from(s[1]), f32::from(s[2]));
                let a = f32::from(s[3] | opaque_in);
                for channel in 0..4 {
                    let v = tr[channel] * r
                        + tg[channel] * g
                        + tb[channel] * b
                        + ta[channel] * a
                        + offset[channel];
                    // A cast saturates and makes 0 of NaN.
                    d[channel] = (v + 0.5) as u8;
                }
                d[3] |= opaque_out;
            }
        }
    }
}

impl fmt::Display for ColorMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("color_matrix")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{frame, run};

    const SWAP_RED_AND_BLUE: Matrix5 = [
        [0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.5, 0.0],
        [0.0, 0.1, 0.0, 0.0, 0.0],
    ];

    #[test]
    fn rows_are_inputs_and_columns_outputs() {
        let input = frame(2, Alpha::Meaningful, &[[1, 2, 3, 100], [200, 240, 20, 0]]);
        let stage = ColorMatrix::new(*input.info(), &SWAP_RED_AND_BLUE, Alpha::Meaningful);
        assert_eq!(run(&stage, &[&input]), [[3, 28, 1, 50], [20, 255, 200, 0]]);
    }

    #[test]
    fn alpha_appears_only_when_asked_for() {
        let input = frame(1, Alpha::Opaque, &[[1, 2, 3, 7]]);
        let with = ColorMatrix::new(*input.info(), &SWAP_RED_AND_BLUE, Alpha::Meaningful);
        assert_eq!(run(&with, &[&input]), [[3, 28, 1, 128]]);
        let without = ColorMatrix::new(*input.info(), &SWAP_RED_AND_BLUE, Alpha::Opaque);
        assert_eq!(run(&without, &[&input]), [[3, 28, 1, 255]]);
        assert_eq!(without.output().alpha, Alpha::Opaque);
    }

    #[test]
    fn nonsense_saturates() {
        let input = frame(1, Alpha::Opaque, &[[9, 9, 9, 255]]);
        let stage = ColorMatrix::new(
            *input.info(),
            &[[f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 0.0, 0.0]; 5],
            Alpha::Opaque,
        );
        assert_eq!(run(&stage, &[&input]), [[0, 0, 255, 255]]);
    }
}
