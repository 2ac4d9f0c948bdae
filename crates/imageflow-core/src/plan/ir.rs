//! Primitive operations with known sizes: what every node becomes.
//!
//! [`Ir::add`] is the only place where sizes are computed. Equal operations on equal inputs are the same operation, so
//! branches that begin alike share their beginning (one decode for any number of outputs).

use std::collections::BTreeMap;
use std::sync::Arc;

use imageflow_codecs::color::Gamut;
use imageflow_codecs::metadata::Metadata;
use imageflow_codecs::{BlockScale, DecodeOptions, EncoderSettings, Header};
use imageflow_pixels::ops::{Bgra, LevelTables, Matrix5, Radii, Turn};
use imageflow_pixels::resample::{Filter, WorkingSpace};
use imageflow_pixels::{Alpha, FrameInfo, Rect, RectF, RowBuf, Size};

use super::goal::Goal;
use crate::error::{Error, ErrorKind};
use crate::limits::SecurityLimits;

/// Index of an operation in [`Ir::ops`].
pub(crate) type Id = usize;

/// A reduction that a decoder was told to make, as a resample of what it decodes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum DecodeScale {
    /// Of every block by itself (`jpeg_downscale_hints`). Decoders that can do that do it.
    Blocks(BlockScale),
    /// To any size, in sRGB-encoded values (`webp_decoder_hints`).
    Exact,
}

/// How a resample is done.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct ResampleOp {
    /// The part of the input that becomes the output, in input samples.
    pub(crate) source: RectF,
    /// Output size.
    pub(crate) size: Size,
    /// Filter of both axes.
    pub(crate) filter: Filter,
    /// Sharpening in percent.
    pub(crate) sharpen: f32,
    /// What is averaged.
    pub(crate) space: WorkingSpace,
    /// Colour to put under the result.
    pub(crate) matte: Option<Bgra>,
    /// Leave premultiplied floats, for compositing.
    pub(crate) floats: bool,
    /// The input is a decoder's frame and this stands for its own reduction: a later resample may read past it.
    pub(crate) decode_scale: Option<DecodeScale>,
}

/// A primitive operation.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Op {
    /// Decode an input, stored orientation.
    Decode {
        /// The input.
        io_id: i32,
        /// How.
        options: DecodeOptions,
        /// What its header says.
        header: Header,
    },
    /// A frame of one colour.
    Canvas {
        /// Size.
        size: Size,
        /// Meaning of the fourth channel.
        alpha: Alpha,
        /// The colour.
        color: Bgra,
    },
    /// Keep a rectangle.
    Crop(Rect),
    /// Resample.
    Resample(ResampleOp),
    /// Average blocks in linear light.
    BoxShrink(u32),
    /// Turn out of row order.
    Turn(Turn),
    /// Mirror rows.
    FlipH,
    /// Put on a larger canvas.
    Pad {
        /// Columns before the image.
        left: u32,
        /// Rows before the image.
        top: u32,
        /// Size of the canvas.
        canvas: Size,
        /// Its colour.
        color: Bgra,
    },
    /// Replace a rectangle.
    FillRect {
        /// The rectangle.
        rect: Rect,
        /// The colour.
        color: Bgra,
    },
    /// Put a colour under the frame.
    Matte(Bgra),
    /// Draw input 1 (floats) on input 0.
    Draw {
        /// Column.
        left: u32,
        /// Row.
        top: u32,
        /// What is mixed.
        space: WorkingSpace,
    },
    /// Multiply colours.
    ColorMatrix {
        /// The coefficients.
        matrix: Matrix5,
        /// Meaning of the fourth channel afterwards.
        alpha: Alpha,
    },
    /// Replace values by tables.
    Levels(Box<LevelTables>),
    /// Round the corners.
    RoundCorners {
        /// The radii, or `None` for the largest circle in the middle.
        radii: Option<Radii>,
        /// What lies outside.
        color: Bgra,
    },
    /// Convert from the colours of a profile, or sRGB.
    ConvertColors {
        /// The profile.
        from: Option<Arc<Vec<u8>>>,
        /// The colours it makes.
        to: Gamut,
    },
    /// A frame that is in memory already.
    Held(Held),
    /// Copy input 1 on input 0.
    CopyRect {
        /// Column.
        left: u32,
        /// Row.
        top: u32,
        /// Give an opaque canvas alpha when the image has it.
        promote: bool,
    },
}

