//! What an input's header does not tell: colours, a placeholder, the timing of frames.
//!
//! The first two are surveys of one plan, so that pixels are decoded once, and no further than a reduction needs. Frames are
//! counted by playing them.

use imageflow_codecs::DecodeOptions;
use imageflow_pixels::RowSink;
use imageflow_pixels::ops::{Dominant, DominantColors, ThumbHash};
use imageflow_types::{ColorProfile, DecoderCommand, FramesInfo, ImageInfoExtra};

use super::Planning;
use super::expand::Expander;
use super::ir::Id;
use super::survey::Survey;
use crate::error::{Error, ErrorKind};
use crate::limits::check_frames;

/// Longer side of the reduction that colours are taken from.
const COLORS_SIDE: u32 = 128;

/// What was asked for.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Extras {
    /// The colours that stand for the picture, largest share first.
    pub(crate) colors: Option<Vec<Dominant>>,
    /// The bytes of its ThumbHash.
    pub(crate) thumbhash: Option<Vec<u8>>,
    /// Its frames.
    pub(crate) frames: Option<FramesInfo>,
}

/// Finds out what is asked for about an input.
pub(crate) fn extras(
    io_id: i32,
    wanted: &[ImageInfoExtra],
    planning: Planning<'_>,
) -> Result<Extras, Error> {
    let mut extras = Extras::default();
    look(io_id, wanted, planning, &mut extras)?;
    if wanted.contains(&ImageInfoExtra::Frames) {
        extras.frames = Some(frames(io_id, planning).map_err(|e| e.at_io(io_id))?);
    }
    Ok(extras)
}

/// Looks at the pixels, if they are of interest; checks the limits of a decode in any case.
fn look(
    io_id: i32,
    wanted: &[ImageInfoExtra],
    planning: Planning<'_>,
    extras: &mut Extras,
) -> Result<(), Error> {
    let mut expander = Expander::new(planning);
    let control = planning.control;
    // Colours are told in sRGB, whatever the decoder was told before.
    let srgb = [DecoderCommand::ColorProfile(ColorProfile::Srgb)];
    let input = expander.decode(io_id, &srgb)?.id;
    let mut sinks: Vec<(Id, Box<dyn RowSink>)> = Vec::new();
    let mut colors = None;
    if wanted.contains(&ImageInfoExtra::DominantColors) {
        let id = expander.reduced(input, COLORS_SIDE)?;
        let survey = Survey::new(
            DominantColors::new(expander.frame(id)),
            DominantColors::push_row,
        );
        sinks.push((id, survey.sink(control)));
        colors = Some(survey);
    }
    let mut hash = None;
    if wanted.contains(&ImageInfoExtra::Thumbhash) {
        let id = expander.reduced(input, ThumbHash::MAX_SIDE)?;
        let survey = Survey::new(ThumbHash::new(expander.frame(id)), ThumbHash::push_row);
        sinks.push((id, survey.sink(control)));
        hash = Some(survey);
    }
    if sinks.is_empty() {
        return Ok(());
    }
    expander.show(sinks)?;
    if let Some(survey) = colors {
        extras.colors = Some(survey.finish()?.finish());
    }
    if let Some(survey) = hash {
        extras.thumbhash = Some(survey.finish()?.finish());
    }
    Ok(())
}

/// Counts the frames of an input.
fn frames(io_id: i32, planning: Planning<'_>) -> Result<FramesInfo, Error> {
    let entry = planning.io.input(io_id)?;
    let decoder = entry.open(planning.control)?;
    let header = *decoder.header();
    if !header.multiple_frames {
        return Ok(FramesInfo {
            count: 1,
            delays_ms: Vec::new(),
            plays: 1,
        });
    }
    let options = DecodeOptions {
        max_total_pixels: Some(entry.max_total_pixels),
        ..DecodeOptions::default()
    };
    let mut source = decoder.into_frames(&options, planning.control)?;
    let animation = source.animation();
    let mut delays_ms: Vec<u32> = Vec::new();
    while let Some(delay_ms) = source.skip_frame()? {
        planning.control.check()?;
        delays_ms.push(delay_ms);
        let (pixels, count) = (animation.size.area(), delays_ms.len() as u64);
        check_frames(header.format, count)?;
        let total = pixels.saturating_mul(count);
        if total > entry.max_total_pixels {
            let text = format!(
                "{} total decoded pixels ({count} frames x {pixels} pixels = {total}) exceeds max_total_file_pixels {}",
                header.format, entry.max_total_pixels
            );
            return Err(Error::new(ErrorKind::SizeLimitExceeded, text));
        }
    }
    Ok(FramesInfo {
        count: u32::try_from(delays_ms.len()).unwrap_or(u32::MAX),
        plays: animation.plays,
        delays_ms,
    })
}
