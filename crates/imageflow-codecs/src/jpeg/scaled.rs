//! Reduction to n/8 block by block, as `jpeg_downscale_hints` ask for: every 8×8 block becomes n×n samples by itself.
//!
//! Chroma, and luma without gamma correction, are reduced in the DCT domain: for n = 1, 2, 4 libjpeg's reduced transforms
//! are box averages, for 3, 5, 6 they are shorter inverse transforms of the lowest frequencies. Luma with gamma correction
//! goes through linear light with the fixed kernels of the compatible format (imaging rules, 4.1).

use imageflow_pixels::{Alpha, FrameInfo, RowSource, RowsMut, Size, StreamError, transfer};

use super::plane_reader::PlaneReader;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Samples along a side of a block.
const BLOCK: usize = 8;

/// A linear map from 8 samples to fewer (or more).
type Reduction = Vec<[f32; BLOCK]>;

/// A source of reduced pixels.
pub(super) struct Scaled<R> {
    rows: R,
    frame: FrameInfo,
    planes: Vec<Plane>,
    /// Output rows that one step of the decoder gives.
    step: u32,
    /// First row in the planes, and one past the last.
    loaded: (u32, u32),
    gamma: Option<Box<Gamma>>,
}

/// One component, as decoded and reduced.
struct Plane {
    stride: usize,
    full: Vec<u8>,
    /// How 8 samples are reduced across and down.
    across: Reduction,
    down: Reduction,
    reduced: Vec<f32>,
    reduced_stride: usize,
    /// Repetitions of a reduced sample across and down to reach the output's grid.
    repeat: (usize, usize),
}

/// Luma to linear light in 12 bits and back.
struct Gamma {
    to_linear: [f32; 256],
    to_encoded: Vec<f32>,
}

impl Gamma {
    const STEPS: usize = 4095;

    fn new() -> Box<Gamma> {
        let mut to_linear = [0.0; 256];
        for (value, linear) in to_linear.iter_mut().enumerate() {
            *linear = (transfer::srgb_to_linear(value as f64 / 255.0) * Self::STEPS as f64).round()
                as f32;
        }
        let to_encoded = (0..=Self::STEPS)
            .map(|v| (transfer::linear_to_srgb(v as f64 / Self::STEPS as f64) * 255.0) as f32)
            .collect();
        Box::new(Gamma {
            to_linear,
            to_encoded,
        })
    }

    fn encode(&self, linear: f32) -> f32 {
        let step = (linear + 0.5).clamp(0.0, Self::STEPS as f32) as usize;
        self.to_encoded.get(step).copied().unwrap_or(255.0)
    }
}

impl<R: PlaneReader> Scaled<R> {
    /// `factors` are the sampling factors of each component, luma first and largest.
    pub(super) fn new(
        rows: R,
        stored: Size,
        factors: &[(u32, u32)],
        eighths: u32,
        gamma: bool,
    ) -> Result<Scaled<R>, CodecError> {
        let invalid =
            || CodecError::InvalidArgument(format!("a JPEG cannot be decoded at {eighths}/8"));
        let n = eighths as usize;
        let side = |v: u32| u32::try_from((u64::from(v) * u64::from(eighths)).div_ceil(8)).ok();
        let size = side(stored.width())
            .zip(side(stored.height()))
            .and_then(|(w, h)| Size::new(w, h));
        let size = size.filter(|_| (1..=6).contains(&n)).ok_or_else(invalid)?;
        let &(most_across, most_down) = factors.first().ok_or_else(invalid)?;
        let mut planes = Vec::new();
        for (i, (stride, (h, v))) in rows.plane_strides().into_iter().zip(factors).enumerate() {
            let larger = ((most_across / h) as usize, (most_down / v) as usize);
            // libjpeg scales both ways alike, and only by doubling while blocks stay whole.
            let grow = if larger.0 >= 2 && larger.1 >= 2 { 2 } else { 1 };
            let reduction = if gamma && i == 0 {
                spatial(n)
            } else {
                spectral(n * grow)
            };
            let blocks = stride / BLOCK;
            let reduced_stride = blocks * n * grow;
            planes.push(Plane {
                stride,
                full: vec![0; stride * BLOCK * *v as usize],
                across: reduction.clone(),
                down: reduction,
                reduced: vec![0.0; reduced_stride * n * grow * *v as usize],
                reduced_stride,
                repeat: ((larger.0 / grow).max(1), (larger.1 / grow).max(1)),
            });
        }
        let step = eighths * most_down;
        let frame = FrameInfo::bgra8(size, Alpha::Opaque);
        Ok(Scaled {
            rows,
            frame,
            planes,
            step,
            loaded: (0, 0),
            gamma: gamma.then(Gamma::new),
        })
    }

