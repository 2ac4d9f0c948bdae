//! An encoder that is led to a goal: the frame is gathered, encoded at several qualities in memory, and the file that meets
//! the goal best is written.
//!
//! [`search`] chooses which qualities to try; [`candidate`] encodes, and [`score`] decodes again and compares.

mod candidate;
mod score;
mod search;

use std::sync::{Arc, Mutex, PoisonError};

use imageflow_codecs::metadata::Metadata;
use imageflow_codecs::{CodecError, EncoderSettings, Gather, Output};
use imageflow_pixels::{EncodeReport, FrameInfo, JobControl, RowBuf, RowSink, StreamError};
use imageflow_types::GoalResult;

use crate::plan::Goal;
use candidate::Candidate;
use search::Search;

/// Where the sink leaves what became of the goal.
#[derive(Clone, Debug, Default)]
pub(super) struct Report(Arc<Mutex<Option<GoalResult>>>);

impl Report {
    /// What became of the goal, once the sink is finished.
    pub(super) fn take(&self) -> Option<GoalResult> {
        self.slot().take()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<GoalResult>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the sink.
///
/// # Errors
/// When the budget or the system refuses the memory of the frame.
pub(super) fn sink(
    settings: EncoderSettings,
    metadata: Metadata,
    goal: Goal,
    frame: FrameInfo,
    mut output: Output,
    control: &JobControl,
    report: Report,
) -> Result<Box<dyn RowSink>, CodecError> {
    let all = control.clone();
    let sink = Gather::new(frame, control, move |frame: &RowBuf| {
        let (best, result) = reach(&settings, &metadata, goal, frame, &all)?;
        output
            .write_all(best.bytes())
            .and_then(|()| output.flush())
            .map_err(CodecError::Write)?;
        *report.slot() = Some(result);
        Ok(EncodeReport {
            bytes: result.bytes,
        })
    })?;
    Ok(Box::new(sink))
}

/// The file that meets the goal best.
fn reach(
    settings: &EncoderSettings,
    metadata: &Metadata,
    goal: Goal,
    frame: &RowBuf,
    control: &JobControl,
) -> Result<(Candidate, GoalResult), StreamError> {
    let mut search = Search::new(&goal, frame.info().size.area());
    // The best file below the end of the search, and the one there.
    let (mut short, mut enough) = (None, None);
    while let Some(quality) = search.next() {
        control.check()?;
        let settings = settings.with_quality(quality).unwrap_or(*settings);
        let candidate = Candidate::encode(&settings, metadata, frame, control)?;
        let too_large = goal.max_bytes.is_some_and(|max| candidate.len() > max);
        let score = match goal.ssimulacra2 {
            Some(_) if !too_large => Some(score::score(frame, &candidate, control)?),
            _ => None,
        };
        let good = (goal.ssimulacra2.zip(score)).is_some_and(|(wanted, score)| score >= wanted);
        search.learn(quality, candidate.len(), score, too_large || good);
        let reached = !too_large && (good || goal.ssimulacra2.is_none());
        let result = GoalResult {
            quality,
            bytes: candidate.len(),
            ssimulacra2: score,
            tries: 0,
            reached,
        };
        if too_large || good {
            enough = Some((candidate, result, too_large));
        } else {
            short = Some((candidate, result));
        }
    }
    let tries = search.tries();
    let best = match (short, enough) {
        // Good, and not too large.
        (_, Some((candidate, result, false))) => Some((candidate, result)),
        // One quality further is too large, or there is none.
        (Some(short), _) => Some(short),
        // Even the lowest quality is too large: an image that is a bit too large is better than none.
        (None, Some((candidate, result, true))) => Some((candidate, result)),
        (None, None) => None,
    };
    let (candidate, result) =
        best.ok_or_else(|| CodecError::InvalidArgument("no quality was tried".into()))?;
    Ok((candidate, GoalResult { tries, ..result }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use imageflow_codecs::png::PngSettings;
    use imageflow_pixels::{Alpha, ControlError, Limits, Size};

    use super::*;

    const PALETTE: EncoderSettings = EncoderSettings::Png(PngSettings::Palette {
        quality: 100,
        min_quality: 0,
        speed: 10,
        max_deflate: false,
    });
    const GOAL: Goal = Goal {
        max_bytes: Some(6000),
        ssimulacra2: Some(90.0),
        lowest_quality: 1,
    };

    fn frame() -> RowBuf {
        let info = FrameInfo::bgra8(Size::new(100, 70).unwrap(), Alpha::Meaningful);
        let mut frame = RowBuf::whole(info, &JobControl::default()).unwrap();
        let mut rows = frame.all_mut();
        for y in 0..70u32 {
            for (x, pixel) in rows.row_mut(y).chunks_exact_mut(4).enumerate() {
                let x = x as u32;
                pixel.copy_from_slice(&[x * 2, y * 3, (x * y) % 200, 255 - x].map(|v| v as u8));
            }
        }
        frame
    }

    fn limited(max_bytes: u64) -> JobControl {
        let limits = Limits {
            max_bytes,
            ..Limits::default()
        };
        JobControl::new(Arc::default(), limits)
    }

    #[test]
    fn a_search_stays_within_its_budget_and_gives_it_back() {
        let frame = frame();
        let free = limited(u64::MAX);
        let (best, result) = reach(&PALETTE, &Metadata::default(), GOAL, &frame, &free).unwrap();
        assert_eq!(best.len(), result.bytes);
        drop(best);
        let needed = free.peak_bytes();
        assert!(
            free.reserve(u64::MAX).is_ok(),
            "something is still reserved"
        );
        assert!(
            reach(
                &PALETTE,
                &Metadata::default(),
                GOAL,
                &frame,
                &limited(needed)
            )
            .is_ok()
        );
        for part in 0..20 {
            let refused = reach(
                &PALETTE,
                &Metadata::default(),
                GOAL,
                &frame,
                &limited(needed * part / 20),
            );
            let error = refused.err().unwrap();
            assert!(
                matches!(
                    error,
                    StreamError::Control(ControlError::BudgetExceeded { .. })
                ),
                "{error}"
            );
        }
    }

    #[test]
    fn a_search_sees_cancellation() {
        let cancel = Arc::new(AtomicBool::new(false));
        let control = JobControl::new(cancel.clone(), Limits::default());
        cancel.store(true, Ordering::Relaxed);
        let error = reach(&PALETTE, &Metadata::default(), GOAL, &frame(), &control)
            .err()
            .unwrap();
        assert!(matches!(
            error,
            StreamError::Control(ControlError::Cancelled)
        ));
    }
}
