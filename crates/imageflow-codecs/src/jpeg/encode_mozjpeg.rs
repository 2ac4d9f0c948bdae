//! What mozjpeg is asked for each style: libjpeg-turbo's classic output, or trellis quantisation where jpegli is absent.

use super::encode::Picture;
use super::encode_drain::Drain;
use super::ffi_encode::{Settings, compress};
use super::{JpegSettings, JpegStyle};
use crate::error::CodecError;

/// Encodes a picture.
///
/// # Errors
/// What the library or the output says.
pub(super) fn encode(
    settings: &JpegSettings,
    picture: &Picture<'_>,
    drain: &mut Drain,
) -> Result<(), CodecError> {
    let classic = settings.style == JpegStyle::Classic;
    let settings = Settings {
        classic,
        quality: settings.quality,
        progressive: settings.progressive,
        // Progressive scans need tables of their own, and trellis quantisation is tuned with them.
        optimize_huffman: settings.optimize_huffman || settings.progressive || !classic,
    };
    compress(&settings, picture, drain)
}
