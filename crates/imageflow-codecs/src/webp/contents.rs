//! What a file contains: a picture or frames, and where their bytes lie (RFC 9649 §2.5-2.7). No pixel is decoded and no
//! more is read than chunk headers, the first bytes of bitstreams and EXIF.

use imageflow_pixels::{Alpha, JobControl, Rect, Size};

use super::container::{Chunk, Riff, Span, behind};
use super::malformed;
use crate::decoder::Header;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::metadata::exif_orientation;

const ICC_FLAG: u8 = 0x20;
const ALPHA_FLAG: u8 = 0x10;
const EXIF_FLAG: u8 = 0x08;
const ANIMATION_FLAG: u8 = 0x02;
/// Bytes of EXIF that are looked at; orientation is in the first directory.
const EXIF_HEAD: u64 = 64 * 1024;
/// Chunks between two looks at the job's deadline.
const CHECK_CHUNKS: u64 = 256;

/// One coded picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Image {
    /// The ALPH chunk of a lossy picture.
    pub(super) alpha_chunk: Option<Span>,
    /// The `VP8 ` or `VP8L` chunk, its header included.
    pub(super) bitstream: Span,
    pub(super) size: Size,
    pub(super) lossless: bool,
    /// Whether pixels have alpha: an ALPH chunk, or the bit of the lossless header.
    pub(super) alpha: bool,
}

/// One frame of an animation, as stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Where it goes; inside the canvas.
    pub(super) place: Rect,
    pub(super) delay_ms: u32,
    /// Composite over the canvas; otherwise replace what is there.
    pub(super) blend: bool,
    /// Make its place transparent before the next frame.
    pub(super) clear: bool,
    pub(super) image: Image,
}

/// What there is to decode.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pictures {
    Still(Image),
    Animation {
        /// 0 is for ever.
        plays: u32,
        first: Frame,
        /// The file from the first frame on.
        frames: Span,
    },
}

/// What the file contains.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contents {
    pub(super) header: Header,
    pub(super) icc: Option<Span>,
    pub(super) pictures: Pictures,
}

impl Contents {
    /// Reads the chunk list as far as needed.
    ///
    /// # Errors
    /// When there is no usable picture, or reading fails.
    pub(super) fn read(riff: &mut Riff, control: &JobControl) -> Result<Contents, CodecError> {
        let body = riff.body();
        let first = riff
            .chunk(body)?
            .ok_or_else(|| malformed("the file ends before its first chunk"))?;
        if &first.name == b"VP8X" {
            let head = riff.head::<10>(first.data, "the VP8X chunk")?;
            return Extended::read(riff, behind(body, &first), head, control)?.contents();
        }
        let mut image = None;
        take_image(riff, &first, &mut None, &mut image)?;
        let image = image.ok_or_else(|| malformed("the first chunk is not a picture"))?;
        let alpha = image.alpha;
        Ok(Contents {
            header: header(image.size, 1, alpha, image.lossless, false),
            icc: None,
            pictures: Pictures::Still(image),
        })
    }
}

fn header(stored: Size, orientation: u8, alpha: bool, lossless: bool, several: bool) -> Header {
    Header {
        format: ImageFormat::WebP,
        stored,
        orientation,
        alpha: if alpha {
            Alpha::Meaningful
        } else {
            Alpha::Opaque
        },
        lossless,
        multiple_frames: several,
        can_shrink: false,
        can_scale: false,
        is_deep: false,
    }
}

/// What an extended file (one with a VP8X chunk) was found to have.
struct Extended {
    flags: u8,
    canvas: Size,
    icc: Option<Span>,
    orientation: Option<u8>,
    plays: u32,
    alpha_chunk: Option<Span>,
    image: Option<Image>,
    first_frame: Option<(Span, Frame)>,
    several: bool,
}

