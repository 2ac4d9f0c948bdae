//! Opening inputs: magic bytes, headers, and the row source that follows.

use std::io::Read;

use imageflow_pixels::{Alpha, JobControl, RowSource, Size};

use crate::error::CodecError;
use crate::foreign::Foreign;
use crate::format::ImageFormat;
use crate::frames::FrameSource;
use crate::input::{Input, Reader};

/// What the header of an input tells, without decoding pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The file format.
    pub format: ImageFormat,
    /// Size as stored, before orientation.
    pub stored: Size,
    /// EXIF orientation 1..=8; 1 when absent or invalid.
    pub orientation: u8,
    /// Whether the decoded frame has meaningful alpha.
    pub alpha: Alpha,
    /// Whether the format stored this image without loss (false for palette PNG, as imageflow 2.x says).
    pub lossless: bool,
    /// Whether there is more than one frame.
    pub multiple_frames: bool,
    /// Whether [`DecodeOptions::linear_shrink`] is honoured.
    pub can_shrink: bool,
    /// Whether [`DecodeOptions::block_scale`] is honoured.
    pub can_scale: bool,
    /// Whether samples have more than 8 bits and [`DecodeOptions::linear_floats`] is honoured.
    pub is_deep: bool,
}

impl Header {
    /// Size after orientation.
    pub fn oriented(&self) -> Size {
        if self.orientation >= 5 {
            self.stored.transposed()
        } else {
            self.stored
        }
    }

    /// Whether there are no pixels before it is drawn, and [`DecodeOptions::draw_size`] is honoured.
    pub fn is_drawing(&self) -> bool {
        self.format == ImageFormat::Svg
    }
}

/// A reduction by blocks; see [`DecodeOptions::block_scale`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct BlockScale {
    /// The n of n/8, 1 to 6.
    pub eighths: u32,
    /// Average luma in linear light.
    pub gamma: bool,
}

/// How to decode.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct DecodeOptions {
    /// Average blocks of `n`×`n` stored pixels in linear light while decoding; 1, 2, 4 or 8. Only when
    /// [`Header::can_shrink`]. Above 1 the rows are `BgraF32` linear, `ceil(width/n)` × `ceil(height/n)` of them; the last
    /// column and row average the pixels that exist.
    pub linear_shrink: u32,
    /// Reduce every 8×8 block to n×n by itself, as `jpeg_downscale_hints` ask for; only when [`Header::can_scale`] and
    /// `linear_shrink` is 1. Rows are bytes, `ceil(width·n/8)` × `ceil(height·n/8)` of them.
    pub block_scale: Option<BlockScale>,
    /// Give `BgraF32` rows in linear light, so that no bit is lost before a resample; only when [`Header::is_deep`].
    pub linear_floats: bool,
    /// Do not convert from the embedded colour profile (CMYK is converted all the same).
    pub discard_color_profile: bool,
    /// Fail where a colour profile cannot be used, instead of leaving it out and noting so.
    pub fail_on_color_profile_errors: bool,
    /// The frame of an animation or the page of a document to decode, 0-based; `None` is the first.
    pub select_frame: Option<i32>,
    /// Draw at this size rather than at the natural one; only when [`Header::is_drawing`].
    pub draw_size: Option<Size>,
    /// The most pixels that all frames of an animation may have together, each counted as the whole canvas.
    pub max_total_pixels: Option<u64>,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        DecodeOptions {
            linear_shrink: 1,
            block_scale: None,
            linear_floats: false,
            discard_color_profile: false,
            fail_on_color_profile_errors: false,
            select_frame: None,
            draw_size: None,
            max_total_pixels: None,
        }
    }
}

/// Checks the pixels of an animation's first `frames` frames, which are decoded to show the last of them.
///
/// # Errors
/// [`CodecError::TooManyPixels`].
pub(crate) fn check_total_pixels(
    format: ImageFormat,
    frames: u64,
    frame_pixels: u64,
    limit: Option<u64>,
) -> Result<(), CodecError> {
    match limit {
        Some(limit) if frames.saturating_mul(frame_pixels) > limit => {
            Err(CodecError::TooManyPixels {
                format,
                frames,
                frame_pixels,
                limit,
            })
        }
        _ => Ok(()),
    }
}

/// An opened input: its header is read, its pixels are not.
pub trait Decoder: Send {
    /// What the header says.
    fn header(&self) -> &Header;

    /// Turns to the page that [`DecodeOptions::select_frame`] names, where pages differ; the header is that page's then.
    ///
    /// # Errors
    /// When there is no such page, or it is damaged.
    fn select(&mut self, options: &DecodeOptions) -> Result<(), CodecError> {
        let _ = options;
        Ok(())
    }

    /// Bytes the decoder will hold beyond the rows it hands out: coefficient buffers, interlace frames, tables.
    fn working_bytes(&self, options: &DecodeOptions) -> u64;

    /// Starts decoding. Rows come in stored orientation.
    ///
    /// # Errors
    /// When the input is damaged beyond use, or the job must stop.
    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError>;

    /// Starts decoding all frames of an animation, composited; only when [`Header::multiple_frames`].
    ///
    /// # Errors
    /// As for [`Decoder::into_rows`].
    fn into_frames(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn FrameSource>, CodecError> {
        let _ = (options, control);
        let format = self.header().format;
        Err(CodecError::InvalidArgument(format!(
            "this {format} file has a single frame"
        )))
    }
}

/// Reads the first bytes of an input and says which format it is.
///
/// # Errors
/// [`CodecError::EmptyInput`], [`CodecError::Foreign`], [`CodecError::NoEnabledDecoder`] or a read error.
pub fn detect(input: &Input) -> Result<ImageFormat, CodecError> {
    let mut start = [0u8; ImageFormat::SNIFF];
    let got = read_up_to(&mut input.reader(), &mut start).map_err(CodecError::read)?;
    if got == 0 {
        return Err(CodecError::EmptyInput);
    }
    let mut head = [0u8; ImageFormat::HEAD];
    head.copy_from_slice(&start[..ImageFormat::HEAD]);
    let start = start.get(..got).unwrap_or_default();
    ImageFormat::sniff(start).ok_or_else(|| match Foreign::sniff(start) {
        Some(foreign) => CodecError::Foreign(foreign),
        None => CodecError::NoEnabledDecoder { head },
    })
}

/// Detects the format of an input and reads its header.
///
/// # Errors
/// As for [`detect`]; [`CodecError::Disabled`] for a format this build cannot read; [`CodecError::Malformed`].
pub fn open(input: &Input, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    let reader = input.reader().watched(control);
    match detect(input)? {
        ImageFormat::Jpeg => crate::jpeg::open(reader, control),
        ImageFormat::Png => crate::png::open(reader, control),
        ImageFormat::Gif => crate::gif::open(reader, control),
        ImageFormat::WebP => crate::webp::open(reader, control),
        ImageFormat::Avif => crate::avif::open(reader, control),
        ImageFormat::Jxl => crate::jxl::open(reader, control),
        ImageFormat::Bmp => crate::bmp::open(reader, control),
        ImageFormat::Tiff => crate::tiff::open(reader, control),
        ImageFormat::Svg => crate::svg::open(reader, control),
    }
}

fn read_up_to(reader: &mut Reader, buf: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buf.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest)? {
            0 => break,
            n => got += n,
        }
    }
    Ok(got)
}
