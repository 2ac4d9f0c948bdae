//! Reading: header, then rows of the still picture or of one frame.

use imageflow_pixels::{
    FrameInfo, JobControl, Rect, Reservation, RowBuf, RowSource, RowsMut, StreamError,
};

use super::animation::Frames;
use super::canvas;
use super::container::{Riff, Span};
use super::contents::{Contents, Frame, Image, Pictures};
use super::malformed;
use super::picture::Picture;
use crate::color::{RgbTransform, embedded, leave_out};
use crate::decoder::{DecodeOptions, Decoder, Header, check_total_pixels};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::FrameSource;
use crate::input::Reader;
use crate::memory;

/// Bytes of a colour profile that are accepted.
const MAX_PROFILE: u64 = 16 << 20;
/// What a decoder holds besides pixels and the compressed bytes.
const FIXED_BYTES: u64 = 512 << 10;

/// Reads the header of a WebP.
///
/// # Errors
/// [`CodecError::Malformed`] or a read error.
pub fn open(reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    control.check()?;
    let mut riff = Riff::open(reader)?;
    let contents = Contents::read(&mut riff, control)?;
    Ok(Box::new(WebpDecoder { riff, contents }))
}

struct WebpDecoder {
    riff: Riff,
    contents: Contents,
}

impl WebpDecoder {
    /// Whether what is asked for is the first frame and that covers the canvas: no other pixel is needed.
    fn shows_only(&self, first: &Frame, options: &DecodeOptions) -> bool {
        matches!(options.select_frame, None | Some(0))
            && first.place == Rect::of(self.contents.header.stored)
    }

    fn frames(
        mut self,
        plays: u32,
        span: Span,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Frames, CodecError> {
        let color = color(&mut self.riff, self.contents.icc, options, control)?;
        Frames::new(
            self.riff,
            &self.contents.header,
            plays,
            span,
            color,
            control,
        )
    }
}

impl Decoder for WebpDecoder {
    fn header(&self) -> &Header {
        &self.contents.header
    }

    fn working_bytes(&self, options: &DecodeOptions) -> u64 {
        let canvas = self.contents.header.stored.area();
        FIXED_BYTES
            + match &self.contents.pictures {
                Pictures::Still(image) => image.bytes() + Picture::bytes(image),
                Pictures::Animation { first, .. } if self.shows_only(first, options) => {
                    first.image.bytes() + Picture::bytes(&first.image)
                }
                // The canvas, and a frame as large as it.
                Pictures::Animation { .. } => canvas.saturating_mul(4 + 8),
            }
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        let stored = self.contents.header.stored;
        let frame = FrameInfo::bgra8(stored, self.contents.header.alpha);
        let (image, blend) = match self.contents.pictures {
            Pictures::Still(image) => (image, false),
            Pictures::Animation { first, .. } if self.shows_only(&first, options) => {
                let limit = options.max_total_pixels;
                check_total_pixels(ImageFormat::WebP, 1, stored.area(), limit)?;
                (first.image, first.blends())
            }
            Pictures::Animation { plays, frames, .. } => {
                let frames = self.frames(plays, frames, options, control)?;
                return Ok(Box::new(FrameRows::new(frame, frames, options)?));
            }
        };
        let WebpDecoder { mut riff, contents } = *self;
        let color = color(&mut riff, contents.icc, options, control)?;
        let picture = image.open(&mut riff, control)?;
        Ok(Box::new(StillRows {
            frame,
            picture,
            color,
            blend,
            next: 0,
        }))
    }

