//! Recorded cases that the engine does not follow: where imaging.md decides to deviate from what was recorded, and where
//! we believe that the recording is wrong. Both are counted apart, neither passed nor failed, and still run, so that it
//! shows when they start to agree.

/// Why a case is not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exception {
    /// The deviation of this number in the list of imaging.md, section 0.
    Decided(u8, &'static str),
    /// Decided since that list was made, for this reason.
    Since(&'static str),
    /// Our reason.
    Disputed(&'static str),
}

use Exception::{Decided, Disputed, Since};

const OVER_BRIGHT: Exception = Decided(
    1,
    "recorded compositing without the multiplication by alpha; source-over is asked for (pixel vectors agree)",
);

const LIMITS_NOW: Exception = Since(
    "recorded limits that count for some inputs only; they count for all, also for those registered before (docs/json-api/limits.md)",
);

/// The cases.
pub(crate) const EXCEPTIONS: &[(&str, Exception)] = &[
    ("graph_draw_image_exact_compose", OVER_BRIGHT),
    ("graph_draw_image_exact_scaled", OVER_BRIGHT),
    ("command_string_watermarks", OVER_BRIGHT),
    ("watermark_default", OVER_BRIGHT),
    ("watermark_distort", OVER_BRIGHT),
    ("watermark_margins_fit_box", OVER_BRIGHT),
    ("watermark_min_canvas_shown", OVER_BRIGHT),
    ("watermark_percentage", OVER_BRIGHT),
    (
        "decode_rgb16_png",
        Decided(
            6,
            "recorded 16 to 8 bit truncation; rounding is asked for (pixel vectors accept both)",
        ),
    ),
    (
        "decode_transparent_gif",
        Decided(
            9,
            "recorded canvas of the opaque background colour; a transparent one is asked for",
        ),
    ),
    (
        "white_balance_flat",
        Decided(
            15,
            "recorded division by zero, which makes a flat channel white; it is to stay as it is",
        ),
    ),
    ("sec_png_input_bytes_not_enforced", LIMITS_NOW),
    ("sec_webp_input_bytes", LIMITS_NOW),
    ("sec_max_total_file_pixels_execute", LIMITS_NOW),
    (
        "sec_mem_budget_ignored",
        Since(
            "recorded a memory policy without effect; it refuses jobs now (docs/json-api/limits.md)",
        ),
    ),
    (
        "trim_noisy_low",
        Since(
            "recorded loss of two to three pixels on each side of a picture without a plain border; it is to stay whole",
        ),
    ),
    (
        "constrain_zero_is_missing",
        Disputed(
            "a resample compared without tolerance; exact arithmetic rounds 5 of its 390 samples differently",
        ),
    ),
    (
        "query_w60_png_linear",
        Disputed(
            "recorded luma-only reduction of a colour zone plate; the exact linear-light result is 20 away, the tolerance 16",
        ),
    ),
];

/// Why a case is not followed, if it is not.
pub(crate) fn of(case: &str) -> Option<Exception> {
    EXCEPTIONS
        .iter()
        .find(|(name, _)| *name == case)
        .map(|(_, exception)| *exception)
}

#[test]
fn few_recordings_are_disputed() {
    let disputed = EXCEPTIONS
        .iter()
        .filter(|(_, exception)| matches!(exception, Disputed(_)));
    assert!(disputed.count() <= 3);
}
