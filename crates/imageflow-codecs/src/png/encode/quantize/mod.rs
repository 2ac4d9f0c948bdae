//! Choosing up to 256 colours.
//!
//! Opaque frames: `quantizr` (MIT) in every build. With the dithering of this crate its palettes were best of the
//! candidates at 256 colours on a 3.4-megapixel screenshot (72.9 ssimulacra2 in 930 KB, against 69.1 in 1030 KB for a Wu
//! palette and 68.5 in 975 KB for `imagequant` at a comparable time) and equal on photos.
//! Frames with alpha, and opaque ones at speeds 1 and 2: `imagequant` when the feature of that name is on.
//!
//! One quality scale serves both: it depends on the mean squared error alone (see [`quality_of`]).

#[cfg(feature = "imagequant")]
mod thorough;
mod swift;

use imageflow_pixels::JobControl;

use super::dither::Ditherer;
use crate::error::CodecError;

/// What the caller asks of a palette.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wish {
    /// 0..=100; fewer colours are used when they reach it.
    pub(super) quality: u8,
    /// 0..=quality; no palette is made that stays below.
    pub(super) min_quality: u8,
    /// 1..=10.
    pub(super) speed: u8,
}

/// A picture with more colours than a palette can hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picture<'a> {
    /// B, G, R, A.
    pub(super) bgra: &'a [u8],
    pub(super) width: usize,
    pub(super) opaque: bool,
}

/// Pixels looked at to measure a palette.
const SAMPLE: usize = 1 << 16;

/// Chooses colours, B, G, R, A; `None` when [`Wish::min_quality`] cannot be reached.
pub(super) fn palette(picture: Picture<'_>, wish: Wish, control: &JobControl) -> Result<Option<Vec<[u8; 4]>>, CodecError> {
    control.check()?;
    let rgba: Vec<[u8; 4]> = picture.bgra.as_chunks::<4>().0.iter().map(|[b, g, r, a]| [*r, *g, *b, *a]).collect();
    let candidates = Candidates::new(&rgba, picture, wish);
    let full = candidates.colors(256, control)?;
    let reached = quality(&full, picture);
    if reached < f64::from(wish.min_quality) {
        return Ok(None);
    }
    if wish.quality == 100 || reached <= f64::from(wish.quality) {
        return Ok(Some(full));
    }
    // Fewest colours that reach the wish: quality grows with their number.
    let (mut enough, mut colors) = (256, full);
    let mut too_few = 1;
    while enough - too_few > 1 + enough / 16 {
        let middle = (enough + too_few) / 2;
        let fewer = candidates.colors(middle, control)?;
        if quality(&fewer, picture) >= f64::from(wish.quality) {
            (enough, colors) = (middle, fewer);
        } else {
            too_few = middle;
        }
    }
    Ok(Some(colors))
}

/// A quantiser that has seen the picture and can be asked for palettes of several sizes.
enum Candidates<'a> {
    Swift(swift::Swift),
    #[cfg(feature = "imagequant")]
    Thorough(thorough::Thorough<'a>),
    #[cfg(not(feature = "imagequant"))]
    #[allow(dead_code, reason = "carries the lifetime that only the other quantiser needs")]
    Never(std::marker::PhantomData<&'a ()>, std::convert::Infallible),
}

impl<'a> Candidates<'a> {
    fn new(rgba: &'a [[u8; 4]], picture: Picture<'_>, wish: Wish) -> Candidates<'a> {
        #[cfg(feature = "imagequant")]
        if !picture.opaque || wish.speed <= 2 {
            return Candidates::Thorough(thorough::Thorough::new(rgba, picture.width, wish.speed));
        }
        let _ = wish;
        Candidates::Swift(swift::Swift::new(rgba, picture.width))
    }

    fn colors(&self, count: u16, control: &JobControl) -> Result<Vec<[u8; 4]>, CodecError> {
        control.check()?;
        match self {
            Candidates::Swift(swift) => swift.colors(count),
            #[cfg(feature = "imagequant")]
            Candidates::Thorough(thorough) => thorough.colors(count, control),
            #[cfg(not(feature = "imagequant"))]
            Candidates::Never(..) => Ok(Vec::new()),
        }
    }
}

/// The quality of a palette for a picture, before dithering.
fn quality(palette: &[[u8; 4]], picture: Picture<'_>) -> f64 {
    let mut ditherer = Ditherer::new(palette, picture.opaque, 1);
    let pixels = picture.bgra.as_chunks::<4>().0;
    // An odd step does not fall into step with rows of even width.
    let step = (pixels.len() / SAMPLE).max(1) | 1;
    let (sum, count) = pixels.iter().step_by(step).fold((0.0, 0u32), |(sum, count), pixel| (sum + ditherer.error(*pixel), count + 1));
    quality_of(sum / f64::from(count.max(1)))
}

/// Quality 0..=100 of a mean squared error in 8-bit units.
fn quality_of(mse: f64) -> f64 {
    (100.0 - 4.0 * mse.sqrt()).clamp(0.0, 100.0)
}
