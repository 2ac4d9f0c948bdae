//! What the decoder says of a damaged file, in words.

use std::io::ErrorKind;

use png::DecodingError;

use crate::error::CodecError;
use crate::format::ImageFormat;

/// The error of a file that is damaged `where_`.
pub(super) fn damaged(error: DecodingError, where_: &str) -> CodecError {
    match error {
        DecodingError::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => {
            CodecError::read(error)
        }
        DecodingError::IoError(_) => {
            CodecError::malformed(ImageFormat::Png, format_args!("the file ends in {where_}"))
        }
        error => {
            let text = words(&error.to_string());
            CodecError::malformed(ImageFormat::Png, format_args!("{text} (in {where_})"))
        }
    }
}

/// The decoder writes some values as its own source code would: chunk names lose what is around them, and of a deflate
/// stream it is enough that it is damaged.
fn words(text: &str) -> String {
    const BEFORE: &str = "ChunkType { type: ";
    if text.starts_with("Corrupt deflate stream") {
        return "the compressed pixels are damaged".to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEFORE) {
        out.push_str(before);
        let (value, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(value.split(',').next().unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_names_stand_alone() {
        let text = "CRC error: expected 0x1 have 0x2 while decoding ChunkType { type: IDAT, critical: true, private: false, reserved: false, safecopy: false } chunk.";
        assert_eq!(
            words(text),
            "CRC error: expected 0x1 have 0x2 while decoding IDAT chunk."
        );
        assert_eq!(
            words("Corrupt deflate stream. DecompressionError { inner: WrongChecksum }"),
            "the compressed pixels are damaged"
        );
        assert_eq!(words("Invalid PNG signature."), "Invalid PNG signature.");
    }
}
