//! The values keys take: small types, and total functions that read them from text.
//!
//! Every reader gets trimmed, non-empty text and answers `None` when it does not understand it. Words are compared
//! ignoring ASCII case.

use std::str::FromStr;

use imageflow_types::{BoolKeep, Filter, QualityProfile};

use crate::colors;

/// Declares an enum whose variants are written as words: the first word is canonical, the others are accepted too.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal $(| $alias:literal)*,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Reads one of the accepted words, ignoring ASCII case.
            #[must_use]
            pub fn from_word(text: &str) -> Option<Self> {
                $(if [$word $(, $alias)*].iter().any(|w| text.eq_ignore_ascii_case(w)) {
                    return Some(Self::$variant);
                })+
                None
            }

            /// The canonical word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The accepted words, each canonical one followed by its aliases.
            pub const WORDS: &'static [&'static str] = &[$($word $(, $alias)*),+];
        }
    };
}

words! {
    /// How the image is fitted to the box.
    FitMode {
        /// Fits inside the box.
        Max = "max",
        /// Fits inside the box and pads to it.
        Pad = "pad",
        /// Fills the box and crops.
        Crop = "crop",
        /// Distorts to the box.
        Stretch = "stretch",
        /// Crops to the box's aspect ratio without resampling.
        AspectCrop = "aspectcrop",
    }
}
words! {
    /// Which way the image may be resampled.
    ScaleMode {
        /// Only smaller.
        Down = "downscaleonly" | "down",
        /// Only larger.
        Up = "upscaleonly" | "up",
        /// Either.
        Both = "both",
        /// Only smaller; the canvas grows instead.
        Canvas = "upscalecanvas" | "canvas",
    }
}
words! {
    /// Mirroring.
    Flip {
        /// None.
        None = "none",
        /// Left to right.
        X = "x" | "h",
        /// Top to bottom.
        Y = "y" | "v",
        /// Both.
        Both = "xy" | "both",
    }
}
words! {
    /// The space in which pixels are averaged.
    Colorspace {
        /// On sRGB-encoded values.
        Srgb = "srgb",
        /// In linear light.
        Linear = "linear",
        /// Understood, treated as unset.
        Gamma = "gamma",
    }
}
words! {
    /// What of the source's metadata is kept.
    MetadataWord {
        /// Nothing.
        None = "none",
        /// Artist and copyright.
        Copyright = "copyright",
        /// EXIF and XMP.
        All = "all",
    }
}
words! {
    /// The colours of the result.
    ColorWord {
        /// sRGB.
        Srgb = "srgb",
        /// Those of the source's RGB profile.
        Keep = "keep",
        /// Display P3.
        DisplayP3 = "display_p3" | "p3",
    }
}
words! {
    /// When sharpening applies.
    Sharpening {
        /// When a dimension shrinks.
        Downscaling = "downscaling",
        /// When a dimension changes.
        SizeDiffers = "sizediffers",
        /// Always.
        Always = "always",
    }
}
words! {
    /// The weights that turn colours into gray.
    Grayscale {
        /// NTSC, spelled as a truth value.
        True = "true",
        /// NTSC.
        Ntsc = "ntsc",
        /// NTSC, by its other name.
        Y = "y",
        /// Equal weights.
        Flat = "flat",
        /// R-Y.
        Ry = "ry",
        /// BT.709.
        Bt709 = "bt709",
    }
}
words! {
    /// How white is balanced.
    WhiteBalance {
        /// By the area of the histogram.
        Area = "area" | "true",
        /// Understood, without effect.
        Simple = "simple",
        /// Understood, without effect.
        Gimp = "gimp",
    }
}
words! {
    /// The output format.
    Format {
        /// The source's.
        Keep = "keep",
        /// JPEG.
        Jpeg = "jpeg" | "jpg" | "jpe" | "jif" | "jfif" | "jfi" | "exif",
        /// PNG.
        Png = "png",
        /// GIF.
        Gif = "gif",
        /// WebP.
        Webp = "webp",
        /// AVIF.
        Avif = "avif",
        /// JPEG XL.
        Jxl = "jxl" | "jpegxl",
        /// Chosen by the engine.
        Auto = "auto",
    }
}
words! {
    /// A position along one axis.
    Place {
        /// Left or top.
        Near = "near",
        /// Centre, rounded towards the near edge.
        Middle = "middle",
        /// Right or bottom.
        Far = "far",
    }
}

