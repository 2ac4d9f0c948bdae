//! Pictures decoded by `image-webp`: whole, when the first row is asked for.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};
use imageflow_pixels::{ControlError, JobControl, Reservation};

use super::contents::Image;
use super::decode::Chunks;
use super::{malformed, mux};
use crate::error::CodecError;

/// A picture that is being decoded.
pub(super) struct Picture {
    image: Image,
    /// `None` once the pixels are there.
    chunks: Option<Chunks>,
    /// R, G, B or R, G, B, A.
    pixels: Vec<u8>,
    channels: usize,
    row: Vec<u8>,
    control: JobControl,
    _reservation: Reservation,
}

impl Picture {
    /// Bytes of pixels a decoder holds: the frame, and the planes or the lossless pixels it is made from.
    pub(super) fn bytes(image: &Image) -> u64 {
        image.size.area().saturating_mul(8)
    }

    /// Prepares decoding.
    ///
    /// # Errors
    /// When the job's memory does not suffice.
    pub(super) fn new(
        chunks: Chunks,
        image: &Image,
        control: &JobControl,
    ) -> Result<Picture, CodecError> {
        Ok(Picture {
            image: *image,
            chunks: Some(chunks),
            pixels: Vec::new(),
            channels: 4,
            row: Vec::new(),
            control: control.clone(),
            _reservation: control.reserve(Self::bytes(image))?,
        })
    }

    /// The pixels of row `y`.
    ///
    /// # Errors
    /// When the bitstream is damaged or too short, or the job must stop.
    pub(super) fn row(&mut self, y: u32) -> Result<&[u8], CodecError> {
        self.finish()?;
        let stride = self.image.size.width() as usize * self.channels;
        let source = self
            .pixels
            .get(y as usize * stride..)
            .and_then(|rest| rest.get(..stride))
            .ok_or_else(|| malformed("fewer rows than the header claims"))?;
        self.row.clear();
        self.row
            .extend(source.chunks_exact(self.channels).flat_map(bgra));
        Ok(&self.row)
    }

    /// Decodes everything.
    ///
    /// # Errors
    /// As for [`Picture::row`].
    pub(super) fn finish(&mut self) -> Result<(), CodecError> {
        self.control.check()?;
        let Some(chunks) = self.chunks.take() else {
            return Ok(());
        };
        let file = mux::still(
            self.image.size,
            self.image.alpha_chunk.is_some(),
            &chunks.bytes,
        );
        drop(chunks);
        let mut decoder = WebPDecoder::new(Cursor::new(file)).map_err(damaged)?;
        let length = decoder
            .output_buffer_size()
            .ok_or_else(|| malformed("pixels too many for this machine"))?;
        self.channels = if decoder.has_alpha() { 4 } else { 3 };
        self.pixels
            .try_reserve_exact(length)
            .map_err(|_| ControlError::AllocationFailed {
                bytes: length as u64,
            })?;
        self.pixels.resize(length, 0);
        decoder.read_image(&mut self.pixels).map_err(damaged)
    }
}

fn bgra(pixel: &[u8]) -> [u8; 4] {
    match pixel {
        [r, g, b, a] => [*b, *g, *r, *a],
        [r, g, b] => [*b, *g, *r, 255],
        _ => [0; 4],
    }
}

fn damaged(error: DecodingError) -> CodecError {
    match error {
        DecodingError::IoError(_) => malformed("the file ends in the pixels"),
        error => malformed(error),
    }
}
