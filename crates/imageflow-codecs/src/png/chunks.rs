//! The chunk list: what the decoder is shown of it, and what is read of the rest.
//!
//! A picture is IHDR, PLTE, tRNS and IDAT; the decoder sees nothing else ([`Essential`]), so no other chunk can stop it,
//! however damaged. Those that say something about colours are read here ([`scan`]), each by itself: one that is damaged,
//! in the wrong place or there twice counts as absent, as libpng has it. EXIF may come after the pixels, and rows need to
//! know first.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use imageflow_pixels::JobControl;

use crate::error::CodecError;
use crate::input::Reader;
use crate::metadata::exif_orientation;

pub(super) const SIGNATURE: u64 = 8;
/// Length, kind and check sum.
const FRAME: u64 = 12;
/// Most bytes of a chunk that is read whole.
const MAX_CHUNK: u64 = 16 << 20;
/// Bytes looked through at once for the next chunk behind damage: at first, and at most.
const SEARCH: std::ops::RangeInclusive<u64> = 256..=64 << 10;
/// Chunks between two looks at the job's deadline.
const CHECK_CHUNKS: usize = 4096;
/// Where a damaged list can be taken up again.
const LANDMARKS: [&[u8; 4]; 4] = [b"PLTE", b"tRNS", b"IDAT", b"IEND"];
/// IHDR's colour types.
const INDEXED: u8 = 3;
const WITH_ALPHA: u8 = 4;

/// What the chunks besides the picture say.
#[derive(Debug, Default)]
pub(super) struct Ancillary {
    /// EXIF's, wherever it is.
    pub(super) orientation: Option<u8>,
    /// IHDR's colour type.
    pub(super) color_type: u8,
    /// Primaries, transfer function, matrix, full range.
    pub(super) cicp: Option<[u8; 4]>,
    /// The chunk as it is: name, method, compressed profile.
    pub(super) iccp: Option<Vec<u8>>,
    pub(super) is_srgb: bool,
    /// In 1/100000.
    pub(super) gamma: Option<u32>,
    /// White, red, green, blue, x before y; in 1/100000.
    pub(super) chromaticities: Option<[u32; 8]>,
    /// The brightest pixel, in 0.0001 cd/m².
    pub(super) peak: Option<u32>,
    /// Bytes of the file.
    pub(super) file_bytes: u64,
}

/// The head of a chunk; the reader stands behind it.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    kind: [u8; 4],
    length: u64,
}

impl Chunk {
    fn head(&self) -> [u8; 8] {
        let [a, b, c, d] = u32::try_from(self.length).unwrap_or(u32::MAX).to_be_bytes();
        let [e, f, g, h] = self.kind;
        [a, b, c, d, e, f, g, h]
    }

    fn is_ancillary(&self) -> bool {
        self.kind.first().is_some_and(u8::is_ascii_lowercase)
    }
}

/// Goes from chunk to chunk.
#[derive(Debug)]
struct Walk {
    /// Where the next head is.
    at: u64,
    end: u64,
}

impl Walk {
    fn new(end: u64) -> Walk {
        Walk { at: SIGNATURE, end }
    }

    /// The next chunk; `None` at the end of the file. Behind a damaged length the list goes on at the next landmark.
    fn next(&mut self, reader: &mut Reader) -> io::Result<Option<Chunk>> {
        move_to(reader, self.at)?;
        let Some(mut chunk) = self.head(reader)? else {
            return Ok(None);
        };
        let behind = self.at + FRAME + chunk.length;
        let is_sound = is_name(chunk.kind)
            && (!chunk.is_ancillary() || (behind <= self.end && self.leads_on(reader, behind)?));
        if !is_sound {
            let Some(found) = self.search(reader, self.at + 8)? else {
                return Ok(None);
            };
            self.at = found;
            move_to(reader, found)?;
            match self.head(reader)? {
                Some(landmark) => chunk = landmark,
                None => return Ok(None),
            }
        }
        move_to(reader, self.at + 8)?;
        self.at += FRAME + chunk.length;
        Ok(Some(chunk))
    }

    fn head(&self, reader: &mut Reader) -> io::Result<Option<Chunk>> {
        if self.end.saturating_sub(self.at) < 8 {
            return Ok(None);
        }
        let mut head = [0; 8];
        reader.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        Ok(Some(Chunk { kind, length }))
    }

