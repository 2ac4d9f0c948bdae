//! What the tags of a page say, checked.

use imageflow_pixels::{JobControl, Reservation, Size};

use super::directory::{Directory, File, Order, malformed};
use super::tags::{self, compression_name};
use crate::error::CodecError;
use crate::foreign::Foreign;

/// Bytes a profile may have.
const MAX_PROFILE: u64 = 16 << 20;
/// Bytes the shared tables of JPEG strips may have.
const MAX_JPEG_TABLES: u64 = 64 << 10;
/// Samples a pixel may have.
const MAX_SAMPLES: u64 = 64;

/// What the samples of a pixel mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Model {
    Gray {
        white_is_zero: bool,
    },
    Rgb,
    /// B, G, R, 255 of each index; opaque black beyond the palette.
    Palette(Box<[[u8; 4]; 256]>),
    Cmyk,
    /// Only in JPEG data, whose decoder makes RGB of it.
    YCbCr,
}

impl Model {
    pub(super) fn colors(&self) -> usize {
        match self {
            Model::Gray { .. } | Model::Palette(_) => 1,
            Model::Rgb | Model::YCbCr => 3,
            Model::Cmyk => 4,
        }
    }
}

/// A sample of transparency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AlphaSample {
    /// Its place among the samples of a pixel.
    pub(super) at: usize,
    /// Whether the colours are multiplied by it.
    pub(super) premultiplied: bool,
}

/// What a sample is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Depth {
    /// 1 to 16 bits.
    Bits(u8),
    /// 32 bits, of which 16 are kept.
    Long,
    /// A float of this many bits: 16, 32 or 64.
    Float(u8),
}

impl Depth {
    pub(super) fn bits(self) -> u64 {
        match self {
            Depth::Bits(bits) | Depth::Float(bits) => u64::from(bits),
            Depth::Long => 32,
        }
    }

    /// Whether there is more than a byte shows.
    pub(super) fn is_deep(self) -> bool {
        self.bits() > 8
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coding {
    None,
    PackBits,
    Lzw,
    Deflate,
    /// One-dimensional.
    Fax3,
    Fax4,
    Jpeg,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Predictor {
    None,
    Horizontal,
    Float,
}

/// How the picture is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cut {
    pub(super) is_tiled: bool,
    /// Of a strip or tile.
    pub(super) width: u32,
    pub(super) height: u32,
    /// Strips or tiles beside each other; 1 for strips.
    pub(super) across: u32,
    pub(super) down: u32,
}

/// Where the bytes of a strip or tile are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) at: u64,
    pub(super) bytes: u64,
}

/// A page.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) size: Size,
    pub(super) orientation: u8,
    pub(super) order: Order,
    pub(super) model: Model,
    pub(super) alpha: Option<AlphaSample>,
    pub(super) depth: Depth,
    /// Samples of a pixel, those without a meaning included.
    pub(super) samples: usize,
    /// A plane for each sample.
    pub(super) is_planar: bool,
    pub(super) coding: Coding,
    pub(super) predictor: Predictor,
    /// Bytes begin with their lowest bit.
    pub(super) bits_reversed: bool,
    pub(super) cut: Cut,
    /// Row by row, plane by plane.
    pub(super) spans: Vec<Span>,
    pub(super) profile: Option<Vec<u8>>,
    pub(super) jpeg_tables: Vec<u8>,
    pub(super) file_bytes: u64,
    _reservation: Reservation,
}

