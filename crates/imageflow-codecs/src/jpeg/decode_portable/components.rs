//! zune-jpeg's decoder as a source of component rows.
//!
//! Rows are pulled one row of minimum coded units at a time. The pull interface is meant for input that is still arriving
//! and stops at damage and at an early end; then the picture is decoded once more, whole and leniently, and the rest of the
//! rows come from there ([`Whole`]).

use imageflow_pixels::{JobControl, Reservation};
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::{JpegDecoder, PlaneInfo, RawImcuRowStatus};

use super::source::{Failure, Source};
use super::whole::Whole;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;
use crate::jpeg::MAX_SCANS;
use crate::jpeg::plane_reader::PlaneReader;
use crate::words;

/// Samples along a side of a block.
pub(super) const BLOCK: usize = 8;
const MAX_SIDE: usize = 65_535;
/// Samples of the largest damaged picture that is worth a second decoding; a file of a few bytes can claim 12 thousand million.
const MAX_WHOLE: usize = 192 << 20;

/// Size and sampling of one component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Plane {
    /// Columns and rows inside the picture.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Columns in whole blocks.
    pub(super) stride: usize,
    /// Sampling factors, across and down.
    pub(super) factors: (usize, usize),
}

impl Plane {
    fn new(info: &PlaneInfo) -> Plane {
        Plane {
            width: info.width,
            height: info.height,
            stride: info.stride,
            factors: (
                info.horizontal_sampling_factor,
                info.vertical_sampling_factor,
            ),
        }
    }

    /// Rows in a row of minimum coded units.
    pub(super) fn step(&self) -> usize {
        self.factors.1 * BLOCK
    }
}

/// The components of a picture, from top to bottom.
pub(super) struct Components {
    decoder: JpegDecoder<Source>,
    failure: Failure,
    planes: Vec<Plane>,
    /// Rows of each component that were given out.
    done: Vec<usize>,
    whole: Option<Whole>,
    control: JobControl,
    _reserved: Option<Reservation>,
}

impl Components {
    /// Reads the header; `samplings` are the factors it is known to have.
    pub(super) fn open(reader: Reader, samplings: &[(u32, u32)]) -> Result<Components, CodecError> {
        let failure = Failure::default();
        let options = DecoderOptions::default()
            .set_strict_mode(false)
            .set_max_width(MAX_SIDE)
            .set_max_height(MAX_SIDE)
            .jpeg_set_max_scans(MAX_SCANS as usize);
        let source = Source::new(reader, failure.clone());
        let mut decoder = JpegDecoder::new_with_options(source, options);
        if let Err(error) = decoder.decode_headers() {
            return Err(failure
                .take()
                .map_or_else(|| malformed(&error), CodecError::read));
        }
        // Whole pictures come out as they are stored, like rows.
        let stored = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
        decoder.set_options(options.jpeg_set_out_colorspace(stored));
        let layout = decoder.raw_output().layout().unwrap_or_default();
        let planes: Vec<Plane> = layout
            .iter()
            .take(samplings.len())
            .map(Plane::new)
            .collect();
        let known = |(plane, (h, v)): (&Plane, &(u32, u32))| {
            plane.factors == (*h as usize, *v as usize) && plane.width > 0 && plane.height > 0
        };
        if !planes.iter().zip(samplings).all(known) {
            return Err(CodecError::malformed(
                ImageFormat::Jpeg,
                "the frame header contradicts itself",
            ));
        }
        let done = vec![0; planes.len()];
        Ok(Components {
            decoder,
            failure,
            planes,
            done,
            whole: None,
            control: JobControl::default(),
            _reserved: None,
        })
    }

    /// Ties decoding to a job; `reserved` is kept as long as there are components.
    pub(super) fn prepare(&mut self, control: &JobControl, reserved: Reservation) {
        self.control = control.clone();
        self._reserved = Some(reserved);
        let control = control.clone();
        self.decoder.set_cancel(move || control.check().is_err());
    }

    /// Size and sampling of each component.
    pub(super) fn planes(&self) -> &[Plane] {
        &self.planes
    }

    /// The picture at full size, once it was decoded so.
    pub(super) fn whole(&self) -> Option<&Whole> {
        self.whole.as_ref()
    }

    /// Decodes the next row of minimum coded units. `buffers[c]` has [`Plane::step`] rows of [`Plane::stride`] bytes; samples
    /// inside the picture are written. Returns the number of rows of each component.
    pub(super) fn pull(&mut self, buffers: &mut [Vec<u8>]) -> Result<Vec<usize>, CodecError> {
        self.control.check()?;
        let streamed = match self.whole {
            Some(_) => None,
            None => self.stream(buffers)?,
        };
        let rows = match streamed {
            Some(rows) => rows,
            None => self.cut_whole(buffers)?,
        };
        for (done, rows) in self.done.iter_mut().zip(&rows) {
            *done += rows;
        }
        Ok(rows)
    }

