//! Kernels that the compiler does not find by itself, with x86-64 intrinsics. Each has its portable twin in
//! [`super::kernels`] and is tested against it.

use std::arch::x86_64::*;

/// Four rows of the horizontal filter: two taps (eight floats) an instruction. The compiler splits this into half-width
/// vectors, at 2.5 times the time.
///
/// Sums in the order of the portable twin, so that the bits are the same.
#[target_feature(enable = "avx2,fma")]
pub(super) fn horizontal4(src: [&[f32]; 4], starts: &[u32], weights: &[f32], dst: [&mut [f32]; 4]) {
    if starts.is_empty() {
        return;
    }
    let taps = weights.len() / starts.len();
    let [d0, d1, d2, d3] = dst;
    let length = starts.len() * 4;
    let (d0, d1, d2, d3) = (&mut d0[..length], &mut d1[..length], &mut d2[..length], &mut d3[..length]);
    let first_weight_low = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    for (o, (start, w)) in starts.iter().zip(weights.chunks_exact(taps)).enumerate() {
        let from = *start as usize * 4;
        let windows = src.map(|row| &row[from..from + taps * 4]);
        let mut acc = [_mm256_setzero_ps(); 4];
        for pair in 0..taps / 2 {
            // SAFETY: `w` has `taps` floats, so `2·pair + 1` is inside; every window has `taps · 4` floats, so the eight from
            // `8·pair` are inside. Unaligned loads.
            unsafe {
                let two = _mm256_castpd_ps(_mm256_broadcast_sd(&*w.as_ptr().add(pair * 2).cast::<f64>()));
                let spread = _mm256_permutevar_ps(two, first_weight_low);
                for (acc, window) in acc.iter_mut().zip(&windows) {
                    *acc = _mm256_fmadd_ps(spread, _mm256_loadu_ps(window.as_ptr().add(pair * 8)), *acc);
                }
            }
        }
        let at = o * 4;
        for (acc, out) in acc.into_iter().zip([&mut d0[at..at + 4], &mut d1[at..at + 4], &mut d2[at..at + 4], &mut d3[at..at + 4]]) {
            let sum = _mm_add_ps(_mm256_castps256_ps128(acc), _mm256_extractf128_ps::<1>(acc));
            // SAFETY: `out` has four floats. Unaligned store.
            unsafe { _mm_storeu_ps(out.as_mut_ptr(), sum) }
        }
    }
}

/// The transfer function as a table of 256 floats, split into its four byte planes of four vectors each.
pub(super) struct BytePlanes([[[u8; 64]; 4]; 4]);

impl BytePlanes {
    /// Splits a table.
    pub(super) const fn new(table: &[f32; 256]) -> BytePlanes {
        let mut planes = [[[0; 64]; 4]; 4];
        let mut i = 0;
        while i < 256 {
            let bytes = table[i].to_bits().to_le_bytes();
            let mut b = 0;
            while b < 4 {
                planes[b][i / 64][i % 64] = bytes[b];
                b += 1;
            }
            i += 1;
        }
        BytePlanes(planes)
    }
}

/// Looks up 64 bytes at a time: byte permutes instead of loads. Lengths must be equal.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
pub(super) fn lookup(planes: &BytePlanes, src: &[u8], dst: &mut [f32]) {
    // SAFETY (both): references to 64 bytes; unaligned loads.
    let load = |bytes: &[u8; 64]| unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    let tables = planes.0.each_ref().map(|plane| plane.each_ref().map(load));
    // Interleaving works within 128-bit lanes, so bytes are first put where their floats will come out in order.
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    let whole = src.len().min(dst.len()) / 64 * 64;
    for (bytes, floats) in src[..whole].chunks_exact(64).zip(dst[..whole].chunks_exact_mut(64)) {
        // SAFETY: `bytes` has 64 bytes. Unaligned load.
        let index = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        let index = _mm512_permutexvar_epi32(order, index);
        let upper = _mm512_movepi8_mask(index);
        let plane = |t: [__m512i; 4]| {
            let low = _mm512_permutex2var_epi8(t[0], index, t[1]);
            let high = _mm512_permutex2var_epi8(t[2], index, t[3]);
            _mm512_mask_blend_epi8(upper, low, high)
        };
        let [a, b, c, d] = tables.map(plane);
        let (ab_low, ab_high) = (_mm512_unpacklo_epi8(a, b), _mm512_unpackhi_epi8(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_epi8(c, d), _mm512_unpackhi_epi8(c, d));
        let quarters = [
            _mm512_unpacklo_epi16(ab_low, cd_low),
            _mm512_unpackhi_epi16(ab_low, cd_low),
            _mm512_unpacklo_epi16(ab_high, cd_high),
            _mm512_unpackhi_epi16(ab_high, cd_high),
        ];
        for (quarter, out) in quarters.into_iter().zip(floats.chunks_exact_mut(16)) {
            // SAFETY: `out` has 16 floats. Unaligned store.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), quarter) }
        }
    }
}
