//! Frames to palette indices with error diffusion.
//!
//! Floyd and Steinberg's weights on a serpentine path, with three quarters of the error passed on and a limit on what a
//! pixel takes over. At 256 colours, against passing on everything without a limit, that gained 8 ssimulacra2 and 25 % of
//! the bytes on a screenshot and 5-6 ssimulacra2 on two photos: errors no palette entry can repay do not travel.
//!
//! Distance: weighted by how visible a channel is; green most. With alpha, the mean of the distances over black and over
//! white, of premultiplied colours: colour counts as much as it can be seen.

use super::nearest::{Cell, Nearest};

/// B, G, R.
const WEIGHTS: [i32; 3] = [1, 4, 2];
/// Of 16: how much of an error is passed on.
const STRENGTH: i32 = 12;
/// The most that a pixel is changed by its neighbours' errors.
const LIMIT: i32 = 24;

/// Cells of opaque colours: five bits of each channel.
const OPAQUE_CELLS: usize = 1 << 15;
/// Cells of other colours: four bits of each channel, alpha included.
const PARTIAL_CELLS: usize = 1 << 16;

/// Maps pixels to a palette and rows of pixels to rows of indices.
pub(crate) struct Ditherer {
    space: Space,
    width: usize,
    row: u32,
    /// Errors for this row and the next in sixteenths, with one more pixel on both sides.
    here: Vec<[i32; 4]>,
    below: Vec<[i32; 4]>,
    /// The last colour asked for and its answer: drawings have long runs.
    last: ([i32; 4], u8, [i32; 4]),
}

/// The metric's coordinates: B, G, R over black and, with alpha, over white.
enum Space {
    Opaque(Nearest<3>),
    Alpha(Nearest<6>),
}

impl Ditherer {
    /// `palette` is B, G, R, A, 1 to 256 entries. `opaque` promises that all pixels and entries are.
    pub(crate) fn new(palette: &[[u8; 4]], opaque: bool, width: usize) -> Ditherer {
        let space = if opaque {
            Space::Opaque(Nearest::new(
                palette.iter().map(|p| [0, 1, 2].map(|i| i32::from(p[i]))),
                WEIGHTS,
                OPAQUE_CELLS,
            ))
        } else {
            let [b, g, r] = WEIGHTS;
            Space::Alpha(Nearest::new(
                palette.iter().map(|p| both(premultiplied(*p))),
                [b, g, r, b, g, r],
                PARTIAL_CELLS + OPAQUE_CELLS,
            ))
        };
        let last = ([i32::MIN; 4], 0, [0; 4]);
        Ditherer {
            space,
            width,
            row: 0,
            here: vec![[0; 4]; width + 2],
            below: vec![[0; 4]; width + 2],
            last,
        }
    }

    /// The nearest entry to a pixel.
    pub(crate) fn index(&mut self, pixel: [u8; 4]) -> u8 {
        self.space.nearest(premultiplied(pixel)).0
    }

    /// The squared error of a pixel's nearest entry, as a mean over the channels; over black and white with alpha.
    pub(crate) fn error(&mut self, pixel: [u8; 4]) -> f64 {
        let (_, entry) = self.space.nearest(premultiplied(pixel));
        let weights: i32 = WEIGHTS.iter().sum();
        let target = premultiplied(pixel);
        let over = |color: [i32; 4], white: i32| {
            [0, 1, 2].map(|i| color[i] + white - color[3] * white / 255)
        };
        let distance = |white: i32| -> i32 {
            let (a, b) = (over(target, white), over(entry, white));
            (0..3).map(|i| (a[i] - b[i]).pow(2) * WEIGHTS[i]).sum()
        };
        f64::from(distance(0) + distance(255)) / f64::from(2 * weights)
    }

    /// Begins another frame of the same palette: errors do not travel from frame to frame.
    pub(crate) fn begin(&mut self, width: usize) {
        self.width = width;
        self.row = 0;
        for errors in [&mut self.here, &mut self.below] {
            errors.clear();
            errors.resize(width + 2, [0; 4]);
        }
    }

