//! Tests that need more than one crate. One program, since each is linked with all codecs.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cancel;
mod conformance;
mod corpus;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod faults;
mod formats;
mod goals;
mod licences;
mod looks;
#[cfg(unix)]
mod malformed;
#[cfg(unix)]
mod memory;
mod metadata;
mod mutations;
mod quality;
mod reference;
mod regressions;

use std::sync::{Mutex, MutexGuard};

/// Held by tests that measure time or keep the machine busy: one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
