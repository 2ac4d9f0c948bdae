//! Image sequences (`avis`): frames decoded in order, each the whole canvas.

use std::sync::Arc;

use imageflow_pixels::{
    FrameInfo, JobControl, Reservation, RowBuf, RowSource, RowsMut, StreamError,
};

use super::coding::{Coding, Planes};
use super::container::{Container, Data, malformed};
use super::decode::header;
use super::ffi::{DECODER_BYTES, Picture};
use super::mosaic::decoder;
use super::movie::{Frame, Movie, Track};
use super::render::Renderer;
use super::stream::Stream;
use crate::decoder::{DecodeOptions, Decoder, Header, check_total_pixels};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{Animation, AnimationFrame, FrameSource};

/// Opens a file by its tracks.
///
/// # Errors
/// [`CodecError::Malformed`].
pub(super) fn open(movie: &[u8], container: Container) -> Result<Box<dyn Decoder>, CodecError> {
    let movie = Movie::read(movie).map_err(malformed)?;
    let header = Header {
        multiple_frames: movie.color.frames.len() > 1,
        ..header(movie.color.layer.size, 1, movie.alpha.is_some())
    };
    Ok(Box::new(SequenceDecoder {
        header,
        movie,
        container,
    }))
}

struct SequenceDecoder {
    header: Header,
    movie: Movie,
    container: Container,
}

impl SequenceDecoder {
    fn frames(self, options: &DecodeOptions, control: &JobControl) -> Result<Frames, CodecError> {
        control.check()?;
        let Movie { color, alpha, .. } = &self.movie;
        let size = color.layer.size;
        Ok(Frames {
            info: FrameInfo::bgra8(size, self.header.alpha),
            color: decoder(&color.layer, control)?,
            alpha: match alpha {
                Some(alpha) => Some(decoder(&alpha.layer, control)?),
                None => None,
            },
            movie: self.movie,
            data: self.container.data,
            next: 0,
            renderer: None,
            options: *options,
            control: control.clone(),
            _reservation: control.reserve(Renderer::bytes_for(size.width()))?,
        })
    }
}

impl Decoder for SequenceDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        /// The frame handed out, and those the next ones usually refer to; a stream may keep eight.
        const PICTURES: u32 = 3;
        let tracks = std::iter::once(&self.movie.color).chain(&self.movie.alpha);
        let pictures: u64 = tracks
            .map(|track| DECODER_BYTES + track.layer.bytes_for(PICTURES))
            .sum();
        pictures + Renderer::bytes_for(self.header.stored.width())
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        let count = self.movie.color.frames.len();
        let wanted = options.select_frame.unwrap_or(0);
        let wanted = usize::try_from(wanted)
            .ok()
            .filter(|wanted| *wanted < count)
            .ok_or_else(|| {
                CodecError::InvalidArgument(format!(
                    "frame {wanted} does not exist: this AVIF file has {count} frames"
                ))
            })?;
        check_total_pixels(
            ImageFormat::Avif,
            wanted as u64 + 1,
            self.header.stored.area(),
            options.max_total_pixels,
        )?;
        let mut frames = self.frames(options, control)?;
        // Every frame may build on those before it.
        for _ in 0..wanted {
            frames.decode()?;
        }
        let pictures = frames
            .decode()?
            .ok_or_else(|| malformed("the frame is missing"))?;
        frames.renderer(pictures.color.coding())?;
        Ok(Box::new(FrameRows {
            frames,
            pictures,
            next: 0,
        }))
    }

    fn into_frames(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn FrameSource>, CodecError> {
        Ok(Box::new(self.frames(options, control)?))
    }
}

/// The frames that were not decoded yet.
struct Frames {
    info: FrameInfo,
    color: Stream,
    alpha: Option<Stream>,
    movie: Movie,
    data: Data,
    next: usize,
    /// For frames coded like the last one.
    renderer: Option<(Coding, Renderer)>,
    options: DecodeOptions,
    control: JobControl,
    _reservation: Reservation,
}

