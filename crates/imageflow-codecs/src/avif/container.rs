//! The file: finds the boxes that describe pictures, and reads the data they point to.

use std::io::{Read, Seek, SeekFrom};

use imageflow_pixels::{JobControl, Reservation};

use super::bmff::{BoxHead, Fields, Kind};
use super::meta::{Extent, Item, Meta, Place};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Boxes at the top of a file; more is nobody's picture.
const MAX_BOXES: usize = 4096;
/// Bytes of a box that is read whole: `meta` may hold small pictures and profiles, `moov` the places of all frames.
const MAX_BOX: u64 = 64 << 20;

pub(super) fn malformed(message: impl ToString) -> CodecError {
    CodecError::malformed(ImageFormat::Avif, message)
}

/// An AVIF file whose structure was read.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) meta: Option<Meta>,
    /// The body of `moov`, of a file that calls itself an image sequence.
    pub(super) movie: Option<Vec<u8>>,
    pub(super) data: Data,
    _reservations: Vec<Reservation>,
}

impl Container {
    /// Reads the boxes that describe pictures; passes over the pictures.
    ///
    /// # Errors
    /// [`CodecError::Malformed`] when there are none, or a read error.
    pub(super) fn open(reader: Reader, control: &JobControl) -> Result<Container, CodecError> {
        let mut data = Data::new(reader)?;
        let mut reservations = Vec::new();
        let (mut meta, mut movie, mut is_sequence) = (None, None, false);
        let mut at = 0;
        for _ in 0..MAX_BOXES {
            control.check()?;
            let Some((head, body)) = data.box_at(at)? else {
                break;
            };
            match &head.kind {
                b"ftyp" => is_sequence = data.take(body, head, control)?.0.starts_with(b"avis"),
                b"meta" if meta.is_none() => {
                    let (bytes, _held) = data.take(body, head, control)?;
                    reservations.push(control.reserve(Meta::bytes_for(bytes.len() as u64))?);
                    meta = Some(Meta::read(Fields::new(&bytes)).map_err(malformed)?);
                }
                b"moov" if movie.is_none() && is_sequence => {
                    let (bytes, held) = data.take(body, head, control)?;
                    movie = Some(bytes);
                    reservations.push(held);
                }
                _ => {}
            }
            let wanted_movie = is_sequence && movie.is_none();
            let (Some(length), true) = (head.body, meta.is_none() || wanted_movie) else {
                break;
            };
            let next = body.checked_add(length).filter(|next| *next < data.length);
            let Some(next) = next else { break };
            at = next;
        }
        if meta.is_none() && movie.is_none() {
            return Err(malformed("the file describes no picture"));
        }
        Ok(Container {
            meta,
            movie,
            data,
            _reservations: reservations,
        })
    }
}

/// Reads ranges of the file.
#[derive(Debug)]
pub(super) struct Data {
    reader: Reader,
    pub(super) length: u64,
}

impl Data {
    fn new(mut reader: Reader) -> Result<Data, CodecError> {
        let length = reader.seek(SeekFrom::End(0)).map_err(CodecError::read)?;
        Ok(Data { reader, length })
    }

    /// The head of the box at this place, and where its body begins; `None` at the end of the file.
    fn box_at(&mut self, at: u64) -> Result<Option<(BoxHead, u64)>, CodecError> {
        let available = self.length.saturating_sub(at).min(BoxHead::MAX as u64);
        let mut bytes = Vec::new();
        self.append(at, available, &mut bytes)?;
        let head = BoxHead::read(&bytes);
        Ok(head.and_then(|head| Some((head, at.checked_add(head.head)?))))
    }

