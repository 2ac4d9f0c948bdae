//! [`Instructions`] to the canonical string: sorted keys, one spelling per value, no percent-encoding.

use std::fmt::Display;

use imageflow_types::{BoolKeep, QualityProfile};

use crate::instructions::Instructions;
use crate::values::{ANCHORS, Anchor, CropGravity, FilterWord, PROFILES, QuarterTurns, SMART};

impl Instructions {
    /// Writes the canonical form. Reading it back and writing it again gives the same text.
    #[must_use]
    pub fn to_canonical(&self) -> String {
        let mut out = Pairs::default();
        self.write_size(&mut out);
        self.write_window(&mut out);
        self.write_color(&mut out);
        self.write_encoding(&mut out);
        out.finish()
    }

    fn write_size(&self, out: &mut Pairs) {
        out.put("w", self.w);
        out.put("h", self.h);
        out.put("maxwidth", self.max_width);
        out.put("maxheight", self.max_height);
        out.put("zoom", self.zoom);
        out.put("mode", self.mode.map(|v| v.word()));
        out.put("scale", self.scale.map(|v| v.word()));
        out.put("anchor", self.anchor.map(anchor));
        out.put("c.gravity", self.crop_gravity.map(crop_gravity));
    }

    fn write_window(&self, out: &mut Pairs) {
        let crop = self
            .crop
            .map(|[x1, y1, x2, y2]| format!("{x1},{y1},{x2},{y2}"));
        if self.crop_x_units == Some(100.0) && self.crop_y_units == Some(100.0) {
            out.put("c", crop);
        } else {
            out.put("crop", crop);
            out.put("cropxunits", self.crop_x_units);
            out.put("cropyunits", self.crop_y_units);
        }
        out.put("trim.threshold", self.trim_threshold);
        out.put("trim.percentpadding", self.trim_percent_padding);
        out.put("srotate", self.source_rotate.map(QuarterTurns::degrees));
        out.put("rotate", self.rotate.map(QuarterTurns::degrees));
        out.put("sflip", self.source_flip.map(|v| v.word()));
        out.put("flip", self.flip.map(|v| v.word()));
        out.put("autorotate", self.auto_rotate);
        out.put("frame", self.frame);
        out.put("ignoreicc", self.ignore_icc);
        out.put("ignore_icc_errors", self.ignore_icc_errors);
        out.put(
            "decoder.min_precise_scaling_ratio",
            self.min_precise_scaling_ratio,
        );
    }

    fn write_color(&self, out: &mut Pairs) {
        let word = |filter: &Option<FilterWord>| filter.as_ref().map(|f| f.word.clone());
        out.put("down.filter", word(&self.down_filter));
        out.put("up.filter", word(&self.up_filter));
        out.put("down.colorspace", self.down_colorspace.map(|v| v.word()));
        out.put("up.colorspace", self.up_colorspace.map(|v| v.word()));
        out.put("f.sharpen", self.sharpen);
        out.put("f.sharpen_when", self.sharpen_when.map(|v| v.word()));
        let color = |[r, g, b, a]: [u8; 4]| format!("{r:02x}{g:02x}{b:02x}{a:02x}");
        out.put("bgcolor", self.background.map(color));
        out.put("s.roundcorners", self.round_corners.map(radii));
        out.put("s.alpha", self.alpha);
        out.put("s.brightness", self.brightness);
        out.put("s.contrast", self.contrast);
        out.put("s.saturation", self.saturation);
        out.put("s.sepia", self.sepia);
        out.put("s.grayscale", self.grayscale.map(|v| v.word()));
        out.put("a.balancewhite", self.white_balance.map(|v| v.word()));
        out.put("watermark_red_dot", self.red_dot);
    }

