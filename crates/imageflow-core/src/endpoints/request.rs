//! Parsing request bodies, and error text that shows where the JSON is wrong and what to do about it.

mod advice;
mod bounds;
mod complaint;
mod place;
mod watched;

use imageflow_pixels::JobControl;
use imageflow_types::{Framewise, LIMIT_EXCEEDED};
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
use complaint::Complaint;
use place::Place;

/// Most bytes of the offending line shown on either side of the error.
const SHOWN: usize = 400;

/// Parses a body. `name` is what the request is called in error text.
///
/// Time and memory are in proportion to the body, whatever is in it; a long one is given up when the job must stop.
pub(super) fn parse<T: DeserializeOwned>(
    name: &str,
    body: &[u8],
    control: &JobControl,
) -> Result<T, Error> {
    let invalid = |text: String| Error::new(ErrorKind::InvalidJson, text);
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(utf8) => {
            let cause = watched::read::<T>(body, control)?
                .err()
                .map_or_else(|| utf8.to_string(), |json| Complaint::of(&json).in_full());
            return Err(invalid(format!(
                "Invalid UTF-8, JSON Parsing Failed: {cause}"
            )));
        }
    };
    watched::read_text(text, control)?.map_err(|error| {
        let complaint = Complaint::of(&error);
        let position = position(text, error.line(), error.column());
        if let Some(limit) = complaint.cause().strip_prefix(LIMIT_EXCEEDED) {
            let place = position.map(|position| Place::of(text, position).container());
            let refused = Error::new(kind_of_limit(limit), limit);
            return match place {
                Some(place) if !place.is_empty() => refused.advise(format_args!("at {place}")),
                _ => refused,
            };
        }
        let line = marked_line(text, error.line(), error.column());
        let refused = invalid(format!(
            "Json <imageflow_types::{name}> Error: {}: {line}",
            complaint.in_full()
        ));
        let advice =
            position.and_then(|position| advice::advice(complaint.cause(), text, position));
        match advice {
            Some(advice) => refused.advise(advice),
            None => refused,
        }
    })
}

/// Parses the body of a request that has a job; `framewise` finds it.
pub(super) fn parse_job<T: DeserializeOwned>(
    name: &str,
    body: &[u8],
    control: &JobControl,
    framewise: impl Fn(&T) -> &Framewise,
) -> Result<T, Error> {
    let request = parse(name, body, control)?;
    bounds::check(framewise(&request))?;
    Ok(request)
}

/// Too many nodes or edges are a bad graph, as in imageflow 2.x.
fn kind_of_limit(limit: &str) -> ErrorKind {
    if limit.starts_with("Graph has") {
        ErrorKind::GraphInvalid
    } else {
        ErrorKind::SizeLimitExceeded
    }
}

/// The byte at a line and column, both counted from 1.
fn position(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(breaks_before) => text.match_indices('\n').nth(breaks_before)?.0 + 1,
    };
    Some(start + column.checked_sub(1)?)
}

/// The line of the error with a `>` before the column (counted in bytes from 1), long lines cut on both sides.
fn marked_line(text: &str, line: usize, column: usize) -> String {
    let Some(found) = line
        .checked_sub(1)
        .and_then(|index| text.lines().nth(index))
    else {
        return "[input line not found]".to_owned();
    };
    let position = column
        .checked_sub(1)
        .filter(|position| *position < found.len());
    let middle = floor(found, position.unwrap_or(found.len()));
    let start = floor(found, middle.saturating_sub(SHOWN));
    let end = floor(found, middle.saturating_add(SHOWN).min(found.len()));
    let (before, after) = (
        found.get(start..middle).unwrap_or_default(),
        found.get(middle..end).unwrap_or_default(),
    );
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    let marker = if position.is_some() { ">" } else { "" };
    format!(
        "{}{before}{marker}{after}{}",
        cut(start > 0),
        cut(end < found.len())
    )
}

/// The last character boundary at or before this byte.
fn floor(text: &str, mut position: usize) -> usize {
    while !text.is_char_boundary(position) {
        position = position.saturating_sub(1);
    }
    position
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_types::{EmptyRequest, Execute};

    fn read<T: DeserializeOwned>(name: &str, body: &[u8]) -> Result<T, Error> {
        parse(name, body, &JobControl::default())
    }

    fn message(body: &[u8]) -> String {
        let error = read::<Execute>("Execute001", body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidJson);
        error.to_string()
    }

    #[test]
    fn the_marker_stands_before_the_column() {
        assert!(
            message(br#"{'framewise':{}}"#)
                .ends_with("key must be a string at line 1 column 2: {>'framewise':{}} at\n")
        );
        assert!(message(b"{").ends_with("EOF while parsing an object at line 1 column 1: >{ at\n"));
        assert!(message(b"null").ends_with(" at line 1 column 4: nul>l at\n"));
        let text = message(br#"{"framewise":{"steps":[{"decode":{"io_id":0,"io_id":1}}]}}"#);
        let expected = r#"duplicate field `io_id` at line 1 column 51: {"framewise":{"steps":[{"decode":{"io_id":0,"io_id>":1}}]}} at"#;
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn only_the_offending_line_is_shown() {
        let text = message(
            b"{\n \"framewise\":{\n  \"steps\":[\n   {\"decodex\":{\"io_id\":0}}\n  ]\n }\n}",
        );
        assert!(
            text.contains("at line 4 column 13:    {\"decodex>\":{\"io_id\":0}} at\n"),
            "{text}"
        );
    }

    #[test]
    fn empty_and_non_utf8_bodies_have_their_own_text() {
        let expected = "InvalidJson: Json <imageflow_types::Execute001> Error: EOF while parsing a value at line 1 column 0: \
                        [input line not found] at\n";
        assert_eq!(message(b""), expected);
        let expected = "InvalidJson: Invalid UTF-8, JSON Parsing Failed: expected value at line 1 column 6 at\n";
        assert_eq!(message(b"{\"f\":\xff\xfe}"), expected);
        assert!(
            message(b"{\"unknown\":\"\xff\xfe\",\"framewise\":{\"steps\":[]}}")
                .starts_with("InvalidJson: Invalid UTF-8")
        );
        assert!(read::<EmptyRequest>("EmptyRequest", b"null").is_err());
        assert!(read::<EmptyRequest>("EmptyRequest", br#"{"extra":1}"#).is_ok());
    }

    #[test]
    fn markers_never_split_a_character() {
        let line = "äöü€𝄞";
        for column in 0..20 {
            let marked = marked_line(line, 1, column);
            assert_eq!(marked.replace('>', ""), line);
        }
        assert_eq!(marked_line("ä", 1, 2), ">ä");
    }

    #[test]
    fn long_lines_are_cut_around_the_error() {
        let body = format!(
            "{{\"pad\":\"{}\",\"framewise\":7,\"more\":\"{}\"}}",
            "é".repeat(5000),
            "x".repeat(5000)
        );
        let text = message(body.as_bytes());
        assert!(text.len() < 1200, "{}", text.len());
        assert!(text.contains("\"framewise\":"), "{text}");
    }
}
