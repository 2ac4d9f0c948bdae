//! How the bytes of a row are to be read.

use crate::geometry::Size;

/// Sample type and channel order of one pixel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PixelLayout {
    /// Four bytes B, G, R, A: sRGB-encoded, straight alpha. Four bytes also when the frame is opaque (the last is ignored).
    Bgra8,
    /// Four `f32` B, G, R, A in the working space (linear light, or sRGB-encoded 0..1), **premultiplied**; 1.0 is white.
    /// The fourth is undefined but finite when the frame is opaque.
    BgraF32,
}

impl PixelLayout {
    /// Bytes of one pixel.
    pub const fn bytes_per_pixel(self) -> usize {
        match self {
            PixelLayout::Bgra8 => 4,
            PixelLayout::BgraF32 => 16,
        }
    }
}

/// Whether the fourth channel means anything.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Alpha {
    /// `bgr_32`: read the fourth channel as fully opaque.
    Opaque,
    /// `bgra_32`: the fourth channel is coverage.
    Meaningful,
}

impl Alpha {
    /// True when the fourth channel is coverage.
    pub const fn is_meaningful(self) -> bool {
        matches!(self, Alpha::Meaningful)
    }
}

/// Size and meaning of the rows a source or a stage produces.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FrameInfo {
    /// Samples per row and number of rows.
    pub size: Size,
    /// Sample type and channel order.
    pub layout: PixelLayout,
    /// Meaning of the fourth channel.
    pub alpha: Alpha,
}

impl FrameInfo {
    /// A frame of 8-bit rows.
    pub const fn bgra8(size: Size, alpha: Alpha) -> FrameInfo {
        FrameInfo {
            size,
            layout: PixelLayout::Bgra8,
            alpha,
        }
    }

    /// A frame of working-space float rows.
    pub const fn float(size: Size, alpha: Alpha) -> FrameInfo {
        FrameInfo {
            size,
            layout: PixelLayout::BgraF32,
            alpha,
        }
    }

    /// Bytes of pixels in one row, without padding.
    pub const fn row_bytes(&self) -> usize {
        self.size.width() as usize * self.layout.bytes_per_pixel()
    }
}