/// A frame in memory; equal to itself alone.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The frame.
    pub(crate) frame: Arc<RowBuf>,
    /// The inputs it was made of whose frames are all wanted.
    pub(crate) animated: Vec<(i32, DecodeOptions)>,
}

impl PartialEq for Held {
    fn eq(&self, other: &Held) -> bool {
        Arc::ptr_eq(&self.frame, &other.frame)
    }
}

/// An operation, what it reads, and the frame it makes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct OpNode {
    /// The operation.
    pub(crate) op: Op,
    /// What it reads.
    pub(crate) inputs: Vec<Id>,
    /// The frame it makes.
    pub(crate) frame: FrameInfo,
}

/// An output to write.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct EncodeOp {
    /// The output.
    pub(crate) io_id: i32,
    /// The frame to write.
    pub(crate) input: Id,
    /// How.
    pub(crate) settings: EncoderSettings,
    /// What of the source's metadata goes along.
    pub(crate) metadata: Metadata,
    /// What the encoder is led to, instead of the quality of its settings.
    pub(crate) goal: Option<Goal>,
    /// The node, for messages.
    pub(crate) node: String,
}

/// A job in primitive operations, each after those it reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ir {
    /// The operations.
    pub(crate) ops: Vec<OpNode>,
    /// The outputs.
    pub(crate) encodes: Vec<EncodeOp>,
    /// Frames that nobody encodes; computed and dropped, so that their errors are seen.
    pub(crate) unused: Vec<Id>,
    /// Operations by what they read when they were added, so that an equal one is found among few.
    by_inputs: BTreeMap<Vec<Id>, Vec<Id>>,
}

impl Ir {
    /// Adds an operation and computes its frame, or finds the equal one that is there.
    ///
    /// # Errors
    /// [`ErrorKind::SizeLimitExceeded`] for a frame above the limits.
    pub(crate) fn add(
        &mut self,
        op: Op,
        inputs: &[Id],
        limits: &SecurityLimits,
    ) -> Result<Id, Error> {
        if let Some(same) = self.equal(&op, inputs) {
            return Ok(same);
        }
        let frame = self.frame_of(&op, inputs)?;
        let checks_frame = !matches!(op, Op::Decode { .. } | Op::BoxShrink(_));
        if checks_frame {
            limits.check_frame(
                u64::from(frame.size.width()),
                u64::from(frame.size.height()),
            )?;
        }
        Ok(self.push(op, inputs, frame))
    }

    /// The operation that is equal to this one, or this one, added with its frame.
    pub(super) fn intern(&mut self, op: Op, inputs: &[Id], frame: FrameInfo) -> Id {
        self.equal(&op, inputs)
            .unwrap_or_else(|| self.push(op, inputs, frame))
    }

    fn equal(&self, op: &Op, inputs: &[Id]) -> Option<Id> {
        let is_equal = |id: &Id| self.ops[*id].inputs == inputs && self.ops[*id].op == *op;
        let candidates = self.by_inputs.get(inputs)?;
        candidates.iter().copied().find(|id| is_equal(id))
    }

    fn push(&mut self, op: Op, inputs: &[Id], frame: FrameInfo) -> Id {
        let id = self.ops.len();
        let inputs = inputs.to_vec();
        self.by_inputs.entry(inputs.clone()).or_default().push(id);
        self.ops.push(OpNode { op, inputs, frame });
        id
    }

    /// The operations among `live` that read this one.
    pub(super) fn readers(&self, id: Id, live: &[bool]) -> Vec<Id> {
        let nodes = self.ops.iter().zip(live).enumerate();
        nodes
            .filter(|(_, (node, live))| **live && node.inputs.contains(&id))
            .map(|(reader, _)| reader)
            .collect()
    }

