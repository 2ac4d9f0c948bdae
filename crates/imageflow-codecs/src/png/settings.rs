//! What the PNG presets resolve to.

use imageflow_pixels::FrameInfo;

use super::encode;

/// Settings of the PNG encoder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PngSettings {
    /// 24 or 32 bits per pixel, rows streamed, with sRGB, gAMA and cHRM chunks (the `libpng` preset).
    Truecolor {
        /// Write the alpha of frames that have one; `false` drops it without compositing (`png_24`).
        keep_alpha: bool,
        /// 0 (stored) ..= 9; 6 is the usual.
        zlib_level: u8,
    },
    /// The smallest colour type and bit depth that holds the frame exactly (the `lodepng` preset).
    Lossless {
        /// Spend much more time for a few percent fewer bytes.
        max_deflate: bool,
    },
    /// At most 256 colours, dithered (the `pngquant` preset). Falls back to [`PngSettings::Lossless`] when `min_quality`
    /// cannot be reached.
    Palette {
        /// Quality aimed at, 0..=100: below 100 fewer colours are used when they suffice.
        quality: u8,
        /// Quality that must be reached, 0..=100.
        min_quality: u8,
        /// 1 (thorough) ..= 10 (fast); 4 is the usual.
        speed: u8,
        /// Spend much more time for a few percent fewer bytes.
        max_deflate: bool,
    },
}

impl PngSettings {
    /// Bytes the encoder will hold beyond the strip it is given.
    pub fn working_bytes(&self, frame: &FrameInfo) -> u64 {
        encode::working_bytes(self, frame)
    }

    /// The same with the usual effort; `None` when that is what it has.
    #[cfg(feature = "oxipng")]
    pub(super) fn without_max_deflate(&self) -> Option<PngSettings> {
        match *self {
            PngSettings::Lossless { max_deflate: true } => {
                Some(PngSettings::Lossless { max_deflate: false })
            }
            PngSettings::Palette {
                quality,
                min_quality,
                speed,
                max_deflate: true,
            } => Some(PngSettings::Palette {
                quality,
                min_quality,
                speed,
                max_deflate: false,
            }),
            _ => None,
        }
    }
}
