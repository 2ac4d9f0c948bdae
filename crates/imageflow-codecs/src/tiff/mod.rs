//! TIFF (revision 6.0, 1992, with its supplements) and BigTIFF.
//!
//! `directory` reads tags, `facts` makes a description of one page of them, `coding` undoes the compression of a strip or
//! tile, `lines` puts rows of samples together, `samples` and `paint` make pixels of them. Strips are decoded as rows are
//! asked for, whatever their height; of tiled pictures one row of tiles is held.
//!
//! Read: gray, RGB, palette and CMYK; 1 to 16 bits, 32 bits and floats (clamped to 0..=1, and taken for sRGB-encoded like
//! the integers); associated and unassociated alpha; both planar configurations and predictors; no compression, PackBits,
//! LZW, Deflate, JPEG and CCITT Group 4 and one-dimensional Group 3. Everything else is refused by name.
//!
//! Decoding is done here because the crate for it decodes strips whole and has no palettes.

#[cfg(feature = "tiff")]
mod coding;
#[cfg(feature = "tiff")]
mod decode;
#[cfg(feature = "tiff")]
mod deep;
#[cfg(feature = "tiff")]
mod directory;
#[cfg(feature = "tiff")]
mod facts;
#[cfg(feature = "tiff")]
mod fax;
#[cfg(feature = "tiff")]
mod jpeg;
#[cfg(feature = "tiff")]
mod lines;
#[cfg(feature = "tiff")]
mod paint;
#[cfg(feature = "tiff")]
mod predictor;
#[cfg(feature = "tiff")]
mod samples;
#[cfg(feature = "tiff")]
mod source;
#[cfg(feature = "tiff")]
mod tags;

#[cfg(feature = "tiff")]
pub use decode::open;

/// Whether this build reads the format.
pub const CAN_DECODE: bool = cfg!(feature = "tiff");

/// Answers that TIFF is not part of this build.
///
/// # Errors
/// [`CodecError::Disabled`](crate::CodecError::Disabled).
#[cfg(not(feature = "tiff"))]
pub fn open(
    _reader: crate::Reader,
    _control: &imageflow_pixels::JobControl,
) -> Result<Box<dyn crate::Decoder>, crate::CodecError> {
    Err(crate::CodecError::Disabled {
        format: crate::ImageFormat::Tiff,
        action: "decoding",
    })
}
