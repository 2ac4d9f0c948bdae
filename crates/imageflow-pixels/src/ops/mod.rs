//! Stages other than resampling, one file each, and the plain canvas source.

mod blend;
mod canvas;
mod corners;
mod crop;
mod dominant;
mod fill;
mod flip;
mod held;
mod levels;
mod matrix;
mod matte;
mod pad;
mod saliency;
mod thumbhash;
mod turn;
mod whitespace;

pub use blend::{CopyRect, Draw};
pub use canvas::Canvas;
pub use corners::{Radii, RoundCorners};
pub use crop::Crop;
pub use dominant::{Dominant, DominantColors};
pub use fill::FillRect;
pub use flip::FlipH;
pub use held::HeldFrame;
pub use levels::{Histogram, LevelTables, Levels};
pub use matrix::{ColorMatrix, Matrix5};
pub use matte::Matte;
pub use pad::Pad;
pub use saliency::Saliency;
pub use thumbhash::ThumbHash;
pub use turn::{Turn, Turned};
pub use whitespace::ContentDetector;

/// A straight sRGB colour, in the byte order of a pixel: B, G, R, A.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Bgra(pub [u8; 4]);

impl Bgra {
    /// Opaque white.
    pub const WHITE: Bgra = Bgra([255; 4]);
    /// Zero in all channels.
    pub const TRANSPARENT: Bgra = Bgra([0; 4]);

    /// Whether alpha is 255.
    pub fn is_opaque(self) -> bool {
        self.0[3] == 255
    }

    /// Whether alpha is 0.
    pub fn is_transparent(self) -> bool {
        self.0[3] == 0
    }

    /// The bytes to fill a frame with: an opaque frame stores 255 as its fourth channel.
    fn stored(self, alpha: crate::Alpha) -> [u8; 4] {
        let [b, g, r, a] = self.0;
        if alpha.is_meaningful() {
            [b, g, r, a]
        } else {
            [b, g, r, 255]
        }
    }

    /// Premultiplied floats in the working space.
    pub fn premultiplied(self, space: crate::resample::WorkingSpace) -> [f32; 4] {
        let a = f64::from(self.0[3]) / 255.0;
        let channel = |v: u8| {
            let s = f64::from(v) / 255.0;
            let v = match space {
                crate::resample::WorkingSpace::Linear => crate::transfer::srgb_to_linear(s),
                crate::resample::WorkingSpace::Srgb => s,
            };
            (v * a) as f32
        };
        [
            channel(self.0[0]),
            channel(self.0[1]),
            channel(self.0[2]),
            a as f32,
        ]
    }
}

fn fill(row: &mut [u8], pixel: [u8; 4]) {
    for p in row.chunks_exact_mut(4) {
        p.copy_from_slice(&pixel);
    }
}

/// Bytes of the pixels `x0..x1` of a byte row.
fn pixels(x0: u32, x1: u32) -> std::ops::Range<usize> {
    x0 as usize * 4..x1 as usize * 4
}

#[cfg(test)]
pub(crate) mod testing;
