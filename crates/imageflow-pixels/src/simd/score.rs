//! The arithmetic of SSIMULACRA2, row by row; see [`crate::ssimulacra2`] for what it adds up to.
//!
//! Planar, in vectors of [`LANES`], so that the compiler vectorises every loop. No closures: they are compiled without the
//! caller's target features.

#![allow(clippy::needless_range_loop)]

use super::kernels::fma;

/// Values summed side by side.
const LANES: usize = 8;

/// Half of the symmetric blur: a Gaussian of σ = 1.5, as the truncated cosines of Charalampidis 2016 give it. The metric
/// defines it as a recursive filter of radius 5; its impulse response is exactly these nine taps.
const TAPS: [f32; 5] = [
    0.264_621_1,
    0.212_928_6,
    0.109_335_37,
    0.036_011_115,
    0.009_414_368,
];

/// Rows above and below that the blur reaches.
pub(crate) const REACH: usize = TAPS.len() - 1;

/// The opsin absorbance matrix of JPEG XL.
const OPSIN: [[f32; 3]; 3] = [
    [0.3, 0.622, 0.078],
    [0.23, 0.692, 0.078],
    [0.243_422_69, 0.204_767_45, 0.551_809_86],
];
const OPSIN_BIAS: f32 = 0.003_793_073_4;
/// Cube root of [`OPSIN_BIAS`].
const OPSIN_BIAS_ROOT: f32 = 0.155_954_2;

/// Keeps flat parts from dividing by zero: (0.03)².
const C2: f32 = 0.0009;

/// Two steps of Halley's method from the exponent divided by three: exact to a rounding for the values that occur, 0.0037
/// to 1.
#[inline(always)]
fn cube_root<const FMA: bool>(x: f32) -> f32 {
    // (127 − 127/3 − 0.0331)·2²³
    let mut t = f32::from_bits(x.to_bits() / 3 + 709_958_130);
    for _ in 0..2 {
        let cube = t * t * t;
        t *= (x + x + cube) / fma::<FMA>(cube, 2.0, x);
    }
    t
}

/// See [`super::positive_xyb`].
#[inline(always)]
pub(super) fn positive_xyb<const FMA: bool>(linear: [&[f32]; 3], dst: [&mut [f32]; 3]) {
    let [r, g, b] = linear;
    let [x, y, z] = dst;
    let n = r.len();
    let (g, b) = (&g[..n], &b[..n]);
    let (x, y, z) = (&mut x[..n], &mut y[..n], &mut z[..n]);
    for i in 0..n {
        let mut roots = [0.0; 3];
        for c in 0..3 {
            let [kr, kg, kb] = OPSIN[c];
            let blue = fma::<FMA>(kb, b[i], OPSIN_BIAS);
            let mixed = fma::<FMA>(kr, r[i], fma::<FMA>(kg, g[i], blue));
            roots[c] = cube_root::<FMA>(mixed) - OPSIN_BIAS_ROOT;
        }
        let [l, m, s] = roots;
        let luma = 0.5 * (l + m);
        x[i] = fma::<FMA>(0.5 * (l - m), 14.0, 0.42);
        y[i] = luma + 0.01;
        z[i] = (s - luma) + 0.55;
    }
}

