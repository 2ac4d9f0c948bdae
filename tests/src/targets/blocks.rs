//! Blocks inside files: colour profiles, EXIF.

use std::sync::Arc;

use imageflow_codecs::metadata::{
    self, Metadata, MetadataPolicy, exif_orientation, exif_orientation_app1,
};
use imageflow_codecs::{Bytes, ImageFormat, Input, color};

use imageflow_pixels::JobControl;

use super::Interest;
use crate::mutate::jpeg::JPEG;
use crate::mutate::parts::Part;

/// Builds every transform a profile may be good for, and puts a few pixels through.
pub(super) fn profile(bytes: &[u8]) -> Interest {
    let mut pixels: Vec<u8> = (0..=255).collect();
    if let Ok(Some(mut transform)) = color::rgb_transform(bytes) {
        transform.apply(&mut pixels);
        if let Ok(mut deep) = transform.deep() {
            let source: Vec<f32> = (0..64).map(|i| i as f32 / 63.0).collect();
            let mut target = vec![0.0; 64];
            deep.apply(&source, &mut target);
        }
    }
    if let Ok(mut transform) = color::cmyk_transform(Some(bytes)) {
        transform.apply(&[0, 64, 128, 255, 9, 8, 7, 6], &mut pixels[..8]);
    }
    if bytes.get(36..40) == Some(b"acsp") {
        Interest::Some
    } else {
        Interest::None
    }
}

/// Reads a TIFF block as orientation, and as what is kept of a JPEG or a TIFF file.
pub(super) fn exif(bytes: &[u8]) -> Interest {
    let orientation = exif_orientation(bytes);
    assert!(
        orientation.is_none_or(|o| (1..=8).contains(&o)),
        "{orientation:?}"
    );
    let control = JobControl::default();
    let payload = [b"Exif\0\0", bytes].concat();
    let _ = exif_orientation_app1(&payload);
    let jpeg = (JPEG.join)(&[
        Part::new(&[0xD8], &[]),
        Part::new(&[0xE1], &payload),
        Part::new(&[0xD9], &[]),
    ]);
    for (file, format) in [
        (jpeg.as_slice(), ImageFormat::Jpeg),
        (bytes, ImageFormat::Tiff),
    ] {
        let input = Input::Memory(Bytes::Shared(Arc::from(file)));
        for policy in [MetadataPolicy::All, MetadataPolicy::Copyright] {
            let Ok(kept) = Metadata::of(&input, format, policy, ImageFormat::Jpeg, &control) else {
                continue;
            };
            // What is kept is itself a block that can be read, and stands upright.
            if let Some(kept) = kept.exif {
                let again = metadata::exif_orientation(&kept);
                assert!(
                    matches!(again, None | Some(1)),
                    "kept orientation {again:?}"
                );
            }
        }
    }
    Interest::Some
}
