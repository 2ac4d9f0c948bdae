//! The block structure of the file, without pixels (GIF89a §11-27).

use std::io::{BufRead, Read, Seek, SeekFrom};

use imageflow_pixels::JobControl;

use super::trouble::Trouble;
use crate::input::Reader;

/// Blocks between two looks at the job's deadline.
const CHECK_BLOCKS: u32 = 4096;

/// Colours of a table, B, G, R, 255.
pub(super) type Colors = Vec<[u8; 4]>;

/// The logical screen.
#[derive(Clone, Debug)]
pub(super) struct Screen {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) colors: Option<Colors>,
}

/// What happens to the pixels of a frame before the next one is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Disposal {
    #[default]
    Keep,
    Background,
    Previous,
}

/// What a graphic control extension says of the image after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct GraphicControl {
    pub(super) disposal: Disposal,
    /// In hundredths of a second.
    pub(super) delay: u16,
    pub(super) transparent: Option<u8>,
}

/// An image descriptor with what belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) left: u16,
    pub(super) top: u16,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) interlaced: bool,
    pub(super) colors: Option<Colors>,
    pub(super) control: GraphicControl,
}

impl Image {
    /// Left, top, right and bottom edge on the canvas.
    pub(super) fn place(&self) -> [u32; 4] {
        let [left, top] = [self.left, self.top].map(u32::from);
        let (width, height) = (u32::from(self.width), u32::from(self.height));
        [left, top, left + width, top + height]
    }
}

/// Reads blocks one after the other.
pub(super) struct Blocks {
    reader: Reader,
    control: JobControl,
    read: u32,
    /// Number in the loop extension, when one was passed.
    pub(super) repeats: Option<u16>,
}

impl Blocks {
    pub(super) fn new(reader: Reader, control: &JobControl) -> Blocks {
        Blocks {
            reader,
            control: control.clone(),
            read: 0,
            repeats: None,
        }
    }

    /// Reads signature, logical screen and global colour table.
    pub(super) fn screen(&mut self) -> Result<Screen, Trouble> {
        let head: [u8; 13] = self.array()?;
        let [.., w0, w1, h0, h1, flags, _, _] = head;
        if !head.starts_with(b"GIF87a") && !head.starts_with(b"GIF89a") {
            return Err(Trouble::broken("neither GIF87a nor GIF89a"));
        }
        Ok(Screen {
            width: u16::from_le_bytes([w0, w1]),
            height: u16::from_le_bytes([h0, h1]),
            colors: self.colors(flags)?,
        })
    }

    /// Reads up to the next image, whose data follows; `None` at the end of the file.
    pub(super) fn image(&mut self) -> Result<Option<Image>, Trouble> {
        let mut control = GraphicControl::default();
        loop {
            self.tick()?;
            match self.byte() {
                Ok(0x2C) => break,
                Ok(0x21) => match self.extension(&mut control) {
                    Ok(()) => {}
                    Err(Trouble::Ended) => return Ok(None),
                    Err(trouble) => return Err(trouble),
                },
                // Terminators too many are common, and so are files without the trailer.
                Ok(0) => {}
                Ok(0x3B) | Err(Trouble::Ended) => return Ok(None),
                Ok(other) => return Err(Trouble::Broken(format!("unknown block 0x{other:02X}"))),
                Err(trouble) => return Err(trouble),
            }
        }
        let [l0, l1, t0, t1, w0, w1, h0, h1, flags] = self.array()?;
        Ok(Some(Image {
            left: u16::from_le_bytes([l0, l1]),
            top: u16::from_le_bytes([t0, t1]),
            width: u16::from_le_bytes([w0, w1]),
            height: u16::from_le_bytes([h0, h1]),
            interlaced: flags & 0x40 != 0,
            colors: self.colors(flags)?,
            control,
        }))
    }

    /// Passes over the data of an image.
    pub(super) fn skip_image_data(&mut self) -> Result<(), Trouble> {
        self.byte()?;
        self.skip_sub_blocks()
    }

