//! What an animation frame must redraw: the smallest rectangle that holds every pixel that changed.

use imageflow_pixels::{Rect, RowBuf, Rows};

/// The rectangle around the pixels that differ from `before`, its corner at even coordinates as the container demands;
/// `None` when none do. Alpha counts only where it is meaningful, and the colour of transparent pixels never.
pub(super) fn changed(before: &RowBuf, now: &Rows<'_>) -> Option<Rect> {
    let before = before.all();
    let meaningful = now.info().alpha.is_meaningful();
    let differ = |(a, b): (&[u8; 4], &[u8; 4])| {
        if meaningful {
            a != b && (a[3] | b[3]) != 0
        } else {
            a[..3] != b[..3]
        }
    };
    let (mut columns, mut rows) = (None::<(usize, usize)>, None::<(u32, u32)>);
    for y in now.range() {
        let (old, new) = (before.row(y), now.row(y));
        if old == new {
            continue;
        }
        let (old, new) = (old.as_chunks::<4>().0, new.as_chunks::<4>().0);
        let Some(first) = old.iter().zip(new).position(differ) else {
            continue;
        };
        let last = old.iter().zip(new).rposition(differ).unwrap_or(first);
        columns = Some(columns.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        rows = Some((rows.map_or(y, |(top, _)| top), y));
    }
    let ((left, right), (top, bottom)) = (columns?, rows?);
    let (left, right) = (u32::try_from(left).ok()?, u32::try_from(right).ok()?);
    Rect::new(left & !1, top & !1, right + 1, bottom + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use imageflow_pixels::{Alpha, FrameInfo, JobControl, Size};

    use super::*;

    fn frame(alpha: Alpha, set: &[(u32, usize, [u8; 4])]) -> RowBuf {
        let info = FrameInfo::bgra8(Size::new(9, 7).unwrap(), alpha);
        let mut frame = RowBuf::whole(info, &JobControl::default()).unwrap();
        for (y, x, pixel) in set {
            frame.all_mut().row_mut(*y)[x * 4..][..4].copy_from_slice(pixel);
        }
        frame
    }

    fn between(alpha: Alpha, set: &[(u32, usize, [u8; 4])]) -> Option<String> {
        changed(&frame(alpha, &[]), &frame(alpha, set).all()).map(|rect| rect.to_string())
    }

    #[test]
    fn the_rectangle_is_tight_but_starts_even() {
        let set = [(3, 5, [1, 1, 1, 255]), (6, 7, [2, 2, 2, 255])];
        assert_eq!(between(Alpha::Opaque, &set).unwrap(), "4,2 8,7");
        assert_eq!(between(Alpha::Meaningful, &set).unwrap(), "4,2 8,7");
        assert_eq!(between(Alpha::Opaque, &[]), None);
    }

    #[test]
    fn what_nobody_sees_is_no_change() {
        assert_eq!(between(Alpha::Opaque, &[(1, 1, [0, 0, 0, 9])]), None);
        assert_eq!(between(Alpha::Meaningful, &[(1, 1, [9, 9, 9, 0])]), None);
        assert_eq!(
            between(Alpha::Meaningful, &[(1, 1, [0, 0, 0, 9])]).unwrap(),
            "0,0 2,2"
        );
    }
}