    /// Whether an output, or nobody, takes the frame itself.
    pub(super) fn is_end(&self, id: Id) -> bool {
        self.encodes.iter().any(|e| e.input == id) || self.unused.contains(&id)
    }

    /// Lets everything that reads an operation read another one instead.
    pub(super) fn replace_uses(&mut self, of: Id, with: Id) {
        let redirect = |id: &mut Id| {
            if *id == of {
                *id = with;
            }
        };
        for node in &mut self.ops {
            node.inputs.iter_mut().for_each(redirect);
        }
        self.encodes
            .iter_mut()
            .for_each(|encode| redirect(&mut encode.input));
        self.unused.iter_mut().for_each(redirect);
    }

    /// What these frames are made of, as a job of its own that computes them.
    pub(super) fn subgraph(&self, ends: &[Id]) -> Ir {
        let live = self.live_above(ends.iter().copied());
        let mut new_id = vec![0; self.ops.len()];
        let mut part = Ir::default();
        for (id, node) in self.ops.iter().enumerate().filter(|(id, _)| live[*id]) {
            let inputs: Vec<Id> = node.inputs.iter().map(|input| new_id[*input]).collect();
            new_id[id] = part.push(node.op.clone(), &inputs, node.frame);
        }
        part.unused = ends.iter().map(|end| new_id[*end]).collect();
        part
    }

    /// Gives operations new numbers: `order` has every old one once, each after those it reads.
    pub(super) fn reorder(&mut self, order: &[Id]) {
        let mut new_id = vec![0; self.ops.len()];
        for (new, old) in order.iter().enumerate() {
            new_id[*old] = new;
        }
        let old = std::mem::take(self);
        for id in order {
            let node = &old.ops[*id];
            let inputs: Vec<Id> = node.inputs.iter().map(|input| new_id[*input]).collect();
            self.push(node.op.clone(), &inputs, node.frame);
        }
        (self.encodes, self.unused) = (old.encodes, old.unused);
        self.encodes
            .iter_mut()
            .for_each(|e| e.input = new_id[e.input]);
        self.unused.iter_mut().for_each(|id| *id = new_id[*id]);
    }

    /// The frame an operation makes.
    pub(crate) fn frame(&self, id: Id) -> FrameInfo {
        self.ops[id].frame
    }

    /// The operation.
    pub(crate) fn op(&self, id: Id) -> &Op {
        &self.ops[id].op
    }

    /// What the operation reads first.
    pub(crate) fn input(&self, id: Id) -> Id {
        self.ops[id].inputs.first().copied().unwrap_or(id)
    }

