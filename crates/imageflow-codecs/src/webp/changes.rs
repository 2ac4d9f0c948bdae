//! What an animation frame must redraw: blocks of 8×8 pixels, and the rectangle around them.
//!
//! Within the rectangle, what stays is left transparent and the frame is blended, if everything that changes is opaque;
//! otherwise the frame replaces the rectangle. A lossy file leaves out whole blocks, the unit of its transforms; a lossless
//! one every pixel that stays. Against replacing always, this saves a third of the bytes of a resized GIF animation.

use std::ops::Range;

use imageflow_pixels::{Rect, RowBuf, Rows, Size};

/// Side of a block. Rectangles start at multiples of it, and thus at even coordinates, as the container demands.
const BLOCK: u32 = 8;
const BLOCK_BYTES: usize = BLOCK as usize * 4;

/// What differs between two frames.
pub(super) struct Changes {
    place: Rect,
    /// For every block of the canvas, row by row, whether it is redrawn.
    redrawn: Vec<bool>,
    across: usize,
    /// Whether something within the rectangle stays as it is.
    holes: bool,
}

impl Changes {
    /// Everything is new.
    pub(super) fn whole(size: Size) -> Changes {
        Changes::replace(Rect::of(size))
    }

    fn replace(place: Rect) -> Changes {
        Changes {
            place,
            redrawn: Vec::new(),
            across: 0,
            holes: false,
        }
    }

    /// Compares two frames; when nothing differs, a pixel is redrawn all the same, because a frame needs one.
    ///
    /// Samples may differ by `slack` without counting, alpha must not; it counts only where it is meaningful, and the colour
    /// of transparent pixels never does. Without slack, any pixel may be left out, not only whole blocks.
    pub(super) fn between(before: &RowBuf, now: &Rows<'_>, slack: Option<u8>) -> Changes {
        let size = now.info().size;
        let meaningful = now.info().alpha.is_meaningful();
        let across = size.width().div_ceil(BLOCK) as usize;
        let down = size.height().div_ceil(BLOCK) as usize;
        let mut redrawn = vec![false; across * down];
        let before = before.all();
        for y in now.range() {
            let (old, new) = (before.row(y), now.row(y));
            if old == new {
                continue;
            }
            let Some(band) = redrawn.chunks_exact_mut(across).nth((y / BLOCK) as usize) else {
                break;
            };
            let blocks = old.chunks(BLOCK_BYTES).zip(new.chunks(BLOCK_BYTES));
            for (changed, (old, new)) in band.iter_mut().zip(blocks) {
                *changed =
                    *changed || (old != new && differ(old, new, slack.unwrap_or(0), meaningful));
            }
        }
        let Some(place) = bounds(&redrawn, across, size) else {
            return Changes::replace(Rect::new(0, 0, 1, 1).unwrap_or(Rect::of(size)));
        };
        let mut changes = Changes {
            place,
            redrawn,
            across,
            holes: true,
        };
        // While this is assumed, runs are those of the redrawn blocks.
        changes.holes = changes.can_blend(&before, now, slack.is_none());
        changes
    }

    /// Where the frame goes.
    pub(super) fn place(&self) -> Rect {
        self.place
    }

    /// Whether pixels outside of the [runs](Changes::runs) must show what was there before.
    pub(super) fn holes(&self) -> bool {
        self.holes
    }

    /// The bytes of canvas row `y` that are redrawn.
    pub(super) fn runs(&self, y: u32) -> impl Iterator<Item = Range<usize>> {
        let whole = self.place.x0() as usize * 4..self.place.x1() as usize * 4;
        let end = whole.end;
        let band = self.redrawn.get((y / BLOCK) as usize * self.across..);
        let blocks = band
            .and_then(|band| band.get(..self.across))
            .filter(|_| self.holes)
            .unwrap_or_default();
        let runs = blocks
            .iter()
            .enumerate()
            .filter(|(_, redrawn)| **redrawn)
            .map(move |(x, _)| x * BLOCK_BYTES..((x + 1) * BLOCK_BYTES).min(end));
        runs.chain((!self.holes).then_some(whole))
    }

    /// Whether there is something to leave out, and the rest looks the same blended as it does replaced.
    fn can_blend(&self, before: &Rows<'_>, now: &Rows<'_>, any_pixel: bool) -> bool {
        let size = self.place.size();
        let blocks = size.width().div_ceil(BLOCK) * size.height().div_ceil(BLOCK);
        let redrawn = self.redrawn.iter().filter(|redrawn| **redrawn).count();
        if !any_pixel && redrawn >= blocks as usize {
            return false;
        }
        let same = |old: &[u8; 4], new: &[u8; 4]| {
            new[3] == 255 || (new[3] == 0 && old[3] == 0) || (any_pixel && old == new)
        };
        let same_row = |old: &[u8], new: &[u8]| {
            let mut pixels = old.as_chunks::<4>().0.iter().zip(new.as_chunks::<4>().0);
            pixels.all(|(old, new)| same(old, new))
        };
        !now.info().alpha.is_meaningful()
            || (self.place.y0()..self.place.y1()).all(|y| {
                let (old, new) = (before.row(y), now.row(y));
                self.runs(y)
                    .all(|run| same_row(&old[run.clone()], &new[run]))
            })
    }
}

