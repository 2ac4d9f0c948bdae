//! Animation: the same job once per frame.
//!
//! Every input that is animated shows one frame after the other; the job is planned for the frames shown and run like any
//! still job, except that animated outputs keep their encoder. Still outputs take the first frame. An input that ends
//! before the others keeps showing its last frame; delays and the number of plays come from the input of the lowest id.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use imageflow_codecs::{
    CodecError, DecodeOptions, FrameSink, FrameSinkInfo, FrameSource, ImageFormat,
    frame_encoder_with,
};
use imageflow_pixels::{EncodeReport, FrameInfo, JobControl, RowBuf, RowSink, Rows, StreamError};
use imageflow_types::Framewise;

use super::times::Times;
use super::{FrameTimes, JobOutcome};
use crate::error::{Error, ErrorKind};
use crate::exec;
use crate::io::IoTable;
use crate::limits::{SecurityLimits, check_frames};
use crate::plan::{self, Frames, PlanSink, Planning, SinkKind};

/// An animated input at work.
struct Player {
    io_id: i32,
    format: ImageFormat,
    source: Box<dyn FrameSource>,
    max_total_pixels: u64,
    shown: u64,
    delay_ms: u32,
    ended: bool,
}

impl Player {
    fn open(
        io: &IoTable,
        io_id: i32,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Player, Error> {
        let entry = io.input(io_id)?;
        let decoder = entry.open(control)?;
        let format = decoder.header().format;
        Ok(Player {
            io_id,
            format,
            source: decoder.into_frames(options, &control.about(io_id))?,
            max_total_pixels: entry.max_total_pixels,
            shown: 0,
            delay_ms: 0,
            ended: false,
        })
    }

    /// Shows the next frame; says whether there was one. With `keep_last` the last frame stays when there is none.
    fn step(&mut self, frames: &mut Frames, keep_last: bool) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        // The decoder draws on its canvas in place when nobody else holds it.
        let last = frames.hide(self.io_id).filter(|_| keep_last);
        let next = self.source.next_frame().map_err(Error::from)?;
        let Some(frame) = next else {
            self.ended = true;
            if let Some(last) = last {
                frames.show(self.io_id, last);
            }
            return Ok(false);
        };
        drop(last);
        self.shown = self.shown.saturating_add(1);
        check_frames(self.format, self.shown)?;
        let pixels = self.source.animation().size.area();
        let total = pixels.saturating_mul(self.shown);
        if total > self.max_total_pixels {
            let text = format!(
                "{} total decoded pixels ({} frames x {pixels} pixels = {total}) exceeds max_total_file_pixels {}",
                self.format, self.shown, self.max_total_pixels
            );
            return Err(Error::new(ErrorKind::SizeLimitExceeded, text));
        }
        self.delay_ms = frame.delay_ms;
        frames.show(self.io_id, frame.canvas);
        Ok(true)
    }
}

