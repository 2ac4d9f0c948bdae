//! AVIF: what the encoder writes comes back; damage is survived. `corpus.rs` of the workspace's tests decodes the corpus.
#![cfg(feature = "avif")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use imageflow_codecs::avif::AvifSettings;
use imageflow_codecs::{EncoderSettings, ImageFormat};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, Size};
use support::{decode, encode, files, shared};

const FAST: AvifSettings = AvifSettings {
    quality: 85.0,
    speed: 10,
    lossless: false,
};

/// Smooth colours, and coverage that falls to the right.
fn picture(width: u32, height: u32) -> Vec<u8> {
    (0..width * height)
        .flat_map(|i| {
            let (x, y) = (i % width, i / width);
            let at = |v: u32, of: u32| (v * 255 / of.max(1)) as u8;
            [
                at(x, width),
                at(y, height),
                200 - at(x, width) / 2,
                255 - at(x, width) / 2,
            ]
        })
        .collect()
}

fn write(settings: AvifSettings, size: (u32, u32), alpha: Alpha) -> Result<Vec<u8>, String> {
    let frame = FrameInfo::bgra8(Size::new(size.0, size.1).unwrap(), alpha);
    let pixels = picture(size.0, size.1);
    let control = JobControl::default();
    encode(
        &EncoderSettings::Avif(settings),
        frame,
        &pixels,
        &control,
        7,
    )
}

#[test]
fn pictures_come_back() {
    for (size, alpha) in [
        ((64, 48), Alpha::Opaque),
        ((65, 47), Alpha::Meaningful),
        ((1, 1), Alpha::Opaque),
        ((17, 3), Alpha::Meaningful),
    ] {
        let file = write(FAST, size, alpha).unwrap();
        assert_eq!(ImageFormat::sniff(&file), Some(ImageFormat::Avif));
        let decoded = decode(&file).unwrap();
        assert_eq!(decoded.frame.size, Size::new(size.0, size.1).unwrap());
        assert_eq!(decoded.frame.alpha, alpha, "{size:?}");
        let sum: u64 = (decoded.bgra.chunks_exact(4))
            .zip(picture(size.0, size.1).chunks_exact(4))
            .map(|(a, b)| {
                let channels = if alpha.is_meaningful() { 4 } else { 3 };
                let difference = |i: usize| u64::from(a[i].abs_diff(b[i]));
                (0..channels).map(difference).sum::<u64>()
            })
            .sum();
        let mean = sum as f64 / f64::from(size.0 * size.1 * 4);
        assert!(mean < 4.0, "{size:?} differs by {mean}");
    }
}

#[test]
fn lossless_is_refused_by_name() {
    let settings = AvifSettings {
        lossless: true,
        ..FAST
    };
    let error = write(settings, (8, 8), Alpha::Opaque).unwrap_err();
    assert!(error.contains("lossless"), "{error}");
}

#[test]
fn truncated_and_altered_files_give_an_answer() {
    let file = write(FAST, (40, 30), Alpha::Meaningful).unwrap();
    for cut in (0..file.len()).step_by(file.len() / 60 + 1) {
        let _ = decode(&file[..cut]);
    }
    // The container comes first: every byte of it in turn.
    for at in 0..file.len().min(400) {
        let mut altered = file.clone();
        altered[at] ^= 0x55;
        let _ = decode(&altered);
    }
}

#[test]
fn grids_sequences_and_turns_of_the_corpus_open() {
    let Some(folder) = shared("corpus/avif") else {
        return;
    };
    let mut turned = 0;
    for path in files(&folder, "avif") {
        let bytes = std::fs::read(&path).unwrap();
        let control = JobControl::default();
        if let Ok(decoder) = imageflow_codecs::open(&support::input(&bytes), &control) {
            turned += usize::from(decoder.header().orientation != 1);
        }
    }
    assert!(turned >= 5, "{turned} files are turned");
}