    /// Passes over sub-blocks up to and including the terminator.
    pub(super) fn skip_sub_blocks(&mut self) -> Result<(), Trouble> {
        loop {
            self.tick()?;
            match self.byte()? {
                0 => return Ok(()),
                length => self.skip(usize::from(length))?,
            }
        }
    }

    /// The bytes that can be had without waiting, at most `most`; at least one.
    pub(super) fn peek(&mut self, most: usize) -> Result<&[u8], Trouble> {
        match self.reader.fill_buf()? {
            [] => Err(Trouble::Ended),
            bytes => Ok(bytes.get(..most).unwrap_or(bytes)),
        }
    }

    /// Takes bytes that [`Blocks::peek`] showed.
    pub(super) fn consume(&mut self, count: usize) {
        self.reader.consume(count);
    }

    pub(super) fn byte(&mut self) -> Result<u8, Trouble> {
        let first = self.peek(1)?.first().copied();
        self.consume(1);
        first.ok_or(Trouble::Ended)
    }

    /// Where the next block begins.
    pub(super) fn position(&mut self) -> Result<u64, Trouble> {
        Ok(self.reader.stream_position()?)
    }

    /// Goes back to a [`Blocks::position`].
    pub(super) fn rewind(&mut self, position: u64) -> Result<(), Trouble> {
        self.reader.seek(SeekFrom::Start(position))?;
        Ok(())
    }

    fn extension(&mut self, control: &mut GraphicControl) -> Result<(), Trouble> {
        match (self.byte()?, self.byte()?) {
            (0xF9, 4) => {
                let [flags, d0, d1, transparent] = self.array()?;
                *control = GraphicControl {
                    // 3 restores what was before; some old encoders wrote 4 for it.
                    disposal: match flags >> 2 & 7 {
                        2 => Disposal::Background,
                        3 | 4 => Disposal::Previous,
                        _ => Disposal::Keep,
                    },
                    delay: u16::from_le_bytes([d0, d1]),
                    transparent: (flags & 1 != 0).then_some(transparent),
                };
                self.skip_sub_blocks()
            }
            (0xFF, 11) => {
                let name: [u8; 11] = self.array()?;
                if matches!(&name, b"NETSCAPE2.0" | b"ANIMEXTS1.0") {
                    return self.loops();
                }
                self.skip_sub_blocks()
            }
            (_, 0) => Ok(()),
            (_, length) => {
                self.skip(usize::from(length))?;
                self.skip_sub_blocks()
            }
        }
    }

    /// Sub-blocks of the loop extension; the one of kind 1 holds the number.
    fn loops(&mut self) -> Result<(), Trouble> {
        match self.byte()? {
            0 => Ok(()),
            3 => {
                let [kind, n0, n1] = self.array()?;
                if kind == 1 {
                    self.repeats = Some(u16::from_le_bytes([n0, n1]));
                }
                self.skip_sub_blocks()
            }
            length => {
                self.skip(usize::from(length))?;
                self.skip_sub_blocks()
            }
        }
    }

    /// The colour table whose presence and size are in `flags`.
    fn colors(&mut self, flags: u8) -> Result<Option<Colors>, Trouble> {
        if flags & 0x80 == 0 {
            return Ok(None);
        }
        let count = 2usize << (flags & 7);
        let mut rgb = [[0; 3]; 256];
        let table = rgb.get_mut(..count).unwrap_or_default();
        self.reader.read_exact(table.as_flattened_mut())?;
        Ok(Some(
            table.iter().map(|[r, g, b]| [*b, *g, *r, 255]).collect(),
        ))
    }

    pub(super) fn skip(&mut self, mut count: usize) -> Result<(), Trouble> {
        while count > 0 {
            let available = self.peek(count)?.len();
            self.consume(available);
            count -= available;
        }
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Trouble> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn tick(&mut self) -> Result<(), Trouble> {
        self.read = self.read.wrapping_add(1);
        if self.read.is_multiple_of(CHECK_BLOCKS) {
            self.control.check()?;
        }
        Ok(())
    }
}
