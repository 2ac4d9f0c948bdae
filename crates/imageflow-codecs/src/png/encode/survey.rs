//! Which colour types could hold a frame exactly, learned while its rows pass.

use imageflow_pixels::Alpha;

use super::format::{Color, Format};
use crate::palette::Distinct;

/// What is known of the pixels so far.
pub(super) struct Survey {
    /// `None` once there are more than 256 colours.
    palette: Option<Distinct>,
    gray: bool,
    /// The gray depth that held so far: 1, 2, 4 or 8.
    gray_depth: u8,
    alpha: AlphaUse,
    opaque_frame: bool,
    last: Option<[u8; 4]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum AlphaUse {
    Opaque,
    /// All transparent pixels have this colour; whether opaque ones have it too is not known yet.
    Key([u8; 3]),
    Needed,
}

impl Survey {
    pub(super) fn new(alpha: Alpha) -> Survey {
        Survey {
            palette: Some(Distinct::default()),
            gray: true,
            gray_depth: 1,
            alpha: AlphaUse::Opaque,
            opaque_frame: !alpha.is_meaningful(),
            last: None,
        }
    }

    /// Looks at a row. The fourth byte of opaque frames must be 255.
    pub(super) fn row(&mut self, bgra: &[u8]) {
        for pixel in bgra.as_chunks::<4>().0 {
            if self.last != Some(*pixel) {
                self.last = Some(*pixel);
                self.pixel(*pixel);
            }
        }
    }

    fn pixel(&mut self, pixel: [u8; 4]) {
        let [b, g, r, a] = pixel;
        if let Some(palette) = &mut self.palette
            && palette.insert(pixel).is_none()
        {
            self.palette = None;
        }
        if self.gray {
            self.gray = b == g && g == r;
            self.gray_depth = self.gray_depth.max(gray_depth(g));
        }
        if a != 255 {
            self.alpha = match self.alpha {
                AlphaUse::Opaque if a == 0 => AlphaUse::Key([b, g, r]),
                AlphaUse::Key(key) if a == 0 && key == [b, g, r] => AlphaUse::Key(key),
                _ => AlphaUse::Needed,
            };
        }
    }

    /// The format, once no further row can change it.
    pub(super) fn settled(&self) -> Option<Format> {
        match self.alpha {
            _ if self.palette.is_some() || self.gray => None,
            AlphaUse::Needed => Some(Format::plain(Color::Rgba)),
            AlphaUse::Opaque if self.opaque_frame => Some(Format::plain(Color::Rgb)),
            _ => None,
        }
    }

    /// Whether at most 256 colours were seen.
    pub(super) fn fits_palette(&self) -> bool {
        self.palette.is_some()
    }

    /// Whether every pixel seen is opaque.
    pub(super) fn is_opaque(&self) -> bool {
        self.alpha == AlphaUse::Opaque
    }

