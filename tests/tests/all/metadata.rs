//! Nothing private leaves by default; what was asked for does, and turns nothing a second time.

use std::sync::Arc;

use imageflow_codecs::metadata::exif_orientation;
use imageflow_codecs::{Bytes, Input};
use imageflow_core::Context;
use imageflow_pixels::JobControl;
use imageflow_tests::reference;

const ARTIST: &[u8] = b"A. Photographer\0";
const SECRET: &[u8] = b"48.8584 N 2.2945 E\0";
const XMP: &[u8] = b"<x tiff:Orientation=\"6\">rights</x>";

/// A PNG that is to be turned clockwise, with an artist, a secret and XMP.
fn source() -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x03\0".to_vec();
    let mut entry = |tag: u16, kind: u16, count: u32, value: u32| {
        exif.extend(tag.to_le_bytes());
        exif.extend(kind.to_le_bytes());
        exif.extend(count.to_le_bytes());
        exif.extend(value.to_le_bytes());
    };
    entry(0x0112, 3, 1, 6);
    entry(0x013B, 2, ARTIST.len() as u32, 50);
    entry(0x9286, 2, SECRET.len() as u32, 50 + ARTIST.len() as u32);
    exif.extend([0; 4]);
    exif.extend(ARTIST);
    exif.extend(SECRET);
    let mut file = reference::scan();
    let xmp = [b"XML:com.adobe.xmp\0\0\0\0\0", XMP].concat();
    for (kind, data) in [(b"eXIf", &exif), (b"iTXt", &xmp)] {
        let chunk = [&kind[..], data].concat();
        let mut whole = (data.len() as u32).to_be_bytes().to_vec();
        whole.extend(&chunk);
        whole.extend(crc32fast::hash(&chunk).to_be_bytes());
        file.splice(33..33, whole);
    }
    file
}

fn encode(preset: &str, metadata: &str) -> Vec<u8> {
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(Arc::from(source())))
        .unwrap();
    context.add_output_buffer(1).unwrap();
    let job = format!(
        r#"{{"framewise":{{"steps":[{{"decode":{{"io_id":0}}}},{{"encode":{{"io_id":1,"preset":{preset}{metadata}}}}}]}}}}"#
    );
    let response = context.send_json("v1/execute", job.as_bytes());
    let text = String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.status, 200, "{text}");
    context.take_output(1).unwrap()
}

fn contains(file: &[u8], what: &[u8]) -> bool {
    file.windows(what.len()).any(|w| w == what)
}

