//! A plan as a drawing: sources above, outputs below, an arrow for each frame that is passed on.

use std::collections::HashSet;
use std::fmt::Write;

use imageflow_types::Explanation;

use super::text::held;
use crate::commands::columns::bytes;

const BOX: (usize, usize) = (348, 64);
const GAP: (usize, usize) = (24, 36);
const MARGIN: usize = 20;

/// A box of the drawing.
struct Node {
    title: String,
    lines: [String; 2],
    inputs: Vec<usize>,
    color: &'static str,
}

/// Draws the plan.
pub(super) fn draw(plan: &Explanation) -> String {
    let nodes = nodes(plan);
    // A node is one row below the lowest that it reads.
    let mut rows: Vec<usize> = Vec::with_capacity(nodes.len());
    for node in &nodes {
        let row = node.inputs.iter().filter_map(|i| rows.get(*i)).max();
        rows.push(row.map_or(0, |row| row + 1));
    }
    let columns = columns(&nodes, &rows);
    let widest = columns.iter().max().map_or(1, |column| column + 1);
    let height = rows.iter().max().map_or(1, |row| row + 1);
    let total = (
        2 * MARGIN + widest * (BOX.0 + GAP.0) - GAP.0,
        2 * MARGIN + height * (BOX.1 + GAP.1) + 10,
    );
    let corner = |i: usize| {
        (
            MARGIN + columns[i] * (BOX.0 + GAP.0),
            MARGIN + rows[i] * (BOX.1 + GAP.1),
        )
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" \
         font-family=\"system-ui,sans-serif\" font-size=\"12\">\n\
         <defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0 8 4 0 8z\" fill=\"#555\"/></marker></defs>\n\
         <rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
        total.0, total.1
    );
    for (i, node) in nodes.iter().enumerate() {
        let (x, y) = corner(i);
        for input in &node.inputs {
            let (from_x, from_y) = corner(*input);
            let _ = writeln!(
                svg,
                "<path d=\"M{} {} L{} {}\" stroke=\"#555\" fill=\"none\" marker-end=\"url(#a)\"/>",
                from_x + BOX.0 / 2,
                from_y + BOX.1,
                x + BOX.0 / 2,
                y
            );
        }
    }
    for (i, node) in nodes.iter().enumerate() {
        let (x, y) = corner(i);
        let _ = writeln!(
            svg,
            "<g><title>{0}</title><rect x=\"{x}\" y=\"{y}\" width=\"{1}\" height=\"{2}\" rx=\"6\" fill=\"{3}\" stroke=\"#777\"/>\
             <text x=\"{4}\" y=\"{5}\" font-weight=\"600\">{6}</text><text x=\"{4}\" y=\"{7}\">{8}</text>\
             <text x=\"{4}\" y=\"{9}\" fill=\"#555\">{10}</text></g>",
            escaped(&node.title),
            BOX.0,
            BOX.1,
            node.color,
            x + 10,
            y + 19,
            escaped(&shortened(&node.title)),
            y + 37,
            escaped(&node.lines[0]),
            y + 54,
            escaped(&node.lines[1])
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{MARGIN}\" y=\"{}\">at most {} in all</text>\n</svg>",
        total.1 - 12,
        bytes(plan.peak_bytes)
    );
    svg
}

/// The column of each node: below the first that it reads if there is room all the way, otherwise the next to the right.
fn columns(nodes: &[Node], rows: &[usize]) -> Vec<usize> {
    let mut taken = HashSet::new();
    let mut columns: Vec<usize> = Vec::with_capacity(nodes.len());
    for (node, row) in nodes.iter().zip(rows) {
        let above = node.inputs.first().copied();
        let below = above.and_then(|i| rows.get(i)).map_or(0, |row| row + 1);
        let mut column = above.and_then(|i| columns.get(i)).copied().unwrap_or(0);
        while (below..=*row).any(|row| taken.contains(&(row, column))) {
            column += 1;
        }
        taken.insert((*row, column));
        columns.push(column);
    }
    columns
}

fn nodes(plan: &Explanation) -> Vec<Node> {
    let stages = plan.stages.iter().map(|stage| Node {
        title: match stage.io_id {
            Some(io_id) => format!("{io_id}: {}", stage.detail),
            None => stage.detail.clone(),
        },
        lines: [
            format!("{}×{}", stage.w, stage.h),
            format!("holds {}, {}", held(stage), bytes(stage.bytes_held)),
        ],
        inputs: stage.inputs.clone(),
        color: if stage.inputs.is_empty() {
            "#dbeafe"
        } else {
            "#f3f4f6"
        },
    });
    let outputs = plan.outputs.iter().map(|output| Node {
        title: format!("output {}: {}", output.io_id, output.encoder),
        lines: [
            format!("{}×{}", output.w, output.h),
            format!("holds {}", bytes(output.bytes_held)),
        ],
        inputs: vec![output.input],
        color: "#dcfce7",
    });
    stages.chain(outputs).collect()
}

/// What fits into a box; the whole is its tooltip.
fn shortened(text: &str) -> String {
    const FITS: usize = 44;
    if text.chars().count() <= FITS {
        return text.to_owned();
    }
    text.chars().take(FITS - 1).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(inputs: &[usize]) -> Node {
        Node {
            title: String::new(),
            lines: [String::new(), String::new()],
            inputs: inputs.to_vec(),
            color: "",
        }
    }

    #[test]
    fn branches_keep_their_columns() {
        // 0 is read by 1 and 3; 1 by 2, 3 by 4; 5 and 6 are the outputs of 2 and 4; 7 is another source.
        let nodes = [&[][..], &[0], &[1], &[0], &[3], &[2], &[4], &[]].map(node);
        let rows = [0, 1, 2, 1, 2, 3, 3, 0];
        assert_eq!(columns(&nodes, &rows), [0, 0, 0, 1, 1, 0, 1, 1]);
    }
}
