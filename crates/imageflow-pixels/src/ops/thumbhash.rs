//! ThumbHash: a picture in some twenty bytes, to be shown while it loads.
//!
//! The format is Evan Wallace's (<https://evanw.github.io/thumbhash/>): the lowest cosine coefficients of luminance, of
//! yellow against blue, of red against green and of alpha, four bits each.

use std::f64::consts::PI;

use crate::{Alpha, FrameInfo};

/// Gathers a frame and hashes it. The format allows at most 100 pixels along the longer side; work grows with the area.
#[derive(Debug)]
pub struct ThumbHash {
    alpha: Alpha,
    width: usize,
    /// R, G, B, A, 0 to 1, straight.
    pixels: Vec<[f64; 4]>,
}

/// Cosine coefficients of one channel.
struct Waves {
    /// The mean.
    dc: f64,
    /// The others, scaled to 0 to 1.
    ac: Vec<f64>,
    /// The largest of the others.
    scale: f64,
}

impl ThumbHash {
    /// The largest side the format allows.
    pub const MAX_SIDE: u32 = 100;

    /// Makes an empty one for byte rows of this frame.
    pub fn new(frame: FrameInfo) -> ThumbHash {
        ThumbHash {
            alpha: frame.alpha,
            width: frame.size.width() as usize,
            pixels: Vec::new(),
        }
    }

    /// Takes the next row, B, G, R, A bytes.
    pub fn push_row(&mut self, row: &[u8]) {
        let meaningful = self.alpha.is_meaningful();
        let unit = |v: u8| f64::from(v) / 255.0;
        self.pixels
            .extend(row.chunks_exact(4).take(self.width).map(|p| {
                let alpha = if meaningful { unit(p[3]) } else { 1.0 };
                [unit(p[2]), unit(p[1]), unit(p[0]), alpha]
            }));
    }

    /// The hash: 5 to 25 bytes.
    pub fn finish(&self) -> Vec<u8> {
        let (width, height) = (self.width, self.pixels.len() / self.width.max(1));
        let longer = width.max(height).max(1) as f64;
        let covered: f64 = self.pixels.iter().map(|p| p[3]).sum();
        let mean = |c: usize| {
            let sum: f64 = self.pixels.iter().map(|p| p[c] * p[3]).sum();
            if covered > 0.0 { sum / covered } else { 0.0 }
        };
        let mean = [mean(0), mean(1), mean(2)];
        let has_alpha = covered < self.pixels.len() as f64;
        // Transparent pixels take the mean colour.
        let channel = |of: fn([f64; 3]) -> f64| -> Vec<f64> {
            let on_mean = |p: &[f64; 4]| {
                of(std::array::from_fn(|c| {
                    mean[c] * (1.0 - p[3]) + p[3] * p[c]
                }))
            };
            self.pixels.iter().map(on_mean).collect()
        };
        // With alpha there is less room for luminance.
        let limit = if has_alpha { 5.0 } else { 7.0 };
        let waves = |side: usize| ((limit * side as f64 / longer).round() as usize).max(1);
        let (across, down) = (waves(width), waves(height));
        let encode = |values: &[f64], nx: usize, ny: usize| Waves::of(values, width, nx, ny);
        let l = encode(
            &channel(|[r, g, b]| (r + g + b) / 3.0),
            across.max(3),
            down.max(3),
        );
        let p = encode(&channel(|[r, g, b]| (r + g) / 2.0 - b), 3, 3);
        let q = encode(&channel(|[r, g, _]| r - g), 3, 3);
        let a = has_alpha.then(|| {
            let alpha: Vec<f64> = self.pixels.iter().map(|p| p[3]).collect();
            encode(&alpha, 5, 5)
        });

        let landscape = width > height;
        let head = bits(l.dc, 63)
            | bits((p.dc + 1.0) / 2.0, 63) << 6
            | bits((q.dc + 1.0) / 2.0, 63) << 12
            | bits(l.scale, 31) << 18
            | u32::from(has_alpha) << 23;
        let shorter = if landscape { down } else { across } as u32;
        let tail =
            shorter | bits(p.scale, 63) << 3 | bits(q.scale, 63) << 9 | u32::from(landscape) << 15;
        let mut hash = head.to_le_bytes()[..3].to_vec();
        hash.extend(&tail.to_le_bytes()[..2]);
        if let Some(a) = &a {
            hash.push((bits(a.dc, 15) | bits(a.scale, 15) << 4) as u8);
        }
        let nibbles: Vec<u32> = [Some(&l), Some(&p), Some(&q), a.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|waves| waves.ac.iter().map(|v| bits(*v, 15)))
            .collect();
        let pair = |pair: &[u32]| (pair[0] | pair.get(1).copied().unwrap_or(0) << 4) as u8;
        hash.extend(nibbles.chunks(2).map(pair));
        hash
    }
}

