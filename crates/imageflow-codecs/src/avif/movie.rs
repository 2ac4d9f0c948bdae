//! The `moov` box (ISO/IEC 14496-12 §8): where the frames of an image sequence lie and how long they are shown.

use imageflow_pixels::Size;

use super::bmff::{Fields, Kind};
use super::description::{Layer, Meaning};
use super::property::{Codec, Property, codec, color, is_alpha};

/// Frames of one track; their list is made of very few bytes when they are all alike.
const MAX_FRAMES: usize = 1 << 16;

/// A colour track, and the alpha track that goes with it.
#[derive(Clone, Debug)]
pub(super) struct Movie {
    pub(super) color: Track,
    pub(super) alpha: Option<Track>,
    /// Whether colour was multiplied by alpha.
    pub(super) premultiplied: bool,
}

/// The frames of a track.
#[derive(Clone, Debug)]
pub(super) struct Track {
    id: u32,
    pub(super) layer: Layer,
    pub(super) meaning: Meaning,
    pub(super) frames: Vec<Frame>,
    /// How often the track plays; 0 is for ever.
    pub(super) plays: u32,
    /// `auxl`: the track this one belongs to.
    belongs_to: Option<u32>,
    /// `prem`: the alpha track this one was multiplied by.
    multiplied_by: Option<u32>,
    is_alpha: bool,
}

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// First byte in the file.
    pub(super) offset: u64,
    /// Number of bytes.
    pub(super) length: u32,
    pub(super) delay_ms: u32,
}

impl Movie {
    /// Reads the body of a `moov` box.
    ///
    /// # Errors
    /// Says what is missing.
    pub(super) fn read(body: &[u8]) -> Result<Movie, &'static str> {
        let tracks: Vec<Track> = Fields::new(body)
            .boxes()
            .filter(|(kind, _)| kind == b"trak")
            .filter_map(|(_, body)| Track::read(body))
            .collect();
        let color = tracks
            .iter()
            .find(|track| track.belongs_to.is_none() && !track.is_alpha)
            .ok_or("the file has no track of AV1 pictures")?;
        let alpha = tracks
            .iter()
            .find(|track| track.is_alpha && track.belongs_to == Some(color.id));
        if alpha.is_some_and(|alpha| alpha.layer.size != color.layer.size) {
            return Err("the alpha track has another size than the colour track");
        }
        if alpha.is_some_and(|alpha| alpha.frames.len() < color.frames.len()) {
            return Err("the alpha track has fewer frames than the colour track");
        }
        Ok(Movie {
            premultiplied: alpha.is_some_and(|alpha| color.multiplied_by == Some(alpha.id)),
            color: color.clone(),
            alpha: alpha.cloned(),
        })
    }
}

fn find<'a>(body: Fields<'a>, kind: &Kind) -> Option<Fields<'a>> {
    body.boxes()
        .find(|(found, _)| found == kind)
        .map(|(_, body)| body)
}

impl Track {
    /// `None` for a track that is damaged or holds something else: sound, or pictures of another codec.
    fn read(body: Fields<'_>) -> Option<Track> {
        let header = TrackHeader::read(find(body, b"tkhd")?)?;
        let media = find(body, b"mdia")?;
        let timescale = timescale(find(media, b"mdhd")?)?;
        let table = find(find(media, b"minf")?, b"stbl")?;
        let entry = Entry::read(find(table, b"stsd")?)?;
        let reference = |kind: &Kind| {
            let mut list = find(find(body, b"tref")?, kind)?;
            list.u32()
        };
        Some(Track {
            id: header.id,
            layer: Layer::single(entry.size, entry.codec),
            meaning: entry.meaning,
            frames: frames(table, timescale)?,
            plays: find(body, b"edts")
                .and_then(|edits| find(edits, b"elst"))
                .and_then(|list| plays(list, header.duration))
                .unwrap_or(1),
            belongs_to: reference(b"auxl"),
            multiplied_by: reference(b"prem"),
            is_alpha: entry.is_alpha,
        })
    }
}

struct TrackHeader {
    id: u32,
    /// `None` is for ever.
    duration: Option<u64>,
}

impl TrackHeader {
    fn read(mut body: Fields<'_>) -> Option<TrackHeader> {
        let (version, _) = body.version()?;
        let long = version == 1;
        let size = if long { 8 } else { 4 };
        body.bytes(size * 2)?;
        let id = body.u32()?;
        body.u32()?;
        let duration = body.uint(size)?;
        let for_ever = if long { u64::MAX } else { u64::from(u32::MAX) };
        Some(TrackHeader {
            id,
            duration: Some(duration).filter(|duration| *duration != for_ever),
        })
    }
}

/// Ticks per second, from `mdhd`.
fn timescale(mut body: Fields<'_>) -> Option<u32> {
    let (version, _) = body.version()?;
    body.bytes(if version == 1 { 16 } else { 8 })?;
    body.u32()
}

/// How often the track plays, by `elst`: its first edit repeats until the track's duration is over.
fn plays(mut body: Fields<'_>, duration: Option<u64>) -> Option<u32> {
    let (version, flags) = body.version()?;
    body.u32()?;
    let segment = body.uint(if version == 1 { 8 } else { 4 })?;
    if flags & 1 == 0 {
        return Some(1);
    }
    match duration {
        None => Some(0),
        Some(duration) => u32::try_from(duration.div_ceil(segment.max(1)).max(1)).ok(),
    }
}

