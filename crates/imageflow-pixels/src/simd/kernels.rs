//! The kernels, written once in plain Rust that the compiler vectorises for each level.
//!
//! Every function is `inline(always)` and generic over `FMA` so that it is compiled inside the caller's target features.
//! Indexing here is on lengths that the first lines of each kernel establish.

use crate::transfer::{DECODE, ENCODE, TOE_ENCODED, TOE_LINEAR};

/// An image drawn with more alpha than this hides what is under it.
const REPLACES: f32 = 0.994;

#[inline(always)]
pub(super) fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// sRGB-encoded 0..1 → linear 0..1.
#[inline(always)]
pub(super) fn decode<const FMA: bool>(s: f32) -> f32 {
    let [c0, c1, c2, c3, c4, c5] = DECODE;
    let mut v = fma::<FMA>(c5, s, c4);
    v = fma::<FMA>(v, s, c3);
    v = fma::<FMA>(v, s, c2);
    v = fma::<FMA>(v, s, c1);
    v = fma::<FMA>(v, s, c0);
    if s <= TOE_ENCODED {
        s * (1.0 / 12.92)
    } else {
        v
    }
}

/// [`decode`] of every byte.
pub(crate) const LINEAR: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut i = 0;
    while i < 256 {
        let s = i as f32 * (1.0 / 255.0);
        let [c0, c1, c2, c3, c4, c5] = DECODE;
        let v = ((((c5 * s + c4) * s + c3) * s + c2) * s + c1) * s + c0;
        table[i] = if s <= TOE_ENCODED {
            s * (1.0 / 12.92)
        } else {
            v
        };
        i += 1;
    }
    table
};

/// Linear → sRGB-encoded 0..255 (before rounding); clamps, NaN becomes 0.
#[inline(always)]
fn encode<const FMA: bool>(l: f32) -> f32 {
    let l = clamp01(l);
    let t = l.sqrt();
    let [c0, c1, c2, c3, c4, c5, c6, c7] = ENCODE;
    let mut v = fma::<FMA>(c7, t, c6);
    v = fma::<FMA>(v, t, c5);
    v = fma::<FMA>(v, t, c4);
    v = fma::<FMA>(v, t, c3);
    v = fma::<FMA>(v, t, c2);
    v = fma::<FMA>(v, t, c1);
    v = fma::<FMA>(v, t, c0);
    if l <= TOE_LINEAR {
        l * (12.92 * 255.0)
    } else {
        v
    }
}

/// NaN becomes 0: the comparison keeps the bound when it is false.
#[inline(always)]
pub(super) fn clamp01(v: f32) -> f32 {
    let v = if v > 0.0 { v } else { 0.0 };
    if v < 1.0 { v } else { 1.0 }
}

/// Rounds half up; `v` is 0..=255.1.
#[inline(always)]
fn byte(v: f32) -> u8 {
    debug_assert!((0.0..256.0).contains(&v));
    // SAFETY: callers pass values that went through `clamp01`, which leaves no NaN, times 255 (the polynomial of `encode`
    // stays within 0.02 of 0..=255 there): finite and inside `i32`. The checked cast is four times slower here.
    let whole: i32 = unsafe { (v + 0.5).to_int_unchecked() };
    whole as u8
}

#[inline(always)]
pub(super) fn linearize_by_polynomial<const FMA: bool>(src: &[u8], dst: &mut [f32]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = decode::<FMA>(f32::from(*s) * (1.0 / 255.0));
    }
}

#[inline(always)]
pub(super) fn linearize_alpha<const FMA: bool>(src: &[u8], dst: &mut [f32]) {
    linearize_by_polynomial::<FMA>(src, dst);
    premultiply(src, dst);
}

#[inline(always)]
fn premultiply(src: &[u8], dst: &mut [f32]) {
    for (d, s) in dst.chunks_exact_mut(4).zip(src.chunks_exact(4)) {
        let a = f32::from(s[3]) * (1.0 / 255.0);
        d[0] *= a;
        d[1] *= a;
        d[2] *= a;
        d[3] = a;
    }
}

#[inline(always)]
pub(super) fn unit<const FMA: bool>(src: &[u8], dst: &mut [f32]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = f32::from(*s) * (1.0 / 255.0);
    }
}

