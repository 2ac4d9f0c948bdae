//! Every level against scalar, scalar against the exact functions.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::transfer;

fn noise(n: usize, seed: u32) -> Vec<u8> {
    let mut x = seed | 1;
    (0..n)
        .map(|_| {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            (x >> 9) as u8
        })
        .collect()
}

fn floats(n: usize, seed: u32) -> Vec<f32> {
    noise(n, seed)
        .iter()
        .map(|b| f32::from(*b) / 200.0 - 0.1)
        .collect()
}

/// Runs a float kernel at every level and checks that it stays within `bound` of scalar.
fn agree(n: usize, bound: f32, run: impl Fn(SimdLevel, &mut [f32])) {
    let mut want = vec![0.0; n];
    run(SimdLevel::SCALAR, &mut want);
    for level in SimdLevel::all() {
        let mut got = vec![0.0; n];
        run(level, &mut got);
        for (i, (g, w)) in got.iter().zip(&want).enumerate() {
            assert!((g - w).abs() <= bound, "{level:?} at {i}: {g} against {w}");
        }
    }
}

fn agree_bytes(n: usize, run: impl Fn(SimdLevel, &mut [u8])) {
    let mut want = vec![0; n];
    run(SimdLevel::SCALAR, &mut want);
    for level in SimdLevel::all() {
        let mut got = vec![0; n];
        run(level, &mut got);
        let far = got
            .iter()
            .zip(&want)
            .filter(|(g, w)| g.abs_diff(**w) > 1)
            .count();
        let off = got.iter().zip(&want).filter(|(g, w)| g != w).count();
        assert!(
            far == 0 && off * 500 <= n,
            "{level:?}: {off} of {n} differ, {far} by more than one step"
        );
    }
}

#[test]
fn bytes_to_floats_agree_at_every_length() {
    for n in [0, 4, 8, 12, 60, 1000] {
        let src = noise(n, 7);
        agree(n, 2e-7, |l, d| linearize(l, &src, d));
        agree(n, 2e-7, |l, d| linearize_alpha(l, &src, d));
        agree(n, 2e-7, |l, d| unit(l, &src, d));
        agree(n, 2e-7, |l, d| unit_alpha(l, &src, d));
    }
}

#[test]
fn linearize_follows_the_transfer_function() {
    let src: Vec<u8> = (0..=255).collect();
    for level in SimdLevel::all() {
        let mut dst = vec![0.0; 256];
        linearize(level, &src, &mut dst);
        for (b, d) in dst.iter().enumerate() {
            let exact = transfer::srgb_to_linear(b as f64 / 255.0);
            let step = transfer::srgb_to_linear((b as f64 + 1.0) / 255.0) - exact;
            assert!(
                (f64::from(*d) - exact).abs() < step / 50.0,
                "{b}: {d} against {exact}"
            );
        }
    }
}

#[test]
fn encode_undoes_linearize_for_every_byte() {
    let src: Vec<u8> = (0..=255).flat_map(|b| [b, b, b, 255]).collect();
    for level in SimdLevel::all() {
        let mut linear = vec![0.0; src.len()];
        linearize(level, &src, &mut linear);
        let mut back = vec![0; src.len()];
        encode_srgb(level, &linear, &mut back);
        assert_eq!(back, src);
        linearize_alpha(level, &src, &mut linear);
        encode_srgb_alpha(level, &linear, &mut back);
        assert_eq!(back, src);
    }
}

#[test]
fn floats_to_bytes_agree_clamp_and_discard_nan() {
    let mut src = floats(4000, 3);
    src.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.0]);
    agree_bytes(src.len(), |l, d| encode_srgb(l, &src, d));
    agree_bytes(src.len(), |l, d| encode_srgb_alpha(l, &src, d));
    agree_bytes(src.len(), |l, d| encode_unit(l, &src, d));
    agree_bytes(src.len(), |l, d| encode_unit_alpha(l, &src, d));
    let mut out = [9; 4];
    encode_srgb(SimdLevel::SCALAR, &src[4000..], &mut out);
    assert_eq!(out, [0, 255, 0, 255]);
}

