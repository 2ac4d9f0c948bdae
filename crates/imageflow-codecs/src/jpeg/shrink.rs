//! Block means in linear light straight from luma and chroma planes: no upsampling, no conversion, no pixel in between.
//!
//! 2×2 luma blocks share one chroma sample (4:2:0), so each is a mean and a variance of luma and one chroma; its linear-light
//! mean follows to second order (see `simd::shrink_420`). Larger blocks are means of those.

use imageflow_pixels::simd::{self, SimdLevel};
use imageflow_pixels::{Alpha, FrameInfo, RowSource, RowsMut, Size, StreamError};

use super::decode::{Planes, Rows};
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Luma rows that one step of the decoder gives.
fn lines(planes: Planes) -> usize {
    match planes {
        Planes::Gray => 8,
        Planes::YCbCr420 => 16,
    }
}

/// A source of linear-light block means.
pub(super) struct Shrunk {
    rows: Rows,
    stored: Size,
    planes: Planes,
    n: usize,
    frame: FrameInfo,
    buffers: Vec<Vec<u8>>,
    strides: Vec<usize>,
    /// Neutral chroma for gray.
    neutral: Vec<u8>,
    /// One row of 2×2 means.
    pairs: Vec<f32>,
    /// First stored row in the buffers, and one past the last.
    loaded: (u32, u32),
    level: SimdLevel,
}

impl Shrunk {
    pub(super) fn new(rows: Rows, stored: Size, planes: Planes, n: u32) -> Result<Shrunk, CodecError> {
        let size = Size::new(stored.width().div_ceil(n), stored.height().div_ceil(n)).filter(|_| matches!(n, 2 | 4 | 8));
        let size = size.ok_or_else(|| CodecError::InvalidArgument(format!("linear_shrink is {n}; give 1, 2, 4 or 8")))?;
        let strides = rows.header().plane_strides();
        let heights = [lines(planes), 8, 8];
        let buffers = strides.iter().zip(heights).map(|(stride, height)| vec![0; stride * height]).collect();
        let half = (stored.width() as usize).div_ceil(2);
        Ok(Shrunk {
            rows,
            stored,
            planes,
            n: n as usize,
            frame: FrameInfo::float(size, Alpha::Opaque),
            buffers,
            strides,
            neutral: if planes == Planes::Gray { vec![128; half] } else { Vec::new() },
            pairs: vec![0.0; half * 4],
            loaded: (0, 0),
            level: SimdLevel::detect(),
        })
    }

    /// Decodes until stored row `y` is in the buffers.
    fn load(&mut self, y: u32) -> Result<(), CodecError> {
        while y >= self.loaded.1 {
            self.rows.library()?.read_planes(&mut self.buffers, &self.strides)?;
            self.loaded = (self.loaded.1, self.loaded.1 + lines(self.planes) as u32);
        }
        Ok(())
    }

    /// Averages stored rows `y` and `y + 1` (which may not exist) into [`Shrunk::pairs`].
    fn pair(&mut self, y: u32) -> Result<(), CodecError> {
        self.load(y)?;
        let missing = || CodecError::malformed(ImageFormat::Jpeg, "a plane is missing");
        let width = self.stored.width() as usize;
        let half = width.div_ceil(2);
        let at = (y - self.loaded.0) as usize;
        let luma = self.buffers.first().zip(self.strides.first());
        let rows = luma.and_then(|(luma, stride)| Some((luma.get(at * stride..)?, luma.get((at + 1) * stride..)?)));
        let (first, second) = rows.ok_or_else(missing)?;
        let chroma = |i: usize| match self.planes {
            Planes::Gray => Some(self.neutral.as_slice()),
            Planes::YCbCr420 => self.buffers.get(i)?.get(at / 2 * self.strides.get(i)?..)?.get(..half),
        };
        let (cb, cr) = chroma(1).zip(chroma(2)).ok_or_else(missing)?;
        simd::shrink_420(self.level, first, second, cb, cr, width, y + 1 >= self.stored.height(), &mut self.pairs);
        Ok(())
    }

    fn block_row(&mut self, block: u32, out: &mut [f32]) -> Result<(), CodecError> {
        let n = self.n as u32;
        let (width, height) = (self.stored.width(), self.stored.height());
        let (start, end) = (block * n, ((block + 1) * n).min(height));
        if n == 2 {
            self.pair(start)?;
            out.copy_from_slice(&self.pairs);
            return Ok(());
        }
        for (i, y) in (start..end).step_by(2).enumerate() {
            self.pair(y)?;
            // A 2×2 block at an odd edge stands for half of the pixels.
            if width % 2 == 1
                && let Some(last) = self.pairs.last_chunk_mut::<4>()
            {
                last.iter_mut().for_each(|v| *v *= 0.5);
            }
            if y + 1 >= height {
                self.pairs.iter_mut().for_each(|v| *v *= 0.5);
            }
            simd::box_sum(self.level, &self.pairs, self.n / 2, i == 0, out);
        }
        let rows = (end - start) as f32 / 2.0;
        let last_columns = (width - (width - 1) / n * n) as f32 / 2.0;
        if let Some((last, whole)) = out.split_last_chunk_mut::<4>().map(|(whole, last)| (last, whole)) {
            let by = 1.0 / (rows * (n / 2) as f32);
            whole.iter_mut().for_each(|v| *v *= by);
            last.iter_mut().for_each(|v| *v /= rows * last_columns);
        }
        Ok(())
    }
}

impl RowSource for Shrunk {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            self.block_row(y, out.row_mut_f32(y))?;
        }
        Ok(())
    }
}
