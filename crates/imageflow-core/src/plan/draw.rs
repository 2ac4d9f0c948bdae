//! Canvases and drawing on them.

use imageflow_pixels::resample::WorkingSpace;
use imageflow_pixels::{Alpha, Rect, Size};
use imageflow_types::{Color, CompositingMode, PixelFormat, ResampleHints, ResampleWhen};

use super::color;
use super::expand::{Branch, Expander};
use super::ir::Op;
use super::resample::{self, Settings};
use crate::error::{Error, ErrorKind};

/// Largest side of a created canvas.
const MAX_CANVAS_SIDE: usize = 2_000_000;
/// Most pixels of a created canvas.
const MAX_CANVAS_PIXELS: usize = 100_000_000;

impl Branch {
    /// A frame made of this canvas and an image: its source is that of the lowest id.
    ///
    /// # Errors
    /// When the two are in different colours.
    fn joined(self, image: Branch, id: usize) -> Result<Branch, Error> {
        if image.source.is_some() && self.source.is_some() && self.profile != image.profile {
            return Err(Error::new(
                ErrorKind::InvalidNodeParams,
                "the frames to be joined are in different colours: decode both with the same color_profile",
            ));
        }
        let source = match (self.source, image.source) {
            (Some(a), Some(b)) => Some(if b.io_id < a.io_id { b } else { a }),
            (a, b) => a.or(b),
        };
        Ok(Branch {
            id,
            source,
            profile: self.profile.or(image.profile),
        })
    }
}

impl Expander<'_> {
    pub(super) fn create_canvas(
        &mut self,
        format: PixelFormat,
        w: usize,
        h: usize,
        color: &Color,
    ) -> Result<Branch, Error> {
        let params = |text: &str| Err(Error::new(ErrorKind::InvalidNodeParams, text));
        let alpha = match format {
            PixelFormat::Bgra32 => Alpha::Meaningful,
            PixelFormat::Bgr32 => Alpha::Opaque,
            PixelFormat::Bgr24 => {
                return params("canvas format Bgr24 not permitted. Use Bgr32 instead");
            }
            PixelFormat::Gray8 => {
                return params("canvas format cannot be grayscale; use bgra_32 or bgr_32");
            }
        };
        for (name, side) in [("width", w), ("height", h)] {
            if side == 0 || side >= MAX_CANVAS_SIDE {
                let text = format!(
                    "canvas {name} ({side}) must be greater than zero and less than 2000000."
                );
                return Err(Error::new(ErrorKind::InvalidCoordinates, text));
            }
        }
        if w.saturating_mul(h) > MAX_CANVAS_PIXELS {
            let text = format!("canvas size ({w}) cannot exceed 100 megapixels.");
            return Err(Error::new(ErrorKind::InvalidCoordinates, text));
        }
        let size = u32::try_from(w)
            .ok()
            .zip(u32::try_from(h).ok())
            .and_then(|(w, h)| Size::new(w, h));
        let size = size.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidCoordinates,
                format!("canvas of {w}x{h} pixels is too large"),
            )
        })?;
        let color = color::parse(color)?;
        let id = self
            .ir
            .add(Op::Canvas { size, alpha, color }, &[], self.planning.limits)?;
        Ok(Branch {
            id,
            source: None,
            profile: None,
        })
    }

    pub(super) fn copy_rect(
        &mut self,
        image: Branch,
        canvas: Branch,
        from: [u32; 2],
        size: [u32; 2],
        at: [u32; 2],
    ) -> Result<Branch, Error> {
        let (image_size, canvas_size) = (self.frame(image.id).size, self.frame(canvas.id).size);
        let rect = |[x, y]: [u32; 2], frame: Size| {
            Rect::new(x, y, x.checked_add(size[0])?, y.checked_add(size[1])?)
                .filter(|r| r.fits(frame))
        };
        let Some(rect) = rect(from, image_size).filter(|_| rect(at, canvas_size).is_some()) else {
            let text = format!(
                "Invalid coordinates. Canvas is {canvas_size}, Input is {image_size}, Params provided: from_x: {}, from_y: {}, w: {}, h: {}, x: {}, y: {}",
                from[0], from[1], size[0], size[1], at[0], at[1]
            );
            return Err(Error::new(ErrorKind::InvalidNodeParams, text));
        };
        let piece = self.crop_to(image.id, rect)?;
        let id = self.ir.add(
            Op::CopyRect {
                left: at[0],
                top: at[1],
                promote: true,
            },
            &[canvas.id, piece],
            self.planning.limits,
        )?;
        canvas.joined(image, id)
    }

    /// Expands `draw_image_exact`.
    pub(super) fn draw_image(
        &mut self,
        image: Branch,
        canvas: Branch,
        at: [u32; 2],
        size: [u32; 2],
        blend: Option<CompositingMode>,
        hints: Option<&ResampleHints>,
    ) -> Result<Branch, Error> {
        if hints
            .and_then(|h| h.resample_when)
            .is_some_and(|when| when != ResampleWhen::Always)
        {
            return Err(Error::new(
                ErrorKind::InvalidNodeParams,
                "DrawImageExact always resamples: leave out hints.resample_when or set it to always",
            ));
        }
        self.draw(image, canvas, at, size, blend, hints)
    }

    /// Draws an image. It is resampled even to the size it has, unless `resample_when` says otherwise.
    pub(super) fn draw(
        &mut self,
        image: Branch,
        canvas: Branch,
        [x, y]: [u32; 2],
        [w, h]: [u32; 2],
        blend: Option<CompositingMode>,
        hints: Option<&ResampleHints>,
    ) -> Result<Branch, Error> {
        let to = resample::target_size(w, h)?;
        let canvas_size = self.frame(canvas.id).size;
        let fits = u64::from(x) + u64::from(w) <= u64::from(canvas_size.width())
            && u64::from(y) + u64::from(h) <= u64::from(canvas_size.height());
        if !fits {
            let text = format!(
                "DrawImageExact target rect x1={x},y1={y},w={w},h={h} does not fit canvas size {canvas_size}."
            );
            return Err(Error::new(ErrorKind::InvalidNodeParams, text));
        }
        let from = self.frame(image.id).size;
        let mut settings = Settings::new(hints, from, to)?;
        let when = hints.and_then(|h| h.resample_when);
        let runs = settings.runs(when.unwrap_or(ResampleWhen::Always), from, to);
        let mut input = image.id;
        if let Some(color) = settings
            .matte
            .filter(|_| self.frame(input).alpha.is_meaningful())
        {
            input = resample::matte_below(self, input, color)?;
        }
        let composes = blend.unwrap_or(CompositingMode::Compose) == CompositingMode::Compose
            && self.frame(input).alpha.is_meaningful();
        let scaled = match (runs, composes) {
            (false, false) => input,
            // Compositing starts from floats; the way there must not change the image.
            (false, true) => {
                settings.keep_pixels();
                resample::scale(self, input, to, &settings, None, true)?
            }
            (true, _) => resample::scale(self, input, to, &settings, None, composes)?,
        };
        let space: WorkingSpace = settings.space;
        let op = if composes {
            Op::Draw {
                left: x,
                top: y,
                space,
            }
        } else {
            Op::CopyRect {
                left: x,
                top: y,
                promote: false,
            }
        };
        let id = self
            .ir
            .add(op, &[canvas.id, scaled], self.planning.limits)?;
        canvas.joined(image, id)
    }
}
