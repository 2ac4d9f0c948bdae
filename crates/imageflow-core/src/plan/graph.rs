//! The shape of a job: steps or graph, checked and in topological order.

use std::collections::BTreeMap;

use imageflow_types::{Edge, EdgeKind, Framewise, Node};

use crate::error::{Error, ErrorKind};
use crate::suggest::listed;

/// Most nodes a job may have.
const MAX_NODES: usize = 2048;
/// Most edges a job may have.
const MAX_EDGES: usize = 4096;

/// A node and where its pixels come from.
#[derive(Debug)]
pub(crate) struct GraphNode<'a> {
    /// The key in the job (the index, for steps).
    pub(crate) key: i32,
    /// The node itself.
    pub(crate) node: &'a Node,
    /// Position of the input in [`JobGraph::nodes`].
    pub(crate) input: Option<usize>,
    /// Position of the canvas in [`JobGraph::nodes`].
    pub(crate) canvas: Option<usize>,
    /// How many nodes read this one.
    pub(crate) consumers: usize,
}

/// Nodes in an order in which every node follows those it reads.
#[derive(Debug)]
pub(crate) struct JobGraph<'a> {
    /// The nodes.
    pub(crate) nodes: Vec<GraphNode<'a>>,
}

impl<'a> JobGraph<'a> {
    /// Checks a job and orders its nodes.
    pub(crate) fn new(framewise: &'a Framewise) -> Result<JobGraph<'a>, Error> {
        let (nodes, edges) = match framewise {
            Framewise::Steps(steps) => {
                let nodes: BTreeMap<i32, &Node> = (0..).zip(steps).collect();
                let edges = (1..)
                    .take(steps.len().saturating_sub(1))
                    .map(|to| Edge {
                        from: to - 1,
                        to,
                        kind: EdgeKind::Input,
                    })
                    .collect();
                (nodes, edges)
            }
            Framewise::Graph(graph) => {
                let mut nodes = BTreeMap::new();
                for (key, node) in &graph.nodes {
                    let number = key
                        .parse()
                        .map_err(|_| invalid(format!("Node key '{key}' is not a valid i32")))?;
                    if nodes.insert(number, node).is_some() {
                        return Err(invalid(format!("Node key '{number}' appears twice")));
                    }
                }
                (nodes, graph.edges.clone())
            }
        };
        Self::checked(&nodes, &edges)
    }

    fn checked(nodes: &BTreeMap<i32, &'a Node>, edges: &[Edge]) -> Result<JobGraph<'a>, Error> {
        if nodes.len() > MAX_NODES {
            return Err(invalid(format!(
                "Graph has {} nodes, exceeding maximum of {MAX_NODES}",
                nodes.len()
            )));
        }
        if edges.len() > MAX_EDGES {
            return Err(invalid(format!(
                "Graph has {} edges, exceeding maximum of {MAX_EDGES}",
                edges.len()
            )));
        }
        if let Some(missing) = edges
            .iter()
            .flat_map(|e| [e.from, e.to])
            .find(|key| !nodes.contains_key(key))
        {
            let text = format!("Edge references missing node {missing}");
            let known = listed(nodes.keys().copied());
            return Err(invalid(text).advise(format_args!("nodes: {known}")));
        }
        let order = topological_order(nodes, edges)?;
        let position: BTreeMap<i32, usize> =
            order.iter().enumerate().map(|(i, key)| (*key, i)).collect();
        let mut incoming: BTreeMap<i32, [Vec<usize>; 2]> = BTreeMap::new();
        let mut consumers: BTreeMap<i32, usize> = BTreeMap::new();
        for edge in edges {
            *consumers.entry(edge.from).or_default() += 1;
            let by_kind = incoming.entry(edge.to).or_default();
            let slot = match edge.kind {
                EdgeKind::Input => &mut by_kind[0],
                EdgeKind::Canvas => &mut by_kind[1],
            };
            slot.extend(position.get(&edge.from));
        }
        let mut checked = Vec::with_capacity(order.len());
        for key in order {
            let Some(node) = nodes.get(&key) else {
                continue;
            };
            let [inputs, canvases] = incoming.remove(&key).unwrap_or_default();
            let node = GraphNode {
                key,
                node,
                input: inputs.first().copied(),
                canvas: canvases.first().copied(),
                consumers: consumers.get(&key).copied().unwrap_or(0),
            };
            node.check_connections(inputs.len(), canvases.len())
                .map_err(|e| e.at_node(node.describe()))?;
            checked.push(node);
        }
        Ok(JobGraph { nodes: checked })
    }
}

/// Which edges a kind of node reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Nothing,
    Input,
    InputOrNothing,
    InputAndCanvas,
}

impl GraphNode<'_> {
    /// Text for error messages: key and JSON name.
    pub(crate) fn describe(&self) -> String {
        format!("{}: {}", self.key, node_name(self.node))
    }