    /// `None` when the stream cannot go on.
    fn stream(&mut self, buffers: &mut [Vec<u8>]) -> Result<Option<Vec<usize>>, CodecError> {
        let strides: Vec<usize> = self.planes.iter().map(|plane| plane.stride).collect();
        let mut slices: Vec<&mut [u8]> = buffers.iter_mut().map(Vec::as_mut_slice).collect();
        let outcome = self
            .decoder
            .raw_output()
            .decode_next_imcu_row(&mut slices, &strides);
        match outcome {
            Ok(RawImcuRowStatus::RowReady { rows_written }) => {
                let rows = rows_written.iter().take(self.planes.len()).copied();
                Ok(Some(rows.collect()))
            }
            Err(DecodeErrors::Cancelled) => Err(self.stopped()),
            _ => self
                .failure
                .take()
                .map_or(Ok(None), |error| Err(CodecError::read(error))),
        }
    }

    fn cut_whole(&mut self, buffers: &mut [Vec<u8>]) -> Result<Vec<usize>, CodecError> {
        if self.whole.is_none() {
            self.whole = Some(self.decode_whole()?);
        }
        let mut rows = Vec::new();
        for (c, (plane, buffer)) in self.planes.iter().zip(buffers).enumerate() {
            let first = self.done.get(c).copied().unwrap_or(0);
            let count = plane.step().min(plane.height.saturating_sub(first));
            let lines = buffer.chunks_exact_mut(plane.stride).take(count);
            for (y, line) in (first..).zip(lines) {
                if let Some(whole) = &self.whole {
                    whole.row(c, plane, y, line);
                }
            }
            rows.push(count);
        }
        Ok(rows)
    }

    fn decode_whole(&mut self) -> Result<Whole, CodecError> {
        let size = self.decoder.dimensions().unwrap_or_default();
        let started = self.done.iter().any(|rows| *rows > 0);
        let samples = size
            .0
            .saturating_mul(size.1)
            .saturating_mul(self.planes.len());
        if samples > MAX_WHOLE {
            let whole = started.then(Whole::nothing);
            return whole.ok_or_else(|| {
                CodecError::malformed(
                    ImageFormat::Jpeg,
                    format!("the picture is damaged, and its {samples} samples exceed the {MAX_WHOLE} that can be repaired"),
                )
            });
        }
        let mut whole = Whole::new(size, &self.planes, &self.control)?;
        let Err(error) = self.decoder.decode_into(whole.samples_mut()) else {
            return Ok(whole);
        };
        if matches!(error, DecodeErrors::Cancelled) {
            return Err(self.stopped());
        }
        if let Some(error) = self.failure.take() {
            return Err(CodecError::read(error));
        }
        // Damage after some rows leaves what there is, and gray.
        if started || self.decoder.decoded_output_bytes().unwrap_or(0) > 0 {
            return Ok(whole);
        }
        Err(malformed(&error))
    }

    fn stopped(&self) -> CodecError {
        match self.control.check() {
            Err(control) => control.into(),
            // A deadline cannot pass and come back.
            Ok(()) => CodecError::malformed(ImageFormat::Jpeg, "decoding stopped early"),
        }
    }
}

impl PlaneReader for Components {
    fn plane_strides(&self) -> Vec<usize> {
        self.planes.iter().map(|plane| plane.stride).collect()
    }

    fn read_planes(&mut self, planes: &mut [Vec<u8>], strides: &[usize]) -> Result<(), CodecError> {
        let short = || CodecError::malformed(ImageFormat::Jpeg, "a row of blocks is incomplete");
        let enough = |(plane, (buffer, stride)): (&Plane, (&Vec<u8>, &usize))| {
            plane.stride == *stride && buffer.len() >= plane.step() * stride
        };
        if planes.len() != self.planes.len()
            || !self
                .planes
                .iter()
                .zip(planes.iter().zip(strides))
                .all(enough)
        {
            return Err(short());
        }
        let before = self.done.clone();
        let rows = self.pull(planes)?;
        for (((plane, buffer), rows), before) in
            self.planes.iter().zip(planes).zip(rows).zip(before)
        {
            let expected = plane.step().min(plane.height.saturating_sub(before));
            if rows != expected {
                return Err(short());
            }
            extend(plane, buffer, rows);
        }
        Ok(())
    }
}

/// Repeats the last column and the last row to the end of their blocks.
fn extend(plane: &Plane, buffer: &mut [u8], rows: usize) {
    if plane.width < plane.stride {
        for line in buffer.chunks_exact_mut(plane.stride).take(rows) {
            let last = line.get(plane.width.saturating_sub(1)).copied();
            if let (Some(last), Some(beyond)) = (last, line.get_mut(plane.width..)) {
                beyond.fill(last);
            }
        }
    }
    if rows > 0 {
        let last = (rows - 1) * plane.stride..rows * plane.stride;
        for row in rows..plane.step() {
            buffer.copy_within(last.clone(), row * plane.stride);
        }
    }
}

fn malformed(error: &DecodeErrors) -> CodecError {
    let text = format!("{error:?}");
    CodecError::malformed(ImageFormat::Jpeg, words::plain(text.trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_repeated_to_whole_blocks() {
        let plane = Plane {
            width: 3,
            height: 2,
            stride: 8,
            factors: (1, 1),
        };
        let mut buffer = vec![0; 64];
        buffer[..3].copy_from_slice(&[1, 2, 3]);
        buffer[8..11].copy_from_slice(&[4, 5, 6]);
        extend(&plane, &mut buffer, 2);
        assert_eq!(buffer[..8], [1, 2, 3, 3, 3, 3, 3, 3]);
        for row in buffer[8..].chunks_exact(8) {
            assert_eq!(row, [4, 5, 6, 6, 6, 6, 6, 6]);
        }
    }
}
