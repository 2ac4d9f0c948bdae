//! The JPEG decoder: header, metadata, and the choice between pixels and linear-light blocks.

use imageflow_pixels::{Alpha, FrameInfo, JobControl, RowSource, RowsMut, Size, StreamError};

use super::ffi_decode::Decompressor;
use super::scaled::Scaled;
use super::shrink::Shrunk;
use crate::color::{CmykTransform, RgbTransform, cmyk_transform, rgb_transform};
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;
use crate::metadata::exif_orientation_app1;

/// What the components are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ColorModel {
    Gray,
    YCbCr,
    Rgb,
    /// CMYK, or YCCK that the library turns into it.
    Cmyk,
    Unknown,
}

/// Planes that can be averaged without making pixels of them first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Planes {
    Gray,
    YCbCr420,
}

/// What the library hands out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pixels {
    Bgrx,
    Cmyk,
    Raw,
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
    /// The sampling factors of gray or YCbCr whose luma is the largest and a multiple of the others.
    fn scalable(&self) -> Option<&[(u32, u32)]> {
        let count = match self.color {
            ColorModel::Gray => 1,
            ColorModel::YCbCr => 3,
            _ => return None,
        };
        let factors = self.factors.get(..count)?;
        let &(h, v) = factors.first()?;
        let fits = factors.iter().all(|(ch, cv)| h.is_multiple_of(*ch) && v.is_multiple_of(*cv));
        (fits && (count == 3 || (h, v) == (1, 1))).then_some(factors)
    }
}

/// Metadata segments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Markers {
    orientation: Option<u8>,
    /// Profile chunks: number, count, bytes.
    icc: Vec<(u8, u8, Vec<u8>)>,
    adobe: bool,
}

impl Markers {
    pub(super) fn add_app1(&mut self, payload: &[u8]) {
        self.orientation = self.orientation.or_else(|| exif_orientation_app1(payload));
    }

    pub(super) fn add_app2(&mut self, payload: &[u8]) {
        if let Some([number, count, rest @ ..]) = payload.strip_prefix(b"ICC_PROFILE\0") {
            self.icc.push((*number, *count, rest.to_vec()));
        }
    }

    pub(super) fn add_app14(&mut self, payload: &[u8]) {
        self.adobe |= payload.starts_with(b"Adobe");
    }

    /// The profile, when all its chunks are there once and agree; else it counts as absent (ICC.1:2010 annex B.4).
    fn profile(&self) -> Option<Vec<u8>> {
        let count = self.icc.first()?.1;
        let mut chunks: Vec<&(u8, u8, Vec<u8>)> = self.icc.iter().collect();
        chunks.sort_by_key(|chunk| chunk.0);
        let complete = chunks.len() == usize::from(count) && chunks.iter().zip(1..).all(|(chunk, number)| chunk.0 == number && chunk.1 == count);
        complete.then(|| chunks.into_iter().flat_map(|chunk| chunk.2.iter().copied()).collect())
    }
}

struct JpegDecoder {
    header: Header,
    features: Features,
    profile: Option<Vec<u8>>,
    adobe: bool,
    library: Decompressor,
}

/// Reads the header of a JPEG.
pub(crate) fn open(reader: Reader, _control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    let mut library = Decompressor::open(reader)?;
    let features = library.features();
    let markers = library.markers();
    let stored = Size::new(library.width(), library.height());
    let stored = stored.ok_or_else(|| CodecError::malformed(ImageFormat::Jpeg, "the picture has no pixels"))?;
    let profile = markers.profile();
    // A profile that changes colours is applied to pixels, so blocks cannot be averaged before.
    let plain = match (&profile, features.color) {
        (None, _) => true,
        (Some(_), ColorModel::Cmyk) => false,
        (Some(icc), _) => matches!(rgb_transform(icc), Ok(None)),
    };
    let header = Header {
        format: ImageFormat::Jpeg,
        stored,
        orientation: markers.orientation.filter(|o| (1..=8).contains(o)).unwrap_or(1),
        alpha: Alpha::Opaque,
        lossless: false,
        multiple_frames: false,
        can_shrink: features.planes.is_some() && plain,
        can_scale: features.scalable().is_some() && plain,
    };
    Ok(Box::new(JpegDecoder { header, features, profile, adobe: markers.adobe, library }))
}

