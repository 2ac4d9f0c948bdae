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

/// What transparent pixels are.
const TRANSPARENT: [u8; 4] = [0; 4];

/// Colours by index. When transparent pixels have one, it is 0: it stays where it is when colours are added.
pub(super) struct Table {
    colors: Distinct,
    ditherer: Option<Box<Ditherer>>,
    /// Mean squared error of the pixels it was made for.
    error: f64,
}

impl Table {
    /// A table of these colours, with a transparent index if wanted and there is room.
    pub(super) fn exact(colors: &Distinct, transparent: bool) -> Table {
        let mut own = Distinct::default();
        if transparent && colors.colors().len() < 256 {
            own.insert(TRANSPARENT);
        }
        let mut table = Table {
            colors: own,
            ditherer: None,
            error: 0.0,
        };
        table.add(colors);
        table
    }

    /// Adds colours if there is room for all of them.
    pub(super) fn add(&mut self, colors: &Distinct) -> bool {
        let new = colors
            .colors()
            .iter()
            .filter(|color| self.index(**color).is_none());
        let fits = self.entries().len() + new.count() <= 256;
        if fits {
            self.ditherer = None;
            for color in colors.colors() {
                self.colors.insert(*color);
            }
        }
        fits
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
        let mut table = Table::exact(&colors, transparent);
        table.error = table.error_of(pixels);
        Ok(table)
    }

    /// B, G, R and anything, by index.
    pub(super) fn entries(&self) -> &[[u8; 4]] {
        self.colors.colors()
    }

    /// The index of transparent pixels.
    pub(super) fn transparent(&self) -> Option<u8> {
        self.index(TRANSPARENT)
    }

    /// Bits of an index, 1..=8.
    pub(super) fn bits(&self) -> u8 {
        let entries = self.entries().len();
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
        self.entries()
            .get(usize::from(index))
            .copied()
            .unwrap_or_default()
    }

    /// Whether all of these colours are in the table, and an index for transparent pixels if they are needed.
    pub(super) fn holds(&self, colors: &Distinct, transparent: bool) -> bool {
        (self.transparent().is_some() || !transparent)
            && colors
                .colors()
                .iter()
                .all(|color| self.index(*color).is_some())
    }

    /// Whether these pixels look about as well in this table as those it was made for.
    pub(super) fn serves(&mut self, pixels: &[[u8; 4]]) -> bool {
        let has_colors = self.entries().len() > usize::from(self.first_color());
        has_colors && self.error_of(pixels) <= GOOD_ERROR.max(self.error * WORSE)
    }

    /// Prepares for rows of this many pixels of another frame.
    pub(super) fn begin(&mut self, width: usize) {
        self.ditherer().begin(width);
    }

    /// Fills the indices of the pixels of a row that are `wanted`, with error diffusion.
    pub(super) fn dither(&mut self, pixels: &[[u8; 4]], indices: &mut [u8], wanted: &[bool]) {
        let first = self.first_color();
        let is_wanted = |x: usize| wanted.get(x).copied().unwrap_or(false);
        self.ditherer()
            .row_where(pixels.as_flattened(), indices, is_wanted);
        for (index, _) in indices
            .iter_mut()
            .zip(wanted)
            .filter(|(_, wanted)| **wanted)
        {
            *index = index.saturating_add(first);
        }
    }

    /// The index of the colour nearest to this one.
    pub(super) fn nearest(&mut self, color: [u8; 4]) -> u8 {
        let first = self.first_color();
        self.ditherer().index(color).saturating_add(first)
    }

    /// The index of the first colour that is one.
    fn first_color(&self) -> u8 {
        u8::from(self.transparent().is_some())
    }

    fn ditherer(&mut self) -> &mut Ditherer {
        let first = usize::from(self.first_color());
        self.ditherer.get_or_insert_with(|| {
            let colors = self.colors.colors().get(first..).unwrap_or_default();
            Box::new(Ditherer::new(colors, true, 0))
        })
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
