//! What is done with an input that somebody else chose, and what must hold then: the bodies of the fuzz targets, which the
//! regressions and the mutations of the tests go through as well.
//!
//! A target panics when something is wrong: that is a finding. Limits are tighter than a server's, so that what is
//! found is not a large picture. Choices are made from a checksum of the input, so that an input is nothing but a file.

mod abi;
mod blocks;
mod decode;
mod job;
mod text;

use imageflow_codecs::ImageFormat;

use crate::mutate::{Random, Shape};

pub use job::convert;

/// Pixels of a picture that is decoded: with sanitizers, a megapixel takes seconds.
const PIXELS: u64 = 1 << 18;
/// Bytes that a job may take.
const BUDGET: u64 = 256 << 20;

/// Whether an input is worth mutating further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interest {
    /// It reached the code that is tested.
    Some,
    /// It is of another kind.
    None,
}

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, in `fuzz/` and in the table of regressions.
    pub name: &'static str,
    /// How its inputs are built; `None` where the first bytes tell.
    pub shape: Option<Shape>,
    /// Beginnings of the names of the samples it starts from.
    pub samples: &'static [&'static str],
    /// Tries one input.
    ///
    /// # Panics
    /// When something is wrong.
    pub run: fn(&[u8]) -> Interest,
}

macro_rules! decoder {
    ($name:literal, $format:ident, $sample:literal) => {
        Target {
            name: $name,
            shape: None,
            samples: &[$sample],
            run: |bytes| decode::decode(ImageFormat::$format, bytes),
        }
    };
}

/// All targets.
pub const ALL: &[Target] = &[
    decoder!("decode_jpeg", Jpeg, "jpg"),
    decoder!("decode_png", Png, "png"),
    decoder!("decode_gif", Gif, "gif"),
    decoder!("decode_webp", WebP, "webp"),
    decoder!("decode_avif", Avif, "avif"),
    decoder!("decode_jxl", Jxl, "jxl"),
    decoder!("decode_tiff", Tiff, "tif"),
    decoder!("decode_bmp", Bmp, "bmp"),
    decoder!("decode_svg", Svg, "svg"),
    Target {
        name: "boxes",
        shape: Some(Shape::Boxes),
        samples: &["avif"],
        run: decode::headers,
    },
    Target {
        name: "transcode",
        shape: None,
        samples: &["png", "jpg", "gif", "webp", "avif", "jxl", "tif", "bmp"],
        run: job::transcode,
    },
    Target {
        name: "job",
        shape: Some(Shape::Text),
        samples: &[],
        run: job::job,
    },
    Target {
        name: "querystring",
        shape: Some(Shape::Text),
        samples: &[],
        run: text::querystring,
    },
    Target {
        name: "icc",
        shape: Some(Shape::Profile),
        samples: &["icc"],
        run: blocks::profile,
    },
    Target {
        name: "exif",
        shape: Some(Shape::Directory),
        samples: &["exif"],
        run: blocks::exif,
    },
    Target {
        name: "abi",
        shape: Some(Shape::Fields),
        samples: &[],
        run: abi::calls,
    },
];

/// The target of a name.
///
/// # Panics
/// When there is none.
pub fn named(name: &str) -> &'static Target {
    let found = ALL.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("no target is called {name}"))
}

/// Choices that depend on nothing but the input.
fn choices(bytes: &[u8]) -> Random {
    Random::new(u64::from(crc32fast::hash(bytes)))
}

/// Inputs that a target starts from, besides the samples: written here since they are text.
pub fn texts(name: &str) -> &'static [&'static str] {
    match name {
        "job" => job::JOBS,
        "querystring" => text::QUERIES,
        _ => &[],
    }
}
