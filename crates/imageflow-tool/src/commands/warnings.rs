//! What in a command string has no effect, in words for a person.

use imageflow_codecs::{ImageFormat, jxl};
use imageflow_core::suggest::did_you_mean;
use imageflow_querystring::values::Format;
use imageflow_querystring::{Instructions, Warning, keys};
use imageflow_types::{BoolKeep, IssueKind};

use crate::error::ToolError;

/// The warnings about a command, each problem once.
pub(super) fn of(command: &str) -> Vec<String> {
    let (instructions, found) = imageflow_querystring::parse(command);
    let is_bad_value = |key: &str| {
        found
            .iter()
            .any(|w| w.kind == IssueKind::InvalidValueError && w.key == key)
    };
    // A value that is not understood is reported a second time as an ignored key.
    let told = found
        .iter()
        .filter(|w| w.kind != IssueKind::IgnoredKey || !is_bad_value(&w.key));
    told.map(describe)
        .chain(
            unwritable_format(&instructions)
                .map(|(word, why)| format!("format={word} gives another format: {why}")),
        )
        .collect()
}

/// The format a command names, and why the engine will write another, if it will.
pub(super) fn unwritable_format(asked: &Instructions) -> Option<(&'static str, &'static str)> {
    let lossy = |own: Option<BoolKeep>| {
        !matches!(
            own.or(asked.lossless),
            Some(BoolKeep::True | BoolKeep::Keep)
        )
    };
    let exact = asked.jxl_distance.is_some_and(|distance| distance <= 0.0);
    match asked.format? {
        Format::Avif if !ImageFormat::Avif.can_encode() => {
            Some(("avif", "this build writes no AVIF"))
        }
        Format::Jxl if !jxl::CAN_ENCODE_LOSSY && lossy(asked.jxl_lossless) && !exact => Some((
            "jxl",
            "this build writes JPEG XL only with lossless=true in the command",
        )),
        _ => None,
    }
}

/// The warnings, or an error when there are some and that is not wanted.
///
/// # Errors
/// With `strict`, when anything in the command has no effect.
pub(super) fn checked(command: &str, strict: bool) -> Result<Vec<String>, ToolError> {
    let warnings = of(command);
    match warnings.first() {
        Some(first) if strict => Err(ToolError::BadArguments(format!(
            "--command: {first} (--strict)"
        ))),
        _ => Ok(warnings),
    }
}

fn describe(warning: &Warning) -> String {
    let Warning { kind, key, value } = warning;
    match kind {
        IssueKind::UnrecognizedKey if key == imageflow_querystring::FRAGMENT => {
            format!(
                "the command ends at its #; {value:?} behind it has no effect (in a value, write %23 for #)"
            )
        }
        IssueKind::UnrecognizedKey if key.starts_with('?') => {
            format!("unknown key {key:?}; a command has no leading ?")
        }
        IssueKind::UnrecognizedKey => {
            let near = did_you_mean(key, keys::all().map(|k| k.name));
            format!("unknown key {key:?}{near}")
        }
        IssueKind::InvalidValueError => {
            format!("the value {value:?} of {key} is not understood and has no effect")
        }
        IssueKind::IgnoredKey => format!("the key {key} is not supported and has no effect"),
        IssueKind::DuplicateKeyError => {
            format!("the key {key} is given again; only the first counts")
        }
        IssueKind::DeprecatedKeyWarning | IssueKind::DeprecatedValueWarning => warning.message(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_told_once_with_a_way_out() {
        assert_eq!(of("width=100&format=png"), [""; 0]);
        assert_eq!(
            of("widht=100"),
            ["unknown key \"widht\"; did you mean \"width\"?"]
        );
        assert_eq!(
            of("?w=100"),
            ["unknown key \"?w\"; a command has no leading ?"]
        );
        assert_eq!(
            of("w=abc"),
            ["the value \"abc\" of w is not understood and has no effect"]
        );
        assert_eq!(
            of("w=1&w=2"),
            ["the key w is given again; only the first counts"]
        );
        assert_eq!(
            of("bgcolor=#fff&w=5"),
            [
                "the command ends at its #; \"fff&w=5\" behind it has no effect (in a value, write %23 for #)"
            ]
        );
        assert_eq!(of("bogus=1"), ["unknown key \"bogus\""]);
    }
}
