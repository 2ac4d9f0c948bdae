//! libwebp's encoder behind a safe type.
//!
//! Rows go into libwebp's own picture as they come: as planes of luma, chroma and alpha for a lossy file, as they are for a
//! lossless one. Encoding happens at the end, on a thread of its own: libwebp's hook lets seconds pass between two calls.

use std::ffi::c_int;
use std::ptr;

use imageflow_pixels::{ControlError, FrameInfo, JobControl, Reservation};
use libwebp_sys::{
    WebPConfig, WebPEncCSP, WebPEncode, WebPEncodingError, WebPPicture, WebPPictureAlloc,
    WebPPictureFree, WebPPictureImportBGRA, WebPPictureImportBGRX, WebPPreset,
};

use super::WebpSettings;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Rows converted to planes at a time; even, because chroma belongs to two rows.
const BATCH: usize = 16;
/// Pixels from which a picture is worth a thread to encode it.
const APART: u64 = 1 << 15;
/// libwebp's default: the middle between fast and small.
const METHOD: c_int = 4;

/// Bytes an encoder holds: libwebp's picture, and what its method takes (measured, for photographs).
pub(super) fn working_bytes(settings: &WebpSettings, frame: &FrameInfo) -> u64 {
    let per_pixel = match (settings.lossless, frame.alpha.is_meaningful()) {
        (true, _) => 40,
        (false, true) => 32,
        (false, false) => 5,
    };
    frame.size.area().saturating_mul(per_pixel)
}

/// Whether this build can do it: always.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn supports(_settings: &WebpSettings) -> Result<(), CodecError> {
    Ok(())
}

/// A picture that is being collected for encoding.
pub(super) struct Target {
    config: WebPConfig,
    picture: Picture,
    /// B, G, R, A rows not yet converted to planes.
    batch: Vec<u8>,
    /// Rows that are in the picture.
    rows: usize,
    /// Whether any pixel had alpha.
    transparent: bool,
    frame: FrameInfo,
    control: JobControl,
    _reservation: Reservation,
}

