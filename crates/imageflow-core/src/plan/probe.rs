//! Reading headers: what a decode node will give, without decoding.

use imageflow_codecs::{BlockScale, DecodeOptions, Header, ImageFormat};
use imageflow_pixels::{JobControl, Size};
use imageflow_types::{ColorProfile, DecoderCommand, JpegDownscaleHints};

use super::ir::DecodeScale;
use crate::error::Error;
use crate::io::{InputEntry, webp_scaled};
use crate::limits::check_frames;

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
    /// How that decoder would get there.
    pub(crate) scale: Option<DecodeScale>,
    /// The colours asked for.
    pub(crate) colors: ColorProfile,
}

/// Reads the header of an input and applies the commands told before and those of the node.
pub(crate) fn probe(
    input: &InputEntry,
    commands: &[DecoderCommand],
    control: &JobControl,
) -> Result<Probe, Error> {
    let mut decoder = input.open(control)?;
    let header = *decoder.header();
    let mut options = DecodeOptions {
        max_total_pixels: Some(input.max_total_pixels),
        ..DecodeOptions::default()
    };
    let mut scale = None;
    let mut colors = ColorProfile::Srgb;
    for command in input.commands.iter().chain(commands) {
        match command {
            DecoderCommand::JpegDownscaleHints(hints) if header.format == ImageFormat::Jpeg => {
                scale = jpeg_scale(header.stored, hints);
            }
            DecoderCommand::WebpDecoderHints(hints) if header.format == ImageFormat::WebP => {
                scale = webp_scaled(&header, hints)
                    .filter(|size| *size != header.stored)
                    .map(|size| (DecodeScale::Exact, size));
            }
            DecoderCommand::DiscardColorProfile => options.discard_color_profile = true,
            DecoderCommand::IgnoreColorProfileErrors => {
                options.fail_on_color_profile_errors = false;
            }
            DecoderCommand::FailOnColorProfileErrors => options.fail_on_color_profile_errors = true,
            DecoderCommand::SelectFrame(frame) => options.select_frame = Some(*frame),
            DecoderCommand::ColorProfile(wanted) => colors = *wanted,
            DecoderCommand::JpegDownscaleHints(_) | DecoderCommand::WebpDecoderHints(_) => {}
        }
    }
    // All frames before the one that is asked for are decoded to show it.
    if let Some(last) = options
        .select_frame
        .and_then(|frame| u64::try_from(frame).ok())
    {
        check_frames(header.format, last.saturating_add(1))?;
    }
    decoder.select(&options)?;
    let header = *decoder.header();
    let scaled = scale.map_or(header.stored, |(_, size)| size);
    Ok(Probe {
        header,
        options,
        scaled,
        scale: scale.map(|(scale, _)| scale),
        colors,
    })
}

/// How imageflow 2.x decodes for these hints, and to which size; `None` for full size.
fn jpeg_scale(stored: Size, hints: &JpegDownscaleHints) -> Option<(DecodeScale, Size)> {
    let scale = imageflow_querystring::jpeg_scale((stored.width(), stored.height()), hints)?;
    let size = Size::new(scale.size.0, scale.size.1)?;
    let gamma = hints.scale_luma_spatially == Some(true)
        && hints.gamma_correct_for_srgb_during_spatial_luma_scaling == Some(true);
    Some((
        DecodeScale::Blocks(BlockScale {
            eighths: scale.eighths,
            gamma,
        }),
        size,
    ))
}
