//! Lossless pictures encoded by `image-webp`.

use image_webp::{ColorType, EncodingError, WebPEncoder};
use imageflow_pixels::{ControlError, FrameInfo, JobControl, Reservation};

use super::WebpSettings;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Bytes an encoder holds: the picture, once more when it turns out to be opaque, and the compressed bytes.
pub(super) fn working_bytes(_settings: &WebpSettings, frame: &FrameInfo) -> u64 {
    frame.size.area().saturating_mul(11)
}

/// Whether this build can do it.
///
/// # Errors
/// [`CodecError::Disabled`] for lossy files.
pub(super) fn supports(settings: &WebpSettings) -> Result<(), CodecError> {
    if settings.lossless {
        return Ok(());
    }
    Err(CodecError::Disabled {
        format: ImageFormat::WebP,
        action: "lossy encoding",
    })
}

/// A picture that is being collected for encoding.
pub(super) struct Target {
    /// R, G, B, A; black where transparent.
    rgba: Vec<u8>,
    opaque: bool,
    frame: FrameInfo,
    control: JobControl,
    _reservation: Reservation,
}

impl Target {
    /// Makes room for the picture.
    ///
    /// # Errors
    /// When the job's memory does not suffice, or for lossy files.
    pub(super) fn new(
        settings: &WebpSettings,
        frame: FrameInfo,
        control: &JobControl,
    ) -> Result<Target, CodecError> {
        supports(settings)?;
        let reservation = control.reserve(working_bytes(settings, &frame))?;
        let bytes = frame.size.area().saturating_mul(4);
        let failed = || ControlError::AllocationFailed { bytes };
        let mut rgba = Vec::new();
        rgba.try_reserve_exact(usize::try_from(bytes).map_err(|_| failed())?)
            .map_err(|_| failed())?;
        Ok(Target {
            rgba,
            opaque: true,
            frame,
            control: control.clone(),
            _reservation: reservation,
        })
    }

    /// Takes the next row of B, G, R, A.
    ///
    /// # Errors
    /// When the job must stop.
    pub(super) fn push(&mut self, bgra: &[u8]) -> Result<(), CodecError> {
        self.control.check()?;
        let meaningful = self.frame.alpha.is_meaningful();
        for [b, g, r, a] in bgra.as_chunks::<4>().0 {
            let a = if meaningful { *a } else { 255 };
            self.opaque &= a == 255;
            let pixel = if a == 0 { [0; 4] } else { [*r, *g, *b, a] };
            self.rgba.extend_from_slice(&pixel);
        }
        Ok(())
    }

    /// Encodes the picture to a whole file.
    ///
    /// # Errors
    /// When the job must stop or rows are missing.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, CodecError> {
        self.control.check()?;
        let size = self.frame.size;
        if self.rgba.len() as u64 != size.area() * 4 {
            return Err(CodecError::encode(ImageFormat::WebP, "rows are missing"));
        }
        let color = if self.opaque {
            let pixels = self.rgba.len() / 4;
            for i in 0..pixels {
                self.rgba.copy_within(i * 4..i * 4 + 3, i * 3);
            }
            self.rgba.truncate(pixels * 3);
            ColorType::Rgb8
        } else {
            ColorType::Rgba8
        };
        let mut file = Vec::new();
        WebPEncoder::new(&mut file)
            .encode(&self.rgba, size.width(), size.height(), color)
            .map_err(|error: EncodingError| CodecError::encode(ImageFormat::WebP, error))?;
        self.control.check()?;
        Ok(file)
    }
}
