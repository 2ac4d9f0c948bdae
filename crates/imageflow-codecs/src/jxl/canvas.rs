//! The memory a frame is decoded into, and its way out as sRGB rows.

use imageflow_pixels::{Alpha, JobControl, PictureMemory, Size};
use jxl::api::JxlOutputBuffer;

use super::color::Conversion;
use crate::error::CodecError;

/// One frame in the samples [`Conversion`] asks for.
pub(super) struct Canvas {
    size: Size,
    conversion: Conversion,
    /// Rows without padding.
    pixels: PictureMemory,
    /// The alpha of CMYK; empty otherwise.
    alpha: PictureMemory,
}

impl Canvas {
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
        let area = size.area();
        let pixels = area.saturating_mul(conversion.bytes_per_pixel() as u64);
        let alpha = match conversion {
            Conversion::Inks(_) if alpha.is_meaningful() => area,
            _ => 0,
        };
        Ok(Canvas {
            size,
            conversion,
            pixels: PictureMemory::new(pixels, control)?,
            alpha: PictureMemory::new(alpha, control)?,
        })
    }

    /// The memory as the decoder wants to see it: the colour buffer, and the alpha buffer of CMYK.
    pub(super) fn buffers(&mut self) -> Vec<JxlOutputBuffer<'_>> {
        let (width, height) = (self.size.width() as usize, self.size.height() as usize);
        let row_bytes = width * self.conversion.bytes_per_pixel();
        let mut buffers = vec![JxlOutputBuffer::new(&mut self.pixels, height, row_bytes)];
        if !self.alpha.is_empty() {
            buffers.push(JxlOutputBuffer::new(&mut self.alpha, height, width));
        }
        buffers
    }

    /// Writes row `y` as sRGB-encoded B, G, R, A with straight alpha.
    pub(super) fn write_row(&mut self, y: u32, bgra: &mut [u8]) {
        let (width, y) = (self.size.width() as usize, y as usize);
        let length = width * self.conversion.bytes_per_pixel();
        let row = self
            .pixels
            .get(y * length..(y + 1) * length)
            .unwrap_or_default();
        match &mut self.conversion {
            Conversion::Bytes(transform) => {
                bgra.copy_from_slice(row);
                if let Some(transform) = transform {
                    transform.apply(bgra);
                }
            }
            Conversion::Wide(transform) => transform.apply(bytemuck::cast_slice(row), bgra),
            Conversion::Inks(transform) => {
                transform.apply(row, bgra);
                let alpha = self.alpha.get(y * width..).unwrap_or_default();
                for (pixel, alpha) in bgra.chunks_exact_mut(4).zip(alpha) {
                    pixel[3] = *alpha;
                }
            }
        }
    }
}
