//! Row buffers, streaming contracts and pixel kernels of the imageflow engine.
//!
//! The one idea: pixels flow down in *strips* of consecutive rows while demand flows up. A [`RowSource`] produces rows top
//! to bottom, a [`Stage`] is a pure function from a window of input rows to output rows, a [`RowSink`] consumes rows. No
//! crate below the engine needs a whole picture unless the mathematics demands it.
//!
//! Formats, JSON and I/O are unknown here. SIMD lives in [`simd`] and only there.

pub mod apart;
mod contract;
pub mod control;
pub mod geometry;
pub mod layout;
mod memory;
mod notes;
pub mod ops;
pub mod resample;
pub mod rows;
pub mod simd;
pub mod ssimulacra2;
pub mod transfer;

pub use contract::{Access, EncodeReport, RowSink, RowSource, Scratch, Stage, StreamError};
pub use control::{ControlError, JobControl, Limits, Reservation};
pub use geometry::{Rect, RectF, Size};
pub use layout::{Alpha, FrameInfo, PixelLayout};
pub use memory::PictureMemory;
pub use notes::{Note, NoteKind};
pub use rows::{RowBuf, Rows, RowsMut};
