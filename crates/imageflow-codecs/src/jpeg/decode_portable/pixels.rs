//! Pixels at full size.

use imageflow_pixels::{Alpha, FrameInfo, RowSource, RowsMut, Size, StreamError};

use super::components::Components;
use super::upsample::{ycbcr_to_bgra, ycck_to_cmyk};
use super::window::Window;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::jpeg::features::ColorModel;
use crate::jpeg::transform::Transform;

/// A source of B, G, R, 255.
pub(super) struct Pixelwise {
    components: Components,
    frame: FrameInfo,
    color: ColorModel,
    ycck: bool,
    transform: Transform,
    windows: Vec<Window>,
    /// A row of minimum coded units of each component, as the decoder gives it.
    buffers: Vec<Vec<u8>>,
    /// One row of each component at the picture's width.
    lines: Vec<Vec<u8>>,
    cmyk: Vec<u8>,
}

impl Pixelwise {
    pub(super) fn new(
        components: Components,
        size: Size,
        color: ColorModel,
        ycck: bool,
        transform: Transform,
    ) -> Pixelwise {
        let planes = components.planes();
        let across = planes.iter().map(|plane| plane.factors.0).max();
        let down = planes.iter().map(|plane| plane.factors.1).max();
        let most = (across.unwrap_or(1), down.unwrap_or(1));
        let width = size.width() as usize;
        Pixelwise {
            windows: planes
                .iter()
                .map(|plane| Window::new(plane, most))
                .collect(),
            buffers: planes
                .iter()
                .map(|plane| vec![0; plane.stride * plane.step()])
                .collect(),
            lines: planes.iter().map(|_| vec![0; width]).collect(),
            components,
            frame: FrameInfo::bgra8(size, Alpha::Opaque),
            color,
            ycck,
            transform,
            cmyk: Vec::new(),
        }
    }

    /// Decodes until everything that row `y` needs is there.
    fn load(&mut self, y: usize) -> Result<(), CodecError> {
        while self.components.whole().is_none() && !self.windows.iter().all(|w| w.has(y)) {
            let rows = self.components.pull(&mut self.buffers)?;
            if rows.iter().all(|rows| *rows == 0) {
                return Err(CodecError::malformed(
                    ImageFormat::Jpeg,
                    "rows end before the picture does",
                ));
            }
            for ((window, buffer), rows) in self.windows.iter_mut().zip(&self.buffers).zip(rows) {
                window.push(buffer, rows, y);
            }
        }
        Ok(())
    }

    fn row(&mut self, y: usize, out: &mut [u8]) -> Result<(), CodecError> {
        self.load(y)?;
        for (c, (window, line)) in self.windows.iter().zip(&mut self.lines).enumerate() {
            match self.components.whole() {
                Some(whole) => whole.full_row(c, y, line),
                None => window.row(y, line),
            }
        }
        match (self.color, self.lines.as_slice()) {
            (ColorModel::Gray, [gray]) => fill_bgra(gray, gray, gray, out),
            (ColorModel::Rgb, [r, g, b]) => fill_bgra(b, g, r, out),
            (ColorModel::YCbCr, [y, cb, cr]) => ycbcr_to_bgra(y, cb, cr, out),
            (ColorModel::Cmyk, [c, m, y, k]) => {
                self.cmyk.resize(out.len(), 0);
                let inks = [c, m, y, k].map(Vec::as_slice);
                if self.ycck {
                    ycck_to_cmyk(inks, &mut self.cmyk);
                } else {
                    interleave(inks, &mut self.cmyk);
                }
            }
            _ => {
                return Err(CodecError::malformed(
                    ImageFormat::Jpeg,
                    "a component is missing",
                ));
            }
        }
        match &mut self.transform {
            Transform::None => {}
            Transform::Rgb(transform) => transform.apply(out),
            Transform::Cmyk(transform) => transform.apply(&self.cmyk, out),
        }
        Ok(())
    }
}

fn fill_bgra(b: &[u8], g: &[u8], r: &[u8], out: &mut [u8]) {
    let (pixels, _) = out.as_chunks_mut::<4>();
    for (((pixel, b), g), r) in pixels.iter_mut().zip(b).zip(g).zip(r) {
        *pixel = [*b, *g, *r, 255];
    }
}

fn interleave([c, m, y, k]: [&[u8]; 4], out: &mut [u8]) {
    let (pixels, _) = out.as_chunks_mut::<4>();
    for ((((pixel, c), m), y), k) in pixels.iter_mut().zip(c).zip(m).zip(y).zip(k) {
        *pixel = [*c, *m, *y, *k];
    }
}

impl RowSource for Pixelwise {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            self.row(y as usize, out.row_mut(y))?;
        }
        Ok(())
    }

    fn skip_rows(&mut self, _count: u32) -> Result<bool, StreamError> {
        // Rows are numbered: those before the first that is asked for are decoded, but not made into pixels.
        Ok(true)
    }
}
