//! Builds without a JPEG codec know the format and say that they cannot read or write it.

use imageflow_pixels::{FrameInfo, JobControl, RowSink};

use super::{Inks, JpegSettings};
use crate::decoder::Decoder;
use crate::encoder::Output;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Refuses.
///
/// # Errors
/// Always.
pub(crate) fn open_as(
    _reader: Reader,
    _inks: Inks,
    _control: &JobControl,
) -> Result<Box<dyn Decoder>, CodecError> {
    Err(disabled("decoding"))
}

/// Refuses.
///
/// # Errors
/// Always.
pub(crate) fn encoder(
    _settings: &JpegSettings,
    _frame: FrameInfo,
    _output: Output,
    _control: &JobControl,
) -> Result<Box<dyn RowSink>, CodecError> {
    Err(disabled("encoding"))
}

fn disabled(action: &'static str) -> CodecError {
    CodecError::Disabled {
        format: ImageFormat::Jpeg,
        action,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use imageflow_pixels::{Alpha, Size};

    use super::*;
    use crate::input::{Bytes, Input};
    use crate::jpeg::JpegStyle;

    #[test]
    fn both_directions_name_the_format() {
        let control = JobControl::default();
        let input = Input::Memory(Bytes::Borrowed(&[
            0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1,
        ]));
        let refused = crate::decoder::open(&input, &control).err().unwrap();
        assert_eq!(
            refused.to_string(),
            "JPEG decoding is not part of this build"
        );
        let settings = JpegSettings {
            style: JpegStyle::Best,
            quality: 80,
            progressive: false,
            optimize_huffman: false,
        };
        let frame = FrameInfo::bgra8(Size::new(1, 1).unwrap(), Alpha::Opaque);
        let refused = encoder(&settings, frame, Box::new(Vec::new()), &control);
        assert!(matches!(
            refused.err(),
            Some(CodecError::Disabled {
                action: "encoding",
                ..
            })
        ));
    }
}
