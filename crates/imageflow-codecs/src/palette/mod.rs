//! Palettes: at most 256 colours that stand for a picture, for every format that stores indices.
//!
//! ```text
//! Distinct: are there few enough colours already? ─no─► quantize: choose colours ─► Ditherer: pixels to indices
//! ```

mod distinct;
mod dither;
mod nearest;
mod quantize;

pub(crate) use distinct::Distinct;
pub(crate) use dither::Ditherer;
pub(crate) use quantize::{Picture, Wish, palette as choose, working_bytes};
