//! Finding the rectangle of a frame that is not plain background.

use crate::{Alpha, FrameInfo, Rect, Size};

/// Detects content while rows pass, holding three of them.
///
/// Transparent pixels are background, whatever their colour. Where the outline of the frame has some, content is all that can
/// be seen. Else edges tell: every 3×3 neighbourhood of gray values whose Scharr gradient `|gx| + |gy|` exceeds the threshold
/// extends the content to the boundaries between neighbours that differ by more than the threshold; one at the outline
/// without such neighbours (there is no border then) to the outline.
#[derive(Debug)]
pub struct ContentDetector {
    size: Size,
    alpha: Alpha,
    threshold: i32,
    /// The last three gray rows, oldest first.
    rows: [Vec<u8>; 3],
    seen: u32,
    energy: Vec<i32>,
    found: Option<Bounds>,
    /// Luma and alpha of the first pixel: transparent pixels are gray like it, so that a hole is no content.
    background: (u32, u32),
    /// Where something can be seen.
    visible: Option<Bounds>,
    /// Whether the outline has transparent pixels.
    is_bare: bool,
}

/// Boundaries between pixels: `0..=width`, `0..=height`.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    x0: u32,
    x1: u32,
    y0: u32,
    y1: u32,
}

impl Bounds {
    fn join(&mut self, other: Bounds) {
        self.x0 = self.x0.min(other.x0);
        self.x1 = self.x1.max(other.x1);
        self.y0 = self.y0.min(other.y0);
        self.y1 = self.y1.max(other.y1);
    }

    fn extend(all: &mut Option<Bounds>, more: Bounds) {
        match all {
            Some(all) => all.join(more),
            None => *all = Some(more),
        }
    }

    /// Whether it is what [`ContentDetector::edges`] starts from.
    fn is_reversed(&self) -> bool {
        self.x0 > self.x1
    }

    /// Takes in the sides of the frame that the neighbourhood at `left`, `top` touches.
    fn reach_outline(&mut self, left: u32, top: u32, size: Size) {
        if left == 0 {
            self.x0 = 0;
        }
        if top == 0 {
            self.y0 = 0;
        }
        if left + 3 == size.width() {
            self.x1 = size.width();
        }
        if top + 3 == size.height() {
            self.y1 = size.height();
        }
    }
}

impl ContentDetector {
    /// Bytes a detector for this frame holds.
    pub fn bytes_for(frame: &FrameInfo) -> u64 {
        u64::from(frame.size.width()) * 7
    }

    /// A detector for byte rows of this frame. Gray values and gradients are compared with `threshold`, 80 is typical.
    pub fn new(frame: FrameInfo, threshold: u32) -> ContentDetector {
        let width = frame.size.width() as usize;
        ContentDetector {
            size: frame.size,
            alpha: frame.alpha,
            // Gradients stay below 2·16·255.
            threshold: i32::try_from(threshold).unwrap_or(i32::MAX),
            rows: std::array::from_fn(|_| vec![0; width]),
            seen: 0,
            energy: vec![0; width.saturating_sub(2)],
            found: None,
            background: (0, 0),
            visible: None,
            is_bare: false,
        }
    }

    /// Takes the next row, B, G, R, A bytes.
    pub fn push_row(&mut self, row: &[u8]) {
        let pixels = row.as_chunks::<4>().0;
        if self.alpha.is_meaningful() {
            self.see(pixels);
            if self.is_bare {
                // Edges do not matter any more.
                self.seen += 1;
                return;
            }
        }
        self.rows.rotate_left(1);
        let gray = &mut self.rows[2];
        if self.alpha.is_meaningful() {
            let (behind, cover) = self.background;
            for (g, p) in gray.iter_mut().zip(pixels) {
                let alpha = u32::from(p[3]);
                let light = luma(p) * alpha + behind * cover.saturating_sub(alpha);
                *g = light.div_ceil(524_288).min(255) as u8;
            }
        } else {
            for (g, p) in gray.iter_mut().zip(pixels) {
                *g = (luma(p) / 2048).min(255) as u8;
            }
        }
        self.seen += 1;
        if self.seen >= 3 && self.size.width() >= 3 {
            self.scan(self.seen - 3);
        }
    }

    /// Looks at which pixels of a row can be seen: those whose edge along a transparent row would exceed the threshold.
    fn see(&mut self, pixels: &[[u8; 4]]) {
        if let (0, Some(first)) = (self.seen, pixels.first()) {
            self.background = (luma(first), u32::from(first[3]));
        }
        let threshold = self.threshold;
        let is_visible = |p: &[u8; 4]| 16 * i32::from(p[3]) > threshold;
        let at_end = self.seen == 0 || self.seen + 1 == self.size.height();
        let first = pixels.iter().position(is_visible);
        let last = pixels.iter().rposition(is_visible);
        self.is_bare |= first != Some(0)
            || last.is_none_or(|last| last + 1 < pixels.len())
            || at_end && !pixels.iter().all(is_visible);
        if let (Some(first), Some(last)) = (first, last) {
            let seen = Bounds {
                x0: first as u32,
                x1: last as u32 + 1,
                y0: self.seen,
                y1: self.seen + 1,
            };
            Bounds::extend(&mut self.visible, seen);
        }
    }

