//! What `hints` of a watermark mean.

use super::png;

/// Rectangles of one pixel's width, which every filter but the identity blurs.
const STRIPES: [(u32, &str); 3] = [(1, "FF0000"), (3, "00FF00"), (6, "0000FF")];

/// The stripes, moved by `left` and `top`.
fn stripes(left: u32, top: u32) -> String {
    let stripe = |(x, color): (u32, &str)| {
        let (x1, x2, y1, y2) = (left + x, left + x + 1, top + 1, top + 5);
        format!(
            r#"{{"fill_rect":{{"x1":{x1},"y1":{y1},"x2":{x2},"y2":{y2},"color":{{"srgb":{{"hex":"{color}"}}}}}}}}"#
        )
    };
    STRIPES.map(stripe).join(",")
}

fn canvas(w: u32, h: u32, format: &str, color: &str) -> String {
    format!(
        r#"{{"create_canvas":{{"w":{w},"h":{h},"format":"{format}","color":{{"srgb":{{"hex":"{color}"}}}}}}}}"#
    )
}

/// A picture of 40×30 with a mark of 8×6 drawn at 4,5, in its own size.
fn marked(mark: &[u8], hints: &str) -> Result<Vec<u8>, String> {
    let picture = png(&[], &canvas(40, 30, "bgr_32", "806040")).unwrap();
    png(
        &[&picture, mark],
        &format!(
            r#"{{"decode":{{"io_id":0}}}},{{"watermark":{{"io_id":1,"fit_mode":"distort",
                "fit_box":{{"image_margins":{{"left":4,"top":5,"right":28,"bottom":19}}}},"hints":{hints}}}}}"#
        ),
    )
}

#[test]
fn a_mark_of_the_size_it_is_drawn_in_stays_as_it_is_when_only_another_size_is_worth_a_resample() {
    for (format, color) in [("bgr_32", "102030"), ("bgra_32", "00000000")] {
        let mark = png(
            &[],
            &format!("{},{}", canvas(8, 6, format, color), stripes(0, 0)),
        )
        .unwrap();
        let below = match format {
            "bgr_32" => {
                r#"{"fill_rect":{"x1":4,"y1":5,"x2":12,"y2":11,"color":{"srgb":{"hex":"102030"}}}},"#
            }
            _ => "",
        };
        let expected = format!(
            "{},{below}{}",
            canvas(40, 30, "bgr_32", "806040"),
            stripes(4, 5)
        );
        let expected = png(&[], &expected).unwrap();
        for hints in [
            r#"{"resample_when":"size_differs","sharpen_percent":50}"#,
            r#"{"resample_when":"size_differs_or_sharpening_requested"}"#,
            r#"{"resample_when":"size_differs_or_sharpening_requested","sharpen_percent":50,"sharpen_when":"downscaling"}"#,
        ] {
            assert!(
                marked(&mark, hints).unwrap() == expected,
                "{format} {hints}"
            );
        }
        for hints in [
            "null",
            r#"{"resample_when":"always"}"#,
            r#"{"resample_when":"size_differs_or_sharpening_requested","sharpen_percent":50}"#,
        ] {
            assert!(
                marked(&mark, hints).unwrap() != expected,
                "{format} {hints}"
            );
        }
    }
}

#[test]
fn hints_of_published_clients_are_accepted() {
    let mark = png(&[], &canvas(80, 60, "bgra_32", "FF000080")).unwrap();
    for hints in [
        "null",
        "{}",
        r#"{"sharpen_percent":null,"down_filter":null,"up_filter":null,"scaling_colorspace":null,
            "background_color":null,"resample_when":null,"sharpen_when":null}"#,
        r#"{"sharpen_percent":15,"down_filter":"robidoux","up_filter":"ginseng","scaling_colorspace":"linear",
            "resample_when":"size_differs","sharpen_when":"downscaling"}"#,
        r#"{"sharpen_percent":15.5,"down_filter":"lanczos","up_filter":"box","scaling_colorspace":"srgb",
            "resample_when":"size_differs_or_sharpening_requested","sharpen_when":"size_differs",
            "background_color":"black"}"#,
        r#"{"resample_when":"always","sharpen_when":"always","sharpenPercent":3}"#,
    ] {
        if let Err(answer) = marked(&mark, hints) {
            panic!("{hints}: {answer}");
        }
    }
}

#[test]
fn draw_image_exact_always_resamples() {
    let steps = r#"{"draw_image_exact":{"x":0,"y":0,"w":1,"h":1,"hints":{"resample_when":"size_differs"}}}"#;
    let job = format!(
        r#"{{"framewise":{{"graph":{{"nodes":{{"0":{canvas},"1":{canvas},"2":{steps}}},"edges":[
            {{"from":0,"to":2,"kind":"input"}},{{"from":1,"to":2,"kind":"canvas"}}]}}}}}}"#,
        canvas = canvas(4, 4, "bgra_32", "FF000080"),
    );
    let response = super::context(&[]).send_json("v1/execute", job.as_bytes());
    let answer = String::from_utf8(response.body).unwrap();
    assert!(answer.contains("leave out hints.resample_when"), "{answer}");
}