    fn into_frames(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn FrameSource>, CodecError> {
        match self.contents.pictures {
            Pictures::Still(_) => Err(CodecError::InvalidArgument(
                "this WebP file has a single frame".to_owned(),
            )),
            Pictures::Animation { plays, frames, .. } => {
                Ok(Box::new(self.frames(plays, frames, options, control)?))
            }
        }
    }
}

/// The transform to sRGB; `None` when the pixels are sRGB already or nobody wants it.
fn color(
    riff: &mut Riff,
    icc: Option<Span>,
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<Option<RgbTransform>, CodecError> {
    let Some(span) = icc.filter(|_| !options.discard_color_profile) else {
        return Ok(None);
    };
    let format = ImageFormat::WebP;
    if span.len > MAX_PROFILE {
        let message = format!("{} bytes exceed the limit of {MAX_PROFILE}", span.len);
        return leave_out(format, message, options, control).map(|()| None);
    }
    let mut profile = Vec::new();
    riff.append(span, &mut profile)?;
    Ok(embedded(format, &profile, false, options, control)?.transform())
}

impl Image {
    /// Bytes of the chunks.
    pub(super) fn bytes(&self) -> u64 {
        self.bitstream
            .len
            .saturating_add(self.alpha_chunk.map_or(0, |alpha| alpha.len))
    }

    /// Reads the chunks and prepares decoding.
    ///
    /// # Errors
    /// When the job's memory does not suffice or reading fails.
    pub(super) fn open(
        &self,
        riff: &mut Riff,
        control: &JobControl,
    ) -> Result<Picture, CodecError> {
        let chunks = Chunks::read(self, riff, control)?;
        Picture::new(chunks, self, control)
    }
}

/// The compressed bytes of a picture: ALPH, if there is one, and the bitstream, with their chunk headers.
pub(super) struct Chunks {
    pub(super) bytes: Vec<u8>,
    _reservation: Reservation,
}

impl Chunks {
    fn read(image: &Image, riff: &mut Riff, control: &JobControl) -> Result<Chunks, CodecError> {
        let reservation = control.reserve(image.bytes())?;
        let mut chunks = memory::room(image.bytes())?;
        for span in image.alpha_chunk.into_iter().chain([image.bitstream]) {
            riff.append(span, &mut chunks)?;
        }
        Ok(Chunks {
            bytes: chunks,
            _reservation: reservation,
        })
    }
}

struct StillRows {
    frame: FrameInfo,
    picture: Picture,
    color: Option<RgbTransform>,
    /// Transparent pixels have no colour, as on a canvas.
    blend: bool,
    next: u32,
}

impl RowSource for StillRows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            let row = out.row_mut(y);
            row.copy_from_slice(self.picture.row(self.next)?);
            self.next += 1;
            if let Some(color) = &mut self.color {
                color.apply(row);
            }
            if self.blend {
                canvas::clear_colors(row);
            }
        }
        if self.next == self.frame.size.height() {
            self.picture.finish()?;
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}

/// The rows of one frame of an animation.
struct FrameRows {
    frame: FrameInfo,
    frames: Frames,
    /// Frames still to be passed over before the wanted one.
    passed_over: u32,
    canvas: Option<std::sync::Arc<RowBuf>>,
    next: u32,
}

impl FrameRows {
    fn new(
        frame: FrameInfo,
        mut frames: Frames,
        options: &DecodeOptions,
    ) -> Result<FrameRows, CodecError> {
        let wanted = options.select_frame.unwrap_or(0);
        let passed_over = match u32::try_from(wanted) {
            Ok(0) => 0,
            wanted_frame => {
                let count = frames.count()?;
                wanted_frame
                    .ok()
                    .filter(|wanted| *wanted < count)
                    .ok_or_else(|| {
                        CodecError::InvalidArgument(format!(
                            "frame={wanted} requested but WebP only has {count} frames"
                        ))
                    })?
            }
        };
        check_total_pixels(
            ImageFormat::WebP,
            u64::from(passed_over) + 1,
            frame.size.area(),
            options.max_total_pixels,
        )?;
        Ok(FrameRows {
            frame,
            frames,
            passed_over,
            canvas: None,
            next: 0,
        })
    }

    fn compose(&mut self) -> Result<&RowBuf, CodecError> {
        if self.canvas.is_none() {
            for _ in 0..self.passed_over {
                self.frames.next_frame()?;
            }
            let frame = self
                .frames
                .next_frame()?
                .ok_or_else(|| malformed("the wanted frame is damaged"))?;
            self.canvas = Some(frame.canvas);
        }
        self.canvas.as_deref().ok_or_else(|| malformed("no frame"))
    }
}

impl RowSource for FrameRows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        let first = self.next;
        self.next += out.range().len() as u32;
        let canvas = self.compose()?.all();
        for (y, from) in out.range().zip(first..) {
            out.row_mut(y).copy_from_slice(canvas.row(from));
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
