//! "Did you mean": the nearest known name, if it is near enough to be a slip of the fingers.

/// The nearest known name, unless it is far.
///
/// ```
/// # use imageflow_core::suggest::nearest;
/// assert_eq!(nearest("widht", ["width", "height"].into_iter()), Some("width"));
/// assert_eq!(nearest("bogus", ["width", "height"].into_iter()), None);
/// ```
pub fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, name) = known
        .map(|name| (strsim::osa_distance(given, name), name))
        .min()?;
    (distance <= 1 + given.chars().count() / 4).then_some(name)
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
    fn slips_are_recognised_and_strangers_are_not() {
        assert_eq!(
            did_you_mean("widht", ["width", "height"].into_iter()),
            "; did you mean \"width\"?"
        );
        assert_eq!(did_you_mean("bogus", ["width", "height"].into_iter()), "");
    }
}
