//! From a component's rows to rows as wide as the picture, and from components to B, G, R.
//!
//! The formulas are libjpeg's, in its integers: a triangle filter where a component has half the columns or half the rows
//! ("fancy upsampling"), repetition elsewhere; ITU-T T.871 (JFIF) for YCbCr.

/// How a component is brought to the picture's grid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    /// It has the grid already.
    Copy,
    /// Twice as wide.
    Across,
    /// Twice as high.
    Down,
    /// Twice as wide and twice as high.
    Both,
    /// Repetition by this fraction: the largest factor over the component's own.
    Repeat(usize, usize),
}

impl Method {
    /// `factors` are the component's, `most` the largest; `width` is the component's.
    pub(super) fn new(factors: (usize, usize), most: (usize, usize), width: usize) -> Method {
        let twice = |own: usize, most: usize| own * 2 == most;
        let same = |own: usize, most: usize| own == most;
        match (factors, most) {
            ((h, v), (mh, mv)) if same(h, mh) && same(v, mv) => Method::Copy,
            // libjpeg has no filter for components this narrow.
            ((h, v), (mh, mv)) if twice(h, mh) && same(v, mv) && width > 2 => Method::Across,
            ((h, v), (mh, mv)) if twice(h, mh) && twice(v, mv) && width > 2 => Method::Both,
            ((h, v), (mh, mv)) if same(h, mh) && twice(v, mv) => Method::Down,
            ((h, _), (mh, _)) => Method::Repeat(mh, h),
        }
    }

    /// Whether a second row, the other neighbour, has a part in a row.
    pub(super) fn blends_rows(self) -> bool {
        matches!(self, Method::Down | Method::Both)
    }

    /// Makes a row of the picture. `near` is the component's row it lies in, `far` the neighbour on the other side, `lower`
    /// whether that is the one below.
    pub(super) fn row(self, near: &[u8], far: &[u8], lower: bool, out: &mut [u8]) {
        match self {
            Method::Copy => {
                for (out, near) in out.iter_mut().zip(near) {
                    *out = *near;
                }
            }
            Method::Across => widen(
                near.iter().map(|v| u16::from(*v)),
                near.len(),
                [1, 2],
                2,
                out,
            ),
            Method::Down => {
                let bias = if lower { 2 } else { 1 };
                for (out, sum) in out.iter_mut().zip(blend(near, far)) {
                    *out = ((sum + bias) >> 2) as u8;
                }
            }
            Method::Both => widen(blend(near, far), near.len(), [8, 7], 4, out),
            Method::Repeat(most, own) => {
                for (x, out) in out.iter_mut().enumerate() {
                    *out = near.get(x * own / most.max(1)).copied().unwrap_or(*out);
                }
            }
        }
    }
}

/// Three parts of the near row and one of the far.
fn blend<'r>(near: &'r [u8], far: &'r [u8]) -> impl Iterator<Item = u16> + 'r {
    near.iter()
        .zip(far)
        .map(|(near, far)| u16::from(*near) * 3 + u16::from(*far))
}

/// Three parts of the nearest column and one of the next, in `1 << shift` parts; `bias` rounds the left and the right half.
fn widen(
    mut columns: impl Iterator<Item = u16>,
    count: usize,
    bias: [u16; 2],
    shift: u32,
    out: &mut [u8],
) {
    let Some(first) = columns.next() else {
        return;
    };
    let [left_bias, right_bias] = bias;
    let (mut last, mut this) = (first, first);
    for (i, pair) in out.chunks_mut(2).take(count).enumerate() {
        let next = columns.next().unwrap_or(this);
        let edge = |bias: u16| (this * 4 + bias) >> shift;
        let left = if i == 0 {
            edge(left_bias)
        } else {
            (this * 3 + last + left_bias) >> shift
        };
        let right = if i + 1 == count {
            edge(right_bias)
        } else {
            (this * 3 + next + right_bias) >> shift
        };
        for (out, value) in pair.iter_mut().zip([left, right]) {
            *out = value as u8;
        }
        (last, this) = (this, next);
    }
}

/// Bits after the point.
const SCALE: i32 = 16;
const HALF: i32 = 1 << (SCALE - 1);

const fn fixed(value: f64) -> i32 {
    (value * (1 << SCALE) as f64 + 0.5) as i32
}

const RED: i32 = fixed(1.402);
const BLUE: i32 = fixed(1.772);
const GREEN_CB: i32 = fixed(0.344_14);
const GREEN_CR: i32 = fixed(0.714_14);

