//! The sink of frames.

use std::cell::Cell;

use imageflow_pixels::{
    ControlError, EncodeReport, JobControl, Rect, Reservation, Rows, Size, StreamError,
};

use super::container::{Container, Showing};
use super::lzw::Lzw;
use super::memory::{Memory, Plane, Step, bounds, union};
use super::tables::{Tables, Which};
use super::{FIXED_BYTES, GifSettings};
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{FrameSink, FrameSinkInfo};
use crate::memory;
use crate::palette::Distinct;

/// Pixels below this alpha, half, are transparent, the others opaque: with less, soft shadows would grow to solid blobs.
const OPAQUE_FROM: u8 = 128;
/// Bytes that may wait, roughly, while the exact colours of later frames are added to the global table.
const MAX_HELD: u64 = 1 << 20;

/// Writes frames as differences.
pub(super) struct Animated {
    info: FrameSinkInfo,
    dithering: bool,
    control: JobControl,
    file: Container,
    /// The frame that waits for the next one; its pixels are opaque or zero.
    frame: Plane,
    /// The delay of that frame in milliseconds.
    waiting: Option<u32>,
    /// Frames taken and frames written.
    taken: u64,
    written: u64,
    /// Whether all frames so far show exactly what they were.
    exact: bool,
    memory: Memory,
    tables: Tables,
    _reservation: Reservation,
}

/// How a frame is written.
#[derive(Clone, Copy, Debug)]
struct Plan {
    rect: Rect,
    /// The frame has few enough colours to show them as they are.
    exactly: bool,
    /// Every pixel is drawn, needed or not: there is no index to leave one out with.
    redraw: bool,
}

impl Animated {
    pub(super) fn new(
        settings: &GifSettings,
        info: FrameSinkInfo,
        output: Output,
        control: &JobControl,
    ) -> Result<Animated, CodecError> {
        let area = info.frame.size.area();
        Ok(Animated {
            info,
            dithering: settings.dithering,
            control: control.clone(),
            file: Container::new(output),
            frame: Plane::new(area, control)?,
            waiting: None,
            taken: 0,
            written: 0,
            exact: true,
            memory: Memory::new(if info.animated { area } else { 0 }, control)?,
            tables: Tables::default(),
            _reservation: control.reserve(FIXED_BYTES)?,
        })
    }

    fn size(&self) -> Size {
        self.info.frame.size
    }

    /// Keeps a frame until the next one is known.
    fn keep(&mut self, rows: &Rows<'_>) -> Result<(), ControlError> {
        let opaque = !self.info.frame.alpha.is_meaningful();
        let width = self.size().width() as usize;
        for (y, kept) in rows.range().zip(self.frame.chunks_exact_mut(width)) {
            self.control.check()?;
            for (kept, pixel) in kept.iter_mut().zip(rows.row(y).as_chunks::<4>().0) {
                let [b, g, r, a] = *pixel;
                *kept = if opaque || a >= OPAQUE_FROM {
                    [b, g, r, 255]
                } else {
                    [0; 4]
                };
            }
        }
        Ok(())
    }

    /// The rectangle of the pixels that are opaque in the waiting frame and transparent in the next.
    fn vanishing(&self, next: &Rows<'_>) -> Result<Option<Rect>, ControlError> {
        if !self.info.frame.alpha.is_meaningful() {
            return Ok(None);
        }
        let width = self.size().width() as usize;
        bounds(self.size(), &self.control, |y| {
            let next = next.row(y).as_chunks::<4>().0;
            let now = self.frame.get(y as usize * width..).unwrap_or_default();
            move |x| {
                next.get(x).is_some_and(|next| next[3] < OPAQUE_FROM)
                    && now.get(x).is_some_and(|now| now[3] != 0)
            }
        })
    }

