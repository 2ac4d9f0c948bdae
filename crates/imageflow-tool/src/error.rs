//! What the tool itself can refuse. Engine errors keep the engine's text; see [`crate::job::run`].

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use imageflow_codecs::CodecError;
use imageflow_core::{Category, Error};

/// Why a command could not start, or its answer could not be delivered. The first word is stable: scripts match on it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error("JsonRecipeNotFound: cannot read the job file {}: {source}", .path.display())]
    JsonRecipeNotFound { path: PathBuf, source: io::Error },
    #[error("InconsistentUseOfIoId: {0}")]
    InconsistentUseOfIoId(String),
    #[error(
        "IoIdNotInRecipe({io_id}): the job has no {direction} with io_id {io_id}; it {openings}"
    )]
    IoIdNotInRecipe {
        io_id: i32,
        direction: &'static str,
        openings: String,
    },
    /// Whatever it is, it is not shown.
    #[error("InvalidJson: {} is no job: line 1 does not begin with {{", .0.display())]
    NoJob(PathBuf),
    #[error(
        "ActionForbidden: FilesForbidden: io_id {0} is a file that --in and --out do not give (--no-files)"
    )]
    FileOfJob(i32),
    #[error("ArgumentInvalid: the job file {} has more than {limit} bytes", .path.display())]
    LongJob { path: PathBuf, limit: u64 },
    #[error("BadArguments: {0}")]
    BadArguments(String),
    /// In the commands that imageflow 2.x does not have; its own call a missing input an `IoError`.
    #[error("PrimaryResourceNotFound: there is no input file {}", .0.display())]
    NoInput(PathBuf),
    #[error("IoError: {what}: {source}")]
    Io { what: String, source: io::Error },
    #[error("OperationCancelled: {what} did not end in time: {source}")]
    Ended { what: String, source: CodecError },
    #[error("IoError: the {what} {} exists (--no-clobber)", .path.display())]
    Exists { what: &'static str, path: PathBuf },
}

impl ToolError {
    /// Something that could not be read, or not in time.
    pub(crate) fn reading(what: String, error: CodecError) -> ToolError {
        match error {
            CodecError::Read(source) => ToolError::Io {
                what: format!("cannot read {what}"),
                source,
            },
            source => ToolError::Ended { what, source },
        }
    }

    /// Refuses an input that does not exist; - is standard input.
    pub(crate) fn unless_exists(input: &OsStr) -> Result<(), ToolError> {
        let path = Path::new(input);
        if input == "-" || path.try_exists().unwrap_or(true) {
            return Ok(());
        }
        Err(ToolError::NoInput(path.into()))
    }

    /// An input with more bytes than `--max-input-bytes`.
    pub(crate) fn too_long(what: &dyn std::fmt::Display, limit: u64) -> ToolError {
        ToolError::BadArguments(format!(
            "{what} is longer than {limit} bytes; raise --max-input-bytes if that is intended"
        ))
    }

    /// The HTTP-like code of the response.
    pub(crate) fn code(&self) -> i64 {
        match self {
            ToolError::JsonRecipeNotFound { .. }
            | ToolError::Io { .. }
            | ToolError::Exists { .. } => i64::from(Category::IoError.http_status()),
            ToolError::NoInput(_) => i64::from(Category::PrimaryResourceNotFound.http_status()),
            ToolError::FileOfJob(_) => i64::from(Category::ActionForbidden.http_status()),
            ToolError::Ended { .. } => i64::from(Category::OperationCancelled.http_status()),
            _ => i64::from(Category::ArgumentInvalid.http_status()),
        }
    }

    /// The exit code of the process.
    pub(crate) fn exit(&self) -> u8 {
        exit_of(match self {
            ToolError::JsonRecipeNotFound { .. }
            | ToolError::Io { .. }
            | ToolError::Exists { .. } => Category::IoError,
            ToolError::NoInput(_) => Category::PrimaryResourceNotFound,
            ToolError::NoJob(_) => Category::InvalidJson,
            ToolError::FileOfJob(_) => Category::ActionForbidden,
            ToolError::Ended { .. } => Category::OperationCancelled,
            _ => Category::ArgumentInvalid,
        })
    }
}

/// Bytes of a parse error that are shown of its beginning, and of its end, where the line is.
const SHOWN: (usize, usize) = (300, 3000);

/// A parse error in words. It repeats what it found, which may be as long as the job file, so its middle is left out.
pub(crate) fn shortened(mistake: &serde_json::Error) -> String {
    let text = mistake.to_string();
    let head = floor(&text, SHOWN.0);
    let tail = floor(&text, text.len().saturating_sub(SHOWN.1));
    if tail <= head {
        return text;
    }
    let head = text.get(..head).unwrap_or_default();
    let tail = text.get(tail..).unwrap_or_default();
    format!("{head}…{tail}")
}

/// The last boundary between characters up to `index`.
fn floor(text: &str, index: usize) -> usize {
    (0..=index.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Why a command ended early, and the exit code for it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) text: String,
    pub(crate) exit: u8,
}

impl Failure {
    /// A file that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
        Failure {
            text: format!("cannot read {}: {error}", path.display()),
            exit: 66,
        }
    }

    /// A file that cannot be written.
    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Failure {
        Failure {
            text: format!("cannot write {}: {error}", path.display()),
            exit: 74,
        }
    }

    /// JSON to or from the engine is of one set of types, so this does not happen.
    pub(crate) fn odd_json(error: &serde_json::Error) -> Failure {
        Failure {
            text: format!("InternalError: the engine's JSON is not understood: {error}"),
            exit: 70,
        }
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Failure {
        Failure {
            text: error.to_string(),
            exit: error.exit(),
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Failure {
        Failure {
            text: first_line(error),
            exit: exit_of(error.category()),
        }
    }
}

/// What went wrong, without where in the job.
pub(crate) fn first_line(error: &Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_suffix(" at").unwrap_or(first).to_owned()
}

/// The exit code of a category. 401 and 402 do not fit into a byte: they become "no permission".
pub(crate) fn exit_of(category: Category) -> u8 {
    u8::try_from(category.exit_code()).unwrap_or(77)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_fit_into_a_byte() {
        for (category, number, code) in [
            (Category::OutOfMemory, 71, 503),
            (Category::ArgumentInvalid, 64, 400),
            (Category::InvalidJson, 65, 400),
            (Category::ImageMalformed, 65, 400),
            (Category::ImageTypeNotSupported, 65, 400),
            (Category::NodeArgumentInvalid, 64, 400),
            (Category::GraphInvalid, 64, 400),
            (Category::ActionNotSupported, 64, 400),
            (Category::ActionForbidden, 77, 403),
            (Category::AuthorizationRequired, 77, 401),
            (Category::PrimaryResourceNotFound, 66, 404),
            (Category::SecondaryResourceNotFound, 66, 500),
            (Category::UpstreamTimeout, 69, 504),
            (Category::UpstreamError, 69, 502),
            (Category::IoError, 74, 500),
            (Category::NoSolutionFound, 70, 500),
            (Category::InternalError, 70, 500),
            (Category::Unknown, 70, 500),
            (Category::Custom, 70, 500),
            (Category::OperationCancelled, 130, 499),
        ] {
            assert_eq!(exit_of(category), number, "{category:?}");
            assert_eq!(category.http_status(), code, "{category:?}");
        }
    }
}
