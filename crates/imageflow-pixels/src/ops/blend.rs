//! Drawing one frame on another.

use std::fmt;
use std::ops::Range;

use super::pixels;
use crate::contract::{Scratch, Stage};
use crate::resample::WorkingSpace;
use crate::simd::{self, SimdLevel};
use crate::{Alpha, FrameInfo, PixelLayout, Rows, RowsMut};

/// Input 0 of two-input stages: the canvas.
const CANVAS: usize = 0;

/// The rows of an image at `top` that canvas rows `out` touch.
fn image_rows(out: &Range<u32>, top: u32, height: u32) -> Range<u32> {
    let clip = |y: u32| y.saturating_sub(top).min(height);
    clip(out.start)..clip(out.end)
}

/// Source-over of premultiplied float rows (already at their final size) on a byte canvas.
///
/// Per pixel, in the working space, foreground premultiplied (F, αf), canvas straight (B, αb; 1 when opaque):
/// `k=(1−αf)·αb; αo=αf+k; C=(F+B·k)/αo` (Porter & Duff 1984). αf above 0.994 replaces the pixel by F/αf.
#[derive(Debug)]
pub struct Draw {
    canvas: FrameInfo,
    image: FrameInfo,
    left: u32,
    top: u32,
    space: WorkingSpace,
    level: SimdLevel,
}

impl Draw {
    /// Makes the stage; inputs are canvas (bytes) and image (floats). `None` when the image does not fit the canvas.
    pub fn new(
        canvas: FrameInfo,
        image: FrameInfo,
        left: u32,
        top: u32,
        space: WorkingSpace,
        level: SimdLevel,
    ) -> Option<Draw> {
        let fits = left.checked_add(image.size.width())? <= canvas.size.width()
            && top.checked_add(image.size.height())? <= canvas.size.height();
        (fits && image.layout == PixelLayout::BgraF32).then_some(Draw {
            canvas,
            image,
            left,
            top,
            space,
            level,
        })
    }

    fn compose(&self, image: &[f32], under: &mut [u8], scratch: &mut Scratch) {
        let floats = scratch.floats(under.len());
        match (self.space, self.canvas.alpha.is_meaningful()) {
            (WorkingSpace::Linear, true) => simd::linearize_alpha(self.level, under, floats),
            (WorkingSpace::Linear, false) => simd::linearize(self.level, under, floats),
            (WorkingSpace::Srgb, true) => simd::unit_alpha(self.level, under, floats),
            (WorkingSpace::Srgb, false) => simd::unit(self.level, under, floats),
        }
        // The fourth channel of an opaque canvas is not looked at.
        let opaque_canvas = !self.canvas.alpha.is_meaningful();
        simd::draw_over(self.level, image, floats);
        let mut drawn = [0u8; 256];
        for ((floats, image), under) in floats
            .chunks(256)
            .zip(image.chunks(256))
            .zip(under.chunks_mut(256))
        {
            let drawn = &mut drawn[..under.len()];
            match (self.space, opaque_canvas) {
                (WorkingSpace::Linear, true) => simd::encode_srgb(self.level, floats, drawn),
                (WorkingSpace::Linear, false) => simd::encode_srgb_alpha(self.level, floats, drawn),
                (WorkingSpace::Srgb, true) => simd::encode_unit(self.level, floats, drawn),
                (WorkingSpace::Srgb, false) => simd::encode_unit_alpha(self.level, floats, drawn),
            }
            for ((u, d), f) in under
                .chunks_exact_mut(4)
                .zip(drawn.chunks_exact(4))
                .zip(image.chunks_exact(4))
            {
                // Where nothing is drawn the bytes of the canvas stay exactly what they are.
                if f[3] > 0.0 {
                    u.copy_from_slice(d);
                }
            }
        }
    }
}

impl Stage for Draw {
    fn output(&self) -> FrameInfo {
        self.canvas
    }

    fn window(&self, input: usize, out: Range<u32>) -> Range<u32> {
        if input == CANVAS {
            out
        } else {
            image_rows(&out, self.top, self.image.size.height())
        }
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, scratch: &mut Scratch) {
        let [canvas, image] = inputs else { return };
        for y in out.range() {
            let row = out.row_mut(y);
            row.copy_from_slice(canvas.row(y));
            for source in image_rows(&(y..y + 1), self.top, self.image.size.height()) {
                let under = &mut row[pixels(self.left, self.left + self.image.size.width())];
                self.compose(image.row_f32(source), under, scratch);
            }
        }
    }
}

impl fmt::Display for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "draw {} at {},{} {:?}",
            self.image.size, self.left, self.top, self.space
        )
    }
}