    /// Writes the waiting frame. The pixels in `vanishing` become transparent after it.
    fn write_waiting(&mut self, vanishing: Option<Rect>) -> Result<(), CodecError> {
        let Some(delay) = self.waiting.take() else {
            return Ok(());
        };
        self.control.check()?;
        let (plan, which) = match self.exact_plan(vanishing)? {
            Some((plan, colors, transparent)) => (plan, self.tables.exact(&colors, transparent)),
            None => self.approximate(vanishing)?,
        };
        self.exact &= plan.exactly;
        let rect = plan.rect;
        let held = self.file.held().unwrap_or(0) as u64;
        if !plan.exactly || !self.info.animated || held + rect.size().area() > MAX_HELD {
            self.tables.close();
        }
        self.start()?;
        let Some(table) = self.tables.get(which) else {
            return Err(CodecError::encode(
                ImageFormat::Gif,
                "no colours were chosen",
            ));
        };
        let showing = Showing {
            delay: hundredths(delay),
            clear: vanishing.is_some(),
            transparent: table.transparent(),
        };
        let needed = self.info.animated || showing.transparent.is_some();
        self.file.image(
            rect,
            (which == Which::Local).then_some(table),
            needed.then_some(showing),
        )?;
        self.draw(plan, which)?;
        self.written += 1;
        if showing.clear {
            for y in rect.y0()..rect.y1() {
                self.memory.cleared(span(self.size(), rect, y));
            }
        }
        Ok(())
    }

    /// Writes the head of the file when the global table is final.
    fn start(&mut self) -> Result<(), CodecError> {
        let Some(table) = self.tables.closed_global() else {
            return Ok(());
        };
        let plays = (self.taken > 1).then_some(self.info.plays);
        self.file.start(self.info.frame.size, table, plays)
    }

    /// The pixel at a position, and what is to be done with it.
    fn step(&self, at: usize, exactly: bool) -> ([u8; 4], Step) {
        let wanted = self.frame.get(at).copied().unwrap_or_default();
        (wanted, self.memory.step(at, wanted, exactly))
    }

    /// The pixels of a rectangle row by row, and what is to be done with each.
    fn steps(
        &self,
        rect: Rect,
        exactly: bool,
    ) -> impl Iterator<Item = impl Iterator<Item = ([u8; 4], Step)>> {
        (rect.y0()..rect.y1())
            .map(move |y| span(self.size(), rect, y).map(move |at| self.step(at, exactly)))
    }

    /// The rectangle that the waiting frame must cover.
    fn rect(&self, exactly: bool, vanishing: Option<Rect>) -> Result<Rect, ControlError> {
        let whole = Rect::of(self.size());
        if self.written == 0 {
            return Ok(whole);
        }
        let width = self.size().width() as usize;
        let drawn = bounds(self.size(), &self.control, |y| {
            move |x| self.step(y as usize * width + x, exactly).1 != Step::Keep
        })?;
        // A frame that changes nothing still takes its time: one pixel, not drawn.
        Ok(union(drawn, vanishing)
            .or(Rect::new(0, 0, 1, 1))
            .unwrap_or(whole))
    }

    /// How to show the frame exactly, the colours that takes, and whether transparency is among them; `None` when they are
    /// too many.
    ///
    /// After a frame that was approximated, few differences are no sign of few colours: then all of the frame must have
    /// few.
    fn exact_plan(
        &self,
        vanishing: Option<Rect>,
    ) -> Result<Option<(Plan, Distinct, bool)>, ControlError> {
        if !self.exact {
            let width = self.size().width() as usize;
            let rows = self
                .frame
                .chunks_exact(width)
                .map(|row| row.iter().copied());
            if self.few(rows)?.is_none() {
                return Ok(None);
            }
        }
        let rect = self.rect(true, vanishing)?;
        let holes = Cell::new(false);
        let drawn = |(_, step): &([u8; 4], Step)| {
            holes.set(holes.get() || *step == Step::Keep);
            *step != Step::Keep
        };
        let wanted = |(wanted, _): ([u8; 4], Step)| wanted;
        let rows = self.steps(rect, true);
        let Some(mut colors) = self.few(rows.map(|row| row.filter(drawn).map(wanted)))? else {
            return Ok(None);
        };
        let redraw = holes.get() && colors.colors().len() == 256;
        if redraw {
            // No index is left for what is not drawn: it must be drawn too, in the same colours.
            // A transparent pixel counts as one more.
            let Some(all) = self.few(self.steps(rect, true).map(|row| row.map(wanted)))? else {
                return Ok(None);
            };
            colors = all;
            holes.set(false);
        }
        // In an animation the global table gets the index even if the first frame does not need it.
        let later = self.written == 0 && self.info.animated;
        let plan = Plan {
            rect,
            exactly: true,
            redraw,
        };
        Ok(Some((plan, colors, holes.get() || later)))
    }

