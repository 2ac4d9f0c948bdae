//! Where in a JSON text a byte is: `framewise.steps[1].crop`.
//!
//! The text is the one a parser just gave up on, so it is only read up to that byte, and nothing about it is taken for
//! granted.

use std::fmt::Write as _;

use super::floor;

/// Characters of a name that are shown.
const SHOWN: usize = 60;
/// Bytes of a name that are kept: no known name is as long.
const KEPT: usize = 4 * SHOWN + 4;
/// Fields of an object that are kept, besides the last one: no known object has as many.
const FIELDS: usize = 64;
/// Objects and arrays within each other that are kept: the parser refuses more, but for values it does not look at.
const DEPTH: usize = 128;

/// Where a byte of a JSON text is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Place<'a> {
    /// Objects and arrays around the byte, the outermost first.
    around: Vec<Around<'a>>,
    /// How many more there are within those.
    deeper: usize,
    /// Room of objects that were left.
    spare: Vec<Vec<&'a str>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Around<'a> {
    /// An object: its first fields and the last one up to here; whether the value of the last one is next, or where the byte is.
    Object {
        fields: Vec<&'a str>,
        in_value: bool,
    },
    /// An array, and how many of its items have passed.
    Array { passed: usize },
}

impl<'a> Place<'a> {
    /// Finds the place of the byte at `position`.
    pub(super) fn of(text: &'a str, position: usize) -> Place<'a> {
        let mut place = Place::default();
        let mut rest = text.char_indices().take_while(|(at, _)| *at < position);
        while let Some((at, c)) = rest.next() {
            match c {
                '"' => {
                    let end = end_of_string(&mut rest).unwrap_or(position);
                    place.string(beginning(text, at.saturating_add(1), end));
                }
                '{' => {
                    let fields = place.spare.pop().unwrap_or_default();
                    place.enter(Around::Object {
                        fields,
                        in_value: false,
                    });
                }
                '[' => place.enter(Around::Array { passed: 0 }),
                '}' | ']' => place.leave(),
                _ if place.deeper > 0 => {}
                ':' => place.set_in_value(true),
                ',' => match place.around.last_mut() {
                    Some(Around::Array { passed }) => *passed = passed.saturating_add(1),
                    _ => place.set_in_value(false),
                },
                _ => {}
            }
        }
        place
    }

    fn enter(&mut self, around: Around<'a>) {
        if self.around.len() < DEPTH {
            self.around.push(around);
        } else {
            self.deeper = self.deeper.saturating_add(1);
        }
    }

    fn leave(&mut self) {
        match self.deeper.checked_sub(1) {
            Some(deeper) => self.deeper = deeper,
            None => {
                if let Some(Around::Object { mut fields, .. }) = self.around.pop() {
                    fields.clear();
                    self.spare.push(fields);
                }
            }
        }
    }

    fn string(&mut self, text: &'a str) {
        if let Some(Around::Object {
            fields,
            in_value: false,
        }) = self.around.last_mut().filter(|_| self.deeper == 0)
        {
            fields.truncate(FIELDS);
            fields.push(text);
        }
    }

    fn set_in_value(&mut self, now: bool) {
        if let Some(Around::Object { in_value, .. }) = self.around.last_mut() {
            *in_value = now;
        }
    }

    /// The fields of the object the byte is in, up to it.
    pub(super) fn fields(&self) -> &[&'a str] {
        match self.around.last() {
            Some(Around::Object { fields, .. }) => fields,
            _ => &[],
        }
    }

    /// The innermost field whose value holds the byte, or whose name does.
    pub(super) fn field(&self) -> Option<&'a str> {
        self.around.iter().rev().find_map(|around| match around {
            Around::Object { fields, .. } => fields.last().copied(),
            Around::Array { .. } => None,
        })
    }

    /// The path of the value; empty at the top.
    pub(super) fn path(&self) -> String {
        self.path_of(self.around.len())
    }

    /// The path of the object or array the value belongs to; empty at the top.
    pub(super) fn container(&self) -> String {
        self.path_of(self.around.len().saturating_sub(1))
    }

    fn path_of(&self, depth: usize) -> String {
        let mut path = String::new();
        for around in self.around.iter().take(depth) {
            match around {
                Around::Object { fields, .. } => {
                    let dot = if path.is_empty() { "" } else { "." };
                    if let Some(field) = fields.last() {
                        let short: String = field.chars().take(SHOWN).collect();
                        let cut = if short.len() < field.len() { "…" } else { "" };
                        let _ = write!(path, "{dot}{short}{cut}");
                    }
                }
                Around::Array { passed } => {
                    let _ = write!(path, "[{passed}]");
                }
            }
        }
        path
    }
}

/// Where a string ends whose quote was just read.
fn end_of_string(rest: &mut impl Iterator<Item = (usize, char)>) -> Option<usize> {
    while let Some((at, c)) = rest.next() {
        match c {
            '"' => return Some(at),
            '\\' => drop(rest.next()),
            _ => {}
        }
    }
    None
}

/// A string as it is written; only the beginning of a long one.
fn beginning(text: &str, start: usize, end: usize) -> &str {
    let end = end.min(start.saturating_add(KEPT)).min(text.len());
    text.get(start..floor(text, end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"a":{"b\"{":[1,{"c":"}]","d":[[],{}]},"é"]},"f":null}"#;

    fn at(mark: &str) -> Place<'static> {
        Place::of(TEXT, TEXT.find(mark).unwrap_or_default())
    }

    #[test]
    fn places_are_paths() {
        assert_eq!(at("{\"a").path(), "");
        assert_eq!(at("1,").path(), r#"a.b\"{[0]"#);
        assert_eq!(at("}]\"").path(), r#"a.b\"{[1].c"#);
        assert_eq!(at("}]},").path(), r#"a.b\"{[1].d[1]"#);
        assert_eq!(at("é").path(), r#"a.b\"{[2]"#);
        assert_eq!(at("null").path(), "f");
        assert_eq!(at("null").container(), "");
        assert_eq!(at("}]\"").container(), r#"a.b\"{[1]"#);
    }

    #[test]
    fn the_object_around_knows_its_fields() {
        assert_eq!(at("null").fields(), ["a", "f"]);
        assert_eq!(at("null").field(), Some("f"));
        assert_eq!(at("1,").field(), Some(r#"b\"{"#));
        assert!(at("1,").fields().is_empty());
    }

    #[test]
    fn what_is_long_is_kept_in_part() {
        let long = "é".repeat(100_000);
        let fields: Vec<_> = (0..9999).map(|i| format!("\"{i}\":0")).collect();
        let text = format!("{{{},\"{long}\":", fields.join(","));
        let place = Place::of(&text, text.len());
        assert_eq!(place.fields().len(), FIELDS + 1);
        assert_eq!(place.path(), format!("{}…", "é".repeat(SHOWN)));
    }

    #[test]
    fn anything_has_a_place() {
        for text in ["", "}]}]", "\"", "{\"", "{:,:", "[,,", "\\", "{\"a\\"] {
            for position in 0..9 {
                Place::of(text, position);
            }
        }
        let deep = format!("{{\"a\":{}", "[{\"b\":".repeat(5000));
        let place = Place::of(&deep, deep.len());
        assert_eq!((place.around.len(), place.deeper), (DEPTH, 10_001 - DEPTH));
        let closed = format!("{deep}0{},\"c\":1", "}]".repeat(5000));
        assert_eq!(Place::of(&closed, closed.len()).path(), "c");
        assert_eq!(Place::of("[,,", 3).path(), "[2]");
        assert_eq!(Place::of("{\"ab", 4).field(), Some("ab"));
    }
}
