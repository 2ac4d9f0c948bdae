//! Inputs: bytes that can be read any number of times, their format and the commands for their decoder.

use std::path::Path;

use imageflow_codecs::{Bytes, CodecError, DecodeOptions, Decoder, Header, ImageFormat, Input};
use imageflow_pixels::{JobControl, Size};
use imageflow_types::{DecoderCommand, WebpDecoderHints};

use crate::error::{Error, ErrorKind};
use crate::limits::SecurityLimits;

/// A registered input.
#[derive(Debug)]
pub struct InputEntry {
    /// The bytes.
    pub input: Input,
    /// The format the first bytes announce.
    pub format: ImageFormat,
    /// Commands every decode obeys, oldest first.
    pub commands: Vec<DecoderCommand>,
    /// Most pixels all its frames may have together.
    pub max_total_pixels: u64,
    /// Most bytes it may have.
    pub max_bytes: usize,
}

/// Whose bytes an input holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// The caller gave them, so error text may repeat some.
    Caller,
    /// They come from a file the caller named, and perhaps must not see: error text never repeats them.
    File,
}

impl InputEntry {
    /// Recognises the format. A GIF's header is read at once.
    pub(super) fn new(
        input: Input,
        origin: Origin,
        limits: &SecurityLimits,
    ) -> Result<InputEntry, Error> {
        let format = imageflow_codecs::detect(&input).map_err(|error| match (error, origin) {
            (CodecError::NoEnabledDecoder { head }, Origin::Caller) => unknown_format(head, ""),
            (CodecError::NoEnabledDecoder { .. }, Origin::File) => Error::new(
                ErrorKind::NoEnabledDecoderFound,
                "No ENABLED decoder found for file: it does not start like an image of a format that is read",
            ),
            (CodecError::EmptyInput, _) => {
                unknown_format([0; ImageFormat::HEAD], "; the file is empty")
            }
            (other, _) => Error::from(other),
        })?;
        let mut entry = InputEntry {
            input,
            format,
            commands: Vec::new(),
            max_total_pixels: 0,
            max_bytes: 0,
        };
        entry.obey(limits);
        if format == ImageFormat::Gif && format.can_decode() {
            let header = entry.header(&JobControl::default())?;
            limits.check_gif(header.stored)?;
        }
        Ok(entry)
    }

    /// Takes over the limits in force.
    pub(super) fn obey(&mut self, limits: &SecurityLimits) {
        self.max_total_pixels = limits.max_total_file_pixels;
        self.max_bytes = limits.max_input_file_bytes;
    }

    /// Opens the input: its header is read, its pixels are not.
    ///
    /// # Errors
    /// When it has too many bytes, the header is damaged, or this build cannot read the format.
    pub fn open(&self, control: &JobControl) -> Result<Box<dyn Decoder>, Error> {
        self.check_bytes()?;
        Ok(imageflow_codecs::open(&self.input, control)?)
    }

    fn check_bytes(&self) -> Result<(), Error> {
        let limit = u64::try_from(self.max_bytes).unwrap_or(u64::MAX);
        let Some(bytes) = self.input.len().filter(|bytes| *bytes > limit) else {
            return Ok(());
        };
        // The words of 2.x, which knows this limit for WebP alone.
        let text = format!("{} input exceeds maximum of {limit} bytes", self.format);
        let kind = match self.format {
            ImageFormat::WebP => ErrorKind::ImageDecodingError,
            _ => ErrorKind::SizeLimitExceeded,
        };
        Err(Error::new(kind, text).advise(format_args!(
            "it has {bytes} bytes; max_input_file_bytes is {limit}"
        )))
    }

    /// Reads the header, of the page that the commands select where there are pages.
    ///
    /// # Errors
    /// When the header is damaged, this build cannot read the format, or there is no such page.
    pub fn header(&self, control: &JobControl) -> Result<Header, Error> {
        let mut decoder = self.open(control)?;
        let selected = self
            .commands
            .iter()
            .rev()
            .find_map(|command| match command {
                DecoderCommand::SelectFrame(frame) => Some(*frame),
                _ => None,
            });
        decoder.select(&DecodeOptions {
            select_frame: selected,
            ..DecodeOptions::default()
        })?;
        Ok(*decoder.header())
    }