impl Facts {
    /// Reads a page, counted from 0.
    pub(super) fn read(
        file: &mut File,
        page: i32,
        control: &JobControl,
    ) -> Result<Facts, CodecError> {
        let directory = &file.page(page, control)?;
        if page == 0 && is_raw_photo(file, directory, control)? {
            return Err(CodecError::Foreign(Foreign::RAW_TIFF));
        }
        let mut number = |tag| file.number(directory, tag, control);
        let width = number(tags::IMAGE_WIDTH)?.unwrap_or(0);
        let height = number(tags::IMAGE_LENGTH)?.unwrap_or(0);
        let size = u32::try_from(width)
            .ok()
            .zip(u32::try_from(height).ok())
            .and_then(|(width, height)| Size::new(width, height))
            .ok_or_else(|| malformed(format_args!("a size of {width}x{height} is not possible")))?;
        let samples = number(tags::SAMPLES_PER_PIXEL)?.unwrap_or(1);
        if !(1..=MAX_SAMPLES).contains(&samples) {
            return Err(malformed(format_args!("{samples} samples per pixel")));
        }
        let samples = samples as usize;
        let orientation = number(tags::ORIENTATION)?.unwrap_or(1);
        let is_planar = number(tags::PLANAR_CONFIGURATION)? == Some(2) && samples > 1;
        let bits_reversed = number(tags::FILL_ORDER)? == Some(2);
        let coding = coding(
            number(tags::COMPRESSION)?.unwrap_or(1),
            number(tags::T4_OPTIONS)?.unwrap_or(0),
        )?;
        let predictor = match number(tags::PREDICTOR)?.unwrap_or(1) {
            _ if !matches!(coding, Coding::Lzw | Coding::Deflate) => Predictor::None,
            1 => Predictor::None,
            2 => Predictor::Horizontal,
            3 => Predictor::Float,
            other => return Err(malformed(format_args!("predictor {other}"))),
        };
        let depth = depth(file, directory, samples, control)?;
        let model = model(file, directory, depth, coding, control)?;
        if samples < model.colors() {
            return Err(malformed(format_args!(
                "{samples} samples per pixel where {} are needed",
                model.colors()
            )));
        }
        let alpha = alpha(file, directory, &model, samples, control)?;
        let cut = cut(file, directory, size, control)?;
        let planes = if is_planar { samples as u64 } else { 1 };
        let count = u64::from(cut.across) * u64::from(cut.down) * planes;
        // Each takes four bytes of file at least, so that this bounds what is allocated.
        let reservation = control.reserve(count.saturating_mul(16))?;
        let spans = spans(file, directory, cut.is_tiled, count, control)?;
        let facts = Facts {
            size,
            orientation: match orientation {
                orientation @ 1..=8 => orientation as u8,
                _ => 1,
            },
            order: file.order,
            model,
            alpha,
            depth,
            samples,
            is_planar,
            coding,
            predictor,
            bits_reversed,
            cut,
            spans,
            profile: file.block(directory, tags::ICC_PROFILE, MAX_PROFILE, control)?,
            jpeg_tables: file
                .block(directory, tags::JPEG_TABLES, MAX_JPEG_TABLES, control)?
                .unwrap_or_default(),
            file_bytes: file.bytes,
            _reservation: reservation,
        };
        facts.check()?;
        Ok(facts)
    }

    /// Samples of a pixel in one plane.
    pub(super) fn samples_together(&self) -> usize {
        if self.is_planar { 1 } else { self.samples }
    }

    /// Bytes of `width` pixels of one plane.
    pub(super) fn row_bytes(&self, width: u32) -> u64 {
        (u64::from(width) * self.samples_together() as u64 * self.depth.bits()).div_ceil(8)
    }

    /// Refuses combinations that do not exist or that nobody writes.
    fn check(&self) -> Result<(), CodecError> {
        let bits = self.depth.bits();
        let fits = match self.predictor {
            Predictor::None => true,
            Predictor::Horizontal => matches!(bits, 8 | 16 | 32 | 64),
            Predictor::Float => matches!(self.depth, Depth::Float(_)),
        };
        if !fits {
            return Err(malformed(format_args!(
                "a predictor for samples of {bits} bits is not supported"
            )));
        }
        let is_bilevel = bits == 1 && self.samples == 1;
        let fits = match self.coding {
            Coding::Fax3 | Coding::Fax4 => is_bilevel && self.cut.width <= u32::from(u16::MAX),
            Coding::Jpeg => {
                bits == 8
                    && !self.is_planar
                    && self.samples == self.model.colors()
                    && !matches!(self.model, Model::Palette(_))
            }
            _ => true,
        };
        if !fits {
            return Err(malformed(format_args!(
                "{} samples of {bits} bits with {:?} compression are not supported",
                self.samples, self.coding
            )));
        }
        // Tiles are put together byte by byte.
        let tile_bits = u64::from(self.cut.width) * self.samples_together() as u64 * bits;
        if self.cut.across > 1 && !tile_bits.is_multiple_of(8) {
            return Err(malformed("tiles that end within a byte"));
        }
        Ok(())
    }
}

