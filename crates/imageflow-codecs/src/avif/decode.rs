//! Reading: the header from the container, then rows of the still picture, or frames of the sequence.

use imageflow_pixels::{
    Alpha, FrameInfo, JobControl, Rect, Reservation, RowSource, RowsMut, Size, StreamError,
};

use super::coding::Planes;
use super::container::{Container, malformed};
use super::description::Description;
use super::ffi::DECODER_BYTES;
use super::meta::Meta;
use super::mosaic::Mosaic;
use super::render::Renderer;
use super::rgb::ToRgb;
use super::sequence;
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Rows between two looks at the job's deadline.
const CHECK_ROWS: u32 = 32;

/// Reads the header.
///
/// # Errors
/// [`CodecError::Malformed`] or a read error.
pub fn open(reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    control.check()?;
    let mut container = Container::open(reader, control)?;
    if let Some(movie) = container.movie.take() {
        return sequence::open(&movie, container);
    }
    let Container { meta, data, .. } = &mut container;
    let meta = meta
        .take()
        .ok_or_else(|| malformed("the file describes no picture"))?;
    let mut failure = None;
    let description = Description::of(&meta, &mut |item| match data.item(&meta, item, control) {
        Ok((bytes, _held)) => Some(bytes),
        Err(error) => {
            failure = Some(error);
            None
        }
    });
    let description =
        description.map_err(|message| failure.unwrap_or_else(|| malformed(message)))?;
    let size = description.shown.size();
    let header = header(size, description.orientation, description.alpha.is_some());
    Ok(Box::new(StillDecoder {
        header,
        description,
        meta,
        container,
    }))
}

/// The header of a file with a single frame.
pub(super) fn header(stored: Size, orientation: u8, alpha: bool) -> Header {
    Header {
        format: ImageFormat::Avif,
        stored,
        orientation,
        alpha: if alpha {
            Alpha::Meaningful
        } else {
            Alpha::Opaque
        },
        // A bitstream can be lossless, but the header does not tell.
        lossless: false,
        multiple_frames: false,
        can_shrink: false,
        can_scale: false,
        is_deep: false,
    }
}

struct StillDecoder {
    header: Header,
    description: Description,
    meta: Meta,
    container: Container,
}

impl Decoder for StillDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        let layers = std::iter::once(&self.description.color).chain(&self.description.alpha);
        let pictures: u64 = layers
            // Two rows of cells where chroma is interpolated across their border.
            .map(|layer| DECODER_BYTES + layer.bytes_for(layer.rows.min(2)))
            .sum();
        pictures + Renderer::bytes_for(self.description.color.size.width())
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        control.check()?;
        let Description {
            shown,
            color,
            alpha,
            premultiplied,
            meaning,
            ..
        } = self.description;
        let size = color.size;
        let reservation = control.reserve(Renderer::bytes_for(size.width()))?;
        let mut layers = Layers {
            height: size.height(),
            color: Mosaic::new(color, control)?,
            alpha: alpha.map(|alpha| Mosaic::new(alpha, control)).transpose()?,
            meta: self.meta,
            container: self.container,
            control: control.clone(),
        };
        // How the pictures are coded is known when the first is decoded.
        layers.prepare(shown.y0())?;
        let renderer = Renderer::new(
            (size.width(), size.height()),
            layers.color.coding(),
            &meaning,
            premultiplied,
            options,
            control,
        )?;
        Ok(Box::new(StillRows {
            frame: FrameInfo::bgra8(shown.size(), self.header.alpha),
            shown,
            layers,
            renderer,
            next: 0,
            _reservation: reservation,
        }))
    }
}

/// Colour and alpha, decoded as far as needed.
struct Layers {
    height: u32,
    color: Mosaic,
    alpha: Option<Mosaic>,
    meta: Meta,
    container: Container,
    control: JobControl,
}

impl Layers {
    /// Makes sure that row `y` of the whole picture can be rendered.
    fn prepare(&mut self, y: u32) -> Result<(), CodecError> {
        let needs = ToRgb::needs(y, self.height);
        for layer in std::iter::once(&mut self.color).chain(&mut self.alpha) {
            layer.prepare(needs, &self.meta, &mut self.container.data, &self.control)?;
        }
        Ok(())
    }
}

struct StillRows {
    frame: FrameInfo,
    shown: Rect,
    layers: Layers,
    renderer: Renderer,
    next: u32,
    _reservation: Reservation,
}

impl StillRows {
    fn render(&mut self, row: u32, out: &mut [u8]) -> Result<(), CodecError> {
        if row.is_multiple_of(CHECK_ROWS) {
            self.layers.control.check()?;
        }
        let y = self.shown.y0() + row;
        self.layers.prepare(y)?;
        let alpha = self.layers.alpha.as_ref().map(|alpha| alpha as &dyn Planes);
        self.renderer
            .row(&self.layers.color, alpha, (self.shown.x0(), y), out);
        Ok(())
    }
}

impl RowSource for StillRows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            self.render(self.next, out.row_mut(y))?;
            self.next += 1;
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
