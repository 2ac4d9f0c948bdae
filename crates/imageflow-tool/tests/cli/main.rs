//! The observed behaviour of the command line (tool.md, part A) and the required deviations (part B), for the commands
//! that exist. Pictures are made here; nothing outside the checkout is needed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod errors;
mod injection;
mod outputs;
mod parser;
mod querystring;
mod streams;
