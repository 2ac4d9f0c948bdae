//! Putting a colour under a transparent frame, pixel by pixel.

use std::fmt;
use std::ops::Range;

use super::Bgra;
use crate::contract::{Scratch, Stage};
use crate::resample::WorkingSpace;
use crate::simd::{self, SimdLevel};
use crate::{Alpha, FrameInfo, Rows, RowsMut};

/// Composites the frame over a colour in linear light. An opaque colour makes the result opaque.
///
/// Per pixel: alpha 255 is unchanged, alpha 0 becomes the matte, else `ma=(1−α)·matte_a; oa=ma+α; c=(lin(c)·α+lin(m)·ma)/oa`.
#[derive(Debug)]
pub struct Matte {
    input: FrameInfo,
    color: Bgra,
    premultiplied: [f32; 4],
    level: SimdLevel,
}

impl Matte {
    /// Makes the stage.
    pub fn new(input: FrameInfo, color: Bgra, level: SimdLevel) -> Matte {
        Matte {
            input,
            color,
            premultiplied: color.premultiplied(WorkingSpace::Linear),
            level,
        }
    }
}

impl Stage for Matte {
    fn output(&self) -> FrameInfo {
        let alpha = if self.color.is_opaque() {
            Alpha::Opaque
        } else {
            self.input.alpha
        };
        FrameInfo {
            alpha,
            ..self.input
        }
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        for y in out.range() {
            let (source, row) = (input.row(y), out.row_mut(y));
            row.copy_from_slice(source);
            if !self.input.alpha.is_meaningful() || source.chunks_exact(4).all(|p| p[3] == 255) {
                continue;
            }
            let floats = scratch.floats(source.len());
            simd::linearize_alpha(self.level, source, floats);
            simd::under_matte(self.level, floats, self.premultiplied);
            simd::encode_srgb_alpha(self.level, floats, row);
            for (d, s) in row.chunks_exact_mut(4).zip(source.chunks_exact(4)) {
                match s[3] {
                    255 => d.copy_from_slice(s),
                    0 => d.copy_from_slice(&self.color.0),
                    _ => {}
                }
            }
        }
    }
}

impl fmt::Display for Matte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [b, g, r, a] = self.color.0;
        write!(f, "matte {r:02X}{g:02X}{b:02X}{a:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{frame, run};

    #[test]
    fn blends_in_linear_light() {
        let input = frame(
            3,
            Alpha::Meaningful,
            &[[0, 0, 0, 128], [10, 20, 30, 255], [7, 7, 7, 0]],
        );
        let matte = Matte::new(*input.info(), Bgra::WHITE, SimdLevel::detect());
        // lin⁻¹(127/255) = 187.5…
        assert_eq!(
            run(&matte, &[&input]),
            [[187, 187, 187, 255], [10, 20, 30, 255], [255; 4]]
        );
        assert_eq!(matte.output().alpha, Alpha::Opaque);
    }
}
