//! Which rows are produced when: the pump's bookkeeping, apart from pixels.
//!
//! Demand is worked off with an explicit stack, so a chain of thousands of nodes needs no deep recursion. A node produces at
//! most one strip of rows at a time, so what lies above it is never asked for much more than it needs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use imageflow_pixels::{ControlError, JobControl};

/// Rows that some kernels work on together.
const GROUP: u32 = 4;

/// A step of work the flow asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Produce rows of a node; rows below `keep_from` are needed no more.
    Produce {
        /// The node.
        node: usize,
        /// The rows.
        rows: Range<u32>,
        /// The first row of the node that anyone still needs.
        keep_from: u32,
    },
    /// All readers of a node are done with it.
    Release {
        /// The node.
        node: usize,
    },
}

/// What the flow must know about a node.
pub(super) trait Windows {
    /// Rows of input `input` that rows `out` of `node` are made of.
    fn window(&self, node: usize, input: usize, out: Range<u32>) -> Range<u32>;
}

/// The shape of one node.
#[derive(Clone, Debug)]
pub(super) struct NodeShape {
    /// Rows of its frame.
    pub(super) height: u32,
    /// The nodes it reads.
    pub(super) inputs: Vec<usize>,
    /// Whether some reader needs the whole frame at once.
    pub(super) whole: bool,
    /// Whether it is a source, and if so the first row it will produce.
    pub(super) source_start: Option<u32>,
}

#[derive(Clone, Debug)]
struct NodeState {
    shape: NodeShape,
    /// The first rows that its readers still need.
    readers: Positions,
    /// For each input, which of the input's readers this node is.
    slots: Vec<usize>,
    produced: u32,
    released: bool,
}

/// Something that pulls: an output, or a frame that must be whole before its readers start.
#[derive(Clone, Debug)]
struct Target {
    node: usize,
    /// The sink, or `None` for a whole frame.
    sink: Option<usize>,
    /// Which of the node's readers the sink is.
    reader: Option<usize>,
    next: u32,
    /// Rows it took last time.
    rows: u32,
    /// Whole frames that must be complete before this can start.
    waits_for: Vec<usize>,
}

/// The state of all nodes and sinks.
///
/// A step costs what the nodes above its target cost, and the logarithm of how many targets and readers there are: a job of
/// a thousand outputs is a thousand times the work of one.
pub(super) struct Flow {
    nodes: Vec<NodeState>,
    targets: Vec<Target>,
    /// Targets that may take rows, the one that reaches least far first.
    ready: BinaryHeap<Reverse<(Reach, usize)>>,
    /// Targets whose frames are not whole yet.
    waiting: Vec<usize>,
    demand: Demand,
    strip: u32,
}

/// How far down the sources some rows reach: the fraction of a source's height, in units of 2⁻³².
type Reach = u64;

/// Room for walking from a node to its sources; empty between walks.
#[derive(Default)]
struct Demand {
    /// The end of the rows that are wanted of each node.
    ends: Vec<u32>,
    /// Nodes to look at, the last in plan order first: whoever reads a node has been looked at before it.
    pending: BinaryHeap<usize>,
}

/// The first row that each reader of a node still needs: a tree of minima, so that one of many readers moves cheaply.
#[derive(Clone, Debug)]
struct Positions(Vec<u32>);

impl Positions {
    fn new(readers: usize) -> Positions {
        match readers {
            // Nobody needs anything.
            0 => Positions(vec![u32::MAX; 2]),
            _ => Positions(vec![0; 2 * readers]),
        }
    }

    /// The least of all.
    fn first(&self) -> u32 {
        self.0[1]
    }

    /// Moves a reader down.
    fn advance(&mut self, reader: usize, row: u32) {
        let mut at = self.0.len() / 2 + reader;
        self.0[at] = self.0[at].max(row);
        while at > 1 {
            self.0[at / 2] = self.0[at].min(self.0[at ^ 1]);
            at /= 2;
        }
    }
}

/// Rows a sink may take now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Turn {
    /// Index of the target, for [`Flow::advance`].
    target: usize,
    /// The node to read.
    pub(super) node: usize,
    /// The sink to feed; `None` when the rows only have to be there.
    pub(super) sink: Option<usize>,
    /// The rows.
    pub(super) rows: Range<u32>,
}

