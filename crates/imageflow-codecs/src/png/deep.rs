//! Rows of 16-bit samples as linear light: what a resample wants, before anything is rounded to 8 bits.

use imageflow_pixels::transfer::srgb_to_linear;
use imageflow_pixels::{FrameInfo, JobControl, Reservation, RowSource, RowsMut, StreamError};
use png::{ColorType, Info};

use super::decode::Lines;
use crate::color::DeepTransform;
use crate::error::CodecError;

/// Where the samples of a pixel are, and which colour means transparent.
#[derive(Clone, Copy, Debug)]
struct Samples {
    /// Samples per pixel.
    count: usize,
    /// 1 or 3 colour samples come first.
    colors: usize,
    key: Option<[u16; 3]>,
}

impl Samples {
    fn of(info: &Info<'_>) -> Samples {
        let count = info.color_type.samples();
        let colors = match info.color_type {
            ColorType::Grayscale | ColorType::GrayscaleAlpha => 1,
            _ => 3,
        };
        let key = info.trns.as_deref().and_then(|t| {
            let at = |i: usize| Some(u16::from_be_bytes([*t.get(2 * i)?, *t.get(2 * i + 1)?]));
            let first = at(0)?;
            Some([first, at(1).unwrap_or(first), at(2).unwrap_or(first)])
        });
        Samples { count, colors, key }
    }
}

/// Produces linear, premultiplied `BgraF32` rows.
pub(super) struct DeepRows {
    frame: FrameInfo,
    lines: Lines,
    samples: Samples,
    /// Linear light of every sample value; empty for a small frame, which costs less without.
    linear: Box<[f32]>,
    color: Option<DeepTransform>,
    /// One row of R, G, B, A before and after the transform.
    row: [Vec<f32>; 2],
    _reservation: Reservation,
}

impl DeepRows {
    /// Rows of this frame from lines of 16-bit samples.
    ///
    /// # Errors
    /// When the budget refuses its tables.
    pub(super) fn new(
        frame: FrameInfo,
        lines: Lines,
        info: &Info<'_>,
        color: Option<DeepTransform>,
        control: &JobControl,
    ) -> Result<DeepRows, CodecError> {
        let reservation = control.reserve(DeepRows::bytes_for(&frame))?;
        let linear = if frame.size.area() > 1 << 15 {
            (0..=u16::MAX).map(light).collect()
        } else {
            Box::default()
        };
        let floats = if color.is_some() {
            frame.size.width() as usize * 4
        } else {
            0
        };
        Ok(DeepRows {
            frame,
            lines,
            samples: Samples::of(info),
            linear,
            color,
            row: [vec![0.0; floats], vec![0.0; floats]],
            _reservation: reservation,
        })
    }

    /// Bytes it holds besides its lines.
    fn bytes_for(frame: &FrameInfo) -> u64 {
        (65536 + u64::from(frame.size.width()) * 8) * 4
    }

    fn fill(&mut self, out: &mut [f32]) {
        let Samples { count, colors, key } = self.samples;
        let pixels = self.lines.raw().chunks_exact(count * 2);
        let read = |pixel: &[u8]| {
            let at = |i: usize| {
                let sample = pixel.get(2 * i..2 * i + 2).unwrap_or(&[0, 0]);
                u16::from_be_bytes([sample[0], sample[1]])
            };
            let rgb = if colors == 1 {
                [at(0); 3]
            } else {
                [at(0), at(1), at(2)]
            };
            let alpha = match (count > colors, key) {
                (true, _) => at(count - 1),
                (false, Some(key)) if key == rgb => 0,
                _ => u16::MAX,
            };
            (rgb, f32::from(alpha) / 65535.0)
        };
        let table = &self.linear;
        let linear = |v: u16| {
            table
                .get(usize::from(v))
                .copied()
                .unwrap_or_else(|| light(v))
        };
        let Some(color) = &mut self.color else {
            for (pixel, out) in pixels.zip(out.as_chunks_mut::<4>().0) {
                let (rgb, alpha) = read(pixel);
                let [r, g, b] = rgb.map(|v| linear(v) * alpha);
                *out = [b, g, r, alpha];
            }
            return;
        };
        let [before, after] = &mut self.row;
        for (pixel, target) in pixels.zip(before.as_chunks_mut::<4>().0) {
            let (rgb, alpha) = read(pixel);
            let [r, g, b] = rgb.map(|v| f32::from(v) / 65535.0);
            *target = [r, g, b, alpha];
        }
        color.apply(before, after);
        for (encoded, out) in after
            .as_chunks::<4>()
            .0
            .iter()
            .zip(out.as_chunks_mut::<4>().0)
        {
            let [r, g, b, alpha] = *encoded;
            let light = |v: f32| srgb_to_linear(f64::from(v.clamp(0.0, 1.0))) as f32 * alpha;
            *out = [light(b), light(g), light(r), alpha];
        }
    }
}

/// Linear light of an sRGB-encoded sample.
fn light(sample: u16) -> f32 {
    srgb_to_linear(f64::from(sample) / 65535.0) as f32
}

impl RowSource for DeepRows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            self.lines.advance(self.frame.size.height())?;
            self.fill(out.row_mut_f32(y));
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        for _ in 0..count {
            self.lines.advance(self.frame.size.height())?;
        }
        Ok(true)
    }
}