/// Whether this is a camera's raw photo, whose first page is a small preview or what the sensor saw.
fn is_raw_photo(
    file: &mut File,
    directory: &Directory,
    control: &JobControl,
) -> Result<bool, CodecError> {
    if directory.has(tags::DNG_VERSION) {
        return Ok(true);
    }
    let mut number = |tag| file.number(directory, tag, control);
    // A preview, with the photo in a directory below it: NEF, ARW, SRW.
    let is_preview = number(tags::NEW_SUBFILE_TYPE)?.is_some_and(|kind| kind & 1 == 1);
    if is_preview && directory.has(tags::SUB_IFDS) {
        return Ok(true);
    }
    // A colour filter array, or linear data of one; codings of Sony, Nikon and Pentax.
    let photometric = number(tags::PHOTOMETRIC)?;
    let coding = number(tags::COMPRESSION)?;
    Ok(matches!(photometric, Some(32803 | 34892))
        || matches!(coding, Some(32767 | 34713 | 65000 | 65535)))
}

fn coding(number: u64, t4_options: u64) -> Result<Coding, CodecError> {
    Ok(match number {
        1 => Coding::None,
        3 if t4_options & 1 == 0 => Coding::Fax3,
        4 => Coding::Fax4,
        5 => Coding::Lzw,
        7 => Coding::Jpeg,
        8 | 32946 => Coding::Deflate,
        32773 => Coding::PackBits,
        other => {
            return Err(malformed(format_args!(
                "{} is not supported",
                compression_name(other)
            )));
        }
    })
}

fn depth(
    file: &mut File,
    directory: &Directory,
    samples: usize,
    control: &JobControl,
) -> Result<Depth, CodecError> {
    let max = MAX_SAMPLES;
    let bits = file
        .numbers(directory, tags::BITS_PER_SAMPLE, max, control)?
        .unwrap_or_else(|| vec![1]);
    let formats = file
        .numbers(directory, tags::SAMPLE_FORMAT, max, control)?
        .unwrap_or_else(|| vec![1]);
    let first = |list: &[u64]| list.first().copied().unwrap_or(1);
    let is_uniform = |list: &[u64]| list.iter().take(samples).all(|v| *v == first(list));
    if !is_uniform(&bits) || !is_uniform(&formats) {
        return Err(malformed(
            "samples of different kinds in one pixel are not supported",
        ));
    }
    match (first(&formats), first(&bits)) {
        (1 | 4, bits @ 1..=16) => Ok(Depth::Bits(bits as u8)),
        (1 | 4, 32) => Ok(Depth::Long),
        (3, bits @ (16 | 32 | 64)) => Ok(Depth::Float(bits as u8)),
        (format, bits) => {
            let kind = match format {
                1 => "unsigned",
                2 => "signed",
                3 => "floating-point",
                _ => "complex",
            };
            Err(malformed(format_args!(
                "{kind} samples of {bits} bits are not supported"
            )))
        }
    }
}

fn model(
    file: &mut File,
    directory: &Directory,
    depth: Depth,
    coding: Coding,
    control: &JobControl,
) -> Result<Model, CodecError> {
    let photometric = file.number(directory, tags::PHOTOMETRIC, control)?;
    let refused = |what: &str| Err(malformed(format_args!("{what} is not supported")));
    match photometric {
        // Writers of bilevel pictures leave it out.
        Some(0) | None => Ok(Model::Gray {
            white_is_zero: photometric.is_some() || matches!(coding, Coding::Fax3 | Coding::Fax4),
        }),
        Some(1 | 4) => Ok(Model::Gray {
            white_is_zero: false,
        }),
        Some(2) => Ok(Model::Rgb),
        Some(3) => {
            let Depth::Bits(bits @ 1..=8) = depth else {
                return refused("a palette for more than 8 bits");
            };
            let max = 3 << 16;
            let map = file.numbers(directory, tags::COLOR_MAP, max, control)?;
            let map = map.ok_or_else(|| malformed("a palette image without a palette"))?;
            Ok(Model::Palette(palette(&map, 1 << bits)))
        }
        Some(5) => match file.number(directory, tags::INK_SET, control)? {
            None | Some(1) => Ok(Model::Cmyk),
            Some(_) => refused("a set of inks other than CMYK"),
        },
        Some(6) if coding == Coding::Jpeg => Ok(Model::YCbCr),
        Some(6) => refused("YCbCr without JPEG compression"),
        Some(8..=10) => refused("the colour model L*a*b*"),
        Some(32803) => refused("a colour filter array"),
        Some(other) => refused(&format!("photometric interpretation {other}")),
    }
}

