//! Tags, attributes and text of XML, one after the other. Total: what makes no sense is passed over.

/// An opening tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<(&'a str, String)>,
    /// Whether it closes itself.
    pub(super) is_empty: bool,
}

impl Tag<'_> {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Debug)]
pub(super) enum Token<'a> {
    Start(Tag<'a>),
    Text(String),
    End,
}

/// Most attributes of one tag that are looked at.
const MAX_ATTRIBUTES: usize = 1000;

/// The tokens of a text. A tag that closes itself has no end of its own.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if let Some(inside) = rest.strip_prefix("<![CDATA[") {
                let (text, behind) = inside.split_once("]]>").unwrap_or((inside, ""));
                rest = behind;
                return Some(Token::Text(text.to_owned()));
            }
            let passed = [("<!--", "-->"), ("<?", "?>"), ("<!", ">")]
                .into_iter()
                .find_map(|(start, end)| rest.strip_prefix(start).map(|inside| (inside, end)));
            if let Some((inside, end)) = passed {
                rest = inside.split_once(end).map_or("", |(_, behind)| behind);
            } else if let Some(inside) = rest.strip_prefix("</") {
                rest = inside.split_once('>').map_or("", |(_, behind)| behind);
                return Some(Token::End);
            } else if let Some(inside) = rest.strip_prefix('<') {
                let (tag, behind) = tag(inside);
                rest = behind;
                return Some(Token::Start(tag));
            } else if rest.is_empty() {
                return None;
            } else {
                let end = rest.find('<').unwrap_or(rest.len());
                let (text, behind) = rest.split_at(end);
                rest = behind;
                return Some(Token::Text(unescaped(text)));
            }
        }
    })
}

/// A tag from behind its `<`, and what follows it.
fn tag(text: &str) -> (Tag<'_>, &str) {
    let end = |c: char| c.is_whitespace() || c == '>' || c == '/';
    let (name, mut rest) = text.split_at(text.find(end).unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix('>') {
            let is_empty = false;
            return (
                Tag {
                    name,
                    attributes,
                    is_empty,
                },
                behind,
            );
        }
        if let Some(behind) = rest.strip_prefix("/>") {
            let is_empty = true;
            return (
                Tag {
                    name,
                    attributes,
                    is_empty,
                },
                behind,
            );
        }
        let Some((attribute, value, behind)) = attribute(rest) else {
            // Something else: to the end of the tag.
            let behind = rest.split_once('>').map_or("", |(_, behind)| behind);
            let is_empty = false;
            return (
                Tag {
                    name,
                    attributes,
                    is_empty,
                },
                behind,
            );
        };
        if attributes.len() < MAX_ATTRIBUTES {
            attributes.push((attribute, unescaped(value)));
        }
        rest = behind;
    }
}

/// Name, value, and what follows.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/' | '<'))?;
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, behind) = rest.get(1..)?.split_once(quote)?;
    (!name.is_empty()).then_some((name, value, behind))
}

/// Text with its entities resolved; unknown ones stay as they are.
fn unescaped(text: &str) -> String {
    /// Longest entity that is looked at: `&#x10FFFF;`.
    const MAX_ENTITY: usize = 10;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after.bytes().take(MAX_ENTITY).position(|b| b == b';');
        let entity = end.and_then(|end| after.get(..end));
        match entity.and_then(character) {
            Some(c) => {
                out.push(c);
                rest = after.get(end.unwrap_or(0) + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}
