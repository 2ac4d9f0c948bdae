//! Finding the part of a frame that has most to show.
//!
//! Rows of a small frame (some 200 pixels along its longer side) are summed into a grid of cells. Four things make a cell
//! interesting: edges of luma, the colour of skin, saturation, and a colour far from the mean of the frame. What fills the
//! whole frame marks nothing, so skin and saturation count the less the more of them there is (wood, sand and wheat have
//! the colour of skin). A window is worth the sum of its cells, those in its middle more than those at its rim: a subject
//! at the rim is nearly cut.

use crate::{Alpha, FrameInfo};

/// Cells along the longer side of the grid.
const CELLS: u32 = 64;
/// Places that are tried along each axis; even, so that the middle is one of them.
const PLACES: u32 = 64;

// Chosen on 229 crops of 28 photographs to squares, 16:9 and 9:16, whose subject was marked by hand: at least nine tenths of
// it are left in 180 of them, in 159 when cropped in the middle. Halving or doubling one of them gains nothing. Each measure
// is 0 to 1 for a pixel.
const EDGES: f64 = 1.0;
const SKIN: f64 = 1.0;
const SATURATION: f64 = 0.25;
const DIFFERENCE: f64 = 1.0;
/// How much less skin counts for its share of the frame.
const COMMON_SKIN: f64 = 2.0;
/// How much more the top of the frame counts than its bottom: heads are up.
const UPWARD: f64 = 0.2;
/// What is lost from the middle of a window to its rim.
const RIM: f64 = 0.8;
/// What is lost from the middle of the frame to its edge.
const OFF_CENTRE: f64 = 0.1;
/// By how much a place must be better than the middle.
const MARGIN: f64 = 1.02;

/// What is summed per cell; every pixel counts by its alpha.
#[derive(Clone, Copy, Default, Debug)]
struct Cell {
    pixels: f32,
    weight: f32,
    edges: f32,
    skin: f32,
    saturation: f32,
    /// Y, Cb, Cr.
    color: [f32; 3],
}

/// Measures how much there is to see while rows pass, holding three of them and the grid.
#[derive(Debug)]
pub struct Saliency {
    alpha: Alpha,
    width: usize,
    height: usize,
    columns: usize,
    cells: Vec<Cell>,
    /// The last three rows of luma on black, 0 to 1, oldest first.
    luma: [Vec<f32>; 3],
    seen: usize,
}

impl Saliency {
    /// A measure for byte rows of this frame.
    pub fn new(frame: FrameInfo) -> Saliency {
        let (width, height) = (frame.size.width(), frame.size.height());
        let longer = width.max(height).max(CELLS);
        let cells = |side: u32| {
            (f64::from(side) * f64::from(CELLS.min(longer)) / f64::from(longer)).round() as usize
        };
        let (columns, rows) = (cells(width).max(1), cells(height).max(1));
        Saliency {
            alpha: frame.alpha,
            width: width as usize,
            height: height as usize,
            columns,
            cells: vec![Cell::default(); columns * rows],
            luma: std::array::from_fn(|_| vec![0.0; width as usize]),
            seen: 0,
        }
    }

    /// Takes the next row, B, G, R, A bytes.
    pub fn push_row(&mut self, row: &[u8]) {
        let start = self.row_of(self.seen) * self.columns;
        self.luma.rotate_left(1);
        let luma = &mut self.luma[2];
        for (x, p) in row.chunks_exact(4).enumerate().take(self.width) {
            let weight = if self.alpha.is_meaningful() {
                f32::from(p[3]) / 255.0
            } else {
                1.0
            };
            let pixel = Pixel::new(p);
            luma[x] = pixel.luma * weight;
            let cell = &mut self.cells[start + x * self.columns / self.width];
            cell.pixels += 1.0;
            cell.weight += weight;
            cell.skin += weight * pixel.skin();
            cell.saturation += weight * pixel.saturation();
            for (sum, v) in cell.color.iter_mut().zip([pixel.luma, pixel.cb, pixel.cr]) {
                *sum += weight * v;
            }
        }
        self.seen += 1;
        if self.seen >= 3 {
            self.add_edges(self.seen - 2);
        }
    }

    /// Adds |4·c − n − s − e − w| of the middle one of the three rows.
    fn add_edges(&mut self, y: usize) {
        let start = self.row_of(y) * self.columns;
        let [above, here, below] = &self.luma;
        for x in 1..self.width.saturating_sub(1) {
            let laplacian = 4.0 * here[x] - above[x] - below[x] - here[x - 1] - here[x + 1];
            self.cells[start + x * self.columns / self.width].edges += laplacian.abs().min(1.0);
        }
    }

