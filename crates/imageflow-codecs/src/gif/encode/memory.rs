//! What viewers show, and what it stands for: the ground on which a frame is a difference.

use std::ops::Range;

use imageflow_pixels::{ControlError, JobControl, PictureMemory, Rect, Size};

/// The most by which a channel may differ from what was drawn before it is drawn again, in frames whose colours are
/// approximated anyway. Measured from the pixel as it was when it was drawn: differences do not add up.
const TOLERANCE: u8 = 3;

/// Pixels that count against the job's budget.
pub(super) struct Plane(PictureMemory);

impl Plane {
    /// Transparent pixels.
    pub(super) fn new(count: u64, control: &JobControl) -> Result<Plane, ControlError> {
        PictureMemory::new(count.saturating_mul(4), control).map(Plane)
    }
}

impl std::ops::Deref for Plane {
    type Target = [[u8; 4]];

    fn deref(&self) -> &[[u8; 4]] {
        self.0.as_chunks().0
    }
}

impl std::ops::DerefMut for Plane {
    fn deref_mut(&mut self) -> &mut [[u8; 4]] {
        self.0.as_chunks_mut().0
    }
}

/// What to do with a pixel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// It shows what it should, or nothing as it should.
    Keep,
    /// It showed this colour before it was cleared, and should again.
    Again([u8; 4]),
    Draw,
}

/// The canvas as viewers see it.
pub(super) struct Memory {
    /// Colours shown; alpha 0 where nothing is, then the rest is what was there last.
    shown: Plane,
    /// The pixels that `shown` was drawn for; alpha 0 where nothing ever was.
    meant: Plane,
}

impl Memory {
    /// A canvas of nothing. One of no pixels remembers none, which is all a still picture needs.
    pub(super) fn new(pixels: u64, control: &JobControl) -> Result<Memory, ControlError> {
        Ok(Memory {
            shown: Plane::new(pixels, control)?,
            meant: Plane::new(pixels, control)?,
        })
    }

    /// What to do so that pixel `at` shows `wanted`: exactly, or nearly.
    #[inline]
    pub(super) fn step(&self, at: usize, wanted: [u8; 4], exactly: bool) -> Step {
        if wanted[3] == 0 {
            return Step::Keep;
        }
        let (Some(shown), Some(meant)) = (self.shown.get(at), self.meant.get(at)) else {
            return Step::Draw;
        };
        let same = if exactly {
            [shown[0], shown[1], shown[2]] == [wanted[0], wanted[1], wanted[2]]
        } else {
            meant
                .iter()
                .zip(wanted)
                .all(|(meant, wanted)| meant.abs_diff(wanted) <= TOLERANCE)
        };
        match (same, shown[3]) {
            (false, _) => Step::Draw,
            (true, 0) if meant[3] == 0 => Step::Draw,
            (true, 0) => Step::Again([shown[0], shown[1], shown[2], 255]),
            (true, _) => Step::Keep,
        }
    }

    /// Remembers that pixel `at` shows `color` for `wanted`.
    #[inline]
    pub(super) fn drawn(&mut self, at: usize, color: [u8; 4], wanted: [u8; 4]) {
        if let (Some(shown), Some(meant)) = (self.shown.get_mut(at), self.meant.get_mut(at)) {
            (*shown, *meant) = (color, wanted);
        }
    }

    /// Remembers that pixel `at` shows again what it showed before it was cleared.
    pub(super) fn again(&mut self, at: usize) {
        if let Some(shown) = self.shown.get_mut(at) {
            shown[3] = 255;
        }
    }

    /// Remembers that a span of pixels was cleared.
    pub(super) fn cleared(&mut self, span: Range<usize>) {
        for pixel in self.shown.get_mut(span).unwrap_or_default() {
            pixel[3] = 0;
        }
    }
}

/// The smallest rectangle that holds all pixels for which `within(y)(x)` is true.
///
/// # Errors
/// When the job must stop.
pub(super) fn bounds<F: Fn(usize) -> bool>(
    size: Size,
    control: &JobControl,
    within: impl Fn(u32) -> F,
) -> Result<Option<Rect>, ControlError> {
    let width = size.width() as usize;
    let (mut left, mut right) = (width, 0);
    let (mut top, mut bottom) = (None, 0);
    for y in 0..size.height() {
        control.check()?;
        let within = within(y);
        let Some(first) = (0..width).find(|x| within(*x)) else {
            continue;
        };
        let last = (first..width).rfind(|x| within(*x)).unwrap_or(first);
        (left, right) = (left.min(first), right.max(last + 1));
        top.get_or_insert(y);
        bottom = y + 1;
    }
    Ok(top.and_then(|top| Rect::new(left as u32, top, right as u32, bottom)))
}

/// The smallest rectangle that holds both.
pub(super) fn union(a: Option<Rect>, b: Option<Rect>) -> Option<Rect> {
    match (a, b) {
        (Some(a), Some(b)) => Rect::new(
            a.x0().min(b.x0()),
            a.y0().min(b.y0()),
            a.x1().max(b.x1()),
            a.y1().max(b.y1()),
        ),
        (one, other) => one.or(other),
    }
}
