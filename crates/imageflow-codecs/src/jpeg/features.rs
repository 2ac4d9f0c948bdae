//! What the frame header says besides its size: colour model, chroma subsampling, number of scans.

/// What the components are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ColorModel {
    Gray,
    YCbCr,
    Rgb,
    /// CMYK, or YCCK that becomes CMYK before anything else.
    Cmyk,
    Unknown,
}

/// Planes that can be averaged without making pixels of them first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Planes {
    Gray,
    YCbCr420,
}

/// What the frame header says besides its size.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Features {
    pub(super) color: ColorModel,
    pub(super) planes: Option<Planes>,
    /// Sampling factors, across and down, of each component.
    pub(super) factors: [(u32, u32); 4],
    pub(super) multiple_scans: bool,
    /// Coefficients per pixel of all components together: 1.5 for 4:2:0.
    pub(super) samples_per_pixel: f64,
}

impl Features {
    /// `sampling` has the factors of every component in the order of the frame header.
    pub(super) fn new(
        color: ColorModel,
        sampling: &[(u32, u32)],
        multiple_scans: bool,
    ) -> Features {
        let planes = match (color, sampling) {
            (ColorModel::Gray, [(1, 1)]) => Some(Planes::Gray),
            (ColorModel::YCbCr, [(2, 2), (1, 1), (1, 1)]) => Some(Planes::YCbCr420),
            _ => None,
        };
        let mut factors = [(1, 1); 4];
        for (factor, (h, v)) in factors.iter_mut().zip(sampling) {
            *factor = ((*h).clamp(1, 4), (*v).clamp(1, 4));
        }
        let counted = || factors.iter().take(sampling.len()).map(|(h, v)| h * v);
        let largest = counted().max().unwrap_or(1);
        let samples_per_pixel = f64::from(counted().sum::<u32>()) / f64::from(largest);
        Features {
            color,
            planes,
            factors,
            multiple_scans,
            samples_per_pixel,
        }
    }

    /// The sampling factors of gray or YCbCr whose luma is the largest and a multiple of the others.
    pub(super) fn scalable(&self) -> Option<&[(u32, u32)]> {
        let count = match self.color {
            ColorModel::Gray => 1,
            ColorModel::YCbCr => 3,
            _ => return None,
        };
        let factors = self.factors.get(..count)?;
        let &(h, v) = factors.first()?;
        let fits = factors
            .iter()
            .all(|(ch, cv)| h.is_multiple_of(*ch) && v.is_multiple_of(*cv));
        (fits && (count == 3 || (h, v) == (1, 1))).then_some(factors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_counted_per_pixel() {
        let color = Features::new(ColorModel::YCbCr, &[(2, 2), (1, 1), (1, 1)], false);
        assert_eq!(color.samples_per_pixel, 1.5);
        assert_eq!(color.planes, Some(Planes::YCbCr420));
        let gray = Features::new(ColorModel::Gray, &[(2, 2)], false);
        assert_eq!(gray.samples_per_pixel, 1.0);
        assert_eq!((gray.planes, gray.scalable()), (None, None));
    }

    #[test]
    fn chroma_that_does_not_divide_luma_cannot_be_scaled() {
        let odd = Features::new(ColorModel::YCbCr, &[(3, 1), (2, 1), (1, 1)], false);
        assert_eq!(odd.scalable(), None);
        let wide = Features::new(ColorModel::YCbCr, &[(4, 1), (1, 1), (1, 1)], false);
        assert_eq!(wide.scalable().map(<[_]>::len), Some(3));
    }
}