    /// Looks at the neighbourhoods whose upper row is `top`.
    fn scan(&mut self, top: u32) {
        let [r0, r1, r2] = &self.rows;
        let mut any = 0;
        for (x, energy) in self.energy.iter_mut().enumerate() {
            let at = |row: &[u8], dx: usize| i32::from(row[x + dx]);
            let (a, b, c) = (at(r0, 0), at(r0, 1), at(r0, 2));
            let (d, f) = (at(r1, 0), at(r1, 2));
            let (g, h, i) = (at(r2, 0), at(r2, 1), at(r2, 2));
            let gx = 3 * (a + g) + 10 * d - 3 * (c + i) - 10 * f;
            let gy = 3 * (a + c) + 10 * b - 3 * (g + i) - 10 * h;
            *energy = gx.abs() + gy.abs();
            any = any.max(*energy);
        }
        if any <= self.threshold {
            return;
        }
        for (x, _) in (0..)
            .zip(&self.energy)
            .filter(|(_, energy)| **energy > self.threshold)
        {
            let local = self.edges(x as usize);
            let mut shifted = Bounds {
                x0: x + local.x0,
                x1: x + local.x1,
                y0: top + local.y0,
                y1: top + local.y1,
            };
            if local.is_reversed() {
                shifted.reach_outline(x, top, self.size);
            }
            Bounds::extend(&mut self.found, shifted);
        }
    }

    /// Boundaries inside the neighbourhood at column `x`; reversed when no two neighbours differ enough.
    fn edges(&self, x: usize) -> Bounds {
        let gray = |row: usize, column: usize| i32::from(self.rows[row][x + column]);
        let mut bounds = Bounds {
            x0: 2,
            x1: 1,
            y0: 2,
            y1: 1,
        };
        for line in 0..3 {
            let along = line as u32;
            for step in 0..2 {
                let boundary = step as u32 + 1;
                if (gray(line, step) - gray(line, step + 1)).abs() > self.threshold {
                    bounds.join(Bounds {
                        x0: boundary,
                        x1: boundary,
                        y0: along,
                        y1: along + 1,
                    });
                }
                if (gray(step, line) - gray(step + 1, line)).abs() > self.threshold {
                    bounds.join(Bounds {
                        x0: along,
                        x1: along + 1,
                        y0: boundary,
                        y1: boundary,
                    });
                }
            }
        }
        bounds
    }

    /// The content with `percent` of its mean side as padding; the whole frame when nothing was found.
    pub fn content(&self, percent: f32) -> Rect {
        let whole = Rect::of(self.size);
        let found = if self.is_bare {
            self.visible
        } else {
            self.found
        };
        let Some(found) = found.filter(|b| {
            b.x0 < b.x1 && b.y0 < b.y1 && self.size.width().min(self.size.height()) >= 3
        }) else {
            return whole;
        };
        let sides = f64::from(found.x1 - found.x0) + f64::from(found.y1 - found.y0);
        // A cast saturates; NaN pads nothing.
        let padding = (f64::from(percent) / 100.0 * sides / 2.0).ceil().max(0.0) as u32;
        let (width, height) = (self.size.width(), self.size.height());
        Rect::new(
            found.x0.saturating_sub(padding),
            found.y0.saturating_sub(padding),
            found.x1.saturating_add(padding).min(width),
            found.y1.saturating_add(padding).min(height),
        )
        .unwrap_or(whole)
    }
}