    /// Fills a row of indices.
    pub(crate) fn row(&mut self, bgra: &[u8], indices: &mut [u8]) {
        self.row_where(bgra, indices, |_| true);
    }

    /// Fills the indices of the columns that `wanted` names; the others stay, and take and give no error.
    #[inline]
    pub(crate) fn row_where(
        &mut self,
        bgra: &[u8],
        indices: &mut [u8],
        wanted: impl Fn(usize) -> bool,
    ) {
        let pixels = bgra.as_chunks::<4>().0;
        let backwards = self.row % 2 == 1;
        self.row += 1;
        self.below.fill([0; 4]);
        for step in 0..self.width.min(pixels.len()).min(indices.len()) {
            let x = if backwards {
                self.width - 1 - step
            } else {
                step
            };
            if !wanted(x) {
                continue;
            }
            let source = premultiplied(pixels[x]);
            let target = limited(source, self.here[x + 1]);
            if target != self.last.0 {
                let (index, got) = self.space.nearest(target);
                self.last = (target, index, got);
            }
            let (_, index, got) = self.last;
            indices[x] = index;
            if target == got {
                continue;
            }
            let (ahead, behind) = if backwards { (x, x + 2) } else { (x + 2, x) };
            for channel in 0..4 {
                let error = (target[channel] - got[channel]) * STRENGTH / 16;
                self.here[ahead][channel] += error * 7;
                self.below[behind][channel] += error * 3;
                self.below[x + 1][channel] += error * 5;
                self.below[ahead][channel] += error;
            }
        }
        std::mem::swap(&mut self.here, &mut self.below);
    }
}

impl Space {
    /// The nearest entry to a premultiplied colour, and its premultiplied colour.
    #[inline]
    fn nearest(&mut self, color: [i32; 4]) -> (u8, [i32; 4]) {
        match self {
            Space::Opaque(nearest) => {
                let point = [color[0], color[1], color[2]];
                let index = nearest.find(opaque_key(color), point, opaque_cell);
                let [b, g, r] = nearest.entry(index);
                (index, [b, g, r, 255])
            }
            Space::Alpha(nearest) => {
                let key = if color[3] == 255 {
                    PARTIAL_CELLS + opaque_key(color)
                } else {
                    partial_key(color)
                };
                let index = nearest.find(key, both(color), alpha_cell);
                let [b, g, r, white, ..] = nearest.entry(index);
                (index, [b, g, r, 255 + b - white])
            }
        }
    }
}

#[inline]
fn opaque_key([b, g, r, _]: [i32; 4]) -> usize {
    ((b >> 3) << 10 | (g >> 3) << 5 | r >> 3) as usize
}

#[inline]
fn partial_key([b, g, r, a]: [i32; 4]) -> usize {
    ((b >> 4) << 12 | (g >> 4) << 8 | (r >> 4) << 4 | a >> 4) as usize
}

fn opaque_cell(key: usize) -> Cell<3> {
    let low = [10, 5, 0].map(|shift| ((key >> shift & 31) << 3) as i32);
    Cell {
        key,
        low,
        high: low.map(|v| v + 7),
    }
}

fn alpha_cell(key: usize) -> Cell<6> {
    let join = |x: [i32; 3], y: [i32; 3]| [x[0], x[1], x[2], y[0], y[1], y[2]];
    if let Some(opaque) = key.checked_sub(PARTIAL_CELLS) {
        let Cell { low, high, .. } = opaque_cell(opaque);
        return Cell {
            key,
            low: join(low, low),
            high: join(high, high),
        };
    }
    let [b, g, r, a] = [12, 8, 4, 0].map(|shift| ((key >> shift & 15) << 4) as i32);
    // Over white: colour + 255 − alpha, so the greatest alpha gives the least.
    let (low, high) = ([b, g, r], [b + 15, g + 15, r + 15]);
    let white_low = low.map(|v| v + 255 - (a + 15));
    let white_high = high.map(|v| v + 255 - a);
    Cell {
        key,
        low: join(low, white_low),
        high: join(high, white_high),
    }
}

