//! What can go wrong with a format.

use imageflow_pixels::{ControlError, StreamError};

use crate::foreign::Foreign;
use crate::format::ImageFormat;
use crate::words::plain;

/// An error of a decoder or an encoder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The first bytes belong to no known format.
    #[error("No ENABLED decoder found for file starting in [{}]", hex_list(head))]
    NoEnabledDecoder {
        /// The first twelve bytes, zero-padded.
        head: [u8; ImageFormat::HEAD],
    },
    /// The input is known to be something else.
    #[error("No ENABLED decoder found: {0}")]
    Foreign(Foreign),
    /// The input has no bytes at all.
    #[error("No ENABLED decoder found: the file is empty")]
    EmptyInput,
    /// The format is known, but this build cannot read or write it.
    #[error("{format} {action} is not part of this build")]
    Disabled {
        /// The format.
        format: ImageFormat,
        /// `"decoding"` or `"encoding"`.
        action: &'static str,
    },
    /// The input breaks the rules of its format.
    #[error("{format} decoder: {message}")]
    Malformed {
        /// The format.
        format: ImageFormat,
        /// What is wrong, as the decoder says it.
        message: String,
    },
    /// The embedded colour profile cannot be used.
    #[error(
        "{format} colour profile: {message}; without the decoder command fail_on_color_profile_errors, or ignore_icc_errors=false in a querystring, the picture is decoded without it"
    )]
    ColorProfile {
        /// The format.
        format: ImageFormat,
        /// What is wrong with it.
        message: String,
    },
    /// A request that this codec cannot answer.
    #[error("{0}")]
    InvalidArgument(String),
    /// The frames of an animation have more pixels together than [`DecodeOptions::max_total_pixels`] allows.
    ///
    /// [`DecodeOptions::max_total_pixels`]: crate::DecodeOptions::max_total_pixels
    #[error(
        "{format} total decoded pixels ({frames} frames x {frame_pixels} pixels = {}) exceeds max_total_file_pixels {limit}",
        frames.saturating_mul(*frame_pixels)
    )]
    TooManyPixels {
        /// The format.
        format: ImageFormat,
        /// Frames, the one that is too many included.
        frames: u64,
        /// Pixels of the canvas.
        frame_pixels: u64,
        /// The limit.
        limit: u64,
    },
    /// The encoder gave up.
    #[error("{format} encoder: {message}")]
    Encode {
        /// The format.
        format: ImageFormat,
        /// What the encoder says.
        message: String,
    },
    /// Reading the input failed.
    #[error("cannot read the input: {0}")]
    Read(#[source] std::io::Error),
    /// Writing the output failed.
    #[error("cannot write the output: {0}")]
    Write(#[source] std::io::Error),
    /// Cancelled, past its deadline or out of memory.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl CodecError {
    /// A failure of reading: [`CodecError::Read`], or why the job must stop when that is what a reader failed with.
    pub(crate) fn read(error: std::io::Error) -> CodecError {
        match error.downcast::<ControlError>() {
            Ok(stopped) => CodecError::Control(stopped),
            Err(error) => CodecError::Read(error),
        }
    }

    /// A [`CodecError::Malformed`] of this format.
    pub fn malformed(format: ImageFormat, message: impl ToString) -> CodecError {
        CodecError::Malformed {
            format,
            message: plain(&message.to_string()),
        }
    }

    /// A [`CodecError::Encode`] of this format.
    pub fn encode(format: ImageFormat, message: impl ToString) -> CodecError {
        CodecError::Encode {
            format,
            message: plain(&message.to_string()),
        }
    }
}

impl From<CodecError> for StreamError {
    fn from(error: CodecError) -> StreamError {
        match error {
            CodecError::Control(control) => StreamError::Control(control),
            other => StreamError::Codec(Box::new(other)),
        }
    }
}

fn hex_list(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect::<Vec<_>>()
        .join(", ")
}
