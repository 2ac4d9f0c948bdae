//! Nodes → primitive operations. The everyday nodes are here, the others in files named after what they do.

use std::sync::Arc;

use imageflow_codecs::Header;
use imageflow_pixels::ops::Turn;
use imageflow_pixels::resample::{Filter, WorkingSpace};
use imageflow_pixels::{FrameInfo, Rect, RectF, Size};
use imageflow_types::{Constraint, Node, ResampleHints};

use super::Planning;
use super::graph::{GraphNode, JobGraph, node_name};
use super::ir::{DecodeScale, Id, Ir, Op, ResampleOp};
use super::probe::{self, Probe};
use super::profile::ProfileId;
use super::resample;
use super::smart::Search;
use crate::error::{Error, ErrorKind};

/// The decoder a frame comes from; with several, the one of the lowest id.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Source {
    /// The input.
    pub(super) io_id: i32,
    /// Its header.
    pub(super) header: Header,
    /// Whether all its frames are wanted.
    pub(super) animated: bool,
}

/// A frame on its way through the job.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Branch {
    /// The operation that makes it.
    pub(super) id: Id,
    /// Where it comes from.
    pub(super) source: Option<Source>,
    /// The colours it is in; sRGB when `None`.
    pub(super) profile: Option<ProfileId>,
}

impl Branch {
    /// The branch after an operation.
    pub(super) fn then(self, id: Id) -> Branch {
        Branch { id, ..self }
    }
}

/// Expands one node after the other.
pub(super) struct Expander<'a> {
    pub(super) ir: Ir,
    pub(super) planning: Planning<'a>,
    /// How many nodes looked at pixels.
    pub(super) surveys: usize,
    /// Profiles of frames that are not in sRGB.
    pub(super) profiles: Vec<Arc<Vec<u8>>>,
}

/// Expands a whole graph.
pub(super) fn expand(graph: &JobGraph<'_>, planning: Planning<'_>) -> Result<Ir, Error> {
    let mut expander = Expander::new(planning);
    for node in &graph.nodes {
        expander
            .check_parameters(node.node)
            .map_err(|e| e.at_node(node.describe()))?;
    }
    let mut branches: Vec<Option<Branch>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let parent = |at: Option<usize>| at.and_then(|at| branches.get(at).copied().flatten());
        let branch = expander
            .node(node, parent(node.input), parent(node.canvas))
            .map_err(|e| e.at_node(node.describe()))?;
        if let Some(branch) = branch.filter(|_| node.consumers == 0) {
            expander.ir.unused.push(branch.id);
        }
        branches.push(branch);
    }
    Ok(expander.ir)
}