/// One frame.
struct Pictures {
    color: Picture,
    alpha: Option<Picture>,
    delay_ms: u32,
}

impl Frames {
    fn decode(&mut self) -> Result<Option<Pictures>, CodecError> {
        let at = self.next;
        let Some(Frame { delay_ms, .. }) = self.movie.color.frames.get(at).copied() else {
            return Ok(None);
        };
        self.next += 1;
        let (data, control) = (&mut self.data, &self.control);
        let color = picture(&mut self.color, &self.movie.color, at, data, control)?;
        let alpha = match (&mut self.alpha, &self.movie.alpha) {
            (Some(decoder), Some(track)) => Some(picture(decoder, track, at, data, control)?),
            _ => None,
        };
        Ok(Some(Pictures {
            color,
            alpha,
            delay_ms,
        }))
    }

    fn renderer(&mut self, coding: Coding) -> Result<&mut Renderer, CodecError> {
        if !matches!(&self.renderer, Some((known, _)) if *known == coding) {
            let size = self.info.size;
            let renderer = Renderer::new(
                (size.width(), size.height()),
                coding,
                &self.movie.color.meaning,
                self.movie.premultiplied,
                &self.options,
                &self.control,
            )?;
            self.renderer = Some((coding, renderer));
        }
        match &mut self.renderer {
            Some((_, renderer)) => Ok(renderer),
            None => Err(malformed("the frame cannot be rendered")),
        }
    }

    fn render(&mut self, pictures: &Pictures, y: u32, out: &mut [u8]) -> Result<(), CodecError> {
        let alpha = pictures.alpha.as_ref().map(|alpha| alpha as &dyn Planes);
        self.renderer(pictures.color.coding())?
            .row(&pictures.color, alpha, (0, y), out);
        Ok(())
    }
}

fn picture(
    decoder: &mut Stream,
    track: &Track,
    at: usize,
    data: &mut Data,
    control: &JobControl,
) -> Result<Picture, CodecError> {
    let frame = track.frames.get(at);
    let range = frame
        .map(|frame| (frame.offset, u64::from(frame.length)))
        .filter(|(start, length)| {
            start
                .checked_add(*length)
                .is_some_and(|end| end <= data.length)
        })
        .ok_or_else(|| malformed(format_args!("the file ends before frame {at}")))?;
    let coded = data.ranges(&[range], control)?;
    let picture = decoder.decode(coded)?;
    let size = track.layer.size;
    if picture.size() != (size.width(), size.height()) {
        let (width, height) = picture.size();
        return Err(malformed(format_args!(
            "frame {at} has a size of {width}x{height} instead of {size}"
        )));
    }
    Ok(picture)
}

impl FrameSource for Frames {
    fn animation(&self) -> Animation {
        Animation {
            size: self.info.size,
            alpha: self.info.alpha,
            plays: self.movie.color.plays,
        }
    }

    fn next_frame(&mut self) -> Result<Option<AnimationFrame>, CodecError> {
        let Some(pictures) = self.decode()? else {
            return Ok(None);
        };
        let mut canvas = RowBuf::whole(self.info, &self.control)?;
        let mut rows = canvas.all_mut();
        for y in rows.range() {
            self.render(&pictures, y, rows.row_mut(y))?;
        }
        Ok(Some(AnimationFrame {
            canvas: Arc::new(canvas),
            delay_ms: pictures.delay_ms,
        }))
    }
}

/// The rows of one frame.
struct FrameRows {
    frames: Frames,
    pictures: Pictures,
    next: u32,
}

impl RowSource for FrameRows {
    fn frame(&self) -> FrameInfo {
        self.frames.info
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        self.frames.control.check()?;
        for y in out.range() {
            self.frames
                .render(&self.pictures, self.next, out.row_mut(y))?;
            self.next += 1;
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
