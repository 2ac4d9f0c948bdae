//! GIF (87a and 89a), still and animated.
//!
//! Source: "Graphics Interchange Format, Version 89a", CompuServe 1990, and the NETSCAPE2.0 extension for loops. LZW is
//! the `weezl` crate's; blocks, composition and delta frames are done here, because damage in later frames, frames larger
//! than the canvas and loop counts need decisions of their own.
//!
//! Loops: the extension stores how often the animation is *repeated*, so a stored n is n + 1 plays, as Chrome and Firefox
//! play it; 0 is for ever, no extension is one play. Both directions here agree, so the stored number survives.

mod decode;
mod encode;
mod settings;

pub use decode::{may_be_transparent, open};
pub use encode::{encoder, frame_encoder};
pub use settings::GifSettings;

/// Whether this build reads the format.
pub const CAN_DECODE: bool = true;
/// Whether this build writes the format.
pub const CAN_ENCODE: bool = true;
