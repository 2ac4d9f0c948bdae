//! From luma and chroma to red, green and blue (ITU-T H.273 §8.3), one row at a time.
//!
//! Chroma samples of subsampled pictures are taken to lie in the middle of the luma samples they are for, as AVIF readers
//! agree, whatever the bitstream says; in between they are interpolated linearly, 3:1 and 9:3:3:1.

use super::coding::{CodePoints, Coding, Planes, Sampling};

/// A row of signal values, nominally 0..=1, one list for each of red, green and blue.
#[derive(Debug, Default)]
pub(super) struct Signal {
    pub(super) red: Vec<f32>,
    pub(super) green: Vec<f32>,
    pub(super) blue: Vec<f32>,
}

impl Signal {
    /// Undoes a multiplication by alpha.
    pub(super) fn divide(&mut self, alpha: &[u8]) {
        for list in [&mut self.red, &mut self.green, &mut self.blue] {
            for (value, alpha) in list.iter_mut().zip(alpha) {
                *value = match alpha {
                    0 => 0.0,
                    alpha => (*value * 255.0 / f32::from(*alpha)).min(1.0),
                };
            }
        }
    }
}

/// Converts the rows of one picture.
#[derive(Debug)]
pub(super) struct ToRgb {
    coding: Coding,
    model: Model,
    luma: Scale,
    chroma: Scale,
    height: u32,
    rows: [Vec<u16>; 4],
    blended: Vec<u16>,
}

/// How three signals become red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Model {
    /// Y alone.
    Gray,
    /// G, B, R as they are.
    Identity,
    /// YCgCo (H.273 matrix 8).
    Greenish,
    /// R = Y + a·Cr, G = Y − b·Cb − c·Cr, B = Y + d·Cb.
    Weighted { a: f32, b: f32, c: f32, d: f32 },
}

/// From samples to signal: `(sample − zero) · factor`.
#[derive(Clone, Copy, Debug)]
struct Scale {
    zero: f32,
    factor: f32,
}

impl Scale {
    /// Luma, or any channel without a sign (H.273 equations 20 to 22 and 26 to 28).
    fn unsigned(bits: u8, full_range: bool) -> Scale {
        let unit = f32::from(1u16 << (bits - 8));
        if full_range {
            Scale {
                zero: 0.0,
                factor: 1.0 / (unit * 256.0 - 1.0),
            }
        } else {
            Scale {
                zero: 16.0 * unit,
                factor: 1.0 / (219.0 * unit),
            }
        }
    }

    /// Chroma, of which samples come sixteenfold from the interpolation.
    fn signed(bits: u8, full_range: bool) -> Scale {
        let unit = f32::from(1u16 << (bits - 8));
        let range = if full_range {
            unit * 256.0 - 1.0
        } else {
            224.0 * unit
        };
        Scale {
            zero: 16.0 * 128.0 * unit,
            factor: 1.0 / (16.0 * range),
        }
    }

    fn apply(self, sample: u16) -> f32 {
        (f32::from(sample) - self.zero) * self.factor
    }
}

impl ToRgb {
    /// For a picture with these samples and meaning, of so many rows.
    ///
    /// # Errors
    /// Says which matrix is not supported.
    pub(super) fn new(coding: Coding, points: CodePoints, height: u32) -> Result<ToRgb, String> {
        let model = model(coding.sampling, points)?;
        // Neither sort of signal is signed here.
        let signed = !matches!(model, Model::Identity);
        Ok(ToRgb {
            coding,
            model,
            luma: Scale::unsigned(coding.bits, points.full_range),
            chroma: if signed {
                Scale::signed(coding.bits, points.full_range)
            } else {
                let luma = Scale::unsigned(coding.bits, points.full_range);
                Scale {
                    zero: luma.zero * 16.0,
                    factor: luma.factor / 16.0,
                }
            },
            height,
            rows: Default::default(),
            blended: Vec::new(),
        })
    }

    /// Rows of the picture that row `y` is made of, first and last.
    pub(super) fn needs(y: u32, height: u32) -> (u32, u32) {
        (y.saturating_sub(2), y.saturating_add(2).min(height - 1))
    }