/// Luma in 1/2048: weights 233 B, 1197 G, 610 R.
fn luma(p: &[u8; 4]) -> u32 {
    233 * u32::from(p[0]) + 1197 * u32::from(p[1]) + 610 * u32::from(p[2])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn content(width: u32, alpha: Alpha, pixels: &[[u8; 4]], percent: f32) -> Rect {
        let size = Size::new(width, pixels.len() as u32 / width).unwrap();
        let mut detector = ContentDetector::new(FrameInfo::bgra8(size, alpha), 80);
        for row in pixels.chunks(width as usize) {
            detector.push_row(&row.concat());
        }
        detector.content(percent)
    }

    fn with_square(back: [u8; 4], square: [u8; 4]) -> Vec<[u8; 4]> {
        let inside = |x: usize, y: usize| (3..6).contains(&x) && (2..7).contains(&y);
        (0..100)
            .map(|i| if inside(i % 10, i / 10) { square } else { back })
            .collect()
    }

    #[test]
    fn a_dark_square_on_white_is_found_and_padded() {
        let pixels = with_square([255; 4], [0, 0, 0, 255]);
        let rect = Rect::new(3, 2, 6, 7).unwrap();
        assert_eq!(content(10, Alpha::Opaque, &pixels, 0.0), rect);
        // ceil(10 % of (3 + 5)/2) = 1
        let padded = Rect::new(2, 1, 7, 8).unwrap();
        assert_eq!(content(10, Alpha::Opaque, &pixels, 10.0), padded);
        let whole = Rect::new(0, 0, 10, 10).unwrap();
        assert_eq!(content(10, Alpha::Opaque, &pixels, 1e30), whole);
        assert_eq!(content(10, Alpha::Opaque, &pixels, f32::NAN), rect);
    }

    #[test]
    fn transparent_is_background_whatever_the_colours() {
        let rect = Rect::new(3, 2, 6, 7).unwrap();
        let colors = [[0, 0, 0], [255, 255, 255], [128, 128, 128], [0, 0, 255]];
        for [b, g, r] in colors {
            for [x, y, z] in colors {
                let pixels = with_square([x, y, z, 0], [b, g, r, 255]);
                assert_eq!(content(10, Alpha::Meaningful, &pixels, 0.0), rect);
            }
        }
        // Garbage, and alpha that nobody sees.
        let mut pixels = with_square([0; 4], [0, 0, 0, 255]);
        for (i, pixel) in pixels.iter_mut().enumerate().filter(|(_, p)| p[3] == 0) {
            *pixel = [
                (i * 37) as u8,
                (i * 91) as u8,
                (i * 53) as u8,
                (i % 6) as u8,
            ];
        }
        assert_eq!(content(10, Alpha::Meaningful, &pixels, 0.0), rect);
        // In a frame without alpha the fourth byte means nothing.
        let pixels = with_square([255, 255, 255, 0], [0; 4]);
        assert_eq!(content(10, Alpha::Opaque, &pixels, 0.0), rect);
        // Padding is added, as far as there is room.
        let pixels = with_square([0; 4], [0, 0, 0, 255]);
        let padded = Rect::new(1, 0, 8, 9).unwrap();
        assert_eq!(content(10, Alpha::Meaningful, &pixels, 50.0), padded);
    }

    #[test]
    fn shadows_belong_to_what_throws_them() {
        // Alpha falls by a third with every pixel outwards: 200, 133, 88, 59, 39, 26, 17, 11, 7, 5.
        let pixels: Vec<[u8; 4]> = (0..41 * 41)
            .map(|i| {
                let away = (i % 41i32 - 20).abs().max((i / 41 - 20).abs());
                [0, 0, 0, (0..away).fold(200, |alpha, _| alpha * 2 / 3) as u8]
            })
            .collect();
        let rect = Rect::new(20 - 8, 20 - 8, 21 + 8, 21 + 8).unwrap();
        assert_eq!(content(41, Alpha::Meaningful, &pixels, 0.0), rect);
    }

    #[test]
    fn content_may_touch_the_outline_of_a_transparent_frame() {
        let half: Vec<[u8; 4]> = (0..100)
            .map(|i| [255, 255, 255, if i % 10 < 4 { 255 } else { 0 }])
            .collect();
        let left = Rect::new(0, 0, 4, 10).unwrap();
        assert_eq!(content(10, Alpha::Meaningful, &half, 0.0), left);
    }

    #[test]
    fn opaque_borders_of_frames_with_alpha_are_found_and_holes_are_none() {
        let rect = Rect::new(3, 2, 6, 7).unwrap();
        let white = with_square([255; 4], [0, 0, 0, 255]);
        assert_eq!(content(10, Alpha::Meaningful, &white, 0.0), rect);
        let faint = with_square([255, 255, 255, 100], [255; 4]);
        assert_eq!(content(10, Alpha::Meaningful, &faint, 0.0), rect);
        let whole = Rect::new(0, 0, 10, 10).unwrap();
        let hole = with_square([255; 4], [0; 4]);
        assert_eq!(content(10, Alpha::Meaningful, &hole, 0.0), whole);
    }

    #[test]
    fn pictures_without_a_border_stay_whole() {
        let whole = Rect::new(0, 0, 20, 20).unwrap();
        let gradients: [fn(u8, u8) -> u8; 4] = [
            |x, _| x * 12,
            |_, y| 255 - y * 12,
            |x, y| x * 6 + y * 6,
            |x, y| (x ^ y) * 8,
        ];
        for gray in gradients {
            for alpha in [Alpha::Opaque, Alpha::Meaningful] {
                let pixels: Vec<[u8; 4]> = (0..400u16)
                    .map(|i| gray((i % 20) as u8, (i / 20) as u8))
                    .map(|v| [v, v, v, 255])
                    .collect();
                assert_eq!(content(20, alpha, &pixels, 0.0), whole);
            }
        }
        let clear = [[90, 80, 70, 0]; 400];
        assert_eq!(content(20, Alpha::Meaningful, &clear, 5.0), whole);
        let even = [[90, 80, 70, 60]; 400];
        assert_eq!(content(20, Alpha::Meaningful, &even, 5.0), whole);
    }

    #[test]
    fn plain_and_tiny_frames_stay_whole() {
        let plain = Rect::new(0, 0, 4, 4).unwrap();
        assert_eq!(content(4, Alpha::Opaque, &[[9; 4]; 16], 5.0), plain);
        let tiny = [[0; 4], [255; 4], [255; 4], [0; 4]];
        let whole = Rect::new(0, 0, 2, 2).unwrap();
        assert_eq!(content(2, Alpha::Opaque, &tiny, 5.0), whole);
    }
}
