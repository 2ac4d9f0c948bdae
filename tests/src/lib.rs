//! What the cross-crate tests and the fuzz targets share: pictures made by code, pictures as RGBA, small samples of every
//! format and what damages them, what must hold for any input, the folder of shared vectors, and runs of the command line
//! tool that are measured.
//!
//! Not published. The tests themselves are in `tests/`; `examples/demo_picture.rs` writes the picture of the README.

pub mod inputs;
pub mod mutate;
pub mod picture;
pub mod reference;
pub mod samples;
pub mod scene;
pub mod shared;
pub mod targets;
pub mod tool;

pub use picture::Picture;