fn differ(old: &[u8], new: &[u8], slack: u8, meaningful: bool) -> bool {
    let pixels = old.as_chunks::<4>().0.iter().zip(new.as_chunks::<4>().0);
    let far = |a: &[u8; 4], b: &[u8; 4]| (0..3).any(|i| a[i].abs_diff(b[i]) > slack);
    pixels.into_iter().any(|(a, b)| {
        if meaningful {
            a[3] != b[3] || (a[3] != 0 && far(a, b))
        } else {
            far(a, b)
        }
    })
}

/// The rectangle around the blocks that are redrawn.
fn bounds(redrawn: &[bool], across: usize, size: Size) -> Option<Rect> {
    let blocks = || (0..).zip(redrawn.chunks_exact(across));
    let with_any = |band: &[bool]| band.iter().any(|redrawn| *redrawn);
    let (top, _) = blocks().find(|(_, band)| with_any(band))?;
    let (bottom, _) = blocks().filter(|(_, band)| with_any(band)).last()?;
    let columns = |band: &[bool]| {
        let left = band.iter().position(|redrawn| *redrawn)?;
        Some((left, band.iter().rposition(|redrawn| *redrawn)?))
    };
    let (left, right) = blocks()
        .filter_map(|(_, band)| columns(band))
        .reduce(|(a, b), (left, right)| (a.min(left), b.max(right)))?;
    let (left, right) = (u32::try_from(left).ok()?, u32::try_from(right).ok()?);
    Rect::new(
        left * BLOCK,
        top * BLOCK,
        ((right + 1) * BLOCK).min(size.width()),
        ((bottom + 1) * BLOCK).min(size.height()),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use imageflow_pixels::{Alpha, FrameInfo, JobControl};

    use super::*;

    type Pixel = (u32, usize, [u8; 4]);

    fn frame(alpha: Alpha, set: &[Pixel]) -> RowBuf {
        let info = FrameInfo::bgra8(Size::new(30, 20).unwrap(), alpha);
        let mut frame = RowBuf::whole(info, &JobControl::default()).unwrap();
        for (y, x, pixel) in set {
            frame.all_mut().row_mut(*y)[x * 4..][..4].copy_from_slice(pixel);
        }
        frame
    }

    fn between(alpha: Alpha, set: &[Pixel], slack: Option<u8>) -> Changes {
        Changes::between(&frame(alpha, &[]), &frame(alpha, set).all(), slack)
    }

    fn runs(changes: &Changes, y: u32) -> Vec<(usize, usize)> {
        changes.runs(y).map(|run| (run.start, run.end)).collect()
    }

    #[test]
    fn the_rectangle_surrounds_the_changed_blocks() {
        let set = [(9, 12, [1, 1, 1, 0]), (19, 29, [2, 2, 2, 0])];
        let changes = between(Alpha::Opaque, &set, Some(0));
        assert_eq!(changes.place().to_string(), "8,8 30,20");
        assert!(changes.holes());
        assert_eq!(runs(&changes, 8), [(32, 64)]);
        assert_eq!(runs(&changes, 16), [(96, 120)]);
    }

    #[test]
    fn blending_needs_holes_and_opaque_pixels() {
        let one = between(Alpha::Meaningful, &[(9, 12, [1, 1, 1, 255])], Some(0));
        assert!(!one.holes());
        assert!(between(Alpha::Meaningful, &[(9, 12, [1, 1, 1, 255])], None).holes());
        assert_eq!(runs(&one, 9), [(32, 64)]);
        let mut set = [(0, 0, [1, 1, 1, 255]), (19, 29, [2, 2, 2, 255])];
        let two = between(Alpha::Meaningful, &set, Some(0));
        assert!(two.holes());
        assert_eq!(runs(&two, 3), [(0, 32)]);
        set[1].2[3] = 254;
        let half = between(Alpha::Meaningful, &set, Some(0));
        assert!(!half.holes());
        assert_eq!(runs(&half, 3), [(0, 120)]);
    }

    #[test]
    fn what_nobody_sees_is_no_change() {
        let changed = |alpha, pixel, slack| {
            let place = between(alpha, &[(9, 9, pixel)], Some(slack))
                .place()
                .to_string();
            assert!(["0,0 1,1", "8,8 16,16"].contains(&place.as_str()));
            place != "0,0 1,1"
        };
        assert!(!changed(Alpha::Opaque, [0, 0, 0, 9], 0));
        assert!(!changed(Alpha::Meaningful, [9, 9, 9, 0], 0));
        assert!(changed(Alpha::Meaningful, [0, 0, 0, 9], 0));
        assert!(!changed(Alpha::Opaque, [4, 4, 4, 0], 4));
        assert!(changed(Alpha::Opaque, [4, 4, 5, 0], 4));
        assert!(changed(Alpha::Meaningful, [0, 0, 0, 1], 4));
    }
}
