//! What a job may use: `--exit-if-larger-than` (`4000px`, `4000`, `4000w`, `3000h`, `12.5mp`, `disabled`, together and in
//! any case), `--max-megapixels`, `--threads` and `--timeout`.

use std::time::{Duration, Instant};

use imageflow_types::{Build, ExecutionSecurity, FrameSizeLimit};

use crate::cli::LimitFlags;
use crate::error::ToolError;

/// The engine's own bound on the sides of an input, which `--max-megapixels` leaves as it is.
const MOST_PIXELS_ALONG_A_SIDE: u32 = 12_000;

/// No bound: the largest size the engine can count.
const UNLIMITED: FrameSizeLimit = FrameSizeLimit {
    w: i32::MAX as u32,
    h: i32::MAX as u32,
    megapixels: f32::MAX,
};

/// Puts the flags into a job's security settings. The job's own settings stay where no flag says otherwise.
///
/// # Errors
/// When a value is not a limit.
pub(crate) fn apply_flags(build: &mut Build, flags: &LimitFlags) -> Result<(), ToolError> {
    let LimitFlags {
        exit_if_larger_than: sizes,
        max_megapixels,
        threads,
        ..
    } = flags;
    if sizes.is_empty() && max_megapixels.is_none() && threads.is_none() {
        return Ok(());
    }
    let config = build.builder_config.get_or_insert_default();
    apply_to(config.security.get_or_insert_default(), flags)
}

/// Puts the flags into security settings; what no flag concerns stays.
///
/// # Errors
/// When a value is not a limit.
pub(super) fn apply_to(
    security: &mut ExecutionSecurity,
    flags: &LimitFlags,
) -> Result<(), ToolError> {
    let LimitFlags {
        exit_if_larger_than: sizes,
        max_megapixels,
        threads,
        ..
    } = flags;
    if !sizes.is_empty() {
        apply(security, sizes.iter().map(String::as_str))?;
    }
    if let Some(megapixels) = *max_megapixels {
        if !(megapixels.is_finite() && megapixels > 0.0) {
            return Err(ToolError::BadArguments(format!(
                "--max-megapixels {megapixels}: expected a number above 0"
            )));
        }
        let before = security.max_decode_size.unwrap_or(FrameSizeLimit {
            w: MOST_PIXELS_ALONG_A_SIDE,
            h: MOST_PIXELS_ALONG_A_SIDE,
            megapixels,
        });
        security.max_decode_size = Some(FrameSizeLimit {
            megapixels,
            ..before
        });
    }
    security.max_threads = threads.or(security.max_threads);
    Ok(())
}

/// The time a job may take.
///
/// # Errors
/// When it is no time.
pub(crate) fn timeout(flags: &LimitFlags) -> Result<Option<Duration>, ToolError> {
    let duration = |s: f64| {
        let valid = Duration::try_from_secs_f64(s).ok();
        valid.ok_or_else(|| {
            ToolError::BadArguments(format!("--timeout {s}: expected seconds, zero or more"))
        })
    };
    flags.timeout.map(duration).transpose()
}

/// When that time is over, if it begins now.
///
/// # Errors
/// When it is no time.
pub(crate) fn deadline(flags: &LimitFlags) -> Result<Option<Instant>, ToolError> {
    Ok(timeout(flags)?.and_then(|time| Instant::now().checked_add(time)))
}

/// Puts the limits into a job's security settings; what the flag does not concern stays as the job has it.
///
/// # Errors
/// When a value is not a limit.
fn apply<'a>(
    security: &mut ExecutionSecurity,
    values: impl IntoIterator<Item = &'a str>,
) -> Result<(), ToolError> {
    let mut frame = UNLIMITED;
    let mut disabled = false;
    for value in values {
        let lower = value.to_ascii_lowercase();
        if lower == "disabled" {
            disabled = true;
            continue;
        }
        let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = &lower[digits.len()..];
        let pixels = || digits.parse::<u32>().ok().ok_or_else(|| bad(value));
        match unit {
            "px" | "" => {
                frame.w = pixels()?;
                frame.h = frame.w;
            }
            "w" => frame.w = pixels()?,
            "h" => frame.h = pixels()?,
            "mp" => {
                let area = digits
                    .parse::<f32>()
                    .ok()
                    .filter(|a| a.is_finite() && *a >= 0.0);
                frame.megapixels = area.ok_or_else(|| bad(value))?;
            }
            _ => return Err(bad(value)),
        }
    }
    security.max_frame_size = Some(frame);
    if disabled {
        security.max_frame_size = Some(UNLIMITED);
        security.max_decode_size = Some(UNLIMITED);
        security.max_encode_size = Some(UNLIMITED);
    }
    Ok(())
}

fn bad(value: &str) -> ToolError {
    ToolError::BadArguments(format!(
        "--exit-if-larger-than {value}: expected a size like 4000px, 4000w, 3000h or 12.5mp, or disabled"
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn applied(values: &[&str]) -> ExecutionSecurity {
        let mut security = ExecutionSecurity {
            max_threads: Some(2),
            ..ExecutionSecurity::default()
        };
        apply(&mut security, values.iter().copied()).expect("is a limit");
        security
    }

    #[test]
    fn sizes_not_mentioned_are_unlimited_and_other_limits_stay() {
        let security = applied(&["40W", "1.5MP"]);
        assert_eq!(
            security.max_frame_size,
            Some(FrameSizeLimit {
                w: 40,
                h: i32::MAX as u32,
                megapixels: 1.5
            })
        );
        assert_eq!(
            (security.max_threads, security.max_decode_size),
            (Some(2), None)
        );
        let square = applied(&["50px"]).max_frame_size.expect("is set");
        assert_eq!((square.w, square.h), (50, 50));
    }

    #[test]
    fn disabled_lifts_all_three_sizes() {
        let security = applied(&["10", "disabled"]);
        assert_eq!(security.max_frame_size, Some(UNLIMITED));
        assert_eq!(security.max_decode_size, Some(UNLIMITED));
        assert_eq!(security.max_encode_size, Some(UNLIMITED));
    }

    #[test]
    fn anything_else_is_refused() {
        for value in ["", "px", "1.5px", "-5", "10cm", "nanmp", "é"] {
            assert!(
                apply(&mut ExecutionSecurity::default(), [value]).is_err(),
                "{value}"
            );
        }
    }
}
