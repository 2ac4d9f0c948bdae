//! "Did you mean": the nearest known name, if it is near enough to be a slip of the fingers.

/// Characters of the longest name that can be a slip for a known one.
const LONGEST: usize = 64;

/// The nearest known name, unless it is far.
///
/// What is longer than a name can be is near none, so that the work is in proportion to what is known.
///
/// ```
/// # use imageflow_core::suggest::nearest;
/// assert_eq!(nearest("widht", ["width", "height"].into_iter()), Some("width"));
/// assert_eq!(nearest("bogus", ["width", "height"].into_iter()), None);
/// ```
pub fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = |text: &str| text.chars().take(LONGEST + 1).count();
    let letters = length(given);
    if letters > LONGEST {
        return None;
    }
    let most = 1 + letters / 4;
    let (distance, name) = known
        // Names whose lengths differ by more are farther than that.
        .filter(|name| length(name).abs_diff(letters) <= most)
        .map(|name| (strsim::osa_distance(given, name), name))
        .min()?;
    (distance <= most).then_some(name)
}

/// A sentence to append to a message, or nothing.
pub fn did_you_mean<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(given, known).map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// The first ids of a list, for error text.
pub(crate) fn listed(ids: impl Iterator<Item = i32>) -> String {
    const SHOWN: usize = 20;
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    match ids.get(..SHOWN).zip(ids.len().checked_sub(SHOWN)) {
        Some((first, more @ 1..)) => format!("{} and {more} more", first.join(", ")),
        _ if ids.is_empty() => "none".to_owned(),
        _ => ids.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end_somewhere() {
        assert_eq!(listed(0..0), "none");
        assert_eq!(listed([-1, 7].into_iter()), "-1, 7");
        assert!(listed(0..20).ends_with("18, 19"));
        assert!(listed(0..2048).ends_with("18, 19 and 2028 more"));
    }

    #[test]
    fn long_names_are_near_nothing() {
        let long = "width".repeat(1_000_000);
        assert_eq!(nearest(&long, ["width", long.as_str()].into_iter()), None);
        assert_eq!(nearest("width", [long.as_str()].into_iter()), None);
        let (name, slip) = ("a".repeat(LONGEST), "a".repeat(LONGEST - 1));
        assert_eq!(
            nearest(&slip, [name.as_str()].into_iter()),
            Some(name.as_str())
        );
    }

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        assert_eq!(
            did_you_mean("widht", ["width", "height"].into_iter()),
            "; did you mean \"width\"?"
        );
        assert_eq!(did_you_mean("bogus", ["width", "height"].into_iter()), "");
    }
}
