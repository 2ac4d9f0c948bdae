//! A damaged picture, decoded whole: all components at full size, and reduced again to the size of each.

use imageflow_pixels::{ControlError, JobControl, Reservation};

use super::components::Plane;
use crate::error::CodecError;

/// Middle gray, or no colour: what stands where nothing was decoded.
const NOTHING: u8 = 128;

/// Interleaved samples of all components.
pub(super) struct Whole {
    samples: Vec<u8>,
    width: usize,
    height: usize,
    count: usize,
    /// Largest sampling factors, across and down.
    most: (usize, usize),
    _reserved: Option<Reservation>,
}

impl Whole {
    /// A picture of which nothing is known.
    pub(super) fn nothing() -> Whole {
        Whole {
            samples: Vec::new(),
            width: 1,
            height: 1,
            count: 1,
            most: (1, 1),
            _reserved: None,
        }
    }

    /// Makes room for a picture.
    ///
    /// # Errors
    /// When the job's memory, or the system's, is not enough.
    pub(super) fn new(
        (width, height): (usize, usize),
        planes: &[Plane],
        control: &JobControl,
    ) -> Result<Whole, CodecError> {
        let count = planes.len();
        let length = width.checked_mul(height).and_then(|n| n.checked_mul(count));
        let bytes = length.map_or(u64::MAX, |n| n as u64);
        let reserved = control.reserve(bytes)?;
        let failed = || ControlError::AllocationFailed { bytes };
        let length = length.ok_or_else(failed)?;
        let mut samples = Vec::new();
        samples.try_reserve_exact(length).map_err(|_| failed())?;
        samples.resize(length, NOTHING);
        let most = |side: fn(&Plane) -> usize| planes.iter().map(side).max().unwrap_or(1).max(1);
        Ok(Whole {
            samples,
            width,
            height,
            count,
            most: (most(|p| p.factors.0), most(|p| p.factors.1)),
            _reserved: Some(reserved),
        })
    }

    /// Where the decoder writes.
    pub(super) fn samples_mut(&mut self) -> &mut [u8] {
        &mut self.samples
    }

    /// Row `y` of component `c` at full size.
    pub(super) fn full_row(&self, c: usize, y: usize, out: &mut [u8]) {
        let start = y * self.width * self.count + c;
        let samples = self.samples.get(start..).unwrap_or_default();
        let mut samples = samples.iter().step_by(self.count).copied();
        out.fill_with(|| samples.next().unwrap_or(NOTHING));
    }

    /// Row `y` of component `c`: means of the full-size samples that one of its samples stands for.
    pub(super) fn row(&self, c: usize, plane: &Plane, y: usize, out: &mut [u8]) {
        let rows = span(y, plane.factors.1, self.most.1, self.height);
        for (x, value) in out.iter_mut().take(plane.width).enumerate() {
            let columns = span(x, plane.factors.0, self.most.0, self.width);
            let (mut sum, mut number) = (0u32, 0u32);
            for row in rows.clone() {
                let start = (row * self.width + columns.start) * self.count + c;
                let samples = self.samples.get(start..).unwrap_or_default();
                for sample in samples.iter().step_by(self.count).take(columns.len()) {
                    sum += u32::from(*sample);
                    number += 1;
                }
            }
            let mean = (sum + number / 2).checked_div(number);
            *value = mean.map_or(NOTHING, |mean| mean.min(255) as u8);
        }
    }
}

/// What position `at` of a component covers of a full side.
fn span(at: usize, factor: usize, most: usize, side: usize) -> std::ops::Range<usize> {
    let start = (at * most / factor.max(1)).min(side.saturating_sub(1));
    let end = ((at + 1) * most / factor.max(1)).clamp(start + 1, side.max(start + 1));
    start..end
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_means_and_the_odd_edge_stands_for_itself() {
        let plane = |width, height, factor| Plane {
            width,
            height,
            stride: 8,
            factors: (factor, factor),
        };
        let planes = [plane(3, 3, 2), plane(2, 2, 1)];
        let mut whole = Whole::new((3, 3), &planes, &JobControl::default()).unwrap();
        for (i, pair) in whole.samples_mut().chunks_exact_mut(2).enumerate() {
            pair.copy_from_slice(&[i as u8, 10 * i as u8]);
        }
        let row = |c: usize, y| {
            let mut out = [0; 8];
            whole.row(c, &planes[c], y, &mut out);
            out
        };
        let mut full = [0; 3];
        whole.full_row(1, 2, &mut full);
        assert_eq!(full, [60, 70, 80]);
        assert_eq!(row(0, 1)[..3], [3, 4, 5]);
        assert_eq!(row(1, 0)[..2], [20, 35]);
        assert_eq!(row(1, 1)[..2], [65, 80]);
    }
}
