//! One error type for the whole engine, with stable kinds.
//!
//! A kind belongs to a [`Category`]; the category fixes the JSON status, the HTTP status and the exit code (one table).

use std::fmt;

use imageflow_codecs::{CodecError, ImageFormat};
use imageflow_pixels::{ControlError, StreamError};

/// Error categories of the ABI, with their stable numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum Category {
    Ok = 0,
    OutOfMemory = 1,
    ArgumentInvalid = 2,
    InvalidJson = 3,
    ImageMalformed = 4,
    ImageTypeNotSupported = 5,
    NodeArgumentInvalid = 6,
    GraphInvalid = 7,
    ActionNotSupported = 8,
    ActionForbidden = 9,
    AuthorizationRequired = 10,
    LicenseError = 11,
    PrimaryResourceNotFound = 12,
    SecondaryResourceNotFound = 13,
    UpstreamTimeout = 14,
    UpstreamError = 15,
    IoError = 16,
    NoSolutionFound = 17,
    InternalError = 18,
    Unknown = 19,
    Custom = 20,
    OperationCancelled = 21,
}

impl Category {
    /// The number used by the C ABI.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The HTTP-like status used in responses.
    pub const fn http_status(self) -> i32 {
        match self {
            Category::Ok => 200,
            Category::OutOfMemory => 503,
            Category::ArgumentInvalid
            | Category::InvalidJson
            | Category::ImageMalformed
            | Category::ImageTypeNotSupported
            | Category::NodeArgumentInvalid
            | Category::GraphInvalid
            | Category::ActionNotSupported => 400,
            Category::ActionForbidden => 403,
            Category::AuthorizationRequired => 401,
            Category::LicenseError => 402,
            Category::PrimaryResourceNotFound => 404,
            Category::UpstreamTimeout => 504,
            Category::UpstreamError => 502,
            Category::OperationCancelled => 499,
            Category::SecondaryResourceNotFound
            | Category::IoError
            | Category::NoSolutionFound
            | Category::InternalError
            | Category::Unknown
            | Category::Custom => 500,
        }
    }

    /// The process exit code (sysexits where one fits).
    pub const fn exit_code(self) -> i32 {
        match self {
            Category::Ok => 0,
            Category::OutOfMemory => 71,
            Category::ArgumentInvalid
            | Category::NodeArgumentInvalid
            | Category::GraphInvalid
            | Category::ActionNotSupported => 64,
            Category::InvalidJson | Category::ImageMalformed | Category::ImageTypeNotSupported => {
                65
            }
            Category::ActionForbidden => 77,
            Category::AuthorizationRequired => 401,
            Category::LicenseError => 402,
            Category::PrimaryResourceNotFound | Category::SecondaryResourceNotFound => 66,
            Category::UpstreamTimeout | Category::UpstreamError => 69,
            Category::IoError => 74,
            Category::NoSolutionFound
            | Category::InternalError
            | Category::Unknown
            | Category::Custom => 70,
            Category::OperationCancelled => 130,
        }
    }
}

/// Causes a client may match on in message text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ErrorKind {
    AllocationFailed,
    GraphInvalid,
    GraphCyclic,
    InvalidNodeConnections,
    NullArgument,
    InvalidArgument,
    InvalidCoordinates,
    InvalidMessageEndpoint,
    IoIdNotFound,
    ItemNotFound,
    DuplicateIoId,
    LayoutError,
    CodecDisabledError,
    SizeLimitExceeded,
    InvalidNodeParams,
    GifDecodingError,
    JpegDecodingError,
    ImageDecodingError,
    NoEnabledDecoderFound,
    ColorProfileError,
    FetchError,
    DecodingIoError,
    EncodingIoError,
    OperationCancelled,
    InvalidJson,
    LimitLocked,
    FilesForbidden,
    FailedBorrow,
    MethodNotImplemented,
    InvalidOperation,
    InvalidState,
    QuantizationError,
    GifEncodingError,
    ImageEncodingError,
    LodePngEncodingError,
    MozjpegEncodingError,
    InternalError,
}

