//! Inputs: bytes that can be read any number of times, their format and the commands for their decoder.

use std::fs::File;
use std::io::Read;
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
    /// Most pixels all its frames may have together; the limit in force when it was registered.
    pub max_total_pixels: u64,
    /// Most bytes it may have; the limit in force when it was registered.
    pub max_bytes: usize,
}

impl InputEntry {
    /// Recognises the format. A GIF's header is read at once.
    pub(super) fn new(input: Input, limits: &SecurityLimits) -> Result<InputEntry, Error> {
        let format = imageflow_codecs::detect(&input).map_err(|error| match error {
            CodecError::NoEnabledDecoder { head } => unknown_format(head, ""),
            CodecError::EmptyInput => unknown_format([0; ImageFormat::HEAD], "; the file is empty"),
            other => Error::from(other),
        })?;
        let entry = InputEntry {
            input,
            format,
            commands: Vec::new(),
            max_total_pixels: limits.max_total_file_pixels,
            max_bytes: limits.max_input_file_bytes,
        };
        if format == ImageFormat::Gif && format.can_decode() {
            let header = entry.header(&JobControl::default())?;
            limits.check_gif(header.stored)?;
        }
        Ok(entry)
    }

    /// Opens the input: its header is read, its pixels are not.
    ///
    /// # Errors
    /// When the header is damaged, this build cannot read the format, or a format that is read whole has too many bytes.
    pub fn open(&self, control: &JobControl) -> Result<Box<dyn Decoder>, Error> {
        let limit = u64::try_from(self.max_bytes).unwrap_or(u64::MAX);
        if self.format == ImageFormat::WebP && self.input.len().is_some_and(|len| len > limit) {
            let text = format!("WebP input exceeds maximum of {limit} bytes");
            return Err(Error::new(ErrorKind::ImageDecodingError, text));
        }
        Ok(imageflow_codecs::open(&self.input, control)?)
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

pub(super) fn open_file(path: &Path, max_bytes: usize) -> Result<Input, Error> {
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
    let mut bytes = Vec::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    File::open(path)
        .map_err(failed)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
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
