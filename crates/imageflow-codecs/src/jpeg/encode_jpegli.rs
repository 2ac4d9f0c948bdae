//! What jpegli is asked: the distance that looks like libjpeg's quality, and the scans.

use super::JpegSettings;
use super::encode::Picture;
use super::encode_drain::Drain;
use super::ffi_jpegli::{Scan, Settings, compress};
use super::sampling::Sampling;
use crate::error::CodecError;
use imageflow_pixels::PictureMemory;

/// Spectral selection only: within 1 % of the bytes of scripts with successive approximation at 60 % of their time
/// (the coefficients are the same). Low frequencies of all components come first, as viewers draw them.
const COLOUR_SCANS: [Scan; 8] = [
    Scan {
        components: &[0, 1, 2],
        first: 0,
        last: 0,
    },
    Scan {
        components: &[0],
        first: 1,
        last: 2,
    },
    Scan {
        components: &[0],
        first: 3,
        last: 10,
    },
    Scan {
        components: &[0],
        first: 11,
        last: 63,
    },
    Scan {
        components: &[1],
        first: 1,
        last: 2,
    },
    Scan {
        components: &[1],
        first: 3,
        last: 63,
    },
    Scan {
        components: &[2],
        first: 1,
        last: 2,
    },
    Scan {
        components: &[2],
        first: 3,
        last: 63,
    },
];

const GRAY_SCANS: [Scan; 4] = [
    Scan {
        components: &[0],
        first: 0,
        last: 0,
    },
    Scan {
        components: &[0],
        first: 1,
        last: 2,
    },
    Scan {
        components: &[0],
        first: 3,
        last: 10,
    },
    Scan {
        components: &[0],
        first: 11,
        last: 63,
    },
];

/// Encodes a picture; jpegli takes its coefficients from `memory` as far as it goes.
///
/// # Errors
/// What the library or the output says.
pub(super) fn encode(
    settings: &JpegSettings,
    picture: &Picture<'_>,
    drain: &mut Drain,
    memory: PictureMemory,
) -> Result<(), CodecError> {
    let scans: &[Scan] = match (settings.progressive, picture.components()) {
        (false, _) => &[],
        (true, 1) => &GRAY_SCANS,
        (true, _) => &COLOUR_SCANS,
    };
    // Sampling Cb and Cr alike costs up to 7 % fewer bytes at equal SSIMULACRA2 than sampling only one of them finely.
    let picture = Picture {
        sampling: picture.sampling.map(Sampling::with_equal_chroma),
        ..*picture
    };
    compress(
        &Settings {
            distance: distance(settings.quality),
            scans,
        },
        &picture,
        drain,
        memory,
    )
}

/// Qualities and the jpegli distances with the same SSIMULACRA2 score as libjpeg-turbo at that quality: medians over 17
/// photos × 3 widths from 30 up, proportional to libjpeg's table scale below (`docs/jpeg-encoder.md`).
const DISTANCES: [(f32, f32); 17] = [
    (0.0, 25.0),
    (10.0, 22.0),
    (20.0, 11.3),
    (30.0, 7.55),
    (40.0, 5.5),
    (50.0, 4.25),
    (55.0, 3.8),
    (60.0, 3.46),
    (65.0, 3.0),
    (70.0, 2.55),
    (75.0, 2.15),
    (80.0, 1.7),
    (85.0, 1.29),
    (90.0, 0.92),
    (95.0, 0.47),
    (98.0, 0.2),
    (100.0, 0.01),
];

/// The Butteraugli distance to ask of jpegli for a quality of 0..=100 on libjpeg's scale; linear between the table's rows.
fn distance(quality: u8) -> f32 {
    let quality = f32::from(quality);
    let mut below = DISTANCES[0];
    for above in DISTANCES {
        if quality <= above.0 {
            let span = (above.0 - below.0).max(1.0);
            return below.1 + (above.1 - below.1) * (quality - below.0) / span;
        }
        below = above;
    }
    below.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_falls_with_quality_and_stays_in_jpeglis_range() {
        let all: Vec<f32> = (0..=100).map(distance).collect();
        assert!(all.windows(2).all(|pair| pair[1] < pair[0]), "{all:?}");
        for (quality, expected) in DISTANCES {
            assert!((distance(quality as u8) - expected).abs() < 1e-6);
        }
        assert_eq!(distance(255), 0.01);
    }

    #[test]
    fn scans_cover_every_coefficient_of_every_component_once() {
        for (scans, components) in [(&COLOUR_SCANS[..], 3u8), (&GRAY_SCANS[..], 1)] {
            for component in 0..components {
                let mut covered: Vec<u8> = scans
                    .iter()
                    .filter(|scan| scan.components.contains(&component))
                    .flat_map(|scan| scan.first..=scan.last)
                    .collect();
                covered.sort_unstable();
                assert_eq!(covered, (0..64).collect::<Vec<u8>>());
            }
        }
    }
}
