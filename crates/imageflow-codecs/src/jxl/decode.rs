//! Reading: header, then whole frames.
//!
//! Groups of pixels may come in any order and refer to earlier frames, so a frame is decoded whole before its first row goes
//! out. The decoder applies the orientation, which belongs to the codestream, blends frames and layers, and undoes
//! premultiplication.

use std::io::{Seek, SeekFrom};

use imageflow_pixels::{Alpha, JobControl, RowSource, Size};
use jxl::api::{AlphaMode, Event, JxlAuxBoxType, JxlBasicInfo, JxlDecoderOptions, ProfileLevel};

use super::canvas::Canvas;
use super::color::{Conversion, alpha_channel};
use super::frames::Frames;
use super::stream::{Stream, malformed};
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{Animation, FrameSource};
use crate::input::Reader;

/// What the decoder holds besides samples: entropy codes, sections of the file, tables, groups that are decoded.
const FIXED_BYTES: u64 = 12 << 20;
/// Bytes for every four samples of a picture that is a single frame: groups that wait for their neighbours.
const FOUR_SAMPLES_BYTES: u64 = 3;
/// Bytes per sample of frames that others refer to, such as sheets of patches.
const HIDDEN_SAMPLE_BYTES: u64 = 4;
/// The same where frames are layers or follow each other: up to four are kept to draw on, and two are usual.
const LAYERED_SAMPLE_BYTES: u64 = 12;
/// Samples a frame may have beyond those of the canvas and a quarter of them: small pictures may refer to larger sheets of
/// patches.
const SPARE_SAMPLES: u64 = 2 << 20;

/// Reads the header of a JPEG XL file.
///
/// # Errors
/// [`CodecError::Malformed`], a read error, or the job must stop.
pub fn open(reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    let mut options = options(None);
    options.request_aux_boxes = vec![JxlAuxBoxType::JPEG_RECONSTRUCTION_DATA];
    let mut stream = Stream::new(reader, options, control);
    let info = read_info(&mut stream)?;
    let recompressed_jpeg = !stream
        .decoder
        .aux_boxes(JxlAuxBoxType::JPEG_RECONSTRUCTION_DATA)
        .is_empty();
    let side = |side: usize| u32::try_from(side).unwrap_or(0);
    let size = Size::new(side(info.size.0), side(info.size.1)).ok_or_else(|| {
        malformed(format_args!(
            "a size of {}x{} is not possible",
            info.size.0, info.size.1
        ))
    })?;
    let mut decoder = JxlDecoder {
        header: Header {
            format: ImageFormat::Jxl,
            stored: size,
            orientation: 1,
            alpha: match alpha_channel(&info) {
                Some(_) => Alpha::Meaningful,
                None => Alpha::Opaque,
            },
            lossless: info.uses_original_profile && !recompressed_jpeg,
            multiple_frames: false,
            can_shrink: false,
            can_scale: false,
            is_deep: false,
        },
        info,
        frames: FrameKinds::Single,
        input: stream.into_reader(),
    };
    if decoder.info.animation.is_some() {
        decoder.count_frames(control)?;
    } else if !decoder.info.extra_channels.is_empty() {
        // Layers have alpha. To know them, frames that are not shown would have to be decoded.
        decoder.frames = FrameKinds::Hidden;
    }
    Ok(Box::new(decoder))
}

fn options(sample_limit: Option<u64>) -> JxlDecoderOptions {
    let mut options = JxlDecoderOptions::default();
    options.alpha_mode = AlphaMode::Unpremultiplied;
    // Level 10 is what CMYK, 32-bit samples and sides beyond 2^18 need; the job's own limits bound the size.
    options.max_profile_level = ProfileLevel::Main10;
    options.sample_limit = sample_limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    options
}

