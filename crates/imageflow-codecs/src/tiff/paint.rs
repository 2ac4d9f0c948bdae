//! Samples to pixels of sRGB bytes.

use imageflow_pixels::JobControl;

use super::facts::{AlphaSample, Facts, Model};
use crate::color::{CmykTransform, RgbTransform, embedded, embedded_cmyk};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// What is done to colours.
pub(super) enum Color {
    None,
    Rgb(Box<RgbTransform>),
    Cmyk(Box<CmykTransform>),
}

impl Color {
    /// Chooses the transform.
    ///
    /// # Errors
    /// When the profile cannot be used and that was to be an error.
    pub(super) fn new(
        facts: &Facts,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Color, CodecError> {
        let format = ImageFormat::Tiff;
        let profile = facts.profile.as_deref();
        if facts.model == Model::Cmyk {
            let transform = embedded_cmyk(format, profile, options, control)?;
            return Ok(Color::Cmyk(Box::new(transform)));
        }
        let is_gray = matches!(facts.model, Model::Gray { .. });
        let transform = match profile {
            Some(icc) => embedded(format, icc, is_gray, options, control)?.transform(),
            None => None,
        };
        Ok(transform.map_or(Color::None, |transform| Color::Rgb(Box::new(transform))))
    }
}

/// Where colours and alpha of more than 8 bits are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide {
    /// Samples of a pixel.
    count: usize,
    /// What turns white that is 0 around.
    flip: u16,
    premultiplied: bool,
}

impl Wide {
    pub(super) fn new(facts: &Facts) -> Wide {
        let is_flipped = matches!(
            facts.model,
            Model::Gray {
                white_is_zero: true
            }
        );
        Wide {
            count: facts.model.colors() + usize::from(facts.alpha.is_some()),
            flip: if is_flipped { u16::MAX } else { 0 },
            premultiplied: facts.alpha.is_some_and(|alpha| alpha.premultiplied),
        }
    }

    /// R, G, B, A with straight alpha, of gray or RGB samples.
    pub(super) fn pixels(self, samples: &[u16]) -> impl Iterator<Item = [u16; 4]> + '_ {
        samples.chunks_exact(self.count).map(move |pixel| {
            let (rgb, rest) = match pixel {
                [r, g, b, rest @ ..] => ([*r, *g, *b], rest),
                [v, rest @ ..] => ([*v ^ self.flip; 3], rest),
                [] => ([0; 3], pixel),
            };
            let a = rest.first().copied().unwrap_or(u16::MAX);
            let [r, g, b] = if self.premultiplied {
                rgb.map(|v| divided(u32::from(v), u32::from(a), 65535) as u16)
            } else {
                rgb
            };
            [r, g, b, a]
        })
    }
}

/// Makes B, G, R, A of samples.
pub(super) struct Painter {
    model: Model,
    alpha: Option<AlphaSample>,
    layout: Wide,
    /// Samples of up to 8 bits, spread to 0..=255.
    spread: Box<[u8; 256]>,
    color: Color,
    cmyk: Vec<u8>,
    alphas: Vec<u8>,
}

impl Painter {
    pub(super) fn new(facts: &Facts, color: Color) -> Painter {
        let top = (1usize << facts.depth.bits().min(8)) - 1;
        let mut spread = Box::new([255; 256]);
        for (value, spread) in spread.iter_mut().enumerate().take(top + 1) {
            *spread = (value * 255 / top) as u8;
        }
        Painter {
            model: facts.model.clone(),
            alpha: facts.alpha,
            layout: Wide::new(facts),
            spread,
            color,
            cmyk: Vec::new(),
            alphas: Vec::new(),
        }
    }