#[inline(always)]
pub(super) fn unit_alpha<const FMA: bool>(src: &[u8], dst: &mut [f32]) {
    unit::<FMA>(src, dst);
    premultiply(src, dst);
}

type F8 = [f32; 8];

#[inline(always)]
fn load8(s: &[f32]) -> F8 {
    let mut v = [0.0; 8];
    v.copy_from_slice(&s[..8]);
    v
}

/// Two weights spread over the four channels of two pixels.
#[inline(always)]
fn spread(w: &[f32]) -> F8 {
    let (a, b) = (w[0], w[1]);
    [a, a, a, a, b, b, b, b]
}

#[inline(always)]
fn fma8<const FMA: bool>(a: F8, b: F8, mut c: F8) -> F8 {
    for i in 0..8 {
        c[i] = fma::<FMA>(a[i], b[i], c[i]);
    }
    c
}

#[inline(always)]
fn fold(acc: F8, out: &mut [f32]) {
    for i in 0..4 {
        out[i] = acc[i] + acc[i + 4];
    }
}

/// The sum of the pixels of a window, each times its weight. An even number of them, two at a time.
#[inline(always)]
fn weighted<const FMA: bool>(window: &[f32], weights: &[f32]) -> [f32; 4] {
    let mut acc = [0.0; 8];
    for (w, s) in weights.chunks_exact(2).zip(window.chunks_exact(8)) {
        acc = fma8::<FMA>(spread(w), load8(s), acc);
    }
    let mut sum = [0.0; 4];
    fold(acc, &mut sum);
    sum
}

#[inline(always)]
pub(super) fn horizontal<const FMA: bool>(
    src: &[f32],
    starts: &[u32],
    weights: &[f32],
    dst: &mut [f32],
) {
    if starts.is_empty() {
        return;
    }
    let taps = weights.len() / starts.len();
    for ((start, w), out) in starts
        .iter()
        .zip(weights.chunks_exact(taps))
        .zip(dst.chunks_exact_mut(4))
    {
        let from = *start as usize * 4;
        out.copy_from_slice(&weighted::<FMA>(&src[from..from + taps * 4], w));
    }
}

#[inline(always)]
pub(super) fn horizontal4_portable<const FMA: bool>(
    src: [&[f32]; 4],
    starts: &[u32],
    weights: &[f32],
    dst: [&mut [f32]; 4],
) {
    if starts.is_empty() {
        return;
    }
    let taps = weights.len() / starts.len();
    let count = starts.len();
    let [d0, d1, d2, d3] = dst;
    let (d0, d1, d2, d3) = (
        &mut d0[..count * 4],
        &mut d1[..count * 4],
        &mut d2[..count * 4],
        &mut d3[..count * 4],
    );
    for (o, (start, w)) in starts.iter().zip(weights.chunks_exact(taps)).enumerate() {
        let from = *start as usize * 4;
        let end = from + taps * 4;
        let (s0, s1, s2, s3) = (
            &src[0][from..end],
            &src[1][from..end],
            &src[2][from..end],
            &src[3][from..end],
        );
        let (mut a0, mut a1, mut a2, mut a3) = ([0.0; 8], [0.0; 8], [0.0; 8], [0.0; 8]);
        let pixels = s0
            .chunks_exact(8)
            .zip(s1.chunks_exact(8))
            .zip(s2.chunks_exact(8).zip(s3.chunks_exact(8)));
        for (w, ((p0, p1), (p2, p3))) in w.chunks_exact(2).zip(pixels) {
            let w = spread(w);
            a0 = fma8::<FMA>(w, load8(p0), a0);
            a1 = fma8::<FMA>(w, load8(p1), a1);
            a2 = fma8::<FMA>(w, load8(p2), a2);
            a3 = fma8::<FMA>(w, load8(p3), a3);
        }
        let at = o * 4;
        fold(a0, &mut d0[at..at + 4]);
        fold(a1, &mut d1[at..at + 4]);
        fold(a2, &mut d2[at..at + 4]);
        fold(a3, &mut d3[at..at + 4]);
    }
}

