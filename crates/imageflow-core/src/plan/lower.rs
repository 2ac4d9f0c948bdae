//! Operations → sources, stages and sinks.

use std::fmt;

use imageflow_codecs::color::{ConvertColors, Gamut};
use imageflow_codecs::metadata::Metadata;
use imageflow_codecs::{DecodeOptions, EncoderSettings};
use imageflow_pixels::ops::{self, Canvas, HeldFrame};
use imageflow_pixels::resample::{Axis, BoxShrink, Horizontal, Target, Vertical};
use imageflow_pixels::simd::SimdLevel;
use imageflow_pixels::{FrameInfo, RowSink, RowSource, Stage};

use super::Planning;
use super::goal::Goal;
use super::ir::{Id, Ir, Op, OpNode, ResampleOp};
use crate::error::{Error, ErrorKind};

/// What makes the rows of a plan node.
pub(crate) enum Producer {
    /// A decoder or a canvas.
    Source(Box<dyn RowSource>),
    /// A stage.
    Stage(Box<dyn Stage>),
}

/// A node of the plan.
pub(crate) struct PlanNode {
    /// What makes its rows.
    pub(crate) producer: Producer,
    /// The nodes it reads, all before it.
    pub(crate) inputs: Vec<usize>,
    /// Its name in times and messages.
    pub(crate) label: String,
    /// The input it decodes.
    pub(crate) io_id: Option<i32>,
}

impl PlanNode {
    /// Size and meaning of the node's rows.
    pub(crate) fn frame(&self) -> FrameInfo {
        match &self.producer {
            Producer::Source(source) => source.frame(),
            Producer::Stage(stage) => stage.output(),
        }
    }
}

impl fmt::Display for PlanNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.producer {
            Producer::Source(_) => f.write_str(&self.label),
            Producer::Stage(stage) => write!(f, "{stage}"),
        }
    }
}

/// Where rows end.
pub(crate) enum SinkKind {
    /// An encoder.
    Encode {
        /// The output.
        io_id: i32,
        /// How.
        settings: EncoderSettings,
        /// What goes along.
        metadata: Metadata,
        /// What it is led to.
        goal: Option<Goal>,
        /// The node, for messages.
        node: String,
    },
    /// One frame of an animation.
    Frame {
        /// The output.
        io_id: i32,
        /// How it is encoded.
        settings: EncoderSettings,
        /// The node, for messages.
        node: String,
        /// Where the rows go.
        rows: Box<dyn RowSink>,
    },
    /// Somebody who only looks.
    Rows(Box<dyn RowSink>),
    /// Nowhere: only errors matter.
    Discard,
    /// In memory, as they are.
    #[cfg(test)]
    Capture(std::sync::Arc<std::sync::Mutex<Vec<u8>>>),
}

/// An end of the plan.
pub(crate) struct PlanSink {
    /// The node it reads.
    pub(crate) input: usize,
    /// What it does.
    pub(crate) kind: SinkKind,
}

/// Everything there is to do, in an order that needs no more thought.
#[derive(Default)]
pub(crate) struct Plan {
    /// Nodes, each after those it reads.
    pub(crate) nodes: Vec<PlanNode>,
    /// Sinks, outputs by ascending id first.
    pub(crate) sinks: Vec<PlanSink>,
    /// Bytes that decoders will hold besides rows and have not reserved yet.
    pub(crate) decoder_bytes: u64,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, node) in self.nodes.iter().enumerate() {
            writeln!(f, "{i}: {node} <- {:?} {}", node.inputs, node.frame().size)?;
        }
        for sink in &self.sinks {
            match &sink.kind {
                SinkKind::Encode {
                    io_id, settings, ..
                } => writeln!(f, "{} => io {io_id} {settings:?}", sink.input)?,
                SinkKind::Frame {
                    io_id, settings, ..
                } => writeln!(f, "{} => frame of io {io_id} {settings:?}", sink.input)?,
                SinkKind::Rows(_) => writeln!(f, "{} => survey", sink.input)?,
                SinkKind::Discard => writeln!(f, "{} => nowhere", sink.input)?,
                #[cfg(test)]
                SinkKind::Capture(_) => writeln!(f, "{} => captured", sink.input)?,
            }
        }
        Ok(())
    }
}

