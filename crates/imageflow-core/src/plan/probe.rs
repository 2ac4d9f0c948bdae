//! Reading headers: what a decode node will give, without decoding.

use imageflow_codecs::{DecodeOptions, Header};
use imageflow_pixels::{JobControl, Size};
use imageflow_types::{DecoderCommand, JpegDownscaleHints};

use crate::error::{Error, ErrorKind};
use crate::io::InputEntry;

/// A header and the commands in force for a decode.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe {
    /// What the header says.
    pub(crate) header: Header,
    /// How to decode.
    pub(crate) options: DecodeOptions,
    /// The size imageflow 2.x's decoder would give for these commands, stored orientation; the layout works on it whatever
    /// our decoder does.
    pub(crate) scaled: Size,
}

/// Reads the header of an input and applies the commands told before and those of the node.
pub(crate) fn probe(input: &InputEntry, commands: &[DecoderCommand], control: &JobControl) -> Result<Probe, Error> {
    let header = *imageflow_codecs::open(&input.input, control)?.header();
    let mut options = DecodeOptions::default();
    let mut scaled = header.stored;
    for command in input.commands.iter().chain(commands) {
        match command {
            DecoderCommand::JpegDownscaleHints(hints) if header.format == imageflow_codecs::ImageFormat::Jpeg => {
                scaled = jpeg_scaled(header.stored, hints);
            }
            DecoderCommand::DiscardColorProfile => options.discard_color_profile = true,
            DecoderCommand::IgnoreColorProfileErrors => options.ignore_color_profile_errors = true,
            DecoderCommand::SelectFrame(frame) => options.select_frame = Some(*frame),
            DecoderCommand::JpegDownscaleHints(_) | DecoderCommand::WebpDecoderHints(_) => {}
        }
    }
    Ok(Probe { header, options, scaled })
}

/// The size imageflow 2.x decodes to for these hints.
fn jpeg_scaled(stored: Size, hints: &JpegDownscaleHints) -> Size {
    imageflow_querystring::jpeg_scale((stored.width(), stored.height()), hints)
        .and_then(|scale| Size::new(scale.size.0, scale.size.1))
        .unwrap_or(stored)
}

/// The error for something that a later version brings.
pub(crate) fn not_yet(what: &str) -> Error {
    Error::new(ErrorKind::MethodNotImplemented, format!("{what} is not part of this version yet"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn scaled_sizes_are_those_of_2x() {
        let hints = |width, height| JpegDownscaleHints { width, height, scale_luma_spatially: None, gamma_correct_for_srgb_during_spatial_luma_scaling: None };
        let stored = Size::new(768, 700).unwrap();
        assert_eq!(jpeg_scaled(stored, &hints(384, 350)), Size::new(384, 350).unwrap());
        assert_eq!(jpeg_scaled(stored, &hints(400, 400)), Size::new(480, 438).unwrap());
        assert_eq!(jpeg_scaled(stored, &hints(600, 500)), stored);
    }
}
