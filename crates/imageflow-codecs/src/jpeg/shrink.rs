//! Block means in linear light straight from luma and chroma planes: no upsampling, no conversion, no pixel in between.
//!
//! See `simd::shrink_420` for the arithmetic.

use imageflow_pixels::simd::{self, SimdLevel};
use imageflow_pixels::{Alpha, FrameInfo, RowSource, RowsMut, Size, StreamError};

use super::features::Planes;
use super::plane_reader::PlaneReader;
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
pub(super) struct Shrunk<R> {
    rows: R,
    stored: Size,
    planes: Planes,
    n: usize,
    frame: FrameInfo,
    buffers: Vec<Vec<u8>>,
    strides: Vec<usize>,
    /// Neutral chroma for gray.
    neutral: Vec<u8>,
    /// First stored row in the buffers, and one past the last.
    loaded: (u32, u32),
    level: SimdLevel,
}

impl<R: PlaneReader> Shrunk<R> {
    pub(super) fn new(
        rows: R,
        stored: Size,
        planes: Planes,
        n: u32,
    ) -> Result<Shrunk<R>, CodecError> {
        let size = Size::new(stored.width().div_ceil(n), stored.height().div_ceil(n))
            .filter(|_| matches!(n, 2 | 4 | 8));
        let size = size.ok_or_else(|| {
            CodecError::InvalidArgument(format!("linear_shrink is {n}; give 1, 2, 4 or 8"))
        })?;
        let strides = rows.plane_strides();
        let heights = [lines(planes), 8, 8];
        let buffers = strides
            .iter()
            .zip(heights)
            .map(|(stride, height)| vec![0; stride * height])
            .collect();
        let half = (stored.width() as usize).div_ceil(2);
        Ok(Shrunk {
            rows,
            stored,
            planes,
            n: n as usize,
            frame: FrameInfo::float(size, Alpha::Opaque),
            buffers,
            strides,
            neutral: if planes == Planes::Gray {
                vec![128; half]
            } else {
                Vec::new()
            },
            loaded: (0, 0),
            level: SimdLevel::detect(),
        })
    }

    /// Decodes until stored row `y` is in the buffers.
    fn load(&mut self, y: u32) -> Result<(), CodecError> {
        while y >= self.loaded.1 {
            self.rows.read_planes(&mut self.buffers, &self.strides)?;
            self.loaded = (self.loaded.1, self.loaded.1 + lines(self.planes) as u32);
        }
        Ok(())
    }

    fn block_row(&mut self, block: u32, out: &mut [f32]) -> Result<(), CodecError> {
        let start = block * self.n as u32;
        let end = (start + self.n as u32).min(self.stored.height());
        self.load(start)?;
        // Blocks never straddle two steps: 8 and 16 lines are multiples of every n.
        let first = (start - self.loaded.0) as usize;
        let last = (end - self.loaded.0) as usize;
        let missing = || CodecError::malformed(ImageFormat::Jpeg, "a plane is missing");
        let line = |plane: usize, row: usize| {
            let stride = *self.strides.get(plane)?;
            self.buffers
                .get(plane)?
                .get(row * stride..(row + 1) * stride)
        };
        let chroma = |plane: usize, row: usize| match self.planes {
            Planes::Gray => Some(self.neutral.as_slice()),
            Planes::YCbCr420 => line(plane, row),
        };
        let pairs = first / 2..last.div_ceil(2);
        let luma: Option<Vec<&[u8]>> = (first..last).map(|row| line(0, row)).collect();
        let cb: Option<Vec<&[u8]>> = pairs.clone().map(|row| chroma(1, row)).collect();
        let cr: Option<Vec<&[u8]>> = pairs.map(|row| chroma(2, row)).collect();
        let (luma, cb, cr) = luma
            .zip(cb)
            .zip(cr)
            .map(|((luma, cb), cr)| (luma, cb, cr))
            .ok_or_else(missing)?;
        simd::shrink_420(
            self.level,
            &luma,
            &cb,
            &cr,
            self.n,
            self.stored.width() as usize,
            out,
        );
        Ok(())
    }
}

impl<R: PlaneReader> RowSource for Shrunk<R> {
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