/// Makes the plan.
pub(super) fn lower(ir: Ir, planning: Planning<'_>) -> Result<Plan, Error> {
    let live = ir.live();
    let mut lowering = Lowering {
        plan: Plan::default(),
        of: vec![None; ir.ops.len()],
        planning,
        level: SimdLevel::detect(),
    };
    for (id, node) in ir.ops.iter().enumerate().filter(|(id, _)| live[*id]) {
        let made = lowering.operation(node, &ir)?;
        lowering.of[id] = Some(made);
    }
    let mut sinks = Vec::new();
    for encode in &ir.encodes {
        let input = lowering.made(encode.input)?;
        let kind = SinkKind::Encode {
            io_id: encode.io_id,
            settings: encode.settings,
            metadata: encode.metadata.clone(),
            goal: encode.goal,
            node: encode.node.clone(),
        };
        sinks.push((encode.io_id, PlanSink { input, kind }));
    }
    sinks.sort_by_key(|(io_id, _)| *io_id);
    lowering.plan.sinks = sinks.into_iter().map(|(_, sink)| sink).collect();
    for id in &ir.unused {
        let input = lowering.made(*id)?;
        lowering.plan.sinks.push(PlanSink {
            input,
            kind: SinkKind::Discard,
        });
    }
    Ok(lowering.plan)
}

struct Lowering<'a> {
    plan: Plan,
    of: Vec<Option<usize>>,
    planning: Planning<'a>,
    level: SimdLevel,
}