    /// Makes row `y` of `width` pixels.
    pub(super) fn row(&mut self, planes: &dyn Planes, y: u32, width: usize, out: &mut Signal) {
        let [luma, near, far, _] = &mut self.rows;
        planes.copy_row(0, y, luma);
        luma.resize(width, 0);
        for list in [&mut out.red, &mut out.green, &mut out.blue] {
            list.clear();
        }
        let scale = self.luma;
        if self.model == Model::Gray {
            out.green.extend(luma.iter().map(|v| scale.apply(*v)));
            out.red.extend_from_slice(&out.green);
            out.blue.extend_from_slice(&out.green);
            return;
        }
        // Cb first: into `blue`, then Cr into `red`.
        for (plane, list) in [(1, &mut out.blue), (2, &mut out.red)] {
            if self.coding.sampling.half_rows() {
                let last = (self.height - 1) / 2;
                let other = if y.is_multiple_of(2) {
                    (y / 2).saturating_sub(1)
                } else {
                    (y / 2 + 1).min(last)
                };
                planes.copy_row(plane, y / 2, near);
                planes.copy_row(plane, other, far);
            } else {
                planes.copy_row(plane, y, near);
                far.clone_from(near);
            }
            let columns = if self.coding.sampling.half_columns() {
                width.div_ceil(2)
            } else {
                width
            };
            near.resize(columns, 0);
            far.resize(columns, 0);
            // 12 bits times 16 fit u16, and no decoder gives more than 12.
            self.blended.clear();
            self.blended.extend(
                near.iter()
                    .zip(far.iter())
                    .map(|(near, far)| near.wrapping_mul(3).wrapping_add(*far)),
            );
            let chroma = self.chroma;
            if self.coding.sampling.half_columns() {
                widen(&self.blended, width, |sum| chroma.apply(sum), list);
            } else {
                list.extend(self.blended.iter().map(|v| chroma.apply(v.wrapping_mul(4))));
            }
        }
        out.green.extend(luma.iter().map(|v| scale.apply(*v)));
        self.model.apply(out);
    }
}

/// Interpolates between the middles of pairs: 3 parts of the nearer value, 1 of the other.
fn widen(row: &[u16], width: usize, scale: impl Fn(u16) -> f32, out: &mut Vec<f32>) {
    let (Some(first), Some(last)) = (row.first(), row.last()) else {
        return;
    };
    let before = std::iter::once(first).chain(row);
    let after = row.iter().skip(1).chain(std::iter::once(last));
    for ((before, here), after) in before.zip(row).zip(after) {
        let threefold = here.wrapping_mul(3);
        out.push(scale(threefold.wrapping_add(*before)));
        out.push(scale(threefold.wrapping_add(*after)));
    }
    out.truncate(width);
}

impl Model {
    /// `green` holds Y, `blue` Cb (or Cg), `red` Cr (or Co); they become what their names say.
    fn apply(self, signal: &mut Signal) {
        let pixels = signal
            .red
            .iter_mut()
            .zip(&mut signal.green)
            .zip(&mut signal.blue);
        match self {
            Model::Gray | Model::Identity => {}
            Model::Greenish => {
                for ((red, green), blue) in pixels {
                    let (y, cg, co) = (*green, *blue, *red);
                    let t = y - cg;
                    (*green, *blue, *red) = (y + cg, t - co, t + co);
                }
            }
            Model::Weighted { a, b, c, d } => {
                for ((red, green), blue) in pixels {
                    let (y, cb, cr) = (*green, *blue, *red);
                    (*red, *green, *blue) = (y + a * cr, y - b * cb - c * cr, y + d * cb);
                }
            }
        }
    }
}

fn model(sampling: Sampling, points: CodePoints) -> Result<Model, String> {
    if sampling == Sampling::Gray {
        return Ok(Model::Gray);
    }
    let (kr, kb) = match points.matrix {
        0 if sampling == Sampling::Full => return Ok(Model::Identity),
        0 => return Err("matrix 0 (RGB) needs chroma planes of full size".into()),
        8 => return Ok(Model::Greenish),
        1 => (0.2126, 0.0722),
        4 => (0.30, 0.11),
        // "Unspecified" is read as BT.601, as AVIF readers agree.
        2 | 5 | 6 => (0.299, 0.114),
        7 => (0.212, 0.087),
        9 => (0.2627, 0.0593),
        12 => luma_weights(points.primaries),
        other => return Err(format!("matrix coefficients {other} are not supported")),
    };
    let kg = 1.0 - kr - kb;
    let (a, d) = (2.0 * (1.0 - kr), 2.0 * (1.0 - kb));
    Ok(Model::Weighted {
        a: a as f32,
        b: (d * kb / kg) as f32,
        c: (a * kr / kg) as f32,
        d: d as f32,
    })
}

