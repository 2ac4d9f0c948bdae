//! Where in a JSON text a byte is: `framewise.steps[1].crop`.
//!
//! The text is the one a parser just gave up on, so it is only read up to that byte, and nothing about it is taken for
//! granted.

use std::fmt::Write as _;

/// Characters of a name that are shown.
const SHOWN: usize = 60;

/// Where a byte of a JSON text is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Place {
    /// Objects and arrays around the byte, the outermost first.
    around: Vec<Around>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Around {
    /// An object: its fields up to here; whether the value of the last one is next, or where the byte is.
    Object { fields: Vec<String>, in_value: bool },
    /// An array, and how many of its items have passed.
    Array { passed: usize },
}

impl Place {
    /// Finds the place of the byte at `position`.
    pub(super) fn of(text: &str, position: usize) -> Place {
        let mut place = Place::default();
        let mut rest = text
            .char_indices()
            .take_while(|(at, _)| *at < position)
            .map(|(_, c)| c);
        while let Some(c) = rest.next() {
            match c {
                '"' => place.string(string(&mut rest)),
                '{' => place.around.push(Around::Object {
                    fields: Vec::new(),
                    in_value: false,
                }),
                '[' => place.around.push(Around::Array { passed: 0 }),
                '}' | ']' => drop(place.around.pop()),
                ':' => place.set_in_value(true),
                ',' => match place.around.last_mut() {
                    Some(Around::Array { passed }) => *passed += 1,
                    _ => place.set_in_value(false),
                },
                _ => {}
            }
        }
        place
    }

    fn string(&mut self, text: String) {
        if let Some(Around::Object {
            fields,
            in_value: false,
        }) = self.around.last_mut()
        {
            fields.push(text);
        }
    }

    fn set_in_value(&mut self, now: bool) {
        if let Some(Around::Object { in_value, .. }) = self.around.last_mut() {
            *in_value = now;
        }
    }

    /// The fields of the object the byte is in, up to it.
    pub(super) fn fields(&self) -> &[String] {
        match self.around.last() {
            Some(Around::Object { fields, .. }) => fields,
            _ => &[],
        }
    }

    /// The innermost field whose value holds the byte, or whose name does.
    pub(super) fn field(&self) -> Option<&str> {
        self.around.iter().rev().find_map(|around| match around {
            Around::Object { fields, .. } => fields.last().map(String::as_str),
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

/// The rest of a string, as it is written.
fn string(rest: &mut impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => {
                text.push(c);
                text.extend(rest.next());
            }
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"a":{"b\"{":[1,{"c":"}]","d":[[],{}]},"é"]},"f":null}"#;

    fn at(mark: &str) -> Place {
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
    fn anything_has_a_place() {
        for text in ["", "}]}]", "\"", "{\"", "{:,:", "[,,", "\\", "{\"a\\"] {
            for position in 0..9 {
                Place::of(text, position);
            }
        }
        assert_eq!(Place::of("[,,", 3).path(), "[2]");
        assert_eq!(Place::of("{\"ab", 4).field(), Some("ab"));
    }
}
