//! `quantizr`: fast palettes for any picture.

use quantizr::{Histogram, Image, Options, QuantizeResult};

use crate::error::CodecError;
use crate::format::ImageFormat;

/// Pixels that are counted: more take longer and change the palette of a picture by less than the dithering hides.
const COUNTED: usize = 1 << 20;

pub(super) struct Swift {
    histogram: Histogram,
    format: ImageFormat,
}

impl Swift {
    /// Takes B, G, R, A.
    pub(super) fn new(bgra: &[u8], format: ImageFormat) -> Swift {
        let pixels = bgra.as_chunks::<4>().0;
        let step = (pixels.len() / COUNTED).max(1) | 1;
        let rgba: Vec<[u8; 4]> = pixels
            .iter()
            .step_by(step)
            .map(|[b, g, r, a]| [*r, *g, *b, *a])
            .collect();
        let mut histogram = Histogram::new();
        if let Ok(image) = Image::new(rgba.as_flattened(), rgba.len(), 1) {
            histogram.add_image(&image);
        }
        Swift { histogram, format }
    }

    /// B, G, R, A of at most `count` colours.
    pub(super) fn colors(&self, count: u16) -> Result<Vec<[u8; 4]>, CodecError> {
        let mut options = Options::default();
        options
            .set_max_colors(i32::from(count.clamp(2, 256)))
            .map_err(|_| {
                CodecError::encode(self.format, format_args!("no palette of {count} colours"))
            })?;
        let result = QuantizeResult::quantize_histogram(&self.histogram, &options);
        let palette = result.get_palette();
        let used = usize::try_from(palette.count).unwrap_or(0);
        Ok(palette
            .entries
            .iter()
            .take(used)
            .map(|color| [color.b, color.g, color.r, color.a])
            .collect())
    }
}