    /// Whether there is the head of another chunk, or nothing more.
    fn leads_on(&self, reader: &mut Reader, at: u64) -> io::Result<bool> {
        if self.end - at < 8 {
            return Ok(true);
        }
        move_to(reader, at + 4)?;
        let mut kind = [0; 4];
        reader.read_exact(&mut kind)?;
        Ok(is_name(kind))
    }

    /// Where the next landmark is whose length the file has.
    fn search(&self, reader: &mut Reader, from: u64) -> io::Result<Option<u64>> {
        let mut start = from;
        let mut window = Vec::new();
        let mut size = *SEARCH.start();
        while self.end.saturating_sub(start) >= FRAME {
            move_to(reader, start)?;
            window.clear();
            reader.take(size).read_to_end(&mut window)?;
            size = (size * 2).min(*SEARCH.end());
            for (offset, head) in window.windows(8).enumerate() {
                let Some((length, kind)) = head.split_first_chunk::<4>() else {
                    continue;
                };
                let at = start + offset as u64;
                let behind = at + FRAME + u64::from(u32::from_be_bytes(*length));
                if LANDMARKS.iter().any(|known| kind == *known) && behind <= self.end {
                    return Ok(Some(at));
                }
            }
            // A head may lie across two windows.
            start += (window.len() as u64).saturating_sub(7).max(1);
        }
        Ok(None)
    }
}

fn is_name(kind: [u8; 4]) -> bool {
    kind.iter().all(u8::is_ascii_alphabetic)
}

/// Keeps what is buffered when the target is, unlike [`Seek::seek`].
fn move_to(reader: &mut Reader, at: u64) -> io::Result<()> {
    let now = reader.stream_position()?;
    let by = i64::try_from(i128::from(at) - i128::from(now))
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    reader.seek_relative(by)
}

/// Reads what the chunks say of colours and orientation, and leaves the reader at its start.
///
/// # Errors
/// Those of reading. A damaged chunk counts as absent, a damaged list ends the search.
pub(super) fn scan(reader: &mut Reader, control: &JobControl) -> Result<Ancillary, CodecError> {
    let file_bytes = reader.seek(SeekFrom::End(0)).map_err(CodecError::read)?;
    let mut found = Ancillary {
        file_bytes,
        ..Ancillary::default()
    };
    let mut walk = Walk::new(file_bytes);
    // Chunks about colour come before the palette and the pixels.
    let mut colors_may_come = true;
    for count in 1.. {
        if count % CHECK_CHUNKS == 0 {
            control.check()?;
        }
        let Some(chunk) = walk.next(reader).map_err(CodecError::read)? else {
            break;
        };
        match &chunk.kind {
            b"IEND" => break,
            b"PLTE" | b"IDAT" => colors_may_come = false,
            _ => {}
        }
        (found.read(reader, chunk, colors_may_come)).map_err(CodecError::read)?;
    }
    reader.seek(SeekFrom::Start(0)).map_err(CodecError::read)?;
    Ok(found)
}

