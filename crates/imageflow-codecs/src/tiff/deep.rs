//! Samples of more than 8 bits to linear light: what a resample wants, before anything is rounded to bytes.

use imageflow_pixels::transfer::srgb_to_linear;

use super::facts::Facts;
use super::paint::Wide;
use crate::color::DeepTransform;

/// Makes linear, premultiplied `BgraF32` pixels.
pub(super) struct DeepPainter {
    layout: Wide,
    /// Linear light of every sample value.
    linear: Box<[f32]>,
    color: Option<DeepTransform>,
    /// One row of R, G, B, A before and after the transform.
    row: [Vec<f32>; 2],
}

impl DeepPainter {
    /// Bytes that are held.
    pub(super) fn bytes_for(facts: &Facts) -> u64 {
        (65536 + u64::from(facts.size.width()) * 8) * 4
    }

    pub(super) fn new(facts: &Facts, color: Option<DeepTransform>) -> DeepPainter {
        DeepPainter {
            layout: Wide::new(facts),
            linear: (0..=u16::MAX)
                .map(|v| srgb_to_linear(f64::from(v) / 65535.0) as f32)
                .collect(),
            color,
            row: [Vec::new(), Vec::new()],
        }
    }

    /// Fills a row from samples of 16 bits.
    pub(super) fn fill(&mut self, samples: &[u16], out: &mut [f32]) {
        let part = |v: u16| f32::from(v) / 65535.0;
        let targets = out.as_chunks_mut::<4>().0;
        let Some(color) = &mut self.color else {
            let light = |v: u16| self.linear.get(usize::from(v)).copied().unwrap_or(1.0);
            for ([r, g, b, a], target) in self.layout.pixels(samples).zip(targets) {
                let alpha = part(a);
                let [b, g, r] = [b, g, r].map(|v| light(v) * alpha);
                *target = [b, g, r, alpha];
            }
            return;
        };
        let [before, after] = &mut self.row;
        before.clear();
        before.extend(self.layout.pixels(samples).flat_map(|p| p.map(part)));
        after.resize(before.len(), 0.0);
        color.apply(before, after);
        for ([r, g, b, alpha], target) in after.as_chunks::<4>().0.iter().zip(targets) {
            let light = |v: &f32| srgb_to_linear(f64::from(v.clamp(0.0, 1.0))) as f32 * alpha;
            *target = [light(b), light(g), light(r), *alpha];
        }
    }
}