    fn write_encoding(&self, out: &mut Pairs) {
        out.put("format", self.format.map(|v| v.word()));
        out.put("quality", self.quality);
        out.put("qp", self.profile.map(profile));
        out.put("qp.dpr", self.profile_dpr);
        out.put("lossless", self.lossless.map(truth_or_keep));
        out.put("accept.webp", self.accept_webp);
        out.put("accept.avif", self.accept_avif);
        out.put("accept.jxl", self.accept_jxl);
        out.put("accept.color_profiles", self.accept_color_profiles);
        out.put("jpeg.quality", self.jpeg_quality);
        out.put("jpeg.progressive", self.jpeg_progressive);
        out.put("jpeg.turbo", self.jpeg_turbo);
        out.put("jpeg.li", self.jpeg_li);
        out.put("subsampling", self.subsampling);
        out.put("webp.quality", self.webp_quality);
        out.put("webp.lossless", self.webp_lossless.map(truth_or_keep));
        out.put("png.quality", self.png_quality);
        out.put("png.min_quality", self.png_min_quality);
        out.put("png.quantization_speed", self.png_quantization_speed);
        out.put("png.libpng", self.png_libpng);
        out.put("png.max_deflate", self.png_max_deflate);
        out.put("png.lossless", self.png_lossless.map(truth_or_keep));
        out.put("avif.quality", self.avif_quality);
        out.put("avif.speed", self.avif_speed);
        out.put("jxl.quality", self.jxl_quality);
        out.put("jxl.distance", self.jxl_distance);
        out.put("jxl.effort", self.jxl_effort);
        out.put("jxl.lossless", self.jxl_lossless.map(truth_or_keep));
        out.put("max_bytes", self.max_bytes);
        out.put("ssimulacra2", self.ssimulacra2);
        out.put("metadata", self.metadata.map(|v| v.word()));
        out.put("profile", self.colors.map(|v| v.word()));
    }
}

/// Collects `key=value` pairs, sorts and joins them.
#[derive(Default)]
struct Pairs(Vec<(&'static str, String)>);

impl Pairs {
    fn put(&mut self, key: &'static str, value: Option<impl Display>) {
        self.0.extend(value.map(|v| (key, v.to_string())));
    }

    fn finish(mut self) -> String {
        self.0.sort_unstable();
        let pairs: Vec<String> = self.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
        pairs.join("&")
    }
}

fn anchor(anchor: Anchor) -> String {
    match anchor {
        Anchor::Percent(x, y) => format!("{x:.2},{y:.2}"),
        Anchor::Smart => SMART.to_owned(),
        Anchor::Named(x, y) => ANCHORS
            .iter()
            .find(|(_, h, v)| (*h, *v) == (x, y))
            .map_or_else(String::new, |(word, ..)| (*word).to_owned()),
    }
}

fn crop_gravity(gravity: CropGravity) -> String {
    match gravity {
        CropGravity::Percent(x, y) => format!("{x:.2},{y:.2}"),
        CropGravity::Smart => SMART.to_owned(),
    }
}

fn radii(radii: [f32; 4]) -> String {
    let [a, b, c, d] = radii;
    if a == b && b == c && c == d {
        a.to_string()
    } else {
        format!("{a},{b},{c},{d}")
    }
}

fn profile(profile: QualityProfile) -> String {
    match profile {
        QualityProfile::Percent(value) => format!("{value:.0}"),
        named => PROFILES
            .iter()
            .find(|(_, p)| *p == named)
            .map_or_else(String::new, |(word, _)| (*word).to_owned()),
    }
}

fn truth_or_keep(value: BoolKeep) -> &'static str {
    match value {
        BoolKeep::True => "true",
        BoolKeep::False => "false",
        BoolKeep::Keep => "keep",
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn numbers_and_words_have_one_spelling() {
        for (text, canonical) in [
            ("h=5&w=+7", "h=5&w=7"),
            ("anchor=TopLeft&c=1,2,3,4", "anchor=topleft&c=1,2,3,4"),
            ("c.gravity=12.345,1&qp=36.5", "c.gravity=12.35,1.00&qp=36"),
            (
                "anchor=Smart&c.gravity=SMART",
                "anchor=smart&c.gravity=smart",
            ),
            ("crop=smart", "c.gravity=smart&mode=crop"),
            (
                "c.gravity=5,6&crop=smart&mode=max",
                "c.gravity=5.00,6.00&mode=max",
            ),
            (
                "crop=smart&c=0,0,50,50",
                "c=0,0,50,50&c.gravity=smart&mode=crop",
            ),
            (
                "jxl.distance=1e-3&bgcolor=F00",
                "bgcolor=ff0000ff&jxl.distance=0.001",
            ),
            ("cropxunits=100&cropyunits=100", ""),
            (
                "s.roundcorners=5,5,5,5&rotate=-90",
                "rotate=270&s.roundcorners=5",
            ),
            ("crop=nan,0,inf,5", "crop=NaN,0,inf,5"),
            ("srotate=0&flip=none", "srotate=0"),
            (
                "SSIMULACRA2=80.50&max_bytes=+0200000",
                "max_bytes=200000&ssimulacra2=80.5",
            ),
        ] {
            let written = parse(text).0.to_canonical();
            assert_eq!(written, canonical);
            assert_eq!(parse(&written).0.to_canonical(), canonical);
        }
    }
}
