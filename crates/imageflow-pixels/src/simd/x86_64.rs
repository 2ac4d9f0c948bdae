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
    let (d0, d1, d2, d3) = (
        &mut d0[..length],
        &mut d1[..length],
        &mut d2[..length],
        &mut d3[..length],
    );
    let [s0, s1, s2, s3] = src;
    // One check of the last window covers all of them: nothing below indexes beyond it.
    let reach = starts
        .iter()
        .map(|start| *start as usize)
        .max()
        .unwrap_or(0)
        * 4
        + taps * 4;
    let (s0, s1, s2, s3) = (&s0[..reach], &s1[..reach], &s2[..reach], &s3[..reach]);
    let first_weight_low = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    for (o, (start, w)) in starts.iter().zip(weights.chunks_exact(taps)).enumerate() {
        let from = *start as usize * 4;
        let (mut a0, mut a1, mut a2, mut a3) = (
            _mm256_setzero_ps(),
            _mm256_setzero_ps(),
            _mm256_setzero_ps(),
            _mm256_setzero_ps(),
        );
        // SAFETY: `w` has `taps` floats, so `2·pair + 1` is inside. Every row has `reach` floats, and `from + taps · 4` is at
        // most that, so the eight floats from `from + 8·pair` are inside. Every output has `starts.len() · 4` floats, so the
        // four from `4·o` are inside. Unaligned loads and stores.
        unsafe {
            let (p0, p1, p2, p3) = (
                s0.as_ptr().add(from),
                s1.as_ptr().add(from),
                s2.as_ptr().add(from),
                s3.as_ptr().add(from),
            );
            for pair in 0..taps / 2 {
                // Two floats loaded as one double: `f64` may be unaligned here, so it is read, not borrowed.
                let two = _mm256_castpd_ps(_mm256_set1_pd(
                    w.as_ptr().add(pair * 2).cast::<f64>().read_unaligned(),
                ));
                let spread = _mm256_permutevar_ps(two, first_weight_low);
                a0 = _mm256_fmadd_ps(spread, _mm256_loadu_ps(p0.add(pair * 8)), a0);
                a1 = _mm256_fmadd_ps(spread, _mm256_loadu_ps(p1.add(pair * 8)), a1);
                a2 = _mm256_fmadd_ps(spread, _mm256_loadu_ps(p2.add(pair * 8)), a2);
                a3 = _mm256_fmadd_ps(spread, _mm256_loadu_ps(p3.add(pair * 8)), a3);
            }
            let at = o * 4;
            _mm_storeu_ps(
                d0.as_mut_ptr().add(at),
                _mm_add_ps(_mm256_castps256_ps128(a0), _mm256_extractf128_ps::<1>(a0)),
            );
            _mm_storeu_ps(
                d1.as_mut_ptr().add(at),
                _mm_add_ps(_mm256_castps256_ps128(a1), _mm256_extractf128_ps::<1>(a1)),
            );
            _mm_storeu_ps(
                d2.as_mut_ptr().add(at),
                _mm_add_ps(_mm256_castps256_ps128(a2), _mm256_extractf128_ps::<1>(a2)),
            );
            _mm_storeu_ps(
                d3.as_mut_ptr().add(at),
                _mm_add_ps(_mm256_castps256_ps128(a3), _mm256_extractf128_ps::<1>(a3)),
            );
        }
    }
}

/// Three rows of the horizontal filter as in [`horizontal4`], which hold the colours of four; see
/// [`super::horizontal_colors4`].
#[target_feature(enable = "avx2,fma")]
pub(super) fn horizontal_colors4(
    src: [&[f32]; 3],
    starts: &[u32],
    weights: &[f32],
    dst: [&mut [f32]; 4],
) {
    if starts.is_empty() {
        return;
    }
    let taps = weights.len() / starts.len();
    let length = starts.len() * 4;
    let [d0, d1, d2, d3] = dst.map(|row| &mut row[..length]);
    let last = starts.iter().max().map_or(0, |start| *start as usize);
    let reach = (last + taps) * 4;
    let [s0, s1, s2] = src.map(|row| &row[..reach]);
    let first_weight_low = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    let one = _mm_set1_ps(1.0);
    for (o, (start, w)) in starts.iter().zip(weights.chunks_exact(taps)).enumerate() {
        let from = *start as usize * 4;
        let mut sums = [_mm256_setzero_ps(); 3];
        // SAFETY: `w` has `taps` floats, so `2·pair + 1` is inside. Every row has `reach` floats, and `from + taps · 4` is at
        // most that, so the eight floats from `from + 8·pair` are inside. Every output has `starts.len() · 4` floats, so the
        // four from `4·o` are inside. Unaligned loads and stores.
        unsafe {
            let pixels = [s0, s1, s2].map(|row| row.as_ptr().add(from));
            for pair in 0..taps / 2 {
                // Two floats loaded as one double: `f64` may be unaligned here, so it is read, not borrowed.
                let two = _mm256_castpd_ps(_mm256_set1_pd(
                    w.as_ptr().add(pair * 2).cast::<f64>().read_unaligned(),
                ));
                let spread = _mm256_permutevar_ps(two, first_weight_low);
                for (sum, pixel) in sums.iter_mut().zip(pixels) {
                    *sum = _mm256_fmadd_ps(spread, _mm256_loadu_ps(pixel.add(pair * 8)), *sum);
                }
            }
            let [p, q, r] = sums.map(|sum| {
                _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum))
            });
            let at = o * 4;
            _mm_storeu_ps(d0.as_mut_ptr().add(at), _mm_blend_ps::<8>(p, one));
            let pq = shifted::<12>(q, p);
            _mm_storeu_ps(d1.as_mut_ptr().add(at), _mm_blend_ps::<8>(pq, one));
            let qr = shifted::<8>(r, q);
            _mm_storeu_ps(d2.as_mut_ptr().add(at), _mm_blend_ps::<8>(qr, one));
            _mm_storeu_ps(d3.as_mut_ptr().add(at), shifted::<4>(one, r));
        }
    }
}