impl Ancillary {
    /// Reads a chunk that says something.
    fn read(&mut self, reader: &mut Reader, chunk: Chunk, colors_may_come: bool) -> io::Result<()> {
        match &chunk.kind {
            b"IHDR" => self.color_type = color_type(reader)?,
            b"eXIf" if self.orientation.is_none() => {
                let exif = sound(reader, chunk)?;
                self.orientation = exif.and_then(|exif| exif_orientation(&exif));
            }
            b"cICP" | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"cLLI" if colors_may_come => {
                if let Some(data) = sound(reader, chunk)? {
                    self.take(chunk.kind, data);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes a chunk about colour; the first of its kind that makes sense counts.
    fn take(&mut self, kind: [u8; 4], data: Vec<u8>) {
        let number = |at: usize| {
            let bytes = data.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_be_bytes(bytes))
        };
        match (&kind, data.len()) {
            (b"cICP", 4) => self.cicp = self.cicp.or(data.first_chunk().copied()),
            (b"iCCP", _) if self.iccp.is_none() => self.iccp = Some(data),
            (b"sRGB", 1) => self.is_srgb |= data.first().is_some_and(|intent| *intent <= 3),
            (b"gAMA", 4) => self.gamma = self.gamma.or(number(0)),
            (b"cHRM", 32) => {
                let mut all = [0; 8];
                for (at, value) in (0..).step_by(4).zip(&mut all) {
                    *value = number(at).unwrap_or(0);
                }
                self.chromaticities = self.chromaticities.or(Some(all));
            }
            (b"cLLI", 8) => self.peak = self.peak.or(number(0)),
            _ => {}
        }
    }
}

/// The data of a chunk, when its check sum says that it is what was written.
fn sound(reader: &mut Reader, chunk: Chunk) -> io::Result<Option<Vec<u8>>> {
    if chunk.length > MAX_CHUNK {
        return Ok(None);
    }
    let mut data = Vec::new();
    reader.take(chunk.length).read_to_end(&mut data)?;
    let mut stored = [0; 4];
    if data.len() as u64 != chunk.length || reader.read_exact(&mut stored).is_err() {
        return Ok(None);
    }
    let mut sum = crc32fast::Hasher::new();
    sum.update(&chunk.kind);
    sum.update(&data);
    Ok((sum.finalize().to_be_bytes() == stored).then_some(data))
}

/// The colour type of IHDR, whose data the reader stands before.
fn color_type(reader: &mut Reader) -> io::Result<u8> {
    let mut data = [0; 10];
    match reader.read_exact(&mut data) {
        Ok(()) => Ok(data.last().copied().unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        Err(error) => Err(error),
    }
}

/// The file without the chunks that are not the picture.
#[derive(Debug)]
pub(super) struct Essential {
    reader: Reader,
    walk: Walk,
    color_type: u8,
    /// The signature, then the heads of chunks.
    head: [u8; 8],
    /// Bytes of `head` that are handed out.
    given: usize,
    /// Bytes of data and check sum of the chunk that is being handed out.
    left: u64,
    has_palette: bool,
    has_key: bool,
    has_pixels: bool,
}

impl Essential {
    /// # Errors
    /// Those of reading.
    pub(super) fn new(mut reader: Reader, ancillary: &Ancillary) -> io::Result<Essential> {
        let mut head = [0; 8];
        reader.read_exact(&mut head)?;
        Ok(Essential {
            reader,
            walk: Walk::new(ancillary.file_bytes),
            color_type: ancillary.color_type,
            head,
            given: 0,
            left: 0,
            has_palette: false,
            has_key: false,
            has_pixels: false,
        })
    }

    /// Finds the next chunk of the picture.
    fn advance(&mut self) -> io::Result<()> {
        while let Some(chunk) = self.walk.next(&mut self.reader)? {
            if self.is_essential(chunk) {
                self.head = chunk.head();
                self.given = 0;
                self.left = chunk.length + 4;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a chunk is part of the picture: palettes of pictures that need none are not, nor is transparency of those
    /// that have alpha, nor what comes twice or too late.
    fn is_essential(&mut self, chunk: Chunk) -> bool {
        match &chunk.kind {
            b"PLTE" => {
                let is_first = !std::mem::replace(&mut self.has_palette, true);
                self.color_type == INDEXED && is_first && !self.has_pixels
            }
            b"tRNS" => {
                let least = match self.color_type {
                    0 => 2,
                    2 => 6,
                    _ => 0,
                };
                let fits = self.color_type & WITH_ALPHA == 0 && chunk.length >= least;
                let is_first = fits && !std::mem::replace(&mut self.has_key, true);
                is_first && !self.has_pixels
            }
            b"IDAT" => {
                self.has_pixels = true;
                true
            }
            _ => !chunk.is_ancillary(),
        }
    }
}

impl Read for Essential {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buf.len());
        if let Some((target, source)) = buf.get_mut(..count).zip(available.get(..count)) {
            target.copy_from_slice(source);
        }
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Essential {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.given == self.head.len() && self.left == 0 {
            self.advance()?;
        }
        if self.given < self.head.len() {
            return Ok(self.head.get(self.given..).unwrap_or_default());
        }
        if self.left == 0 {
            return Ok(&[]);
        }
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let data = self.reader.fill_buf()?;
        Ok(data.get(..left.min(data.len())).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        if self.given < self.head.len() {
            self.given = (self.given + amount).min(self.head.len());
        } else {
            self.left = self.left.saturating_sub(amount as u64);
            self.reader.consume(amount);
        }
    }
}

/// Decoders read forward only.
impl Seek for Essential {
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
