//! The one loop that moves pixels.

use std::ops::Range;
use std::time::{Duration, Instant};

use imageflow_codecs::EncoderSettings;
use imageflow_pixels::{
    Access, FrameInfo, JobControl, RowBuf, RowSink, RowSource, Rows, Scratch, Stage, StreamError,
};

use super::flow::{Flow, NodeShape, Step, Windows};
use super::{forecast, goal, threads};
use crate::error::{Error, ErrorKind};
use crate::io::IoTable;
use crate::job::Encoded;
use crate::limits::SecurityLimits;
use crate::plan::{Plan, PlanNode, PlanSink, Producer, SinkKind};

/// Rows of the sources that are worked on together: enough to spread the cost of a step, few enough to stay in cache.
pub(super) const STRIP_ROWS: u32 = 16;

/// What a job wrote, and how long its stages took.
pub(super) type Outcome = (Vec<Encoded>, Vec<(String, Duration)>);

/// The part of a plan that stays as it is while rows move.
pub(super) struct Stages(Vec<Option<Box<dyn Stage>>>);

impl Windows for Stages {
    fn window(&self, node: usize, input: usize, out: Range<u32>) -> Range<u32> {
        self.0[node]
            .as_ref()
            .map_or(0..0, |stage| stage.window(input, out))
    }
}

/// What else there is to know about a node.
pub(super) struct NodeFacts {
    pub(super) frame: FrameInfo,
    inputs: Vec<usize>,
    label: String,
    io_id: Option<i32>,
}

/// A sink at work; `None` drops its rows.
struct Drain {
    sink: Option<Box<dyn RowSink>>,
    /// What is written, if anything is.
    encodes: Option<EncodeFacts>,
    frame: FrameInfo,
}

/// An output, how it is written, and the node that asks for it.
struct EncodeFacts {
    io_id: i32,
    settings: EncoderSettings,
    node: String,
    goal: goal::Report,
}

/// Runs a plan with strips of `strip` source rows.
pub(super) fn run(
    plan: Plan,
    io: &IoTable,
    limits: &SecurityLimits,
    control: &JobControl,
    strip: u32,
) -> Result<Outcome, Error> {
    let Plan {
        nodes,
        sinks,
        decoder_bytes,
    } = plan;
    let ends: Vec<usize> = sinks.iter().map(|sink| sink.input).collect();
    let mut parts = split(nodes);
    let (shapes, heights) = rings(&mut parts, &ends, strip, control)?;
    let Parts {
        stages,
        sources,
        facts,
    } = parts;
    let rings: u64 = facts
        .iter()
        .zip(&heights)
        .map(|(facts, height)| RowBuf::bytes_for(&facts.frame, *height))
        .sum();
    // Refuse a job now rather than run out of its budget later.
    let held = control.used_bytes();
    let moving = rings.saturating_add(decoder_bytes).saturating_add(held);
    let peak = forecast::peak(&sinks, |node| facts[node].frame, moving);
    limits.check_memory(peak)?;
    drop(control.reserve(peak.saturating_sub(held))?);
    let drains = open_sinks(sinks, &facts, io, limits, control)?;
    let sources = sources
        .into_iter()
        .map(|s| s.map(|s| threads::threaded_source(s, control)))
        .collect();
    let rings = facts.iter().map(|_| None).collect();
    let spent = vec![Duration::ZERO; facts.len()];
    let mover = Mover {
        stages: &stages,
        facts: &facts,
        heights,
        sources,
        rings,
        scratch: Scratch::default(),
        drains,
        spent,
        control,
    };
    mover.run(Flow::new(shapes, &ends, strip, &stages))
}

/// A plan's nodes, taken apart.
pub(super) struct Parts {
    stages: Stages,
    sources: Vec<Option<Box<dyn RowSource>>>,
    pub(super) facts: Vec<NodeFacts>,
}

/// Lets sources skip what nobody needs, and finds how many rows of each node must be held at once.
pub(super) fn rings(
    parts: &mut Parts,
    ends: &[usize],
    strip: u32,
    control: &JobControl,
) -> Result<(Vec<NodeShape>, Vec<u32>), Error> {
    let Parts {
        stages,
        sources,
        facts,
    } = parts;
    let shapes = shapes(stages, facts);
    let starts = skip_unneeded_rows(
        &Flow::new(shapes.clone(), ends, strip, stages),
        sources,
        facts,
    )?;
    let shapes: Vec<NodeShape> = shapes
        .into_iter()
        .zip(starts)
        .map(|(shape, start)| NodeShape {
            source_start: start,
            ..shape
        })
        .collect();
    // Rings of whole groups of four rows, so that a group never wraps around.
    let heights = Flow::new(shapes.clone(), ends, strip, stages)
        .dry_run(stages, control)?
        .into_iter()
        .map(|h| h.next_multiple_of(4))
        .collect();
    Ok((shapes, heights))
}