    /// The colours of rows of pixels, transparency included; `None` when a table cannot hold them.
    fn few<R: Iterator<Item = [u8; 4]>>(
        &self,
        rows: impl Iterator<Item = R>,
    ) -> Result<Option<Distinct>, ControlError> {
        let mut colors = Distinct::default();
        let mut before = None;
        for row in rows {
            self.control.check()?;
            for pixel in row {
                if before != Some(pixel) {
                    before = Some(pixel);
                    if colors.insert(pixel).is_none() {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(colors))
    }

    /// How to show the frame nearly.
    fn approximate(&mut self, vanishing: Option<Rect>) -> Result<(Plan, Which), CodecError> {
        let rect = self.rect(false, vanishing)?;
        let area = rect.size().area();
        let _reservation = self.control.reserve(area * 4)?;
        let mut pixels = memory::room(area)?;
        for row in self.steps(rect, false) {
            self.control.check()?;
            pixels.extend(
                row.filter(|(_, step)| *step != Step::Keep)
                    .map(|(wanted, _)| wanted),
            );
        }
        let holes = (pixels.len() as u64) < area;
        let transparent = holes || self.info.animated;
        let which = self.tables.chosen(&pixels, transparent, &self.control)?;
        let plan = Plan {
            rect,
            exactly: false,
            redraw: false,
        };
        Ok((plan, which))
    }

    /// Writes the data of the image and remembers what it shows.
    fn draw(&mut self, plan: Plan, which: Which) -> Result<(), CodecError> {
        let size = self.size();
        let Some(table) = self.tables.get_mut(which) else {
            return Ok(());
        };
        let width = plan.rect.size().width() as usize;
        let transparent = table.transparent().unwrap_or(0);
        let mut lzw = Lzw::new(table.bits().max(2));
        let mut indices = vec![transparent; width];
        let mut drawn = vec![false; width];
        if !plan.exactly {
            table.begin(width);
        }
        for y in plan.rect.y0()..plan.rect.y1() {
            self.control.check()?;
            let span = span(size, plan.rect, y);
            let wanted = self.frame.get(span.clone()).unwrap_or_default();
            let row = indices.iter_mut().zip(drawn.iter_mut());
            for ((at, wanted), (index, drawn)) in span.clone().zip(wanted).zip(row) {
                let step = match self.memory.step(at, *wanted, plan.exactly) {
                    _ if plan.redraw => Step::Draw,
                    Step::Again(color) if table.index(color).is_none() => Step::Draw,
                    step => step,
                };
                *drawn = step == Step::Draw;
                *index = match step {
                    Step::Keep => transparent,
                    Step::Again(color) => {
                        self.memory.again(at);
                        table.index(color).unwrap_or(transparent)
                    }
                    Step::Draw if plan.exactly => table.index(*wanted).unwrap_or(transparent),
                    Step::Draw if self.dithering => transparent,
                    Step::Draw => table.nearest(*wanted),
                };
            }
            if !plan.exactly && self.dithering {
                table.dither(wanted, &mut indices, &drawn);
            }
            lzw.push(&indices);
            self.file.raw(&lzw.take())?;
            for (((at, wanted), index), drawn) in span.zip(wanted).zip(&indices).zip(&drawn) {
                if *drawn {
                    self.memory.drawn(at, table.color(*index), *wanted);
                }
            }
        }
        self.file.raw(&lzw.finish())
    }
}

impl FrameSink for Animated {
    fn write_frame(&mut self, frame: &Rows<'_>, delay_ms: u32) -> Result<(), StreamError> {
        self.taken += 1;
        if self.waiting.is_some() {
            if !self.info.animated {
                return Err(CodecError::encode(
                    ImageFormat::Gif,
                    "a second frame for a still picture",
                )
                .into());
            }
            let vanishing = self.vanishing(frame)?;
            self.write_waiting(vanishing)?;
        }
        self.keep(frame)?;
        self.waiting = Some(delay_ms);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<EncodeReport, StreamError> {
        self.write_waiting(None)?;
        if self.written == 0 {
            return Err(CodecError::encode(ImageFormat::Gif, "there is no frame to write").into());
        }
        self.tables.close();
        self.start()?;
        Ok(EncodeReport {
            bytes: self.file.finish()?,
        })
    }
}

/// The pixels of row `y` in a rectangle, as positions in a frame.
fn span(size: Size, rect: Rect, y: u32) -> std::ops::Range<usize> {
    let start = y as usize * size.width() as usize;
    start + rect.x0() as usize..start + rect.x1() as usize
}

/// Milliseconds to the unit of the file.
fn hundredths(ms: u32) -> u16 {
    u16::try_from(ms.saturating_add(5) / 10).unwrap_or(u16::MAX)
}
