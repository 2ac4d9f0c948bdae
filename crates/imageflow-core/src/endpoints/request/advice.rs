//! What to do about a message that does not parse: the parser's complaint, with the place it is about and the way out.
//!
//! The complaint itself stays on the first line as 2.x words it; this is for people, on a line of its own.

use super::place::Place;
use crate::suggest::nearest;

/// A sentence about the parser's complaint at a byte of the text; `None` when there is nothing to add.
pub(super) fn advice(complaint: &str, text: &str, position: usize) -> Option<String> {
    if complaint == "recursion limit exceeded" {
        return Some("objects and arrays may be 127 deep within each other".to_owned());
    }
    let place = Place::of(text, position);
    let todo = missing_field(complaint, &place)
        .or_else(|| unknown_name(complaint))
        .or_else(|| wrong_type(complaint, &place))
        .or_else(|| name_alone(complaint, text, position))
        .or_else(|| out_of_range(complaint))
        .or_else(|| not_a_name(complaint, text, position, &place));
    let is_missing = complaint.starts_with("missing field");
    let path = if is_missing {
        place.container()
    } else {
        place.path()
    };
    match (path.is_empty(), todo) {
        (true, todo) => todo,
        (false, None) => Some(format!("at {path}")),
        (false, Some(todo)) => Some(format!("at {path}: {todo}")),
    }
}

/// Names between backticks.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn missing_field(complaint: &str, place: &Place<'_>) -> Option<String> {
    let field = names(complaint.strip_prefix("missing field ")?).next()?;
    let given = place.fields().iter().copied();
    if let Some(slip) = nearest(field, given.filter(|given| looks_like(given, field))) {
        return Some(format!("there is no field \"{slip}\"; write \"{field}\""));
    }
    let default = match field {
        "quality_profile" => "; null stands for the engine's default",
        "quality" => "; null stands for the default, 80",
        _ => "",
    };
    Some(format!("add the field \"{field}\"{default}"))
}

/// Whether a name is another one with letters too many, too few or out of order. `x1` is no slip for `y2`: both exist.
fn looks_like(given: &str, name: &str) -> bool {
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    match given.len().abs_diff(name.len()) {
        0 => letters(given) == letters(name),
        more => more <= 2,
    }
}

fn unknown_name(complaint: &str) -> Option<String> {
    let (given, known) = complaint
        .strip_prefix("unknown variant ")?
        .split_once(", expected ")?;
    let given = names(given).next()?;
    let known: Vec<&str> = names(known).collect();
    if known == ["transparent", "black", "srgb"] {
        let example = r#"write another colour as {"srgb":{"hex":"RRGGBB"}}"#;
        return Some(example.to_owned());
    }
    let near = nearest(given, known.into_iter())?;
    Some(format!("did you mean \"{near}\"?"))
}

fn wrong_type(complaint: &str, place: &Place<'_>) -> Option<String> {
    let (given, expected) = complaint
        .strip_prefix("invalid type: ")?
        .split_once(", expected ")?;
    let whole = whole_range(expected).is_some();
    if let Some(text) = given.strip_prefix("string ") {
        let number = text.trim_matches('"');
        return match (number.parse::<f64>(), whole || is_real(expected)) {
            (_, false) => None,
            (Ok(_), true) => Some(format!("write the number without quotes: {number}")),
            (Err(_), true) => Some("a number is due here".to_owned()),
        };
    }
    if let Some(number) = given.strip_prefix("floating point ").filter(|_| whole) {
        let number = number.trim_matches('`');
        return Some(match number.parse::<f64>() {
            Ok(value) if value.fract() == 0.0 => {
                format!("a whole number is due here: write {value:.0} instead of {number}")
            }
            _ => "a whole number is due here, without decimals".to_owned(),
        });
    }
    if expected == "a string" {
        return Some("write the value in quotes".to_owned());
    }
    if expected == "unit" {
        let name = place.field()?;
        return Some(format!(
            "\"{name}\" has no settings: write the name alone, or null behind it"
        ));
    }
    None
}

/// `"crop"` where `{"crop":{…}}` is due.
fn name_alone(complaint: &str, text: &str, position: usize) -> Option<String> {
    complaint.strip_prefix("invalid type: unit variant, expected ")?;
    // The byte is the closing quote or the one behind it.
    let name = text.get(..position)?.trim_end_matches('"');
    let name = name.rsplit('"').next()?;
    Some(format!(
        "\"{name}\" has settings: write {{\"{name}\":{{…}}}}"
    ))
}

fn out_of_range(complaint: &str) -> Option<String> {
    let (_, expected) = complaint
        .strip_prefix("invalid value: ")?
        .split_once(", expected ")?;
    let (least, most) = whole_range(expected)?;
    Some(format!("write a whole number from {least} to {most}"))
}

/// An enum is written as a name, or as an object whose only field is one.
fn not_a_name(complaint: &str, text: &str, position: usize, place: &Place<'_>) -> Option<String> {
    if complaint != "expected value" {
        return None;
    }
    let rest = text.get(position..)?;
    let behind = rest.get(1..).unwrap_or_default().trim_start();
    if behind.starts_with(',') && !place.fields().is_empty() {
        let name = place.field()?;
        return Some(format!(
            "one object holds one thing: put what follows \"{name}\" in an object of its own"
        ));
    }
    let word = rest.trim_start_matches([':', ' ']);
    let literal = ["true", "false"]
        .into_iter()
        .find(|literal| word.starts_with(literal));
    literal.map(|literal| format!("write the word in quotes: \"{literal}\""))
}

/// Least and greatest of a Rust integer.
fn whole_range(name: &str) -> Option<(i128, i128)> {
    let (signed, bits) = match name {
        "u8" => (false, 8),
        "u32" => (false, 32),
        "u64" | "usize" => (false, 64),
        "i32" => (true, 32),
        "i64" => (true, 64),
        _ => return None,
    };
    Some(if signed {
        (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        (0, (1 << bits) - 1)
    })
}

fn is_real(name: &str) -> bool {
    name == "f32" || name == "f64"
}