#[test]
fn transparent_pixels_become_zero() {
    let mut out = [9; 4];
    encode_srgb_alpha(SimdLevel::detect(), &[0.5, 0.5, 0.5, 0.0], &mut out);
    assert_eq!(out, [0; 4]);
}

#[test]
fn horizontal_passes_agree_and_four_rows_equal_one() {
    let starts = [0u32, 1, 3, 6];
    let weights = floats(starts.len() * 6, 11);
    let rows: Vec<Vec<f32>> = (0..4).map(|i| floats(12 * 4 + 16, 20 + i)).collect();
    agree(16, 1e-6, |l, d| {
        horizontal(l, &rows[0], &starts, &weights, d)
    });
    for level in SimdLevel::all() {
        let mut one = vec![vec![0.0; 16]; 4];
        for (row, out) in rows.iter().zip(&mut one) {
            horizontal(level, row, &starts, &weights, out);
        }
        let mut four = vec![vec![0.0; 16]; 4];
        if let [a, b, c, d] = four.as_mut_slice() {
            horizontal4(
                level,
                [&rows[0], &rows[1], &rows[2], &rows[3]],
                &starts,
                &weights,
                [a, b, c, d],
            );
        }
        assert_eq!(
            one, four,
            "{level:?}: strips of any height must give the same bits"
        );
    }
}

#[test]
fn opaque_rows_filter_alike_with_their_colours_in_three() {
    let starts = [0u32, 1, 3, 6];
    let weights = floats(starts.len() * 6, 11);
    for level in SimdLevel::all() {
        for pixels in [12, 13, 64, 77] {
            let rows: Vec<Vec<u8>> = (0u8..4)
                .map(|row| {
                    let color = |i: usize| (i * 7 + usize::from(row) * 31) as u8;
                    (0..pixels * 4)
                        .map(|i| if i % 4 == 3 { 255 } else { color(i) })
                        .collect()
                })
                .collect();
            let floats_of = |bytes: &[u8]| {
                let mut floats = vec![0.0; bytes.len() + 16];
                unit(level, bytes, &mut floats[..bytes.len()]);
                floats
            };
            let mut expected = vec![vec![0.0; 16]; 4];
            for (row, out) in rows.iter().zip(&mut expected) {
                horizontal(level, &floats_of(row), &starts, &weights, out);
                out.chunks_exact_mut(4).for_each(|pixel| pixel[3] = 1.0);
            }
            let [mut p, mut q, mut r] = [(); 3].map(|()| vec![0; pixels * 4]);
            let four = [&rows[0][..], &rows[1], &rows[2], &rows[3]];
            pack_colors4(level, four, [&mut p, &mut q, &mut r]);
            let packed = [p, q, r].map(|row| floats_of(&row));
            let three = [&packed[0][..], &packed[1], &packed[2]];
            let mut found = vec![vec![0.0; 16]; 4];
            if let [a, b, c, d] = found.as_mut_slice() {
                horizontal_colors4(level, three, &starts, &weights, [a, b, c, d]);
            }
            assert_eq!(found, expected, "{level:?}, {pixels} pixels: the same bits");
        }
    }
}

#[test]
fn any_bytes_may_be_asked_for() {
    let bytes = vec![7; 1000];
    for range in [0..0, 0..1, 3..67, 0..1000] {
        prefetch(&bytes[range]);
    }
}

#[test]
fn vertical_agrees_at_every_length() {
    for n in [4, 32, 36, 100] {
        let rows: Vec<Vec<f32>> = (0..5).map(|i| floats(n, 30 + i)).collect();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let weights = floats(5, 40);
        agree(n, 1e-6, |l, d| vertical(l, &rows, &weights, d));
    }
}

#[test]
fn matte_fills_what_alpha_leaves() {
    let src = floats(64, 50);
    agree(64, 1e-6, |l, d| {
        d.copy_from_slice(&src);
        under_matte(l, d, [0.1, 0.2, 0.3, 1.0]);
    });
    let mut pixel = [0.0, 0.0, 0.0, 0.0];
    under_matte(SimdLevel::detect(), &mut pixel, [0.25, 0.5, 0.75, 1.0]);
    assert_eq!(pixel, [0.25, 0.5, 0.75, 1.0]);
}

