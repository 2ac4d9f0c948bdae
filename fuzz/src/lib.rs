//! Ties the targets and mutators of `imageflow-tests` to libFuzzer.
#![allow(missing_docs)]

use imageflow_tests::mutate::{self, Random, Shape};
use imageflow_tests::targets::{self, Interest, Target};
use libfuzzer_sys::Corpus;

#[doc(hidden)]
pub use libfuzzer_sys;

/// A fuzz target: runs what `imageflow_tests::targets` has under this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        use $crate::libfuzzer_sys;
        libfuzzer_sys::fuzz_target!(
            init: $crate::prepare(),
            |bytes: &[u8]| -> libfuzzer_sys::Corpus { $crate::run($name, bytes) }
        );
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
            $crate::mutate($name, data, size, max, seed)
        });
    };
}

/// Lets panics pass that the engine contains by itself: those of the JPEG XL and SVG decoders are errors of the input.
pub fn prepare() {
    let fatal = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or("", |location| location.file());
        let is_contained = [
            "/jxl-",
            "/jxl_",
            "/resvg-",
            "/usvg-",
            "/tiny-skia",
            "/svgtypes-",
            "/kurbo-",
        ];
        if !is_contained.iter().any(|name| place.contains(name)) {
            fatal(info);
        }
    }));
}

pub fn run(name: &str, bytes: &[u8]) -> Corpus {
    match (targets::named(name).run)(bytes) {
        Interest::Some => Corpus::Keep,
        Interest::None => Corpus::Reject,
    }
}

/// Changes what is in `data[..size]` in place and gives the new size.
pub fn mutate(name: &str, data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
    let target: &Target = targets::named(name);
    let max = max.min(data.len());
    let bytes = data[..size].to_vec();
    let shape = target.shape.unwrap_or_else(|| Shape::of(&bytes));
    let mut random = Random::new(u64::from(seed));
    let mut noise = |part: &mut Vec<u8>, most: usize, _: &mut Random| {
        // libFuzzer knows what the code compared with, and the dictionary.
        let most = most.min(part.len() + 256);
        let size = part.len().min(most);
        part.resize(most, 0);
        let size = libfuzzer_sys::fuzzer_mutate(part, size, most);
        part.truncate(size);
    };
    let made = mutate::mutate(shape, &bytes, max, &mut random, &mut noise);
    data[..made.len()].copy_from_slice(&made);
    made.len()
}
