//! Puts the values of `--in` and `--out` into a job's openings (its `io` entries of that direction, in order).
//!
//! If any value is a 32-bit integer the list is pairs (`io_id value io_id value`), else it is positional.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use imageflow_core::Context;
use imageflow_types::{IoDirection, IoKind, IoObject};

use crate::error::ToolError;

/// The io ids that are connected to what JSON cannot name: the standard streams, and files whose names are no text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Streams {
    pub(crate) stdin: Option<i32>,
    pub(crate) stdout: Option<i32>,
    pub(crate) files: Vec<UnnamedFile>,
}

/// A file whose name is not UTF-8: the engine gets it beside the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnnamedFile {
    pub(crate) io_id: i32,
    pub(crate) direction: IoDirection,
    pub(crate) path: PathBuf,
}

impl UnnamedFile {
    /// Opens the input, or makes sure that the output can be written. A failure is the context's error.
    pub(crate) fn add_to(&self, context: &mut Context) {
        // The message that follows is answered with the error.
        let _ = match self.direction {
            IoDirection::In => context.add_input_file(self.io_id, &self.path),
            IoDirection::Out => context.add_output_file(self.io_id, &self.path),
        };
    }
}

impl Streams {
    /// Takes the entries out of a job that is sent to the engine without them.
    pub(crate) fn leave_out(&self, io: &mut Vec<IoObject>) {
        io.retain(|entry| {
            let is_unnamed = self.files.iter().any(|file| file.io_id == entry.io_id);
            self.stdin != Some(entry.io_id) && !is_unnamed
        });
    }
}

/// Replaces the `io` of every opening that got a value.
///
/// # Errors
/// When the values do not fit the openings.
pub(crate) fn inject(
    io: &mut [IoObject],
    direction: IoDirection,
    values: &[OsString],
    streams: &mut Streams,
) -> Result<(), ToolError> {
    for (io_id, value) in assign(io, direction, values)? {
        let kind = kind_of(io_id, direction, value, streams)?;
        if let Some(entry) = io
            .iter_mut()
            .find(|e| e.direction == direction && e.io_id == io_id)
        {
            entry.io = kind;
        }
    }
    Ok(())
}

/// A value that is a path even when it looks like an io id.
pub(crate) fn as_path(value: &OsStr) -> OsString {
    match integer(value) {
        Some(_) => Path::new(".").join(value).into_os_string(),
        None => value.to_owned(),
    }
}

/// Which opening gets which value.
///
/// # Errors
/// When the values do not fit the openings.
pub(crate) fn assign<'v>(
    io: &[IoObject],
    direction: IoDirection,
    values: &'v [OsString],
) -> Result<Vec<(i32, &'v OsStr)>, ToolError> {
    let openings: Vec<i32> = io
        .iter()
        .filter(|e| e.direction == direction)
        .map(|e| e.io_id)
        .collect();
    let word = word(direction);
    let assigned: Vec<(i32, &OsStr)> = if values.iter().any(|v| integer(v).is_some()) {
        pairs(word, values)?
    } else if values.len() > openings.len() {
        return Err(ToolError::BadArguments(format!(
            "too many arguments: {} {word}s were given; the job {}",
            values.len(),
            list(word, &openings)
        )));
    } else {
        openings
            .iter()
            .copied()
            .zip(values.iter().map(OsString::as_os_str))
            .collect()
    };
    for (i, (io_id, value)) in assigned.iter().enumerate() {
        if let Some((_, again)) = assigned
            .iter()
            .skip(i + 1)
            .find(|(other, _)| other == io_id)
        {
            return Err(ToolError::BadArguments(format!(
                "{word} {io_id} was given twice: {} and {}",
                value.display(),
                again.display()
            )));
        }
        if !openings.contains(io_id) {
            return Err(ToolError::IoIdNotInRecipe {
                io_id: *io_id,
                direction: word,
                openings: list(word, &openings),
            });
        }
    }
    Ok(assigned)
}

fn pairs<'v>(
    word: &'static str,
    values: &'v [OsString],
) -> Result<Vec<(i32, &'v OsStr)>, ToolError> {
    let (chunks, rest) = values.as_chunks::<2>();
    if let [last] = rest {
        return Err(ToolError::InconsistentUseOfIoId(format!(
            "an io_id among the {word}s makes the list pairs of io_id and file, but {} has no partner (a file named like a number is written ./7)",
            last.display()
        )));
    }
    let pair = |[key, value]: &'v [OsString; 2]| match integer(key) {
        Some(io_id) => Ok((io_id, value.as_os_str())),
        None => Err(ToolError::InconsistentUseOfIoId(format!(
            "an io_id among the {word}s makes the list pairs of io_id and file, but {} is not an integer",
            key.display()
        ))),
    };
    chunks.iter().map(pair).collect()
}

