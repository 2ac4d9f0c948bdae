//! ImageResizer4-compatible querystrings: text → [`Instructions`] → [`Layout`] → nodes and an encoder preset.
//!
//! Everything is a pure function of its arguments. Parsing never fails: problems become [`Warning`]s. Only the
//! arithmetic of a layout can fail, when proportions lead beyond 2³¹ pixels. What is longer than the [`limits`] is not read.
//!
//! ```
//! use imageflow_querystring::{layout, parse, steps};
//! let (wishes, warnings) = parse("width=200&height=200&mode=crop&format=webp");
//! assert!(warnings.is_empty());
//! // Layouts are defined on the canonical form, which rounds some numbers.
//! let wishes = wishes.settled();
//! let plan = layout(&wishes, (800, 600), (800, 600))?;
//! assert_eq!(plan.crop, Some([100, 0, 700, 600]));
//! assert_eq!(plan.final_size, (200, 200));
//! assert_eq!(steps(&wishes, &plan, &[]).len(), 2);
//! # Ok::<(), imageflow_querystring::LayoutError>(())
//! ```
#![forbid(unsafe_code)]

mod colors;
mod hints;
mod instructions;
pub mod keys;
mod layout;
pub mod limits;
mod parse;
mod preset;
mod print;
mod quality;
mod select;
mod shape;
mod solver;
mod srcset;
mod steps;
pub mod values;
mod warning;

pub use hints::{JpegScale, decoder_commands, jpeg_scale};
pub use instructions::Instructions;
pub use layout::{ConstrainLayout, Layout, LayoutError, constrain, layout};
pub use parse::{FRAGMENT, parse, validate};
pub use preset::{complete_preset, encoder_preset, metadata_policy};
pub use quality::{QualityRow, percent_of, quality_row};
pub use select::{
    Codec, CodecSupport, Facts, Formats, NoFormat, Selection, SourceFacts, SourceFormat, select,
};
pub use steps::steps;
pub use warning::Warning;
