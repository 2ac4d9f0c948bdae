//! What the cross-crate tests share: pictures made by code, pictures as RGBA, the folder of shared vectors, and runs of
//! the command line tool that are measured.
//!
//! Not published. The tests themselves are in `tests/`; `examples/demo_picture.rs` writes the picture of the README.

pub mod inputs;
pub mod picture;
pub mod reference;
pub mod scene;
pub mod shared;
pub mod tool;

pub use picture::Picture;
