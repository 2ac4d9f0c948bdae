//! What a document grows to when every reference in it is followed.
//!
//! Each `use` is a copy of what it names, and patterns, clips, masks, filters and markers are made again for what uses them,
//! so that a few lines can stand for billions of elements. The sum over all paths through the references is found with one
//! visit of each element; it is never less than what the tree will hold.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node, NodeId};

/// Elements a document may grow to.
const MAX_ELEMENTS: u64 = 2_000_000;
/// Elements that may be within each other, references included.
const MAX_DEPTH: u32 = 128;
/// Comparisons of elements with rules of style sheets.
const MAX_COMPARISONS: u64 = 50_000_000;
/// Bytes of path that count as an element.
const PATH_BYTES: u64 = 64;
/// Attributes that name other elements without `url()`.
const LINKS: [&str; 1] = ["href"];

/// What an element grows to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Weight {
    elements: u64,
    depth: u32,
}

/// What is known of an element while references are followed.
#[derive(Clone, Copy)]
enum State {
    Entered,
    Left(Weight),
}

struct Expansion<'a, 'input> {
    named: HashMap<&'a str, Node<'a, 'input>>,
    states: HashMap<NodeId, State>,
    /// What style sheets name.
    styled: Vec<Node<'a, 'input>>,
}

/// Counts what the document grows to.
///
/// # Errors
/// Says which bound is exceeded.
pub(super) fn elements(document: &Document<'_>) -> Result<u64, String> {
    let mut named = HashMap::new();
    let mut sheets = String::new();
    let mut count = 0u64;
    for node in document.descendants().filter(Node::is_element) {
        count += 1;
        if let Some(id) = node.attribute("id") {
            named.entry(id).or_insert(node);
        }
        if node.tag_name().name() == "style" {
            node.children()
                .filter_map(|child| child.text())
                .for_each(|text| sheets.push_str(text));
        }
    }
    let styled = references(&sheets)
        .filter_map(|id| named.get(id).copied())
        .collect();
    let mut expansion = Expansion {
        named,
        states: HashMap::new(),
        styled,
    };
    let weight = expansion.weigh(document.root_element())?;
    if weight.elements > MAX_ELEMENTS {
        return Err(format!(
            "{count} elements that grow to more than {MAX_ELEMENTS}"
        ));
    }
    let rules = sheets.bytes().filter(|b| *b == b'{').count() as u64;
    let comparisons = rules.saturating_mul(weight.elements.max(count));
    if comparisons > MAX_COMPARISONS {
        return Err(format!("{rules} rules of style for {count} elements"));
    }
    Ok(weight.elements)
}

/// The names in `url(#name)`.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split("url(").skip(1).filter_map(|rest| {
        let rest = rest
            .trim_start_matches([' ', '\'', '"'])
            .strip_prefix('#')?;
        rest.split([')', '\'', '"', ' ']).next()
    })
}

impl<'a, 'input> Expansion<'a, 'input> {
    /// What an element grows to. It does not call itself: documents decide how deep they go.
    fn weigh(&mut self, root: Node<'a, 'input>) -> Result<Weight, String> {
        let mut stack = vec![root];
        while let Some(node) = stack.last().copied() {
            match self.states.get(&node.id()) {
                None => {
                    self.states.insert(node.id(), State::Entered);
                    for next in self.parts(node) {
                        if !self.states.contains_key(&next.id()) {
                            stack.push(next);
                        }
                    }
                }
                Some(State::Entered) => {
                    stack.pop();
                    let weight = self.sum(node);
                    if weight.depth > MAX_DEPTH {
                        return Err(format!("more than {MAX_DEPTH} elements within each other"));
                    }
                    self.states.insert(node.id(), State::Left(weight));
                }
                Some(State::Left(_)) => {
                    stack.pop();
                }
            }
        }
        Ok(self.weight(root))
    }

    /// What was found for an element; nothing for one that is within itself, which nobody draws.
    fn weight(&self, node: Node<'a, 'input>) -> Weight {
        match self.states.get(&node.id()) {
            Some(State::Left(weight)) => *weight,
            _ => Weight::default(),
        }
    }

    /// The elements in an element, and those it names.
    fn parts(&self, node: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
        let children = node.children().filter(Node::is_element);
        children.chain(self.named_by(node)).collect()
    }