#[test]
fn alpha_of_what_is_drawn_is_brought_into_range_first() {
    let (image, canvas) = (floats(64, 51), floats(64, 52));
    agree(64, 1e-6, |l, d| {
        d.copy_from_slice(&canvas);
        draw_over(l, &image, d);
    });
    for level in SimdLevel::all() {
        let drawn = |image: [f32; 4]| {
            let mut under = [0.25, 0.5, 0.75, 1.0];
            draw_over(level, &image, &mut under);
            under.map(|v| (v * 1000.0).round() / 1000.0)
        };
        assert_eq!(drawn([0.25, 0.0, 0.5, 0.5]), [0.375, 0.25, 0.875, 1.0]);
        // The colour is the quotient: 0.6/1.2, not 0.6.
        assert_eq!(drawn([0.6, 0.0, 1.2, 1.2]), [0.5, 0.0, 1.0, 1.0]);
        assert_eq!(drawn([0.497, 0.0, 0.995, 0.995]), [0.499, 0.0, 1.0, 1.0]);
        assert_eq!(drawn([-0.1, -0.2, 0.3, -0.4]), [0.25, 0.5, 0.75, 1.0]);
        // What rings beyond the colours of the image is mixed before it is clamped.
        assert_eq!(drawn([0.9, -0.1, 0.3, 0.5]), [1.025, 0.15, 0.675, 1.0]);
    }
}

#[test]
fn box_sums_take_the_partial_last_block() {
    let src = [
        1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 1.0, 1.0, 1.0,
    ];
    for level in SimdLevel::all() {
        let mut dst = [9.0; 8];
        box_sum(level, &src, 2, true, &mut dst);
        box_sum(level, &src, 2, false, &mut dst);
        assert_eq!(dst, [12.0, 16.0, 20.0, 24.0, 2.0, 2.0, 2.0, 2.0]);
    }
}

#[test]
fn shrunk_blocks_agree_and_are_near_the_exact_linear_mean() {
    let width = 4099;
    // Luma that varies moderately inside blocks, as photographs do.
    let luma: Vec<Vec<u8>> = (0..8)
        .map(|y| {
            noise(4100, 70 + y)
                .iter()
                .enumerate()
                .map(|(x, b)| 60 + (x % 100) as u8 + b % 30)
                .collect()
        })
        .collect();
    let chroma = |seed: u32| -> Vec<Vec<u8>> {
        (0..4)
            .map(|y| noise(2050, seed + y).iter().map(|b| 118 + b % 20).collect())
            .collect()
    };
    let (cb, cr) = (chroma(5), chroma(9));
    let rows = |planes: &'_ [Vec<u8>], count: usize| -> Vec<Vec<u8>> { planes[..count].to_vec() };
    for (n, lines) in [(2, 2), (4, 4), (8, 8), (2, 1), (4, 3), (8, 5)] {
        let (luma, cb, cr) = (
            rows(&luma, lines),
            rows(&cb, lines.div_ceil(2)),
            rows(&cr, lines.div_ceil(2)),
        );
        let l: Vec<&[u8]> = luma.iter().map(Vec::as_slice).collect();
        let u: Vec<&[u8]> = cb.iter().map(Vec::as_slice).collect();
        let v: Vec<&[u8]> = cr.iter().map(Vec::as_slice).collect();
        let blocks = usize::div_ceil(width, n);
        agree(blocks * 4, 2e-5, |level, d| {
            shrink_420(level, &l, &u, &v, n, width, d)
        });
        let mut got = vec![0.0; blocks * 4];
        shrink_420(SimdLevel::detect(), &l, &u, &v, n, width, &mut got);
        for block in (0..blocks).step_by(37).chain([blocks - 1]) {
            let columns = block * n..((block + 1) * n).min(width);
            for (channel, (by_cb, by_cr)) in [(1.772, 0.0), (-0.344136, -0.714136), (0.0, 1.402)]
                .into_iter()
                .enumerate()
            {
                let pixels = l
                    .iter()
                    .enumerate()
                    .flat_map(|(y, row)| columns.clone().map(move |x| (x, y, row[x])));
                let linear: Vec<f64> = pixels
                    .map(|(x, y, luma)| {
                        f64::from(luma)
                            + by_cb * (f64::from(u[y / 2][x / 2]) - 128.0)
                            + by_cr * (f64::from(v[y / 2][x / 2]) - 128.0)
                    })
                    .map(|value| transfer::srgb_to_linear(value / 255.0))
                    .collect();
                let exact = linear.iter().sum::<f64>() / linear.len() as f64;
                let got = f64::from(got[block * 4 + channel]);
                assert!(
                    (got - exact).abs() < 1.5e-3,
                    "{n}x{n} block {block} channel {channel}: {got} against {exact}"
                );
            }
        }
    }
}

