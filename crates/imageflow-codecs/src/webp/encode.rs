//! The sinks: rows or frames in, a file out.
//!
//! A still picture takes its rows straight into the encoder's own picture. An animation encodes of every frame the blocks
//! that changed; the compressed frames wait for the end, because the file starts with its size.

use imageflow_pixels::{
    Alpha, EncodeReport, FrameInfo, JobControl, PixelLayout, Reservation, RowBuf, RowSink, Rows,
    StreamError,
};

use super::changes::Changes;
use super::picture::Target;
use super::{WebpSettings, canvas, mux};
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::frames::{FrameSink, FrameSinkInfo};

/// Makes the sink of a still picture.
///
/// # Errors
/// When the frame does not fit the format or the job's memory; [`CodecError::Disabled`] for lossy files in a build without
/// `libwebp`.
pub fn encoder(
    settings: &WebpSettings,
    frame: FrameInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    check(&frame)?;
    Ok(Box::new(Still {
        target: Target::new(&settings.clamped(), frame, control)?,
        frame,
        next: 0,
        output,
    }))
}

/// Makes the sink of an animation; of a still picture when a single frame is expected.
///
/// # Errors
/// As for [`encoder`].
pub fn frame_encoder(
    settings: &WebpSettings,
    info: FrameSinkInfo,
    output: Output,
    control: &JobControl,
) -> Result<Box<dyn FrameSink>, CodecError> {
    if !info.animated {
        return Ok(Box::new(SingleFrame {
            still: encoder(settings, info.frame, output, control)?,
            taken: false,
        }));
    }
    check(&info.frame)?;
    super::picture::supports(settings)?;
    Ok(Box::new(Animated {
        settings: settings.clamped(),
        info,
        canvas: None,
        frames: Vec::new(),
        alpha: false,
        output,
        control: control.clone(),
    }))
}

fn check(frame: &FrameInfo) -> Result<(), CodecError> {
    ImageFormat::WebP.check_sides(frame.size)?;
    if frame.layout != PixelLayout::Bgra8 {
        return Err(failed("rows must be 8-bit BGRA"));
    }
    Ok(())
}

fn failed(message: impl ToString) -> CodecError {
    CodecError::encode(ImageFormat::WebP, message)
}

struct Still {
    target: Target,
    frame: FrameInfo,
    next: u32,
    output: Output,
}

impl RowSink for Still {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        let range = rows.range();
        if range.start != self.next || range.end > self.frame.size.height() {
            let due = self.next;
            return Err(failed(format_args!("rows {range:?} came where row {due} was due")).into());
        }
        self.next = range.end;
        for y in range {
            self.target.push(rows.row(y))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<EncodeReport, StreamError> {
        if self.next != self.frame.size.height() {
            let came = self.next;
            return Err(failed(format_args!("the rows from {came} on are missing")).into());
        }
        let file = self.target.finish()?;
        write(&mut self.output, &[&file])
    }
}

fn write(output: &mut Output, parts: &[&[u8]]) -> Result<EncodeReport, StreamError> {
    let mut bytes = 0;
    for part in parts {
        output.write_all(part).map_err(CodecError::Write)?;
        bytes += part.len() as u64;
    }
    output.flush().map_err(CodecError::Write)?;
    Ok(EncodeReport { bytes })
}

/// The only frame of what was to be an animation.
struct SingleFrame {
    still: Box<dyn RowSink>,
    taken: bool,
}

impl FrameSink for SingleFrame {
    fn write_frame(&mut self, frame: &Rows<'_>, _delay_ms: u32) -> Result<(), StreamError> {
        if std::mem::replace(&mut self.taken, true) {
            return Err(failed("a second frame came for a still picture").into());
        }
        self.still.write_rows(frame)
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        self.still.finish()
    }
}

struct Animated {
    settings: WebpSettings,
    info: FrameSinkInfo,
    /// What is shown, as it was given; `None` before the first frame. What differs too little to be redrawn stays, so that
    /// small differences do not add up.
    canvas: Option<RowBuf>,
    frames: Vec<(Vec<u8>, Reservation)>,
    /// Whether any frame has alpha, and be it for holes.
    alpha: bool,
    output: Output,
    control: JobControl,
}

impl Animated {
    /// What the frame must redraw.
    fn changes(&self, frame: &Rows<'_>) -> Changes {
        match &self.canvas {
            None => Changes::whole(self.info.frame.size),
            Some(canvas) => Changes::between(canvas, frame, self.settings.slack()),
        }
    }