impl Waves {
    /// The coefficients below the diagonal of `nx`×`ny`, of a channel with rows of `width`.
    fn of(values: &[f64], width: usize, nx: usize, ny: usize) -> Waves {
        let height = values.len() / width.max(1);
        let cosines = |count: usize, side: usize| -> Vec<Vec<f64>> {
            let at = |c: usize, i: usize| (PI / side as f64 * c as f64 * (i as f64 + 0.5)).cos();
            (0..count)
                .map(|c| (0..side).map(|i| at(c, i)).collect())
                .collect()
        };
        let (across, down) = (cosines(nx, width), cosines(ny, height));
        let mut waves = Waves {
            dc: 0.0,
            ac: Vec::new(),
            scale: 0.0,
        };
        for (cy, fy) in down.iter().enumerate() {
            for (cx, fx) in across.iter().enumerate() {
                if cx * ny >= nx * (ny - cy) {
                    break;
                }
                let row = |row: &[f64]| -> f64 { row.iter().zip(fx).map(|(v, f)| v * f).sum() };
                let sum: f64 = values
                    .chunks_exact(width.max(1))
                    .zip(fy)
                    .map(|(values, f)| row(values) * f)
                    .sum();
                let coefficient = sum / values.len().max(1) as f64;
                if cx == 0 && cy == 0 {
                    waves.dc = coefficient;
                } else {
                    waves.scale = waves.scale.max(coefficient.abs());
                    waves.ac.push(coefficient);
                }
            }
        }
        if waves.scale > 0.0 {
            for v in &mut waves.ac {
                *v = 0.5 + 0.5 / waves.scale * *v;
            }
        }
        waves
    }
}

/// A share as an integer of 0 to `max`.
fn bits(share: f64, max: u32) -> u32 {
    (share.clamp(0.0, 1.0) * f64::from(max)).round() as u32
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Size;

    fn hash(width: u32, height: u32, alpha: Alpha, at: impl Fn(u32, u32) -> [u8; 4]) -> String {
        let frame = FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha);
        let mut hash = ThumbHash::new(frame);
        for y in 0..height {
            let row: Vec<u8> = (0..width).flat_map(|x| at(x, y)).collect();
            hash.push_row(&row);
        }
        let hex = |b: &u8| format!("{b:02x}");
        hash.finish().iter().map(hex).collect()
    }

    /// Colour runs over the frame, alpha too.
    fn ramp(x: u32, y: u32) -> [u8; 4] {
        [
            (x * 5 % 256) as u8,
            (y * 7 % 256) as u8,
            ((x * y) % 256) as u8,
            (255 - (x * 3 + y * y * 2 + x * y) % 256) as u8,
        ]
    }

    /// The expected values are those of the format's reference encoder.
    #[test]
    fn hashes_equal_those_of_the_reference() {
        assert_eq!(
            hash(60, 40, Alpha::Opaque, ramp),
            "1cf8093d8e223a697077877388888774fe7154f6a6"
        );
        assert_eq!(
            hash(40, 60, Alpha::Opaque, ramp),
            "5a080a4d0a60767577278738877a68587f764485f6"
        );
        assert_eq!(
            hash(60, 40, Alpha::Meaningful, ramp),
            "1cf8851b86082149607763fe7154f6a6af9acc9becbbbc"
        );
        assert_eq!(
            hash(1, 1, Alpha::Opaque, ramp),
            "000802070000000000000000000000000000000000000000"
        );
        assert_eq!(
            hash(100, 24, Alpha::Meaningful, ramp),
            "1a378619860853706076758d7056f546feacdcafdcbead"
        );
    }

    #[test]
    fn invisible_frames_have_a_hash() {
        let nothing = hash(5, 5, Alpha::Meaningful, |_, _| [9, 9, 9, 0]);
        assert_eq!(nothing.len() % 2, 0);
    }
}
