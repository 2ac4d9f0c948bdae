//! The imageflow engine: a job (steps, graph or querystring) becomes a plan of row stages, and the plan is run strip by strip.

#![forbid(unsafe_code)]

pub mod base64;
mod context;
mod endpoints;
pub mod error;
mod exec;
mod io;
pub mod job;
pub mod limits;
mod plan;
mod policy;
pub mod suggest;

pub use context::{Context, Response, Status};
pub use error::{Category, Error, ErrorKind};
pub use io::{InputEntry, IoTable, OutputBytes, OutputEntry, OutputPlace};