    fn named_by(&self, node: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
        let mut names = Vec::new();
        for attribute in node.attributes() {
            let value = attribute.value();
            if LINKS.contains(&attribute.name()) {
                names.extend(value.trim().strip_prefix('#'));
            } else {
                names.extend(references(value));
            }
        }
        let named = names.into_iter().filter_map(|id| self.named.get(id));
        named.chain(&self.styled).copied().collect()
    }

    fn sum(&self, node: Node<'a, 'input>) -> Weight {
        let outline = ["d", "points"]
            .iter()
            .filter_map(|name| node.attribute(*name));
        let outline: u64 = outline.map(|value| value.len() as u64).sum();
        let mut elements = 1 + outline / PATH_BYTES;
        let mut depth = 0;
        for child in node.children().filter(Node::is_element) {
            let weight = self.weight(child);
            elements = elements.saturating_add(weight.elements);
            depth = depth.max(weight.depth);
        }
        // Style sheets name things for everybody, but nobody gets more than one for each property.
        let mut styles = Weight::default();
        for style in &self.styled {
            let weight = self.weight(*style);
            styles.elements = styles.elements.max(weight.elements);
            styles.depth = styles.depth.max(weight.depth);
        }
        elements = elements.saturating_add(styles.elements.saturating_mul(3));
        depth = depth.max(styles.depth);
        for attribute in node.attributes() {
            let value = attribute.value();
            let is_link = LINKS.contains(&attribute.name());
            let link = value.trim().strip_prefix('#').filter(|_| is_link);
            let properties = references(value).filter(|_| !is_link);
            // A marker may be drawn at every point of a path; two bytes can be one.
            let times = match attribute.name() {
                "style" => outline / 2 + 1,
                name if name.starts_with("marker") => outline / 2 + 1,
                _ => 1,
            };
            for named in link.into_iter().chain(properties) {
                if let Some(named) = self.named.get(named) {
                    let weight = self.weight(*named);
                    let is_marker = named.tag_name().name() == "marker";
                    let times = if is_marker { times } else { 1 };
                    elements = elements.saturating_add(weight.elements.saturating_mul(times));
                    depth = depth.max(weight.depth);
                }
            }
        }
        Weight {
            elements,
            depth: depth + 1,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn grown(text: &str) -> Result<u64, String> {
        elements(&Document::parse(text).unwrap())
    }

    #[test]
    fn copies_of_copies_are_counted() {
        assert_eq!(grown("<svg><g><a/><b/></g></svg>"), Ok(4));
        let twice = "<svg><g id='a'><a/><b/></g><use href='#a'/></svg>";
        assert_eq!(grown(twice), Ok(1 + 3 + 1 + 3));
        let mut laughs = String::from("<svg><g id='l0'><rect/></g>");
        for i in 1..40 {
            let before = i - 1;
            laughs += &format!("<g id='l{i}'><use href='#l{before}'/><use href='#l{before}'/></g>");
        }
        assert!(grown(&(laughs + "</svg>")).unwrap_err().contains("grow"));
    }

    #[test]
    fn patterns_of_patterns_are_counted() {
        let mut text = String::from("<svg>");
        for i in 0..12 {
            text += &format!("<pattern id='p{i}'>");
            for _ in 0..10 {
                text += &format!("<rect style='fill:url(#p{})'/>", i + 1);
            }
            text += "</pattern>";
        }
        assert!(grown(&(text + "</svg>")).unwrap_err().contains("grow"));
    }

    #[test]
    fn what_is_within_itself_ends() {
        assert!(grown("<svg><g id='a'><use href='#a'/></g></svg>").is_ok());
        assert!(grown("<svg id='a' filter='url(#a)'><use href='#a'/></svg>").is_ok());
    }

    #[test]
    fn depth_is_bounded_with_references() {
        let deep = "<g>".repeat(200) + &"</g>".repeat(200);
        assert!(
            grown(&format!("<svg>{deep}</svg>"))
                .unwrap_err()
                .contains("within")
        );
        let mut chain = String::from("<svg>");
        for i in 0..200 {
            chain += &format!("<g id='c{i}'><use href='#c{}'/></g>", i + 1);
        }
        assert!(grown(&(chain + "</svg>")).unwrap_err().contains("within"));
    }

    #[test]
    fn many_rules_for_many_elements_are_refused() {
        let text = format!(
            "<svg><style>{}</style>{}</svg>",
            ".a{fill:red}".repeat(10_000),
            "<rect class='a'/>".repeat(10_000)
        );
        assert!(grown(&text).unwrap_err().contains("rules"));
    }
}