#[inline(always)]
pub(super) fn pack_colors4<const FMA: bool>(src: [&[u8]; 4], dst: [&mut [u8]; 3]) {
    let [s0, s1, s2, s3] = src.map(|row| row.as_chunks::<4>().0);
    let [d0, d1, d2] = dst.map(|row| row.as_chunks_mut::<4>().0);
    let pixels = s0.iter().zip(s1).zip(s2.iter().zip(s3));
    let packed = d0.iter_mut().zip(d1).zip(d2);
    for (((a, b), (c, d)), ((p, q), r)) in pixels.zip(packed) {
        let [a, b, c, d] = [a, b, c, d].map(|pixel| u32::from_le_bytes(*pixel));
        *p = (a & 0xFF_FFFF | b << 24).to_le_bytes();
        *q = (b >> 8 & 0xFFFF | c << 16).to_le_bytes();
        *r = (c >> 16 & 0xFF | d << 8).to_le_bytes();
    }
}

#[inline(always)]
pub(super) fn horizontal_colors4_portable<const FMA: bool>(
    src: [&[f32]; 3],
    starts: &[u32],
    weights: &[f32],
    dst: [&mut [f32]; 4],
) {
    if starts.is_empty() {
        return;
    }
    let taps = weights.len() / starts.len();
    let [d0, d1, d2, d3] = dst.map(|row| row.as_chunks_mut::<4>().0);
    let outputs = d0.iter_mut().zip(d1).zip(d2.iter_mut().zip(d3));
    let inputs = starts.iter().zip(weights.chunks_exact(taps));
    for ((start, w), ((d0, d1), (d2, d3))) in inputs.zip(outputs) {
        let from = *start as usize * 4;
        let [p, q, r] = src.map(|row| weighted::<FMA>(&row[from..from + taps * 4], w));
        *d0 = [p[0], p[1], p[2], 1.0];
        *d1 = [p[3], q[0], q[1], 1.0];
        *d2 = [q[2], q[3], r[0], 1.0];
        *d3 = [r[1], r[2], r[3], 1.0];
    }
}

#[inline(always)]
pub(super) fn vertical<const FMA: bool>(rows: &[&[f32]], weights: &[f32], dst: &mut [f32]) {
    const CHUNK: usize = 32;
    let len = dst.len();
    let whole = len - len % CHUNK;
    for at in (0..whole).step_by(CHUNK) {
        let mut acc = [0.0f32; CHUNK];
        for (row, w) in rows.iter().zip(weights) {
            let row = &row[at..at + CHUNK];
            for i in 0..CHUNK {
                acc[i] = fma::<FMA>(*w, row[i], acc[i]);
            }
        }
        dst[at..at + CHUNK].copy_from_slice(&acc);
    }
    for (i, d) in dst.iter_mut().enumerate().skip(whole) {
        let mut acc = 0.0;
        for (row, w) in rows.iter().zip(weights) {
            acc = fma::<FMA>(*w, row[i], acc);
        }
        *d = acc;
    }
}

#[inline(always)]
pub(super) fn encode_srgb<const FMA: bool>(src: &[f32], dst: &mut [u8]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = byte(encode::<FMA>(*s));
    }
    for d in dst.chunks_exact_mut(4) {
        d[3] = 255;
    }
}

/// Straight colour, not clamped yet, and alpha byte of a premultiplied pixel.
///
/// Filters with negative lobes take alpha beyond 0..=1, and colour with it: only their quotient is the colour, so alpha is
/// clamped after the division. Below 1/1024 the colour is noise and is left as it is; that alpha is stored as 0.
#[inline(always)]
fn unpremultiply(p: &[f32]) -> ([f32; 3], u8) {
    let a = p[3];
    let by = if a > 1.0 / 1024.0 { 1.0 / a } else { 1.0 };
    ([p[0] * by, p[1] * by, p[2] * by], byte(clamp01(a) * 255.0))
}

/// A premultiplied pixel whose alpha a filter took out of range, back in it with the colour it has: see [`unpremultiply`].
/// Nothing is left of one that has no alpha.
#[inline(always)]
fn bounded(p: &[f32]) -> [f32; 4] {
    let a = p[3];
    let by = if a > 1.0 { 1.0 / a } else { 1.0 };
    let by = if a > 0.0 { by } else { 0.0 };
    [p[0] * by, p[1] * by, p[2] * by, clamp01(a)]
}