impl Extended {
    fn read(
        riff: &mut Riff,
        mut rest: Span,
        head: [u8; 10],
        control: &JobControl,
    ) -> Result<Extended, CodecError> {
        let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = head;
        // Both sides are at most 2^24.
        let canvas = Size::new(u24(w0, w1, w2) + 1, u24(h0, h1, h2) + 1)
            .ok_or_else(|| malformed("an impossible canvas"))?;
        let mut found = Extended {
            flags,
            canvas,
            icc: None,
            orientation: None,
            plays: 1,
            alpha_chunk: None,
            image: None,
            first_frame: None,
            several: false,
        };
        let mut chunks = 0u64;
        while !found.complete() {
            if chunks.is_multiple_of(CHECK_CHUNKS) {
                control.check()?;
            }
            chunks += 1;
            let Some(chunk) = riff.chunk(rest)? else {
                break;
            };
            found.take(riff, rest, &chunk)?;
            rest = behind(rest, &chunk);
        }
        Ok(found)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether the rest of the file can tell nothing new.
    fn complete(&self) -> bool {
        let pictures = if self.has(ANIMATION_FLAG) {
            self.several
        } else {
            self.image.is_some()
        };
        pictures && (!self.has(EXIF_FLAG) || self.orientation.is_some())
    }

    fn take(&mut self, riff: &mut Riff, rest: Span, chunk: &Chunk) -> Result<(), CodecError> {
        let animated = self.has(ANIMATION_FLAG);
        match &chunk.name {
            b"ICCP" if self.has(ICC_FLAG) && self.icc.is_none() => self.icc = Some(chunk.data),
            b"EXIF" if self.has(EXIF_FLAG) && self.orientation.is_none() => {
                let mut exif = Vec::new();
                let head = Span {
                    len: chunk.data.len.min(EXIF_HEAD),
                    ..chunk.data
                };
                riff.append(head, &mut exif)?;
                self.orientation = Some(exif_orientation(&exif).unwrap_or(1));
            }
            b"ANIM" if animated => {
                let [_, _, _, _, low, high] = riff.head(chunk.data, "the ANIM chunk")?;
                self.plays = u32::from(u16::from_le_bytes([low, high]));
            }
            b"ANMF" if animated && self.first_frame.is_some() => self.several = true,
            b"ANMF" if animated => {
                let frame = Frame::read(riff, chunk, self.canvas)?;
                self.first_frame = Some((rest, frame));
            }
            _ if !animated => take_image(riff, chunk, &mut self.alpha_chunk, &mut self.image)?,
            _ => {}
        }
        Ok(())
    }

    fn contents(self) -> Result<Contents, CodecError> {
        let none = || malformed("the file contains no picture");
        let orientation = self.orientation.unwrap_or(1);
        let (pictures, alpha, lossless) = if self.has(ANIMATION_FLAG) {
            let (frames, first) = self.first_frame.ok_or_else(none)?;
            // What no frame covers stays transparent, whatever the flag says.
            let alpha = self.has(ALPHA_FLAG) || first.place != Rect::of(self.canvas);
            let plays = self.plays;
            let animation = Pictures::Animation {
                plays,
                first,
                frames,
            };
            (animation, alpha, first.image.lossless)
        } else {
            let image = self.image.ok_or_else(none)?;
            if image.size != self.canvas {
                return Err(malformed(format_args!(
                    "a picture of {} on a canvas of {}",
                    image.size, self.canvas
                )));
            }
            // The flag of the container counts for lossy pictures only, as libwebp has it.
            let alpha = image.alpha || (self.has(ALPHA_FLAG) && !image.lossless);
            (Pictures::Still(image), alpha, image.lossless)
        };
        Ok(Contents {
            header: header(self.canvas, orientation, alpha, lossless, self.several),
            icc: self.icc,
            pictures,
        })
    }
}

impl Frame {
    /// Whether pixels of the canvas may show through. The alpha bit of a lossless header is a hint that must not change
    /// pixels.
    pub(super) fn blends(&self) -> bool {
        self.blend && (self.image.alpha || self.image.lossless)
    }