    /// The row of cells that a row of pixels belongs to.
    fn row_of(&self, y: usize) -> usize {
        y.min(self.height - 1) * self.rows() / self.height
    }

    fn rows(&self) -> usize {
        self.cells.len() / self.columns
    }

    /// Where a window of these shares of width and height shows most: left and top as shares (0 to 1) of the room it has.
    /// `None` is the middle, when no place is clearly better.
    pub fn place(&self, window: [f64; 2]) -> Option<[f64; 2]> {
        let scores = self.scores();
        let (columns, rows) = (self.columns, self.rows());
        let across = places(columns, window[0]);
        let down = places(rows, window[1]);
        let middle = [0.5; 2];
        let mut best = (0.0, middle);
        let mut at_middle = 0.0;
        for (x, weights) in &across {
            let inside: Vec<f64> = scores
                .chunks_exact(columns)
                .map(|row| dot(row, weights))
                .collect();
            for (y, weights) in &down {
                let off = (x - 0.5).abs().max((y - 0.5).abs()) * 2.0;
                let score = dot(&inside, weights) * (1.0 - OFF_CENTRE * off);
                if [*x, *y] == middle {
                    at_middle = score;
                }
                if score > best.0 {
                    best = (score, [*x, *y]);
                }
            }
        }
        let (score, place) = best;
        (score > at_middle * MARGIN).then_some(place)
    }

    /// What each cell is worth.
    fn scores(&self) -> Vec<f64> {
        let total = |of: fn(&Cell) -> f32| self.cells.iter().map(|c| f64::from(of(c))).sum::<f64>();
        let weight = total(|c| c.weight).max(f64::MIN_POSITIVE);
        let mean: [f64; 3] = [
            total(|c| c.color[0]) / weight,
            total(|c| c.color[1]) / weight,
            total(|c| c.color[2]) / weight,
        ];
        let rare = |share: f64| (1.0 - share).max(0.0).powi(2);
        let skin = SKIN * rare(COMMON_SKIN * total(|c| c.skin) / weight);
        let saturation = SATURATION * rare(total(|c| c.saturation) / weight);
        let rows = self.rows() as f64;
        let score = |(i, cell): (usize, &Cell)| {
            let [luma, cb, cr] = std::array::from_fn(|i| {
                f64::from(cell.color[i]) - mean[i] * f64::from(cell.weight)
            });
            // Hue tells more than shade.
            let difference = (0.25 * luma * luma + 2.25 * (cb * cb + cr * cr)).sqrt();
            let sum = EDGES * f64::from(cell.edges)
                + skin * f64::from(cell.skin)
                + saturation * f64::from(cell.saturation)
                + DIFFERENCE * difference;
            let height = ((i / self.columns) as f64 + 0.5) / rows;
            sum / f64::from(cell.pixels.max(1.0)) * (1.0 + UPWARD * (0.5 - height))
        };
        // Rounding leaves a trace of difference in a plain frame.
        let score = |cell| Some(score(cell)).filter(|s| *s > 1e-4).unwrap_or(0.0);
        self.cells.iter().enumerate().map(score).collect()
    }
}

