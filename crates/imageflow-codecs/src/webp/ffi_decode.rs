//! libwebp's incremental decoder behind a safe type: rows become ready while the compressed bytes are handed over piece by
//! piece, and the job is polled in between. A piece of many pixels is decoded on a thread of its own, which a job that must
//! stop leaves behind.
//!
//! The pixels of the whole picture belong to libwebp, as B, G, R, A; what is not decoded yet is not touched yet.

use std::ptr::NonNull;

use imageflow_pixels::{ControlError, JobControl, Reservation};
use libwebp_sys::{
    VP8StatusCode, WEBP_CSP_MODE, WebPIDecGetRGB, WebPIDecoder, WebPIDelete, WebPINewRGB,
    WebPIUpdate,
};

use super::contents::Image;
use super::decode::Chunks;
use super::malformed;
use crate::error::CodecError;

/// The smallest piece, and how many pieces at most: an interrupted lossless decoder starts its tables again, a lossy one
/// only its block.
const LOSSY_PIECES: (usize, usize) = (16 << 10, 64);
const LOSSLESS_PIECES: (usize, usize) = (128 << 10, 16);

/// Pixels of a piece from which it is worth a thread: some milliseconds.
const APART: u64 = 1 << 18;

/// What decoding needs; it moves between threads.
struct Work {
    decoder: Incremental,
    chunks: Chunks,
    _reservation: Reservation,
}

impl Work {
    fn update(&mut self, given: usize) -> VP8StatusCode {
        let bytes = self.chunks.bytes.get(..given).unwrap_or_default();
        self.decoder.update(bytes)
    }
}

/// A picture that is being decoded.
pub(super) struct Picture {
    /// With the thread that a stopped job left behind, otherwise here.
    work: Option<Box<Work>>,
    /// Bytes that it holds, and of them the compressed ones.
    bytes: u64,
    whole: usize,
    /// Pieces are decoded on threads of their own.
    apart: bool,
    /// Bytes handed over so far, and with every step.
    given: usize,
    piece: usize,
    width: u32,
    height: u32,
    /// The first rows are decoded.
    ready: u32,
    done: bool,
    control: JobControl,
}

impl Picture {
    /// Bytes of pixels a decoder holds: the frame; a lossless one in both its own order and ours; a plane of alpha with
    /// what it is decoded from (measured: 8.7 in all).
    pub(super) fn bytes(image: &Image) -> u64 {
        let per_pixel = match (image.lossless, image.alpha) {
            (true, _) => 8,
            (false, true) => 9,
            (false, false) => 4,
        };
        image.size.area().saturating_mul(per_pixel)
    }

    /// Makes the decoder; it has not decoded anything yet.
    ///
    /// # Errors
    /// When the job's memory does not suffice.
    pub(super) fn new(
        chunks: Chunks,
        image: &Image,
        control: &JobControl,
    ) -> Result<Picture, CodecError> {
        let bytes = Self::bytes(image);
        let reservation = control.reserve(bytes)?;
        let (smallest, most) = if image.lossless {
            LOSSLESS_PIECES
        } else {
            LOSSY_PIECES
        };
        let whole = chunks.bytes.len();
        let piece = (whole / most).max(smallest);
        let pieces = whole.div_ceil(piece).max(1) as u64;
        Ok(Picture {
            work: Some(Box::new(Work {
                decoder: Incremental::new()?,
                chunks,
                _reservation: reservation,
            })),
            bytes,
            whole,
            apart: image.size.area() / pieces >= APART,
            given: 0,
            piece,
            width: image.size.width(),
            height: image.size.height(),
            ready: 0,
            done: false,
            control: control.clone(),
        })
    }

    /// The pixels of row `y`, decoded as far as needed.
    ///
    /// # Errors
    /// When the bitstream is damaged or too short, or the job must stop.
    pub(super) fn row(&mut self, y: u32) -> Result<&[u8], CodecError> {
        while y >= self.ready {
            self.step()?;
        }
        self.work
            .as_ref()
            .and_then(|work| work.decoder.row(y, self.width, self.height))
            .ok_or_else(|| malformed("fewer rows than the header claims"))
    }