    /// Reads the header of an ANMF chunk and of the picture in it.
    ///
    /// # Errors
    /// When it is damaged, has no picture or does not fit the canvas.
    pub(super) fn read(riff: &mut Riff, chunk: &Chunk, canvas: Size) -> Result<Frame, CodecError> {
        const HEADER: u64 = 16;
        let [
            x0,
            x1,
            x2,
            y0,
            y1,
            y2,
            w0,
            w1,
            w2,
            h0,
            h1,
            h2,
            d0,
            d1,
            d2,
            flags,
        ] = riff.head::<16>(chunk.data, "a frame header")?;
        // 24 bits each: no sum can overflow.
        let (x, y) = (u24(x0, x1, x2) * 2, u24(y0, y1, y2) * 2);
        let (width, height) = (u24(w0, w1, w2) + 1, u24(h0, h1, h2) + 1);
        let place = Rect::new(x, y, x + width, y + height)
            .filter(|place| place.fits(canvas))
            .ok_or_else(|| {
                malformed(format_args!(
                    "a frame of {width}x{height} at {x},{y} leaves the canvas of {canvas}"
                ))
            })?;
        let mut rest = Span {
            at: chunk.data.at + HEADER,
            len: chunk.data.len - HEADER,
        };
        let (mut alpha_chunk, mut image) = (None, None);
        while image.is_none() {
            let part = riff
                .chunk(rest)?
                .ok_or_else(|| malformed("a frame without a picture"))?;
            take_image(riff, &part, &mut alpha_chunk, &mut image)?;
            rest = behind(rest, &part);
        }
        let image = image
            .filter(|image| image.size == place.size())
            .ok_or_else(|| malformed("a frame and its picture differ in size"))?;
        Ok(Frame {
            place,
            delay_ms: u24(d0, d1, d2),
            blend: flags & 2 == 0,
            clear: flags & 1 != 0,
            image,
        })
    }
}

/// Remembers a chunk that belongs to a picture.
fn take_image(
    riff: &mut Riff,
    chunk: &Chunk,
    alpha_chunk: &mut Option<Span>,
    image: &mut Option<Image>,
) -> Result<(), CodecError> {
    match &chunk.name {
        b"ALPH" => *alpha_chunk = Some(chunk.whole),
        b"VP8 " => *image = Some(lossy(riff, chunk, *alpha_chunk)?),
        b"VP8L" => *image = Some(lossless(riff, chunk)?),
        _ => {}
    }
    Ok(())
}

/// RFC 6386 §9.1: a key frame's tag, its start code, 14 bits for each side below two of upscaling nobody obeys.
fn lossy(riff: &mut Riff, chunk: &Chunk, alpha: Option<Span>) -> Result<Image, CodecError> {
    let [tag, _, _, s0, s1, s2, w0, w1, h0, h1] = riff.head::<10>(chunk.data, "a VP8 header")?;
    if tag & 1 != 0 || [s0, s1, s2] != [0x9D, 0x01, 0x2A] {
        return Err(malformed(
            "a VP8 chunk that does not start with a key frame",
        ));
    }
    let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    let size = Size::new(side(w0, w1), side(h0, h1))
        .ok_or_else(|| malformed("a VP8 picture without width or height"))?;
    Ok(Image {
        alpha_chunk: alpha,
        bitstream: chunk.whole,
        size,
        lossless: false,
        alpha: alpha.is_some(),
    })
}

/// RFC 9649 §3.4: a signature byte, 14 bits for each side less one, a bit for alpha, three for the version.
fn lossless(riff: &mut Riff, chunk: &Chunk) -> Result<Image, CodecError> {
    let [signature, bits @ ..] = riff.head::<5>(chunk.data, "a VP8L header")?;
    let bits = u32::from_le_bytes(bits);
    if signature != 0x2F || bits >> 29 != 0 {
        return Err(malformed(
            "a VP8L chunk with an unknown signature or version",
        ));
    }
    let size = Size::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        .ok_or_else(|| malformed("an impossible VP8L size"))?;
    Ok(Image {
        alpha_chunk: None,
        bitstream: chunk.whole,
        size,
        lossless: true,
        alpha: bits >> 28 & 1 != 0,
    })
}

fn u24(a: u8, b: u8, c: u8) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}
