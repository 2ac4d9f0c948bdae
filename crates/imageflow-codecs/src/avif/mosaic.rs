//! The cells of a layer, decoded row of cells by row of cells as they are needed.

use std::collections::VecDeque;

use imageflow_pixels::JobControl;

use super::coding::{Coding, Planes, Samples};
use super::container::{Data, malformed};
use super::description::Layer;
use super::ffi::{Failure, Picture};
use super::meta::Meta;
use super::stream::Stream;
use crate::error::CodecError;

/// Coded bytes that the cells of a layer may have together although the file is not so long, because cells may be the same.
const SHARED_BYTES: u64 = 64 << 20;

/// A layer that looks like one picture.
#[derive(Debug)]
pub(super) struct Mosaic {
    layer: Layer,
    decoder: Stream,
    coding: Option<Coding>,
    /// Rows of cells from `first` on.
    bands: VecDeque<Vec<Picture>>,
    first: u32,
    /// Coded bytes that were decoded.
    coded: u64,
}

impl From<Failure> for CodecError {
    fn from(failure: Failure) -> CodecError {
        match failure {
            Failure::Control(stop) => CodecError::Control(stop),
            Failure::Damaged(message) => malformed(message),
        }
    }
}

/// A decoder for pictures of this size.
pub(super) fn decoder(layer: &Layer, control: &JobControl) -> Result<Stream, CodecError> {
    let pixels = u32::try_from(layer.cell.area())
        .map_err(|_| malformed(format_args!("a size of {} is not possible", layer.cell)))?;
    Ok(Stream::new(pixels, layer.operating_point, control)?)
}

impl Mosaic {
    pub(super) fn new(layer: Layer, control: &JobControl) -> Result<Mosaic, CodecError> {
        Ok(Mosaic {
            decoder: decoder(&layer, control)?,
            layer,
            coding: None,
            bands: VecDeque::new(),
            first: 0,
            coded: 0,
        })
    }

    /// Decodes what rows `from..=to` need, and forgets what lies above.
    ///
    /// # Errors
    /// When a cell is damaged or unlike the others, or the job must stop.
    pub(super) fn prepare(
        &mut self,
        (from, to): (u32, u32),
        meta: &Meta,
        data: &mut Data,
        control: &JobControl,
    ) -> Result<(), CodecError> {
        let height = self.layer.cell.height();
        while self.first < from / height && self.bands.pop_front().is_some() {
            self.first += 1;
        }
        if self.bands.is_empty() {
            self.first = from / height;
        }
        while self.first + self.bands.len() as u32 <= to / height {
            let band = self.first + self.bands.len() as u32;
            let columns = self.layer.columns as usize;
            let start = band as usize * columns;
            let mut pictures = Vec::new();
            for at in start..start + columns {
                control.check()?;
                pictures.push(self.cell(at, meta, data, control)?);
            }
            self.bands.push_back(pictures);
        }
        Ok(())
    }

    fn cell(
        &mut self,
        at: usize,
        meta: &Meta,
        data: &mut Data,
        control: &JobControl,
    ) -> Result<Picture, CodecError> {
        let item = self.layer.cells.get(at).and_then(|id| meta.items.get(id));
        let item = item.ok_or_else(|| malformed("a cell of the picture is missing"))?;
        let coded = data.item(meta, item, control)?;
        self.coded = self.coded.saturating_add(coded.0.len() as u64);
        if self.coded > SHARED_BYTES.max(data.length.saturating_mul(2)) {
            return Err(malformed("cells share data that are too long for that"));
        }
        self.decoder.reset();
        let picture = self.decoder.decode(coded)?;
        let (width, height) = picture.size();
        let cell = self.layer.cell;
        if (width, height) != (cell.width(), cell.height()) {
            return Err(malformed(format_args!(
                "the bitstream has a picture of {width}x{height}, the container says {cell}"
            )));
        }
        let coding = picture.coding();
        if *self.coding.get_or_insert(coding) != coding {
            return Err(malformed("the cells of the picture are coded differently"));
        }
        let sampling = coding.sampling;
        let splits =
            |half: bool, count: u32, side: u32| half && count > 1 && !side.is_multiple_of(2);
        if splits(sampling.half_columns(), self.layer.columns, cell.width())
            || splits(sampling.half_rows(), self.layer.rows, cell.height())
        {
            return Err(malformed(format_args!(
                "cells of {cell} split a chroma sample"
            )));
        }
        Ok(picture)
    }
}

impl Planes for Mosaic {
    fn coding(&self) -> Coding {
        self.coding.unwrap_or(Coding::NONE)
    }

    fn copy_row(&self, plane: usize, y: u32, out: &mut Vec<u16>) {
        out.clear();
        let (size, cell) = (self.layer.size, self.layer.cell);
        let sampling = self.coding().sampling;
        let half = |half: bool, side: u32| {
            if half && plane > 0 {
                side.div_ceil(2)
            } else {
                side
            }
        };
        let mut left = half(sampling.half_columns(), size.width()) as usize;
        let height = half(sampling.half_rows(), cell.height());
        let band = (y / height).checked_sub(self.first).map(|b| b as usize);
        for picture in band.and_then(|b| self.bands.get(b)).into_iter().flatten() {
            let row: Samples<'_> = picture.row(plane, y % height);
            let before = out.len();
            row.append_to(out, left);
            left -= out.len() - before;
        }
    }
}