/// Runs a job over all frames of its animated `inputs`, which end up in the animated `outputs`.
pub(super) fn run(
    framewise: &Framewise,
    inputs: &[(i32, DecodeOptions)],
    outputs: &[i32],
    io: &IoTable,
    limits: &SecurityLimits,
    control: &JobControl,
) -> Result<JobOutcome, Error> {
    let mut players = inputs
        .iter()
        .map(|(io_id, options)| {
            Player::open(io, *io_id, options, control).map_err(|e| e.at_io(*io_id))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let keep_last = players.len() > 1;
    let mut frames = Frames::default();
    let mut recorder = Recorder {
        io,
        control,
        outputs,
        encoders: BTreeMap::new(),
    };
    let mut outcome = JobOutcome::default();
    let mut times = Times::default();
    loop {
        control.check()?;
        let start = Instant::now();
        let mut moved = false;
        for player in &mut players {
            moved |= player
                .step(&mut frames, keep_last)
                .map_err(|e| e.at_io(player.io_id))?;
        }
        let Some(master) = players.first().filter(|_| moved) else {
            break;
        };
        let first = times.count() == 0;
        let planning = Planning {
            io,
            limits,
            control,
            frames: &frames,
            run: &|plan| exec::run(plan, io, limits, control).map(|_| ()),
        };
        let mut ir = plan::compile(framewise, planning)?;
        if !first {
            ir.encodes.retain(|encode| outputs.contains(&encode.io_id));
            ir.unused.clear();
        }
        let mut plan = plan::finish(ir, planning)?;
        let timing = Timing {
            plays: master.source.animation().plays,
            delay_ms: master.delay_ms,
        };
        for sink in &mut plan.sinks {
            if let Some(node) = plan.nodes.get(sink.input) {
                recorder.divert(sink, node.frame(), timing)?;
            }
        }
        let (encodes, nodes) = exec::run(plan, io, limits, control)?;
        if first {
            outcome.encodes = encodes;
        }
        times.push(FrameTimes {
            wall: start.elapsed(),
            nodes,
        });
    }
    recorder.finish()?;
    outcome.frames = times.finish();
    Ok(outcome)
}

/// How the master's frame is shown.
#[derive(Clone, Copy)]
struct Timing {
    plays: u32,
    delay_ms: u32,
}

/// The animated outputs of a job.
struct Recorder<'a> {
    io: &'a IoTable,
    control: &'a JobControl,
    outputs: &'a [i32],
    encoders: BTreeMap<i32, Encoder>,
}

impl Recorder<'_> {
    /// Leads the rows of an animated output to its encoder, which the first frame opens.
    fn divert(
        &mut self,
        sink: &mut PlanSink,
        frame: FrameInfo,
        timing: Timing,
    ) -> Result<(), Error> {
        let (io_id, settings, metadata, node) = match &sink.kind {
            SinkKind::Encode {
                io_id,
                settings,
                metadata,
                node,
                ..
            } if self.outputs.contains(io_id) => (*io_id, *settings, metadata, node.clone()),
            _ => return Ok(()),
        };
        let place = |e: Error| e.at_io(io_id).at_node(&node);
        let encoder = match self.encoders.entry(io_id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let output = self.io.output(io_id).and_then(|output| output.begin());
                let info = FrameSinkInfo {
                    frame,
                    plays: timing.plays,
                    animated: true,
                };
                let output = output.map_err(place)?;
                let control = self.control;
                let sink = frame_encoder_with(&settings, metadata, info, output, control)
                    .map_err(|e| place(e.into()))?;
                entry.insert(Encoder {
                    sink: Arc::new(Mutex::new(sink)),
                    frame,
                })
            }
        };
        if encoder.frame != frame {
            let text = format!(
                "a frame of {} follows frames of {}: all frames of an animation must be of one size",
                frame.size, encoder.frame.size
            );
            return Err(place(Error::new(ErrorKind::InvalidOperation, text)));
        }
        let rows = encoder
            .one_frame(timing.delay_ms, self.control)
            .map_err(|e| place(e.into()))?;
        sink.kind = SinkKind::Frame {
            io_id,
            settings,
            node,
            rows,
        };
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        for (io_id, encoder) in self.encoders {
            encoder.finish().map_err(|e| e.at_io(io_id))?;
        }
        Ok(())
    }
}

/// An animated output at work.
struct Encoder {
    sink: Arc<Mutex<Box<dyn FrameSink>>>,
    frame: FrameInfo,
}

impl Encoder {
    /// A sink for the rows of the next frame.
    fn one_frame(
        &self,
        delay_ms: u32,
        control: &JobControl,
    ) -> Result<Box<dyn RowSink>, CodecError> {
        Ok(Box::new(OneFrame {
            rows: RowBuf::new(self.frame, self.frame.size.height(), control)?,
            delay_ms,
            sink: self.sink.clone(),
        }))
    }

    fn finish(self) -> Result<(), Error> {
        let sink = Arc::into_inner(self.sink)
            .ok_or_else(|| Error::new(ErrorKind::InternalError, "an encoder is still at work"))?;
        let sink = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
        sink.finish()?;
        Ok(())
    }
}

/// Gathers one frame and gives it to the encoder of the animation.
struct OneFrame {
    rows: RowBuf,
    delay_ms: u32,
    sink: Arc<Mutex<Box<dyn FrameSink>>>,
}

impl RowSink for OneFrame {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        let mut copy = self.rows.advance(rows.range(), 0);
        for y in rows.range() {
            copy.row_mut(y).copy_from_slice(rows.row(y));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        let mut sink: MutexGuard<'_, _> = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        sink.write_frame(&self.rows.all(), self.delay_ms)?;
        Ok(EncodeReport::default())
    }
}