#[test]
fn metadata_is_dropped_unless_asked_for() {
    let mut presets = vec![
        r#"{"mozjpeg":{}}"#,
        r#"{"libjpegturbo":{}}"#,
        r#"{"lodepng":{}}"#,
    ];
    if imageflow_codecs::ImageFormat::WebP.can_encode() {
        presets.push(r#""webplossless""#);
    }
    for preset in presets {
        for (metadata, artist, secret) in [
            ("", false, false),
            (r#","metadata":"none""#, false, false),
            (r#","metadata":"copyright""#, true, false),
            (r#","metadata":"all""#, true, true),
        ] {
            let file = encode(preset, metadata);
            let label = format!("{preset}{metadata}");
            assert_eq!(contains(&file, ARTIST), artist, "{label}");
            assert_eq!(contains(&file, SECRET), secret, "{label}");
            assert_eq!(
                contains(&file, b"tiff:Orientation=\"1\""),
                secret,
                "{label}"
            );
            assert!(!contains(&file, b"tiff:Orientation=\"6\""), "{label}");
            // The pixels were turned; the file must not ask for it again, and must still be a picture.
            let input = Input::Memory(Bytes::Shared(Arc::from(file)));
            let decoder = imageflow_codecs::open(&input, &JobControl::default()).unwrap();
            let size = decoder.header().oriented();
            assert_eq!((size.width(), size.height()), (213, 320), "{label}");
            assert_eq!(decoder.header().orientation, 1, "{label}");
        }
    }
    assert_eq!(exif_orientation(b""), None);
}

/// A 2 × 2 PNG of one colour, tagged with a profile or not.
fn plain(rgb: [u8; 3], icc: Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut info = png::Info::with_size(2, 2);
    (info.color_type, info.bit_depth) = (png::ColorType::Rgb, png::BitDepth::Eight);
    info.icc_profile = icc.map(Into::into);
    let mut writer = png::Encoder::with_info(&mut out, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(&rgb.repeat(4)).unwrap();
    writer.finish().unwrap();
    out
}

/// First pixel after decoding to sRGB, and after decoding without the profile.
fn pixels(file: &[u8]) -> [[u8; 3]; 2] {
    [false, true].map(|discard_color_profile| {
        let control = JobControl::default();
        let input = Input::Memory(Bytes::Shared(Arc::from(file.to_vec())));
        let options = imageflow_codecs::DecodeOptions {
            discard_color_profile,
            ..Default::default()
        };
        let decoder = imageflow_codecs::open(&input, &control).unwrap();
        let mut source = decoder.into_rows(&options, &control).unwrap();
        let mut frame = imageflow_pixels::RowBuf::whole(source.frame(), &control).unwrap();
        source.read_rows(&mut frame.all_mut()).unwrap();
        let pixel = frame.all().row(0)[..3].to_vec();
        [pixel[2], pixel[1], pixel[0]]
    })
}

fn convert(file: Vec<u8>, colors: &str, preset: &str) -> Result<Vec<u8>, String> {
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(Arc::from(file)))
        .unwrap();
    context.add_output_buffer(1).unwrap();
    let job = format!(
        r#"{{"framewise":{{"steps":[{{"decode":{{"io_id":0,"commands":[{{"color_profile":"{colors}"}}]}}}},{{"encode":{{"io_id":1,"preset":{preset}}}}}]}}}}"#
    );
    let response = context.send_json("v1/execute", job.as_bytes());
    if response.status != 200 {
        return Err(String::from_utf8_lossy(&response.body).into_owned());
    }
    Ok(context.take_output(1).unwrap())
}

#[test]
fn wide_gamut_is_kept_or_made_when_asked_for() {
    let close =
        |a: [u8; 3], b: [u8; 3], limit: u8| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= limit);
    let p3 = imageflow_codecs::color::display_p3_profile().unwrap();
    let wide = [220, 60, 40];
    let in_srgb = pixels(&plain(wide, Some(p3.clone())))[0];
    assert!(!close(in_srgb, wide, 5));
    let mut presets = vec![
        (r#"{"lodepng":{}}"#, 1),
        (r#"{"libjpegturbo":{"quality":100}}"#, 4),
    ];
    if imageflow_codecs::ImageFormat::WebP.can_encode() {
        presets.push((r#""webplossless""#, 1));
    }
    for (preset, limit) in presets {
        let srgb = convert(plain(wide, Some(p3.clone())), "srgb", preset).unwrap();
        let [shown, stored] = pixels(&srgb);
        assert!(
            close(shown, in_srgb, limit) && close(stored, in_srgb, limit),
            "{preset}"
        );
        for colors in ["keep", "display_p3"] {
            let kept = convert(plain(wide, Some(p3.clone())), colors, preset).unwrap();
            let [shown, stored] = pixels(&kept);
            assert!(close(stored, wide, limit), "{preset} {colors} {stored:?}");
            assert!(close(shown, in_srgb, limit), "{preset} {colors} {shown:?}");
        }
        // sRGB red in the wider gamut.
        let made = convert(plain([255, 0, 0], None), "display_p3", preset).unwrap();
        let [shown, stored] = pixels(&made);
        assert!(close(stored, [234, 51, 35], limit), "{preset} {stored:?}");
        assert!(close(shown, [255, 0, 0], limit + 1), "{preset} {shown:?}");
        let kept = convert(plain([255, 0, 0], None), "keep", preset).unwrap();
        assert_eq!(pixels(&kept)[0], pixels(&kept)[1], "no profile to keep");
    }
    if imageflow_codecs::ImageFormat::Gif.can_encode() {
        let error = convert(plain(wide, Some(p3)), "keep", r#""gif""#).unwrap_err();
        assert!(error.contains("carries no colour profile"), "{error}");
    }
}
