//! What is known of a JPEG once its header is read, whichever library read it.

use imageflow_pixels::{Alpha, Size};

use super::Inks;
use super::features::{ColorModel, Features, Planes};
use super::markers::Markers;
use super::transform::Transform;
use crate::color::rgb_transform;
use crate::decoder::{DecodeOptions, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;

/// The header of a JPEG, understood.
pub(super) struct Opened {
    pub(super) header: Header,
    pub(super) features: Features,
    profile: Option<Vec<u8>>,
    /// 255 is no ink.
    inverted: bool,
}

impl Opened {
    /// # Errors
    /// When a side is zero.
    pub(super) fn new(
        width: u32,
        height: u32,
        features: Features,
        markers: &Markers,
        inks: Inks,
    ) -> Result<Opened, CodecError> {
        let stored = Size::new(width, height)
            .ok_or_else(|| CodecError::malformed(ImageFormat::Jpeg, "the picture has no pixels"))?;
        let profile = markers.profile();
        // A profile that changes colours is applied to pixels, so blocks cannot be averaged before.
        let plain = match (&profile, features.color) {
            (None, _) => true,
            (Some(_), ColorModel::Cmyk) => false,
            (Some(icc), _) => matches!(rgb_transform(icc), Ok(None)),
        };
        let header = Header {
            format: ImageFormat::Jpeg,
            stored,
            orientation: markers
                .orientation
                .filter(|o| (1..=8).contains(o))
                .unwrap_or(1),
            alpha: Alpha::Opaque,
            lossless: false,
            multiple_frames: false,
            can_shrink: features.planes.is_some() && plain,
            can_scale: features.scalable().is_some() && plain,
            is_deep: false,
        };
        Ok(Opened {
            header,
            features,
            profile,
            inverted: markers.adobe || inks == Inks::Inverted,
        })
    }

    /// What turns decoded samples into sRGB.
    ///
    /// # Errors
    /// As for [`Transform::new`].
    pub(super) fn transform(&self, options: &DecodeOptions) -> Result<Transform, CodecError> {
        Transform::new(
            self.features.color,
            self.profile.as_deref(),
            self.inverted,
            options,
        )
    }

    /// The planes to average while decoding, if that was asked for and can be done.
    pub(super) fn shrinkable(&self, options: &DecodeOptions) -> Option<Planes> {
        self.features
            .planes
            .filter(|_| self.header.can_shrink && options.linear_shrink > 1)
    }

    /// Samples of all components of the picture.
    pub(super) fn samples(&self) -> f64 {
        self.header.stored.area() as f64 * self.features.samples_per_pixel
    }
}
