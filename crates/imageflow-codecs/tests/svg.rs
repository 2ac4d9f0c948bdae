//! SVG: sizes, what is drawn and what never is, documents made to do harm.
#![cfg(feature = "svg")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use imageflow_codecs::{DecodeOptions, ImageFormat, detect, open};
use imageflow_pixels::{Alpha, JobControl, Limits, Size};
use support::{decode, decode_with, input, survive_damage};

/// A document of 10 by 10 with this in it.
fn drawing(content: &str) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='10' height='10'>{content}</svg>"
    )
}

fn pixel(text: &str, x: usize, y: usize) -> [u8; 4] {
    let decoded = decode(text.as_bytes()).unwrap();
    let at = (y * decoded.frame.size.width() as usize + x) * 4;
    decoded.bgra[at..at + 4].try_into().unwrap()
}

fn size(root: &str) -> Result<Size, String> {
    let text = format!("<svg xmlns='http://www.w3.org/2000/svg' {root}/>");
    open(&input(text.as_bytes()), &JobControl::default())
        .map(|decoder| decoder.header().stored)
        .map_err(|e| e.to_string())
}

#[test]
fn natural_sizes_are_those_of_width_height_and_view_box() {
    let found = |root: &str| {
        let size = size(root).unwrap();
        (size.width(), size.height())
    };
    assert_eq!(found("width='30' height='20'"), (30, 20));
    assert_eq!(found("width='1in' height='10mm'"), (96, 38));
    assert_eq!(found("viewBox='0 0 300 200'"), (300, 200));
    assert_eq!(found("width='30' viewBox='0 0 300 200'"), (30, 20));
    assert_eq!(found("width='10.2' height='9.9'"), (11, 10));
    assert!(size("width='0' height='10'").is_err());
    assert!(size("width='1e30' height='1e30'").is_err());
}

#[test]
fn colours_are_straight_and_alpha_is_meaningful() {
    let text = drawing("<rect width='5' height='10' fill='#ff8000' fill-opacity='0.5'/>");
    assert_eq!(detect(&input(text.as_bytes())).unwrap(), ImageFormat::Svg);
    let [b, g, r, a] = pixel(&text, 2, 5);
    assert!(b == 0 && g.abs_diff(128) <= 1 && r == 255 && a.abs_diff(128) <= 1);
    assert_eq!(pixel(&text, 7, 5), [0; 4]);
    let header = decode(text.as_bytes()).unwrap().header;
    assert_eq!((header.alpha, header.lossless), (Alpha::Meaningful, true));
}

#[test]
fn drawings_are_made_at_any_size_in_any_strips() {
    let text = drawing("<g opacity='0.5'><circle cx='5' cy='5' r='4' fill='blue'/></g>");
    let at = |width, height, strip| {
        let options = DecodeOptions {
            draw_size: Size::new(width, height),
            ..DecodeOptions::default()
        };
        decode_with(text.as_bytes(), &options, &JobControl::default(), strip).unwrap()
    };
    let large = at(400, 200, 7);
    assert_eq!(large.frame.size, Size::new(400, 200).unwrap());
    assert!(large.bgra == at(400, 200, 200).bgra);
    let centre = (100 * 400 + 200) * 4;
    assert_eq!(large.bgra[centre..centre + 4], [255, 0, 0, 128]);
    assert_eq!(at(3, 2, 1).bgra.len(), 24);
}

