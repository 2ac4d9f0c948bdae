//! Frames in order, composited.

use imageflow_pixels::{Alpha, JobControl, Reservation, RowsMut, Size};

use super::FIXED_BYTES;
use super::blocks::{Blocks, Colors, Image};
use super::canvas::{Canvas, columns, visible};
use super::pixels::{Pixels, rows};
use super::trouble::Trouble;
use crate::decoder::check_total_pixels;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{Animation, AnimationFrame, FrameSource};

/// Pixels a frame may have; more only when the canvas has more. What lies outside the canvas is decoded for nothing.
const MAX_FRAME_PIXELS: u64 = 16 << 20;
/// Rows between two looks at the job's deadline.
const CHECK_ROWS: u32 = 32;

/// Decodes frame after frame.
pub(super) struct Frames {
    blocks: Blocks,
    global: Option<Colors>,
    canvas: Canvas,
    plays: u32,
    decoded: u64,
    max_total_pixels: Option<u64>,
    /// The animation ended, properly or in damage.
    ended: bool,
    control: JobControl,
    _reservation: Reservation,
}

impl Frames {
    /// `blocks` stands before the first block after the logical screen.
    pub(super) fn new(
        blocks: Blocks,
        global: Option<Colors>,
        size: Size,
        plays: u32,
        max_total_pixels: Option<u64>,
        control: &JobControl,
    ) -> Result<Frames, CodecError> {
        Ok(Frames {
            blocks,
            global,
            canvas: Canvas::new(size, control)?,
            plays,
            decoded: 0,
            max_total_pixels,
            ended: false,
            control: control.clone(),
            _reservation: control.reserve(FIXED_BYTES)?,
        })
    }

    /// Frames decoded so far.
    pub(super) fn decoded(&self) -> u64 {
        self.decoded
    }

    /// The descriptor of the next image, which is not too large.
    fn image(&mut self) -> Result<Option<Image>, Trouble> {
        self.control.check()?;
        let Some(image) = self.blocks.image()? else {
            return Ok(None);
        };
        self.count()?;
        let canvas = self.canvas.size();
        let area = u64::from(image.width) * u64::from(image.height);
        if area > MAX_FRAME_PIXELS.max(canvas.area()) {
            return Err(Trouble::Broken(format!(
                "a frame of {}x{} on a canvas of {canvas}",
                image.width, image.height
            )));
        }
        Ok(Some(image))
    }

    fn advance(&mut self) -> Result<Option<AnimationFrame>, Trouble> {
        let Some(image) = self.image()? else {
            return Ok(None);
        };
        let palette = Palette::new(&image, self.global.as_ref())?;
        let mut rows = self.canvas.begin(&image)?;
        draw(&mut self.blocks, &image, &palette, &mut rows, &self.control)?;
        self.decoded += 1;
        Ok(Some(AnimationFrame {
            canvas: self.canvas.shown(),
            delay_ms: delay_ms(&image),
        }))
    }

    fn pass_over(&mut self) -> Result<Option<u32>, Trouble> {
        let Some(image) = self.image()? else {
            return Ok(None);
        };
        self.blocks.skip_image_data()?;
        self.decoded += 1;
        Ok(Some(delay_ms(&image)))
    }

    /// Damage behind the first frame ends the animation there.
    fn ended<T>(&mut self, next: Result<Option<T>, Trouble>) -> Result<Option<T>, CodecError> {
        let next = match next {
            Err(Trouble::Broken(_)) if self.decoded > 0 => Ok(None),
            Ok(None) if self.decoded == 0 => {
                Err(Trouble::broken("there is no picture in the file"))
            }
            other => other,
        };
        self.ended = !matches!(next, Ok(Some(_)));
        Ok(next?)
    }

    /// Counts a frame against the limit.
    fn count(&self) -> Result<(), Trouble> {
        let frames = self.decoded.saturating_add(1);
        let frame_pixels = self.canvas.size().area();
        let limit = self.max_total_pixels;
        check_total_pixels(ImageFormat::Gif, frames, frame_pixels, limit).map_err(Trouble::Stop)
    }
}

impl FrameSource for Frames {
    fn animation(&self) -> Animation {
        Animation {
            size: self.canvas.size(),
            alpha: Alpha::Meaningful,
            plays: self.plays,
        }
    }

    fn next_frame(&mut self) -> Result<Option<AnimationFrame>, CodecError> {
        if self.ended {
            return Ok(None);
        }
        let next = self.advance();
        self.ended(next)
    }

    fn skip_frame(&mut self) -> Result<Option<u32>, CodecError> {
        if self.ended {
            return Ok(None);
        }
        let next = self.pass_over();
        self.ended(next)
    }
}

fn delay_ms(image: &Image) -> u32 {
    u32::from(image.control.delay) * 10
}

/// What the indices of one image mean.
struct Palette {
    /// Transparent black beyond the table.
    colors: [[u8; 4]; 256],
    transparent: Option<u8>,
}

impl Palette {
    fn new(image: &Image, global: Option<&Colors>) -> Result<Palette, Trouble> {
        let table = image
            .colors
            .as_ref()
            .or(global)
            .ok_or_else(|| Trouble::broken("a frame without a palette"))?;
        let mut colors = [[0; 4]; 256];
        for (slot, color) in colors.iter_mut().zip(table) {
            *slot = *color;
        }
        Ok(Palette {
            colors,
            transparent: image.control.transparent,
        })
    }

    fn paint(&self, indices: &[u8], bgra: &mut [u8]) {
        let pixels = bgra.as_chunks_mut::<4>().0.iter_mut().zip(indices);
        match self.transparent {
            None => pixels.for_each(|(pixel, index)| *pixel = self.colors[usize::from(*index)]),
            Some(transparent) => pixels
                .filter(|(_, index)| **index != transparent)
                .for_each(|(pixel, index)| *pixel = self.colors[usize::from(*index)]),
        }
    }
}

/// Draws an image, row by row as its data comes. Data that ends early leaves the rest as it was, as browsers do.
fn draw(
    blocks: &mut Blocks,
    image: &Image,
    palette: &Palette,
    canvas: &mut RowsMut<'_>,
    control: &JobControl,
) -> Result<(), Trouble> {
    let Some(rect) = visible(image, canvas.info().size) else {
        return blocks.skip_image_data();
    };
    let mut pixels = Pixels::new(blocks)?;
    let mut indices = vec![0; usize::from(image.width)];
    for (done, row) in (0u32..).zip(rows(u32::from(image.height), image.interlaced)) {
        if done.is_multiple_of(CHECK_ROWS) {
            control.check()?;
        }
        let y = u32::from(image.top) + row;
        if y >= rect.y1() && !image.interlaced {
            break;
        }
        let got = pixels.read(&mut indices)?;
        if y < rect.y1()
            && let Some(part) = canvas.row_mut(y).get_mut(columns(rect))
        {
            palette.paint(indices.get(..got).unwrap_or_default(), part);
        }
        if got < indices.len() {
            break;
        }
    }
    pixels.finish()
}