/// The places of a window along an axis, as shares of its room, and what each cell counts in a window there:
/// `1 − RIM·u²`, u = −1..1 across the window.
fn places(cells: usize, share: f64) -> Vec<(f64, Vec<f64>)> {
    let length = (share * cells as f64).clamp(f64::MIN_POSITIVE, cells as f64);
    let room = cells as f64 - length;
    let steps = (room.ceil() as u32).min(PLACES).next_multiple_of(2);
    let place = |step: u32| {
        let place = if steps == 0 {
            0.5
        } else {
            f64::from(step) / f64::from(steps)
        };
        let weight = |cell: usize| {
            let u = (cell as f64 + 0.5 - place * room) / length * 2.0 - 1.0;
            if u.abs() < 1.0 {
                1.0 - RIM * u * u
            } else {
                0.0
            }
        };
        (place, (0..cells).map(weight).collect())
    };
    (0..=steps).map(place).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A colour, sRGB-encoded 0 to 1, in YCbCr (BT.601, full range).
#[derive(Clone, Copy)]
struct Pixel {
    luma: f32,
    cb: f32,
    cr: f32,
    /// The largest less the smallest of R, G and B.
    chroma: f32,
}

impl Pixel {
    fn new(p: &[u8]) -> Pixel {
        let [b, g, r] = [p[0], p[1], p[2]].map(|v| f32::from(v) / 255.0);
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        Pixel {
            luma,
            cb: 0.564 * (b - luma),
            cr: 0.713 * (r - luma),
            chroma: r.max(g).max(b) - r.min(g).min(b),
        }
    }

    /// 1 inside the ellipse that skin of all shades fills in the Cb-Cr plane (after Chai & Ngan 1999, who take a
    /// rectangle), falling to 0 around it; 0 in the dark and in glare.
    fn skin(self) -> f32 {
        if !(0.2..0.92).contains(&self.luma) {
            return 0.0;
        }
        let (u, v) = ((self.cb + 0.07) / 0.063, (self.cr - 0.094) / 0.055);
        (1.5 - (u * u + v * v).sqrt()).clamp(0.0, 1.0)
    }

    /// Chroma above a quarter; 0 where it is only noise of the dark or of glare.
    fn saturation(self) -> f32 {
        if !(0.08..0.94).contains(&self.luma) {
            return 0.0;
        }
        ((self.chroma - 0.25) / 0.75).max(0.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Size;

    /// Shows a frame of pixels that a function gives.
    fn look(width: u32, height: u32, alpha: Alpha, at: impl Fn(u32, u32) -> [u8; 4]) -> Saliency {
        let frame = FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha);
        let mut saliency = Saliency::new(frame);
        for y in 0..height {
            let row: Vec<u8> = (0..width).flat_map(|x| at(x, y)).collect();
            saliency.push_row(&row);
        }
        saliency
    }

    /// Left and right edge of a square window on a frame of 192×96.
    fn square(at: impl Fn(u32, u32) -> [u8; 4]) -> [f64; 2] {
        let place = look(192, 96, Alpha::Opaque, at).place([0.5, 1.0]);
        let left = 96.0 * place.map_or(0.5, |p| p[0]);
        [left, left + 96.0]
    }

    const GRAY: [u8; 4] = [120, 120, 120, 255];

    #[test]
    fn a_plain_frame_is_cropped_in_the_middle() {
        for color in [
            GRAY,
            [0; 4],
            [255; 4],
            [30, 60, 220, 255],
            [140, 170, 220, 255],
        ] {
            let plain = look(192, 96, Alpha::Opaque, |_, _| color);
            assert_eq!(plain.place([0.5, 1.0]), None, "{color:?}");
            assert_eq!(plain.place([1.0, 0.3]), None, "{color:?}");
        }
    }

    #[test]
    fn an_even_texture_is_cropped_in_the_middle() {
        let chess = |x: u32, y: u32| {
            if (x / 2 + y / 2).is_multiple_of(2) {
                GRAY
            } else {
                [200; 4]
            }
        };
        assert_eq!(look(192, 96, Alpha::Opaque, chess).place([0.5, 1.0]), None);
        assert_eq!(look(96, 192, Alpha::Opaque, chess).place([1.0, 0.5]), None);
    }

    #[test]
    fn what_differs_stays_inside() {
        let skin = [130, 160, 215, 255];
        let red = [20, 20, 230, 255];
        for color in [skin, red, [250; 4], [10; 4]] {
            for from in [4, 30, 84, 140, 160] {
                let blob = |x: u32, y: u32| {
                    if (from..from + 28).contains(&x) && (30..60).contains(&y) {
                        color
                    } else {
                        GRAY
                    }
                };
                let [left, right] = square(blob);
                let inside = left <= f64::from(from) && f64::from(from + 28) <= right;
                assert!(inside, "{color:?} at {from}: {left}..{right}");
            }
        }
    }

    #[test]
    fn detail_outweighs_a_plain_area() {
        let detail = |x: u32, y: u32| {
            if x >= 130 && (x / 3 + y / 3).is_multiple_of(2) {
                [60, 60, 60, 255]
            } else {
                GRAY
            }
        };
        assert!(square(detail)[1] > 180.0);
    }

    #[test]
    fn what_cannot_be_seen_does_not_count() {
        let hidden = |x: u32, y: u32| {
            if x < 60 {
                [20, (y * 50) as u8, 230, 0]
            } else if (120..150).contains(&x) {
                [20, 20, 230, 255]
            } else {
                [0; 4]
            }
        };
        let place = look(192, 96, Alpha::Meaningful, hidden).place([0.5, 1.0]);
        assert!(place.unwrap()[0] > 0.6);
    }

    #[test]
    fn tiny_frames_and_windows_are_no_exception() {
        for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2)] {
            let noise =
                |x: u32, y: u32| [(x * 91) as u8, (y * 57) as u8, ((x ^ y) * 31) as u8, 255];
            let saliency = look(width, height, Alpha::Meaningful, noise);
            for share in [0.0, 1e-9, 0.5, 1.0, 2.0, f64::NAN] {
                if let Some(place) = saliency.place([share, 1.0]) {
                    assert!(place.iter().all(|p| (0.0..=1.0).contains(p)));
                }
            }
        }
    }
}