/// The description of a track's frames.
struct Entry {
    size: Size,
    codec: Codec,
    meaning: Meaning,
    is_alpha: bool,
}

impl Entry {
    /// The `av01` entry of `stsd` (AV1-ISOBMFF §2.2).
    fn read(mut body: Fields<'_>) -> Option<Entry> {
        body.version()?;
        body.u32()?;
        let mut body = find(body, b"av01")?;
        body.bytes(24)?;
        let size = Size::new(u32::from(body.u16()?), u32::from(body.u16()?))?;
        body.bytes(50)?;
        let mut entry = Entry {
            size,
            codec: codec(find(body, b"av1C")?)?,
            meaning: Meaning::default(),
            is_alpha: false,
        };
        for (kind, mut body) in body.boxes() {
            match &kind {
                b"colr" => match color(body) {
                    Some(Property::CodePoints(points)) => entry.meaning.points = Some(points),
                    Some(Property::Profile(icc)) => entry.meaning.profile = Some(icc),
                    _ => {}
                },
                b"clli" => entry.meaning.peak = body.u16().filter(|nits| *nits > 0),
                b"auxi" => {
                    body.version()?;
                    entry.is_alpha = is_alpha(body.text()?);
                }
                _ => {}
            }
        }
        Some(entry)
    }
}

/// All frames, from the sample table (§8.6.1, §8.7).
fn frames(table: Fields<'_>, timescale: u32) -> Option<Vec<Frame>> {
    let lengths = lengths(find(table, b"stsz")?)?;
    let offsets = match find(table, b"stco") {
        Some(body) => numbers(body, 4)?,
        None => numbers(find(table, b"co64")?, 8)?,
    };
    let mut runs = Runs::read(find(table, b"stsc")?)?;
    let mut delays = Delays {
        body: find(table, b"stts")?,
        left: 0,
        ticks: 0,
    };
    delays.body.version()?;
    delays.body.u32()?;
    let mut lengths = lengths.into_iter();
    let mut frames = Vec::new();
    for (chunk, offset) in (1..).zip(offsets) {
        let mut at = offset;
        for length in lengths.by_ref().take(runs.frames_of(chunk)) {
            let milliseconds = u64::from(delays.next())
                .saturating_mul(1000)
                .saturating_add(u64::from(timescale) / 2)
                .checked_div(u64::from(timescale))
                .unwrap_or(0);
            frames.push(Frame {
                offset: at,
                length,
                delay_ms: u32::try_from(milliseconds).unwrap_or(u32::MAX),
            });
            at = at.checked_add(u64::from(length))?;
        }
    }
    (lengths.next().is_none() && !frames.is_empty()).then_some(frames)
}

/// `stsz`.
fn lengths(mut body: Fields<'_>) -> Option<Vec<u32>> {
    body.version()?;
    let all = body.u32()?;
    let count = usize::try_from(body.u32()?).ok()?;
    if count > MAX_FRAMES {
        return None;
    }
    if all > 0 {
        return Some(vec![all; count]);
    }
    (0..count).map(|_| body.u32()).collect()
}

/// `stco`, `co64`.
fn numbers(mut body: Fields<'_>, bytes: usize) -> Option<Vec<u64>> {
    body.version()?;
    let count = body.u32()?;
    (0..count).map(|_| body.uint(bytes)).collect()
}

/// `stsc`: from which chunk on chunks have how many frames.
struct Runs<'a> {
    body: Fields<'a>,
    frames: usize,
    next: Option<(u32, usize)>,
}

impl<'a> Runs<'a> {
    fn read(mut body: Fields<'a>) -> Option<Runs<'a>> {
        body.version()?;
        body.u32()?;
        let mut runs = Runs {
            body,
            frames: 0,
            next: None,
        };
        runs.advance();
        Some(runs)
    }

    fn advance(&mut self) {
        self.next = self.entry();
    }

    /// The first chunk of a run and the frames in each of its chunks.
    fn entry(&mut self) -> Option<(u32, usize)> {
        let first = self.body.u32()?;
        let frames = usize::try_from(self.body.u32()?).ok()?;
        self.body.u32()?;
        Some((first, frames))
    }

    /// Chunks are asked for in order, from 1 on.
    fn frames_of(&mut self, chunk: u32) -> usize {
        while let Some((first, frames)) = self.next
            && first <= chunk
        {
            self.frames = frames;
            self.advance();
        }
        self.frames
    }
}

/// `stts`: how many frames are shown for how many ticks.
struct Delays<'a> {
    body: Fields<'a>,
    left: u32,
    ticks: u32,
}

impl Delays<'_> {
    /// The ticks of the next frame; those of the last entry when there are too few.
    fn next(&mut self) -> u32 {
        while self.left == 0 {
            let (Some(left), Some(ticks)) = (self.body.u32(), self.body.u32()) else {
                return self.ticks;
            };
            (self.left, self.ticks) = (left, ticks);
        }
        self.left -= 1;
        self.ticks
    }
}
