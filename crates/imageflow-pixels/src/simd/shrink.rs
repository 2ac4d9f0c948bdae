//! Linear-light means of blocks, straight from 4:2:0 planes.
//!
//! A 2×2 luma block shares one chroma sample, so within it every channel varies as luma does. A larger block is made of 2×2
//! blocks: its mean is the mean of their means, its variance the mean of their squares and variances less the squared mean.
//! Encoded mean and variance give the linear-light mean to second order: `lin(μ) + ½·lin''(μ)·σ²`.
//!
//! Planar and in pieces that stay in the first-level cache, so that the compiler vectorises every loop.

use super::kernels::{clamp01, decode, fma};
use crate::transfer::{DECODE, TOE_ENCODED};

/// 2×2 blocks worked on together.
const PIECE: usize = 512;
const UNIT: f32 = 1.0 / 255.0;

/// Sums of one channel over 2×2 blocks: values, and squares with variances.
#[derive(Clone, Copy)]
struct Channel {
    sum: [f32; PIECE],
    square: [f32; PIECE],
}

impl Channel {
    const ZERO: Channel = Channel {
        sum: [0.0; PIECE],
        square: [0.0; PIECE],
    };

    /// Adds neighbours, halving the number of entries.
    #[inline(always)]
    fn fold(&mut self, count: usize) {
        for i in 0..count {
            self.sum[i] = self.sum[2 * i] + self.sum[2 * i + 1];
            self.square[i] = self.square[2 * i] + self.square[2 * i + 1];
        }
    }
}

/// The mean of linear values over a block from mean and variance of the encoded ones (on 0..1). Below the toe `lin''` is 0.
#[inline(always)]
fn linear_mean<const FMA: bool>(mean: f32, variance: f32) -> f32 {
    let s = clamp01(mean);
    let [_, _, c2, c3, c4, c5] = DECODE;
    // ½·lin'' = c2 + 3·c3·s + 6·c4·s² + 10·c5·s³
    let mut half_second = fma::<FMA>(10.0 * c5, s, 6.0 * c4);
    half_second = fma::<FMA>(half_second, s, 3.0 * c3);
    half_second = fma::<FMA>(half_second, s, c2);
    let spread = if s <= TOE_ENCODED || variance < 0.0 {
        0.0
    } else {
        variance
    };
    fma::<FMA>(half_second, spread, decode::<FMA>(s))
}

/// See [`super::shrink_420`].
#[inline(always)]
pub(super) fn shrink_420<const FMA: bool>(
    luma: &[&[u8]],
    cb: &[&[u8]],
    cr: &[&[u8]],
    n: usize,
    width: usize,
    dst: &mut [f32],
) {
    let whole = if luma.len() == n { width / n } else { 0 };
    let per_piece = PIECE * 2 / n;
    let mut done = 0;
    while done < whole {
        let count = per_piece.min(whole - done);
        piece::<FMA>(
            luma,
            cb,
            cr,
            n,
            done,
            count,
            &mut dst[done * 4..(done + count) * 4],
        );
        done += count;
    }
    for block in whole..width.div_ceil(n) {
        let end = ((block + 1) * n).min(width);
        edge_block::<FMA>(
            luma,
            cb,
            cr,
            block * n..end,
            &mut dst[block * 4..block * 4 + 4],
        );
    }
}

/// `count` whole blocks from block `first`.
#[inline(always)]
fn piece<const FMA: bool>(
    luma: &[&[u8]],
    cb: &[&[u8]],
    cr: &[&[u8]],
    n: usize,
    first: usize,
    count: usize,
    dst: &mut [f32],
) {
    let pairs = count * n / 2;
    let from = first * n;
    let mut channels = [Channel::ZERO; 3];
    for ((rows, cb), cr) in luma.chunks_exact(2).zip(cb).zip(cr) {
        let (a, b) = (
            &rows[0][from..from + pairs * 2],
            &rows[1][from..from + pairs * 2],
        );
        let (cb, cr) = (
            &cb[from / 2..from / 2 + pairs],
            &cr[from / 2..from / 2 + pairs],
        );
        let mut means = [0.0f32; PIECE];
        let mut variances = [0.0f32; PIECE];
        for i in 0..pairs {
            let [p, q, r, t] = [a[2 * i], a[2 * i + 1], b[2 * i], b[2 * i + 1]].map(i32::from);
            let sum = p + q + r + t;
            let square = p * p + q * q + r * r + t * t;
            // 16·variance as an integer: exact.
            means[i] = sum as f32 * 0.25;
            variances[i] = (4 * square - sum * sum) as f32 * (1.0 / 16.0);
        }
        let [blue, green, red] = &mut channels;
        for i in 0..pairs {
            let (u, v) = (f32::from(cb[i]) - 128.0, f32::from(cr[i]) - 128.0);
            let (b, g, r) = rgb::<FMA>(means[i], u, v);
            blue.sum[i] += b;
            blue.square[i] += fma::<FMA>(b, b, variances[i]);
            green.sum[i] += g;
            green.square[i] += fma::<FMA>(g, g, variances[i]);
            red.sum[i] += r;
            red.square[i] += fma::<FMA>(r, r, variances[i]);
        }
    }
    let mut left = pairs;
    while left > count {
        left /= 2;
        channels.iter_mut().for_each(|channel| channel.fold(left));
    }
    let scale = 1.0 / (n * n / 4) as f32;
    for channel in &mut channels {
        for i in 0..count {
            let mean = channel.sum[i] * scale;
            let variance = channel.square[i] * scale - mean * mean;
            channel.sum[i] = linear_mean::<FMA>(mean * UNIT, variance * (UNIT * UNIT));
        }
    }
    let [blue, green, red] = &channels;
    for (i, d) in dst.chunks_exact_mut(4).enumerate() {
        d[0] = blue.sum[i];
        d[1] = green.sum[i];
        d[2] = red.sum[i];
        d[3] = 1.0;
    }
}

/// B, G, R of full-range BT.601 (JFIF), chroma less 128.
#[inline(always)]
fn rgb<const FMA: bool>(y: f32, u: f32, v: f32) -> (f32, f32, f32) {
    (
        fma::<FMA>(1.772, u, y),
        fma::<FMA>(-0.344_136, u, fma::<FMA>(-0.714_136, v, y)),
        fma::<FMA>(1.402, v, y),
    )
}

/// A block at the right or bottom edge: the pixels that exist, one by one.
#[inline(always)]
fn edge_block<const FMA: bool>(
    luma: &[&[u8]],
    cb: &[&[u8]],
    cr: &[&[u8]],
    columns: std::ops::Range<usize>,
    dst: &mut [f32],
) {
    let (mut sum, mut square) = ([0.0f32; 3], [0.0f32; 3]);
    let count = (luma.len() * columns.len()) as f32;
    for (row, luma) in luma.iter().enumerate() {
        for x in columns.clone() {
            let (u, v) = (
                f32::from(cb[row / 2][x / 2]) - 128.0,
                f32::from(cr[row / 2][x / 2]) - 128.0,
            );
            let (b, g, r) = rgb::<FMA>(f32::from(luma[x]), u, v);
            for (i, value) in [b, g, r].into_iter().enumerate() {
                sum[i] += value;
                square[i] += value * value;
            }
        }
    }
    for i in 0..3 {
        let mean = sum[i] / count;
        dst[i] = linear_mean::<FMA>(
            mean * UNIT,
            (square[i] / count - mean * mean) * (UNIT * UNIT),
        );
    }
    dst[3] = 1.0;
}
