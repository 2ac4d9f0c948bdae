//! Choosing up to 256 colours.
//!
//! `quantizr` (MIT) in the default build. With the dithering of this crate, before refinement, 256 of its colours
//! scored 72.9 ssimulacra2 in 930 KB on a 3.4-megapixel screenshot, against 69.1 in 1030 KB for a Wu palette (`quantette`)
//! and 68.5 in 975 KB for `imagequant` at speed 8. On two photos it was 0.5-0.8 below the Wu palette.
//! With the feature `imagequant` (GPL) it is that library for frames with alpha, and for opaque ones at speeds 1 and 2.
//!
//! One quality scale serves both: it depends on the mean squared error alone (see [`quality_of`]).

mod swift;
#[cfg(feature = "imagequant")]
mod thorough;

use imageflow_pixels::JobControl;

use super::dither::{Ditherer, premultiplied};
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
        let swift = swift::Swift::new(picture, wish.format, control)?;
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
/// worth 0.5-1.6 ssimulacra2 for a few milliseconds.
fn refined(
    mut colors: Vec<[u8; 4]>,
    picture: Picture<'_>,
    control: &JobControl,
) -> Result<Vec<[u8; 4]>, CodecError> {
    const ROUNDS: usize = 4;
    for _ in 0..ROUNDS {
        let mut ditherer = Ditherer::new(&colors, picture.opaque, 1);
        let mut sums = vec![Sum::default(); colors.len()];
        for (n, pixel) in sample(picture).enumerate() {
            if n.is_multiple_of(PIECE) {
                control.check()?;
            }
            let pixel = match pixel {
                [b, g, r, _] if picture.opaque => [b, g, r, 255],
                pixel => pixel,
            };
            if let Some(sum) = sums.get_mut(usize::from(ditherer.index(pixel))) {
                sum.add(pixel);
            }
        }
        for (color, sum) in colors.iter_mut().zip(sums) {
            *color = sum.mean(*color);
        }
    }
    control.check()?;
    Ok(colors)
}

/// Pixels together, premultiplied: there colours are as far apart as they are seen to be.
#[derive(Clone, Copy, Default)]
struct Sum {
    bgra: [i32; 4],
    count: i32,
}

impl Sum {
    /// At most [`SAMPLE`] and half as many again are added: below 2^25 for a channel.
    fn add(&mut self, pixel: [u8; 4]) {
        for (total, value) in self.bgra.iter_mut().zip(premultiplied(pixel)) {
            *total += value;
        }
        self.count += 1;
    }

    /// The straight colour nearest to all of them. One that was opaque or transparent stays so: what is solid must not get
    /// holes, nor what is empty a veil.
    fn mean(self, before: [u8; 4]) -> [u8; 4] {
        let Sum {
            bgra: [b, g, r, a],
            count,
        } = self;
        let alpha = (a + count / 2).checked_div(count).unwrap_or(0);
        match before {
            [.., 0] => before,
            _ if count == 0 || alpha == 0 => before,
            [.., 255] => {
                // Halfway between what shows over black and over white.
                let over = |c: i32| ((c + (255 * count - a) / 2 + count / 2) / count).clamp(0, 255);
                let [b, g, r] = [b, g, r].map(|c| over(c) as u8);
                [b, g, r, 255]
            }
            _ => {
                let (total, half) = (i64::from(a), i64::from(a) / 2);
                let straight = |c: i32| ((i64::from(c) * 255 + half) / total).clamp(0, 255) as u8;
                let [b, g, r] = [b, g, r].map(straight);
                [b, g, r, alpha as u8]
            }
        }
    }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SIDE: u32 = 128;

    /// Pictures with alpha as graphics have it: a glow, a coloured disc with a soft edge, a veil over a photo-like texture.
    fn pictures() -> [(&'static str, Vec<u8>); 3] {
        let each = |pixel: &dyn Fn(f32, f32) -> [f32; 4]| {
            let pixels = (0..SIDE * SIDE).map(|i| {
                let at = |v: u32| v as f32 / SIDE as f32 * 2.0 - 1.0;
                pixel(at(i % SIDE), at(i / SIDE)).map(|v| (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
            });
            pixels.flatten().collect()
        };
        let texture = |x: f32, y: f32| {
            ((x * 23.0).sin() * (y * 17.0).cos() + (x * y * 9.0).sin()) / 4.0 + 0.5
        };
        [
            (
                "glow",
                each(&|x, y| [1.0, 0.8 - y / 4.0, 0.4 + x / 3.0, 1.0 - x.hypot(y)]),
            ),
            (
                "disc",
                each(&|x, y| [x / 2.0 + 0.5, y / 2.0 + 0.5, 0.3, (0.8 - x.hypot(y)) * 20.0]),
            ),
            (
                "veil",
                each(&|x, y| [texture(x, y), texture(y, x), texture(-x, y), x / 2.0 + 0.5]),
            ),
        ]
    }

    fn wish(speed: u8) -> Wish {
        Wish {
            quality: 100,
            min_quality: 0,
            speed,
            colors: 256,
            format: ImageFormat::Png,
        }
    }

    #[test]
    fn palettes_of_pictures_with_alpha_are_good() {
        for ((name, bgra), least) in pictures().iter().zip([92.0, 86.0, 48.0]) {
            let picture = Picture {
                bgra,
                width: SIDE as usize,
                opaque: false,
            };
            let colors = palette(picture, wish(4), &JobControl::default())
                .unwrap()
                .unwrap();
            let reached = quality(&colors, picture);
            assert!(colors.len() <= 256 && reached >= least, "{name}: {reached}");
        }
    }

    /// The default build gives up nothing by leaving the GPL out.
    #[cfg(feature = "imagequant")]
    #[test]
    fn the_default_quantiser_is_as_good_with_alpha() {
        let control = JobControl::default();
        for (name, bgra) in pictures() {
            let picture = Picture {
                bgra: &bgra,
                width: SIDE as usize,
                opaque: false,
            };
            let of = |candidates: Candidates| {
                let colors = candidates.colors(256, &control).unwrap();
                quality(&refined(colors, picture, &control).unwrap(), picture)
            };
            let thorough = Candidates::new(picture, wish(4), &control).unwrap();
            assert!(matches!(thorough, Candidates::Thorough(_)));
            let swift = swift::Swift::new(picture, ImageFormat::Png, &control).unwrap();
            let (swift, thorough) = (of(Candidates::Swift(swift)), of(thorough));
            println!("{name}: quantizr {swift:.1}, imagequant {thorough:.1}");
            assert!(swift >= thorough - 1.0, "{name}: {swift} and {thorough}");
        }
    }
}
