//! Colour conversion against the pixel vectors, as far as decoding alone goes.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use imageflow_codecs::color::cmyk_transform;
use imageflow_codecs::{DecodeOptions, metadata};
use imageflow_pixels::JobControl;
use support::{decode, decode_with, shared};

/// Greatest and mean difference of all samples.
fn difference(a: &[u8], b: &[u8]) -> (u8, f64) {
    assert_eq!(a.len(), b.len());
    let each = || a.iter().zip(b).map(|(x, y)| x.abs_diff(*y));
    (
        each().max().unwrap_or(0),
        each().map(f64::from).sum::<f64>() / a.len() as f64,
    )
}

#[test]
fn png_colours_conformance() {
    let Some(folder) = shared("vectors/pixels") else {
        return;
    };
    for (input, expected, discard, most, mean) in [
        ("p3.png", "icc_p3_png", false, 2, 0.4),
        ("gray_g18.png", "icc_gray18_png", false, 2, 0.4),
        ("gama_chrm.png", "icc_gama_chrm_png", false, 2, 0.4),
        ("gama_linear.png", "icc_gama_linear_png", false, 2, 0.4),
        ("p3.png", "icc_discard", true, 0, 0.0),
        ("gray16.png", "png_gray16", false, 1, 1.0),
        ("palette_trns.png", "png_palette_trns", false, 0, 0.0),
        ("rgb_trns.png", "png_rgb_trns", false, 0, 0.0),
        ("gray_alpha.png", "png_gray_alpha", false, 0, 0.0),
    ] {
        let options = DecodeOptions {
            discard_color_profile: discard,
            ..DecodeOptions::default()
        };
        let got = decode_with(
            &std::fs::read(folder.join("inputs").join(input)).unwrap(),
            &options,
            &JobControl::default(),
            16,
        )
        .unwrap();
        let want = decode(
            &std::fs::read(folder.join("expected").join(expected).with_extension("png")).unwrap(),
        )
        .unwrap();
        let mut bgra = got.bgra;
        let mut wanted = want.bgra;
        for row in [&mut bgra, &mut wanted] {
            for pixel in row.chunks_exact_mut(4).filter(|pixel| pixel[3] == 0) {
                pixel.fill(0);
            }
        }
        let found = difference(&bgra, &wanted);
        println!("{expected}: {found:?}");
        assert!(found.0 <= most && found.1 <= mean, "{expected}: {found:?}");
    }
}

/// Raw inks, the ICC profile, and the EXIF orientation of a JPEG.
fn cmyk_jpeg(bytes: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let inks = decoder.decode().unwrap();
    assert_eq!(
        decoder.info().unwrap().pixel_format,
        jpeg_decoder::PixelFormat::CMYK32
    );
    (inks, decoder.icc_profile())
}

#[test]
fn cmyk_colours_conformance() {
    let Some(folder) = shared("vectors/pixels") else {
        return;
    };
    for (input, expected, most, mean) in [
        ("cmyk_icc.jpg", "cmyk_embedded_icc", 10, 2.0),
        ("cmyk_noprofile.jpg", "cmyk_no_profile", 90, 30.0),
    ] {
        let (inks, icc) = cmyk_jpeg(&std::fs::read(folder.join("inputs").join(input)).unwrap());
        let want = decode(
            &std::fs::read(folder.join("expected").join(expected).with_extension("png")).unwrap(),
        )
        .unwrap();
        let mut got = vec![0; inks.len()];
        // That decoder undoes Adobe's inversion.
        cmyk_transform(icc.as_deref())
            .unwrap()
            .apply(&inks, &mut got);
        let found = difference(&got, &want.bgra);
        println!("{expected}: {found:?}");
        assert!(found.0 <= most && found.1 <= mean, "{expected}: {found:?}");
    }
}

#[test]
fn damaged_profiles_end_in_errors_conformance() {
    let Some(folder) = shared("corpus/photos") else {
        return;
    };
    for name in [
        "cmyk-swop-icc.jpg",
        "displayp3-2mp.jpg",
        "gray-gamma22-icc.jpg",
        "xyb-icc.jpg",
    ] {
        let mut decoder = jpeg_decoder::Decoder::new(
            std::fs::File::open(folder.join(name))
                .map(std::io::BufReader::new)
                .unwrap(),
        );
        decoder.read_info().unwrap();
        let icc = decoder.icc_profile().unwrap();
        let mut seed = 1u32;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            (seed >> 8) as usize % below
        };
        for _ in 0..if icc.len() > 50_000 { 15 } else { 300 } {
            let mut damaged = icc.clone();
            for _ in 0..1 + random(6) {
                // Headers and tags are at the front; tables need less.
                let front = random(3) != 0;
                let at = random(if front { 700.min(icc.len()) } else { icc.len() });
                damaged[at] = random(256) as u8;
            }
            damaged.truncate(if random(4) == 0 {
                random(icc.len())
            } else {
                icc.len()
            });
            let mut row = vec![100; 64];
            if let Ok(Some(mut transform)) = imageflow_codecs::color::rgb_transform(&damaged) {
                transform.apply(&mut row);
            }
            if let Ok(mut transform) = cmyk_transform(Some(&damaged)) {
                transform.apply(&[7; 64], &mut row);
            }
        }
    }
}

#[test]
fn png_orientations_conformance() {
    let Some(folder) = shared("corpus/graphics/orient") else {
        return;
    };
    for (name, orientation) in [(2, 2), (4, 4), (5, 5), (6, 6), (7, 7), (8, 8)] {
        let header =
            decode(&std::fs::read(folder.join(format!("orientation-{name}.png"))).unwrap())
                .unwrap()
                .header;
        assert_eq!(header.orientation, orientation, "{name}");
    }
    assert_eq!(metadata::exif_orientation(&[]), None);
}