#[test]
fn groups_filters_masks_clips_and_patterns_are_drawn() {
    let blue = [255, 0, 0, 255];
    let clip = "<clipPath id='c'><rect width='5' height='5'/></clipPath>\
        <rect width='10' height='10' fill='blue' clip-path='url(#c)'/>";
    assert_eq!(
        (pixel(&drawing(clip), 2, 2), pixel(&drawing(clip), 7, 7)),
        (blue, [0; 4])
    );
    let mask = "<mask id='m'><rect width='5' height='10' fill='white'/></mask>\
        <rect width='10' height='10' fill='blue' mask='url(#m)'/>";
    assert_eq!(
        (pixel(&drawing(mask), 2, 2), pixel(&drawing(mask), 7, 7)),
        (blue, [0; 4])
    );
    let pattern = "<pattern id='p' width='4' height='4' patternUnits='userSpaceOnUse'>\
        <rect width='4' height='4' fill='blue'/></pattern><rect width='10' height='10' fill='url(#p)'/>";
    assert_eq!(pixel(&drawing(pattern), 5, 5), blue);
    let filter = "<filter id='f'><feOffset dx='5'/></filter>\
        <g transform='translate(0 0)'><rect width='5' height='10' fill='blue' filter='url(#f)'/></g>";
    // The filter's region ends 10 % beyond the shape.
    assert_eq!(pixel(&drawing(filter), 1, 5), [0; 4]);
    let moved = "<g transform='translate(3 4)'><g transform='scale(2)'>\
        <use xlink:href='#r'/></g></g><defs><rect id='r' width='1' height='1' fill='blue'/></defs>";
    assert_eq!(
        (pixel(&drawing(moved), 4, 5), pixel(&drawing(moved), 2, 5)),
        (blue, [0; 4])
    );
}