#[inline(always)]
pub(super) fn encode_srgb_alpha<const FMA: bool>(src: &[f32], dst: &mut [u8]) {
    for (d, s) in dst.chunks_exact_mut(4).zip(src.chunks_exact(4)) {
        let (c, a) = unpremultiply(s);
        let keep = if a == 0 { 0 } else { 255 };
        d[0] = byte(encode::<FMA>(c[0])) & keep;
        d[1] = byte(encode::<FMA>(c[1])) & keep;
        d[2] = byte(encode::<FMA>(c[2])) & keep;
        d[3] = a;
    }
}

#[inline(always)]
pub(super) fn encode_unit<const FMA: bool>(src: &[f32], dst: &mut [u8]) {
    for (d, s) in dst.iter_mut().zip(src) {
        *d = byte(clamp01(*s) * 255.0);
    }
    for d in dst.chunks_exact_mut(4) {
        d[3] = 255;
    }
}

#[inline(always)]
pub(super) fn encode_unit_alpha<const FMA: bool>(src: &[f32], dst: &mut [u8]) {
    for (d, s) in dst.chunks_exact_mut(4).zip(src.chunks_exact(4)) {
        let (c, a) = unpremultiply(s);
        let keep = if a == 0 { 0 } else { 255 };
        d[0] = byte(clamp01(c[0]) * 255.0) & keep;
        d[1] = byte(clamp01(c[1]) * 255.0) & keep;
        d[2] = byte(clamp01(c[2]) * 255.0) & keep;
        d[3] = a;
    }
}

#[inline(always)]
pub(super) fn under_matte<const FMA: bool>(row: &mut [f32], matte: [f32; 4]) {
    for p in row.chunks_exact_mut(4) {
        let f = bounded(p);
        let through = 1.0 - f[3];
        for i in 0..4 {
            p[i] = fma::<FMA>(matte[i], through, f[i]);
        }
    }
}

#[inline(always)]
pub(super) fn draw_over<const FMA: bool>(image: &[f32], under: &mut [f32]) {
    for (u, f) in under.chunks_exact_mut(4).zip(image.chunks_exact(4)) {
        let f = bounded(f);
        if f[3] > REPLACES {
            // Not divided, the colour would be darker by what alpha lacks.
            let by = 1.0 / f[3];
            u.copy_from_slice(&[f[0] * by, f[1] * by, f[2] * by, 1.0]);
        } else {
            let through = 1.0 - f[3];
            for i in 0..4 {
                u[i] = fma::<FMA>(u[i], through, f[i]);
            }
        }
    }
}

/// [`box_sum`] for the commonest width, which the optimiser unrolls.
#[inline(always)]
fn pair_sum<const FMA: bool>(src: &[f32], first: bool, dst: &mut [f32]) {
    let (pairs, last) = src.as_chunks::<8>();
    let (whole, partial) = dst.split_at_mut(pairs.len() * 4);
    let (whole, _) = whole.as_chunks_mut::<4>();
    let (partial, _) = partial.as_chunks_mut::<4>();
    if first {
        for (d, s) in whole.iter_mut().zip(pairs) {
            *d = std::array::from_fn(|i| s[i] + s[i + 4]);
        }
    } else {
        for (d, s) in whole.iter_mut().zip(pairs) {
            *d = std::array::from_fn(|i| d[i] + (s[i] + s[i + 4]));
        }
    }
    for (d, s) in partial.iter_mut().zip(last.chunks_exact(4)) {
        *d = std::array::from_fn(|i| if first { s[i] } else { d[i] + s[i] });
    }
}

#[inline(always)]
pub(super) fn box_sum<const FMA: bool>(src: &[f32], n: usize, first: bool, dst: &mut [f32]) {
    let n = n.max(1);
    if n == 2 {
        return pair_sum::<FMA>(src, first, dst);
    }
    for (d, s) in dst.chunks_exact_mut(4).zip(src.chunks(n * 4)) {
        let mut acc = [0.0; 4];
        for p in s.chunks_exact(4) {
            for i in 0..4 {
                acc[i] += p[i];
            }
        }
        for i in 0..4 {
            d[i] = if first { acc[i] } else { d[i] + acc[i] };
        }
    }
}

#[inline(always)]
pub(super) fn pack_rgb_portable<const FMA: bool>(src: &[u8], dst: &mut [u8]) {
    for (rgb, bgra) in dst.chunks_exact_mut(3).zip(src.chunks_exact(4)) {
        rgb.copy_from_slice(&[bgra[2], bgra[1], bgra[0]]);
    }
}
