//! How long the frames of a job took, in bounded space however many there are.

use std::collections::BTreeMap;
use std::time::Duration;

use super::FrameTimes;

/// Most frames that are listed one by one.
pub const MAX_FRAMES_LISTED: usize = 1000;
/// Most nodes that are listed in frames after the first.
pub const MAX_NODES_LISTED: usize = 10_000;

/// Collects the times of frames: those beyond the bounds are added up by node, and listed together as the last.
#[derive(Debug, Default)]
pub(super) struct Times {
    listed: Vec<FrameTimes>,
    nodes: usize,
    count: u64,
    rest: Option<Rest>,
}

#[derive(Debug, Default)]
struct Rest {
    wall: Duration,
    nodes: BTreeMap<String, Duration>,
}

impl Times {
    /// Frames so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn push(&mut self, frame: FrameTimes) {
        self.count = self.count.saturating_add(1);
        let nodes = self.nodes.saturating_add(frame.nodes.len());
        // One place is kept for the rest.
        let has_room = self.listed.len() < MAX_FRAMES_LISTED.saturating_sub(1)
            && (nodes <= MAX_NODES_LISTED || self.listed.is_empty());
        if has_room && self.rest.is_none() {
            self.nodes = nodes;
            self.listed.push(frame);
            return;
        }
        let rest = self.rest.get_or_insert_default();
        rest.wall = rest.wall.saturating_add(frame.wall);
        for (name, wall) in frame.nodes {
            let sum = rest.nodes.entry(name).or_default();
            *sum = sum.saturating_add(wall);
        }
    }

    pub(super) fn finish(self) -> Vec<FrameTimes> {
        let mut frames = self.listed;
        frames.extend(self.rest.map(|rest| FrameTimes {
            wall: rest.wall,
            nodes: rest.nodes.into_iter().collect(),
        }));
        frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(nodes: usize) -> FrameTimes {
        let node = |i: usize| (format!("node {i}"), Duration::from_micros(2));
        FrameTimes {
            wall: Duration::from_micros(3),
            nodes: (0..nodes).map(node).collect(),
        }
    }

    fn run(frames: usize, nodes: usize) -> Vec<FrameTimes> {
        let mut times = Times::default();
        (0..frames).for_each(|_| times.push(frame(nodes)));
        assert_eq!(times.count(), frames as u64);
        times.finish()
    }

    #[test]
    fn few_frames_are_listed_and_many_are_added_up() {
        for frames in [0, 1, MAX_FRAMES_LISTED - 1, MAX_FRAMES_LISTED] {
            assert_eq!(run(frames, 2), vec![frame(2); frames]);
        }
        let many = run(MAX_FRAMES_LISTED + 4, 2);
        assert_eq!(many.len(), MAX_FRAMES_LISTED);
        let last = many.last().map(|last| (last.wall, last.nodes.clone()));
        let sum = |name: &str| (name.to_owned(), Duration::from_micros(10));
        assert_eq!(
            last,
            Some((
                Duration::from_micros(15),
                vec![sum("node 0"), sum("node 1")]
            ))
        );
    }

    #[test]
    fn frames_of_many_nodes_are_added_up_sooner() {
        let times = run(500, 400);
        let nodes: usize = times.iter().map(|frame| frame.nodes.len()).sum();
        assert!(
            (MAX_NODES_LISTED..=MAX_NODES_LISTED + 400).contains(&nodes),
            "{nodes}"
        );
        assert_eq!(run(1, 50_000), [frame(50_000)]);
        let wall: Duration = times.iter().map(|frame| frame.wall).sum();
        assert_eq!(wall, Duration::from_micros(1500));
    }
}
