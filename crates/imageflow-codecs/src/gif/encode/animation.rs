//! The sink of frames.

use imageflow_pixels::{EncodeReport, JobControl, Rect, Reservation, Rows, Size, StreamError};

use super::container::{Container, Showing};
use super::lzw::Lzw;
use super::memory::{Memory, Plane, Step, bounds, union};
use super::tables::{Tables, Which, space};
use super::{FIXED_BYTES, GifSettings};
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{FrameSink, FrameSinkInfo};
use crate::palette::Distinct;

/// Pixels below this alpha are transparent, the others opaque.
const OPAQUE_FROM: u8 = 16;
/// Rows between two looks at the job's deadline.
const CHECK_ROWS: u32 = 32;

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
    /// Whether the head of the file is written.
    started: bool,
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
            started: false,
            memory: Memory::new(if info.animated { area } else { 0 }, control)?,
            tables: Tables::default(),
            _reservation: control.reserve(FIXED_BYTES)?,
        })
    }

    fn size(&self) -> Size {
        self.info.frame.size
    }

    /// Keeps a frame until the next one is known.
    fn keep(&mut self, rows: &Rows<'_>) {
        let opaque = !self.info.frame.alpha.is_meaningful();
        let width = self.size().width() as usize;
        for (y, kept) in rows.range().zip(self.frame.chunks_exact_mut(width)) {
            for (kept, pixel) in kept.iter_mut().zip(rows.row(y).as_chunks::<4>().0) {
                let [b, g, r, a] = *pixel;
                *kept = if opaque || a >= OPAQUE_FROM {
                    [b, g, r, 255]
                } else {
                    [0; 4]
                };
            }
        }
    }

    /// The rectangle of the pixels that are opaque in the waiting frame and transparent in the next.
    fn vanishing(&self, next: &Rows<'_>) -> Option<Rect> {
        if !self.info.frame.alpha.is_meaningful() {
            return None;
        }
        let width = self.size().width() as usize;
        bounds(self.size(), |x, y| {
            let alpha = next.row(y).get(x * 4 + 3);
            let now = self.frame.get(y as usize * width + x);
            alpha.is_some_and(|alpha| *alpha < OPAQUE_FROM) && now.is_some_and(|now| now[3] != 0)
        })
    }

    /// Writes the waiting frame. The pixels in `vanishing` become transparent after it.
    fn write_waiting(&mut self, vanishing: Option<Rect>, last: bool) -> Result<(), CodecError> {
        let Some(delay) = self.waiting.take() else {
            return Ok(());
        };
        self.control.check()?;
        let exactly = has_few_colors(&self.frame);
        let rect = if self.started {
            self.changed(exactly, vanishing)
        } else {
            Rect::of(self.size())
        };
        let mut plan = Plan {
            rect,
            exactly,
            redraw: false,
        };
        let which = if exactly {
            self.exact_table(&mut plan)
        } else {
            self.chosen_table(&plan)?
        };
        let Some(table) = self.tables.get(which) else {
            return Err(CodecError::encode(
                ImageFormat::Gif,
                "no colours were chosen",
            ));
        };
        if !self.started {
            self.started = true;
            let plays = (!last).then_some(self.info.plays);
            self.file.start(self.size(), table, plays)?;
        }
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
        if showing.clear {
            for y in rect.y0()..rect.y1() {
                self.memory.cleared(span(self.size(), rect, y));
            }
        }
        Ok(())
    }

    /// The rectangle that a frame after the first must cover.
    fn changed(&self, exactly: bool, vanishing: Option<Rect>) -> Rect {
        let width = self.size().width() as usize;
        let drawn = bounds(self.size(), |x, y| {
            let at = y as usize * width + x;
            let wanted = self.frame.get(at).copied().unwrap_or_default();
            self.memory.step(at, wanted, exactly) != Step::Keep
        });
        // A frame that changes nothing still takes its time: one pixel, not drawn.
        union(drawn, vanishing)
            .or(Rect::new(0, 0, 1, 1))
            .unwrap_or(Rect::of(self.size()))
    }

    /// The pixels of the plan's rectangle, and what is to be done with each.
    fn steps(&self, plan: Plan) -> impl Iterator<Item = ([u8; 4], Step)> + '_ {
        (plan.rect.y0()..plan.rect.y1())
            .flat_map(move |y| span(self.size(), plan.rect, y))
            .map(move |at| {
                let wanted = self.frame.get(at).copied().unwrap_or_default();
                (wanted, self.memory.step(at, wanted, plan.exactly))
            })
    }

    /// A table for a frame that has few enough colours.
    fn exact_table(&mut self, plan: &mut Plan) -> Which {
        let mut colors = Distinct::default();
        let mut holes = false;
        let mut before = None;
        for (wanted, step) in self.steps(*plan) {
            if step == Step::Keep {
                holes = true;
            } else if before != Some(wanted) {
                before = Some(wanted);
                colors.insert(wanted);
            }
        }
        if holes && colors.colors().len() == 256 {
            // All colours of the frame are drawn, so it has none left for transparency, and no transparent pixel.
            plan.redraw = true;
            holes = false;
        }
        // In an animation the global table gets the index even if the first frame does not need it.
        let later = !self.started && self.info.animated;
        self.tables.exact(colors, holes || later)
    }

    /// A table for a frame whose colours are approximated.
    fn chosen_table(&mut self, plan: &Plan) -> Result<Which, CodecError> {
        let area = plan.rect.size().area();
        let _reservation = self.control.reserve(area * 4)?;
        let mut pixels = space(area)?;
        pixels.extend(
            self.steps(*plan)
                .filter(|(_, step)| *step != Step::Keep)
                .map(|(wanted, _)| wanted),
        );
        let holes = (pixels.len() as u64) < area;
        self.tables
            .chosen(&pixels, holes || self.info.animated, &self.control)
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
        table.ditherer().begin(width);
        for y in plan.rect.y0()..plan.rect.y1() {
            if y.is_multiple_of(CHECK_ROWS) {
                self.control.check()?;
            }
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
                    Step::Draw => table.ditherer().index(*wanted),
                };
            }
            if !plan.exactly && self.dithering {
                table
                    .ditherer()
                    .row_where(wanted.as_flattened(), &mut indices, |x| drawn[x]);
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
        if self.waiting.is_some() {
            if !self.info.animated {
                return Err(CodecError::encode(
                    ImageFormat::Gif,
                    "a second frame for a still picture",
                )
                .into());
            }
            let vanishing = self.vanishing(frame);
            self.write_waiting(vanishing, false)?;
        }
        self.keep(frame);
        self.waiting = Some(delay_ms);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<EncodeReport, StreamError> {
        self.write_waiting(None, true)?;
        if !self.started {
            return Err(CodecError::encode(ImageFormat::Gif, "there is no frame to write").into());
        }
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

/// Whether a table can hold all colours, transparent among them.
fn has_few_colors(pixels: &[[u8; 4]]) -> bool {
    let mut colors = Distinct::default();
    let mut before = None;
    pixels.iter().all(|pixel| {
        before == Some(*pixel) || {
            before = Some(*pixel);
            colors.insert(*pixel).is_some()
        }
    })
}

/// Milliseconds to the unit of the file.
fn hundredths(ms: u32) -> u16 {
    u16::try_from(ms.saturating_add(5) / 10).unwrap_or(u16::MAX)
}
