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

/// A job over one file; the output and the warnings of the answer.
fn command(file: &[u8], command: &str) -> (Vec<u8>, Vec<serde_json::Value>) {
    let mut context = Context::new();
    let bytes = Bytes::Shared(Arc::from(file.to_vec()));
    context.add_input(0, bytes).unwrap();
    context.add_output_buffer(1).unwrap();
    let job = serde_json::json!({"framewise": {"steps": [{"command_string": {
        "kind": "ir4", "value": command, "decode": 0, "encode": 1,
    }}]}});
    let response = context.send_json("v1/execute", job.to_string().as_bytes());
    let text = String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.status, 200, "{command}: {text}");
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let warnings = answer["data"]["job_result"]["warnings"].as_array();
    (
        context.take_output(1).unwrap(),
        warnings.cloned().unwrap_or_default(),
    )
}

/// Every format that this build writes and reads, as the end of a command.
fn outputs() -> Vec<&'static str> {
    use imageflow_codecs::ImageFormat;
    [
        (ImageFormat::Jpeg, "format=jpg"),
        (ImageFormat::Png, "format=png"),
        (ImageFormat::WebP, "format=webp&lossless=true"),
        (ImageFormat::Gif, "format=gif"),
        (ImageFormat::Avif, "format=avif&avif.speed=10"),
        (ImageFormat::Jxl, "format=jxl&lossless=true"),
    ]
    .into_iter()
    .filter(|(format, _)| format.can_encode() && format.can_decode())
    .map(|(_, command)| command)
    .collect()
}

/// A small JPEG with segments behind its start.
fn jpeg_with(segments: &[(u8, &[&[u8]])]) -> Vec<u8> {
    let (mut file, _) = command(&reference::scan(), "w=40&format=jpg");
    let mut all = Vec::new();
    for (marker, parts) in segments {
        let payload = parts.concat();
        all.extend([0xFF, *marker]);
        all.extend((payload.len() as u16 + 2).to_be_bytes());
        all.extend(payload);
    }
    file.splice(2..2, all);
    file
}

const XMP_MARKER: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// XMP with rights and a secret.
fn rights_xmp() -> Vec<u8> {
    br#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmpRights:Marked="True" secret="XMP secret">
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">XMP notice</rdf:li></rdf:Alt></dc:rights>
<dc:creator><rdf:Seq><rdf:li>XMP creator</rdf:li></rdf:Seq></dc:creator>
<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="en">XMP terms</rdf:li></rdf:Alt></xmpRights:UsageTerms>
</rdf:Description></rdf:RDF></x:xmpmeta>"#
        .to_vec()
}

