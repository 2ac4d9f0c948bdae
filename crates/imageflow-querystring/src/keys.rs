//! The one table of keys, in two parts. The parser, the documentation and the tests read it.

use crate::values::{
    ColorWord, Colorspace, FILTERS, FitMode, Flip, Format, Grayscale, MetadataWord, PROFILES,
    ScaleMode, Sharpening, WhiteBalance,
};

/// Describes a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The name, lower-case.
    pub name: &'static str,
    /// What its values look like.
    pub grammar: Grammar,
    /// The key this one stands in for when that one is absent or not understood.
    pub stands_in_for: Option<&'static str>,
    /// What holds when the key is absent; empty when nothing does.
    pub default: &'static str,
    /// One sentence about the key.
    pub doc: &'static str,
}

/// Says what the values of a key look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// A signed 32-bit integer.
    Int,
    /// An unsigned 64-bit integer.
    Count,
    /// An integer from 0 to 255.
    Byte,
    /// A finite 32-bit float.
    Float,
    /// A finite 64-bit float.
    Double,
    /// A float with any number of `x` behind it.
    Ratio,
    /// A truth value.
    Truth,
    /// A truth value, `keep` or `preserve`.
    TruthOrKeep,
    /// This many floats.
    Floats(u8),
    /// One or four floats.
    CornerRadii,
    /// Four floats, `auto` or `smart`.
    Crop,
    /// Degrees.
    Angle,
    /// Hexadecimal digits or a colour name.
    Color,
    /// Two percentages, a place name or `smart`.
    Anchor,
    /// Two percentages or `smart`.
    Gravity,
    /// A kernel name.
    Filter,
    /// A profile name, a percentage or `quality`.
    Profile,
    /// A ratio, or `dpr`, `dppx` or `zoom`.
    ProfileRatio,
    /// 411, 420, 422 or 444.
    Subsampling,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Only this word has an effect; others are ignored.
    Test(&'static str),
    /// `srcset` commands.
    Srcset,
    /// Never understood.
    Unsupported,
}

impl Grammar {
    /// Examples of values that are understood.
    #[must_use]
    pub fn examples(self) -> Vec<&'static str> {
        match self {
            Self::Int => vec!["0", "-5", "+7", "2147483647"],
            Self::Count => vec!["0", "200000", "18446744073709551615"],
            Self::Byte => vec!["0", "90", "255"],
            Self::Float | Self::Double => vec!["2", "-0.5", ".5", "5.", "1e2"],
            Self::Ratio => vec!["2", "1.5x", "2xx"],
            Self::Truth => vec!["true", "1", "Yes", "on", "false", "0", "no", "off"],
            Self::TruthOrKeep => vec!["true", "off", "keep", "preserve"],
            Self::Floats(_) => vec!["1,2,3,4", " 1 , 2.5 ,3,-4", "nan,inf,0,1"],
            Self::CornerRadii => vec!["10", "1,2,3,4"],
            Self::Crop => vec!["1,2,3,4", "-1,0,-1,-1", "auto", "smart"],
            Self::Angle => vec!["0", "90", "-90", "450"],
            Self::Color => vec!["fff", "%23fff0", "abcdef", "ABCDEF80", "red", "transparent"],
            Self::Anchor => vec!["topleft", "MiddleCenter", "bottomright", "10,90.5", "smart"],
            Self::Gravity => vec!["1,2", "12.345,-5", "nan,inf", "smart"],
            Self::Filter => FILTERS.iter().map(|(name, _)| *name).collect(),
            Self::Profile => PROFILES
                .iter()
                .map(|(name, _)| *name)
                .chain(["0", "37.2", "150", "quality"])
                .collect(),
            Self::ProfileRatio => vec!["2", "1.5x", "dpr", "DPPX", "zoom"],
            Self::Subsampling => vec!["411", "420", "422", "444"],
            Self::Words(words) => words.to_vec(),
            Self::Test(word) => vec![word],
            Self::Srcset => vec!["100w", "webp-90,100w,2x", "fit-crop"],
            Self::Unsupported => vec![],
        }
    }
}

/// Finds a key by its lower-case name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    all().find(|key| key.name == name)
}

/// All keys.
pub fn all() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().chain(&NEW_KEYS)
}

const fn key(
    name: &'static str,
    grammar: Grammar,
    stands_in_for: Option<&'static str>,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key {
        name,
        grammar,
        stands_in_for,
        default,
        doc,
    }
}

