//! PNG (W3C third edition).
//!
//! Decoding streams rows: nothing is allocated in proportion to what a header claims except one row; interlaced files keep
//! their frame inside the decoder. Encoding has three sinks: [`PngSettings::Truecolor`] streams,
//! [`PngSettings::Lossless`] looks for the smallest colour type while the rows pass, [`PngSettings::Palette`] keeps the
//! final-size frame because a palette depends on every pixel.

mod chunks;
pub(crate) mod color;
mod damage;
mod decode;
mod deep;
mod encode;
mod expand;
mod interlace;
mod settings;

pub use decode::open;
pub use encode::encoder;
pub use settings::PngSettings;
