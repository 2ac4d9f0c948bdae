//! What holds for any text and any size.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use imageflow_querystring::{
    complete_preset, decoder_commands, encoder_preset, keys, layout, parse, steps, validate,
};
use proptest::prelude::*;

/// Text made of known keys and of values that are nearly or fully understood, with noise.
fn querystring() -> impl Strategy<Value = String> {
    let examples: Vec<String> = keys::all()
        .flat_map(|key| {
            key.grammar
                .examples()
                .into_iter()
                .map(|value| format!("{}={value}", key.name))
        })
        .collect();
    let commands =
        "[a-z0-9.-]{0,12}(,[0-9]{1,4}[whx]|,fit-crop|,qp-[0-9a-z]{1,4}|,webp-[a-z0-9.-]{0,6}){0,4}";
    let pair = prop_oneof![
        8 => proptest::sample::select(examples),
        2 => ("[a-z.]{1,9}", "[ -~]{0,8}").prop_map(|(k, v)| format!("{k}={v}")),
        2 => commands.prop_map(|c| format!("srcset={c}")),
        1 => "[wh]=-?[0-9]{1,10}".prop_map(|s| s),
        1 => "crop=-?[0-9.]{1,5},-?[0-9.]{1,5},-?[0-9.]{1,5},(nan|inf|-?[0-9.]{1,5})".prop_map(|s| s),
        1 => any::<String>(),
    ];
    proptest::collection::vec(pair, 0..8).prop_map(|pairs| pairs.join("&"))
}

/// How many texts to try: `IMAGEFLOW_QUERIES`, or what takes a second.
fn queries() -> u32 {
    let asked = std::env::var("IMAGEFLOW_QUERIES").ok();
    asked.map_or(20_000, |text| {
        text.parse().expect("IMAGEFLOW_QUERIES is a number")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: queries(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes of any kind, and bytes that look like a querystring, since the former seldom hit a key.
    #[test]
    fn any_bytes_give_wishes_a_layout_steps_and_a_preset(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            proptest::collection::vec(proptest::sample::select(b"wh=&,.-+%x0159acdeilmnopqrst;#".to_vec()), 0..80),
        ],
        text in querystring(),
        size in (1u32..20_000, 1u32..20_000),
    ) {
        for text in [String::from_utf8_lossy(&bytes).into_owned(), text] {
            let wishes = parse(&text).0.settled();
            let hints = decoder_commands(&wishes, size);
            let presets = [encoder_preset(&wishes), complete_preset(&wishes)];
            let steps = layout(&wishes, size, size).map(|plan| steps(&wishes, &plan, &[]));
            std::hint::black_box((hints, presets, steps.is_ok()));
        }
    }
}

/// Texts of 64 KiB that make a careless parser slow: many keys, one key many times, long values, deep lists.
#[test]
fn long_texts_are_read_in_milliseconds() {
    let length = 64 << 10;
    let filled = |unit: &str| {
        let mut text = unit.repeat(length / unit.len() + 1);
        text.truncate(length);
        text
    };
    let unique: String = (0..length / 6).map(|i| format!("k{i}&")).collect();
    let texts = [
        filled("&"),
        filled("a&"),
        filled("w=1&"),
        filled("w&h&"),
        filled("%"),
        filled("%41"),
        filled("+"),
        unique,
        format!("srcset={}", filled("100w,")),
        format!("srcset={}", filled("webp-")),
        format!("crop={}", filled("(1,)")),
        format!("c={}", filled("1,")),
        format!("w={}", filled("9")),
        format!("bgcolor={}", filled("f")),
        format!("qp={}", filled("x")),
        format!("dpr={}", filled("x")),
    ];
    // Unoptimised code is given more time; the bound of 5 ms is for what users run.
    let bound = std::time::Duration::from_millis(if cfg!(debug_assertions) { 50 } else { 5 });
    for text in texts {
        let fastest = (0..5)
            .map(|_| {
                let start = std::time::Instant::now();
                let (wishes, warnings) = parse(&text);
                std::hint::black_box((wishes.settled(), warnings));
                start.elapsed()
            })
            .min()
            .expect("five runs");
        assert!(fastest <= bound, "{fastest:?} for {}...", &text[..20]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_and_the_canonical_form_is_final(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let canonical = parse(&text).0.to_canonical();
        prop_assert_eq!(parse(&canonical).0.to_canonical(), canonical);
    }

    #[test]
    fn the_canonical_form_of_wishes_is_final_and_without_warnings(text in querystring()) {
        let canonical = parse(&text).0.to_canonical();
        let (again, warnings) = parse(&canonical);
        prop_assert_eq!(again.to_canonical(), canonical.clone());
        // White balance by other means than area keeps its complaint.
        if !canonical.contains("a.balancewhite=simple") && !canonical.contains("a.balancewhite=gimp") {
            prop_assert_eq!(warnings, vec![], "{}", canonical);
        }
        prop_assert_eq!(validate(&text).len(), parse(&text).1.len());
    }

    #[test]
    fn layouts_are_consistent(
        text in querystring(),
        (w, h) in (1u32..5000, 1u32..5000),
        eighths in 1u32..=8,
    ) {
        let wishes = parse(&text).0.settled();
        let shrunk = ((w * eighths).div_ceil(8), (h * eighths).div_ceil(8));
        for frame in [(w, h), shrunk] {
            let Ok(plan) = layout(&wishes, frame, (w, h)) else { continue };
            if let Some([x1, y1, x2, y2]) = plan.crop {
                prop_assert!(x1 < x2 && x2 <= plan.frame.0 && y1 < y2 && y2 <= plan.frame.1);
                prop_assert_eq!((x2 - x1, y2 - y1), plan.source);
            } else {
                prop_assert_eq!(plan.source, plan.frame);
            }
            let [left, top, right, bottom] = plan.pad;
            prop_assert!(plan.image.0 >= 1 && plan.image.1 >= 1);
            prop_assert_eq!(left + plan.image.0 + right, plan.canvas.0);
            prop_assert_eq!(top + plan.image.1 + bottom, plan.canvas.1);
            let moved = plan.on_frame((plan.frame.0 * 2, plan.frame.1 * 2));
            prop_assert_eq!(moved.crop, plan.crop.map(|c| c.map(|v| v * 2)));
            prop_assert!(!steps(&wishes, &plan, &[]).is_empty());
        }
        let _ = decoder_commands(&wishes, (w, h));
        let _ = encoder_preset(&wishes);
    }

    #[test]
    fn no_size_is_too_large_to_answer(
        text in querystring(),
        sizes in [any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>()],
    ) {
        let wishes = parse(&text).0;
        let [a, b, c, d] = sizes;
        let _ = layout(&wishes, (a, b), (c, d));
        let _ = decoder_commands(&wishes, (a, b));
    }
}
