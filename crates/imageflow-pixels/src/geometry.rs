//! Sizes and rectangles that cannot hold zero areas or overflow.

use std::fmt;

/// Width and height of a frame, in pixels.
///
/// # Guarantees
/// Both are 1 ..= `i32::MAX`, so `width * height` fits `u64` and a row of four `f32` channels fits `usize` on 64 bit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// The largest side a frame may have.
    pub const MAX_SIDE: u32 = i32::MAX as u32;

    /// Makes a size; `None` when a side is zero or above [`Size::MAX_SIDE`].
    pub const fn new(width: u32, height: u32) -> Option<Size> {
        if width == 0 || height == 0 || width > Self::MAX_SIDE || height > Self::MAX_SIDE {
            return None;
        }
        Some(Size { width, height })
    }

    /// Pixels per row.
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Number of rows.
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Number of pixels.
    pub const fn area(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// Width and height exchanged.
    pub const fn transposed(self) -> Size {
        Size {
            width: self.height,
            height: self.width,
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A half-open, non-empty pixel rectangle: columns `x0..x1`, rows `y0..y1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rect {
    x0: u32,
    y0: u32,
    x1: u32,
    y1: u32,
}

impl Rect {
    /// Makes a rectangle; `None` when it is empty or inverted.
    pub const fn new(x0: u32, y0: u32, x1: u32, y1: u32) -> Option<Rect> {
        if x1 <= x0 || y1 <= y0 || x1 > Size::MAX_SIDE || y1 > Size::MAX_SIDE {
            return None;
        }
        Some(Rect { x0, y0, x1, y1 })
    }

    /// The rectangle that covers a whole frame.
    pub const fn of(size: Size) -> Rect {
        Rect {
            x0: 0,
            y0: 0,
            x1: size.width,
            y1: size.height,
        }
    }

    /// First column.
    pub const fn x0(self) -> u32 {
        self.x0
    }
    /// First row.
    pub const fn y0(self) -> u32 {
        self.y0
    }
    /// One past the last column.
    pub const fn x1(self) -> u32 {
        self.x1
    }
    /// One past the last row.
    pub const fn y1(self) -> u32 {
        self.y1
    }

    /// Width and height.
    pub const fn size(self) -> Size {
        Size {
            width: self.x1 - self.x0,
            height: self.y1 - self.y0,
        }
    }

    /// Whether the rectangle lies inside a frame of this size.
    pub const fn fits(self, frame: Size) -> bool {
        self.x1 <= frame.width && self.y1 <= frame.height
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{} {},{}", self.x0, self.y0, self.x1, self.y1)
    }
}

/// A rectangle in real coordinates of a sampled plane: sample `i` covers `[i, i+1)`.
///
/// Used where a resample reads from a shrunk decode: a whole number of stored pixels is a fraction of shrunk samples
/// (2725 / 2 = 1362.5), and treating the last partial sample as whole shifts the picture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RectF {
    /// Left edge.
    pub x0: f64,
    /// Top edge.
    pub y0: f64,
    /// Right edge.
    pub x1: f64,
    /// Bottom edge.
    pub y1: f64,
}

impl RectF {
    /// Real width.
    pub fn width(self) -> f64 {
        self.x1 - self.x0
    }

    /// Real height.
    pub fn height(self) -> f64 {
        self.y1 - self.y0
    }

    /// All edges multiplied.
    pub fn scaled(self, x: f64, y: f64) -> RectF {
        RectF {
            x0: self.x0 * x,
            y0: self.y0 * y,
            x1: self.x1 * x,
            y1: self.y1 * y,
        }
    }
}

impl From<Rect> for RectF {
    fn from(r: Rect) -> RectF {
        RectF {
            x0: f64::from(r.x0),
            y0: f64::from(r.y0),
            x1: f64::from(r.x1),
            y1: f64::from(r.y1),
        }
    }
}

impl fmt::Display for RectF {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{} {},{}", self.x0, self.y0, self.x1, self.y1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_refuse_zero_and_overflow() {
        assert!(Size::new(0, 1).is_none());
        assert!(Size::new(1, 0x8000_0000).is_none());
        assert_eq!(Size::new(3, 2).map(Size::area), Some(6));
    }

    #[test]
    fn rects_refuse_empty_and_know_what_they_fit() {
        assert!(Rect::new(2, 0, 2, 5).is_none());
        let fits = Rect::new(1, 1, 3, 4)
            .zip(Size::new(3, 4))
            .map(|(r, s)| r.fits(s));
        assert_eq!(fits, Some(true));
    }
}