/// Red, green and blue of a YCbCr sample.
#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let r = y + ((RED * cr + HALF) >> SCALE);
    let g = y + ((HALF - GREEN_CB * cb - GREEN_CR * cr) >> SCALE);
    let b = y + ((BLUE * cb + HALF) >> SCALE);
    [r, g, b].map(|v| v.clamp(0, 255) as u8)
}

/// Converts a row of YCbCr to B, G, R, 255.
pub(super) fn ycbcr_to_bgra(y: &[u8], cb: &[u8], cr: &[u8], bgra: &mut [u8]) {
    let (pixels, _) = bgra.as_chunks_mut::<4>();
    for (((pixel, y), cb), cr) in pixels.iter_mut().zip(y).zip(cb).zip(cr) {
        let [r, g, b] = rgb(*y, *cb, *cr);
        *pixel = [b, g, r, 255];
    }
}

/// Converts a row of YCCK to C, M, Y, K: the first three are the complement of RGB.
pub(super) fn ycck_to_cmyk([y, cb, cr, k]: [&[u8]; 4], cmyk: &mut [u8]) {
    let (pixels, _) = cmyk.as_chunks_mut::<4>();
    for ((((pixel, y), cb), cr), k) in pixels.iter_mut().zip(y).zip(cb).zip(cr).zip(k) {
        let [r, g, b] = rgb(*y, *cb, *cr);
        *pixel = [255 - r, 255 - g, 255 - b, *k];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(method: Method, near: &[u8], far: &[u8], lower: bool, width: usize) -> Vec<u8> {
        let mut out = vec![0; width];
        method.row(near, far, lower, &mut out);
        out
    }

    #[test]
    fn half_width_is_a_triangle_filter_with_alternating_rounding() {
        // (3·10+20+2)/4 = 13, (3·20+10+1)/4 = 17, (3·20+50+2)/4 = 28, (3·50+20+1)/4 = 42.
        let out = made(Method::Across, &[10, 20, 50], &[], false, 6);
        assert_eq!(out, [10, 13, 17, 28, 42, 50]);
        assert_eq!(made(Method::Across, &[10, 20, 50], &[], false, 5), out[..5]);
    }

    #[test]
    fn half_size_weighs_nine_three_three_one() {
        let out = made(Method::Both, &[0, 100, 0], &[0, 0, 100], true, 6);
        // Column sums 0, 300, 100; sixteenths of 3·this + other.
        assert_eq!(out, [0, 19, 56, 62, 38, 25]);
    }

    #[test]
    fn half_height_rounds_up_below() {
        assert_eq!(made(Method::Down, &[10], &[12], false, 1), [10]);
        assert_eq!(made(Method::Down, &[10], &[12], true, 1), [11]);
    }

    #[test]
    fn other_fractions_repeat() {
        let method = Method::new((1, 1), (4, 1), 2);
        assert_eq!(made(method, &[3, 9], &[], false, 7), [3, 3, 3, 3, 9, 9, 9]);
        let narrow = Method::new((1, 2), (2, 2), 2);
        assert_eq!(made(narrow, &[3, 9], &[], false, 4), [3, 3, 9, 9]);
        let thirds = Method::new((2, 1), (3, 1), 2);
        assert_eq!(made(thirds, &[3, 9], &[], false, 3), [3, 3, 9]);
    }

    #[test]
    fn flat_rows_stay_flat() {
        for method in [Method::Across, Method::Down, Method::Both] {
            for value in [0, 1, 127, 254, 255] {
                let row = [value; 5];
                let width = if method == Method::Down { 5 } else { 9 };
                assert!(
                    made(method, &row, &row, true, width)
                        .iter()
                        .all(|v| *v == value)
                );
            }
        }
    }

    #[test]
    fn colours_follow_jfif_to_the_nearest_integer() {
        for y in (0..=255).step_by(15) {
            for cb in (0..=255).step_by(17) {
                for cr in (0..=255).step_by(17) {
                    let (fy, fcb, fcr) =
                        (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
                    let exact = [
                        fy + 1.402 * fcr,
                        fy - 0.344_136 * fcb - 0.714_136 * fcr,
                        fy + 1.772 * fcb,
                    ];
                    for (got, exact) in rgb(y, cb, cr).iter().zip(exact) {
                        assert!((f64::from(*got) - exact.clamp(0.0, 255.0)).abs() < 0.51);
                    }
                }
            }
        }
    }

    #[test]
    fn neutral_ycck_is_gray_ink() {
        let mut cmyk = [0; 4];
        ycck_to_cmyk([&[200], &[128], &[128], &[7]], &mut cmyk);
        assert_eq!(cmyk, [55, 55, 55, 7]);
    }
}