    /// Decodes whatever follows the last row wanted.
    ///
    /// # Errors
    /// As for [`Picture::row`].
    pub(super) fn finish(&mut self) -> Result<(), CodecError> {
        while !self.done {
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), CodecError> {
        self.control.check()?;
        if self.done {
            return Err(malformed("fewer rows than the header claims"));
        }
        if self.given == self.whole {
            return Err(malformed("the file ends in the pixels"));
        }
        let ended = || malformed("decoding was stopped before");
        let mut work = self.work.take().ok_or_else(ended)?;
        let given = self.given.saturating_add(self.piece).min(self.whole);
        let (work, status) = if self.apart {
            self.control.run_apart(self.bytes, move || {
                let status = work.update(given);
                (work, status)
            })?
        } else {
            let status = work.update(given);
            (work, status)
        };
        self.given = given;
        let ready = work.decoder.ready(self.width, self.height);
        self.work = Some(work);
        match status {
            VP8StatusCode::VP8_STATUS_OK => self.done = true,
            VP8StatusCode::VP8_STATUS_SUSPENDED => {}
            VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY => {
                let bytes = u64::from(self.width) * u64::from(self.height) * 4;
                return Err(ControlError::AllocationFailed { bytes }.into());
            }
            _ => return Err(malformed("the compressed pixels are damaged")),
        }
        self.ready = ready;
        Ok(())
    }
}

/// Owns a `WebPIDecoder` that writes B, G, R, A to memory of its own.
struct Incremental(NonNull<WebPIDecoder>);

// SAFETY: the decoder has no tie to the thread that made it, and is used by one thread at a time: it moves with its owner.
unsafe impl Send for Incremental {}

impl Incremental {
    fn new() -> Result<Incremental, CodecError> {
        // SAFETY: without a buffer the decoder allocates the pixels itself and ignores the two sizes.
        let decoder = unsafe { WebPINewRGB(WEBP_CSP_MODE::MODE_BGRA, std::ptr::null_mut(), 0, 0) };
        match NonNull::new(decoder) {
            Some(decoder) => Ok(Incremental(decoder)),
            None => Err(ControlError::AllocationFailed { bytes: 0 }.into()),
        }
    }

    /// Decodes as far as `bytes`, which start with all bytes given before, allow.
    fn update(&mut self, bytes: &[u8]) -> VP8StatusCode {
        // SAFETY: the decoder is valid. It remembers where the bytes lie only to translate its positions to the next
        // call's; it reads them during this call alone.
        unsafe { WebPIUpdate(self.0.as_ptr(), bytes.as_ptr(), bytes.len()) }
    }

    /// How many rows are decoded, if the picture has the size announced.
    fn ready(&self, width: u32, height: u32) -> u32 {
        self.pixels(width, height).map_or(0, |(_, _, ready)| ready)
    }

    fn row(&self, y: u32, width: u32, height: u32) -> Option<&[u8]> {
        let (pixels, stride, ready) = self.pixels(width, height)?;
        if y >= ready {
            return None;
        }
        // SAFETY: `pixels` are at least `ready` rows of `stride` bytes, each with `width` pixels of four bytes; they live
        // as long as the decoder and change in `update` only, which borrows it exclusively.
        Some(unsafe {
            std::slice::from_raw_parts(pixels.add(y as usize * stride), width as usize * 4)
        })
    }

    fn pixels(&self, width: u32, height: u32) -> Option<(*const u8, usize, u32)> {
        let (mut ready, mut w, mut h, mut stride) = (0, 0, 0, 0);
        // SAFETY: the decoder is valid, and so are the four places for results.
        let pixels =
            unsafe { WebPIDecGetRGB(self.0.as_ptr(), &mut ready, &mut w, &mut h, &mut stride) };
        let size = (u32::try_from(w), u32::try_from(h));
        let fits = !pixels.is_null() && size == (Ok(width), Ok(height));
        let stride = usize::try_from(stride).ok()?;
        let ready = u32::try_from(ready).ok()?.min(height);
        fits.then_some((pixels.cast_const(), stride, ready))
    }
}

impl Drop for Incremental {
    fn drop(&mut self) {
        // SAFETY: the decoder is valid and not used any more.
        unsafe { WebPIDelete(self.0.as_ptr()) }
    }
}
