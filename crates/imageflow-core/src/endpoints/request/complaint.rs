//! What the parser says is wrong. It repeats what it found, which may be as long as the message: names, strings, numbers.

use std::fmt::{self, Write};

use super::floor;

/// Bytes kept of the beginning, where the cause is.
const HEAD: usize = 300;
/// Bytes kept of the end, where the parser lists what it expected and says the line.
const TAIL: usize = 3000;

/// A parse error in words, cut in the middle where it is long.
pub(super) struct Complaint(String);

impl Complaint {
    pub(super) fn of(error: &serde_json::Error) -> Complaint {
        let mut cut = Cut::default();
        // A `Cut` takes everything.
        let _ = write!(cut, "{error}");
        Complaint(cut.finish())
    }

    /// With the line and column.
    pub(super) fn in_full(&self) -> String {
        self.0.clone()
    }

    /// Without the line and column.
    pub(super) fn cause(&self) -> &str {
        self.0
            .rsplit_once(" at line ")
            .map_or(self.0.as_str(), |(cause, _)| cause)
    }
}

/// Keeps the beginning and the end of what is written to it.
#[derive(Default)]
struct Cut {
    head: String,
    tail: String,
    is_cut: bool,
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = if self.tail.is_empty() && !self.is_cut {
            HEAD.saturating_sub(self.head.len())
        } else {
            0
        };
        let (first, rest) = text.split_at(floor(text, room.min(text.len())));
        self.head.push_str(first);
        let start = rest.len().saturating_sub(TAIL);
        self.is_cut |= start > 0;
        self.tail
            .push_str(rest.get(floor(rest, start)..).unwrap_or_default());
        if self.tail.len() > 2 * TAIL {
            self.shorten();
        }
        Ok(())
    }
}

impl Cut {
    fn shorten(&mut self) {
        let surplus = self.tail.len().saturating_sub(TAIL);
        if surplus > 0 {
            self.is_cut = true;
            drop(self.tail.drain(..floor(&self.tail, surplus)));
        }
    }

    fn finish(mut self) -> String {
        self.shorten();
        let mark = if self.is_cut { "…" } else { "" };
        format!("{}{mark}{}", self.head, self.tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(parts: &[&str]) -> String {
        let mut cut = Cut::default();
        for part in parts {
            let _ = cut.write_str(part);
        }
        cut.finish()
    }

    #[test]
    fn short_texts_stay_as_they_are_however_they_come() {
        let text = "unknown field `äöü`, expected one of `a`, `b` ".repeat(30);
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(cut(&[&text]), text);
        assert_eq!(cut(&letters), text);
    }

    #[test]
    fn long_texts_keep_both_ends() {
        let long = "é".repeat(100_000);
        for parts in [
            vec![
                "unknown variant `",
                &long,
                "`, expected `a` at line 1 column 2",
            ],
            vec![
                "unknown variant `",
                &long,
                "`, expected",
                " `a` at line 1",
                " column 2",
            ],
        ] {
            let text = cut(&parts);
            assert!(text.starts_with("unknown variant `éé") && text.contains('…'));
            assert!(text.ends_with("é`, expected `a` at line 1 column 2"));
            assert!(text.len() < HEAD + TAIL + 10);
        }
    }
}
