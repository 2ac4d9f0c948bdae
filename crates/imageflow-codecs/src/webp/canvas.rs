//! What animation composites onto: B, G, R, A with straight alpha (RFC 9649 §2.7.1.1 and §2.7.2).

use imageflow_pixels::{Rect, RowBuf};

/// Composites a row of pixels over another one of the same length.
///
/// `A = a + b·(1-a)`, `C = (c·a + d·b·(1-a)) / A`, with source alpha `a` and colour `c`, canvas alpha `b` and colour `d`.
pub(super) fn blend(source: &[u8], canvas: &mut [u8]) {
    let (source, _) = source.as_chunks::<4>();
    let (canvas, _) = canvas.as_chunks_mut::<4>();
    for (from, to) in source.iter().zip(canvas) {
        match from[3] {
            0 => {}
            255 => *to = *from,
            _ => *to = over(*from, *to),
        }
    }
}

/// What [`blend`] makes of a row on a canvas of nothing.
pub(super) fn clear_colors(row: &mut [u8]) {
    for pixel in row.as_chunks_mut::<4>().0 {
        if pixel[3] == 0 {
            *pixel = [0; 4];
        }
    }
}

/// `from` has some alpha, so the result has.
fn over(from: [u8; 4], to: [u8; 4]) -> [u8; 4] {
    let a = u32::from(from[3]);
    // Both weights are scaled by 255: at most 255 * 255 together.
    let (weight, kept) = (a * 255, u32::from(to[3]) * (255 - a));
    let total = weight + kept;
    let mix =
        |c: u8, d: u8| ((u32::from(c) * weight + u32::from(d) * kept + total / 2) / total) as u8;
    [
        mix(from[0], to[0]),
        mix(from[1], to[1]),
        mix(from[2], to[2]),
        ((total + 127) / 255) as u8,
    ]
}

/// The bytes of a row that belong to columns of `place`.
pub(super) fn columns(place: Rect) -> std::ops::Range<usize> {
    place.x0() as usize * 4..place.x1() as usize * 4
}

/// Makes a place transparent.
pub(super) fn clear(canvas: &mut RowBuf, place: Rect) {
    let mut rows = canvas.all_mut();
    for y in place.y0()..place.y1() {
        rows.row_mut(y)[columns(place)].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blended(from: [u8; 4], to: [u8; 4]) -> [u8; 4] {
        let mut canvas = to;
        blend(&from, &mut canvas);
        canvas
    }

    #[test]
    fn opaque_pixels_replace_and_transparent_ones_leave() {
        assert_eq!(blended([1, 2, 3, 255], [9, 9, 9, 77]), [1, 2, 3, 255]);
        assert_eq!(blended([1, 2, 3, 0], [9, 9, 9, 77]), [9, 9, 9, 77]);
    }

    #[test]
    fn a_row_on_nothing_needs_no_canvas() {
        let source = [1, 2, 3, 0, 4, 5, 6, 255, 7, 8, 9, 1, 200, 100, 3, 128];
        let (mut cleared, mut canvas) = (source, [0; 16]);
        clear_colors(&mut cleared);
        blend(&source, &mut canvas);
        assert_eq!(cleared, canvas);
    }

    #[test]
    fn colours_are_weighted_by_what_they_cover() {
        // Weights 128·255 and 200·127.
        assert_eq!(blended([0, 100, 255, 128], [200; 4]), [88, 144, 231, 228]);
        assert_eq!(
            blended([0, 100, 255, 128], [200, 0, 0, 255]),
            [100, 50, 128, 255]
        );
        assert_eq!(blended([7, 8, 9, 1], [200, 0, 0, 0]), [7, 8, 9, 1]);
    }
}