/// Takes the nodes of a plan apart.
pub(super) fn split(nodes: Vec<PlanNode>) -> Parts {
    let mut parts = Parts {
        stages: Stages(Vec::new()),
        sources: Vec::new(),
        facts: Vec::new(),
    };
    for node in nodes {
        parts.facts.push(NodeFacts {
            frame: node.frame(),
            inputs: node.inputs,
            label: node.label,
            io_id: node.io_id,
        });
        let (source, stage) = match node.producer {
            Producer::Source(source) => (Some(source), None),
            Producer::Stage(stage) => (None, Some(stage)),
        };
        parts.sources.push(source);
        parts.stages.0.push(stage);
    }
    parts
}

fn shapes(stages: &Stages, facts: &[NodeFacts]) -> Vec<NodeShape> {
    let mut shapes: Vec<NodeShape> = facts
        .iter()
        .zip(&stages.0)
        .map(|(facts, stage)| NodeShape {
            height: facts.frame.size.height(),
            inputs: facts.inputs.clone(),
            whole: false,
            source_start: stage.is_none().then_some(0),
        })
        .collect();
    for (facts, stage) in facts.iter().zip(&stages.0) {
        if stage
            .as_ref()
            .is_some_and(|stage| stage.access() == Access::WholeFrame)
        {
            facts
                .inputs
                .iter()
                .for_each(|input| shapes[*input].whole = true);
        }
    }
    shapes
}

/// Lets sources pass over the rows above the first one that is needed; returns where each source starts.
fn skip_unneeded_rows(
    flow: &Flow,
    sources: &mut [Option<Box<dyn RowSource>>],
    facts: &[NodeFacts],
) -> Result<Vec<Option<u32>>, Error> {
    sources
        .iter_mut()
        .enumerate()
        .map(|(i, source)| {
            let Some(source) = source else {
                return Ok(None);
            };
            let first = flow.first_needed(i);
            let skipped =
                first > 0 && source.skip_rows(first).map_err(|e| at(e, facts[i].io_id))?;
            Ok(Some(if skipped { first } else { 0 }))
        })
        .collect()
}

fn open_sinks(
    sinks: Vec<PlanSink>,
    facts: &[NodeFacts],
    io: &IoTable,
    limits: &SecurityLimits,
    control: &JobControl,
) -> Result<Vec<Drain>, Error> {
    let frame_of = |sink: &PlanSink| facts[sink.input].frame;
    for sink in &sinks {
        if let SinkKind::Encode { node, .. } | SinkKind::Frame { node, .. } = &sink.kind {
            limits
                .check_encode(frame_of(sink).size)
                .map_err(|e| e.at_node(node))?;
        }
    }
    sinks
        .into_iter()
        .map(|plan| {
            let frame = frame_of(&plan);
            let threaded = |sink| Some(threads::threaded_sink(sink, frame, control));
            let (sink, encodes) = match plan.kind {
                SinkKind::Discard => (None, None),
                SinkKind::Rows(rows) => (Some(rows), None),
                #[cfg(test)]
                SinkKind::Capture(rows) => (
                    threaded(Box::new(super::reference::Capture(rows.clone())) as Box<dyn RowSink>),
                    None,
                ),
                SinkKind::Frame {
                    io_id,
                    settings,
                    node,
                    rows,
                } => {
                    let facts = EncodeFacts {
                        io_id,
                        settings,
                        node,
                        goal: goal::Report::default(),
                    };
                    (threaded(rows), Some(facts))
                }
                SinkKind::Encode {
                    io_id,
                    settings,
                    metadata,
                    goal,
                    node,
                } => {
                    let place = |e: Error| e.at_io(io_id).at_node(&node);
                    let output = io
                        .output(io_id)
                        .and_then(|output| output.begin())
                        .map_err(place)?;
                    let report = goal::Report::default();
                    let sink = match goal {
                        Some(goal) => goal::sink(
                            settings,
                            metadata,
                            goal,
                            frame,
                            output,
                            control,
                            report.clone(),
                        ),
                        None => imageflow_codecs::encoder_with(
                            &settings, &metadata, frame, output, control,
                        ),
                    };
                    let sink = sink.map_err(|e| place(e.into()))?;
                    let facts = EncodeFacts {
                        io_id,
                        settings,
                        node,
                        goal: report,
                    };
                    (threaded(sink), Some(facts))
                }
            };
            Ok(Drain {
                sink,
                encodes,
                frame,
            })
        })
        .collect()
}