/// Where an image sits on a canvas, or a crop in an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Anchor {
    /// At an edge or in the middle: horizontally, vertically.
    Named(Place, Place),
    /// At these percentages: horizontally, vertically.
    Percent(f32, f32),
    /// Crops where the picture has most to show, pads in the middle.
    Smart,
}

/// Where a crop sits in an image, apart from padding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CropGravity {
    /// At these percentages: horizontally, vertically.
    Percent(f64, f64),
    /// Where the picture has most to show.
    Smart,
}

/// The word that asks for the part with most to show.
pub(crate) const SMART: &str = "smart";

/// The nine named anchors: word, horizontal place, vertical place.
pub(crate) const ANCHORS: [(&str, Place, Place); 9] = [
    ("topleft", Place::Near, Place::Near),
    ("topcenter", Place::Middle, Place::Near),
    ("topright", Place::Far, Place::Near),
    ("middleleft", Place::Near, Place::Middle),
    ("middlecenter", Place::Middle, Place::Middle),
    ("middleright", Place::Far, Place::Middle),
    ("bottomleft", Place::Near, Place::Far),
    ("bottomcenter", Place::Middle, Place::Far),
    ("bottomright", Place::Far, Place::Far),
];

/// A resampling kernel, with the spelling it was asked for by (lower-cased).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FilterWord {
    /// The kernel.
    pub filter: Filter,
    /// The spelling.
    pub word: String,
}

/// Kernel names; each underscore may be left out.
pub(crate) const FILTERS: [(&str, Filter); 22] = [
    ("robidoux", Filter::Robidoux),
    ("robidoux_fast", Filter::RobidouxFast),
    ("robidoux_sharp", Filter::RobidouxSharp),
    ("ginseng", Filter::Ginseng),
    ("ginseng_sharp", Filter::GinsengSharp),
    ("lanczos", Filter::Lanczos),
    ("lanczos_sharp", Filter::LanczosSharp),
    ("lanczos_2", Filter::Lanczos2),
    ("lanczos_2_sharp", Filter::Lanczos2Sharp),
    ("cubic", Filter::Cubic),
    ("cubic_sharp", Filter::CubicSharp),
    ("catmull_rom", Filter::CatmullRom),
    ("mitchell", Filter::Mitchell),
    ("cubic_b_spline", Filter::CubicBSpline),
    ("hermite", Filter::Hermite),
    ("jinc", Filter::Jinc),
    ("triangle", Filter::Triangle),
    ("linear", Filter::Linear),
    ("box", Filter::Box),
    ("fastest", Filter::Fastest),
    ("n_cubic", Filter::NCubic),
    ("n_cubic_sharp", Filter::NCubicSharp),
];

/// Quality profile names; the first spelling of each profile is canonical.
pub(crate) const PROFILES: [(&str, QualityProfile); 11] = [
    ("lowest", QualityProfile::Lowest),
    ("low", QualityProfile::Low),
    ("medium-low", QualityProfile::MediumLow),
    ("mediumlow", QualityProfile::MediumLow),
    ("medium", QualityProfile::Medium),
    ("good", QualityProfile::Good),
    ("medium-high", QualityProfile::Good),
    ("mediumhigh", QualityProfile::Good),
    ("high", QualityProfile::High),
    ("highest", QualityProfile::Highest),
    ("lossless", QualityProfile::Lossless),
];

/// A number of clockwise quarter turns, 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuarterTurns(u8);

