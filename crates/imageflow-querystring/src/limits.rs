//! How long a querystring may be, so that reading one costs little whoever wrote it.
//!
//! [`parse`](crate::parse) stays total: of a text beyond a limit it reads nothing that is beyond, and says so. A job is better
//! refused, with the error of [`check`].

use imageflow_types::IssueKind;

use crate::parse::srcset_of;
use crate::warning::Warning;

/// Most bytes of a querystring.
pub const MAX_BYTES: usize = 64 << 10;
/// Most commands in a `srcset`.
pub const MAX_SRCSET_COMMANDS: usize = 64;
/// Characters of a value that a complaint repeats.
const SHOWN: usize = 300;

/// A querystring that is beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TooLong {
    /// The text has too many bytes.
    #[error("querystring has {bytes} bytes, exceeding maximum of {MAX_BYTES}")]
    Bytes {
        /// How many.
        bytes: usize,
    },
    /// The `srcset` has too many commands.
    #[error("{key} has {commands} commands, exceeding maximum of {MAX_SRCSET_COMMANDS}")]
    Srcset {
        /// `srcset` or `short`.
        key: &'static str,
        /// How many.
        commands: usize,
    },
}

impl TooLong {
    pub(crate) fn warning(self) -> Warning {
        let key = match self {
            TooLong::Bytes { .. } => "",
            TooLong::Srcset { key, .. } => key,
        };
        Warning::new(IssueKind::InvalidValueError, key, self.to_string())
    }
}

/// Finds out whether a querystring is within the limits.
///
/// # Errors
/// [`TooLong`], which names the limit and the value.
///
/// ```
/// # use imageflow_querystring::limits;
/// assert!(limits::check("w=100&srcset=webp-70,100w").is_ok());
/// let error = limits::check(&format!("srcset={}", "1,".repeat(99))).unwrap_err();
/// assert_eq!(error.to_string(), "srcset has 100 commands, exceeding maximum of 64");
/// ```
pub fn check(text: &str) -> Result<(), TooLong> {
    check_bytes(text)?;
    match srcset_of(text) {
        Some((key, value)) => check_srcset(key, &value),
        None => Ok(()),
    }
}

pub(crate) fn check_bytes(text: &str) -> Result<(), TooLong> {
    match text.len() {
        0..=MAX_BYTES => Ok(()),
        bytes => Err(TooLong::Bytes { bytes }),
    }
}

pub(crate) fn check_srcset(key: &'static str, value: &str) -> Result<(), TooLong> {
    match value.split(',').count() {
        0..=MAX_SRCSET_COMMANDS => Ok(()),
        commands => Err(TooLong::Srcset { key, commands }),
    }
}

/// As much of a text as a complaint about it repeats: every command of a `srcset` may have one.
pub(crate) fn shown(text: &str) -> &str {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::{parse, validate};

    #[test]
    fn limits_are_exact() {
        let of_bytes = |bytes: usize| format!("w=5&x={}", "a".repeat(bytes - 6));
        assert_eq!(check(&of_bytes(MAX_BYTES - 1)), Ok(()));
        assert_eq!(check(&of_bytes(MAX_BYTES)), Ok(()));
        let bytes = MAX_BYTES + 1;
        assert_eq!(check(&of_bytes(bytes)), Err(TooLong::Bytes { bytes }));
        for key in ["srcset", "short"] {
            let of_commands = |n: usize| format!("w=5&{key}={}", vec!["9w"; n].join(","));
            for n in [1, MAX_SRCSET_COMMANDS - 1, MAX_SRCSET_COMMANDS] {
                assert_eq!(check(&of_commands(n)), Ok(()));
                assert_eq!(parse(&of_commands(n)).0.w, Some(9));
            }
            let commands = MAX_SRCSET_COMMANDS + 1;
            let too_long = of_commands(commands);
            assert_eq!(check(&too_long), Err(TooLong::Srcset { key, commands }));
            // The others are read all the same.
            assert_eq!(parse(&too_long).0.w, Some(5));
        }
    }

    #[test]
    fn what_is_checked_is_what_is_read() {
        let many = vec!["9w"; 99].join(",");
        let escaped = many.replace(',', "%2C");
        // In any case, percent-encoded, and the first of several counts; `short` counts when there is no `srcset`.
        for refused in [
            format!("SrcSet={escaped}"),
            format!("%73rcset={many}"),
            format!("srcset={many}&srcset=9w"),
            format!("short=9w&srcset={many}"),
        ] {
            assert!(check(&refused).is_err(), "{refused}");
            assert_eq!(parse(&refused).0.w, None);
        }
        for fine in [
            format!("srcset=9w&srcset={many}"),
            format!("srcset=9w&short={many}"),
            format!("srcset=9w#{many}"),
        ] {
            assert_eq!(check(&fine), Ok(()));
            assert_eq!(parse(&fine).0.w, Some(9));
        }
    }

    #[test]
    fn beyond_a_limit_one_warning_says_why() {
        let long = format!("w=5&zzz={}", "&w=1".repeat(20_000));
        let (wishes, warnings) = parse(&long);
        assert_eq!((wishes.w, warnings.len()), (None, 1));
        let expected = "Value invalid: querystring has 80008 bytes, exceeding maximum of 65536";
        assert_eq!(validate(&long).first().unwrap().message, expected);
        let warnings = parse(&format!("srcset={}", "1,".repeat(999))).1;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
    }

    #[test]
    fn complaints_do_not_repeat_long_texts() {
        let text = format!("srcset={}", vec!["é".repeat(400); 64].join(","));
        let warnings = parse(&text).1;
        assert_eq!(warnings.len(), 64);
        let repeated: usize = warnings.iter().map(|w| w.value.len()).sum();
        assert!(repeated < 64 * 1400, "{repeated}");
    }
}
