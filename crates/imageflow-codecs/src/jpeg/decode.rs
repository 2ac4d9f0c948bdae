//! The JPEG decoder: header, metadata, and the choice between pixels and linear-light blocks.

use imageflow_pixels::{Alpha, FrameInfo, JobControl, RowSource, RowsMut, StreamError};

use super::Inks;
use super::features::ColorModel;
use super::ffi_decode::Decompressor;
use super::opened::Opened;
use super::plane_reader::PlaneReader;
use super::scaled::Scaled;
use super::shrink::Shrunk;
use super::transform::Transform;
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// What the library hands out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pixels {
    Bgrx,
    Cmyk,
    Raw,
}

struct JpegDecoder {
    opened: Opened,
    library: Decompressor,
}

/// Reads the header of a JPEG.
pub(crate) fn open_as(
    reader: Reader,
    inks: Inks,
    control: &JobControl,
) -> Result<Box<dyn Decoder>, CodecError> {
    let file_bytes = reader.total_bytes();
    let mut library = Decompressor::open(reader, control)?;
    let features = library.features();
    let opened = Opened::new(
        (library.width(), library.height()),
        features,
        &library.take_markers(),
        inks,
        file_bytes,
    )?;
    Ok(Box::new(JpegDecoder { opened, library }))
}

impl Decoder for JpegDecoder {
    fn header(&self) -> &Header {
        &self.opened.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        let tables = 256 << 10;
        if !self.opened.features.multiple_scans {
            return tables + u64::from(self.opened.header.stored.width()) * 64;
        }
        // Two bytes for every coefficient of every component.
        tables + (self.opened.samples() * 2.0) as u64
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        self.opened.check_data()?;
        let reserved = control.reserve(self.working_bytes(options))?;
        let Opened {
            header, features, ..
        } = &self.opened;
        let planes = self.opened.shrinkable(options);
        let scale = options
            .block_scale
            .filter(|_| header.can_scale && planes.is_none());
        if let (Some(scale), Some(factors)) = (scale, features.scalable()) {
            let rows = Rows {
                library: self.library,
                pixels: Pixels::Raw,
                control: control.clone(),
                started: false,
                _reserved: reserved,
            };
            return Ok(Box::new(Scaled::new(
                rows,
                header.stored,
                factors,
                scale.eighths,
                scale.gamma,
            )?));
        }
        let transform = if planes.is_some() {
            Transform::None
        } else {
            self.opened.transform(options, control)?
        };
        let pixels = match (&planes, features.color) {
            (Some(_), _) => Pixels::Raw,
            (None, ColorModel::Cmyk) => Pixels::Cmyk,
            (None, ColorModel::Unknown) => {
                return Err(CodecError::malformed(
                    ImageFormat::Jpeg,
                    "the number of colour components is not 1, 3 or 4",
                ));
            }
            _ => Pixels::Bgrx,
        };
        let rows = Rows {
            library: self.library,
            pixels,
            control: control.clone(),
            started: false,
            _reserved: reserved,
        };
        Ok(match planes {
            Some(planes) => Box::new(Shrunk::new(
                rows,
                header.stored,
                planes,
                options.linear_shrink,
            )?),
            None => Box::new(Pixelwise {
                frame: FrameInfo::bgra8(header.stored, Alpha::Opaque),
                rows,
                transform,
                cmyk: Vec::new(),
            }),
        })
    }
}

/// The library, started when the first row is asked for.
struct Rows {
    library: Decompressor,
    pixels: Pixels,
    control: JobControl,
    started: bool,
    _reserved: imageflow_pixels::Reservation,
}

impl Rows {
    /// The library, ready to give rows.
    fn library(&mut self) -> Result<&mut Decompressor, CodecError> {
        self.control.check()?;
        if !self.started {
            self.library.start(self.pixels)?;
            self.started = true;
        }
        Ok(&mut self.library)
    }
}

impl PlaneReader for Rows {
    fn plane_strides(&self) -> Vec<usize> {
        self.library.plane_strides()
    }

    fn read_planes(&mut self, planes: &mut [Vec<u8>], strides: &[usize]) -> Result<(), CodecError> {
        self.library()?.read_planes(planes, strides)
    }
}

/// Rows of pixels.
struct Pixelwise {
    frame: FrameInfo,
    rows: Rows,
    transform: Transform,
    cmyk: Vec<u8>,
}

impl Pixelwise {
    fn read(&mut self, out: &mut RowsMut<'_>) -> Result<(), CodecError> {
        let library = self.rows.library()?;
        for y in out.range() {
            let row = out.row_mut(y);
            match &mut self.transform {
                Transform::None => library.read_row(row)?,
                Transform::Rgb(transform) => {
                    library.read_row(row)?;
                    transform.apply(row);
                }
                Transform::Cmyk(transform) => {
                    self.cmyk.resize(row.len(), 0);
                    library.read_row(&mut self.cmyk)?;
                    transform.apply(&self.cmyk, row);
                }
            }
        }
        Ok(())
    }
}

impl RowSource for Pixelwise {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        self.read(out).map_err(StreamError::from)
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.rows
            .library()
            .and_then(|library| library.skip_rows(count))
            .map_err(StreamError::from)?;
        Ok(true)
    }
}
