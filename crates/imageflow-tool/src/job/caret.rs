//! The line of a job file that an error is about, with a caret under the place.

use std::collections::BTreeMap;

use imageflow_core::Error;
use serde_json::value::RawValue;

/// Columns shown of a long line.
const WIDEST: usize = 100;

/// What to show of a job file that is no job; nothing when the file has no such place.
pub(super) fn of_mistake(source: &[u8], mistake: &serde_json::Error) -> String {
    snippet(source, (mistake.line(), mistake.column())).unwrap_or_default()
}

/// What to show of a job file when the engine refused one of its nodes; nothing when that is not known.
pub(super) fn of_node(source: &[u8], error: &Error) -> String {
    let shown = || {
        let (key, _) = error.node()?.split_once(':')?;
        let text = std::str::from_utf8(source).ok()?;
        snippet(source, node_place(text, key.trim())?)
    };
    shown().unwrap_or_default()
}

/// A job file as far as its nodes, which stay text.
#[derive(serde::Deserialize)]
struct Outline<'a> {
    #[serde(borrow)]
    framewise: Nodes<'a>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Nodes<'a> {
    #[serde(borrow)]
    Steps(Vec<&'a RawValue>),
    #[serde(borrow)]
    Graph(Graph<'a>),
}

#[derive(serde::Deserialize)]
struct Graph<'a> {
    #[serde(borrow)]
    nodes: BTreeMap<String, &'a RawValue>,
}

/// Line and column, from 1, at which the node begins.
fn node_place(text: &str, key: &str) -> Option<(usize, usize)> {
    let outline: Outline<'_> = serde_json::from_str(text).ok()?;
    let node = match &outline.framewise {
        Nodes::Steps(steps) => *steps.get(key.parse::<usize>().ok()?)?,
        Nodes::Graph(graph) => *graph.nodes.get(key)?,
    };
    // The raw value is a part of the text.
    let offset = (node.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let before = text.get(..offset)?;
    let line = before.matches('\n').count() + 1;
    let column = offset - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    Some((line, column))
}

fn snippet(source: &[u8], (line, column): (usize, usize)) -> Option<String> {
    let text = source.split(|b| *b == b'\n').nth(line.checked_sub(1)?)?;
    // The parser counts bytes, and stands behind the last one it read.
    let before = text.get(..column.saturating_sub(1).min(text.len()))?;
    let (before, whole) = (printable(before), printable(text));
    let at = before.chars().count();
    let from = at.saturating_sub(WIDEST * 3 / 4);
    let shown: String = whole.chars().skip(from).take(WIDEST).collect();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let under = " ".repeat(at - from);
    Some(format!(
        "\n{margin} |\n{number} | {shown}\n{margin} | {under}^"
    ))
}

/// As the terminal shows it: a column for each character.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_end_matches('\r')
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_under_the_caret() {
        let source = b"{\n\t\"io\": [],\n  \"framewise\": {\"step\": []}\n}";
        let mistake = serde_json::from_slice::<imageflow_types::Build>(source).unwrap_err();
        let shown = of_mistake(source, &mistake);
        let lines: Vec<&str> = shown.lines().skip(2).collect();
        assert_eq!(lines[0], "3 |   \"framewise\": {\"step\": []}");
        let caret = lines[1].find('^').unwrap();
        assert_eq!(&lines[0][..=caret], "3 |   \"framewise\": {\"step\"");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let source = format!("{}x{}", " ".repeat(400), "y".repeat(400));
        let shown = snippet(source.as_bytes(), (1, 401)).unwrap();
        let lines: Vec<&str> = shown.lines().skip(2).collect();
        assert!(lines[0].len() < 110);
        assert_eq!(lines[0].as_bytes()[lines[1].find('^').unwrap()], b'x');
    }

    #[test]
    fn places_that_are_not_there_add_nothing() {
        assert_eq!(snippet(b"one line", (2, 1)), None);
        assert_eq!(snippet(b"", (0, 0)), None);
        assert!(snippet(b"short", (1, 99)).is_some());
    }

    #[test]
    fn nodes_are_found_in_steps_and_graphs() {
        let steps = "{\"framewise\":{\"steps\":[\n  \"flip_v\",\n  {\"crop\":{}}]}}";
        assert_eq!(node_place(steps, "1"), Some((3, 3)));
        assert_eq!(node_place(steps, "2"), None);
        let graph = "{\"framewise\":{\"graph\":{\"nodes\":{\"7\": \"flip_v\"},\"edges\":[]}}}";
        let (line, column) = node_place(graph, "7").unwrap();
        assert_eq!(line, 1);
        assert!(graph[column - 1..].starts_with("\"flip_v\""));
    }
}
