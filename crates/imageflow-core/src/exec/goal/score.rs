//! How much a file looks like the frame it was made of.

use imageflow_codecs::{CodecError, DecodeOptions};
use imageflow_pixels::ssimulacra2::Ssimulacra2;
use imageflow_pixels::{FrameInfo, JobControl, PixelLayout, RowBuf, StreamError};

use super::candidate::Candidate;

/// Rows decoded at once, between two looks at the job's control.
const STRIP: u32 = 16;

/// The SSIMULACRA2 score of a file, at its own size. A frame with alpha is compared on two backgrounds; the lower score
/// counts.
///
/// # Errors
/// The decoder's; refusals of the budget; a job that must stop.
pub(super) fn score(
    frame: &RowBuf,
    candidate: &Candidate,
    control: &JobControl,
) -> Result<f32, StreamError> {
    let original = *frame.info();
    let decoder = imageflow_codecs::open(&candidate.input(), control)?;
    let format = decoder.header().format;
    // The frame is in the colours of the profile that goes along, if one does.
    let options = DecodeOptions {
        discard_color_profile: true,
        ..DecodeOptions::default()
    };
    let mut source = decoder.into_rows(&options, control)?;
    let copy = source.frame();
    if copy.size != original.size || copy.layout != PixelLayout::Bgra8 {
        let text = "the file that was written decodes to another frame";
        return Err(CodecError::encode(format, text).into());
    }
    let mut metrics = metrics(original, copy, control)?;
    let height = copy.size.height();
    let mut strip = RowBuf::new(copy, STRIP, control)?;
    let rows = frame.all();
    for y in (0..height).step_by(STRIP as usize) {
        control.check()?;
        let range = y..height.min(y.saturating_add(STRIP));
        source.read_rows(&mut strip.advance(range.clone(), y))?;
        let decoded = strip.rows(range.clone());
        for y in range {
            for metric in &mut metrics {
                metric.push_row(rows.row(y), decoded.row(y));
            }
        }
    }
    let worst = metrics.iter().map(Ssimulacra2::score).fold(100.0, f64::min);
    Ok(worst as f32)
}

/// One metric for each background that makes a difference.
fn metrics(
    original: FrameInfo,
    copy: FrameInfo,
    control: &JobControl,
) -> Result<Vec<Ssimulacra2>, StreamError> {
    let alphas = [original.alpha, copy.alpha];
    let [dark, bright] = Ssimulacra2::BACKGROUNDS;
    let metric = |background| Ssimulacra2::new(original.size, alphas, background, control);
    let mut metrics = vec![metric(dark)?];
    if alphas.iter().any(|alpha| alpha.is_meaningful()) {
        metrics.push(metric(bright)?);
    }
    Ok(metrics)
}
