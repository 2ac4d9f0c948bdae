//! A landscape made by arithmetic: sky with clouds, ridges, water with ripples, a fence and a sign with small print.
//!
//! It has what photographs have and test patterns lack: gradients, noise at every scale, hard edges and fine texture.
//! Every pixel depends on its coordinates only, so any size and any part can be rendered.

/// Renders 8-bit RGB, rows top to bottom.
pub fn render(width: usize, height: usize) -> Vec<u8> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let rows = height.div_ceil(threads).max(1);
    let mut pixels = vec![0; width * height * 3];
    std::thread::scope(|scope| {
        for (part, strip) in pixels.chunks_mut((rows * width * 3).max(1)).enumerate() {
            scope.spawn(move || {
                for (i, pixel) in strip.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                    let (x, y) = (i % width, part * rows + i / width);
                    // The scene is 1.5 units wide at 3:2, one unit high.
                    let scale = 1.0 / height as f32;
                    *pixel = colour(x as f32 * scale, y as f32 * scale, scale).map(encode);
                }
            });
        }
    });
    pixels
}

/// Linear light → sRGB, 8 bits.
fn encode(linear: f32) -> u8 {
    let v = linear.clamp(0.0, 1.0);
    let s = if v <= 0.003_130_8 {
        v * 12.92
    } else {
        1.055 * v.powf(1.0 / 2.4) - 0.055
    };
    (s * 255.0 + 0.5) as u8
}

fn mix(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    let t = t.clamp(0.0, 1.0);
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * t)
}

/// Linear colour at a point; `pixel` is the size of a pixel, for edges that are one pixel soft.
fn colour(x: f32, y: f32, pixel: f32) -> [f32; 3] {
    if let Some(c) = sign(x, y, pixel) {
        return c;
    }
    let fence = fence(x, y, pixel);
    let wood = || [0.11, 0.07, 0.035].map(|v| v * (0.5 + fractal(x * 300.0, y * 40.0, 4, 9)));
    // Front to back: what is covered is not computed.
    let parts: [(f32, &dyn Fn() -> [f32; 3]); 3] = [
        (fence, &wood),
        (edge(y - 0.62, pixel), &|| water(x, y)),
        (1.0, &|| land(x, y, pixel)),
    ];
    over(parts)
}

/// Ridges, the nearest first, and the sky behind them.
fn land(x: f32, y: f32, pixel: f32) -> [f32; 3] {
    let ridge = |n: u32| {
        let depth = n as f32 / 3.0;
        let middle = 0.34 + 0.075 * depth;
        let swing = 0.10 - 0.04 * depth;
        // Noise stays within its bounds, so most pixels need no exact line.
        let above = y < middle - swing;
        let line = || middle + swing * (fractal(x * 2.6 + depth * 17.0, depth * 5.0, 7, n) - 0.5);
        let cover = if above { 0.0 } else { edge(y - line(), pixel) };
        let texture = move || {
            let near = mix([0.30, 0.38, 0.48], [0.035, 0.06, 0.02], depth);
            let lit = 0.55 + 0.9 * fractal(x * 60.0, y * 90.0, 6, 40 + n) * (0.4 + 0.6 * depth);
            near.map(|v| v * lit)
        };
        (cover, texture)
    };
    let ridges = [ridge(3), ridge(2), ridge(1), ridge(0)];
    let [a, b, c, d] = &ridges;
    over([
        (a.0, &a.1),
        (b.0, &b.1),
        (c.0, &c.1),
        (d.0, &d.1),
        (1.0, &|| sky(x, y)),
    ])
}

/// Layers from front to back, each with how much of the pixel it covers.
fn over<const N: usize>(layers: [(f32, &dyn Fn() -> [f32; 3]); N]) -> [f32; 3] {
    let (mut sum, mut open) = ([0.0; 3], 1.0);
    for (cover, layer) in layers {
        if cover > 0.0 && open > 0.0 {
            let c = layer();
            (0..3).for_each(|i| sum[i] += c[i] * cover * open);
            open *= 1.0 - cover;
        }
    }
    sum
}

fn sky(x: f32, y: f32) -> [f32; 3] {
    let base = mix([0.10, 0.26, 0.62], [0.78, 0.74, 0.66], y / 0.42);
    let cloud = fractal(x * 3.2 + 9.0, y * 7.5, 8, 3);
    let sun = (-((x - 1.08).powi(2) + (y - 0.13).powi(2)) * 90.0).exp();
    mix(base, [0.95, 0.93, 0.92], (cloud - 0.52) * 3.4).map(|v| v + sun * 0.8)
}

fn water(x: f32, y: f32) -> [f32; 3] {
    let near = (y - 0.62) / 0.38;
    let ripple = fractal(x * (70.0 - 45.0 * near), y * (520.0 - 380.0 * near), 5, 21);
    let glint = ((ripple - 0.66) * 9.0).max(0.0) * (1.0 - (x - 1.0).abs()).max(0.0);
    mix(
        [0.30, 0.38, 0.45],
        [0.02, 0.07, 0.10],
        near * 0.7 + ripple * 0.5,
    )
    .map(|v| v + glint * 0.7)
}

