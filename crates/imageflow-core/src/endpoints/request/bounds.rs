//! What a job as a whole may hold, beyond what bounds each of its lists.

use imageflow_types::{Framewise, MAX_NODES, Node};

use crate::error::{Error, ErrorKind};

/// Most nodes and watermarks together: each watermark is drawn like a node.
const MOST: usize = MAX_NODES;

/// Checks a job that was just read.
pub(super) fn check(framewise: &Framewise) -> Result<(), Error> {
    match framewise {
        Framewise::Steps(steps) => check_nodes(steps.iter().enumerate()),
        Framewise::Graph(graph) => check_nodes(&graph.nodes),
    }
}

fn check_nodes<'a, K: std::fmt::Display>(
    nodes: impl IntoIterator<Item = (K, &'a Node)>,
) -> Result<(), Error> {
    let (mut count, mut marks) = (0usize, 0usize);
    for (key, node) in nodes {
        count = count.saturating_add(1);
        let Node::CommandString {
            value, watermarks, ..
        } = node
        else {
            continue;
        };
        imageflow_querystring::limits::check(value).map_err(|too_long| {
            let text = format!("command_string.value: {too_long}");
            Error::new(ErrorKind::SizeLimitExceeded, text)
                .at_node(format_args!("{key}: command_string"))
        })?;
        marks = marks.saturating_add(watermarks.as_ref().map_or(0, Vec::len));
    }
    let total = count.saturating_add(marks);
    if total > MOST {
        let text = format!(
            "Graph has {count} nodes and {marks} watermarks, together {total}, exceeding maximum of {MOST}"
        );
        return Err(Error::new(ErrorKind::GraphInvalid, text));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn job(commands: usize, marks: usize, others: usize, value: &str) -> Framewise {
        let marks = vec![r#"{"io_id":1}"#; marks].join(",");
        let command = format!(
            r#"{{"command_string":{{"kind":"ir4","value":"{value}","watermarks":[{marks}]}}}}"#
        );
        let nodes = vec![command; commands]
            .into_iter()
            .chain(vec![r#""flip_v""#.to_owned(); others]);
        let steps = nodes.collect::<Vec<_>>().join(",");
        serde_json::from_str(&format!(r#"{{"steps":[{steps}]}}"#)).unwrap()
    }

    #[test]
    fn watermarks_count_as_nodes() {
        assert!(check(&job(8, 254, 8, "")).is_ok());
        let text = check(&job(8, 254, 9, "")).unwrap_err();
        assert_eq!(
            text.message(),
            "Graph has 17 nodes and 2032 watermarks, together 2049, exceeding maximum of 2048"
        );
    }

    #[test]
    fn long_querystrings_name_the_node() {
        let value = format!("srcset={}", ["9w"; 65].join(","));
        let error = check(&job(1, 0, 0, &value)).unwrap_err();
        let text = "command_string.value: srcset has 65 commands, exceeding maximum of 64";
        assert_eq!(
            (error.message(), error.node()),
            (text, Some("0: command_string"))
        );
    }
}