    /// Fills a row from samples of up to 8 bits.
    pub(super) fn bytes(&mut self, samples: &[u8], bgra: &mut [u8]) {
        let spread = &self.spread;
        let full = |v: u8| spread.get(usize::from(v)).copied().unwrap_or(255);
        let count = self.model.colors() + usize::from(self.alpha.is_some());
        let out = bgra.as_chunks_mut::<4>().0;
        let pixels = samples.chunks_exact(count).zip(out);
        let alpha = |rest: &[u8]| rest.first().map_or(255, |v| full(*v));
        match &self.model {
            Model::Gray { white_is_zero } => {
                let flip = if *white_is_zero { 255 } else { 0 };
                for (pixel, target) in pixels {
                    if let [v, rest @ ..] = pixel {
                        let v = full(*v) ^ flip;
                        *target = [v, v, v, alpha(rest)];
                    }
                }
            }
            Model::Palette(colors) => {
                for (pixel, target) in pixels {
                    if let [v, ..] = pixel {
                        *target = colors.get(usize::from(*v)).copied().unwrap_or_default();
                    }
                }
            }
            Model::Rgb | Model::YCbCr => {
                for (pixel, target) in pixels {
                    if let [r, g, b, rest @ ..] = pixel {
                        *target = [full(*b), full(*g), full(*r), alpha(rest)];
                    }
                }
            }
            Model::Cmyk => {
                self.cmyk.clear();
                for (pixel, target) in pixels {
                    if let [c, m, y, k, rest @ ..] = pixel {
                        self.cmyk.extend([c, m, y, k].map(|v| full(*v)));
                        *target = [0, 0, 0, alpha(rest)];
                    }
                }
            }
        }
        let is_premultiplied = self.alpha.is_some_and(|alpha| alpha.premultiplied);
        if is_premultiplied && self.model != Model::Cmyk {
            for [b, g, r, a] in bgra.as_chunks_mut::<4>().0 {
                for v in [b, g, r] {
                    *v = divided(u32::from(*v), u32::from(*a), 255) as u8;
                }
            }
        }
        self.finish(bgra);
    }

    /// Fills a row of pixels that a decoder of its own made.
    pub(super) fn pixels(&mut self, decoded: &[u8], bgra: &mut [u8]) {
        if let Some(decoded) = decoded.get(..bgra.len()) {
            bgra.copy_from_slice(decoded);
        }
        if let Color::Rgb(transform) = &mut self.color {
            transform.apply(bgra);
        }
    }

    /// Fills a row from samples of 16 bits.
    pub(super) fn words(&mut self, samples: &[u16], bgra: &mut [u8]) {
        if self.model == Model::Cmyk {
            let count = 4 + usize::from(self.alpha.is_some());
            self.cmyk.clear();
            for (pixel, target) in samples.chunks_exact(count).zip(bgra.as_chunks_mut::<4>().0) {
                if let [c, m, y, k, rest @ ..] = pixel {
                    self.cmyk.extend([*c, *m, *y, *k].map(narrow));
                    *target = [0, 0, 0, rest.first().map_or(255, |v| narrow(*v))];
                }
            }
        } else {
            for (pixel, target) in self.layout.pixels(samples).zip(bgra.as_chunks_mut::<4>().0) {
                let [r, g, b, a] = pixel.map(narrow);
                *target = [b, g, r, a];
            }
        }
        self.finish(bgra);
    }

    /// Converts colours; alpha is in its place.
    fn finish(&mut self, bgra: &mut [u8]) {
        match &mut self.color {
            Color::None => {}
            Color::Rgb(transform) => transform.apply(bgra),
            Color::Cmyk(transform) => {
                self.alphas.clear();
                self.alphas
                    .extend(bgra.as_chunks::<4>().0.iter().map(|[.., alpha]| *alpha));
                transform.apply(&self.cmyk, bgra);
                let pixels = bgra.as_chunks_mut::<4>().0.iter_mut();
                for ([.., target], alpha) in pixels.zip(&self.alphas) {
                    *target = *alpha;
                }
            }
        }
    }
}

/// A colour without the alpha it was multiplied by, rounded; 0 where nothing is left of it.
fn divided(value: u32, alpha: u32, full: u32) -> u32 {
    if alpha == 0 {
        return 0;
    }
    // At most 65535² + 32767, below 2³².
    ((value * full + alpha / 2) / alpha).min(full)
}

/// 0..=65535 to 0..=255, rounded to nearest.
fn narrow(value: u16) -> u8 {
    ((u32::from(value) * 255 + 32767) / 65535) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn associated_alpha_is_undone_without_overflow() {
        assert_eq!(divided(65535, 65535, 65535), 65535);
        assert_eq!(divided(100, 0, 255), 0);
        assert_eq!(divided(64, 128, 255), 128);
        // More colour than alpha allows.
        assert_eq!(divided(200, 100, 255), 255);
        assert_eq!(divided(65535, 1, 65535), 65535);
    }
}