impl QuarterTurns {
    /// Rounds degrees to the nearest quarter turn; what is not a number counts as 0.
    #[must_use]
    pub fn from_degrees(degrees: f32) -> Self {
        // A float remainder keeps the sign, hence the second turn of the wheel; the cast takes NaN to 0.
        let turns = ((degrees / 90.0).round() % 4.0) as i32;
        Self(((turns + 4) % 4) as u8)
    }

    /// 0 to 3.
    #[must_use]
    pub fn turns(self) -> u8 {
        self.0
    }

    /// 0, 90, 180 or 270.
    #[must_use]
    pub fn degrees(self) -> u16 {
        u16::from(self.0) * 90
    }

    /// Whether width and height change places.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        self.0 % 2 == 1
    }
}

/// Reads a finite 32-bit float.
pub(crate) fn finite_f32(text: &str) -> Option<f32> {
    text.parse().ok().filter(|v: &f32| v.is_finite())
}

/// Reads a finite 64-bit float.
pub(crate) fn finite_f64(text: &str) -> Option<f64> {
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

/// Reads exactly `N` floats separated by commas; not-a-number and infinity are accepted here.
pub(crate) fn floats<T: FromStr, const N: usize>(text: &str) -> Option<[T; N]> {
    let values = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect::<Option<Vec<T>>>()?;
    values.try_into().ok()
}

/// Reads four comma-separated floats, forgiving parentheses and taking what is no number for 0.
pub(crate) fn forgiving_floats(text: &str) -> Option<[f64; 4]> {
    let values: Vec<f64> = text
        .replace(['(', ')'], "")
        .split(',')
        .map(|part| part.trim().parse().unwrap_or(0.0))
        .collect();
    values.try_into().ok()
}

/// Reads one radius for all corners, or four.
pub(crate) fn corner_radii(text: &str) -> Option<[f32; 4]> {
    if let Some([all]) = floats(text) {
        return Some([all; 4]);
    }
    floats(text)
}

/// Reads a device pixel ratio such as `2`, `1.5x`.
pub(crate) fn pixel_ratio(text: &str) -> Option<f32> {
    finite_f32(text.trim_end_matches('x'))
}

/// Reads a truth value.
pub(crate) fn truth(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
    if is(["true", "1", "yes", "on"]) {
        Some(true)
    } else if is(["false", "0", "no", "off"]) {
        Some(false)
    } else {
        None
    }
}

/// Reads a truth value or the wish to keep what the source has.
pub(crate) fn truth_or_keep(text: &str) -> Option<BoolKeep> {
    if text.eq_ignore_ascii_case("keep") || text.eq_ignore_ascii_case("preserve") {
        return Some(BoolKeep::Keep);
    }
    truth(text).map(bool_keep)
}

/// Converts a truth value.
pub(crate) fn bool_keep(value: bool) -> BoolKeep {
    if value {
        BoolKeep::True
    } else {
        BoolKeep::False
    }
}

/// Reads a colour: 3, 4, 6 or 8 hexadecimal digits with an optional `#`, or a name.
pub(crate) fn color(text: &str) -> Option<[u8; 4]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    hex_color(digits).or_else(|| colors::by_name(text))
}

fn hex_color(digits: &str) -> Option<[u8; 4]> {
    let nibbles = digits
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<Vec<u8>>>()?;
    Some(match *nibbles.as_slice() {
        [r, g, b] => [r * 17, g * 17, b * 17, 255],
        [r, g, b, a] => [r * 17, g * 17, b * 17, a * 17],
        [r, s, g, h, b, c] => [r * 16 + s, g * 16 + h, b * 16 + c, 255],
        [r, s, g, h, b, c, a, d] => [r * 16 + s, g * 16 + h, b * 16 + c, a * 16 + d],
        _ => return None,
    })
}

/// Reads a named anchor, `smart` or two percentages.
pub(crate) fn anchor(text: &str) -> Option<Anchor> {
    if text.eq_ignore_ascii_case(SMART) {
        return Some(Anchor::Smart);
    }
    ANCHORS
        .iter()
        .find(|(word, ..)| text.eq_ignore_ascii_case(word))
        .map(|&(_, x, y)| Anchor::Named(x, y))
        .or_else(|| floats(text).map(|[x, y]| Anchor::Percent(x, y)))
}