impl Target {
    /// Makes the picture.
    ///
    /// # Errors
    /// When the job's memory does not suffice, or the settings are refused.
    pub(super) fn new(
        settings: &WebpSettings,
        frame: FrameInfo,
        control: &JobControl,
    ) -> Result<Target, CodecError> {
        let reservation = control.reserve(working_bytes(settings, &frame))?;
        let quality = settings.quality;
        let mut config = WebPConfig::new_with_preset(WebPPreset::WEBP_PRESET_DEFAULT, quality)
            .map_err(|()| refused(format_args!("a quality of {quality} is not possible")))?;
        config.method = METHOD;
        config.lossless = c_int::from(settings.lossless);
        Ok(Target {
            config,
            picture: Picture::new(&frame, settings.lossless)?,
            batch: Vec::new(),
            rows: 0,
            transparent: false,
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
        if self.config.lossless != 0 {
            let opaque = !self.frame.alpha.is_meaningful();
            self.picture.set_row(self.rows, bgra, opaque);
            self.rows += 1;
            return Ok(());
        }
        self.batch.extend_from_slice(bgra);
        if self.batch.len() < self.frame.row_bytes() * BATCH {
            return Ok(());
        }
        self.convert()
    }

    /// Converts the batch to planes. Strips of even height give the planes a whole picture gives.
    fn convert(&mut self) -> Result<(), CodecError> {
        self.control.check()?;
        let count = self.batch.len() / self.frame.row_bytes();
        if count == 0 {
            return Ok(());
        }
        let strip = Picture::import(&self.batch, &self.frame, count)?;
        self.transparent |= strip.0.colorspace == WebPEncCSP::WEBP_YUV420A;
        self.picture.set_planes(self.rows, &strip);
        self.rows += count;
        self.batch.clear();
        Ok(())
    }

    /// Encodes the picture to a whole file.
    ///
    /// # Errors
    /// When the job must stop or the library gives up.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, CodecError> {
        self.convert()?;
        if self.rows != self.frame.size.height() as usize {
            return Err(refused("rows are missing"));
        }
        if !self.transparent {
            self.picture.0.colorspace = WebPEncCSP::WEBP_YUV420;
        }
        if self.frame.size.area() < APART {
            return self.encode();
        }
        let control = self.control.clone();
        let settings = WebpSettings {
            quality: self.config.quality,
            lossless: self.config.lossless != 0,
        };
        let bytes = working_bytes(&settings, &self.frame);
        control.run_apart(bytes, move || self.encode())?
    }

    fn encode(mut self) -> Result<Vec<u8>, CodecError> {
        let mut progress = Progress {
            file: Vec::new(),
            control: self.control,
            stopped: None,
        };
        let picture = &mut *self.picture.0;
        picture.writer = Some(write);
        picture.progress_hook = Some(poll);
        let state = (&raw mut progress).cast();
        (picture.custom_ptr, picture.user_data) = (state, state);
        // SAFETY: configuration and picture are valid; both callbacks get the picture with `progress` behind its two
        // pointers, which lives until the call returns and is used by this thread alone.
        let done = unsafe { WebPEncode(&self.config, picture) } != 0;
        match (progress.stopped, picture.error_code) {
            (Some(error), _) => Err(error),
            (None, _) if done => Ok(progress.file),
            (
                None,
                WebPEncodingError::VP8_ENC_ERROR_OUT_OF_MEMORY
                | WebPEncodingError::VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY,
            ) => {
                let bytes = self.frame.size.area().saturating_mul(4);
                Err(ControlError::AllocationFailed { bytes }.into())
            }
            (None, code) => Err(refused(format_args!(
                "libwebp reports error {}",
                code as u32
            ))),
        }
    }
}

fn refused(message: impl ToString) -> CodecError {
    CodecError::encode(ImageFormat::WebP, message)
}

/// What the callbacks work on.
struct Progress {
    file: Vec<u8>,
    control: JobControl,
    stopped: Option<CodecError>,
}

unsafe extern "C" fn write(data: *const u8, size: usize, picture: *const WebPPicture) -> c_int {
    // SAFETY: `finish` put a valid `Progress` there, which nothing else uses during the call.
    let progress = unsafe { &mut *(*picture).custom_ptr.cast::<Progress>() };
    if size == 0 {
        return 1;
    }
    if progress.file.try_reserve(size).is_err() {
        let bytes = size as u64;
        progress.stopped = Some(ControlError::AllocationFailed { bytes }.into());
        return 0;
    }
    // SAFETY: the library hands over `size` valid bytes.
    progress
        .file
        .extend_from_slice(unsafe { std::slice::from_raw_parts(data, size) });
    1
}

unsafe extern "C" fn poll(_percent: c_int, picture: *const WebPPicture) -> c_int {
    // SAFETY: as in `write`.
    let progress = unsafe { &mut *(*picture).user_data.cast::<Progress>() };
    if let Err(stop) = progress.control.check() {
        progress.stopped = Some(stop.into());
        return 0;
    }
    1
}

/// Owns a `WebPPicture` and its planes or pixels.
struct Picture(Box<WebPPicture>);

// SAFETY: the planes belong to this value, and no thread has a part in them.
unsafe impl Send for Picture {}

impl Picture {
    fn empty(frame: &FrameInfo, rows: usize, argb: bool) -> Result<Picture, CodecError> {
        let mut picture = WebPPicture::new().map_err(|()| refused("another version of libwebp"))?;
        picture.use_argb = c_int::from(argb);
        // `encode::check` has bounded both sides.
        picture.width = c_int::try_from(frame.size.width()).unwrap_or(c_int::MAX);
        picture.height = c_int::try_from(rows).unwrap_or(c_int::MAX);
        picture.colorspace = if frame.alpha.is_meaningful() {
            WebPEncCSP::WEBP_YUV420A
        } else {
            WebPEncCSP::WEBP_YUV420
        };
        Ok(Picture(Box::new(picture)))
    }

    /// The whole picture, its samples unset.
    fn new(frame: &FrameInfo, lossless: bool) -> Result<Picture, CodecError> {
        let mut picture = Picture::empty(frame, frame.size.height() as usize, lossless)?;
        // SAFETY: the picture is valid and owns nothing yet.
        if unsafe { WebPPictureAlloc(&mut *picture.0) } == 0 {
            let bytes = frame.size.area().saturating_mul(4);
            return Err(ControlError::AllocationFailed { bytes }.into());
        }
        Ok(picture)
    }