/// How much of the pixel is fence.
fn fence(x: f32, y: f32, pixel: f32) -> f32 {
    let post = ((x * 14.0).fract() - 0.5).abs() / 14.0;
    let top = 0.80 + 0.01 * fractal((x * 14.0).floor(), 0.0, 1, 31);
    let posts = edge(0.006 - post, pixel) * edge(y - top, pixel) * edge(0.96 - y, pixel);
    let rail = |at: f32| edge(0.004 - (y - at - 0.004 * (x * 6.0).sin()).abs(), pixel);
    posts.max(rail(0.84)).max(rail(0.90))
}

/// A white board with lines of print, from large to tiny.
fn sign(x: f32, y: f32, pixel: f32) -> Option<[f32; 3]> {
    let (u, v) = ((x - 0.16) / 0.34, (y - 0.50) / 0.20);
    if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
        return None;
    }
    let border = u.min(1.0 - u) * 0.34 < 0.004 || v.min(1.0 - v) * 0.20 < 0.004;
    if border {
        return Some([0.35, 0.02, 0.02]);
    }
    // Line n is 1.35 times smaller than the one before.
    let (mut top, mut size, mut line) = (0.08, 0.20, 0u32);
    while top + size < v {
        top += size * 1.3;
        size /= 1.35;
        line += 1;
        if line > 9 {
            return Some([0.86, 0.85, 0.80]);
        }
    }
    let (cell_x, cell_y) = ((u - 0.05) / (size * 0.42), (v - top) / size);
    let ink = if v < top || !(0.05..0.95).contains(&u) {
        0.0
    } else {
        glyph(cell_x, cell_y, line, pixel / (0.2 * size))
    };
    Some(mix([0.86, 0.85, 0.80], [0.015, 0.015, 0.03], ink))
}

/// A random letter-like shape: strokes on a 2 × 4 grid.
fn glyph(x: f32, y: f32, line: u32, soft: f32) -> f32 {
    let letter = x.floor();
    let (x, bits) = (x - letter, hash(letter as i32, line as i32, 77));
    if bits.is_multiple_of(7) {
        return 0.0;
    }
    let stroke = |at: f32, p: f32| edge(0.09 - (p - at).abs(), soft);
    let on = |bit: u32| if bits >> bit & 1 == 1 { 1.0 } else { 0.0 };
    let upright = edge(y - 0.05, soft) * edge(0.95 - y, soft);
    let across = edge(x - 0.1, soft) * edge(0.8 - x, soft);
    let left = stroke(0.18, x) * upright;
    let right = stroke(0.72, x) * upright * on(8);
    let bars = [(0.12, 9), (0.5, 10), (0.88, 11)].map(|(at, bit)| stroke(at, y) * across * on(bit));
    let slant = stroke(0.18 + 0.5 * y, x) * upright * on(12);
    bars.into_iter().fold(left.max(right).max(slant), f32::max)
}

/// 0 outside, 1 inside, with a ramp one pixel wide.
fn edge(distance: f32, pixel: f32) -> f32 {
    (distance / pixel + 0.5).clamp(0.0, 1.0)
}

/// Sum of octaves of value noise, 0..=1.
fn fractal(mut x: f32, mut y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
    for octave in 0..octaves {
        sum += weight * noise(x, y, seed.wrapping_mul(31).wrapping_add(octave));
        total += weight;
        weight *= 0.55;
        x *= 2.03;
        y *= 2.03;
    }
    sum / total
}

/// Value noise on the integer lattice, smoothly interpolated.
fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (ix, iy) = (floor(x), floor(y));
    let at =
        |dx, dy| (hash(ix.wrapping_add(dx), iy.wrapping_add(dy), seed) >> 8) as f32 / 16_777_215.0;
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty) = (ease(x - ix as f32), ease(y - iy as f32));
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * tx;
    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * tx;
    top + (bottom - top) * ty
}

/// Rounds down; for the coordinates used here, several times faster than `f32::floor` without SSE 4.1.
fn floor(v: f32) -> i32 {
    let whole = v as i32;
    whole - i32::from(v < whole as f32)
}

/// Integer hash with good avalanche (the finaliser of MurmurHash3).
fn hash(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = seed
        ^ (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77).rotate_left(13);
    h = (h ^ (h >> 16)).wrapping_mul(0x85EB_CA6B);
    h = (h ^ (h >> 13)).wrapping_mul(0xC2B2_AE35);
    h ^ (h >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scene_is_deterministic_and_has_detail() {
        let pixels = render(96, 64);
        assert_eq!(pixels.len(), 96 * 64 * 3);
        assert_eq!(pixels, render(96, 64));
        let changes = pixels
            .windows(4)
            .filter(|w| w[0].abs_diff(w[3]) > 8)
            .count();
        assert!(changes > 1000, "{changes}");
    }
}