    /// The size after orientation a decode gives when it obeys the commands: the last size hint the format knows counts.
    pub fn scaled_size(&self, header: &Header) -> Size {
        let hinted = self
            .commands
            .iter()
            .rev()
            .find_map(|command| match (self.format, command) {
                (ImageFormat::Jpeg, DecoderCommand::JpegDownscaleHints(hint)) => {
                    Some(Some(jpeg_scaled(header.stored, hint.width, hint.height)))
                }
                (ImageFormat::WebP, DecoderCommand::WebpDecoderHints(hint)) => {
                    Some(webp_scaled(header, hint))
                }
                _ => None,
            });
        let stored = hinted.flatten().unwrap_or(header.stored);
        if header.orientation >= 5 {
            stored.transposed()
        } else {
            stored
        }
    }
}

fn unknown_format(head: [u8; ImageFormat::HEAD], remark: &str) -> Error {
    Error::new(
        ErrorKind::NoEnabledDecoderFound,
        format!("No ENABLED decoder found for file starting in {head:X?}{remark}"),
    )
}

/// The smallest n/8 of the stored size, n = 1..=6, that is still as large as the hint; the stored size when none is.
fn jpeg_scaled(stored: Size, width: i64, height: i64) -> Size {
    let (stored_width, stored_height) = (i64::from(stored.width()), i64::from(stored.height()));
    if width < 1 || height < 1 || (stored_width <= width && stored_height <= height) {
        return stored;
    }
    let scaled = |side: i64, n: i64| (side * n + 7) / 8;
    (1..=6)
        .map(|n| (scaled(stored_width, n), scaled(stored_height, n)))
        .find(|(w, h)| *w >= width && *h >= height)
        .and_then(|(w, h)| Size::new(u32::try_from(w).ok()?, u32::try_from(h).ok()?))
        .unwrap_or(stored)
}

/// The size before orientation of a WebP that is shown at exactly the size of the hint; `None` for full size, when a side of
/// the hint is no size.
pub(crate) fn webp_scaled(header: &Header, hint: &WebpDecoderHints) -> Option<Size> {
    let side = |v: i32| u32::try_from(v).ok();
    let size = Size::new(side(hint.width)?, side(hint.height)?)?;
    Some(if header.orientation >= 5 {
        size.transposed()
    } else {
        size
    })
}

pub(super) fn open_file(
    path: &Path,
    max_bytes: usize,
    control: &JobControl,
) -> Result<Input, Error> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::DecodingIoError,
            format!("cannot open input file '{}': {error}", path.display()),
        )
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_file() || metadata.is_dir() {
        return Input::open_file(path).map_err(failed);
    }
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    let bytes =
        imageflow_codecs::read_special_file(path, limit, control).map_err(|error| match error {
            CodecError::Read(error) => failed(error),
            other => Error::from(other),
        })?;
    if bytes.len() > max_bytes {
        let text = format!(
            "'{}' has more than {max_bytes} bytes, the limit max_input_file_bytes sets",
            path.display()
        );
        return Err(Error::new(ErrorKind::SizeLimitExceeded, text));
    }
    Ok(Input::Memory(Bytes::Shared(bytes.into())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn scaled(stored: (u32, u32), hint: (i64, i64)) -> (u32, u32) {
        let size = jpeg_scaled(Size::new(stored.0, stored.1).unwrap(), hint.0, hint.1);
        (size.width(), size.height())
    }

    #[test]
    fn jpeg_hints_choose_the_smallest_sufficient_eighth() {
        assert_eq!(scaled((320, 240), (100, 70)), (120, 90));
        assert_eq!(scaled((320, 240), (40, 30)), (40, 30));
        assert_eq!(scaled((320, 240), (240, 180)), (240, 180));
        assert_eq!(scaled((320, 240), (241, 10)), (320, 240));
        assert_eq!(scaled((320, 240), (320, 240)), (320, 240));
        assert_eq!(scaled((320, 240), (0, 10)), (320, 240));
        assert_eq!(scaled((33, 1), (5, 1)), (5, 1));
    }
}