const fn unsupported(name: &'static str) -> Key {
    key(
        name,
        Grammar::Unsupported,
        None,
        "",
        "Known, without effect.",
    )
}

/// The keys of imageflow 2.x, in the order in which they are listed to clients.
pub static KEYS: [Key; 100] = [
    key(
        "mode",
        Grammar::Words(FitMode::WORDS),
        None,
        "pad with w or h, otherwise max",
        "How the image is fitted to the box.",
    ),
    key(
        "anchor",
        Grammar::Anchor,
        None,
        "middlecenter",
        "Where crop and padding are placed; `smart` crops where the picture has most to show and pads in the middle.",
    ),
    key(
        "flip",
        Grammar::Words(Flip::WORDS),
        None,
        "none",
        "Mirrors after everything else.",
    ),
    key(
        "sflip",
        Grammar::Words(Flip::WORDS),
        None,
        "none",
        "Mirrors before everything else.",
    ),
    key(
        "scale",
        Grammar::Words(ScaleMode::WORDS),
        None,
        "down",
        "Which way the image may be resampled.",
    ),
    unsupported("cache"),
    unsupported("process"),
    key(
        "quality",
        Grammar::Int,
        None,
        "",
        "Quality of JPEG and WebP, 0 to 100.",
    ),
    key(
        "jpeg.quality",
        Grammar::Int,
        None,
        "quality",
        "Quality of JPEG, 0 to 100.",
    ),
    key("zoom", Grammar::Ratio, None, "1", "Factor for the box."),
    key(
        "crop",
        Grammar::Crop,
        None,
        "",
        "Source rectangle x1,y1,x2,y2 in crop units; `auto` asks for mode crop, `smart` also for c.gravity smart.",
    ),
    key(
        "cropxunits",
        Grammar::Double,
        None,
        "pixels",
        "Crop units in the full width.",
    ),
    key(
        "cropyunits",
        Grammar::Double,
        None,
        "pixels",
        "Crop units in the full height.",
    ),
    key("w", Grammar::Int, Some("width"), "", "Box width in pixels."),
    key(
        "h",
        Grammar::Int,
        Some("height"),
        "",
        "Box height in pixels.",
    ),
    key("width", Grammar::Int, None, "", "Box width in pixels."),
    key("height", Grammar::Int, None, "", "Box height in pixels."),
    key(
        "maxwidth",
        Grammar::Int,
        None,
        "",
        "Bound on the width in pixels.",
    ),
    key(
        "maxheight",
        Grammar::Int,
        None,
        "",
        "Bound on the height in pixels.",
    ),
    key(
        "format",
        Grammar::Words(Format::WORDS),
        None,
        "as the source",
        "Output format.",
    ),
    key(
        "thumbnail",
        Grammar::Words(Format::WORDS),
        Some("format"),
        "",
        "Output format.",
    ),
    key(
        "autorotate",
        Grammar::Truth,
        None,
        "",
        "Without effect: EXIF orientation is always applied.",
    ),
    key(
        "srotate",
        Grammar::Angle,
        None,
        "0",
        "Degrees to turn clockwise before everything else.",
    ),
    key(
        "rotate",
        Grammar::Angle,
        None,
        "0",
        "Degrees to turn clockwise after everything else.",
    ),
    key(
        "ignoreicc",
        Grammar::Truth,
        None,
        "false",
        "Ignores the colour profile.",
    ),
    key(
        "ignore_icc_errors",
        Grammar::Truth,
        None,
        "true",
        "Leaves out a colour profile that cannot be used, with a warning; `false` makes it an error.",
    ),
    key(
        "stretch",
        Grammar::Test("fill"),
        None,
        "",
        "`fill` asks for mode stretch when `mode` is unset.",
    ),
    key(
        "webp.lossless",
        Grammar::TruthOrKeep,
        None,
        "false",
        "Whether WebP is lossless.",
    ),
    key(
        "webp.quality",
        Grammar::Float,
        None,
        "quality, or 80",
        "Quality of WebP, 0 to 100.",
    ),
    key(
        "watermark_red_dot",
        Grammar::Truth,
        None,
        "false",
        "Marks the bottom right corner with a small red square.",
    ),
    key(
        "frame",
        Grammar::Int,
        None,
        "",
        "Frame of an animation to use, from 0.",
    ),
    key(
        "page",
        Grammar::Int,
        Some("frame"),
        "",
        "Frame of an animation to use, from 0.",
    ),
    key(
        "subsampling",
        Grammar::Subsampling,
        None,
        "",
        "Understood, without effect.",
    ),
    unsupported("colors"),
    key(
        "f.sharpen",
        Grammar::Float,
        None,
        "0",
        "Sharpening in percent.",
    ),
    key(
        "f.sharpen_when",
        Grammar::Words(Sharpening::WORDS),
        None,
        "always",
        "When sharpening applies.",
    ),
    key(
        "down.colorspace",
        Grammar::Words(Colorspace::WORDS),
        None,
        "linear",
        "Space in which pixels are averaged when shrinking.",
    ),
    unsupported("404"),
    key(
        "bgcolor",
        Grammar::Color,
        None,
        "transparent, or white for JPEG",
        "Colour of padding and of what shows through.",
    ),
    unsupported("paddingcolor"),
    unsupported("bordercolor"),
    unsupported("preset"),
    unsupported("floatspace"),
    unsupported("jpeg_idct_downscale_linear"),
    unsupported("watermark"),
    unsupported("s.invert"),
    key("s.sepia", Grammar::Truth, None, "false", "Brown toning."),
    key(
        "s.grayscale",
        Grammar::Words(Grayscale::WORDS),
        None,
        "",
        "Gray by these weights.",
    ),
    key("s.alpha", Grammar::Float, None, "1", "Factor for alpha."),
    key(
        "s.brightness",
        Grammar::Float,
        None,
        "0",
        "Added brightness, 1 is full scale.",
    ),
    key("s.contrast", Grammar::Float, None, "0", "Added contrast."),
    key(
        "s.saturation",
        Grammar::Float,
        None,
        "0",
        "Added saturation, -1 is gray.",
    ),
    key(
        "trim.threshold",
        Grammar::Int,
        None,
        "",
        "Removes a plain border; gray difference that counts as content.",
    ),
    key(
        "trim.percentpadding",
        Grammar::Float,
        None,
        "0",
        "Border left by trimming, in percent.",
    ),
    unsupported("a.blur"),
    unsupported("a.sharpen"),
    unsupported("a.removenoise"),
    key(
        "a.balancewhite",
        Grammar::Words(WhiteBalance::WORDS),
        None,
        "",
        "Stretches the histogram of each channel.",
    ),
    unsupported("dither"),
    key(
        "jpeg.progressive",
        Grammar::Truth,
        None,
        "",
        "Passed on, without effect.",
    ),
    key(
        "jpeg.turbo",
        Grammar::Truth,
        None,
        "false",
        "Encodes JPEG as libjpeg-turbo does.",
    ),
    unsupported("encoder"),
    unsupported("decoder"),
    unsupported("builder"),
    key(
        "s.roundcorners",
        Grammar::CornerRadii,
        None,
        "0",
        "Corner radius in percent of half the short side, one or four.",
    ),
    unsupported("paddingwidth"),
    unsupported("paddingheight"),
    unsupported("margin"),
    unsupported("borderwidth"),
    key(
        "decoder.min_precise_scaling_ratio",
        Grammar::Float,
        None,
        "2.1",
        "How many times larger than the result a decoder must leave the image.",
    ),
    key(
        "png.quality",
        Grammar::Byte,
        None,
        "",
        "Palette quality, 0 to 100.",
    ),
    key(
        "png.min_quality",
        Grammar::Byte,
        None,
        "0",
        "Palette quality below which PNG is lossless instead.",
    ),
    key(
        "png.quantization_speed",
        Grammar::Byte,
        None,
        "",
        "1 (slow) to 10 (fast).",
    ),
    key(
        "png.libpng",
        Grammar::Truth,
        None,
        "false",
        "Encodes PNG as libpng does.",
    ),
    key(
        "png.max_deflate",
        Grammar::Truth,
        None,
        "false",
        "Compresses PNG as small as possible.",
    ),
    key(
        "png.lossless",
        Grammar::TruthOrKeep,
        None,
        "",
        "Whether PNG is lossless.",
    ),
    key(
        "up.filter",
        Grammar::Filter,
        None,
        "ginseng",
        "Kernel for enlarging.",
    ),
    key(
        "down.filter",
        Grammar::Filter,
        None,
        "robidoux",
        "Kernel for shrinking.",
    ),
    key(
        "dpr",
        Grammar::Ratio,
        Some("zoom"),
        "",
        "Factor for the box.",
    ),
    key(
        "dppx",
        Grammar::Ratio,
        Some("zoom"),
        "",
        "Factor for the box.",
    ),
    key(
        "up.colorspace",
        Grammar::Words(Colorspace::WORDS),
        None,
        "linear",
        "Space in which pixels are averaged when enlarging.",
    ),
    key(
        "srcset",
        Grammar::Srcset,
        None,
        "",
        "Commands separated by commas.",
    ),
    key(
        "short",
        Grammar::Srcset,
        Some("srcset"),
        "",
        "Commands separated by commas.",
    ),
    key(
        "accept.webp",
        Grammar::Truth,
        None,
        "false",
        "Whether WebP may be chosen.",
    ),
    key(
        "accept.avif",
        Grammar::Truth,
        None,
        "false",
        "Whether AVIF may be chosen.",
    ),
    key(
        "accept.jxl",
        Grammar::Truth,
        None,
        "false",
        "Whether JPEG XL may be chosen.",
    ),
    key(
        "accept.color_profiles",
        Grammar::Truth,
        None,
        "false",
        "Whether a colour profile may be embedded.",
    ),
    key(
        "c",
        Grammar::Floats(4),
        None,
        "",
        "Source rectangle x1,y1,x2,y2 in percent.",
    ),
    key(
        "c.gravity",
        Grammar::Gravity,
        None,
        "anchor",
        "Where the crop is placed, x,y in percent; `smart` is where the picture has most to show.",
    ),
    key(
        "qp",
        Grammar::Profile,
        None,
        "",
        "Quality profile; asks for format auto.",
    ),
    key(
        "qp.dpr",
        Grammar::ProfileRatio,
        None,
        "3",
        "Device pixel ratio the profile is meant for.",
    ),
    key(
        "qp.dppx",
        Grammar::ProfileRatio,
        Some("qp.dpr"),
        "",
        "Device pixel ratio the profile is meant for.",
    ),
    key(
        "avif.speed",
        Grammar::Byte,
        None,
        "6",
        "AVIF effort, 0 (slow) to 10 (fast).",
    ),
    key(
        "avif.quality",
        Grammar::Float,
        None,
        "quality, or 55",
        "Quality of AVIF, 0 to 100.",
    ),
    key(
        "jxl.effort",
        Grammar::Byte,
        None,
        "5",
        "JPEG XL effort, 1 (fast) to 9 (slow).",
    ),
    key(
        "jxl.distance",
        Grammar::Float,
        None,
        "quality, or 1",
        "Butteraugli distance of JPEG XL, 0 (lossless) to 25.",
    ),
    key(
        "jxl.quality",
        Grammar::Float,
        None,
        "",
        "Quality of JPEG XL, 0 to 100, when there is no distance.",
    ),
    key(
        "jxl.lossless",
        Grammar::TruthOrKeep,
        None,
        "",
        "Whether JPEG XL is lossless.",
    ),
    key(
        "jpeg.li",
        Grammar::Truth,
        None,
        "false",
        "Encodes JPEG as jpegli does.",
    ),
    key(
        "lossless",
        Grammar::TruthOrKeep,
        None,
        "",
        "Whether the result must be lossless.",
    ),
];

/// Keys that imageflow 2.x does not have. They are not listed to clients, whose lists are fixed.
pub static NEW_KEYS: [Key; 4] = [
    key(
        "max_bytes",
        Grammar::Count,
        None,
        "",
        "Largest file wanted, in bytes: the highest quality whose file is not larger.",
    ),
    key(
        "ssimulacra2",
        Grammar::Float,
        None,
        "",
        "Look wanted, as a SSIMULACRA2 score, 0 to 100: the lowest quality that reaches it.",
    ),
    key(
        "metadata",
        Grammar::Words(MetadataWord::WORDS),
        None,
        "none",
        "What of the source's metadata is kept: `copyright` is who made it and the rights in it, `all` EXIF, XMP and IPTC.",
    ),
    key(
        "profile",
        Grammar::Words(ColorWord::WORDS),
        None,
        "srgb",
        "Colours of the result: sRGB, those of the source's profile, or Display P3; the profile goes into a still JPEG, PNG or WebP.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_stand_ins_exist() {
        for (index, key) in all().enumerate() {
            assert!(all().skip(index + 1).all(|k| k.name != key.name));
            assert!(key.stands_in_for.is_none_or(|name| find(name).is_some()));
        }
    }
}
