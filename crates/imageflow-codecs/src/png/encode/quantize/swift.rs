//! `quantizr`: fast palettes for any picture.

use quantizr::{Histogram, Image, Options, QuantizeResult};

use crate::error::CodecError;
use crate::format::ImageFormat;

pub(super) struct Swift {
    histogram: Histogram,
}

impl Swift {
    pub(super) fn new(rgba: &[[u8; 4]], width: usize) -> Swift {
        let mut histogram = Histogram::new();
        if let Ok(image) = Image::new(rgba.as_flattened(), width, rgba.len() / width.max(1)) {
            histogram.add_image(&image);
        }
        Swift { histogram }
    }

    /// B, G, R, A of at most `count` colours.
    pub(super) fn colors(&self, count: u16) -> Result<Vec<[u8; 4]>, CodecError> {
        let mut options = Options::default();
        options.set_max_colors(i32::from(count.clamp(2, 256))).map_err(|_| CodecError::encode(ImageFormat::Png, format_args!("no palette of {count} colours")))?;
        let result = QuantizeResult::quantize_histogram(&self.histogram, &options);
        let palette = result.get_palette();
        let used = usize::try_from(palette.count).unwrap_or(0);
        Ok(palette.entries.iter().take(used).map(|color| [color.b, color.g, color.r, color.a]).collect())
    }
}
