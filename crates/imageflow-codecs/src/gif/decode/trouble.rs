//! Why reading stopped: what decides whether the frames before stay.

use imageflow_pixels::ControlError;

use crate::error::CodecError;
use crate::format::ImageFormat;

/// A reason to stop.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The file ends where more must follow. Always an error: the rest of a transfer is missing.
    Ended,
    /// The file breaks the rules. After the first frame that ends the animation instead of failing.
    Broken(String),
    /// Nothing that the file is to blame for, or a limit.
    Stop(CodecError),
}

impl Trouble {
    pub(super) fn broken(message: impl ToString) -> Trouble {
        Trouble::Broken(message.to_string())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Trouble {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Trouble::Ended,
            _ => Trouble::Stop(CodecError::read(error)),
        }
    }
}

impl From<ControlError> for Trouble {
    fn from(error: ControlError) -> Trouble {
        Trouble::Stop(error.into())
    }
}

impl From<Trouble> for CodecError {
    fn from(trouble: Trouble) -> CodecError {
        match trouble {
            Trouble::Ended => CodecError::malformed(ImageFormat::Gif, "Unexpected end of file"),
            Trouble::Broken(message) => CodecError::malformed(ImageFormat::Gif, message),
            Trouble::Stop(error) => error,
        }
    }
}
