//! Recorded cases that contradict the rules the engine must follow. Each is listed with the reason and counted apart: it is
//! neither passed nor failed, and still runs, so that it shows when it starts to agree.

const OVER_BRIGHT: &str = "recorded compositing without the multiplication by alpha; imaging rule 1 asks for source-over (pixel vectors agree)";

/// Case name and reason.
pub(crate) const DISPUTED: &[(&str, &str)] = &[
    (
        "constrain_zero_is_missing",
        "a resample compared without tolerance; exact arithmetic rounds 5 of its 390 samples differently",
    ),
    (
        "decode_rgb16_png",
        "recorded 16 to 8 bit truncation; imaging rule 6 asks for rounding (pixel vectors accept both)",
    ),
    ("graph_draw_image_exact_compose", OVER_BRIGHT),
    ("graph_draw_image_exact_scaled", OVER_BRIGHT),
    (
        "decode_transparent_gif",
        "recorded canvas of the opaque background colour; imaging rule 9 asks for a transparent one",
    ),
    ("command_string_watermarks", OVER_BRIGHT),
    ("watermark_default", OVER_BRIGHT),
    ("watermark_distort", OVER_BRIGHT),
    ("watermark_margins_fit_box", OVER_BRIGHT),
    ("watermark_min_canvas_shown", OVER_BRIGHT),
    ("watermark_percentage", OVER_BRIGHT),
    (
        "white_balance_flat",
        "recorded division by zero, which makes a flat channel white; imaging rule 15 leaves it as it is",
    ),
    (
        "query_w60_png_linear",
        "recorded luma-only reduction of a colour zone plate; the exact linear-light result is 20 away, the tolerance 16",
    ),
];

/// Why a case is disputed.
pub(crate) fn reason(case: &str) -> Option<&'static str> {
    DISPUTED
        .iter()
        .find(|(name, _)| *name == case)
        .map(|(_, reason)| *reason)
}