    /// `rows` packed rows of B, G, R, A as planes; with a plane of alpha only if a pixel has some.
    fn import(bgra: &[u8], frame: &FrameInfo, rows: usize) -> Result<Picture, CodecError> {
        let mut picture = Picture::empty(frame, rows, false)?;
        let stride = c_int::try_from(frame.row_bytes()).unwrap_or(c_int::MAX);
        assert!(bgra.len() >= rows * frame.row_bytes());
        let source = bgra.as_ptr();
        // SAFETY: the picture is valid and owns nothing yet; `bgra` has its `height` rows of `stride` bytes.
        let done = unsafe {
            if frame.alpha.is_meaningful() {
                WebPPictureImportBGRA(&mut *picture.0, source, stride)
            } else {
                WebPPictureImportBGRX(&mut *picture.0, source, stride)
            }
        };
        if done == 0 {
            let bytes = bgra.len() as u64;
            return Err(ControlError::AllocationFailed { bytes }.into());
        }
        Ok(picture)
    }

    /// Sets row `y` of a picture of pixels.
    fn set_row(&mut self, y: usize, bgra: &[u8], opaque: bool) {
        let picture = &mut *self.0;
        let (width, height) = (picture.width as usize, picture.height as usize);
        let (pixels, _) = bgra.as_chunks::<4>();
        assert!(!picture.argb.is_null() && y < height && pixels.len() == width);
        let alpha = if opaque { 0xFF00_0000 } else { 0 };
        for (x, bgra) in pixels.iter().enumerate() {
            let argb = u32::from_le_bytes(*bgra) | alpha;
            // SAFETY: `argb` has `height` rows of at least `width` pixels, `argb_stride` apart; `y` and `x` are among them.
            unsafe {
                picture
                    .argb
                    .add(y * picture.argb_stride as usize + x)
                    .write(argb);
            }
        }
    }

    /// Copies the planes of a strip to the rows from `y`, which is even, on.
    fn set_planes(&mut self, y: usize, strip: &Picture) {
        let (to, from) = (&*self.0, &*strip.0);
        let (width, rows) = (from.width as usize, from.height as usize);
        let planes = !to.y.is_null() && !from.y.is_null() && to.width == from.width;
        assert!(planes && y.is_multiple_of(2) && y + rows <= to.height as usize);
        // SAFETY: both pictures have planes of at least `width` times `height` samples of luma and alpha, halves of that,
        // rounded up, of chroma, with rows a stride apart; `rows` of them fit at `y`. A target with meaningful alpha has
        // a plane for it; the strip may lack it, and is opaque then. The two own different memory.
        unsafe {
            let luma = (from.y_stride as usize, to.y_stride as usize);
            let chroma = (from.uv_stride as usize, to.uv_stride as usize);
            let (half_width, half_rows) = (width.div_ceil(2), rows.div_ceil(2));
            copy(from.y, to.y, luma, y, (width, rows));
            copy(from.u, to.u, chroma, y / 2, (half_width, half_rows));
            copy(from.v, to.v, chroma, y / 2, (half_width, half_rows));
            if to.a.is_null() {
                return;
            }
            let stride = to.a_stride as usize;
            if from.a.is_null() {
                for row in y..y + rows {
                    ptr::write_bytes(to.a.add(row * stride), 255, width);
                }
            } else {
                let alpha = (from.a_stride as usize, stride);
                copy(from.a, to.a, alpha, y, (width, rows));
            }
        }
    }
}

/// Copies `size` samples of one plane to the rows from `y` on of another, given both strides.
///
/// # Safety
/// Both planes must have these rows, and not overlap.
unsafe fn copy(
    from: *const u8,
    to: *mut u8,
    strides: (usize, usize),
    y: usize,
    size: (usize, usize),
) {
    for row in 0..size.1 {
        // SAFETY: by contract.
        unsafe {
            ptr::copy_nonoverlapping(
                from.add(row * strides.0),
                to.add((y + row) * strides.1),
                size.0,
            );
        }
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the picture is valid and owns its planes and pixels.
        unsafe { WebPPictureFree(&mut *self.0) }
    }
}