/// See [`super::blur_down`].
#[inline(always)]
pub(super) fn blur_down<const FMA: bool>(
    a: [&[f32]; 2 * REACH + 1],
    b: [&[f32]; 2 * REACH + 1],
    dst: [&mut [f32]; 5],
) {
    let [mu_a, mu_b, aa, bb, ab] = dst;
    let n = mu_a.len();
    let (mu_b, aa, bb, ab) = (&mut mu_b[..n], &mut aa[..n], &mut bb[..n], &mut ab[..n]);
    let [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a;
    let [b0, b1, b2, b3, b4, b5, b6, b7, b8] = b;
    let (a0, a1, a2, a3, a4) = (&a0[..n], &a1[..n], &a2[..n], &a3[..n], &a4[..n]);
    let (a5, a6, a7, a8) = (&a5[..n], &a6[..n], &a7[..n], &a8[..n]);
    let (b0, b1, b2, b3, b4) = (&b0[..n], &b1[..n], &b2[..n], &b3[..n], &b4[..n]);
    let (b5, b6, b7, b8) = (&b5[..n], &b6[..n], &b7[..n], &b8[..n]);
    for i in 0..n {
        let (p, q) = (a4[i], b4[i]);
        let mut means = [p * TAPS[0], q * TAPS[0]];
        let mut products = [p * p * TAPS[0], q * q * TAPS[0], p * q * TAPS[0]];
        let pairs = [
            (a3[i], a5[i], b3[i], b5[i]),
            (a2[i], a6[i], b2[i], b6[i]),
            (a1[i], a7[i], b1[i], b7[i]),
            (a0[i], a8[i], b0[i], b8[i]),
        ];
        for k in 0..REACH {
            let (p, r, q, s) = pairs[k];
            let tap = TAPS[k + 1];
            means[0] = fma::<FMA>(tap, p + r, means[0]);
            means[1] = fma::<FMA>(tap, q + s, means[1]);
            products[0] = fma::<FMA>(tap, fma::<FMA>(p, p, r * r), products[0]);
            products[1] = fma::<FMA>(tap, fma::<FMA>(q, q, s * s), products[1]);
            products[2] = fma::<FMA>(tap, fma::<FMA>(p, q, r * s), products[2]);
        }
        [mu_a[i], mu_b[i]] = means;
        [aa[i], bb[i], ab[i]] = products;
    }
}

/// See [`super::add_errors`].
#[inline(always)]
pub(super) fn add_errors<const FMA: bool>(
    blurred: [&[f32]; 5],
    a: &[f32],
    b: &[f32],
    sums: &mut [f64; 6],
) {
    let n = a.len();
    let whole = n / LANES * LANES;
    // Lanes are emptied now and then, so that single precision is enough for them.
    for start in (0..whole).step_by(64 * LANES) {
        let mut lanes = [[0.0f32; LANES]; 6];
        for x in (start..whole.min(start + 64 * LANES)).step_by(LANES) {
            errors::<FMA, LANES>(blurred, a, b, x, &mut lanes);
        }
        for s in 0..6 {
            for lane in lanes[s] {
                sums[s] += f64::from(lane);
            }
        }
    }
    for x in whole..n {
        let mut lanes = [[0.0f32; 1]; 6];
        errors::<FMA, 1>(blurred, a, b, x, &mut lanes);
        for s in 0..6 {
            sums[s] += f64::from(lanes[s][0]);
        }
    }
}

/// The `N` values of a row from `x`.
#[inline(always)]
fn values<const N: usize>(row: &[f32], x: usize) -> [f32; N] {
    let mut values = [0.0; N];
    values.copy_from_slice(&row[x..x + N]);
    values
}

/// `N` values of a row from `x`, blurred horizontally; the row begins [`REACH`] values before the picture.
#[inline(always)]
fn across<const FMA: bool, const N: usize>(row: &[f32], x: usize) -> [f32; N] {
    let row = &row[x..x + N + 2 * REACH];
    let mut sum = values::<N>(row, REACH);
    for i in 0..N {
        sum[i] *= TAPS[0];
    }
    for k in 1..=REACH {
        let (before, after) = (values::<N>(row, REACH - k), values::<N>(row, REACH + k));
        for i in 0..N {
            sum[i] = fma::<FMA>(TAPS[k], before[i] + after[i], sum[i]);
        }
    }
    sum
}

/// Adds the six errors of `N` pixels from column `x`: structure, artefact and lost detail, each plain and to the fourth.
#[inline(always)]
fn errors<const FMA: bool, const N: usize>(
    blurred: [&[f32]; 5],
    a: &[f32],
    b: &[f32],
    x: usize,
    lanes: &mut [[f32; N]; 6],
) {
    let mu_a = across::<FMA, N>(blurred[0], x);
    let mu_b = across::<FMA, N>(blurred[1], x);
    let aa = across::<FMA, N>(blurred[2], x);
    let bb = across::<FMA, N>(blurred[3], x);
    let ab = across::<FMA, N>(blurred[4], x);
    let (a, b) = (values::<N>(a, x), values::<N>(b, x));
    for i in 0..N {
        // SSIM without the luminance denominator, as an error: 1 − (1 − (μa − μb)²)·(2σab + c)/(σa² + σb² + c).
        let apart = mu_a[i] - mu_b[i];
        let means = 1.0 - apart * apart;
        let covariance = 2.0 * (ab[i] - mu_a[i] * mu_b[i]) + C2;
        let variances = (aa[i] - mu_a[i] * mu_a[i]) + (bb[i] - mu_b[i] * mu_b[i]) + C2;
        let structure = (1.0 - means * covariance / variances).max(0.0);
        // How much more, or less, a pixel stands out from its surroundings than it did.
        let edge = (1.0 + (b[i] - mu_b[i]).abs()) / (1.0 + (a[i] - mu_a[i]).abs()) - 1.0;
        let (artefact, lost) = (edge.max(0.0), (-edge).max(0.0));
        let errors = [structure, artefact, lost];
        for e in 0..3 {
            let square = errors[e] * errors[e];
            lanes[2 * e][i] += errors[e];
            lanes[2 * e + 1][i] += square * square;
        }
    }
}
