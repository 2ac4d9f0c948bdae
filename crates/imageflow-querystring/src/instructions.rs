//! Everything a querystring can ask for.

use imageflow_types::{BoolKeep, Node, QualityProfile};

use crate::values::{
    Anchor, ColorWord, Colorspace, CropGravity, FilterWord, FitMode, Flip, Format, Grayscale,
    MetadataWord, QuarterTurns, ScaleMode, Sharpening, WhiteBalance,
};

/// The wishes of a querystring, one field per canonical key. `None` means the key was absent or not understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Instructions {
    /// `w`: box width in pixels. Values below 1 choose the mode but not the size.
    pub w: Option<i32>,
    /// `h`: box height in pixels, likewise.
    pub h: Option<i32>,
    /// `maxwidth`: bound on the width in pixels.
    pub max_width: Option<i32>,
    /// `maxheight`: bound on the height in pixels.
    pub max_height: Option<i32>,
    /// `zoom`: factor for the box.
    pub zoom: Option<f32>,
    /// `mode`: how to fit.
    pub mode: Option<FitMode>,
    /// `scale`: which way to resample.
    pub scale: Option<ScaleMode>,
    /// `anchor`: placement of crop and padding.
    pub anchor: Option<Anchor>,
    /// `c.gravity`: placement of the crop; `crop=smart` asks for [`CropGravity::Smart`].
    pub crop_gravity: Option<CropGravity>,
    /// `crop` or `c`: x1, y1, x2, y2 in crop units.
    pub crop: Option<[f64; 4]>,
    /// `cropxunits`: crop units in the full width; absent or 0 means pixels.
    pub crop_x_units: Option<f64>,
    /// `cropyunits`: crop units in the full height; absent or 0 means pixels.
    pub crop_y_units: Option<f64>,
    /// `trim.threshold`: gray difference that counts as content, 0 to 255.
    pub trim_threshold: Option<i32>,
    /// `trim.percentpadding`: border left around the content, in percent of its mean side.
    pub trim_percent_padding: Option<f32>,
    /// `srotate`: turns before everything else.
    pub source_rotate: Option<QuarterTurns>,
    /// `sflip`: mirrors before everything else.
    pub source_flip: Option<Flip>,
    /// `rotate`: turns after everything else.
    pub rotate: Option<QuarterTurns>,
    /// `flip`: mirrors after everything else.
    pub flip: Option<Flip>,
    /// `autorotate`: without effect.
    pub auto_rotate: Option<bool>,
    /// `frame`: frame to decode, from 0.
    pub frame: Option<i32>,
    /// `ignoreicc`: ignore the colour profile.
    pub ignore_icc: Option<bool>,
    /// `ignore_icc_errors`: ignore a broken colour profile.
    pub ignore_icc_errors: Option<bool>,
    /// `decoder.min_precise_scaling_ratio`: how many times larger than the result a decoder must leave the image.
    pub min_precise_scaling_ratio: Option<f32>,
    /// `down.filter`: kernel for shrinking.
    pub down_filter: Option<FilterWord>,
    /// `up.filter`: kernel for enlarging.
    pub up_filter: Option<FilterWord>,
    /// `down.colorspace`: space for shrinking.
    pub down_colorspace: Option<Colorspace>,
    /// `up.colorspace`: space for enlarging.
    pub up_colorspace: Option<Colorspace>,
    /// `f.sharpen`: percent.
    pub sharpen: Option<f32>,
    /// `f.sharpen_when`: when to sharpen.
    pub sharpen_when: Option<Sharpening>,
    /// `bgcolor`: red, green, blue, alpha; sRGB-encoded, straight.
    pub background: Option<[u8; 4]>,
    /// `s.roundcorners`: percent of half the short side; top left, top right, bottom right, bottom left.
    pub round_corners: Option<[f32; 4]>,
    /// `s.alpha`: factor for alpha.
    pub alpha: Option<f32>,
    /// `s.brightness`: added brightness, 1 is full scale.
    pub brightness: Option<f32>,
    /// `s.contrast`: added contrast.
    pub contrast: Option<f32>,
    /// `s.saturation`: added saturation, -1 is gray.
    pub saturation: Option<f32>,
    /// `s.sepia`: brown toning.
    pub sepia: Option<bool>,
    /// `s.grayscale`: gray by these weights.
    pub grayscale: Option<Grayscale>,
    /// `a.balancewhite`: white balance.
    pub white_balance: Option<WhiteBalance>,
    /// `watermark_red_dot`: small red square at the bottom right.
    pub red_dot: Option<bool>,
    /// `format`: output format.
    pub format: Option<Format>,
    /// `quality`: quality for JPEG and WebP.
    pub quality: Option<i32>,
    /// `qp`: quality profile.
    pub profile: Option<QualityProfile>,
    /// `qp.dpr`: device pixel ratio the profile is meant for.
    pub profile_dpr: Option<f32>,
    /// `lossless`: whether the result must be lossless.
    pub lossless: Option<BoolKeep>,
    /// `accept.webp`: whether WebP may be chosen.
    pub accept_webp: Option<bool>,
    /// `accept.avif`: whether AVIF may be chosen.
    pub accept_avif: Option<bool>,
    /// `accept.jxl`: whether JPEG XL may be chosen.
    pub accept_jxl: Option<bool>,
    /// `accept.color_profiles`: whether a colour profile may be embedded.
    pub accept_color_profiles: Option<bool>,
    /// `jpeg.quality`: 0 to 100.
    pub jpeg_quality: Option<i32>,
    /// `jpeg.progressive`: write a progressive file.
    pub jpeg_progressive: Option<bool>,
    /// `jpeg.turbo`: resemble libjpeg-turbo.
    pub jpeg_turbo: Option<bool>,
    /// `jpeg.li`: resemble jpegli.
    pub jpeg_li: Option<bool>,
    /// `subsampling`: 411, 420, 422 or 444; without effect.
    pub subsampling: Option<i32>,
    /// `webp.quality`: 0 to 100.
    pub webp_quality: Option<f32>,
    /// `webp.lossless`: whether WebP is lossless.
    pub webp_lossless: Option<BoolKeep>,
    /// `png.quality`: palette quality, 0 to 100.
    pub png_quality: Option<u8>,
    /// `png.min_quality`: palette quality below which the file is lossless instead.
    pub png_min_quality: Option<u8>,
    /// `png.quantization_speed`: 1 to 10.
    pub png_quantization_speed: Option<u8>,
    /// `png.libpng`: resemble libpng.
    pub png_libpng: Option<bool>,
    /// `png.max_deflate`: compress as small as possible.
    pub png_max_deflate: Option<bool>,
    /// `png.lossless`: whether PNG is lossless.
    pub png_lossless: Option<BoolKeep>,
    /// `avif.quality`: 0 to 100.
    pub avif_quality: Option<f32>,
    /// `avif.speed`: 0 (slow) to 10.
    pub avif_speed: Option<u8>,
    /// `jxl.quality`: 0 to 100, when there is no distance.
    pub jxl_quality: Option<f32>,
    /// `jxl.distance`: Butteraugli distance, 0 to 25.
    pub jxl_distance: Option<f32>,
    /// `jxl.effort`: 1 to 9 (slow).
    pub jxl_effort: Option<u8>,
    /// `jxl.lossless`: whether JPEG XL is lossless.
    pub jxl_lossless: Option<BoolKeep>,
    /// `max_bytes`: largest file wanted.
    pub max_bytes: Option<u64>,
    /// `ssimulacra2`: score wanted, 0 to 100.
    pub ssimulacra2: Option<f32>,
    /// `metadata`: what of the source's metadata is kept.
    pub metadata: Option<MetadataWord>,
    /// `profile`: the colours of the result.
    pub colors: Option<ColorWord>,
}

impl Instructions {
    /// Reads the canonical form back. Layout, steps and presets are defined on the result: the canonical form rounds
    /// some numbers (`qp=37.2` acts as `qp=37`).
    #[must_use]
    pub fn settled(&self) -> Self {
        crate::parse(&self.to_canonical()).0
    }

    /// The mode in force: without a `w` or `h` key it is always [`FitMode::Max`].
    #[must_use]
    pub fn effective_mode(&self) -> FitMode {
        if self.w.is_none() && self.h.is_none() {
            FitMode::Max
        } else {
            self.mode.unwrap_or(FitMode::Pad)
        }
    }

    /// Takes out the request to trim whitespace: the node that must run before everything else, if `trim.threshold`
    /// was given. Both trim keys are gone afterwards.
    pub fn take_trim(&mut self) -> Option<Node> {
        let threshold = self.trim_threshold.take();
        let percent_padding = self.trim_percent_padding.take().unwrap_or(0.0);
        threshold.map(|threshold| Node::CropWhitespace {
            threshold: u32::try_from(threshold).unwrap_or(0),
            percent_padding,
        })
    }
}