#[test]
fn the_parts_of_the_score_agree() {
    let n = 131;
    let planes: Vec<Vec<f32>> = (0..18)
        .map(|seed| floats(n, seed + 1).iter().map(|v| v.abs()).collect())
        .collect();
    fn rows<const N: usize>(planes: &[Vec<f32>]) -> [&[f32]; N] {
        std::array::from_fn(|k| planes[k].as_slice())
    }
    agree(3 * n, 1e-5, |level, dst| {
        let (x, rest) = dst.split_at_mut(n);
        let (y, z) = rest.split_at_mut(n);
        positive_xyb(level, rows(&planes), [x, y, z]);
    });
    agree(5 * n, 1e-5, |level, dst| {
        let mut parts = dst.chunks_exact_mut(n);
        let parts = std::array::from_fn(|_| parts.next().unwrap());
        blur_down(level, rows(&planes), rows(&planes[9..]), parts);
    });
    // What is blurred must belong to the rows, or variances are no variances.
    let mut blurred = vec![vec![0.0; n]; 5];
    let mut parts = blurred.iter_mut();
    let parts = std::array::from_fn(|_| parts.next().unwrap().as_mut_slice());
    blur_down(SimdLevel::SCALAR, rows(&planes), rows(&planes[9..]), parts);
    agree(6, 1e-4, |level, dst| {
        let inner = REACH..n - REACH;
        let (a, b) = (&planes[REACH][inner.clone()], &planes[9 + REACH][inner]);
        let mut sums = [0.0; 6];
        add_errors(level, rows(&blurred), a, b, &mut sums);
        for (dst, sum) in dst.iter_mut().zip(sums) {
            *dst = (sum / a.len() as f64) as f32;
        }
    });
}

#[test]
fn packed_rgb_is_the_same_at_every_length() {
    for pixels in [0, 1, 3, 4, 5, 8, 15, 16, 17, 101] {
        let src = noise(pixels * 4, 5);
        let want: Vec<u8> = src.chunks(4).flat_map(|p| [p[2], p[1], p[0]]).collect();
        for level in SimdLevel::all() {
            let mut got = vec![0; pixels * 3];
            pack_rgb(level, &src, &mut got);
            assert_eq!(got, want, "{level:?} {pixels}");
        }
    }
}

#[test]
fn sums_of_pairs_are_those_of_any_block() {
    for pixels in [1, 2, 5, 16, 33] {
        let rows = [floats(pixels * 4, 3), floats(pixels * 4, 4)];
        let want: Vec<f32> = (0..pixels.div_ceil(2) * 4)
            .map(|i| {
                let (block, channel) = (i / 4, i % 4);
                let row_sum = |row: &[f32]| {
                    let at = |pixel: usize| row.get(pixel * 4 + channel).copied().unwrap_or(0.0);
                    at(block * 2) + at(block * 2 + 1)
                };
                row_sum(&rows[0]) + row_sum(&rows[1])
            })
            .collect();
        for level in SimdLevel::all() {
            let mut got = vec![9.0; want.len()];
            box_sum(level, &rows[0], 2, true, &mut got);
            box_sum(level, &rows[1], 2, false, &mut got);
            assert_eq!(got, want, "{level:?} {pixels}");
        }
    }
}