impl Flow {
    /// Sets up a flow. `sinks[i]` is the node that sink `i` reads. `strip` is in rows of the sources.
    pub(super) fn new(
        shapes: Vec<NodeShape>,
        sinks: &[usize],
        strip: u32,
        windows: &impl Windows,
    ) -> Flow {
        let mut readers = vec![0usize; shapes.len()];
        let mut next_reader = |node: usize| {
            readers[node] += 1;
            readers[node] - 1
        };
        let slots: Vec<Vec<usize>> = shapes
            .iter()
            .map(|shape| shape.inputs.iter().map(|i| next_reader(*i)).collect())
            .collect();
        let sink_readers: Vec<usize> = sinks.iter().map(|node| next_reader(*node)).collect();
        let nodes: Vec<NodeState> = (shapes.into_iter().zip(slots).zip(readers))
            .map(|((shape, slots), readers)| NodeState {
                produced: shape.source_start.unwrap_or(0),
                readers: Positions::new(readers),
                slots,
                shape,
                released: false,
            })
            .collect();
        let target = |node, sink, reader, waits_for| Target {
            node,
            sink,
            reader,
            next: 0,
            rows: 1,
            waits_for,
        };
        let mut targets: Vec<Target> = Vec::new();
        for node in (0..nodes.len()).filter(|node| nodes[*node].shape.whole) {
            targets.push(target(node, None, None, whole_above(&nodes, node)));
        }
        for ((sink, node), reader) in sinks.iter().enumerate().zip(sink_readers) {
            let mut waits_for = whole_above(&nodes, *node);
            waits_for.extend(nodes[*node].shape.whole.then_some(*node));
            targets.push(target(*node, Some(sink), Some(reader), waits_for));
        }
        let mut flow = Flow {
            demand: Demand {
                ends: vec![0; nodes.len()],
                pending: BinaryHeap::new(),
            },
            nodes,
            waiting: (0..targets.len()).collect(),
            targets,
            ready: BinaryHeap::new(),
            strip: strip.max(1),
        };
        flow.start_positions(windows);
        flow.wake(windows);
        flow
    }

    /// Readers begin at the first row they will ever need; stages begin at the first row their readers need.
    fn start_positions(&mut self, windows: &impl Windows) {
        for node in (0..self.nodes.len()).rev() {
            let first = self.keep_from(node);
            let state = &mut self.nodes[node];
            if state.shape.source_start.is_none() {
                state.produced = first;
            }
            for slot in 0..self.nodes[node].shape.inputs.len() {
                let position = windows.window(node, slot, first..first + 1).start;
                self.set_position(node, slot, position);
            }
        }
    }

    /// Says what a node still needs of an input, which is returned.
    fn set_position(&mut self, node: usize, slot: usize, position: u32) -> usize {
        let state = &self.nodes[node];
        let (input, reader) = (state.shape.inputs[slot], state.slots[slot]);
        self.nodes[input].readers.advance(reader, position);
        input
    }

    /// First row of a node that any reader still needs.
    fn keep_from(&self, node: usize) -> u32 {
        let state = &self.nodes[node];
        state.readers.first().min(state.shape.height)
    }

    /// The first row of a source that anyone needs.
    pub(super) fn first_needed(&self, node: usize) -> u32 {
        self.keep_from(node)
    }

    /// Makes targets ready whose frames are whole now.
    fn wake(&mut self, windows: &impl Windows) {
        for target in std::mem::take(&mut self.waiting) {
            let whole = |node: &usize| self.is_complete(*node);
            if self.targets[target].waits_for.iter().all(whole) {
                self.queue(target, windows);
            } else {
                self.waiting.push(target);
            }
        }
    }

    /// Puts a target that still has rows to take among the others.
    fn queue(&mut self, target: usize, windows: &impl Windows) {
        let Target { node, next, .. } = self.targets[target];
        if next >= self.nodes[node].shape.height {
            return;
        }
        // A single target is compared with nobody.
        let reach = match self.targets.len() {
            1 => 0,
            _ => self.reach(node, next + 1, windows).1,
        };
        self.ready.push(Reverse((reach, target)));
    }

    /// The target whose next rows need the lowest part of their sources, and how many rows it should take; `None` when all
    /// is done. [`Self::advance`] must follow.
    pub(super) fn next_turn(&mut self, windows: &impl Windows) -> Option<Turn> {
        let Reverse((_, index)) = self.ready.pop()?;
        let count = self.rows_for_a_strip(index, windows);
        let target = &mut self.targets[index];
        target.rows = count;
        Some(Turn {
            target: index,
            node: target.node,
            sink: target.sink,
            rows: target.next..target.next + count,
        })
    }

