//! BMP (Windows 2.0 to 5.0, OS/2 1.x and 2.x headers).
//!
//! Source: "Bitmap Storage", Microsoft Learn, and "OS/2 Presentation Manager bitmap file format". Rows are stored from
//! bottom to top as a rule; they are read where they are, so nothing is kept but a block of them. Run-length files are
//! passed once to learn where each row begins. Alpha is meaningful only where the header has a mask for it.
//!
//! Decoding is done here because the crates for it decode whole frames.

#[cfg(feature = "bmp")]
mod decode;
#[cfg(feature = "bmp")]
mod header;
#[cfg(feature = "bmp")]
mod pixels;
#[cfg(feature = "bmp")]
mod plain;
#[cfg(feature = "bmp")]
mod runs;

#[cfg(feature = "bmp")]
pub use decode::open;

/// Whether this build reads the format.
pub const CAN_DECODE: bool = cfg!(feature = "bmp");

/// Answers that BMP is not part of this build.
///
/// # Errors
/// [`CodecError::Disabled`](crate::CodecError::Disabled).
#[cfg(not(feature = "bmp"))]
pub fn open(
    _reader: crate::Reader,
    _control: &imageflow_pixels::JobControl,
) -> Result<Box<dyn crate::Decoder>, crate::CodecError> {
    Err(crate::CodecError::Disabled {
        format: crate::ImageFormat::Bmp,
        action: "decoding",
    })
}