impl Expander<'_> {
    /// Nothing is expanded yet.
    pub(super) fn new(planning: Planning<'_>) -> Expander<'_> {
        Expander {
            ir: Ir::default(),
            planning,
            surveys: 0,
            profiles: Vec::new(),
        }
    }

    /// Adds an operation on one input.
    pub(super) fn add(&mut self, op: Op, input: Id) -> Result<Id, Error> {
        self.ir.add(op, &[input], self.planning.limits)
    }

    pub(super) fn frame(&self, id: Id) -> FrameInfo {
        self.ir.frame(id)
    }

    /// Expands a node of the graph; `None` for one that ends its branch.
    fn node(
        &mut self,
        node: &GraphNode<'_>,
        input: Option<Branch>,
        canvas: Option<Branch>,
    ) -> Result<Option<Branch>, Error> {
        match node.node {
            Node::Encode {
                io_id,
                preset,
                metadata,
            } => {
                let policy = metadata.unwrap_or_default();
                self.encode(*io_id, preset, policy, required(input)?, node.describe())?;
                return Ok(None);
            }
            Node::CommandString {
                value,
                decode,
                encode,
                watermarks,
                ..
            } => {
                let branch = self.command_string(value, *decode, input, watermarks.as_deref())?;
                if let Some(io_id) = encode {
                    let (preset, policy) = super::command::encoding(value);
                    self.encode(*io_id, &preset, policy, branch, node.describe())?;
                    if node.consumers == 0 {
                        return Ok(None);
                    }
                }
                return Ok(Some(branch));
            }
            _ => {}
        }
        self.frame_node(node.node, input, canvas).map(Some)
    }

    /// Expands a node that makes a frame of frames.
    pub(super) fn frame_node(
        &mut self,
        node: &Node,
        input: Option<Branch>,
        canvas: Option<Branch>,
    ) -> Result<Branch, Error> {
        match node {
            Node::Decode { io_id, commands } => {
                self.decode(*io_id, commands.as_deref().unwrap_or_default())
            }
            Node::CreateCanvas {
                format,
                w,
                h,
                color,
            } => self.create_canvas(*format, *w, *h, color),
            Node::CopyRectToCanvas {
                from_x,
                from_y,
                w,
                h,
                x,
                y,
            } => self.copy_rect(
                required(input)?,
                required(canvas)?,
                [*from_x, *from_y],
                [*w, *h],
                [*x, *y],
            ),
            Node::DrawImageExact {
                x,
                y,
                w,
                h,
                blend,
                hints,
            } => self.draw_image(
                required(input)?,
                required(canvas)?,
                [*x, *y],
                [*w, *h],
                *blend,
                hints.as_ref(),
            ),
            Node::Watermark(mark) => self.watermark(required(input)?, mark),
            _ => {
                let branch = required(input)?;
                Ok(branch.then(self.one_input(node, branch.id)?))
            }
        }
    }

    fn one_input(&mut self, node: &Node, input: Id) -> Result<Id, Error> {
        match node {
            Node::FlipV => self.add(Op::Turn(Turn::FlipV), input),
            Node::FlipH => self.add(Op::FlipH, input),
            Node::Transpose => self.add(Op::Turn(Turn::Transpose), input),
            Node::Rotate90 => self.add(Op::Turn(Turn::Rotate90), input),
            Node::Rotate180 => self.add(Op::Turn(Turn::Rotate180), input),
            Node::Rotate270 => self.add(Op::Turn(Turn::Rotate270), input),
            Node::ApplyOrientation { flag } => self.orient(input, *flag),
            Node::Crop { x1, y1, x2, y2 } => self.crop(input, [*x1, *y1, *x2, *y2]),
            Node::Region {
                x1,
                y1,
                x2,
                y2,
                background_color,
            } => self.region(input, [*x1, *y1, *x2, *y2], background_color),
            Node::RegionPercent {
                x1,
                y1,
                x2,
                y2,
                background_color,
            } => self.region_percent(input, [*x1, *y1, *x2, *y2], background_color),
            Node::ExpandCanvas {
                left,
                top,
                right,
                bottom,
                color,
            } => self.expand_canvas(input, [*left, *top, *right, *bottom], color),
            Node::FillRect {
                x1,
                y1,
                x2,
                y2,
                color,
            } => self.fill_rect(input, [*x1, *y1, *x2, *y2], color),
            Node::Resample2d { w, h, hints } => {
                resample::resample(self, input, *w, *h, hints.as_ref())
            }
            Node::Constrain(constraint) => self.constrain(input, constraint),
            Node::CropWhitespace {
                threshold,
                percent_padding,
            } => self.crop_whitespace(input, *threshold, *percent_padding),
            Node::RoundImageCorners {
                radius,
                background_color,
            } => self.round_corners(input, radius, background_color),
            Node::WhiteBalanceHistogramAreaThresholdSrgb { threshold } => {
                self.white_balance(input, *threshold)
            }
            Node::ColorMatrixSrgb { matrix } => self.color_matrix(input, matrix),
            Node::ColorFilterSrgb(filter) => self.color_filter(input, filter),
            Node::WatermarkRedDot => self.red_dot(input),
            Node::Decode { .. }
            | Node::Encode { .. }
            | Node::CommandString { .. }
            | Node::CreateCanvas { .. }
            | Node::CopyRectToCanvas { .. }
            | Node::DrawImageExact { .. }
            | Node::Watermark(_) => Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("{} does not make a frame of one frame", node_name(node)),
            )),
        }
    }

    pub(super) fn decode(
        &mut self,
        io_id: i32,
        commands: &[imageflow_types::DecoderCommand],
    ) -> Result<Branch, Error> {
        let input = self.planning.io.input(io_id)?;
        let probe =
            probe::probe(input, commands, self.planning.control).map_err(|e| e.at_io(io_id))?;
        self.decoded(io_id, &probe).map_err(|e| e.at_io(io_id))
    }

    /// Reads a header without adding anything.
    pub(super) fn probe(
        &self,
        io_id: i32,
        commands: &[imageflow_types::DecoderCommand],
    ) -> Result<Probe, Error> {
        probe::probe(
            self.planning.io.input(io_id)?,
            commands,
            self.planning.control,
        )
        .map_err(|e| e.at_io(io_id))
    }

    /// Adds a decode, its reduction and its orientation.
    pub(super) fn decoded(&mut self, io_id: i32, probe: &Probe) -> Result<Branch, Error> {
        let mut probe = *probe;
        let profile = self.source_profile(io_id, &mut probe)?;
        let Probe {
            header,
            options,
            scaled,
            scale,
            colors,
        } = probe;
        self.planning.limits.check_decode(scaled)?;
        if scale == Some(DecodeScale::Exact) {
            // It is reduced when it is decoded.
            self.planning.limits.check_decode(header.stored)?;
        }
        self.planning.limits.check_file_pixels(header.stored)?;
        self.planning
            .limits
            .check_frame(u64::from(scaled.width()), u64::from(scaled.height()))?;
        let mut id = self.ir.add(
            Op::Decode {
                io_id,
                options,
                header,
            },
            &[],
            self.planning.limits,
        )?;
        if let Some(scale) = scale {
            id = self.add(Op::Resample(decode_scale(header.stored, scaled, scale)), id)?;
        }
        let (id, profile) = self.in_colors(id, colors, profile)?;
        let id = self.orient(id, i32::from(header.orientation))?;
        Ok(Branch {
            id,
            profile,
            source: Some(Source {
                io_id,
                header,
                animated: header.multiple_frames && options.select_frame.is_none(),
            }),
        })
    }

    /// Turns by an EXIF orientation; other flags do nothing.
    fn orient(&mut self, input: Id, flag: i32) -> Result<Id, Error> {
        let turn = match flag {
            2 => return self.add(Op::FlipH, input),
            3 => Turn::Rotate180,
            4 => Turn::FlipV,
            5 => Turn::Transpose,
            6 => Turn::Rotate90,
            7 => Turn::Transverse,
            8 => Turn::Rotate270,
            _ => return Ok(input),
        };
        self.add(Op::Turn(turn), input)
    }

    fn constrain(&mut self, input: Id, constraint: &Constraint) -> Result<Id, Error> {
        let size = self.frame(input).size;
        let layout = imageflow_querystring::constrain((size.width(), size.height()), constraint)
            .map_err(|e| {
                Error::new(
                    ErrorKind::InvalidNodeParams,
                    format!("Constraint error: {e}"),
                )
            })?;
        let mut id = input;
        if let Some(search) = Search::new(layout.search, layout.crop) {
            id = self.smart_crop(id, search)?;
        } else if let Some(rect) = layout.crop {
            id = self.crop(id, rect)?;
        }
        let mut hints: ResampleHints = constraint.hints.clone().unwrap_or_default();
        if constraint.canvas_color.is_some() {
            hints.background_color.clone_from(&constraint.canvas_color);
        }
        id = resample::resample(self, id, layout.image.0, layout.image.1, Some(&hints))?;
        let color = constraint.canvas_color.clone().unwrap_or_default();
        self.expand_canvas(id, layout.pad, &color)
    }
}

/// The resample that stands for a decoder's own reduction. A WebP decoder may also be told to enlarge; 2.x's interpolates
/// linearly then.
fn decode_scale(stored: Size, scaled: Size, scale: DecodeScale) -> ResampleOp {
    let larger = scaled.width() > stored.width() || scaled.height() > stored.height();
    let is_linear = matches!(scale, DecodeScale::Blocks(blocks) if blocks.gamma);
    ResampleOp {
        source: RectF::from(Rect::of(stored)),
        size: scaled,
        filter: if larger {
            Filter::Triangle
        } else {
            Filter::Robidoux
        },
        sharpen: 0.0,
        space: if is_linear {
            WorkingSpace::Linear
        } else {
            WorkingSpace::Srgb
        },
        matte: None,
        floats: false,
        decode_scale: Some(scale),
    }
}

/// The graph checked that it is there; this says so once more instead of panicking.
fn required(branch: Option<Branch>) -> Result<Branch, Error> {
    branch.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "Parent node produced no frame"))
}