/// Reads `smart` or two percentages.
pub(crate) fn crop_gravity(text: &str) -> Option<CropGravity> {
    if text.eq_ignore_ascii_case(SMART) {
        return Some(CropGravity::Smart);
    }
    floats(text).map(|[x, y]| CropGravity::Percent(x, y))
}

/// Reads a kernel name.
pub(crate) fn filter(text: &str) -> Option<FilterWord> {
    let word = text.to_ascii_lowercase();
    let (_, filter) = FILTERS
        .iter()
        .find(|(name, _)| equals_with_optional_underscores(&word, name))?;
    Some(FilterWord {
        filter: *filter,
        word,
    })
}

fn equals_with_optional_underscores(text: &str, name: &str) -> bool {
    let mut rest = text;
    for part in name.split_inclusive('_') {
        let bare = part.trim_end_matches('_');
        let Some(tail) = rest.strip_prefix(bare) else {
            return false;
        };
        rest = if bare == part {
            tail
        } else {
            tail.strip_prefix('_').unwrap_or(tail)
        };
    }
    rest.is_empty()
}

/// Reads a profile name or a percentage. Not-a-number counts as 0, everything else is clamped to 0 to 100.
pub(crate) fn profile(text: &str) -> Option<QualityProfile> {
    PROFILES
        .iter()
        .find(|(word, _)| text.eq_ignore_ascii_case(word))
        .map(|(_, profile)| *profile)
        .or_else(|| text.parse().ok().map(percent))
}

/// Makes a profile from a percentage, as [`profile`] does.
pub(crate) fn percent(value: f32) -> QualityProfile {
    let value = if value.is_nan() { 0.0 } else { value };
    QualityProfile::Percent(value.clamp(0.0, 100.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn degrees_round_to_quarter_turns() {
        let turned: Vec<u16> = [
            0.0,
            45.0,
            44.9,
            -90.0,
            450.0,
            -46.2,
            f32::NAN,
            f32::INFINITY,
        ]
        .map(|d| QuarterTurns::from_degrees(d).degrees())
        .to_vec();
        assert_eq!(turned, [0, 90, 0, 270, 90, 270, 0, 0]);
    }

    #[test]
    fn colours_have_four_lengths_and_names() {
        assert_eq!(color("#fff"), Some([255; 4]));
        assert_eq!(color("f00f"), Some([255, 0, 0, 255]));
        assert_eq!(color("abcdef80"), Some([0xab, 0xcd, 0xef, 0x80]));
        assert_eq!(color("Red"), Some([255, 0, 0, 255]));
        for wrong in ["", "#", "12", "12345", "+ff", "0x123", "é", "##fff"] {
            assert_eq!(color(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn underscores_in_kernel_names_are_optional() {
        for text in ["lanczos_2_sharp", "Lanczos2Sharp", "lanczos2_sharp"] {
            assert_eq!(filter(text).unwrap().filter, Filter::Lanczos2Sharp);
        }
        for wrong in ["lanczos3", "lan_czos", "robidoux_", "_box"] {
            assert_eq!(filter(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lists_need_the_exact_count() {
        assert_eq!(floats(" 1 ,2"), Some([1.0_f64, 2.0]));
        assert_eq!(floats::<f32, 2>("1,2,3"), None);
        assert_eq!(forgiving_floats("(a,2,3,4)"), Some([0.0, 2.0, 3.0, 4.0]));
        assert_eq!(corner_radii("1,2"), None);
    }

    #[test]
    fn percentages_are_clamped() {
        assert_eq!(profile("150"), Some(QualityProfile::Percent(100.0)));
        assert_eq!(profile("nan"), Some(QualityProfile::Percent(0.0)));
        assert_eq!(profile("MediumHigh"), Some(QualityProfile::Good));
        assert_eq!(profile("med"), None);
    }
}