/// The four floats that begin `BYTES` into `low` and go on in `high`.
#[inline]
#[target_feature(enable = "avx2")]
fn shifted<const BYTES: i32>(high: __m128, low: __m128) -> __m128 {
    _mm_castsi128_ps(_mm_alignr_epi8::<BYTES>(
        _mm_castps_si128(high),
        _mm_castps_si128(low),
    ))
}

/// Asks for every cache line of `bytes`.
pub(super) fn prefetch(bytes: &[u8]) {
    for line in bytes.chunks(64) {
        // SAFETY: a prefetch reads nothing and faults nowhere; SSE is in every x86-64.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}

/// Packs whole groups of four pixels and returns how many pixels that were; see [`super::pack_rgb`].
#[target_feature(enable = "ssse3")]
pub(super) fn pack_rgb(src: &[u8], dst: &mut [u8]) -> usize {
    let order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    // A store writes four bytes more than a group has, which the next one overwrites: they must be inside too.
    let groups = (src.len() / 16).min(dst.len().saturating_sub(4) / 12);
    for group in 0..groups {
        // SAFETY: `src` has `16 · groups` bytes, `dst` `12 · groups + 4`. Unaligned load and store.
        unsafe {
            let pixels = _mm_loadu_si128(src.as_ptr().add(group * 16).cast());
            let packed = _mm_shuffle_epi8(pixels, order);
            _mm_storeu_si128(dst.as_mut_ptr().add(group * 12).cast(), packed);
        }
    }
    groups * 4
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
    let [ta, tb, tc, td] = &planes.0;
    let (ta, tb, tc, td) = (load(ta), load(tb), load(tc), load(td));
    // Interleaving works within 128-bit lanes, so bytes are first put where their floats will come out in order.
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    let whole = src.len().min(dst.len()) / 64 * 64;
    for (bytes, floats) in src[..whole]
        .chunks_exact(64)
        .zip(dst[..whole].chunks_exact_mut(64))
    {
        // SAFETY: `bytes` has 64 bytes. Unaligned load.
        let index = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        let index = _mm512_permutexvar_epi32(order, index);
        let upper = _mm512_movepi8_mask(index);
        let (a, b, c, d) = (
            pick(ta, index, upper),
            pick(tb, index, upper),
            pick(tc, index, upper),
            pick(td, index, upper),
        );
        let (ab_low, ab_high) = (_mm512_unpacklo_epi8(a, b), _mm512_unpackhi_epi8(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_epi8(c, d), _mm512_unpackhi_epi8(c, d));
        // SAFETY: `floats` has 64 floats, four vectors of sixteen. Unaligned stores.
        unsafe {
            let out = floats.as_mut_ptr();
            _mm512_storeu_ps(
                out,
                _mm512_castsi512_ps(_mm512_unpacklo_epi16(ab_low, cd_low)),
            );
            _mm512_storeu_ps(
                out.add(16),
                _mm512_castsi512_ps(_mm512_unpackhi_epi16(ab_low, cd_low)),
            );
            _mm512_storeu_ps(
                out.add(32),
                _mm512_castsi512_ps(_mm512_unpacklo_epi16(ab_high, cd_high)),
            );
            _mm512_storeu_ps(
                out.add(48),
                _mm512_castsi512_ps(_mm512_unpackhi_epi16(ab_high, cd_high)),
            );
        }
    }
}

type Table = (__m512i, __m512i, __m512i, __m512i);

/// One byte plane of the table in four vectors.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
fn load(plane: &[[u8; 64]; 4]) -> Table {
    let [a, b, c, d] = plane;
    // SAFETY: references to 64 bytes each. Unaligned loads.
    unsafe {
        (
            _mm512_loadu_si512(a.as_ptr().cast()),
            _mm512_loadu_si512(b.as_ptr().cast()),
            _mm512_loadu_si512(c.as_ptr().cast()),
            _mm512_loadu_si512(d.as_ptr().cast()),
        )
    }
}

/// The table's bytes at 64 indices; `upper` says which are 128 and above.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
fn pick(table: Table, index: __m512i, upper: __mmask64) -> __m512i {
    let low = _mm512_permutex2var_epi8(table.0, index, table.1);
    let high = _mm512_permutex2var_epi8(table.2, index, table.3);
    _mm512_mask_blend_epi8(upper, low, high)
}
