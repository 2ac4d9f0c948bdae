//! Rounding the corners of a frame.

use std::fmt;
use std::ops::Range;

use super::{Bgra, fill, pixels};
use crate::contract::{Scratch, Stage};
use crate::transfer::{linear_to_srgb, srgb_to_linear};
use crate::{Alpha, FrameInfo, Rows, RowsMut};

/// Radius of a disc of area 1: where a pixel's edge begins to count.
const PIXEL_RADIUS: f64 = 0.56419;

/// Radii in pixels: top left, top right, bottom right, bottom left.
pub type Radii = [f32; 4];

/// One rounded corner: pixels of the square beside it whose centre is farther from the arc's centre than the radius.
#[derive(Clone, Copy, Debug)]
struct Corner {
    /// Columns and rows it may touch.
    columns: (u32, u32),
    rows: (u32, u32),
    /// Centre of the arc.
    center: (f64, f64),
    radius: f64,
}

/// Replaces what lies outside rounded corners by a colour, with a smooth edge in linear light.
///
/// With `D` the distance from a pixel's centre to the arc's centre, `Ro = r + (1 − 0.56419)` and `Rs = r − 0.56419`:
/// beyond `Ro` the pixel becomes the colour; beyond `Rs` its alpha is multiplied by `1 − (D − Rs)/(Ro − Rs)` and the
/// colour put below. A frame gains alpha unless the colour is opaque.
#[derive(Debug)]
pub struct RoundCorners {
    input: FrameInfo,
    color: Bgra,
    corners: [Corner; 4],
    /// Columns and rows that survive: all of them, or a centred square.
    inside: (Range<u32>, Range<u32>),
}

impl RoundCorners {
    /// Rounds the corners of the whole frame; radii are clamped to half of the shorter side.
    pub fn new(input: FrameInfo, radii: Radii, color: Bgra) -> RoundCorners {
        let (width, height) = (input.size.width(), input.size.height());
        RoundCorners::within(input, radii, color, (0..width, 0..height))
    }

    /// Keeps the largest circle in the middle of the frame.
    pub fn circle(input: FrameInfo, color: Bgra) -> RoundCorners {
        let (width, height) = (input.size.width(), input.size.height());
        let side = width.min(height);
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let radius = side as f32 / 2.0;
        RoundCorners::within(
            input,
            [radius; 4],
            color,
            (left..left + side, top..top + side),
        )
    }

    fn within(
        input: FrameInfo,
        radii: Radii,
        color: Bgra,
        inside: (Range<u32>, Range<u32>),
    ) -> RoundCorners {
        let (x, y) = (&inside.0, &inside.1);
        let (width, height) = (x.end - x.start, y.end - y.start);
        let largest = f64::from(width.min(height)) / 2.0;
        // The left and upper halves take the middle column and row.
        let (half_width, half_height) = (width - width / 2, height - height / 2);
        let corner = |radius: f32, right: bool, bottom: bool| {
            let radius = f64::from(radius).clamp(0.0, largest);
            let reach = radius.ceil() as u32;
            let span = |at_end: bool, range: &Range<u32>, half: u32| {
                if at_end {
                    (
                        range.end - reach.min(range.end - range.start - half),
                        range.end,
                    )
                } else {
                    (range.start, range.start + reach.min(half))
                }
            };
            let middle = |at_end: bool, range: &Range<u32>| {
                if at_end {
                    f64::from(range.end) - radius
                } else {
                    f64::from(range.start) + radius
                }
            };
            Corner {
                columns: span(right, x, half_width),
                rows: span(bottom, y, half_height),
                center: (middle(right, x), middle(bottom, y)),
                radius,
            }
        };
        let [top_left, top_right, bottom_right, bottom_left] = radii;
        RoundCorners {
            input,
            color,
            corners: [
                corner(top_left, false, false),
                corner(top_right, true, false),
                corner(bottom_right, true, true),
                corner(bottom_left, false, true),
            ],
            inside,
        }
    }