fn kind_of(
    io_id: i32,
    direction: IoDirection,
    value: &OsStr,
    streams: &mut Streams,
) -> Result<IoKind, ToolError> {
    let Some(text) = value.to_str() else {
        streams.files.push(UnnamedFile {
            io_id,
            direction,
            path: value.into(),
        });
        return Ok(IoKind::Placeholder);
    };
    if text.is_empty() {
        return Err(ToolError::BadArguments(format!(
            "the path of {} {io_id} is empty",
            word(direction)
        )));
    }
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Err(ToolError::BadArguments(format!(
            "URLs are not accepted: {text} (download it first)"
        )));
    }
    match (direction, text) {
        (IoDirection::In, "-") => {
            if let Some(other) = streams.stdin.replace(io_id) {
                return Err(ToolError::BadArguments(format!(
                    "inputs {other} and {io_id} cannot both be standard input"
                )));
            }
            Ok(IoKind::Placeholder)
        }
        (IoDirection::Out, "-") => {
            if let Some(other) = streams.stdout.replace(io_id) {
                return Err(ToolError::BadArguments(format!(
                    "outputs {other} and {io_id} cannot both be standard output"
                )));
            }
            Ok(IoKind::OutputBuffer)
        }
        (IoDirection::Out, "base64:") => Ok(IoKind::OutputBase64),
        (IoDirection::In, "base64:") => Err(ToolError::BadArguments(
            "base64: is for outputs; an input is a file or - (standard input)".to_owned(),
        )),
        _ => Ok(IoKind::File(text.to_owned())),
    }
}

fn integer(value: &OsStr) -> Option<i32> {
    value.to_str()?.parse().ok()
}

/// The word used in messages.
pub(crate) fn word(direction: IoDirection) -> &'static str {
    match direction {
        IoDirection::In => "input",
        IoDirection::Out => "output",
    }
}

fn list(word: &str, openings: &[i32]) -> String {
    let ids: Vec<String> = openings.iter().map(i32::to_string).collect();
    match ids.len() {
        0 => format!("has no {word}s"),
        1 => format!("has 1 {word}: {}", ids.join("")),
        n => format!("has {n} {word}s: {}", ids.join(", ")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn job() -> Vec<IoObject> {
        [
            (0, IoDirection::In),
            (3, IoDirection::In),
            (1, IoDirection::Out),
            (-2, IoDirection::Out),
        ]
        .map(|(io_id, direction)| IoObject {
            io_id,
            direction,
            io: IoKind::Placeholder,
        })
        .to_vec()
    }

    fn try_inject(
        direction: IoDirection,
        values: &[&str],
    ) -> Result<(Vec<IoKind>, Streams), String> {
        let (mut io, mut streams) = (job(), Streams::default());
        let values: Vec<OsString> = values.iter().map(OsString::from).collect();
        inject(&mut io, direction, &values, &mut streams).map_err(|e| e.to_string())?;
        Ok((
            io.into_iter()
                .filter(|e| e.direction == direction)
                .map(|e| e.io)
                .collect(),
            streams,
        ))
    }

    fn file(path: &str) -> IoKind {
        IoKind::File(path.to_owned())
    }

    #[test]
    fn positional_values_fill_openings_in_order_and_the_rest_stays() {
        let (io, _) = try_inject(IoDirection::In, &["a"]).expect("fits");
        assert_eq!(io, [file("a"), IoKind::Placeholder]);
    }

    #[test]
    fn one_integer_makes_the_list_pairs() {
        let (io, _) = try_inject(IoDirection::Out, &["-2", "a", "1", "base64:"]).expect("fits");
        assert_eq!(io, [IoKind::OutputBase64, file("a")]);
    }

    #[test]
    fn streams_are_noted() {
        let (io, streams) = try_inject(IoDirection::In, &["a", "-"]).expect("fits");
        assert_eq!(
            (io, streams.stdin),
            (vec![file("a"), IoKind::Placeholder], Some(3))
        );
        let (io, streams) = try_inject(IoDirection::Out, &["-"]).expect("fits");
        assert_eq!(
            (io[0].clone(), streams.stdout),
            (IoKind::OutputBuffer, Some(1))
        );
    }

    #[test]
    fn misfits_are_refused_by_name() {
        for (direction, values, expected) in [
            (
                IoDirection::In,
                &["0", "a", "b"][..],
                "InconsistentUseOfIoId: ",
            ),
            (
                IoDirection::In,
                &["0", "a", "b", "c"],
                "b is not an integer",
            ),
            (
                IoDirection::In,
                &["1", "a"],
                "IoIdNotInRecipe(1): the job has no input with io_id 1; it has 2 inputs: 0, 3",
            ),
            (
                IoDirection::In,
                &["0", "a", "0", "b"],
                "BadArguments: input 0 was given twice: a and b",
            ),
            (
                IoDirection::In,
                &["a", "b", "c"],
                "BadArguments: too many arguments: 3 inputs were given; the job has 2 inputs: 0, 3",
            ),
            (
                IoDirection::In,
                &["-", "-"],
                "cannot both be standard input",
            ),
            (
                IoDirection::Out,
                &["-", "-"],
                "cannot both be standard output",
            ),
            (
                IoDirection::In,
                &["https://example.org/a.jpg"],
                "URLs are not accepted",
            ),
            (IoDirection::Out, &[""], "is empty"),
        ] {
            let message = try_inject(direction, values).expect_err("is refused");
            assert!(message.contains(expected), "{values:?}: {message}");
        }
    }
}
