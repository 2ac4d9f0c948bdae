//! From B, G, R, A to the samples that are worth writing.

use imageflow_pixels::{ControlError, JobControl, RowBuf};

use crate::memory;

/// The channels that say something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Channels {
    pub(super) gray: bool,
    pub(super) alpha: bool,
}

impl Channels {
    /// Looks at every pixel.
    ///
    /// # Errors
    /// When the job must stop.
    pub(super) fn of(frame: &RowBuf, control: &JobControl) -> Result<Channels, ControlError> {
        let rows = frame.all();
        let meaningful = frame.info().alpha.is_meaningful();
        let mut found = Channels {
            gray: true,
            alpha: false,
        };
        for y in rows.range() {
            control.check()?;
            let mut pixels = rows.row(y).chunks_exact(4);
            found.gray = found.gray && pixels.clone().all(|p| p[0] == p[1] && p[1] == p[2]);
            found.alpha = found.alpha || (meaningful && pixels.any(|p| p[3] != 255));
        }
        Ok(found)
    }

    /// Samples of one pixel.
    pub(super) fn count(self) -> u32 {
        let color = if self.gray { 1 } else { 3 };
        color + u32::from(self.alpha)
    }

    /// The samples of the frame, interleaved; its last column and row are repeated up to this size.
    ///
    /// # Errors
    /// When the system has no such memory, or the job must stop.
    pub(super) fn samples(
        self,
        frame: &RowBuf,
        width: u32,
        height: u32,
        control: &JobControl,
    ) -> Result<Vec<u8>, ControlError> {
        let count = u64::from(width)
            .saturating_mul(u64::from(height))
            .saturating_mul(u64::from(self.count()));
        let mut samples = memory::room(count)?;
        let (rows, size) = (frame.all(), frame.info().size);
        for y in 0..height {
            control.check()?;
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