/// The colours of `count` indices: reds, then greens, then blues, of 16 bits; some writers use 8.
fn palette(map: &[u64], count: usize) -> Box<[[u8; 4]; 256]> {
    let shift = if map.iter().all(|v| *v < 256) { 0 } else { 8 };
    let at = |i: usize| map.get(i).map_or(0, |v| (*v >> shift).min(255) as u8);
    let mut palette = Box::new([[0, 0, 0, 255]; 256]);
    for (i, color) in palette.iter_mut().enumerate().take(count) {
        *color = [at(2 * count + i), at(count + i), at(i), 255];
    }
    palette
}

fn alpha(
    file: &mut File,
    directory: &Directory,
    model: &Model,
    samples: usize,
    control: &JobControl,
) -> Result<Option<AlphaSample>, CodecError> {
    let colors = model.colors();
    if samples <= colors || matches!(model, Model::Palette(_)) {
        return Ok(None);
    }
    let Some(extra) = file.numbers(directory, tags::EXTRA_SAMPLES, MAX_SAMPLES, control)? else {
        // What programs mean that write four samples of RGB and do not say what the fourth is.
        let is_rgba = *model == Model::Rgb && samples == 4;
        return Ok(is_rgba.then_some(AlphaSample {
            at: colors,
            premultiplied: false,
        }));
    };
    let found = extra
        .iter()
        .take(samples - colors)
        .position(|kind| matches!(kind, 1 | 2));
    Ok(found.map(|i| AlphaSample {
        at: colors + i,
        premultiplied: extra.get(i) == Some(&1),
    }))
}

fn cut(
    file: &mut File,
    directory: &Directory,
    size: Size,
    control: &JobControl,
) -> Result<Cut, CodecError> {
    let is_tiled = directory.has(tags::TILE_OFFSETS) && directory.has(tags::TILE_WIDTH);
    let (width, height) = if is_tiled {
        let side = |v: Option<u64>| v.and_then(|v| u32::try_from(v).ok()).unwrap_or(0);
        (
            side(file.number(directory, tags::TILE_WIDTH, control)?),
            side(file.number(directory, tags::TILE_LENGTH, control)?),
        )
    } else {
        let rows = file.number(directory, tags::ROWS_PER_STRIP, control)?;
        let rows = rows.unwrap_or(u64::MAX).min(u64::from(size.height()));
        (size.width(), rows as u32)
    };
    if width == 0 || height == 0 {
        return Err(malformed(format_args!(
            "strips or tiles of {width}x{height}"
        )));
    }
    Ok(Cut {
        is_tiled,
        width,
        height,
        across: size.width().div_ceil(width),
        down: size.height().div_ceil(height),
    })
}

fn spans(
    file: &mut File,
    directory: &Directory,
    is_tiled: bool,
    count: u64,
    control: &JobControl,
) -> Result<Vec<Span>, CodecError> {
    let (offsets, counts) = if is_tiled {
        (tags::TILE_OFFSETS, tags::TILE_BYTE_COUNTS)
    } else {
        (tags::STRIP_OFFSETS, tags::STRIP_BYTE_COUNTS)
    };
    if directory.count(offsets) < count {
        return Err(malformed(format_args!(
            "{} strips or tiles where {count} are needed",
            directory.count(offsets)
        )));
    }
    let offsets = file
        .numbers(directory, offsets, u64::MAX, control)?
        .unwrap_or_default();
    // Old writers of a single strip leave its length out.
    let counts = file
        .numbers(directory, counts, u64::MAX, control)?
        .unwrap_or_default();
    let bytes = file.bytes;
    let counts = counts.into_iter().map(Some).chain(std::iter::repeat(None));
    Ok(offsets
        .into_iter()
        .zip(counts)
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .map(|(at, count)| Span {
            at,
            bytes: count.unwrap_or_else(|| bytes.saturating_sub(at)),
        })
        .collect())
}