impl Lowering<'_> {
    fn made(&self, id: Id) -> Result<usize, Error> {
        self.of
            .get(id)
            .copied()
            .flatten()
            .ok_or_else(|| internal("an operation is read before it is made"))
    }

    fn push(&mut self, producer: Producer, inputs: Vec<usize>, label: &str) -> usize {
        self.plan.nodes.push(PlanNode {
            producer,
            inputs,
            label: label.to_owned(),
            io_id: None,
        });
        self.plan.nodes.len() - 1
    }

    fn stage(&mut self, stage: impl Stage + 'static, inputs: Vec<usize>, label: &str) -> usize {
        self.push(Producer::Stage(Box::new(stage)), inputs, label)
    }

    fn operation(&mut self, node: &OpNode, ir: &Ir) -> Result<usize, Error> {
        let inputs: Vec<usize> = node
            .inputs
            .iter()
            .map(|id| self.made(*id))
            .collect::<Result<_, _>>()?;
        let frame = |i: usize| {
            node.inputs
                .get(i)
                .map(|id| ir.frame(*id))
                .ok_or_else(|| internal("an operation has no input"))
        };
        let fits = |what: &str| internal(&format!("{what} was planned outside its frame"));
        Ok(match &node.op {
            Op::Decode { io_id, options, .. } => {
                let source = self.decoder(*io_id, options).map_err(|e| e.at_io(*io_id))?;
                if source.frame() != node.frame {
                    return Err(internal(
                        "the decoder's frame is not what its header announced",
                    ));
                }
                let made = self.push(Producer::Source(source), inputs, "primitive_decoder");
                self.plan.nodes[made].io_id = Some(*io_id);
                made
            }
            Op::Canvas { color, .. } => self.push(
                Producer::Source(Box::new(Canvas::new(node.frame, *color))),
                inputs,
                "create_canvas",
            ),
            Op::Crop(rect) => self.stage(
                ops::Crop::new(frame(0)?, *rect).ok_or_else(|| fits("crop"))?,
                inputs,
                "crop",
            ),
            Op::Resample(resample) => {
                let block = node.inputs.first().map_or(1, |input| block_of(ir, *input));
                return self.resample(resample, frame(0)?, block, inputs);
            }
            Op::BoxShrink(n) => self.stage(
                BoxShrink::new(frame(0)?, *n, self.level).ok_or_else(|| fits("shrink"))?,
                inputs,
                "box_shrink",
            ),
            Op::Turn(turn) => self.stage(ops::Turned::new(frame(0)?, *turn), inputs, "turn"),
            Op::FlipH => self.stage(ops::FlipH::new(frame(0)?), inputs, "flip_horizontal"),
            Op::Pad {
                left,
                top,
                canvas,
                color,
            } => {
                let pad = ops::Pad::new(frame(0)?, *left, *top, *canvas, *color)
                    .ok_or_else(|| fits("padding"))?;
                self.stage(pad, inputs, "expand_canvas")
            }
            Op::FillRect { rect, color } => self.stage(
                ops::FillRect::new(frame(0)?, *rect, *color).ok_or_else(|| fits("rectangle"))?,
                inputs,
                "fill_rect",
            ),
            Op::Matte(color) => self.stage(
                ops::Matte::new(frame(0)?, *color, self.level),
                inputs,
                "matte",
            ),
            Op::Draw { left, top, space } => {
                let draw = ops::Draw::new(frame(0)?, frame(1)?, *left, *top, *space, self.level)
                    .ok_or_else(|| fits("drawing"))?;
                self.stage(draw, inputs, "draw_image_to_canvas")
            }
            Op::ColorMatrix { matrix, alpha } => self.stage(
                ops::ColorMatrix::new(frame(0)?, matrix, *alpha),
                inputs,
                "color_matrix_srgb_mut",
            ),
            Op::Levels(tables) => self.stage(
                ops::Levels::new(frame(0)?, (**tables).clone()),
                inputs,
                "white_balance_srgb_mut",
            ),
            Op::RoundCorners { radii, color } => {
                let round = match radii {
                    Some(radii) => ops::RoundCorners::new(frame(0)?, *radii, *color),
                    None => ops::RoundCorners::circle(frame(0)?, *color),
                };
                self.stage(round, inputs, "round_image_corners_srgb")
            }
            Op::ConvertColors { from, to } => {
                let icc = from.as_ref().map(|icc| icc.as_slice());
                let stage = ConvertColors::new(frame(0)?, icc, *to)
                    .map_err(|text| Error::new(ErrorKind::ColorProfileError, text))?;
                let label = match to {
                    Gamut::Srgb => "to_srgb",
                    Gamut::DisplayP3 => "to_display_p3",
                };
                self.stage(stage, inputs, label)
            }
            Op::Held(held) => self.push(
                Producer::Source(Box::new(HeldFrame::new(held.frame.clone()))),
                inputs,
                "held_frame",
            ),
            Op::CopyRect { left, top, promote } => {
                let copy = ops::CopyRect::new(frame(0)?, frame(1)?, *left, *top, *promote)
                    .ok_or_else(|| fits("copy"))?;
                self.stage(copy, inputs, "copy_rect")
            }
        })
    }

    /// The rows of an input: of the frame its animation shows now, of a still picture that was kept, or decoded.
    fn decoder(
        &mut self,
        io_id: i32,
        options: &DecodeOptions,
    ) -> Result<Box<dyn RowSource>, Error> {
        let Planning {
            io,
            frames,
            control,
            ..
        } = self.planning;
        if let Some(canvas) = frames.canvas(io_id, options) {
            return Ok(Box::new(HeldFrame::new(canvas)));
        }
        let control = &control.about(io_id);
        let mut decoder = io.input(io_id)?.open(control)?;
        decoder.select(options)?;
        if frames.is_animated() {
            match frames.still(io_id, options, decoder, control)? {
                Ok(still) => return Ok(Box::new(HeldFrame::new(still))),
                Err(too_large) => decoder = too_large,
            }
        }
        let (working, before) = (decoder.working_bytes(options), control.used_bytes());
        let rows = decoder.into_rows(options, control)?;
        let held = control.used_bytes().saturating_sub(before);
        self.plan.decoder_bytes = self
            .plan
            .decoder_bytes
            .saturating_add(working.saturating_sub(held));
        Ok(rows)
    }

    fn resample(
        &mut self,
        op: &ResampleOp,
        input: FrameInfo,
        block: u32,
        inputs: Vec<usize>,
    ) -> Result<usize, Error> {
        let ResampleOp {
            source,
            size,
            filter,
            sharpen,
            space,
            ..
        } = *op;
        let too_large = || internal("a resample was planned to an impossible size");
        let across = Axis {
            samples: input.size.width(),
            from: source.x0.max(0.0),
            to: source.x1,
            out: size.width(),
            filter,
            sharpen,
            block,
        };
        let down = Axis {
            samples: input.size.height(),
            from: source.y0.max(0.0),
            to: source.y1,
            out: size.height(),
            filter,
            sharpen,
            block,
        };
        let horizontal =
            Horizontal::new(input, &across, space, self.level).ok_or_else(too_large)?;
        let narrow = horizontal.output();
        let target = if op.floats {
            Target::Floats
        } else {
            Target::Bytes {
                matte: op.matte.map(|m| m.premultiplied(space)),
            }
        };
        let vertical =
            Vertical::new(narrow, &down, space, target, self.level).ok_or_else(too_large)?;
        let first = self.stage(horizontal, inputs, "resample_horizontal");
        Ok(self.stage(vertical, vec![first], "resample_vertical"))
    }
}

/// Stored pixels along a side that each sample of an operation's frame is the linear-light mean of.
fn block_of(ir: &Ir, id: Id) -> u32 {
    match ir.op(id) {
        Op::Decode { options, .. } => options.linear_shrink,
        Op::BoxShrink(n) => n * block_of(ir, ir.input(id)),
        _ => 1,
    }
}

fn internal(text: &str) -> Error {
    Error::new(ErrorKind::InternalError, text)
}