    fn reads(&self) -> Reads {
        match self.node {
            Node::Decode { .. } | Node::CreateCanvas { .. } => Reads::Nothing,
            Node::CommandString { .. } => Reads::InputOrNothing,
            Node::CopyRectToCanvas { .. } | Node::DrawImageExact { .. } => Reads::InputAndCanvas,
            _ => Reads::Input,
        }
    }

    fn check_connections(&self, inputs: usize, canvases: usize) -> Result<(), Error> {
        let connections = |what: &str| {
            let text = format!(
                "Node type {} requires {what}, but had {inputs} inputs, {canvases} canvases.",
                internal_name(self.node)
            );
            Err(Error::new(ErrorKind::InvalidNodeConnections, text))
        };
        let missing = |what: &str| {
            let text = format!("Parent {what} node not found");
            let (key, kind) = (self.key, what.to_lowercase());
            Err(Error::new(ErrorKind::GraphInvalid, text).advise(format_args!(
                "{} needs a frame from another node: in steps one before it, in a graph an edge \
                 {{\"from\":…,\"to\":{key},\"kind\":\"{kind}\"}}",
                node_name(self.node)
            )))
        };
        if matches!(self.node, Node::Encode { .. }) && self.consumers > 0 {
            let text = format!(
                "Node type primitive_encoder prohibits child nodes, but had {} outbound edges.",
                self.consumers
            );
            return Err(Error::new(ErrorKind::InvalidNodeConnections, text));
        }
        match self.reads() {
            Reads::Nothing if inputs + canvases > 0 => connections("NoInput"),
            Reads::Input if inputs == 0 => missing("Input"),
            Reads::Input | Reads::InputOrNothing if inputs > 1 || canvases > 0 => {
                connections("OneInput")
            }
            Reads::InputAndCanvas if inputs == 0 => missing("Input"),
            Reads::InputAndCanvas if canvases == 0 => missing("Canvas"),
            Reads::InputAndCanvas if inputs > 1 || canvases > 1 => connections("OneInputOneCanvas"),
            Reads::InputAndCanvas if self.input == self.canvas => Err(Error::new(
                ErrorKind::InvalidNodeConnections,
                "input and canvas are the same frame; give the node two different ones",
            )),
            _ => Ok(()),
        }
    }
}

fn invalid(text: String) -> Error {
    Error::new(ErrorKind::GraphInvalid, text)
}

/// Kahn's algorithm, smallest key first, so that the order does not depend on the order of edges.
fn topological_order(nodes: &BTreeMap<i32, &Node>, edges: &[Edge]) -> Result<Vec<i32>, Error> {
    let mut waiting: BTreeMap<i32, usize> = nodes.keys().map(|k| (*k, 0)).collect();
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for edge in edges {
        *waiting.entry(edge.to).or_default() += 1;
        children.entry(edge.from).or_default().push(edge.to);
    }
    let mut ready: std::collections::BTreeSet<i32> = waiting
        .iter()
        .filter(|(_, n)| **n == 0)
        .map(|(k, _)| *k)
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(key) = ready.pop_first() {
        order.push(key);
        for child in children.get(&key).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*child);
                }
            }
        }
    }
    if order.len() < nodes.len() {
        let waiting = waiting.keys().filter(|key| !order.contains(key));
        return Err(Error::new(ErrorKind::GraphCyclic, "").advise(format_args!(
            "a node must not need its own result; no order can be found for the nodes {}",
            listed(waiting.copied())
        )));
    }
    Ok(order)
}