impl Decoder for JpegDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        let tables = 256 << 10;
        if !self.features.multiple_scans {
            return tables + u64::from(self.header.stored.width()) * 64;
        }
        // Two bytes for every coefficient of every component.
        tables + (self.header.stored.area() as f64 * self.features.samples_per_pixel * 2.0) as u64
    }

    fn into_rows(self: Box<Self>, options: &DecodeOptions, control: &JobControl) -> Result<Box<dyn RowSource>, CodecError> {
        let reserved = control.reserve(self.working_bytes(options))?;
        let planes = self.features.planes.filter(|_| self.header.can_shrink && options.linear_shrink > 1);
        let scale = options.block_scale.filter(|_| self.header.can_scale && planes.is_none());
        if let (Some(scale), Some(factors)) = (scale, self.features.scalable()) {
            let rows = Rows { library: self.library, pixels: Pixels::Raw, control: control.clone(), started: false, _reserved: reserved };
            return Ok(Box::new(Scaled::new(rows, self.header.stored, factors, scale.eighths, scale.gamma)?));
        }
        let transform = if planes.is_some() { Transform::None } else { self.transform(options)? };
        let pixels = match (&planes, self.features.color) {
            (Some(_), _) => Pixels::Raw,
            (None, ColorModel::Cmyk) => Pixels::Cmyk,
            (None, ColorModel::Unknown) => {
                return Err(CodecError::malformed(ImageFormat::Jpeg, "the number of colour components is not 1, 3 or 4"));
            }
            _ => Pixels::Bgrx,
        };
        let rows = Rows { library: self.library, pixels, control: control.clone(), started: false, _reserved: reserved };
        Ok(match planes {
            Some(planes) => Box::new(Shrunk::new(rows, self.header.stored, planes, options.linear_shrink)?),
            None => Box::new(Pixelwise { frame: FrameInfo::bgra8(self.header.stored, Alpha::Opaque), rows, transform, cmyk: Vec::new() }),
        })
    }
}

impl JpegDecoder {
    fn transform(&self, options: &DecodeOptions) -> Result<Transform, CodecError> {
        let failed = |message: String| CodecError::ColorProfile { format: ImageFormat::Jpeg, message };
        if self.features.color == ColorModel::Cmyk {
            // CMYK is converted whatever was asked: pixels are RGB.
            let profile = self.profile.as_deref().filter(|_| !options.discard_color_profile);
            let transform = match cmyk_transform(profile) {
                Err(message) if !options.ignore_color_profile_errors => return Err(failed(message)),
                Err(_) => cmyk_transform(None).map_err(failed)?,
                Ok(transform) => transform,
            };
            return Ok(Transform::Cmyk(transform.inverted(self.adobe)));
        }
        let Some(profile) = self.profile.as_deref().filter(|_| !options.discard_color_profile) else { return Ok(Transform::None) };
        match rgb_transform(profile) {
            Ok(None) => Ok(Transform::None),
            // A gray profile says nothing of a colour picture.
            Ok(Some(transform)) if transform.is_gray() && self.features.color != ColorModel::Gray => Ok(Transform::None),
            Ok(Some(transform)) => Ok(Transform::Rgb(transform)),
            Err(_) if options.ignore_color_profile_errors => Ok(Transform::None),
            Err(message) => Err(failed(message)),
        }
    }
}

/// From the file's colours to sRGB.
enum Transform {
    None,
    Rgb(RgbTransform),
    Cmyk(CmykTransform),
}

/// The library, started when the first row is asked for.
pub(super) struct Rows {
    library: Decompressor,
    pixels: Pixels,
    control: JobControl,
    started: bool,
    _reserved: imageflow_pixels::Reservation,
}

impl Rows {
    /// The library, ready to give rows.
    pub(super) fn library(&mut self) -> Result<&mut Decompressor, CodecError> {
        self.control.check()?;
        if !self.started {
            let control = &self.control;
            self.library.start(self.pixels, || control.check().map_err(CodecError::from))?;
            self.started = true;
        }
        Ok(&mut self.library)
    }

    /// The library before it starts.
    pub(super) fn header(&self) -> &Decompressor {
        &self.library
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
        self.rows.library().and_then(|library| library.skip_rows(count)).map_err(StreamError::from)?;
        Ok(true)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn profiles_need_all_their_chunks() {
        let chunk = |number, count, byte| [b"ICC_PROFILE\0".as_slice(), &[number, count, byte]].concat();
        let mut markers = Markers::default();
        markers.add_app2(&chunk(2, 2, 8));
        assert_eq!(markers.profile(), None);
        markers.add_app2(&chunk(1, 2, 7));
        assert_eq!(markers.profile(), Some(vec![7, 8]));
        markers.add_app2(&chunk(1, 2, 7));
        assert_eq!(markers.profile(), None);
    }
}
