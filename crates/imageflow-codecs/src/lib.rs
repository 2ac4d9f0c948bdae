//! Image formats as [`RowSource`](imageflow_pixels::RowSource)s and [`RowSink`](imageflow_pixels::RowSink)s.
//!
//! A codec gets bytes, row buffers and a [`JobControl`](imageflow_pixels::JobControl); nothing else. One folder per format.
//! Native code is reached through `ffi` modules only.

pub mod avif;
pub mod bmp;
pub mod color;
mod decoder;
mod encoder;
mod error;
mod foreign;
mod format;
mod frames;
pub mod gif;
mod input;
pub mod jpeg;
pub mod jxl;
mod memory;
pub mod metadata;
mod palette;
pub mod png;
pub mod svg;
pub mod tiff;
mod transparency;
pub mod webp;
mod words;

pub use decoder::{BlockScale, DecodeOptions, Decoder, Header, detect, open};
pub use encoder::{
    EncoderSettings, Output, encoder, encoder_with, frame_encoder, frame_encoder_with,
};
pub use error::CodecError;
pub use foreign::Foreign;
pub use format::ImageFormat;
pub use frames::{Animation, AnimationFrame, FrameSink, FrameSinkInfo, FrameSource, Gather, still};
pub use input::{Bytes, Input, Reader, read_pipe, read_special_file};
pub use transparency::may_be_transparent;

/// The licence of what this crate is compiled into, as an SPDX expression: that of the engine, unless a feature brought a
/// library that asks for more. (`tests/tests/all/licences.rs` holds that no other feature does.)
pub const LICENSE: &str = if cfg!(feature = "imagequant") {
    "GPL-3.0-or-later"
} else {
    "MIT OR Apache-2.0"
};
