//! Choosing up to 256 colours.
//!
//! Opaque frames: `quantizr` (MIT) in every build. With the dithering of this crate, before refinement, 256 of its colours
//! scored 72.9 ssimulacra2 in 930 KB on a 3.4-megapixel screenshot, against 69.1 in 1030 KB for a Wu palette (`quantette`)
//! and 68.5 in 975 KB for `imagequant` at speed 8. On two photos it was 0.5-0.8 below the Wu palette.
//! Frames with alpha, and opaque ones at speeds 1 and 2: `imagequant` when the feature of that name is on.
//!
//! One quality scale serves both: it depends on the mean squared error alone (see [`quality_of`]).

mod swift;
#[cfg(feature = "imagequant")]
mod thorough;

use imageflow_pixels::JobControl;

use super::dither::Ditherer;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// What the caller asks of a palette.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wish {
    /// 0..=100; fewer colours are used when they reach it.
    pub(crate) quality: u8,
    /// 0..=quality; no palette is made that stays below.
    pub(crate) min_quality: u8,
    /// 1..=10.
    pub(crate) speed: u8,
    /// The most colours, 2..=256.
    pub(crate) colors: u16,
    /// Whose encoder asks.
    pub(crate) format: ImageFormat,
}

/// A picture with more colours than a palette can hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Picture<'a> {
    /// B, G, R, A.
    pub(crate) bgra: &'a [u8],
    pub(crate) width: usize,
    pub(crate) opaque: bool,
}

/// Pixels looked at to measure a palette.
const SAMPLE: usize = 1 << 16;
/// Pixels looked at between two looks at whether the job goes on.
const PIECE: usize = 1 << 13;

/// Bytes held while colours are chosen for a picture of this size, itself not counted.
pub(crate) fn working_bytes(pixels: u64, opaque: bool, speed: u8) -> u64 {
    #[cfg(feature = "imagequant")]
    if !opaque || speed <= 2 {
        return thorough::working_bytes(pixels);
    }
    let _ = (pixels, opaque, speed);
    swift::BYTES
}

/// Chooses colours, B, G, R, A; `None` when [`Wish::min_quality`] cannot be reached.
pub(crate) fn palette(
    picture: Picture<'_>,
    wish: Wish,
    control: &JobControl,
) -> Result<Option<Vec<[u8; 4]>>, CodecError> {
    control.check()?;
    let candidates = Candidates::new(picture, wish, control)?;
    let make = |count| refined(candidates.colors(count, control)?, picture, control);
    let full = make(wish.colors)?;
    if (wish.quality, wish.min_quality) == (100, 0) {
        return Ok(Some(full));
    }
    let reached = quality(&full, picture);
    if reached < f64::from(wish.min_quality) {
        return Ok(None);
    }
    if wish.quality == 100 || reached <= f64::from(wish.quality) {
        return Ok(Some(full));
    }
    // Fewest colours that reach the wish: quality grows with their number.
    let (mut enough, mut colors) = (wish.colors, full);
    let mut too_few = 1;
    while enough - too_few > 1 + enough / 16 {
        let middle = (enough + too_few) / 2;
        let fewer = make(middle)?;
        if quality(&fewer, picture) >= f64::from(wish.quality) {
            (enough, colors) = (middle, fewer);
        } else {
            too_few = middle;
        }
    }
    Ok(Some(colors))
}

/// A quantiser that has seen the picture and can be asked for palettes of several sizes.
enum Candidates {
    Swift(swift::Swift),
    #[cfg(feature = "imagequant")]
    Thorough(thorough::Thorough),
}

impl Candidates {
    fn new(
        picture: Picture<'_>,
        wish: Wish,
        control: &JobControl,
    ) -> Result<Candidates, CodecError> {
        #[cfg(feature = "imagequant")]
        if !picture.opaque || wish.speed <= 2 {
            let thorough = thorough::Thorough::new(picture.bgra, picture.width, wish, control)?;
            return Ok(Candidates::Thorough(thorough));
        }
        let _ = picture.width;
        let swift = swift::Swift::new(picture.bgra, wish.format, control)?;
        Ok(Candidates::Swift(swift))
    }

    fn colors(&self, count: u16, control: &JobControl) -> Result<Vec<[u8; 4]>, CodecError> {
        control.check()?;
        match self {
            Candidates::Swift(swift) => swift.colors(count, control),
            #[cfg(feature = "imagequant")]
            Candidates::Thorough(thorough) => thorough.colors(count, control),
        }
    }
}

/// Evenly spread pixels.
fn sample(picture: Picture<'_>) -> impl Iterator<Item = [u8; 4]> + '_ {
    let pixels = picture.bgra.as_chunks::<4>().0;
    // An odd step does not fall into step with rows of even width.
    pixels
        .iter()
        .step_by((pixels.len() / SAMPLE).max(1) | 1)
        .copied()
}

/// Moves each colour to the mean of the pixels it stands for, in the metric of the ditherer (Lloyd 1957). Four rounds are
/// worth 0.5-1.6 ssimulacra2 for a few milliseconds. Opaque pictures only: means of straight alpha mean little.
fn refined(
    mut colors: Vec<[u8; 4]>,
    picture: Picture<'_>,
    control: &JobControl,
) -> Result<Vec<[u8; 4]>, CodecError> {
    const ROUNDS: usize = 4;
    for _ in 0..if picture.opaque { ROUNDS } else { 0 } {
        let mut ditherer = Ditherer::new(&colors, true, 1);
        let mut sums = vec![[0u32; 4]; colors.len()];
        for (n, [b, g, r, _]) in sample(picture).enumerate() {
            if n.is_multiple_of(PIECE) {
                control.check()?;
            }
            if let Some(sum) = sums.get_mut(usize::from(ditherer.index([b, g, r, 255]))) {
                for (total, value) in sum.iter_mut().zip([b, g, r, 1]) {
                    *total += u32::from(value);
                }
            }
        }
        for (color, [b, g, r, count]) in colors.iter_mut().zip(sums) {
            let mean = |sum: u32| {
                sum.checked_div(count)
                    .map(|_| ((sum + count / 2) / count) as u8)
            };
            if let (Some(b), Some(g), Some(r)) = (mean(b), mean(g), mean(r)) {
                *color = [b, g, r, 255];
            }
        }
    }
    control.check()?;
    Ok(colors)
}

/// The quality of a palette for a picture, before dithering.
fn quality(palette: &[[u8; 4]], picture: Picture<'_>) -> f64 {
    let mut ditherer = Ditherer::new(palette, picture.opaque, 1);
    let (sum, count) = sample(picture).fold((0.0, 0u32), |(sum, count), pixel| {
        (sum + ditherer.error(pixel), count + 1)
    });
    quality_of(sum / f64::from(count.max(1)))
}

/// Quality 0..=100 of a mean squared error in 8-bit units, for numbers that mean what users of pngquant expect.
///
/// The exponential was fitted to what that program's library reports for seven pictures at 4 to 256 colours: within 5 of
/// its value for errors up to 20, within 15 above (which it weighs by content).
fn quality_of(mse: f64) -> f64 {
    100.0 * (-mse / 45.0).exp()
}
