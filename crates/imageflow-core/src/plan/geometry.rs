//! Crops, regions, borders, rectangles.

use imageflow_pixels::{Rect, Size};
use imageflow_types::{Color, Node};

use super::color;
use super::expand::Expander;
use super::ir::{Id, Op};
use crate::error::{Error, ErrorKind};

fn invalid(text: String) -> Error {
    Error::new(ErrorKind::InvalidNodeParams, text)
}

impl Expander<'_> {
    /// Checks what can be checked before any input is opened.
    pub(super) fn check_parameters(&self, node: &Node) -> Result<(), Error> {
        match node {
            Node::Crop { x1, y1, x2, y2 } if x2 <= x1 || y2 <= y1 => Err(invalid(format!(
                "Invalid coordinates: {x1},{y1} {x2},{y2} should describe the top-left and bottom-right corners of a rectangle"
            ))),
            Node::RegionPercent { x1, y1, x2, y2, .. } if x2 <= x1 || y2 <= y1 => {
                Err(invalid(format!(
                    "Invalid coordinates: {x1},{y1} {x2},{y2} should describe the top-left and bottom-right corners of the region in percentages. Not a rectangle."
                )))
            }
            Node::Region { x1, y1, x2, y2, .. } if x2 <= x1 || y2 <= y1 => {
                Err(not_a_rectangle([*x1, *y1, *x2, *y2].map(i64::from)))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn crop(&mut self, input: Id, [x1, y1, x2, y2]: [u32; 4]) -> Result<Id, Error> {
        let size = self.frame(input).size;
        let rect = Rect::new(x1, y1, x2, y2)
            .filter(|r| r.fits(size))
            .ok_or_else(|| {
                let (w, h) = (size.width(), size.height());
                if x2.max(y2) > w.max(h) {
                    invalid(format!(
                        "Crop coordinates {x1},{y1} {x2},{y2} invalid for {w}x{h} bitmap"
                    ))
                } else {
                    let text =
                        format!("Invalid crop bounds (({x1}, {y1}), ({x2}, {y2})) (image {w}x{h})");
                    Error::new(ErrorKind::InvalidArgument, text)
                }
            })?;
        self.crop_to(input, rect)
    }

    /// Crops to a rectangle that fits; crops of crops become one, a crop of everything none.
    pub(super) fn crop_to(&mut self, input: Id, rect: Rect) -> Result<Id, Error> {
        if rect == Rect::of(self.frame(input).size) {
            return Ok(input);
        }
        if let Op::Crop(outer) = self.ir.op(input) {
            let (x, y) = (outer.x0(), outer.y0());
            let merged = Rect::new(rect.x0() + x, rect.y0() + y, rect.x1() + x, rect.y1() + y);
            if let Some(merged) = merged {
                let input = self.ir.input(input);
                return self.add(Op::Crop(merged), input);
            }
        }
        self.add(Op::Crop(rect), input)
    }

    pub(super) fn region(
        &mut self,
        input: Id,
        corners: [i32; 4],
        color: &Color,
    ) -> Result<Id, Error> {
        self.region_at(input, corners.map(i64::from), color)
    }

    pub(super) fn region_percent(
        &mut self,
        input: Id,
        [x1, y1, x2, y2]: [f32; 4],
        color: &Color,
    ) -> Result<Id, Error> {
        let size = self.frame(input).size;
        let at = |percent: f32, side: u32| (percent / 100.0 * side as f32).round() as i64;
        self.region_at(
            input,
            [
                at(x1, size.width()),
                at(y1, size.height()),
                at(x2, size.width()),
                at(y2, size.height()),
            ],
            color,
        )
    }

    fn region_at(&mut self, input: Id, corners: [i64; 4], color: &Color) -> Result<Id, Error> {
        let [x1, y1, x2, y2] = corners;
        if x2 <= x1 || y2 <= y1 {
            return Err(not_a_rectangle(corners));
        }
        let color = color::parse(color)?;
        let frame = self.frame(input);
        let (w, h) = (
            i64::from(frame.size.width()),
            i64::from(frame.size.height()),
        );
        self.planning
            .limits
            .check_frame(x2.abs_diff(x1), y2.abs_diff(y1))?;
        let side = |v: i64| u32::try_from(v).unwrap_or(u32::MAX);
        let canvas =
            Size::new(side(x2 - x1), side(y2 - y1)).ok_or_else(|| not_a_rectangle(corners))?;
        let Some(inside) = Rect::new(
            side(x1.clamp(0, w)),
            side(y1.clamp(0, h)),
            side(x2.clamp(0, w)),
            side(y2.clamp(0, h)),
        ) else {
            return self.ir.add(
                Op::Canvas {
                    size: canvas,
                    alpha: frame.alpha,
                    color,
                },
                &[],
                self.planning.limits,
            );
        };
        let id = self.crop_to(input, inside)?;
        if inside.size() == canvas {
            return Ok(id);
        }
        let (left, top) = (
            side(i64::from(inside.x0()) - x1),
            side(i64::from(inside.y0()) - y1),
        );
        self.add(
            Op::Pad {
                left,
                top,
                canvas,
                color,
            },
            id,
        )
    }

    pub(super) fn expand_canvas(
        &mut self,
        input: Id,
        [left, top, right, bottom]: [u32; 4],
        color: &Color,
    ) -> Result<Id, Error> {
        if [left, top, right, bottom] == [0; 4] {
            return Ok(input);
        }
        let color = color::parse(color)?;
        let size = self.frame(input).size;
        let width = u64::from(size.width()) + u64::from(left) + u64::from(right);
        let height = u64::from(size.height()) + u64::from(top) + u64::from(bottom);
        let canvas = u32::try_from(width)
            .ok()
            .zip(u32::try_from(height).ok())
            .and_then(|(w, h)| Size::new(w, h));
        let canvas = canvas.ok_or_else(|| {
            invalid(format!(
                "ExpandCanvas dimensions overflow: {width}x{height}"
            ))
        })?;
        self.add(
            Op::Pad {
                left,
                top,
                canvas,
                color,
            },
            input,
        )
    }

    pub(super) fn fill_rect(
        &mut self,
        input: Id,
        [x1, y1, x2, y2]: [u32; 4],
        color: &Color,
    ) -> Result<Id, Error> {
        let color = color::parse(color)?;
        let size = self.frame(input).size;
        let rect = Rect::new(x1, y1, x2, y2).filter(|r| r.fits(size)).ok_or_else(|| {
            let text = format!("Invalid coordinates for {size} bitmap: {x1},{y1} {x2},{y2}; give corners with x1 < x2 and y1 < y2 inside it");
            Error::new(ErrorKind::InvalidCoordinates, text)
        })?;
        self.add(Op::FillRect { rect, color }, input)
    }
}

fn not_a_rectangle([x1, y1, x2, y2]: [i64; 4]) -> Error {
    invalid(format!(
        "Invalid coordinates: {x1},{y1} {x2},{y2} should describe the top-left and bottom-right corners of the region in pixels. Not a rectangle."
    ))
}