/// Copies a rectangle of byte rows on a canvas: no blending, no scaling.
#[derive(Debug)]
pub struct CopyRect {
    canvas: FrameInfo,
    image: FrameInfo,
    left: u32,
    top: u32,
    alpha: Alpha,
}

impl CopyRect {
    /// Makes the stage; inputs are canvas and image, both bytes, the image already cropped. `promote` gives an opaque canvas
    /// alpha when the image has it. `None` when the image does not fit the canvas.
    pub fn new(
        canvas: FrameInfo,
        image: FrameInfo,
        left: u32,
        top: u32,
        promote: bool,
    ) -> Option<CopyRect> {
        let fits = left.checked_add(image.size.width())? <= canvas.size.width()
            && top.checked_add(image.size.height())? <= canvas.size.height();
        let alpha = if promote && image.alpha.is_meaningful() {
            Alpha::Meaningful
        } else {
            canvas.alpha
        };
        fits.then_some(CopyRect {
            canvas,
            image,
            left,
            top,
            alpha,
        })
    }
}

impl Stage for CopyRect {
    fn output(&self) -> FrameInfo {
        FrameInfo {
            alpha: self.alpha,
            ..self.canvas
        }
    }

    fn window(&self, input: usize, out: Range<u32>) -> Range<u32> {
        if input == CANVAS {
            out
        } else {
            image_rows(&out, self.top, self.image.size.height())
        }
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let [canvas, image] = inputs else { return };
        let opaque = |row: &mut [u8]| row.chunks_exact_mut(4).for_each(|p| p[3] = 255);
        for y in out.range() {
            let row = out.row_mut(y);
            row.copy_from_slice(canvas.row(y));
            if !self.canvas.alpha.is_meaningful() {
                opaque(row);
            }
            for source in image_rows(&(y..y + 1), self.top, self.image.size.height()) {
                let target = &mut row[pixels(self.left, self.left + self.image.size.width())];
                target.copy_from_slice(image.row(source));
                if !self.image.alpha.is_meaningful() || !self.alpha.is_meaningful() {
                    opaque(target);
                }
            }
        }
    }
}

impl fmt::Display for CopyRect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "copy {} to {},{}", self.image.size, self.left, self.top)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ops::testing::{frame, run};
    use crate::{JobControl, RowBuf, Size};

    fn float_pixel(p: [f32; 4]) -> RowBuf {
        let info = FrameInfo::float(Size::new(1, 1).unwrap(), Alpha::Meaningful);
        let mut buf = RowBuf::new(info, 1, &JobControl::default()).unwrap();
        buf.advance(0..1, 0).row_mut_f32(0).copy_from_slice(&p);
        buf
    }

    #[test]
    fn source_over_keeps_an_opaque_canvas_opaque() {
        let canvas = frame(1, Alpha::Opaque, &[[100, 100, 100, 3], [100, 100, 100, 3]]);
        let image = float_pixel([0.5, 0.25, 0.0, 0.5]);
        let draw = Draw::new(
            *canvas.info(),
            *image.info(),
            0,
            1,
            WorkingSpace::Srgb,
            SimdLevel::detect(),
        )
        .unwrap();
        // 0.5 + 100/255·0.5 → 177.5, 0.25 + … → 113.75, 0 + … → 50
        let out = run(&draw, &[&canvas, &image]);
        assert_eq!(out[0][..3], [100, 100, 100]);
        assert_eq!(out[1], [178, 114, 50, 255]);
    }

    #[test]
    fn nothing_drawn_leaves_canvas_bytes_exact() {
        let canvas = frame(1, Alpha::Meaningful, &[[9, 200, 13, 1]]);
        let image = float_pixel([0.0; 4]);
        let draw = Draw::new(
            *canvas.info(),
            *image.info(),
            0,
            0,
            WorkingSpace::Linear,
            SimdLevel::detect(),
        )
        .unwrap();
        assert_eq!(run(&draw, &[&canvas, &image]), [[9, 200, 13, 1]]);
    }

    #[test]
    fn copying_alpha_promotes_the_canvas() {
        let canvas = frame(2, Alpha::Opaque, &[[1, 1, 1, 0], [2, 2, 2, 0]]);
        let image = frame(1, Alpha::Meaningful, &[[5, 6, 7, 8]]);
        let copy = CopyRect::new(*canvas.info(), *image.info(), 1, 0, true).unwrap();
        assert_eq!(
            run(&copy, &[&canvas, &image]),
            [[1, 1, 1, 255], [5, 6, 7, 8]]
        );
        let opaque = frame(1, Alpha::Opaque, &[[5, 6, 7, 8]]);
        let copy = CopyRect::new(*canvas.info(), *opaque.info(), 1, 0, true).unwrap();
        assert_eq!(run(&copy, &[&canvas, &opaque])[1], [5, 6, 7, 255]);
    }
}
