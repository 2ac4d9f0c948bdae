//! `imagequant`: another choice of colours for pictures with alpha. GPL-3.0-or-later or commercial; behind a feature of its own.

use imageflow_pixels::JobControl;
use imagequant::{Attributes, ControlFlow, Histogram, RGBA};

use super::Wish;
use crate::error::CodecError;
use crate::memory;

/// Pixels that are copied between two looks at whether the job goes on.
const PIECE: usize = 1 << 18;
/// Bytes for the pixels of a picture: their copy, and the distinct colours with their weights, of a noisy photo.
pub(super) fn working_bytes(pixels: u64) -> u64 {
    pixels.saturating_mul(44).saturating_add(20 << 20)
}

pub(super) struct Thorough {
    rgba: Vec<[u8; 4]>,
    width: usize,
    wish: Wish,
}

impl Thorough {
    /// Takes B, G, R, A.
    ///
    /// # Errors
    /// When the job must stop or memory does not suffice.
    pub(super) fn new(
        bgra: &[u8],
        width: usize,
        wish: Wish,
        control: &JobControl,
    ) -> Result<Thorough, CodecError> {
        let pixels = bgra.as_chunks::<4>().0;
        let mut rgba = memory::room(pixels.len() as u64)?;
        for piece in pixels.chunks(PIECE) {
            control.check()?;
            rgba.extend(piece.iter().map(|[b, g, r, a]| [*r, *g, *b, *a]));
        }
        Ok(Thorough { rgba, width, wish })
    }

    /// B, G, R, A of at most `count` colours.
    pub(super) fn colors(
        &self,
        count: u16,
        control: &JobControl,
    ) -> Result<Vec<[u8; 4]>, CodecError> {
        let failed = |error: imagequant::Error| match control.check() {
            Err(stop) => CodecError::Control(stop),
            Ok(()) => CodecError::encode(self.wish.format, error),
        };
        let mut attributes = Attributes::new();
        attributes
            .set_max_colors(u32::from(count.clamp(2, 256)))
            .map_err(failed)?;
        attributes
            .set_speed(i32::from(self.wish.speed))
            .map_err(failed)?;
        let watched = control.clone();
        attributes.set_progress_callback(move |_| {
            if watched.check().is_ok() {
                ControlFlow::Continue
            } else {
                ControlFlow::Break
            }
        });
        // Colours are counted in bands of rows, since counting cannot be interrupted.
        let pixels: &[RGBA] = rgb::AsPixels::as_pixels(self.rgba.as_flattened());
        let width = self.width.max(1);
        let mut histogram = Histogram::new(&attributes);
        for band in pixels.chunks((PIECE / width).max(1) * width) {
            control.check()?;
            let mut image = attributes
                .new_image_borrowed(band, width, band.len() / width, 0.0)
                .map_err(failed)?;
            histogram
                .add_image(&attributes, &mut image)
                .map_err(failed)?;
        }
        let mut result = control
            .run_apart(working_bytes(self.rgba.len() as u64), move || {
                histogram.quantize(&attributes)
            })?
            .map_err(failed)?;
        Ok(result
            .palette()
            .iter()
            .map(|color| [color.b, color.g, color.r, color.a])
            .collect())
    }
}