/// The JSON name of a node.
pub(crate) fn node_name(node: &Node) -> &'static str {
    match node {
        Node::FlipV => "flip_v",
        Node::FlipH => "flip_h",
        Node::Crop { .. } => "crop",
        Node::CropWhitespace { .. } => "crop_whitespace",
        Node::CreateCanvas { .. } => "create_canvas",
        Node::CommandString { .. } => "command_string",
        Node::Constrain(_) => "constrain",
        Node::CopyRectToCanvas { .. } => "copy_rect_to_canvas",
        Node::RoundImageCorners { .. } => "round_image_corners",
        Node::Decode { .. } => "decode",
        Node::Encode { .. } => "encode",
        Node::FillRect { .. } => "fill_rect",
        Node::ExpandCanvas { .. } => "expand_canvas",
        Node::RegionPercent { .. } => "region_percent",
        Node::Region { .. } => "region",
        Node::Transpose => "transpose",
        Node::Rotate90 => "rotate_90",
        Node::Rotate180 => "rotate_180",
        Node::Rotate270 => "rotate_270",
        Node::ApplyOrientation { .. } => "apply_orientation",
        Node::Resample2d { .. } => "resample_2d",
        Node::DrawImageExact { .. } => "draw_image_exact",
        Node::Watermark(_) => "watermark",
        Node::WatermarkRedDot => "watermark_red_dot",
        Node::WhiteBalanceHistogramAreaThresholdSrgb { .. } => {
            "white_balance_histogram_area_threshold_srgb"
        }
        Node::ColorMatrixSrgb { .. } => "color_matrix_srgb",
        Node::ColorFilterSrgb(_) => "color_filter_srgb",
    }
}

/// The name 2.x uses in connection errors.
fn internal_name(node: &Node) -> &'static str {
    match node {
        Node::Decode { .. } => "decoder",
        Node::Encode { .. } => "primitive_encoder",
        other => node_name(other),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn graph(json: &str) -> Result<usize, String> {
        let framewise: Framewise = serde_json::from_str(json).unwrap();
        JobGraph::new(&framewise)
            .map(|g| g.nodes.len())
            .map_err(|e| e.to_string().lines().next().unwrap().to_owned())
    }

    #[test]
    fn a_node_follows_what_it_reads_whatever_its_key() {
        let framewise: Framewise =
            serde_json::from_str(r#"{"graph":{"nodes":{"0":"flip_h","5":{"decode":{"io_id":0}}},"edges":[{"from":5,"to":0,"kind":"input"}]}}"#).unwrap();
        let graph = JobGraph::new(&framewise).unwrap();
        assert_eq!(
            graph.nodes.iter().map(|n| n.key).collect::<Vec<_>>(),
            [5, 0]
        );
        assert_eq!(graph.nodes[1].input, Some(0));
    }

    #[test]
    fn a_self_edge_is_a_cycle() {
        let error = graph(
            r#"{"graph":{"nodes":{"0":"flip_h"},"edges":[{"from":0,"to":0,"kind":"input"}]}}"#,
        )
        .unwrap_err();
        assert_eq!(error, "GraphInvalid: GraphCyclic at");
    }

    #[test]
    fn decoders_take_no_input_and_encoders_have_no_children() {
        let error = graph(r#"{"steps":["flip_h",{"decode":{"io_id":0}}]}"#).unwrap_err();
        assert!(
            error.contains("Parent Input node not found")
                || error.contains("requires NoInput, but had 1 inputs"),
            "{error}"
        );
    }

    #[test]
    fn empty_jobs_are_fine() {
        assert_eq!(graph(r#"{"steps":[]}"#), Ok(0));
    }
}
