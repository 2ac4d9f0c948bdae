//! From B, G, R, A to the samples that are worth writing.

use imageflow_pixels::{ControlError, RowBuf};

use crate::error::CodecError;

/// The channels that say something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Channels {
    pub(super) gray: bool,
    pub(super) alpha: bool,
}

impl Channels {
    /// Looks at every pixel.
    pub(super) fn of(frame: &RowBuf) -> Channels {
        let rows = frame.all();
        let any =
            |test: fn(&[u8]) -> bool| rows.range().any(|y| rows.row(y).chunks_exact(4).any(test));
        Channels {
            gray: !any(|pixel| pixel[0] != pixel[1] || pixel[1] != pixel[2]),
            alpha: frame.info().alpha.is_meaningful() && any(|pixel| pixel[3] != 255),
        }
    }

    /// Samples of one pixel.
    pub(super) fn count(self) -> u32 {
        let color = if self.gray { 1 } else { 3 };
        color + u32::from(self.alpha)
    }

    /// The samples of the frame, interleaved; its last column and row are repeated up to this size.
    ///
    /// # Errors
    /// When the system has no such memory.
    pub(super) fn samples(
        self,
        frame: &RowBuf,
        width: u32,
        height: u32,
    ) -> Result<Vec<u8>, CodecError> {
        let bytes = u64::from(width)
            .saturating_mul(u64::from(height))
            .saturating_mul(u64::from(self.count()));
        let refused = ControlError::AllocationFailed { bytes };
        let mut samples = Vec::new();
        if usize::try_from(bytes).map_or(true, |bytes| samples.try_reserve_exact(bytes).is_err()) {
            return Err(refused.into());
        }
        let (rows, size) = (frame.all(), frame.info().size);
        for y in 0..height {
            let row = rows.row(y.min(size.height() - 1));
            for pixel in row.chunks_exact(4) {
                self.push(pixel, &mut samples);
            }
            for _ in size.width()..width {
                let last = row.get(row.len().saturating_sub(4)..).unwrap_or_default();
                self.push(last, &mut samples);
            }
        }
        Ok(samples)
    }

    fn push(self, bgra: &[u8], samples: &mut Vec<u8>) {
        if let &[b, g, r, a] = bgra {
            match (self.gray, self.alpha) {
                (true, false) => samples.push(g),
                (true, true) => samples.extend([g, a]),
                (false, false) => samples.extend([r, g, b]),
                (false, true) => samples.extend([r, g, b, a]),
            }
        }
    }
}
