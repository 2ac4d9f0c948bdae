//! Boxes and the rounding rules that keep their proportions.
//!
//! The float operations and their order are part of the definition: stored URLs depend on the sizes they give.

use crate::layout::LayoutError;

/// A width and a height in pixels, each 1 to 2³¹−1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) width: i64,
    pub(crate) height: i64,
}

/// The largest dimension the arithmetic is defined for.
pub(crate) const MAX_SIDE: f64 = 2_147_483_647.0;

/// Names the side that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Width,
    Height,
}

/// Says which of two boxes with a given aspect ratio is meant: the largest inside, or the smallest around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Inner,
    Outer,
}

impl Shape {
    pub(crate) fn new(width: i64, height: i64) -> Self {
        Self { width, height }
    }

    pub(crate) fn from_size((width, height): (u32, u32)) -> Self {
        Self::new(i64::from(width), i64::from(height))
    }

    pub(crate) fn swapped_if(self, swap: bool) -> Self {
        if swap {
            Self::new(self.height, self.width)
        } else {
            self
        }
    }

    /// Converts to a size; sides outside `u32` do not occur.
    pub(crate) fn to_size(self) -> (u32, u32) {
        let side = |v: i64| u32::try_from(v.max(1)).unwrap_or(u32::MAX);
        (side(self.width), side(self.height))
    }

    pub(crate) fn min(self, other: Self) -> Self {
        Self::new(self.width.min(other.width), self.height.min(other.height))
    }

    pub(crate) fn exceeds(self, other: Self) -> bool {
        self.width > other.width || self.height > other.height
    }

    pub(crate) fn falls_short_of(self, other: Self) -> bool {
        self.width < other.width || self.height < other.height
    }

    fn ratio(self) -> f64 {
        self.width as f64 / self.height as f64
    }

    /// Computes the side that goes with `basis`, keeping this shape's proportions.
    ///
    /// The result snaps to this shape's own side, or to the target's, where rounding explains the difference.
    pub(crate) fn other_side(
        self,
        basis: i64,
        known: Known,
        target: Option<Self>,
    ) -> Result<i64, LayoutError> {
        let (width, height) = (self.width as f64, self.height as f64);
        let ratio = self.ratio();
        let (exact, own) = match known {
            Known::Width => (basis as f64 / ratio, self.height),
            Known::Height => (ratio * basis as f64, self.width),
        };
        let (target_side, tolerance) = match (target, known) {
            (None, _) => (own, 1.0 - f64::EPSILON),
            (Some(t), Known::Width) => {
                let th = t.height as f64;
                (
                    t.height,
                    (th - (width * (th / height)).round() / ratio).abs(),
                )
            }
            (Some(t), Known::Height) => {
                let tw = t.width as f64;
                (
                    t.width,
                    (tw - (height * (tw / width)).round() * ratio).abs(),
                )
            }
        };
        let to_own = (exact - own as f64).abs();
        let to_target = (exact - target_side as f64).abs();
        if to_own <= tolerance && to_own <= to_target {
            return Ok(own);
        }
        if to_target <= tolerance {
            return Ok(target_side);
        }
        let rounded = exact.round();
        // Also false for what is not a number.
        if (0.0..MAX_SIDE).contains(&rounded) {
            Ok((rounded as i64).max(1))
        } else {
            Err(LayoutError::ValueScalingFailed {
                ratio,
                basis,
                result: rounded,
            })
        }
    }

    /// Finds the box inside or around `target` that has this shape's proportions.
    pub(crate) fn box_in(self, target: Self, kind: Kind) -> Result<Self, LayoutError> {
        let wider = self.ratio() > target.ratio();
        if wider == (kind == Kind::Inner) {
            let height = self.other_side(target.width, Known::Width, Some(target))?;
            Ok(Self::new(target.width, height))
        } else {
            let width = self.other_side(target.height, Known::Height, Some(target))?;
            Ok(Self::new(width, target.height))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn proportions_round_half_up_and_never_to_zero() {
        let shape = Shape::new(200, 101);
        assert_eq!(shape.other_side(50, Known::Width, None), Ok(25));
        assert_eq!(
            Shape::new(1000, 1).other_side(10, Known::Width, None),
            Ok(1)
        );
        assert_eq!(shape.other_side(400, Known::Width, None), Ok(202));
    }

    #[test]
    fn small_differences_snap_to_the_shape_itself() {
        let shape = Shape::new(3, 1000);
        assert_eq!(shape.other_side(999, Known::Height, None), Ok(3));
    }

    #[test]
    fn inner_and_outer_boxes_share_one_side_with_the_target() {
        let shape = Shape::new(400, 300);
        let target = Shape::new(100, 100);
        assert_eq!(shape.box_in(target, Kind::Inner), Ok(Shape::new(100, 75)));
        assert_eq!(shape.box_in(target, Kind::Outer), Ok(Shape::new(133, 100)));
    }

    #[test]
    fn sizes_beyond_the_range_fail() {
        let result = Shape::new(2, 1).other_side(2_147_483_647, Known::Height, None);
        assert!(matches!(
            result,
            Err(LayoutError::ValueScalingFailed { .. })
        ));
    }
}