    /// Draws the changes on the canvas, and on a picture of their own, which is encoded.
    fn encode(&mut self, frame: &Rows<'_>, changes: &Changes) -> Result<Vec<u8>, CodecError> {
        let place = changes.place();
        let opaque = !self.info.frame.alpha.is_meaningful();
        let info = FrameInfo {
            size: place.size(),
            alpha: if opaque && !changes.holes() {
                Alpha::Opaque
            } else {
                Alpha::Meaningful
            },
            ..self.info.frame
        };
        let mut target = Target::new(&self.settings, info, &self.control)?;
        let canvas = match &mut self.canvas {
            Some(canvas) => canvas,
            none => none.insert(RowBuf::whole(self.info.frame, &self.control)?),
        };
        let mut shown = canvas.all_mut();
        let mut row = vec![0; self.info.frame.row_bytes()];
        for y in place.y0()..place.y1() {
            row.fill(0);
            for run in changes.runs(y) {
                let pixels = &mut row[run.clone()];
                pixels.copy_from_slice(&frame.row(y)[run.clone()]);
                if opaque {
                    pixels.iter_mut().skip(3).step_by(4).for_each(|a| *a = 255);
                }
                let shown = &mut shown.row_mut(y)[run];
                if changes.holes() && self.settings.lossless {
                    draw_changed(pixels, shown);
                } else {
                    shown.copy_from_slice(pixels);
                }
            }
            target.push(&row[canvas::columns(place)])?;
        }
        target.finish()
    }

    fn keep(&mut self, file: &[u8], changes: &Changes, delay_ms: u32) -> Result<(), CodecError> {
        let stripped = mux::strip(file)?;
        self.alpha |= stripped.alpha;
        let length = stripped.chunks.len();
        let mut chunk = mux::frame_header(changes.place(), delay_ms, changes.holes(), length)?;
        let reservation = self.control.reserve((chunk.len() + length) as u64)?;
        chunk.extend_from_slice(stripped.chunks);
        self.frames.push((chunk, reservation));
        Ok(())
    }
}

/// Shows pixels, and makes holes of those that were shown before.
fn draw_changed(pixels: &mut [u8], shown: &mut [u8]) {
    let pixels = pixels.as_chunks_mut::<4>().0;
    for (new, shown) in pixels.iter_mut().zip(shown.as_chunks_mut::<4>().0) {
        if new == shown {
            *new = [0; 4];
        } else {
            *shown = *new;
        }
    }
}

impl FrameSink for Animated {
    fn write_frame(&mut self, frame: &Rows<'_>, delay_ms: u32) -> Result<(), StreamError> {
        self.control.check()?;
        if frame.info().size != self.info.frame.size
            || frame.range() != (0..self.info.frame.size.height())
        {
            return Err(failed("a frame must be a whole canvas").into());
        }
        let changes = self.changes(frame);
        let file = self.encode(frame, &changes)?;
        Ok(self.keep(&file, &changes, delay_ms)?)
    }

    fn finish(mut self: Box<Self>) -> Result<EncodeReport, StreamError> {
        if self.frames.is_empty() {
            return Err(failed("an animation needs a frame").into());
        }
        let length = self
            .frames
            .iter()
            .map(|(frame, _)| frame.len() as u64)
            .sum();
        let header =
            mux::animation_header(self.info.frame.size, self.alpha, self.info.plays, length)?;
        let frames = self.frames.iter().map(|(frame, _)| frame.as_slice());
        let parts: Vec<&[u8]> = std::iter::once(header.as_slice()).chain(frames).collect();
        write(&mut self.output, &parts)
    }
}