fn at(error: StreamError, io_id: Option<i32>) -> Error {
    let error = Error::from(error);
    match io_id {
        Some(io_id) => error.at_io(io_id),
        None => error,
    }
}

/// Everything that changes while rows move.
struct Mover<'a> {
    stages: &'a Stages,
    facts: &'a [NodeFacts],
    heights: Vec<u32>,
    sources: Vec<Option<Box<dyn RowSource>>>,
    rings: Vec<Option<RowBuf>>,
    scratch: Scratch,
    drains: Vec<Drain>,
    spent: Vec<Duration>,
    control: &'a JobControl,
}

impl Mover<'_> {
    fn run(mut self, mut flow: Flow) -> Result<Outcome, Error> {
        let stages = self.stages;
        while let Some(turn) = flow.next_turn(stages) {
            self.control.check()?;
            flow.produce(&turn, stages, |step| self.step(step))?;
            if let Some(sink) = turn.sink {
                self.feed(sink, turn.node, turn.rows.clone())?;
            }
            flow.advance(&turn, stages, |step| self.step(step))?;
        }
        self.finish()
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        match step {
            Step::Produce {
                node,
                rows,
                keep_from,
            } => {
                let start = Instant::now();
                let result = self.produce(node, rows, keep_from);
                self.spent[node] += start.elapsed();
                result
            }
            Step::Release { node } => {
                self.rings[node] = None;
                self.sources[node] = None;
                Ok(())
            }
        }
    }

    fn produce(&mut self, node: usize, rows: Range<u32>, keep_from: u32) -> Result<(), Error> {
        let facts = &self.facts[node];
        let mut ring = match self.rings[node].take() {
            Some(ring) => ring,
            None => RowBuf::new(facts.frame, self.heights[node], self.control)?,
        };
        let mut out = ring.advance(rows.clone(), keep_from);
        if let Some(source) = &mut self.sources[node] {
            self.control.check()?;
            source.read_rows(&mut out).map_err(|e| at(e, facts.io_id))?;
        } else if let Some(stage) = &self.stages.0[node] {
            let mut inputs: Vec<Rows<'_>> = Vec::with_capacity(facts.inputs.len());
            for (slot, input) in facts.inputs.iter().enumerate() {
                let window = stage.window(slot, rows.clone());
                inputs.push(match &self.rings[*input] {
                    Some(ring) if !window.is_empty() => ring.rows(window),
                    _ if window.is_empty() => Rows::none(self.facts[*input].frame),
                    _ => return Err(lost(&facts.label)),
                });
            }
            stage.run(&inputs, &mut out, &mut self.scratch);
        }
        self.rings[node] = Some(ring);
        Ok(())
    }

    fn feed(&mut self, sink: usize, node: usize, rows: Range<u32>) -> Result<(), Error> {
        let drain = &mut self.drains[sink];
        let Some(sink) = &mut drain.sink else {
            return Ok(());
        };
        let ring = self.rings[node].as_ref().ok_or_else(|| lost("encoder"))?;
        let result = sink.write_rows(&ring.rows(rows));
        result.map_err(|e| sink_error(e, drain.encodes.as_ref()))
    }

    fn finish(mut self) -> Result<Outcome, Error> {
        self.sources.clear();
        self.rings.clear();
        let mut encodes = Vec::new();
        let mut times: Vec<(String, Duration)> = self
            .facts
            .iter()
            .zip(&self.spent)
            .map(|(facts, spent)| (facts.label.clone(), *spent))
            .collect();
        for drain in self.drains {
            let Some(sink) = drain.sink else { continue };
            self.control.check()?;
            let start = Instant::now();
            sink.finish()
                .map_err(|e| sink_error(e, drain.encodes.as_ref()))?;
            let Some(facts) = drain.encodes else { continue };
            times.push(("primitive_encoder".to_owned(), start.elapsed()));
            let size = drain.frame.size;
            encodes.push(Encoded {
                io_id: facts.io_id,
                width: size.width(),
                height: size.height(),
                format: facts.settings.format(),
                goal: facts.goal.take(),
            });
        }
        times.sort_by_key(|(_, spent)| std::cmp::Reverse(*spent));
        Ok((encodes, times))
    }
}

fn sink_error(error: StreamError, encodes: Option<&EncodeFacts>) -> Error {
    match encodes {
        Some(facts) => Error::from(error).at_io(facts.io_id).at_node(&facts.node),
        None => Error::from(error),
    }
}

fn lost(label: &str) -> Error {
    Error::new(
        ErrorKind::InternalError,
        format!("rows that {label} needs were released too early"),
    )
}
