//! What is known of a JPEG once its header is read, whichever library read it.

use imageflow_pixels::{Alpha, JobControl, Size};

use super::Inks;
use super::features::{ColorModel, Features, Planes};
use super::markers::Markers;
use super::transform::Transform;
use crate::color::rgb_transform;
use crate::decoder::{DecodeOptions, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Coefficients that are kept although the file is shorter than they take, in bytes. What is cut off in the middle decodes to
/// what there is, as long as it is small.
const FREE_COEFFICIENTS: f64 = (32 << 20) as f64;
/// Pixels that may be decoded although the file has next to nothing of them.
const FREE_PIXELS: u64 = 16 << 20;

/// The header of a JPEG, understood.
pub(super) struct Opened {
    pub(super) header: Header,
    pub(super) features: Features,
    /// Length of the file, if it is known.
    file_bytes: Option<u64>,
    profile: Option<Vec<u8>>,
    /// 255 is no ink.
    inverted: bool,
}

impl Opened {
    /// # Errors
    /// When a side is zero.
    pub(super) fn new(
        (width, height): (u32, u32),
        features: Features,
        markers: &Markers,
        inks: Inks,
        file_bytes: Option<u64>,
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
            file_bytes,
            profile,
            inverted: markers.adobe || inks == Inks::Inverted,
        })
    }

    /// Checks that the file can have a picture of the size it claims.
    ///
    /// A Huffman code takes a bit at least. So a block does, of a picture in several scans, which takes memory for all of
    /// its coefficients; only the beginning of a file has less. Blocks of a single scan take two bits; they pass by, and
    /// nothing but time is lost when they are missing.
    ///
    /// # Errors
    /// [`CodecError::Malformed`] where a large picture is announced and its data cannot be there.
    pub(super) fn check_data(&self) -> Result<(), CodecError> {
        let samples = self.samples();
        let several = self.features.multiple_scans;
        let blocks_per_byte = match several {
            true if samples * 2.0 > FREE_COEFFICIENTS => 8.0,
            false if self.header.stored.area() > FREE_PIXELS => 64.0,
            _ => return Ok(()),
        };
        match self.file_bytes {
            Some(bytes) if bytes as f64 * blocks_per_byte * 64.0 < samples => {
                Err(CodecError::malformed(
                    ImageFormat::Jpeg,
                    format_args!(
                        "a file of {bytes} bytes is too short for a picture of {}",
                        self.header.stored
                    ),
                ))
            }
            _ => Ok(()),
        }
    }

    /// What turns decoded samples into sRGB.
    ///
    /// # Errors
    /// As for [`Transform::new`].
    pub(super) fn transform(
        &self,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Transform, CodecError> {
        Transform::new(
            self.features.color,
            self.profile.as_deref(),
            self.inverted,
            options,
            control,
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
