//! The memory a frame is decoded into, and its way out as sRGB rows.

use imageflow_pixels::{Alpha, ControlError, JobControl, Reservation, Size};
use jxl::api::JxlOutputBuffer;

use super::color::Conversion;
use crate::error::CodecError;

/// One frame in the samples [`Conversion`] asks for.
pub(super) struct Canvas {
    size: Size,
    conversion: Conversion,
    /// Rows without padding. Words, so that rows of 16-bit samples are aligned.
    pixels: Vec<u16>,
    /// The alpha of CMYK; empty otherwise.
    alpha: Vec<u16>,
    _reservation: Reservation,
}

impl Canvas {
    /// Bytes of a canvas.
    pub(super) fn bytes_for(size: Size, conversion: &Conversion) -> u64 {
        size.area()
            .saturating_mul(conversion.bytes_per_pixel() as u64 + 1)
    }

    /// Allocates a black canvas.
    ///
    /// # Errors
    /// When the job's memory budget or the system refuses the bytes.
    pub(super) fn new(
        size: Size,
        alpha: Alpha,
        conversion: Conversion,
        control: &JobControl,
    ) -> Result<Canvas, CodecError> {
        let reservation = control.reserve(Canvas::bytes_for(size, &conversion))?;
        let pixels = words(
            size.area()
                .saturating_mul(conversion.bytes_per_pixel() as u64),
        )?;
        let alpha = match conversion {
            Conversion::Inks(_) if alpha.is_meaningful() => words(size.area())?,
            _ => Vec::new(),
        };
        Ok(Canvas {
            size,
            conversion,
            pixels,
            alpha,
            _reservation: reservation,
        })
    }

    /// The memory as the decoder wants to see it: the colour buffer, and the alpha buffer of CMYK.
    pub(super) fn buffers(&mut self) -> Vec<JxlOutputBuffer<'_>> {
        let (width, height) = (self.size.width() as usize, self.size.height() as usize);
        let row_bytes = width * self.conversion.bytes_per_pixel();
        let mut buffers = vec![JxlOutputBuffer::new(
            bytemuck::cast_slice_mut(&mut self.pixels),
            height,
            row_bytes,
        )];
        if !self.alpha.is_empty() {
            let alpha = bytemuck::cast_slice_mut(&mut self.alpha);
            buffers.push(JxlOutputBuffer::new(alpha, height, width));
        }
        buffers
    }

    /// Writes row `y` as sRGB-encoded B, G, R, A with straight alpha.
    pub(super) fn write_row(&mut self, y: u32, bgra: &mut [u8]) {
        let (width, y) = (self.size.width() as usize, y as usize);
        let words = width * self.conversion.bytes_per_pixel() / 2;
        let row = self
            .pixels
            .get(y * words..(y + 1) * words)
            .unwrap_or_default();
        match &mut self.conversion {
            Conversion::Bytes(transform) => {
                bgra.copy_from_slice(bytemuck::cast_slice(row));
                if let Some(transform) = transform {
                    transform.apply(bgra);
                }
            }
            Conversion::Wide(transform) => transform.apply(row, bgra),
            Conversion::Inks(transform) => {
                transform.apply(bytemuck::cast_slice(row), bgra);
                let alpha: &[u8] = bytemuck::cast_slice(&self.alpha);
                let alpha = alpha.get(y * width..).unwrap_or_default();
                for (pixel, alpha) in bgra.chunks_exact_mut(4).zip(alpha) {
                    pixel[3] = *alpha;
                }
            }
        }
    }
}

fn words(bytes: u64) -> Result<Vec<u16>, ControlError> {
    let refused = |_| ControlError::AllocationFailed { bytes };
    let count = usize::try_from(bytes.div_ceil(2)).map_err(|_| refused(()))?;
    let mut words = Vec::new();
    words.try_reserve_exact(count).map_err(|_| refused(()))?;
    words.resize(count, 0);
    Ok(words)
}
