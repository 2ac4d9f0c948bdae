//! Colour tables: exact ones, chosen ones, and whether one serves another frame.

use imageflow_pixels::JobControl;

use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::palette::{self, Distinct, Ditherer, Picture, Wish};

/// Pixels looked at to judge a table.
const SAMPLE: usize = 4096;
/// A table serves other pixels when their mean squared error is at most this multiple of that of the pixels it was made
/// for, or at most [`GOOD_ERROR`].
const WORSE: f64 = 1.5;
/// A mean squared error of single levels, before dithering, that nobody sees.
const GOOD_ERROR: f64 = 12.0;

/// Colours by index, and perhaps one index more for transparent pixels.
pub(super) struct Table {
    colors: Distinct,
    transparent: Option<u8>,
    ditherer: Option<Box<Ditherer>>,
    /// Mean squared error of the pixels it was made for.
    error: f64,
}

impl Table {
    /// A table of these colours, with a transparent index if wanted and there is room.
    pub(super) fn exact(colors: Distinct, transparent: bool) -> Table {
        let transparent = u8::try_from(colors.colors().len())
            .ok()
            .filter(|_| transparent);
        Table {
            colors,
            transparent,
            ditherer: None,
            error: 0.0,
        }
    }

    /// Chooses colours for opaque pixels.
    pub(super) fn chosen(
        pixels: &[[u8; 4]],
        transparent: bool,
        control: &JobControl,
    ) -> Result<Table, CodecError> {
        let picture = Picture {
            bgra: pixels.as_flattened(),
            width: pixels.len(),
            opaque: true,
        };
        let wish = Wish {
            quality: 100,
            min_quality: 0,
            speed: 4,
            colors: 256 - u16::from(transparent),
            format: ImageFormat::Gif,
        };
        let mut colors = Distinct::default();
        for [b, g, r, _] in palette::choose(picture, wish, control)?.unwrap_or_default() {
            colors.insert([b, g, r, 255]);
        }
        let mut table = Table::exact(colors, transparent);
        table.error = table.error_of(pixels);
        Ok(table)
    }

    pub(super) fn colors(&self) -> &[[u8; 4]] {
        self.colors.colors()
    }

    /// The index of transparent pixels.
    pub(super) fn transparent(&self) -> Option<u8> {
        self.transparent
    }

    /// Bits of an index, 1..=8.
    pub(super) fn bits(&self) -> u8 {
        let entries = self.colors().len() + usize::from(self.transparent.is_some());
        (1..8).find(|bits| entries <= 1 << bits).unwrap_or(8)
    }

    /// The index of a colour that is in the table.
    #[inline]
    pub(super) fn index(&self, color: [u8; 4]) -> Option<u8> {
        self.colors.index(color)
    }

    /// The colour of an index.
    #[inline]
    pub(super) fn color(&self, index: u8) -> [u8; 4] {
        self.colors()
            .get(usize::from(index))
            .copied()
            .unwrap_or_default()
    }

    /// Whether all of these colours are in the table, and an index for transparent pixels if they are needed.
    pub(super) fn holds(&self, colors: &Distinct, transparent: bool) -> bool {
        (self.transparent.is_some() || !transparent)
            && colors
                .colors()
                .iter()
                .all(|color| self.index(*color).is_some())
    }

    /// Whether these pixels look about as well in this table as those it was made for.
    pub(super) fn serves(&mut self, pixels: &[[u8; 4]]) -> bool {
        self.error_of(pixels) <= GOOD_ERROR.max(self.error * WORSE)
    }

    /// Maps pixels to these colours.
    pub(super) fn ditherer(&mut self) -> &mut Ditherer {
        self.ditherer
            .get_or_insert_with(|| Box::new(Ditherer::new(self.colors.colors(), true, 0)))
    }

    fn error_of(&mut self, pixels: &[[u8; 4]]) -> f64 {
        let ditherer = self.ditherer();
        // An odd step does not fall into step with rows of even width.
        let step = (pixels.len() / SAMPLE).max(1) | 1;
        let sample = pixels.iter().step_by(step);
        let count = sample.len().max(1);
        sample.map(|pixel| ditherer.error(*pixel)).sum::<f64>() / count as f64
    }
}
