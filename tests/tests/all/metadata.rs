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
