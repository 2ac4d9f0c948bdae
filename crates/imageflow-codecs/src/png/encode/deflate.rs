//! zlib streams into IDAT chunks: whole buffers through libdeflate when they are small, a stream otherwise.

#[cfg(feature = "native")]
use std::panic::catch_unwind;

use flate2::{Compress, Compression, FlushCompress, Status};
#[cfg(feature = "native")]
use imageflow_pixels::ControlError;
use imageflow_pixels::{JobControl, Reservation};

use super::container::Container;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::memory;

/// Filtered bytes up to which a picture is compressed in one go: better and faster, but it is held in memory. At the usual
/// level this is about 0.2 s.
pub(super) const WHOLE_LIMIT: u64 = if cfg!(feature = "native") {
    12 << 20
} else {
    6 << 20
};
/// What a compressor holds.
pub(super) const FIXED_BYTES: u64 = 1 << 20;
/// Bytes of IDAT written at once by the stream.
const CHUNK: usize = 32 << 10;

/// How hard to compress.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effort {
    /// zlib level 0..=9, always as a stream.
    Stream(u8),
    /// Good compression, fast.
    Usual,
    /// The best there is.
    Max,
}

impl Effort {
    pub(super) fn new(max: bool) -> Effort {
        if max { Effort::Max } else { Effort::Usual }
    }

    fn stream_level(self) -> u32 {
        match self {
            Effort::Stream(level) => u32::from(level.min(9)),
            Effort::Usual => 6,
            Effort::Max => 9,
        }
    }

    /// Whether a picture of so many filtered bytes is compressed in one go.
    pub(super) fn is_whole(self, bytes: u64) -> bool {
        !matches!(self, Effort::Stream(_)) && bytes <= WHOLE_LIMIT
    }
}

/// Bytes that gather, and their part of the job's memory.
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    _reservation: Reservation,
}

impl Buffer {
    /// An empty buffer that `bytes` fit into.
    pub(super) fn new(bytes: u64, control: &JobControl) -> Result<Buffer, CodecError> {
        let reservation = control.reserve(bytes)?;
        Ok(Buffer {
            bytes: memory::room(bytes)?,
            _reservation: reservation,
        })
    }
}

/// A zlib stream that leaves in chunks as it grows.
pub(super) struct Stream {
    compress: Compress,
    chunk: Vec<u8>,
    control: JobControl,
    _reservation: Reservation,
}

impl Stream {
    pub(super) fn new(effort: Effort, control: &JobControl) -> Result<Stream, CodecError> {
        let reservation = control.reserve(FIXED_BYTES)?;
        let compress = Compress::new(Compression::new(effort.stream_level()), true);
        Ok(Stream {
            compress,
            chunk: Vec::with_capacity(CHUNK),
            control: control.clone(),
            _reservation: reservation,
        })
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Container) -> Result<(), CodecError> {
        while !bytes.is_empty() {
            let before = self.compress.total_in();
            self.step(bytes, FlushCompress::None, out)?;
            let taken = usize::try_from(self.compress.total_in() - before).unwrap_or(usize::MAX);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    pub(super) fn finish(mut self, out: &mut Container) -> Result<(), CodecError> {
        while self.step(&[], FlushCompress::Finish, out)? != Status::StreamEnd {}
        if !self.chunk.is_empty() {
            out.chunk(b"IDAT", &self.chunk)?;
        }
        Ok(())
    }

    fn step(
        &mut self,
        bytes: &[u8],
        flush: FlushCompress,
        out: &mut Container,
    ) -> Result<Status, CodecError> {
        let status = self
            .compress
            .compress_vec(bytes, &mut self.chunk, flush)
            .map_err(|error| CodecError::encode(ImageFormat::Png, error))?;
        if self.chunk.len() == self.chunk.capacity() {
            self.control.check()?;
            out.chunk(b"IDAT", &self.chunk)?;
            self.chunk.clear();
        }
        Ok(status)
    }
}

/// Bytes from which libdeflate, which cannot be interrupted, works on a thread of its own.
#[cfg(feature = "native")]
const APART: usize = 64 << 10;

/// Compresses a whole buffer; gives what came out, and the buffer back.
#[cfg(feature = "native")]
pub(super) fn whole(
    buffer: Buffer,
    level: Level,
    control: &JobControl,
) -> Result<(Vec<u8>, Buffer), CodecError> {
    let level = match level {
        Level::Probe => 4,
        Level::Usual => 6,
        Level::Max => 12,
    };
    let level = libdeflater::CompressionLvl::new(level)
        .map_err(|_| CodecError::encode(ImageFormat::Png, "no such deflate level"))?;
    // Its constructor panics where there is no memory for it.
    let compressor = catch_unwind(|| libdeflater::Compressor::new(level));
    let mut compressor =
        compressor.map_err(|_| ControlError::AllocationFailed { bytes: FIXED_BYTES })?;
    let length = buffer.bytes.len();
    let bound = compressor.zlib_compress_bound(length);
    let reservation = control.reserve(bound as u64 + FIXED_BYTES)?;
    let compress = move || {
        let _reservation = reservation;
        let mut deflated = memory::room(bound as u64)?;
        deflated.resize(bound, 0);
        let length = compressor
            .zlib_compress(&buffer.bytes, &mut deflated)
            .map_err(|error| CodecError::encode(ImageFormat::Png, error))?;
        deflated.truncate(length);
        Ok((deflated, buffer))
    };
    if length < APART {
        compress()
    } else {
        control.run_apart((bound + length) as u64, compress)?
    }
}

/// Bytes compressed between two looks at whether the job goes on.
#[cfg(not(feature = "native"))]
const PIECE: usize = 64 << 10;

/// Compresses a whole buffer; gives what came out, and the buffer back.
#[cfg(not(feature = "native"))]
pub(super) fn whole(
    buffer: Buffer,
    level: Level,
    control: &JobControl,
) -> Result<(Vec<u8>, Buffer), CodecError> {
    let bytes = &buffer.bytes;
    let level = match level {
        Level::Probe => 4,
        Level::Usual => 6,
        Level::Max => 9,
    };
    let _reservation = control.reserve(bytes.len() as u64 + FIXED_BYTES)?;
    let mut compress = Compress::new(Compression::new(level), true);
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    loop {
        control.check()?;
        let from = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(from..).unwrap_or_default();
        let (piece, flush) = match rest.get(..PIECE) {
            Some(piece) => (piece, FlushCompress::None),
            None => (rest, FlushCompress::Finish),
        };
        let status = compress
            .compress_vec(piece, &mut out, flush)
            .map_err(|error| CodecError::encode(ImageFormat::Png, error))?;
        if status == Status::StreamEnd {
            return Ok((out, buffer));
        }
        if out.len() == out.capacity() {
            out.reserve(bytes.len() / 4 + 64);
        }
    }
}

/// Levels of [`whole`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    /// To compare alternatives.
    Probe,
    /// [`Effort::Usual`].
    Usual,
    /// [`Effort::Max`].
    Max,
}