    fn load(&mut self, y: u32) -> Result<(), CodecError> {
        while y >= self.loaded.1 {
            let mut full: Vec<Vec<u8>> = self
                .planes
                .iter_mut()
                .map(|p| std::mem::take(&mut p.full))
                .collect();
            let strides: Vec<usize> = self.planes.iter().map(|p| p.stride).collect();
            let read = self.rows.read_planes(&mut full, &strides);
            for (plane, full) in self.planes.iter_mut().zip(full) {
                plane.full = full;
            }
            read?;
            let gamma = self.gamma.as_deref();
            for (i, plane) in self.planes.iter_mut().enumerate() {
                plane.reduce(gamma.filter(|_| i == 0));
            }
            self.loaded = (self.loaded.1, self.loaded.1 + self.step);
        }
        Ok(())
    }

    fn row(&mut self, y: u32, out: &mut [u8]) -> Result<(), CodecError> {
        self.load(y)?;
        let at = (y - self.loaded.0) as usize;
        let missing = || CodecError::malformed(ImageFormat::Jpeg, "a plane is missing");
        let line = |i: usize| {
            let plane = self.planes.get(i)?;
            Some((
                plane
                    .reduced
                    .get(at / plane.repeat.1 * plane.reduced_stride..)?,
                plane.repeat.0,
            ))
        };
        let (luma, _) = line(0).ok_or_else(missing)?;
        let byte = |v: f32| (v + 0.5).clamp(0.0, 255.0) as u8;
        let chroma = line(1).zip(line(2));
        for (x, (pixel, luma)) in out.chunks_exact_mut(4).zip(luma).enumerate() {
            let (cb, cr) = match chroma {
                Some(((cb, across), (cr, _))) => {
                    let at = |line: &[f32]| {
                        line.get(x / across)
                            .copied()
                            .unwrap_or(128.0)
                            .clamp(0.0, 255.0)
                            - 128.0
                    };
                    (at(cb), at(cr))
                }
                None => (0.0, 0.0),
            };
            pixel.copy_from_slice(&[
                byte(luma + 1.772 * cb),
                byte(luma - 0.344_136 * cb - 0.714_136 * cr),
                byte(luma + 1.402 * cr),
                255,
            ]);
        }
        Ok(())
    }
}

impl Plane {
    fn reduce(&mut self, gamma: Option<&Gamma>) {
        let n = self.across.len();
        let mut block = [[0.0f32; BLOCK]; BLOCK];
        for (row, lines) in self.full.chunks_exact(self.stride * BLOCK).enumerate() {
            for column in 0..self.stride / BLOCK {
                for (line, values) in lines.chunks_exact(self.stride).zip(&mut block) {
                    for (value, byte) in values.iter_mut().zip(&line[column * BLOCK..]) {
                        *value =
                            gamma.map_or(f32::from(*byte), |g| g.to_linear[usize::from(*byte)]);
                    }
                }
                for (i, down) in self.down.iter().enumerate() {
                    let mut sums = [0.0f32; BLOCK];
                    for (weight, values) in down.iter().zip(&block) {
                        sums.iter_mut()
                            .zip(values)
                            .for_each(|(s, v)| *s += weight * v);
                    }
                    let start = (row * n + i) * self.reduced_stride + column * n;
                    for (out, across) in self.reduced[start..start + n].iter_mut().zip(&self.across)
                    {
                        let value: f32 = across.iter().zip(&sums).map(|(w, s)| w * s).sum();
                        *out = gamma.map_or(value, |g| g.encode(value));
                    }
                }
            }
        }
    }
}

