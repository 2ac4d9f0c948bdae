//! Resampling: filters, weights, and the two stages that apply them.
//!
//! Horizontal (one row in, one row out) and vertical (a window of rows in, one row out) are separate pure stages. The ring
//! between them holds already-narrow rows. Both work on premultiplied `f32`; the horizontal one turns bytes into the working
//! space as it reads them, the vertical one turns sums back into bytes as it writes them, so no full-size float row is kept.

mod box_shrink;
mod filter;
mod horizontal;
mod vertical;
mod weights;

pub use box_shrink::BoxShrink;
pub use filter::Filter;
pub use horizontal::Horizontal;
pub use vertical::{Target, Vertical};
pub use weights::{Axis, Weights};

/// The values that are averaged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum WorkingSpace {
    /// Linear light: physically right.
    #[default]
    Linear,
    /// sRGB-encoded values as they are.
    Srgb,
}