/// Red's and blue's part of luminance (H.273 equations 32 to 37), from the colours of the primaries.
fn luma_weights(primaries: u16) -> (f64, f64) {
    const BT709: (f64, f64) = (0.2126, 0.0722);
    match primaries {
        9 => (0.2627, 0.0593),
        // SMPTE RP 431-2 and EG 432-1 (P3 with the white of DCI and with D65).
        11 => (0.209_492, 0.068_909),
        12 => (0.228_975, 0.079_287),
        4..=7 => (0.299, 0.114),
        _ => BT709,
    }
}

/// Makes bytes of the values of an alpha plane, `width` of them.
pub(super) fn alpha_row(
    planes: &dyn Planes,
    y: u32,
    width: usize,
    row: &mut Vec<u16>,
    out: &mut Vec<u8>,
) {
    let coding = planes.coding();
    let scale = Scale::unsigned(coding.bits, coding.points.full_range);
    planes.copy_row(0, y, row);
    row.resize(width, 0);
    out.clear();
    out.extend(row.iter().map(|v| byte(scale.apply(*v))));
}

/// 0..=1 to 0..=255, rounded and clamped.
pub(super) fn byte(signal: f32) -> u8 {
    // A cast from float saturates and makes 0 of NaN.
    (signal * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Flat(Coding, [u16; 3]);

    impl Planes for Flat {
        fn coding(&self) -> Coding {
            self.0
        }

        fn copy_row(&self, plane: usize, _y: u32, out: &mut Vec<u16>) {
            out.clear();
            out.extend(std::iter::repeat_n(self.1[plane], 2));
        }
    }

    fn converted(
        bits: u8,
        sampling: Sampling,
        matrix: u16,
        full_range: bool,
        samples: [u16; 3],
    ) -> [u8; 3] {
        let points = CodePoints {
            primaries: 1,
            transfer: 13,
            matrix,
            full_range,
        };
        let coding = Coding {
            sampling,
            bits,
            points,
        };
        let mut signal = Signal::default();
        ToRgb::new(coding, points, 2)
            .map(|mut to_rgb| to_rgb.row(&Flat(coding, samples), 0, 2, &mut signal))
            .unwrap_or_default();
        assert_eq!(signal.red.len(), 2);
        [signal.red[1], signal.green[1], signal.blue[1]].map(byte)
    }

    #[test]
    fn white_and_black_of_every_range_and_depth() {
        for sampling in [
            Sampling::Quarter,
            Sampling::Half,
            Sampling::Full,
            Sampling::Gray,
        ] {
            for matrix in [1, 2, 5, 6, 7, 8, 9, 12] {
                for bits in [8u8, 10, 12] {
                    let up = |v: u16| v << (bits - 8);
                    let white =
                        |full, y| converted(bits, sampling, matrix, full, [y, up(128), up(128)]);
                    assert_eq!(white(true, up(256) - 1), [255; 3]);
                    assert_eq!(white(true, 0), [0; 3]);
                    assert_eq!(white(false, up(235)), [255; 3]);
                    assert_eq!(white(false, up(16)), [0; 3]);
                }
            }
        }
    }

    #[test]
    fn red_is_red_by_its_matrix() {
        // BT.601 full range: Y = 76, Cb = 85, Cr = 255 (clamped from 255.5).
        let red = converted(8, Sampling::Full, 6, true, [76, 85, 255]);
        assert!(red[0] >= 253 && red[1] <= 1 && red[2] <= 1, "{red:?}");
        // BT.709 limited range: Y = 63, Cb = 102, Cr = 240.
        let red = converted(8, Sampling::Quarter, 1, false, [63, 102, 240]);
        assert!(red[0] >= 253 && red[1] <= 1 && red[2] <= 1, "{red:?}");
        assert_eq!(
            converted(10, Sampling::Full, 0, true, [40, 80, 1023]),
            [255, 10, 20]
        );
        assert_eq!(
            converted(8, Sampling::Full, 8, true, [64, 64, 255]).map(|v| v / 4),
            [63, 0, 0]
        );
    }

    #[test]
    fn chroma_is_interpolated_between_the_middles_of_pairs() {
        let mut out = Vec::new();
        widen(&[0, 16, 32], 5, f32::from, &mut out);
        assert_eq!(out, [0.0, 16.0, 48.0, 80.0, 112.0]);
    }

    #[test]
    fn unknown_matrices_are_refused_by_number() {
        let points = |matrix| CodePoints {
            primaries: 1,
            transfer: 1,
            matrix,
            full_range: true,
        };
        assert!(model(Sampling::Full, points(10)).is_err_and(|e| e.contains("10")));
        assert!(model(Sampling::Quarter, points(0)).is_err());
    }
}
