//! Strips and tiles of JPEG data, by the JPEG decoder of the build (TIFF technical note 2, 1995).

use std::io::Read;

use imageflow_pixels::{JobControl, Reservation, RowBuf, RowSource, StreamError};

use super::directory::malformed;
use super::facts::{Facts, Model, Span};
use super::source::Source;
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::input::{Bytes, Input, Reader};
use crate::jpeg::Inks;

const START: [u8; 2] = [0xFF, 0xD8];
const END: [u8; 2] = [0xFF, 0xD9];

/// Rows of B, G, R, A of one strip or tile.
pub(super) struct JpegRows {
    rows: Box<dyn RowSource>,
    row: RowBuf,
    next: u32,
    _reservation: Reservation,
}

impl JpegRows {
    pub(super) fn new(
        reader: Reader,
        span: Span,
        width: u32,
        facts: &Facts,
        control: &JobControl,
    ) -> Result<JpegRows, CodecError> {
        let bytes = span.bytes.min(facts.file_bytes);
        let reservation = control.reserve(bytes)?;
        let data = whole(Source::new(reader, span, facts.bits_reversed)?, facts)?;
        let reader = Input::Memory(Bytes::Shared(data.into())).reader();
        let reader = reader.watched(control);
        let decoder = crate::jpeg::open_as(reader, Inks::Plain, control).map_err(ours)?;
        let stored = decoder.header().stored;
        if stored.width() != width {
            return Err(malformed(format_args!(
                "JPEG data of {stored} in strips or tiles of {width} columns"
            )));
        }
        // The profile is that of the file.
        let options = DecodeOptions {
            discard_color_profile: true,
            ..DecodeOptions::default()
        };
        let rows = decoder.into_rows(&options, control).map_err(ours)?;
        let row = RowBuf::new(rows.frame(), 1, control)?;
        Ok(JpegRows {
            rows,
            row,
            next: 0,
            _reservation: reservation,
        })
    }

    /// Fills `bgra` with the next row.
    pub(super) fn read_row(&mut self, bgra: &mut [u8]) -> Result<(), CodecError> {
        let y = self.next;
        if y >= self.rows.frame().size.height() {
            return Err(malformed(
                "JPEG data with fewer rows than its strip or tile",
            ));
        }
        self.next += 1;
        self.rows
            .read_rows(&mut self.row.advance(y..y + 1, y))
            .map_err(|error| match error {
                StreamError::Control(control) => CodecError::Control(control),
                StreamError::Codec(codec) => match codec.downcast::<CodecError>() {
                    Ok(codec) => ours(*codec),
                    Err(other) => malformed(other),
                },
            })?;
        let rows = self.row.rows(y..y + 1);
        if let Some(row) = rows.row(y).get(..bgra.len()) {
            bgra.copy_from_slice(row);
        }
        Ok(())
    }
}

/// What is wrong with the JPEG data is wrong with the TIFF.
fn ours(error: CodecError) -> CodecError {
    match error {
        CodecError::Malformed { message, .. } => malformed(format_args!("JPEG data: {message}")),
        other => other,
    }
}

/// A JPEG file of the data: with the tables of all strips, and a marker that says what its colours are.
fn whole(mut source: Source, facts: &Facts) -> Result<Vec<u8>, CodecError> {
    let mut data = START.to_vec();
    // Adobe's marker: 1 for YCbCr, 0 for what is stored as it is. Without it, four components are inks as they are.
    let transform = match facts.model {
        Model::YCbCr => Some(1),
        Model::Rgb => Some(0),
        _ => None,
    };
    if let Some(transform) = transform {
        data.extend_from_slice(b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0");
        data.push(transform);
    }
    let tables = facts.jpeg_tables.as_slice();
    let tables = tables.strip_prefix(&START).unwrap_or(tables);
    data.extend_from_slice(tables.strip_suffix(&END).unwrap_or(tables));
    let mut start = [0; 2];
    let outcome = source
        .read_exact(&mut start)
        .and_then(|()| source.read_to_end(&mut data));
    match outcome {
        Ok(_) if start == START => Ok(data),
        Ok(_) => Err(malformed("JPEG data without its beginning")),
        Err(error) => Err(super::directory::damaged(error, "the pixels")),
    }
}
