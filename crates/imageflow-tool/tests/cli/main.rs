//! The observed behaviour of the command line (tool.md, part A) and the required deviations (part B), for the commands
//! that exist. Pictures are made here; nothing outside the checkout is needed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod batch;
mod bench;
mod commands;
#[cfg(target_os = "linux")]
mod ends;
mod errors;
mod flags;
mod formats;
mod injection;
mod locks;
#[cfg(unix)]
mod names;
mod outputs;
mod packages;
mod parser;
mod querystring;
mod streams;