impl ErrorKind {
    /// The category this kind belongs to.
    pub const fn category(self) -> Category {
        use ErrorKind as K;
        match self {
            K::AllocationFailed => Category::OutOfMemory,
            K::GraphInvalid | K::GraphCyclic | K::InvalidNodeConnections => Category::GraphInvalid,
            K::NullArgument
            | K::InvalidArgument
            | K::InvalidCoordinates
            | K::InvalidMessageEndpoint
            | K::IoIdNotFound
            | K::ItemNotFound
            | K::DuplicateIoId
            | K::LayoutError
            | K::CodecDisabledError
            | K::SizeLimitExceeded
            | K::InvalidNodeParams => Category::ArgumentInvalid,
            K::GifDecodingError
            | K::JpegDecodingError
            | K::ImageDecodingError
            | K::NoEnabledDecoderFound
            | K::ColorProfileError => Category::ImageMalformed,
            K::FetchError | K::DecodingIoError | K::EncodingIoError => Category::IoError,
            K::OperationCancelled => Category::OperationCancelled,
            K::InvalidJson => Category::InvalidJson,
            K::LimitLocked | K::FilesForbidden => Category::ActionForbidden,
            K::FailedBorrow
            | K::MethodNotImplemented
            | K::InvalidOperation
            | K::InvalidState
            | K::QuantizationError
            | K::GifEncodingError
            | K::ImageEncodingError
            | K::LodePngEncodingError
            | K::MozjpegEncodingError
            | K::InternalError => Category::InternalError,
        }
    }
}

/// An engine error: a kind, what happened, and where in the job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    advice: Option<Box<str>>,
    node: Option<Box<str>>,
    io_id: Option<i32>,
    place: Option<&'static str>,
}

impl Error {
    /// Makes an error; the message is a sentence without the kind. What repeats a long part of a request is cut.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: cut(message.into()),
            advice: None,
            node: None,
            io_id: None,
            place: None,
        }
    }

    /// The same error, with what to do about it, on a line of its own: the message keeps the wording clients know.
    #[must_use]
    pub fn advise(mut self, advice: impl fmt::Display) -> Error {
        self.advice
            .get_or_insert_with(|| cut(advice.to_string()).into());
        self
    }

    /// The same error, said of a node (`3: resample_2d`). The innermost node is kept.
    #[must_use]
    pub fn at_node(mut self, node: impl fmt::Display) -> Error {
        self.node
            .get_or_insert_with(|| cut(node.to_string()).into());
        self
    }

    /// The same error, said of an input or output. The innermost id is kept.
    #[must_use]
    pub fn at_io(mut self, io_id: i32) -> Error {
        self.io_id.get_or_insert(io_id);
        self
    }

    /// The same error, said of a place in the program (`imageflow_abi: imageflow_context_send_json`). The innermost is kept.
    #[must_use]
    pub fn at_place(mut self, place: &'static str) -> Error {
        self.place.get_or_insert(place);
        self
    }

    /// The stable cause.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The category of the cause.
    pub fn category(&self) -> Category {
        self.kind.category()
    }

    /// The sentence, without category and kind.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, where the message does not say.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// The node it happened in, if known.
    pub fn node(&self) -> Option<&str> {
        self.node.as_deref()
    }

    /// The io id it concerns, if known.
    pub fn io_id(&self) -> Option<i32> {
        self.io_id
    }
}

/// Most bytes of a message. A longer one repeats names, paths or values of a request.
const LONGEST: usize = 5000;

/// The text without its middle, if it is long.
fn cut(mut text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at = at.saturating_sub(1);
        }
        at
    };
    let start = boundary(LONGEST / 2);
    let end = boundary(text.len().saturating_sub(LONGEST / 2));
    text.replace_range(start..end, "…");
    text.shrink_to_fit();
    text
}

/// `<Category>: <Kind>: <text> at`, then advice, io id and node on lines of their own: the first line is what 2.x clients
/// match.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: ", self.category())?;
        if self.kind != ErrorKind::InvalidJson {
            write!(f, "{:?}", self.kind)?;
            f.write_str(if self.message.is_empty() { "" } else { ": " })?;
        }
        write!(f, "{} at", self.message)?;
        if let Some(advice) = &self.advice {
            write!(f, "\n{advice}")?;
        }
        if let Some(place) = self.place {
            write!(f, "\n{place}")?;
        }
        if let Some(id) = self.io_id {
            write!(f, "\nio_id {id}")?;
        }
        match &self.node {
            Some(node) => write!(f, "\nActive node:\n{node}\n"),
            None => f.write_str("\n"),
        }
    }
}

