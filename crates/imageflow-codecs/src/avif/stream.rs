//! The pictures of one AV1 stream, for a job that may end while one is decoded.

use imageflow_pixels::{JobControl, Reservation};

use super::ffi::{Decoder, Failure, Picture};

/// Coded bytes of a picture from which it is worth a thread to decode it.
const APART: usize = 16 << 10;

/// Bytes for every pixel of a picture that is decoded: its samples, and what is known of its blocks.
const DECODE_BYTES_PER_PIXEL: u64 = 4;

/// Decodes pictures one after the other.
#[derive(Debug)]
pub(super) struct Stream {
    /// With the thread that a stopped job left behind, otherwise here.
    decoder: Option<Decoder>,
    /// What the decoding of a picture holds, about.
    bytes: u64,
    control: JobControl,
}

impl Stream {
    /// See [`Decoder::new`].
    ///
    /// # Errors
    /// As there.
    pub(super) fn new(
        max_pixels: u32,
        operating_point: u8,
        control: &JobControl,
    ) -> Result<Stream, Failure> {
        Ok(Stream {
            decoder: Some(Decoder::new(max_pixels, operating_point, control)?),
            bytes: u64::from(max_pixels) * DECODE_BYTES_PER_PIXEL,
            control: control.clone(),
        })
    }

    /// Forgets everything decoded before.
    pub(super) fn reset(&mut self) {
        if let Some(decoder) = &mut self.decoder {
            decoder.reset();
        }
    }

    /// See [`Decoder::decode`]. A picture's decoding cannot be interrupted, but the job need not wait for its end.
    ///
    /// # Errors
    /// As there.
    pub(super) fn decode(
        &mut self,
        (bytes, held): (Vec<u8>, Reservation),
    ) -> Result<Picture, Failure> {
        let ended = Failure::Damaged("decoding was stopped before");
        let mut decoder = self.decoder.take().ok_or(ended)?;
        let is_small = bytes.len() < APART;
        let decode = move || {
            let _held = held;
            let outcome = decoder.decode(&bytes);
            (decoder, outcome)
        };
        let (decoder, outcome) = if is_small {
            decode()
        } else {
            self.control
                .run_apart(self.bytes, decode)
                .map_err(Failure::Control)?
        };
        self.decoder = Some(decoder);
        outcome
    }
}
