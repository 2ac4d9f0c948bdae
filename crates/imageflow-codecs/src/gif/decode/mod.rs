//! Reading.
//!
//! ```text
//! Blocks: structure ─► Pixels: LZW to rows of indices ─► Canvas: rows of colours, disposal ─► frames, or the rows of one
//! ```
//!
//! Memory: one canvas; a second one while a frame that is to be undone is shown, or while somebody keeps a frame. Indices
//! are drawn row by row as they are decoded.

mod blocks;
mod canvas;
mod frames;
mod pixels;
mod trouble;

use std::sync::Arc;

use imageflow_pixels::{
    Alpha, FrameInfo, JobControl, RowBuf, RowSource, RowsMut, Size, StreamError,
};

use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::FrameSource;
use crate::input::Reader;
use blocks::{Blocks, Disposal, Image, Screen};
use frames::Frames;
use trouble::Trouble;

/// What a decoder holds besides canvases: code tables and a row of indices.
const FIXED_BYTES: u64 = 256 << 10;

/// Reads the logical screen and looks, without decoding, whether there is a second frame.
///
/// # Errors
/// [`CodecError::Malformed`] when the header is cut short or leaves no size, or a read error.
pub fn open(reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    control.check()?;
    let mut blocks = Blocks::new(reader, control);
    let screen = blocks.screen()?;
    let start = blocks.position()?;
    let survey = Survey::of(&mut blocks)?;
    blocks.rewind(start)?;
    let stored = size(&screen, survey.first.as_ref()).ok_or_else(|| {
        CodecError::malformed(
            ImageFormat::Gif,
            format_args!(
                "a size of {}x{} is not possible",
                screen.width, screen.height
            ),
        )
    })?;
    Ok(Box::new(GifDecoder {
        header: Header {
            format: ImageFormat::Gif,
            stored,
            orientation: 1,
            alpha: Alpha::Meaningful,
            lossless: false,
            multiple_frames: survey.several,
            can_shrink: false,
            can_scale: false,
            is_deep: false,
        },
        // A stored n is n repeats; see the module's documentation.
        plays: match blocks.repeats {
            None => 1,
            Some(0) => 0,
            Some(repeats) => u32::from(repeats) + 1,
        },
        blocks,
        screen,
    }))
}

/// What the block structure tells before anything is decoded.
struct Survey {
    first: Option<Image>,
    several: bool,
}

impl Survey {
    /// Looks up to the second image. Damage on the way is left for the decoder to find.
    fn of(blocks: &mut Blocks) -> Result<Survey, CodecError> {
        let mut survey = Survey {
            first: None,
            several: false,
        };
        let looked = (|| {
            survey.first = blocks.image()?;
            if survey.first.is_some() {
                blocks.skip_image_data()?;
                survey.several = blocks.image()?.is_some();
            }
            Ok(())
        })();
        match looked {
            Err(Trouble::Stop(error)) => Err(error),
            Ok(()) | Err(Trouble::Ended | Trouble::Broken(_)) => Ok(survey),
        }
    }
}

/// The size of the canvas: the logical screen's, or what the first frame needs where that is zero.
fn size(screen: &Screen, first: Option<&Image>) -> Option<Size> {
    let side = |screen: u16, start: fn(&Image) -> u16, length: fn(&Image) -> u16| match screen {
        0 => first.map_or(0, |image| {
            u32::from(start(image)) + u32::from(length(image))
        }),
        side => u32::from(side),
    };
    Size::new(
        side(screen.width, |image| image.left, |image| image.width),
        side(screen.height, |image| image.top, |image| image.height),
    )
}

/// Whether any frame may let something through: the canvas is transparent where nothing was drawn, or was taken away.
///
/// # Errors
/// A read error, or the job must stop. Damage ends the look.
pub fn may_be_transparent(reader: Reader, control: &JobControl) -> Result<bool, CodecError> {
    let mut blocks = Blocks::new(reader, control);
    match uncovered(&mut blocks) {
        Ok(uncovered) => Ok(uncovered),
        Err(Trouble::Stop(error)) => Err(error),
        Err(Trouble::Ended | Trouble::Broken(_)) => Ok(false),
    }
}

fn uncovered(blocks: &mut Blocks) -> Result<bool, Trouble> {
    let screen = blocks.screen()?;
    let mut first = None;
    // What the frame before leaves to the next one to cover: the whole canvas, at first.
    let mut open: Option<[u32; 4]> = None;
    while let Some(image) = blocks.image()? {
        let place = image.place();
        let canvas = *first.get_or_insert_with(|| {
            let canvas = size(&screen, Some(&image));
            canvas.map_or(place, |size| [0, 0, size.width(), size.height()])
        });
        let to_cover = match open {
            None => Some(canvas),
            Some(rectangle) => Some(rectangle).filter(|[x0, y0, x1, y1]| x0 < x1 && y0 < y1),
        };
        if let Some([x0, y0, x1, y1]) = to_cover {
            let [left, top, right, bottom] = place;
            let covers = left <= x0 && top <= y0 && right >= x1 && bottom >= y1;
            if !covers || image.control.transparent.is_some() {
                return Ok(true);
            }
        }
        open = Some(match image.control.disposal {
            Disposal::Background => place,
            // Before the first frame there was nothing.
            Disposal::Previous if open.is_none() => place,
            Disposal::Previous | Disposal::Keep => [0; 4],
        });
        blocks.skip_image_data()?;
    }
    Ok(false)
}

struct GifDecoder {
    header: Header,
    plays: u32,
    blocks: Blocks,
    screen: Screen,
}

impl GifDecoder {
    fn frames(self, options: &DecodeOptions, control: &JobControl) -> Result<Frames, CodecError> {
        Frames::new(
            self.blocks,
            self.screen.colors,
            self.header.stored,
            self.plays,
            options.max_total_pixels,
            control,
        )
    }
}

impl Decoder for GifDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        let info = FrameInfo::bgra8(self.header.stored, Alpha::Meaningful);
        let canvases = 1 + u64::from(self.header.multiple_frames);
        FIXED_BYTES + RowBuf::bytes_for(&info, info.size.height()) * canvases
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        let selected = options.select_frame.unwrap_or(0);
        // A negative number is no frame's; all are decoded, to say how many there are.
        let wanted = u64::try_from(selected).unwrap_or(u64::MAX);
        let mut frames = self.frames(options, control)?;
        loop {
            match frames.next_frame()? {
                Some(frame) if frames.decoded() > wanted => {
                    return Ok(Box::new(CanvasRows {
                        canvas: frame.canvas,
                        next: 0,
                    }));
                }
                Some(_) => {}
                None => {
                    return Err(CodecError::InvalidArgument(format!(
                        "frame={selected} requested but GIF only has {} frames",
                        frames.decoded()
                    )));
                }
            }
        }
    }

    fn into_frames(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn FrameSource>, CodecError> {
        Ok(Box::new(self.frames(options, control)?))
    }
}

/// The rows of one composited frame.
struct CanvasRows {
    canvas: Arc<RowBuf>,
    next: u32,
}

impl RowSource for CanvasRows {
    fn frame(&self) -> FrameInfo {
        *self.canvas.info()
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        let rows = self.canvas.all();
        for y in out.range() {
            out.row_mut(y).copy_from_slice(rows.row(self.next));
            self.next += 1;
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