    /// The body of a box.
    fn take(
        &mut self,
        body: u64,
        head: BoxHead,
        control: &JobControl,
    ) -> Result<(Vec<u8>, Reservation), CodecError> {
        let available = self.length.saturating_sub(body);
        let length = head.body.unwrap_or(available);
        if length > available {
            return Err(malformed(format_args!(
                "the file ends inside {}",
                name(&head.kind)
            )));
        }
        if length > MAX_BOX {
            return Err(malformed(format_args!(
                "{} of {length} bytes exceeds the limit of {MAX_BOX}",
                name(&head.kind)
            )));
        }
        self.ranges(&[(body, length)], control)
    }

    /// The data of an item of `meta`.
    ///
    /// # Errors
    /// When they are not there, or the job's memory does not suffice.
    pub(super) fn item(
        &mut self,
        meta: &Meta,
        item: &Item,
        control: &JobControl,
    ) -> Result<(Vec<u8>, Reservation), CodecError> {
        match item.place {
            Place::Data => {
                let bytes = inline(meta, item)
                    .ok_or_else(|| malformed("the data of an item are missing"))?;
                let reservation = control.reserve(bytes.len() as u64)?;
                Ok((bytes, reservation))
            }
            Place::File => {
                let ranges: Option<Vec<(u64, u64)>> = item
                    .extents
                    .iter()
                    .map(|extent| resolve(extent, self.length))
                    .collect();
                let ranges =
                    ranges.ok_or_else(|| malformed("the file ends before its pixels do"))?;
                self.ranges(&ranges, control)
            }
            Place::Elsewhere => Err(malformed(
                "the data of an item are inside another item, which is not supported",
            )),
        }
    }

    /// Some ranges of the file, one after the other. Together they must not be longer than the file.
    pub(super) fn ranges(
        &mut self,
        ranges: &[(u64, u64)],
        control: &JobControl,
    ) -> Result<(Vec<u8>, Reservation), CodecError> {
        let total = ranges
            .iter()
            .try_fold(0u64, |sum, (_, length)| sum.checked_add(*length))
            .filter(|total| *total <= self.length)
            .ok_or_else(|| malformed("the data of an item overlap"))?;
        let reservation = control.reserve(total)?;
        let mut bytes = Vec::new();
        for (at, length) in ranges {
            self.append(*at, *length, &mut bytes)?;
        }
        Ok((bytes, reservation))
    }

    /// Appends a range that was checked against the length of the file.
    fn append(&mut self, at: u64, length: u64, bytes: &mut Vec<u8>) -> Result<(), CodecError> {
        let failed = || imageflow_pixels::ControlError::AllocationFailed { bytes: length };
        let count = usize::try_from(length).map_err(|_| failed())?;
        bytes.try_reserve_exact(count).map_err(|_| failed())?;
        self.reader
            .seek(SeekFrom::Start(at))
            .map_err(CodecError::read)?;
        let got = (&mut self.reader)
            .take(length)
            .read_to_end(bytes)
            .map_err(CodecError::read)?;
        if got == count {
            Ok(())
        } else {
            Err(malformed("the file became shorter while it was read"))
        }
    }
}

/// The data of an item that lie in `meta`.
pub(super) fn inline(meta: &Meta, item: &Item) -> Option<Vec<u8>> {
    if item.place != Place::Data {
        return None;
    }
    let all = meta.data.as_slice();
    let mut bytes = Vec::new();
    for extent in &item.extents {
        let (at, length) = resolve(extent, all.len() as u64)?;
        let start = usize::try_from(at).ok()?;
        let end = usize::try_from(at.checked_add(length)?).ok()?;
        // As for ranges of the file: overlaps are no way to grow.
        if bytes.len() as u64 + length > all.len() as u64 {
            return None;
        }
        bytes.extend_from_slice(all.get(start..end)?);
    }
    Some(bytes)
}

/// Start and length of an extent in `available` bytes.
fn resolve(extent: &Extent, available: u64) -> Option<(u64, u64)> {
    let room = available.checked_sub(extent.offset)?;
    let length = extent.length.unwrap_or(room);
    (length <= room).then_some((extent.offset, length))
}

fn name(kind: &Kind) -> String {
    kind.escape_ascii().to_string()
}
