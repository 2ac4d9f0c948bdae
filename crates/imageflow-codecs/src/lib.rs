//! Image formats as [`RowSource`](imageflow_pixels::RowSource)s and [`RowSink`](imageflow_pixels::RowSink)s.
//!
//! A codec gets bytes, row buffers and a [`JobControl`](imageflow_pixels::JobControl); nothing else. One folder per format.
//! Native code is reached through `ffi` modules only.

pub mod color;
mod decoder;
mod encoder;
mod error;
mod format;
mod input;
pub mod jpeg;
pub mod metadata;
pub mod png;

pub use decoder::{BlockScale, DecodeOptions, Decoder, Header, detect, open};
pub use encoder::{EncoderSettings, Output, encoder};
pub use error::CodecError;
pub use format::ImageFormat;
pub use input::{Bytes, Input, Reader};