    fn round(&self, row: &mut [u8], y: u32, corner: &Corner, stored: [u8; 4]) {
        let (inner, outer) = (
            corner.radius - PIXEL_RADIUS,
            corner.radius + (1.0 - PIXEL_RADIUS),
        );
        let dy = corner.center.1 - (f64::from(y) + 0.5);
        let (x0, x1) = corner.columns;
        for (x, pixel) in (x0..x1).zip(row[pixels(x0, x1)].chunks_exact_mut(4)) {
            let dx = corner.center.0 - (f64::from(x) + 0.5);
            let distance = dx.hypot(dy);
            if distance > outer {
                pixel.copy_from_slice(&stored);
            } else if distance > inner {
                let intensity = (distance - inner) / (outer - inner);
                let mixed = self.mix(pixel, intensity);
                pixel.copy_from_slice(&mixed);
            }
        }
    }

    /// A pixel whose coverage is reduced by `intensity`, over the colour.
    fn mix(&self, pixel: &[u8], intensity: f64) -> [u8; 4] {
        let unit = |v: u8| f64::from(v) / 255.0;
        let above = unit(pixel[3]) * (1.0 - intensity);
        let below = (1.0 - above) * unit(self.color.0[3]);
        let alpha = above + below;
        if alpha <= 0.0 {
            return [0; 4];
        }
        let mut out = [0; 4];
        for channel in 0..3 {
            let light = srgb_to_linear(unit(pixel[channel])) * above
                + srgb_to_linear(unit(self.color.0[channel])) * below;
            out[channel] = byte(linear_to_srgb(light / alpha));
        }
        out[3] = byte(alpha);
        out
    }
}

fn byte(v: f64) -> u8 {
    (v * 255.0 + 0.5) as u8
}

impl Stage for RoundCorners {
    fn output(&self) -> FrameInfo {
        let alpha = if self.color.is_opaque() {
            self.input.alpha
        } else {
            Alpha::Meaningful
        };
        FrameInfo {
            alpha,
            ..self.input
        }
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        let stored = self.color.stored(self.output().alpha);
        let width = self.input.size.width();
        let (columns, rows) = &self.inside;
        for y in out.range() {
            let row = out.row_mut(y);
            if !rows.contains(&y) {
                fill(row, stored);
                continue;
            }
            row.copy_from_slice(input.row(y));
            if !self.input.alpha.is_meaningful() {
                row.chunks_exact_mut(4).for_each(|p| p[3] = 255);
            }
            fill(&mut row[pixels(0, columns.start)], stored);
            fill(&mut row[pixels(columns.end, width)], stored);
            for corner in &self.corners {
                if (corner.rows.0..corner.rows.1).contains(&y) {
                    self.round(row, y, corner, stored);
                }
            }
        }
    }
}

impl fmt::Display for RoundCorners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.corners.map(|corner| corner.radius);
        write!(f, "round_corners {a} {b} {c} {d}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{frame, grays, run};

    #[test]
    fn a_circle_keeps_the_middle_square_and_fills_the_rest() {
        let input = frame(5, Alpha::Opaque, &grays(&[255; 15]));
        let stage = RoundCorners::circle(*input.info(), Bgra::TRANSPARENT);
        assert_eq!(stage.output().alpha, Alpha::Meaningful);
        let out = run(&stage, &[&input]);
        assert_eq!((out[0], out[4], out[7]), ([0; 4], [0; 4], [255; 4]));
        // Distance √2 of a radius of 1.5: Rs = 0.936, Ro = 1.936.
        let expected = ((1.0 - (2f64.sqrt() - (1.5 - PIXEL_RADIUS))) * 255.0 + 0.5) as u8;
        assert_eq!(out[1], [255, 255, 255, expected]);
    }

    #[test]
    fn an_opaque_colour_keeps_the_frame_opaque() {
        let input = frame(4, Alpha::Opaque, &grays(&[10; 16]));
        let stage = RoundCorners::new(*input.info(), [2.0, 0.0, 0.0, 0.0], Bgra::WHITE);
        let out = run(&stage, &[&input]);
        assert_eq!(stage.output().alpha, Alpha::Opaque);
        assert!(out[0][0] > 200 && out[3] == [10, 10, 10, 255] && out[15] == out[3]);
    }

    #[test]
    fn radii_beyond_the_frame_are_clamped() {
        for radius in [f32::NAN, -5.0, 1e9, f32::INFINITY] {
            let input = frame(3, Alpha::Meaningful, &grays(&[10; 6]));
            let stage = RoundCorners::new(*input.info(), [radius; 4], Bgra::WHITE);
            assert_eq!(run(&stage, &[&input]).len(), 6);
        }
    }
}
