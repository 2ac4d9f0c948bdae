//! Decoded components before they are pixels.

use crate::error::CodecError;

/// Gives the components of a picture, one row of minimum coded units at a time.
pub(super) trait PlaneReader: Send {
    /// Bytes per row of each plane, in whole blocks of 8.
    fn plane_strides(&self) -> Vec<usize>;

    /// Decodes the next row of minimum coded units. `planes[c]` has `8 × vertical factor` rows of `strides[c]` bytes. All of
    /// them are filled, those beyond the picture's edge with something like what is inside.
    ///
    /// # Errors
    /// When the input is damaged beyond use, or the job must stop.
    fn read_planes(&mut self, planes: &mut [Vec<u8>], strides: &[usize]) -> Result<(), CodecError>;
}