    /// How many rows of a target come from about one strip of its sources: a power of two, near what it was last time.
    fn rows_for_a_strip(&mut self, target: usize, windows: &impl Windows) -> u32 {
        let Target {
            node, next, rows, ..
        } = self.targets[target];
        let left = self.nodes[node].shape.height - next;
        let (one, _) = self.reach(node, next + 1, windows);
        let most = one.saturating_add(self.strip);
        let (strip, mut rows) = (self.strip, rows.min(left));
        let mut fits = |rows: u32| self.reach(node, next + rows, windows).0 <= most;
        while rows > 1 && !fits(rows) {
            rows /= 2;
        }
        while rows < strip.min(left) {
            let doubled = (rows * 2).min(strip).min(left);
            if !fits(doubled) {
                break;
            }
            rows = doubled;
        }
        rows
    }

    /// How far down rows `..end` of a node reach: the last row of any source, and the largest part of a source's height.
    fn reach(&mut self, node: usize, end: u32, windows: &impl Windows) -> (u32, Reach) {
        let Demand { ends, pending } = &mut self.demand;
        let (mut rows, mut reach) = (0, 0);
        ends[node] = end;
        pending.push(node);
        while let Some(at) = pending.pop() {
            let state = &self.nodes[at];
            let height = state.shape.height;
            let end = std::mem::take(&mut ends[at]).min(height);
            if end == 0 || state.shape.whole && state.produced >= height {
                continue;
            }
            if state.shape.source_start.is_some() {
                rows = rows.max(end);
                reach = reach.max((u64::from(end) << 32) / u64::from(height));
            }
            for (slot, input) in state.shape.inputs.iter().enumerate() {
                let wanted = windows.window(at, slot, end - 1..end).end;
                if wanted > 0 && ends[*input] == 0 {
                    pending.push(*input);
                }
                ends[*input] = ends[*input].max(wanted);
            }
        }
        (rows, reach)
    }

    fn is_complete(&self, node: usize) -> bool {
        self.nodes[node].produced >= self.nodes[node].shape.height
    }

    /// Calls `step` for every strip that must be produced so that rows `..turn.rows.end` are there.
    pub(super) fn produce<E>(
        &mut self,
        turn: &Turn,
        windows: &impl Windows,
        mut step: impl FnMut(Step) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut stack = vec![(turn.node, turn.rows.end)];
        while let Some((node, end)) = stack.last().copied() {
            let state = &self.nodes[node];
            let end = end.min(state.shape.height);
            if state.produced >= end {
                stack.pop();
                continue;
            }
            // Whole groups of rows where the strip allows: kernels work on GROUP rows at once.
            let end = if self.strip >= GROUP {
                end.next_multiple_of(GROUP).min(state.shape.height)
            } else {
                end
            };
            let rows = state.produced..end.min(state.produced.saturating_add(self.strip));
            let missing = state
                .shape
                .inputs
                .iter()
                .enumerate()
                .find_map(|(slot, input)| {
                    let needed = windows
                        .window(node, slot, rows.clone())
                        .end
                        .min(self.nodes[*input].shape.height);
                    (self.nodes[*input].produced < needed).then_some((*input, needed))
                });
            if let Some(missing) = missing {
                stack.push(missing);
                continue;
            }
            step(Step::Produce {
                node,
                rows: rows.clone(),
                keep_from: self.keep_from(node),
            })?;
            self.nodes[node].produced = rows.end;
            self.moved(node, rows.end, windows, &mut step)?;
        }
        Ok(())
    }

    /// Tells the inputs of a node that it stands at row `at`.
    fn moved<E>(
        &mut self,
        node: usize,
        at: u32,
        windows: &impl Windows,
        step: &mut impl FnMut(Step) -> Result<(), E>,
    ) -> Result<(), E> {
        let done = at >= self.nodes[node].shape.height;
        for slot in 0..self.nodes[node].shape.inputs.len() {
            let position = if done {
                u32::MAX
            } else {
                windows.window(node, slot, at..at + 1).start
            };
            let input = self.set_position(node, slot, position);
            self.release(input, step)?;
        }
        Ok(())
    }

    fn release<E>(
        &mut self,
        node: usize,
        step: &mut impl FnMut(Step) -> Result<(), E>,
    ) -> Result<(), E> {
        let state = &mut self.nodes[node];
        if !state.released && state.readers.first() == u32::MAX {
            state.released = true;
            step(Step::Release { node })?;
        }
        Ok(())
    }

