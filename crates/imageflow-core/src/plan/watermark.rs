//! Watermarks: a decode, a fit to a box, perhaps an opacity, and a drawing.

use imageflow_pixels::Size;
use imageflow_types::{
    ColorFilterSrgb, CompositingMode, Constraint, ConstraintMode, FitBox, Gravity, Watermark,
    WatermarkConstraintMode,
};

use super::expand::{Branch, Expander};
use crate::error::{Error, ErrorKind};

/// A box on the image: left, top, right, bottom; not empty.
type Edges = [u32; 4];

impl Expander<'_> {
    /// Expands `watermark`. An image that is too small, or a box without pixels, gets no mark.
    pub(super) fn watermark(&mut self, image: Branch, mark: &Watermark) -> Result<Branch, Error> {
        let size = self.frame(image.id).size;
        let large_enough = mark.min_canvas_width.unwrap_or(0) < size.width()
            && mark.min_canvas_height.unwrap_or(0) < size.height();
        // The input must exist even when the mark is not drawn.
        let mut drawn = self.decode(mark.io_id, &[])?;
        let Some([left, top, right, bottom]) =
            edges(mark.fit_box.as_ref(), size).filter(|_| large_enough)
        else {
            return Ok(image);
        };
        let natural = self.frame(drawn.id).size;
        let (width, height) = (right - left, bottom - top);
        let constraint = Constraint {
            mode: mode(mark.fit_mode),
            w: Some(width),
            h: Some(height),
            hints: None,
            gravity: mark.gravity,
            canvas_color: None,
        };
        let layout =
            imageflow_querystring::constrain((natural.width(), natural.height()), &constraint)
                .map_err(|e| {
                    Error::new(
                        ErrorKind::InvalidNodeParams,
                        format!("Watermark constraint error: {e}"),
                    )
                })?;
        if let Some(rect) = layout.crop {
            drawn = drawn.then(self.crop(drawn.id, rect)?);
        }
        let opacity = mark.opacity.unwrap_or(1.0);
        if opacity < 1.0 {
            let filter = ColorFilterSrgb::Alpha(opacity.max(0.0));
            drawn = drawn.then(self.color_filter(drawn.id, &filter)?);
        }
        let (w, h) = layout.image;
        let at = position(mark.gravity, [width, height], [w, h]);
        self.draw(
            drawn,
            image,
            [left.saturating_add(at[0]), top.saturating_add(at[1])],
            [w, h],
            Some(CompositingMode::Compose),
            mark.hints.as_ref(),
        )
    }
}

fn mode(fit: Option<WatermarkConstraintMode>) -> ConstraintMode {
    match fit.unwrap_or(WatermarkConstraintMode::Within) {
        WatermarkConstraintMode::Distort => ConstraintMode::Distort,
        WatermarkConstraintMode::Within => ConstraintMode::Within,
        WatermarkConstraintMode::Fit => ConstraintMode::Fit,
        WatermarkConstraintMode::WithinCrop => ConstraintMode::WithinCrop,
        WatermarkConstraintMode::FitCrop => ConstraintMode::FitCrop,
    }
}

/// The box in pixels of the frame the mark is drawn on; `None` when it has none.
fn edges(fit_box: Option<&FitBox>, size: Size) -> Option<Edges> {
    let (width, height) = (size.width(), size.height());
    let edges = match fit_box {
        None => [0, 0, width, height],
        Some(
            FitBox::ImageMargins {
                left,
                top,
                right,
                bottom,
            }
            | FitBox::CanvasMargins {
                left,
                top,
                right,
                bottom,
            },
        ) => [
            *left,
            *top,
            width.checked_sub(*right)?,
            height.checked_sub(*bottom)?,
        ],
        Some(
            FitBox::ImagePercentage { x1, y1, x2, y2 }
            | FitBox::CanvasPercentage { x1, y1, x2, y2 },
        ) => {
            // A cast saturates and makes 0 of NaN.
            let at = |percent: f32, side: u32| {
                (f64::from(percent.clamp(0.0, 100.0)) / 100.0 * f64::from(side)).round() as u32
            };
            [
                at(*x1, width),
                at(*y1, height),
                at(*x2, width),
                at(*y2, height),
            ]
        }
    };
    let [left, top, right, bottom] = edges;
    (left < right && top < bottom).then_some(edges)
}

/// Where the mark goes inside its box. A mark is not looked at: smart means centred.
fn position(gravity: Option<Gravity>, outer: [u32; 2], inner: [u32; 2]) -> [u32; 2] {
    let [x, y] = match gravity {
        Some(Gravity::Percentage { x, y }) => [x, y],
        Some(Gravity::Center | Gravity::Smart) | None => [50.0, 50.0],
    };
    let offset = |outer: u32, inner: u32, percent: f32| {
        let space = outer.saturating_sub(inner);
        ((f64::from(space) * f64::from(percent.clamp(0.0, 100.0)) / 100.0).round() as u32)
            .min(space)
    };
    [offset(outer[0], inner[0], x), offset(outer[1], inner[1], y)]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn boxes_without_pixels_are_none() {
        let size = Size::new(100, 50).unwrap();
        let margins = |left, right| FitBox::ImageMargins {
            left,
            top: 0,
            right,
            bottom: 10,
        };
        assert_eq!(edges(None, size), Some([0, 0, 100, 50]));
        assert_eq!(edges(Some(&margins(30, 20)), size), Some([30, 0, 80, 40]));
        assert_eq!(edges(Some(&margins(30, 70)), size), None);
        assert_eq!(edges(Some(&margins(u32::MAX, u32::MAX)), size), None);
        let percent = FitBox::CanvasPercentage {
            x1: -5.0,
            y1: 50.0,
            x2: 49.5,
            y2: 400.0,
        };
        assert_eq!(edges(Some(&percent), size), Some([0, 25, 50, 50]));
        let nothing = FitBox::CanvasPercentage {
            x1: f32::NAN,
            y1: 0.0,
            x2: f32::NAN,
            y2: 9.0,
        };
        assert_eq!(edges(Some(&nothing), size), None);
    }

    #[test]
    fn gravity_places_the_mark() {
        let at = |x, y| position(Some(Gravity::Percentage { x, y }), [100, 100], [30, 120]);
        assert_eq!(at(100.0, 100.0), [70, 0]);
        assert_eq!(at(-3.0, 0.0), [0, 0]);
        assert_eq!(position(None, [101, 10], [30, 10]), [36, 0]);
    }
}