/// IPTC in Photoshop's resources: a caption, a creator and a notice.
fn resources() -> Vec<u8> {
    let mut records = Vec::new();
    for (dataset, text) in [
        (120, "IPTC secret"),
        (80, "IPTC creator"),
        (116, "IPTC notice"),
    ] {
        records.extend([0x1C, 2, dataset, 0, text.len() as u8]);
        records.extend(text.as_bytes());
    }
    let mut out = b"Photoshop 3.0\08BIM\x04\x04\0\0".to_vec();
    out.extend((records.len() as u32).to_be_bytes());
    out.extend(&records);
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

#[test]
fn rights_survive_from_every_place_through_every_format() {
    let xmp = rights_xmp();
    let resources = resources();
    let source = jpeg_with(&[(0xE1, &[XMP_MARKER, &xmp]), (0xED, &[&resources])]);
    let kept = [
        "XMP notice",
        "XMP creator",
        "XMP terms",
        "IPTC creator",
        "IPTC notice",
    ];
    for format in outputs() {
        let (file, warnings) = command(&source, &format!("w=20&metadata=copyright&{format}"));
        assert!(warnings.is_empty(), "{format}: {warnings:?}");
        for text in kept {
            assert!(contains(&file, text.as_bytes()), "{format}: {text}");
        }
        for secret in ["XMP secret", "IPTC secret"] {
            assert!(!contains(&file, secret.as_bytes()), "{format}: {secret}");
        }
        // And on into a JPEG.
        let (again, _) = command(&file, "w=10&metadata=copyright&format=jpg");
        for text in kept {
            assert!(contains(&again, text.as_bytes()), "{format} again: {text}");
        }
        assert_eq!(
            command(&file, "w=10&metadata=copyright&format=jpg").0,
            again
        );
        let (none, _) = command(&file, "w=10&format=jpg");
        assert!(!contains(&none, b"XMP notice"), "{format}");
    }
}

#[test]
fn exif_goes_into_every_format_and_turns_nothing() {
    for format in outputs() {
        let (file, _) = command(&source(), &format!("w=20&metadata=all&{format}"));
        assert!(contains(&file, &ARTIST[..ARTIST.len() - 1]), "{format}");
        let input = Input::Memory(Bytes::Shared(Arc::from(file)));
        let decoder = imageflow_codecs::open(&input, &JobControl::default()).unwrap();
        assert_eq!(decoder.header().orientation, 1, "{format}");
        let size = decoder.header().oriented();
        assert!(size.height() > size.width(), "{format}: {size}");
    }
}

#[test]
fn rights_of_a_tiff_and_of_png_texts_are_kept() {
    let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
    let entries: [(u16, u16, u32, u32); 11] = [
        (256, 3, 1, 4 << 16),
        (257, 3, 1, 4 << 16),
        (258, 3, 1, 8 << 16),
        (259, 3, 1, 1 << 16),
        (262, 3, 1, 1 << 16),
        (273, 4, 1, 200),
        (278, 3, 1, 4 << 16),
        (279, 4, 1, 16),
        (0x013B, 2, 12, 180),
        (0x8298, 2, 4, u32::from_be_bytes(*b"(c)\0")),
        (33723, 7, 16, 216),
    ];
    tiff.extend((entries.len() as u16).to_be_bytes());
    for (tag, kind, count, value) in entries {
        tiff.extend(tag.to_be_bytes());
        tiff.extend(kind.to_be_bytes());
        tiff.extend(count.to_be_bytes());
        tiff.extend(value.to_be_bytes());
    }
    tiff.resize(180, 0);
    tiff.extend(b"TIFF artist\0");
    tiff.resize(216, 0);
    tiff.extend(b"\x1C\x02\x74\0\x0BIPTC notice");
    let (file, _) = command(&tiff, "metadata=copyright&format=jpg");
    for text in ["TIFF artist", "(c)", "IPTC notice"] {
        assert!(contains(&file, text.as_bytes()), "{text}");
    }
    let mut png = reference::scan();
    for text in [
        &b"tEXtAuthor\0PNG \xC4uthor"[..],
        b"iTXtCopyright\0\0\0\0\0PNG notice",
    ] {
        let mut chunk = (text.len() as u32 - 4).to_be_bytes().to_vec();
        chunk.extend(text);
        chunk.extend(crc32fast::hash(text).to_be_bytes());
        png.splice(33..33, chunk);
    }
    let (file, _) = command(&png, "w=20&metadata=copyright&format=jpg");
    assert!(contains(&file, "PNG Äuthor".as_bytes()) && contains(&file, b"PNG notice"));
}

#[test]
fn what_does_not_fit_a_segment_is_extended_or_left_out_with_a_warning() {
    // EXIF of an artist and a maker's note of 70,000 bytes, and XMP of 200,000.
    let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
    for (tag, kind, count, value) in [(0x013Bu16, 2u16, 16u32, 38u32), (0xC000, 7, 70_000, 60)] {
        exif.extend(tag.to_le_bytes());
        exif.extend(kind.to_le_bytes());
        exif.extend(count.to_le_bytes());
        exif.extend(value.to_le_bytes());
    }
    exif.extend([0; 4]);
    exif.extend(ARTIST);
    exif.resize(60 + 70_000, 0xEE);
    let mut xmp = rights_xmp();
    let end = xmp.len() - b"</rdf:Description></rdf:RDF></x:xmpmeta>".len();
    let many = format!(
        "<dc:description>{}LAST</dc:description>",
        "word ".repeat(40_000)
    );
    xmp.splice(end..end, many.into_bytes());
    let mut png = reference::scan();
    let text = [b"iTXtXML:com.adobe.xmp\0\0\0\0\0", &xmp[..]].concat();
    for chunk in [text, [b"eXIf", &exif[..]].concat()] {
        let mut whole = (chunk.len() as u32 - 4).to_be_bytes().to_vec();
        whole.extend(&chunk);
        whole.extend(crc32fast::hash(&chunk).to_be_bytes());
        png.splice(33..33, whole);
    }
    let (file, warnings) = command(&png, "w=20&metadata=all&format=jpg");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings
            .iter()
            .all(|w| w["kind"] == "metadata" && w["io_id"] == 1)
    );
    assert!(contains(&file, ARTIST) && !contains(&file, &[0xEE; 100]));
    assert!(contains(&file, b"http://ns.adobe.com/xmp/extension/\0"));
    // The parts come together again.
    let (whole, warnings) = command(&file, "w=10&metadata=all&format=png");
    assert!(contains(&whole, b"LAST</dc:description>"));
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn an_unusable_profile_is_a_warning_unless_it_is_to_be_an_error() {
    let mut damaged = imageflow_codecs::color::display_p3_profile().unwrap();
    damaged.truncate(150);
    let profile = jpeg_with(&[(0xE2, &[b"ICC_PROFILE\0\x01\x01", &damaged])]);
    for command_string in ["w=9&format=png", "w=9&format=png&profile=keep"] {
        let (file, warnings) = command(&profile, command_string);
        assert_eq!(warnings.len(), 1, "{command_string}: {warnings:?}");
        assert_eq!(warnings[0]["kind"], "color_profile");
        assert_eq!(warnings[0]["io_id"], 0);
        assert!(!contains(&file, b"iCCP"), "{command_string}");
    }
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(Arc::from(profile)))
        .unwrap();
    context.add_output_buffer(1).unwrap();
    let job = br#"{"framewise":{"steps":[{"command_string":{"kind":"ir4","value":"w=9&format=png&ignore_icc_errors=false","decode":0,"encode":1}}]}}"#;
    let response = context.send_json("v1/execute", job);
    let text = String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.status, 400, "{text}");
    assert!(text.contains("colour profile"), "{text}");
}