impl<R: PlaneReader> RowSource for Scaled<R> {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            self.row(y, out.row_mut(y))?;
        }
        Ok(())
    }
}

/// The reduction libjpeg's scaled inverse transforms amount to.
fn spectral(n: usize) -> Reduction {
    let basis = |size: usize, k: usize, i: usize| {
        let norm = if k == 0 { 1.0 } else { 2.0f64 } / size as f64;
        norm.sqrt()
            * (std::f64::consts::PI * (2 * i + 1) as f64 * k as f64 / (2 * size) as f64).cos()
    };
    let gain = (n as f64 / BLOCK as f64).sqrt();
    let row = |i: usize| {
        std::array::from_fn(|x| {
            if BLOCK.is_multiple_of(n) {
                let width = BLOCK / n;
                if x / width == i {
                    1.0 / width as f32
                } else {
                    0.0
                }
            } else {
                ((0..n.min(BLOCK))
                    .map(|k| basis(n, k, i) * basis(BLOCK, k, x))
                    .sum::<f64>()
                    * gain) as f32
            }
        })
    };
    (0..n).map(row).collect()
}

/// The spatial kernels for luma: start and weights of the first half, mirrored for the second.
fn spatial(n: usize) -> Reduction {
    let half: &[(usize, &[f32])] = match n {
        1 => &[(0, &[47.0, 60.0, 71.0, 78.0, 78.0, 71.0, 60.0, 47.0])],
        2 => &[(0, &[48.0, 67.0, 67.0, 48.0, 22.0, 4.0])],
        3 => &[
            (0, &[80.0, 103.0, 62.0, 11.0]),
            (1, &[2.0, 39.0, 87.0, 87.0, 39.0, 2.0]),
        ],
        4 => &[(0, &[117.0, 117.0, 22.0]), (1, &[21.0, 107.0, 107.0, 21.0])],
        5 => &[
            (0, &[78.0, 51.0, -1.0]),
            (0, &[-2.0, 32.0, 79.0, 19.0]),
            (2, &[1.0, 31.0, 31.0, 1.0]),
        ],
        _ => &[
            (0, &[6.0, 2.0]),
            (0, &[-1.0, 33.0, 33.0, -1.0]),
            (2, &[31.0, 92.0, 5.0]),
        ],
    };
    let mut rows = vec![[0.0; BLOCK]; n];
    for (i, (start, weights)) in half.iter().enumerate() {
        let sum: f32 = weights.iter().sum();
        for (k, weight) in weights.iter().enumerate() {
            rows[i][start + k] = weight / sum;
            rows[n - 1 - i][BLOCK - 1 - start - k] = weight / sum;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reductions_keep_a_flat_block_and_are_mirror_images() {
        for n in [1, 2, 3, 4, 5, 6, 8, 10, 12] {
            for reduction in std::iter::once(spectral(n)).chain((n <= 6).then(|| spatial(n))) {
                assert_eq!(reduction.len(), n);
                for (row, mirrored) in reduction.iter().zip(reduction.iter().rev()) {
                    assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{n}: {row:?}");
                    assert!(
                        row.iter()
                            .zip(mirrored.iter().rev())
                            .all(|(a, b)| (a - b).abs() < 1e-6),
                        "{n}: {row:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn gamma_tables_are_inverse() {
        let gamma = Gamma::new();
        for (value, linear) in gamma.to_linear.iter().enumerate().skip(12) {
            assert!(
                (gamma.encode(*linear) - value as f32).abs() < 0.6,
                "{value}"
            );
        }
    }
}