    /// Notes that a turn is done.
    pub(super) fn advance<E>(
        &mut self,
        turn: &Turn,
        windows: &impl Windows,
        mut step: impl FnMut(Step) -> Result<(), E>,
    ) -> Result<(), E> {
        let target = &mut self.targets[turn.target];
        target.next = turn.rows.end;
        let done = target.next >= self.nodes[turn.node].shape.height;
        match target.reader {
            Some(reader) => {
                let position = if done { u32::MAX } else { turn.rows.end };
                self.nodes[turn.node].readers.advance(reader, position);
                self.release(turn.node, &mut step)?;
            }
            // A frame is whole.
            None if done => self.wake(windows),
            None => {}
        }
        self.queue(turn.target, windows);
        Ok(())
    }

    /// Walks the whole flow without pixels and returns the most rows each node holds at once.
    ///
    /// # Errors
    /// When the job was cancelled or is late.
    pub(super) fn dry_run(
        mut self,
        windows: &impl Windows,
        control: &JobControl,
    ) -> Result<Vec<u32>, ControlError> {
        let mut heights = vec![1u32; self.nodes.len()];
        while let Some(turn) = self.next_turn(windows) {
            control.check()?;
            let mut note = |step: Step| {
                if let Step::Produce {
                    node,
                    rows,
                    keep_from,
                } = step
                {
                    heights[node] = heights[node].max(rows.end - keep_from.min(rows.start));
                }
                Ok::<(), std::convert::Infallible>(())
            };
            let Ok(()) = self.produce(&turn, windows, &mut note);
            let Ok(()) = self.advance(&turn, windows, &mut note);
        }
        Ok(heights)
    }
}

/// The whole frames among the nodes that `node` is made of, down to but not through them.
fn whole_above(nodes: &[NodeState], node: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut seen = vec![false; nodes.len()];
    let mut stack = nodes[node].shape.inputs.clone();
    while let Some(at) = stack.pop() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        if nodes[at].shape.whole {
            found.push(at);
        } else {
            stack.extend(&nodes[at].shape.inputs);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Stages that read the row they make, and count how often they are asked.
    struct Counting(Cell<u64>);

    impl Windows for Counting {
        fn window(&self, _node: usize, _input: usize, out: Range<u32>) -> Range<u32> {
            self.0.set(self.0.get() + 1);
            out
        }
    }

    /// Questions asked to walk a flow.
    fn questions(shapes: Vec<NodeShape>, sinks: &[usize]) -> u64 {
        let windows = Counting(Cell::new(0));
        let flow = Flow::new(shapes, sinks, 16, &windows);
        let heights = flow.dry_run(&windows, &JobControl::default());
        assert!(heights.is_ok());
        windows.0.get()
    }

    fn node(inputs: Vec<usize>, whole: bool) -> NodeShape {
        NodeShape {
            height: 1000,
            source_start: inputs.is_empty().then_some(0),
            inputs,
            whole,
        }
    }

    /// A source and `count` stages on it, each with an output.
    fn fan(count: usize) -> u64 {
        let stages = (0..count).map(|_| node(vec![0], false));
        let shapes = std::iter::once(node(Vec::new(), false)).chain(stages);
        questions(shapes.collect(), &(1..=count).collect::<Vec<_>>())
    }

    /// A source and `count` stages one after the other, every second of which needs its whole input.
    fn chain(count: usize) -> u64 {
        let stages = (0..count).map(|i| node(vec![i], i % 2 == 0));
        let shapes = std::iter::once(node(Vec::new(), true)).chain(stages);
        questions(shapes.collect(), &[count])
    }

    #[test]
    fn twice_the_outputs_or_stages_are_twice_the_work() {
        for walk in [fan, chain] {
            let (one, two) = (walk(200), walk(400));
            assert!(two * 10 <= one * 23, "{one} {two}");
        }
    }

    #[test]
    fn the_least_position_is_that_of_the_last_reader() {
        let mut positions = Positions::new(5);
        for reader in 0..5 {
            assert_eq!(positions.first(), 0);
            positions.advance(reader, 10 + reader as u32);
        }
        assert_eq!(positions.first(), 10);
        positions.advance(0, u32::MAX);
        assert_eq!(positions.first(), 11);
        assert_eq!(Positions::new(0).first(), u32::MAX);
    }
}
