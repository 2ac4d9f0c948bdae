//! Messages of libraries without the notation of Rust: what they print for programmers is for users here.

/// The text without `Some(…)`, the names and braces of structures, the brackets of lists, and escaped quotes. What is inside
/// stays.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // What closes each bracket that was left out, or `None` for one that stays.
    let mut open: Vec<Option<char>> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("Some(") {
            open.push(Some(')'));
            rest = inside;
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '{' if structure(&out).is_some() => {
                let name = structure(&out).unwrap_or_default();
                out.truncate(out.trim_end().len() - name);
                open.push(Some('}'));
                rest = rest.trim_start();
            }
            '[' if is_list(rest) => open.push(Some(']')),
            '(' | '{' | '[' => {
                open.push(None);
                out.push(c);
            }
            ')' | '}' | ']' => match open.pop() {
                Some(Some(_)) => {
                    let kept = out.trim_end().len();
                    out.truncate(kept);
                }
                _ => out.push(c),
            },
            '\\' if rest.starts_with('"') => {}
            c => out.push(c),
        }
    }
    // What is not there, of what may be.
    let words = out.split(' ').map(|word| match word {
        "None" => "none",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether numbers with commas between them follow, and the end of a list.
fn is_list(text: &str) -> bool {
    let inside = text.split_once(']').map_or("", |(inside, _)| inside);
    let is_number = |part: &str| part.trim().bytes().all(|b| b.is_ascii_digit());
    inside.contains(',') && inside.split(',').all(is_number)
}

/// Bytes of the name of a structure that ends the text, with a space behind it.
fn structure(text: &str) -> Option<usize> {
    let before = text.strip_suffix(' ')?;
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = before.trim_end_matches(is_name).len();
    let name = before.get(name..)?;
    name.starts_with(|c: char| c.is_ascii_uppercase())
        .then_some(name.len())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn values_stay_and_notation_goes() {
        for (text, shown) in [
            ("Invalid config: 1 2 Some(3)", "Invalid config: 1 2 3"),
            (
                "point[0]: Point { x: 1.0, y: 2.0 }, point[1]",
                "point[0]: x: 1.0, y: 2.0, point[1]",
            ),
            (
                "I/O errors Os { code: 2, kind: NotFound }",
                "I/O errors code: 2, kind: NotFound",
            ),
            (
                "a (b) {c} of Some(Size { w: (1) })!",
                "a (b) {c} of w: (1)!",
            ),
            ("one of [67, 77], not a[0]", "one of 67, 77, not a[0]"),
            ("a \\\"b\\\"", "a \"b\""),
            ("nothing special: ü (1, 2)", "nothing special: ü (1, 2)"),
            ("Invalid config: 1 2 None", "Invalid config: 1 2 none"),
            ("Some(", ""),
            ("} )", "} )"),
        ] {
            assert_eq!(plain(text), shown, "{text}");
        }
    }
}