/// Over black and over white.
fn both([b, g, r, a]: [i32; 4]) -> [i32; 6] {
    let white = 255 - a;
    [b, g, r, b + white, g + white, r + white]
}

/// B, G, R times alpha, and alpha: colours as they count.
#[inline]
pub(super) fn premultiplied([b, g, r, a]: [u8; 4]) -> [i32; 4] {
    let alpha = i32::from(a);
    if a == 255 {
        return [i32::from(b), i32::from(g), i32::from(r), 255];
    }
    let times = |v: u8| (i32::from(v) * alpha + 127) / 255;
    [times(b), times(g), times(r), alpha]
}

/// A colour plus its share of errors, still a colour: no channel exceeds alpha.
#[inline]
fn limited(color: [i32; 4], errors: [i32; 4]) -> [i32; 4] {
    // Fully transparent and fully opaque pixels keep their alpha, or edges would get holes.
    let edge = color[3] == 0 || color[3] == 255;
    let add = |i: usize, most: i32| {
        (color[i] + ((errors[i] + 8) >> 4).clamp(-LIMIT, LIMIT)).clamp(0, most)
    };
    let alpha = if edge { color[3] } else { add(3, 255) };
    [add(0, alpha), add(1, alpha), add(2, alpha), alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indices(palette: &[[u8; 4]], opaque: bool, pixels: &[[u8; 4]], width: usize) -> Vec<u8> {
        let mut ditherer = Ditherer::new(palette, opaque, width);
        let mut out = vec![0; pixels.len()];
        for (row, target) in pixels.chunks(width).zip(out.chunks_mut(width)) {
            ditherer.row(row.as_flattened(), target);
        }
        out
    }

    #[test]
    fn palette_colours_stay_what_they_are() {
        let palette = [
            [0, 0, 0, 255],
            [255, 255, 255, 255],
            [10, 20, 200, 255],
            [0, 0, 0, 0],
            [9, 90, 30, 100],
        ];
        let pixels: Vec<[u8; 4]> = (0..60).map(|i| palette[i * 7 % 5]).collect();
        let found = indices(&palette, false, &pixels, 10);
        assert!(
            found
                .iter()
                .zip(&pixels)
                .all(|(index, pixel)| palette[usize::from(*index)] == *pixel)
        );
    }

    #[test]
    fn a_middle_gray_becomes_a_mixture() {
        let palette = [[120, 120, 120, 255], [136, 136, 136, 255]];
        let found = indices(&palette, true, &[[128, 128, 128, 255]; 1024], 32);
        let light = found.iter().filter(|i| **i == 1).count();
        assert!((400..624).contains(&light), "{light} of 1024");
    }

    #[test]
    fn cells_hold_their_points() {
        let mut seed = 3u32;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            let alpha = if seed & 1 == 0 {
                255
            } else {
                (seed >> 1 & 255) as u8
            };
            let color = premultiplied([
                (seed >> 8) as u8,
                (seed >> 16) as u8,
                (seed >> 24) as u8,
                alpha,
            ]);
            let key = if alpha == 255 {
                PARTIAL_CELLS + opaque_key(color)
            } else {
                partial_key(color)
            };
            let cell = alpha_cell(key);
            assert!(
                (0..6).all(|i| (cell.low[i]..=cell.high[i]).contains(&both(color)[i])),
                "{color:?} {cell:?}"
            );
        }
    }

    #[test]
    fn transparent_pixels_ignore_their_colour() {
        let palette = [[0, 0, 0, 0], [255, 0, 255, 255]];
        assert_eq!(
            indices(&palette, false, &[[255, 0, 255, 0], [250, 3, 250, 255]], 2),
            [0, 1]
        );
    }
}