fn read_info(stream: &mut Stream) -> Result<JxlBasicInfo, CodecError> {
    match stream.next(None)? {
        Event::BasicInfo => stream.decoder.basic_info().cloned(),
        _ => None,
    }
    .ok_or_else(|| malformed("no image header"))
}

fn rewound(mut reader: Reader) -> Result<Reader, CodecError> {
    reader.seek(SeekFrom::Start(0)).map_err(CodecError::read)?;
    Ok(reader)
}

/// How much the frames of a file depend on each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum FrameKinds {
    /// There is one.
    Single,
    /// There is one to show, and there may be others before it.
    Hidden,
    /// Several are drawn on each other.
    Layers,
}

struct JxlDecoder {
    header: Header,
    info: JxlBasicInfo,
    frames: FrameKinds,
    input: Reader,
}

impl JxlDecoder {
    /// Samples of the canvas.
    fn samples(&self) -> u64 {
        let channels = 3 + self.info.extra_channels.len() as u64;
        self.header.stored.area().saturating_mul(channels)
    }

    /// Bytes the decoder allocates by itself.
    fn decoder_bytes(&self) -> u64 {
        let samples = self.samples();
        let frames = match self.frames {
            FrameKinds::Single => samples / 4 * FOUR_SAMPLES_BYTES,
            FrameKinds::Hidden => samples.saturating_mul(HIDDEN_SAMPLE_BYTES),
            FrameKinds::Layers => samples.saturating_mul(LAYERED_SAMPLE_BYTES),
        };
        FIXED_BYTES.saturating_add(frames)
    }

    fn options(&self) -> JxlDecoderOptions {
        let samples = self.samples();
        options(Some(
            samples
                .saturating_add(samples / 4)
                .saturating_add(SPARE_SAMPLES),
        ))
    }

    /// Finds out whether an animation has a frame after the first. Frames that are not shown may come before it, and are
    /// decoded.
    fn count_frames(&mut self, control: &JobControl) -> Result<(), CodecError> {
        self.frames = FrameKinds::Layers;
        let _reservation = control.reserve(self.decoder_bytes())?;
        let mut options = self.options();
        options.scan_frames_only = true;
        let mut stream = Stream::new(self.input.fork(), options, control);
        while stream.decoder.scanned_frames().is_empty() {
            if stream.next(None)? == Event::Complete {
                break;
            }
        }
        let first = stream.decoder.scanned_frames().first();
        self.header.multiple_frames = first.is_some_and(|frame| !frame.is_last);
        Ok(())
    }

    fn into_frames(
        self,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Frames, CodecError> {
        control.check()?;
        let reservation = control.reserve(self.decoder_bytes())?;
        let sample_limits = self.options();
        let mut stream = Stream::new(rewound(self.input)?, sample_limits, control);
        read_info(&mut stream)?;
        let conversion = Conversion::choose(&mut stream.decoder, options, control)?;
        let (size, alpha) = (self.header.stored, self.header.alpha);
        Ok(Frames {
            animation: Animation {
                size,
                alpha,
                plays: self
                    .info
                    .animation
                    .map_or(1, |animation| animation.num_loops),
            },
            stream,
            canvas: Canvas::new(size, alpha, conversion, control)?,
            control: control.clone(),
            _reservation: reservation,
            more: true,
            shown: None,
        })
    }
}

impl Decoder for JxlDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        // Deep samples may be in colours that are converted with 16 bits.
        let deep = self.info.bit_depth.bits_per_sample() > 8;
        let canvas = self
            .header
            .stored
            .area()
            .saturating_mul(if deep { 8 } else { 4 });
        self.decoder_bytes().saturating_add(canvas)
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        let wanted = options.select_frame.unwrap_or(0);
        JxlDecoder::into_frames(*self, options, control)?
            .into_rows(wanted, options.max_total_pixels)
    }

    fn into_frames(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn FrameSource>, CodecError> {
        Ok(Box::new(JxlDecoder::into_frames(*self, options, control)?))
    }
}