impl std::error::Error for Error {}

impl From<ControlError> for Error {
    fn from(error: ControlError) -> Error {
        let kind = match &error {
            ControlError::Cancelled | ControlError::DeadlineExceeded => {
                ErrorKind::OperationCancelled
            }
            ControlError::BudgetExceeded { .. } => ErrorKind::SizeLimitExceeded,
            _ => ErrorKind::AllocationFailed,
        };
        Error::new(kind, error.to_string())
    }
}

impl From<&CodecError> for Error {
    fn from(error: &CodecError) -> Error {
        let kind = match error {
            CodecError::NoEnabledDecoder { .. }
            | CodecError::Foreign(_)
            | CodecError::EmptyInput => ErrorKind::NoEnabledDecoderFound,
            CodecError::Disabled { .. } => ErrorKind::CodecDisabledError,
            CodecError::Malformed {
                format: ImageFormat::Jpeg,
                ..
            } => ErrorKind::JpegDecodingError,
            CodecError::Malformed {
                format: ImageFormat::Gif,
                ..
            } => ErrorKind::GifDecodingError,
            CodecError::Malformed { .. } => ErrorKind::ImageDecodingError,
            CodecError::ColorProfile { .. } => ErrorKind::ColorProfileError,
            CodecError::InvalidArgument(_) => ErrorKind::InvalidArgument,
            CodecError::TooManyPixels { .. } => ErrorKind::SizeLimitExceeded,
            CodecError::Encode {
                format: ImageFormat::Jpeg,
                ..
            } => ErrorKind::MozjpegEncodingError,
            CodecError::Encode {
                format: ImageFormat::Png,
                ..
            } => ErrorKind::LodePngEncodingError,
            CodecError::Encode { .. } => ErrorKind::ImageEncodingError,
            CodecError::Read(_) => ErrorKind::DecodingIoError,
            CodecError::Write(_) => ErrorKind::EncodingIoError,
            CodecError::Control(control) => return control.clone().into(),
            _ => ErrorKind::InternalError,
        };
        Error::new(kind, error.to_string())
    }
}

impl From<CodecError> for Error {
    fn from(error: CodecError) -> Error {
        Error::from(&error)
    }
}

impl From<StreamError> for Error {
    fn from(error: StreamError) -> Error {
        match error {
            StreamError::Control(control) => control.into(),
            StreamError::Codec(inner) => match inner.downcast_ref::<CodecError>() {
                Some(codec) => codec.into(),
                None => Error::new(ErrorKind::InternalError, inner.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_lose_their_middle() {
        let fine = "é".repeat(LONGEST / 2);
        let error = |text: &str| Error::new(ErrorKind::InvalidArgument, text).advise(text);
        assert_eq!(error(&fine).message(), fine);
        let error = error(&format!("the path '{fine}x{fine}' is missing"));
        assert!(error.message().starts_with("the path 'éé") && error.message().contains("é…é"));
        assert!(error.message().ends_with("éé' is missing"));
        assert!(error.to_string().len() < 2 * LONGEST + 100);
    }

    #[test]
    fn messages_start_with_category_and_kind() {
        let error = Error::new(
            ErrorKind::IoIdNotFound,
            "No codec with io_id 5; all codecs searched.",
        )
        .at_io(5);
        assert!(error.to_string().starts_with(
            "ArgumentInvalid: IoIdNotFound: No codec with io_id 5; all codecs searched. at\n"
        ));
        assert_eq!(error.category().http_status(), 400);
        assert_eq!(
            Error::new(ErrorKind::GraphCyclic, "").to_string(),
            "GraphInvalid: GraphCyclic at\n"
        );
    }

    #[test]
    fn cancellation_reads_as_the_abi_says() {
        let error = Error::from(ControlError::Cancelled);
        assert!(
            error
                .to_string()
                .starts_with("OperationCancelled: OperationCancelled: Cancellation was requested")
        );
        assert_eq!(
            (
                error.category().code(),
                error.category().http_status(),
                error.category().exit_code()
            ),
            (21, 499, 130)
        );
    }
}