    /// The smallest format that holds all rows seen; `pixels` are those rows, B, G, R, A.
    pub(super) fn format(self, pixels: &[u8]) -> Format {
        let key = match self.alpha {
            AlphaUse::Key(key)
                if !pixels
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .any(|[b, g, r, a]| *a != 0 && [*b, *g, *r] == key) =>
            {
                Some(key)
            }
            _ => None,
        };
        let opaque = self.alpha == AlphaUse::Opaque || key.is_some();
        let direct = match (self.gray, opaque) {
            (true, true) => Format {
                color: Color::Gray,
                depth: self.gray_depth,
                key,
            },
            (true, false) => Format::plain(Color::GrayAlpha),
            (false, true) => Format {
                color: Color::Rgb,
                depth: 8,
                key,
            },
            (false, false) => Format::plain(Color::Rgba),
        };
        let Some(palette) = self.palette else {
            return direct;
        };
        let mut colors = palette.into_colors();
        // Transparent entries first: tRNS ends with the last of them.
        colors.sort_by_key(|color| color[3] == 255);
        let indexed = Format::indexed(colors);
        let area = pixels.len() / 4;
        if cost(&indexed, area) < cost(&direct, area) {
            indexed
        } else {
            direct
        }
    }
}

fn gray_depth(value: u8) -> u8 {
    match value {
        0 | 255 => 1,
        v if v % 85 == 0 => 2,
        v if v % 17 == 0 => 4,
        _ => 8,
    }
}

/// Bytes before compression, palette and its chunk included.
fn cost(format: &Format, area: usize) -> usize {
    const CHUNK: usize = 12;
    let table = match &format.color {
        Color::Indexed(colors) => {
            let transparent = colors.iter().filter(|color| color[3] != 255).count();
            CHUNK
                + colors.len() * 3
                + if transparent > 0 {
                    CHUNK + transparent
                } else {
                    0
                }
        }
        _ if format.key.is_some() => CHUNK + 6,
        _ => 0,
    };
    area * format.bits_per_pixel() / 8 + table
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn format(pixels: &[[u8; 4]]) -> Format {
        let mut survey = Survey::new(Alpha::Meaningful);
        let bytes = pixels.as_flattened();
        survey.row(bytes);
        survey.format(bytes)
    }

    fn many(n: usize, pixel: impl Fn(usize) -> [u8; 4]) -> Vec<[u8; 4]> {
        (0..n).map(pixel).collect()
    }

    #[test]
    fn gray_takes_the_fewest_bits() {
        let levels = |step: usize| {
            (0..=255)
                .step_by(step)
                .map(|v| v as u8)
                .collect::<Vec<u8>>()
        };
        for (values, depth) in [
            (levels(255), 1),
            (levels(85), 2),
            (levels(17), 4),
            (levels(1), 8),
        ] {
            let found = format(&many(5000, |i| {
                let v = values[i % values.len()];
                [v, v, v, 255]
            }));
            assert_eq!((found.color, found.depth), (Color::Gray, depth));
        }
        // Two shades that need eight bits fit a palette of one.
        assert_eq!(
            format(&many(5000, |i| if i % 2 == 0 {
                [100, 100, 100, 255]
            } else {
                [101, 101, 101, 255]
            }))
            .depth,
            1
        );
    }

    #[test]
    fn colours_become_rgb_only_beyond_a_palette() {
        assert!(matches!(
            format(&many(5000, |i| [(i % 200) as u8, 1, 2, 255])).color,
            Color::Indexed(_)
        ));
        assert_eq!(
            format(&many(5000, |i| [(i % 256) as u8, (i / 256) as u8, 2, 255])).color,
            Color::Rgb
        );
        assert_eq!(
            format(&many(5000, |i| [(i % 256) as u8, (i / 256) as u8, 2, 100])).color,
            Color::Rgba
        );
        assert_eq!(
            format(&[[1, 2, 3, 255]]).color,
            Color::Rgb,
            "a palette would cost more than one pixel"
        );
    }

    #[test]
    fn one_transparent_colour_becomes_a_key_unless_it_is_used() {
        let mut pixels = many(5000, |i| [(i % 256) as u8, (i / 256) as u8, 2, 255]);
        pixels[77] = [9, 9, 9, 0];
        assert_eq!(format(&pixels).key, Some([9, 9, 9]));
        pixels[78] = [9, 9, 9, 255];
        assert_eq!(format(&pixels).color, Color::Rgba);
    }

    #[test]
    fn settles_as_soon_as_nothing_can_change_it() {
        let mut survey = Survey::new(Alpha::Opaque);
        survey.row(many(200, |i| [i as u8, 1, 2, 255]).as_flattened());
        assert!(survey.settled().is_none());
        survey.row(many(200, |i| [i as u8, 2, 2, 255]).as_flattened());
        assert_eq!(survey.settled().unwrap().color, Color::Rgb);
    }
}
