//! Which rows are produced when: the pump's bookkeeping, apart from pixels.
//!
//! Demand is worked off with an explicit stack, so a chain of thousands of nodes needs no deep recursion. A node produces at
//! most one strip of rows at a time, so what lies above it is never asked for much more than it needs.

use std::ops::Range;

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

/// A reader of a node: input `slot` of node `node`, or sink `node` when `slot` is `None`.
#[derive(Clone, Copy, Debug)]
struct Reader {
    node: usize,
    slot: Option<usize>,
    /// First row it still needs; the height when it is done.
    position: u32,
}

#[derive(Clone, Debug)]
struct NodeState {
    shape: NodeShape,
    readers: Vec<Reader>,
    produced: u32,
    released: bool,
}

/// Something that pulls: an output, or a frame that must be whole before its readers start.
#[derive(Clone, Debug)]
struct Target {
    node: usize,
    /// The sink, or `None` for a whole frame.
    sink: Option<usize>,
    next: u32,
    /// Whole frames that must be complete before this can start.
    waits_for: Vec<usize>,
}

/// The state of all nodes and sinks.
pub(super) struct Flow {
    nodes: Vec<NodeState>,
    targets: Vec<Target>,
    strip: u32,
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
        let mut nodes: Vec<NodeState> = shapes
            .into_iter()
            .map(|shape| NodeState {
                produced: shape.source_start.unwrap_or(0),
                shape,
                readers: Vec::new(),
                released: false,
            })
            .collect();
        for node in 0..nodes.len() {
            for (slot, input) in nodes[node].shape.inputs.clone().into_iter().enumerate() {
                nodes[input].readers.push(Reader {
                    node,
                    slot: Some(slot),
                    position: 0,
                });
            }
        }
        for (sink, node) in sinks.iter().enumerate() {
            nodes[*node].readers.push(Reader {
                node: sink,
                slot: None,
                position: 0,
            });
        }
        let mut targets: Vec<Target> = Vec::new();
        for node in 0..nodes.len() {
            if nodes[node].shape.whole {
                targets.push(Target {
                    node,
                    sink: None,
                    next: 0,
                    waits_for: whole_above(&nodes, node),
                });
            }
        }
        for (sink, node) in sinks.iter().enumerate() {
            let mut waits_for = whole_above(&nodes, *node);
            waits_for.extend(nodes[*node].shape.whole.then_some(*node));
            targets.push(Target {
                node: *node,
                sink: Some(sink),
                next: 0,
                waits_for,
            });
        }
        let mut flow = Flow {
            nodes,
            targets,
            strip: strip.max(1),
        };
        flow.start_positions(windows);
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
            let inputs = state.shape.inputs.clone();
            for (slot, input) in inputs.into_iter().enumerate() {
                let position = windows.window(node, slot, first..first + 1).start;
                self.set_position(input, node, slot, position);
            }
        }
    }

    fn set_position(&mut self, input: usize, node: usize, slot: usize, position: u32) {
        for reader in &mut self.nodes[input].readers {
            if reader.node == node && reader.slot == Some(slot) {
                reader.position = reader.position.max(position);
            }
        }
    }

    /// First row of a node that any reader still needs.
    fn keep_from(&self, node: usize) -> u32 {
        let state = &self.nodes[node];
        state
            .readers
            .iter()
            .map(|r| r.position)
            .min()
            .unwrap_or(state.shape.height)
            .min(state.shape.height)
    }

    /// The first row of a source that anyone needs.
    pub(super) fn first_needed(&self, node: usize) -> u32 {
        self.keep_from(node)
    }

    /// The target whose next rows need the lowest part of their sources, and how many rows it should take; `None` when all
    /// is done.
    pub(super) fn next_turn(&self, windows: &impl Windows) -> Option<Turn> {
        let ready =
            |t: &&(usize, &Target)| t.1.waits_for.iter().all(|node| self.is_complete(*node));
        let unfinished: Vec<(usize, &Target)> = self
            .targets
            .iter()
            .enumerate()
            .filter(|(_, t)| t.next < self.nodes[t.node].shape.height)
            .collect();
        let (index, target) = match unfinished.as_slice() {
            [only] => *only,
            _ => *unfinished.iter().filter(ready).min_by(|a, b| {
                let reach = |t: &Target| self.reach(t.node, t.next + 1, windows);
                reach(a.1).total_cmp(&reach(b.1))
            })?,
        };
        let height = self.nodes[target.node].shape.height;
        let rows = target.next..(target.next + self.rows_for_a_strip(target, windows)).min(height);
        Some(Turn {
            target: index,
            node: target.node,
            sink: target.sink,
            rows,
        })
    }

    /// How many rows of a target come from about one strip of its sources.
    fn rows_for_a_strip(&self, target: &Target, windows: &impl Windows) -> u32 {
        let height = self.nodes[target.node].shape.height;
        let one = self.source_rows(target.node, target.next + 1, windows);
        let mut rows = 1;
        while rows < self.strip && target.next + rows < height {
            let doubled = (rows * 2).min(self.strip).min(height - target.next);
            let more = self.source_rows(target.node, target.next + doubled, windows);
            if more.saturating_sub(one) > u64::from(self.strip) {
                break;
            }
            rows = doubled;
            if doubled == height - target.next {
                break;
            }
        }
        rows
    }

    /// The highest row demanded of each node for rows `..end` of one node.
    fn demands(&self, node: usize, end: u32, windows: &impl Windows) -> Vec<u32> {
        let mut demand = vec![0u32; node + 1];
        demand[node] = end;
        for at in (0..=node).rev() {
            let end = demand[at].min(self.nodes[at].shape.height);
            if end == 0 || self.is_complete(at) && self.nodes[at].shape.whole {
                continue;
            }
            for (slot, input) in self.nodes[at].shape.inputs.iter().enumerate() {
                demand[*input] = demand[*input].max(windows.window(at, slot, end - 1..end).end);
            }
        }
        demand
    }

    fn source_rows(&self, node: usize, end: u32, windows: &impl Windows) -> u64 {
        let demand = self.demands(node, end, windows);
        demand
            .iter()
            .zip(&self.nodes)
            .filter(|(_, n)| n.shape.source_start.is_some())
            .map(|(d, _)| u64::from(*d))
            .max()
            .unwrap_or(0)
    }

    /// How far down its sources a target reaches, as a fraction of their heights.
    fn reach(&self, node: usize, end: u32, windows: &impl Windows) -> f64 {
        let demand = self.demands(node, end, windows);
        let sources = demand
            .iter()
            .zip(&self.nodes)
            .filter(|(_, n)| n.shape.source_start.is_some());
        sources
            .map(|(d, n)| f64::from(*d) / f64::from(n.shape.height))
            .fold(0.0, f64::max)
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
        for (slot, input) in self.nodes[node]
            .shape
            .inputs
            .clone()
            .into_iter()
            .enumerate()
        {
            let position = if done {
                u32::MAX
            } else {
                windows.window(node, slot, at..at + 1).start
            };
            self.set_position(input, node, slot, position);
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
        if !state.released && state.readers.iter().all(|r| r.position == u32::MAX) {
            state.released = true;
            step(Step::Release { node })?;
        }
        Ok(())
    }

    /// Notes that a turn is done.
    pub(super) fn advance<E>(
        &mut self,
        turn: &Turn,
        mut step: impl FnMut(Step) -> Result<(), E>,
    ) -> Result<(), E> {
        self.targets[turn.target].next = turn.rows.end;
        let Some(sink) = turn.sink else { return Ok(()) };
        let state = &mut self.nodes[turn.node];
        let position = if turn.rows.end >= state.shape.height {
            u32::MAX
        } else {
            turn.rows.end
        };
        for reader in state
            .readers
            .iter_mut()
            .filter(|r| r.slot.is_none() && r.node == sink)
        {
            reader.position = position;
        }
        self.release(turn.node, &mut step)
    }

    /// Walks the whole flow without pixels and returns the most rows each node holds at once.
    pub(super) fn dry_run(mut self, windows: &impl Windows) -> Vec<u32> {
        let mut heights = vec![1u32; self.nodes.len()];
        while let Some(turn) = self.next_turn(windows) {
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
            let Ok(()) = self.advance(&turn, &mut note);
        }
        heights
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