#[test]
fn nothing_outside_the_file_is_read() {
    let folder = std::env::temp_dir().join(format!("imageflow-svg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let other = folder.join("other.svg");
    std::fs::write(&other, drawing("<rect width='10' height='10' fill='red'/>")).unwrap();
    let path = other.display();
    for reference in [
        format!("<image width='10' height='10' href='{path}'/>"),
        format!("<image width='10' height='10' xlink:href='file://{path}'/>"),
        format!("<use href='file://{path}#a'/>"),
        "<image width='10' height='10' href='http://127.0.0.1:1/a.png'/>".to_owned(),
        format!("<style>@import url('{path}');</style>"),
    ] {
        assert_eq!(pixel(&drawing(&reference), 5, 5), [0; 4], "{reference}");
    }
    let entity = format!(
        "<!DOCTYPE svg [<!ENTITY e SYSTEM '{path}'>]>{}",
        drawing("<g>&e;</g>")
    );
    let _ = decode(entity.as_bytes());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Refused, or drawn, but not for long.
fn soon(what: &str, text: &str) {
    let limits = Limits {
        max_bytes: 512 << 20,
        ..Limits::default()
    };
    let control = JobControl::new(Arc::default(), limits);
    let start = Instant::now();
    let outcome = decode_with(text.as_bytes(), &DecodeOptions::default(), &control, 64);
    let took = start.elapsed();
    println!("{what}: {took:?} {:?}", outcome.map(|d| d.frame.size));
    assert!(took < Duration::from_secs(20), "{what} took {took:?}");
}

#[test]
fn documents_made_to_do_harm_end_soon() {
    let nest = |open: &str, close: &str, times: usize| open.repeat(times) + &close.repeat(times);
    soon("deep groups", &drawing(&nest("<g>", "</g>", 100_000)));
    soon(
        "layers in layers",
        &drawing(&nest("<g opacity='.9'>", "</g>", 120).replace(
            "></g></g>",
            "><rect x='-9999' y='-9999' width='99999' height='99999'/></g></g>",
        )),
    );
    let mut laughs = String::from("<g id='a0'><rect width='1' height='1'/></g>");
    for i in 1..30 {
        let before = format!("<use href='#a{}'/>", i - 1).repeat(10);
        laughs += &format!("<g id='a{i}'>{before}</g>");
    }
    soon("uses of uses", &drawing(&laughs));
    let entities: String = (1..12)
        .map(|i| format!("<!ENTITY e{i} '{}'>", format!("&e{};", i - 1).repeat(10)))
        .collect();
    let bomb = format!(
        "<!DOCTYPE svg [<!ENTITY e0 'x'>{entities}]>{}",
        drawing("<g>&e11;</g>")
    );
    soon("entities", &bomb);
    let region = "x='-1e6' y='-1e6' width='1e7' height='1e7'";
    for primitive in [
        "<feTurbulence baseFrequency='.1' numOctaves='1000000000'/>",
        "<feMorphology radius='1e9'/>",
        "<feGaussianBlur stdDeviation='1e9'/>",
        "<feConvolveMatrix order='100000' kernelMatrix='1'/>",
        "<feTile/><feFlood/><feImage href='#s'/>",
    ] {
        let filter = format!(
            "<filter id='f' {region} filterUnits='userSpaceOnUse'>{primitive}</filter><rect id='s' width='10' height='10' filter='url(#f)'/>"
        );
        soon(primitive, &drawing(&filter));
    }
    soon(
        "many primitives",
        &drawing(&format!(
            "<filter id='f' {region}>{}</filter><rect width='10' height='10' filter='url(#f)'/>",
            "<feFlood/>".repeat(100_000)
        )),
    );
    soon(
        "huge pattern",
        &drawing(
            "<pattern id='p' width='1e7' height='1e7' patternUnits='userSpaceOnUse'><rect width='1e7' height='1e7'/></pattern><rect width='10' height='10' fill='url(#p)'/>",
        ),
    );
    soon(
        "dashes",
        &drawing(&"<path d='M0 0H1e9' stroke='red' stroke-dasharray='1e-6'/>".repeat(100)),
    );
    soon(
        "markers",
        &drawing(&format!(
            "<marker id='m'>{}</marker><path d='M0 0{}' marker-mid='url(#m)'/>",
            "<rect width='1' height='1'/>".repeat(1000),
            "h1v1".repeat(50_000)
        )),
    );
    soon(
        "numbers",
        &drawing(
            "<rect x='1e38' y='-1e38' width='1e38' height='1e38' transform='scale(1e30)' stroke='red' stroke-width='1e38'/>",
        ),
    );
}

#[test]
fn layers_are_taken_from_the_budget() {
    let text = "<svg xmlns='http://www.w3.org/2000/svg' width='1000' height='1000'>\
        <g opacity='.5'><rect width='1000' height='1000'/></g></svg>";
    let limited = |max_bytes| {
        let limits = Limits {
            max_bytes,
            ..Limits::default()
        };
        let control = JobControl::new(Arc::default(), limits);
        decode_with(text.as_bytes(), &DecodeOptions::default(), &control, 8)
    };
    assert!(limited(6 << 20).unwrap_err().contains("budget"));
    assert!(limited(16 << 20).is_ok());
}

#[test]
fn cancellation_is_noticed_between_shapes() {
    let control = JobControl::new(Arc::new(AtomicBool::new(true)), Limits::default());
    let error = decode_with(
        drawing("").as_bytes(),
        &DecodeOptions::default(),
        &control,
        4,
    );
    assert!(error.unwrap_err().contains("Cancel"));
    let shapes = "<rect width='2000' height='2000' fill='#12345678'/>".repeat(5000);
    let text = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='2000' height='2000'>{shapes}</svg>"
    );
    let limits = Limits {
        deadline: Some(Instant::now() + Duration::from_millis(500)),
        ..Limits::default()
    };
    let control = JobControl::new(Arc::default(), limits);
    let start = Instant::now();
    let error = decode_with(text.as_bytes(), &DecodeOptions::default(), &control, 4);
    assert!(error.unwrap_err().contains("deadline"));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn damage_gives_an_image_or_an_error() {
    let text = drawing(
        "<defs><filter id='f'><feGaussianBlur stdDeviation='2'/><feOffset dx='1'/></filter>\
        <linearGradient id='g'><stop offset='0' stop-color='red'/><stop offset='1'/></linearGradient>\
        <clipPath id='c'><circle r='4'/></clipPath><mask id='m'><rect width='9' height='9'/></mask>\
        <pattern id='p' width='2' height='2' patternUnits='userSpaceOnUse'><path d='M0 0h1v1z'/></pattern></defs>\
        <style>.a{fill:url(#g);stroke:#123}</style>\
        <g filter='url(#f)' opacity='.5'><path class='a' d='M1 1C2 3 4 5 6 7z' stroke-dasharray='1 2'/></g>\
        <rect width='9' height='9' fill='url(#p)' clip-path='url(#c)' mask='url(#m)' transform='rotate(30)'/>",
    );
    survive_damage(text.as_bytes(), 1500);
}