    /// Computes a frame again, after inputs changed.
    pub(crate) fn frame_of(&self, op: &Op, inputs: &[Id]) -> Result<FrameInfo, Error> {
        let input = || match inputs.first() {
            Some(id) => Ok(self.ops[*id].frame),
            None => Err(Error::new(
                ErrorKind::InvalidOperation,
                "an operation has no input",
            )),
        };
        Ok(match op {
            Op::Decode {
                options, header, ..
            } => {
                let n = options.linear_shrink;
                let (num, den) = options
                    .block_scale
                    .map_or((1, n), |scale| (scale.eighths, 8));
                let side = |v: u32| {
                    u32::try_from((u64::from(v) * u64::from(num)).div_ceil(u64::from(den)))
                        .unwrap_or(v)
                };
                let stored = options.draw_size.unwrap_or(header.stored);
                let size = Size::new(side(stored.width()), side(stored.height())).unwrap_or(stored);
                if n > 1 || options.linear_floats {
                    FrameInfo::float(size, header.alpha)
                } else {
                    FrameInfo::bgra8(size, header.alpha)
                }
            }
            Op::Canvas { size, alpha, .. } => FrameInfo::bgra8(*size, *alpha),
            Op::Crop(rect) => FrameInfo {
                size: rect.size(),
                ..input()?
            },
            Op::Resample(r) if r.floats => FrameInfo::float(r.size, input()?.alpha),
            Op::Resample(r) => FrameInfo::bgra8(r.size, input()?.alpha),
            Op::BoxShrink(n) => {
                let frame = input()?;
                let size = Size::new(
                    frame.size.width().div_ceil(*n),
                    frame.size.height().div_ceil(*n),
                )
                .unwrap_or(frame.size);
                FrameInfo::float(size, frame.alpha)
            }
            Op::Turn(turn) => {
                let frame = input()?;
                FrameInfo {
                    size: turn.size(frame.size),
                    ..frame
                }
            }
            Op::FlipH
            | Op::FillRect { .. }
            | Op::Draw { .. }
            | Op::Levels(_)
            | Op::ConvertColors { .. } => input()?,
            Op::Held(held) => *held.frame.info(),
            Op::ColorMatrix { alpha, .. } => FrameInfo {
                alpha: *alpha,
                ..input()?
            },
            Op::RoundCorners { color, .. } => {
                let frame = input()?;
                let alpha = if color.is_opaque() {
                    frame.alpha
                } else {
                    Alpha::Meaningful
                };
                FrameInfo { alpha, ..frame }
            }
            Op::Pad { canvas, color, .. } => {
                let alpha = if color.is_opaque() {
                    input()?.alpha
                } else {
                    Alpha::Meaningful
                };
                FrameInfo::bgra8(*canvas, alpha)
            }
            Op::Matte(color) => {
                let frame = input()?;
                FrameInfo {
                    alpha: if color.is_opaque() {
                        Alpha::Opaque
                    } else {
                        frame.alpha
                    },
                    ..frame
                }
            }
            Op::CopyRect { promote, .. } => {
                let canvas = input()?;
                let image = inputs.get(1).map_or(canvas, |id| self.ops[*id].frame);
                let alpha = if *promote && image.alpha.is_meaningful() {
                    Alpha::Meaningful
                } else {
                    canvas.alpha
                };
                FrameInfo { alpha, ..canvas }
            }
        })
    }

    /// The inputs whose frames are all wanted, and the outputs that take them: an animated decode above an animated
    /// encoder. Both ascending. An input that is decoded in two ways plays in the first of them.
    pub(crate) fn animations(&self) -> (Vec<(i32, DecodeOptions)>, Vec<i32>) {
        let mut sources: Vec<(i32, DecodeOptions)> = Vec::new();
        let mut outputs: Vec<i32> = Vec::new();
        for encode in self.encodes.iter().filter(|e| e.settings.animates()) {
            let animated = self.animated(encode.input);
            if !animated.is_empty() {
                outputs.push(encode.io_id);
                sources.extend(animated);
            }
        }
        sources.sort_by_key(|(io_id, _)| *io_id);
        sources.dedup_by_key(|(io_id, _)| *io_id);
        outputs.sort_unstable();
        (sources, outputs)
    }

    /// The inputs a frame is made of whose frames are all wanted.
    pub(crate) fn animated(&self, id: Id) -> Vec<(i32, DecodeOptions)> {
        let above = self.live_above([id]);
        let nodes = self.ops.iter().zip(above);
        nodes
            .filter(|(_, is_above)| *is_above)
            .flat_map(|(node, _)| match &node.op {
                Op::Decode {
                    io_id,
                    options,
                    header,
                } if header.multiple_frames && options.select_frame.is_none() => {
                    vec![(*io_id, *options)]
                }
                Op::Held(held) => held.animated.clone(),
                _ => Vec::new(),
            })
            .collect()
    }

    /// Which operations are read by an output or an unused frame, directly or not.
    pub(crate) fn live(&self) -> Vec<bool> {
        let ends = self.encodes.iter().map(|e| e.input);
        self.live_above(ends.chain(self.unused.iter().copied()))
    }

    /// Which operations these frames are made of, themselves included. Rewrites append operations that earlier ones read, so
    /// the order says nothing.
    fn live_above(&self, ends: impl IntoIterator<Item = Id>) -> Vec<bool> {
        let mut live = vec![false; self.ops.len()];
        let mut stack: Vec<Id> = ends.into_iter().collect();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut live[id], true) {
                stack.extend(&self.ops[id].inputs);
            }
        }
        live
    }
}
