//! Output in other colours than a decoder's sRGB: Display P3, the wide gamut that screens of today have, and the way back.

use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use imageflow_pixels::{FrameInfo, Rows, RowsMut, Scratch, Stage};
use moxcms::ColorProfile;

use super::RgbTransform;

/// The ICC profile of Display P3, to be embedded.
///
/// # Errors
/// Says why it cannot be written.
pub fn display_p3_profile() -> Result<Vec<u8>, String> {
    ColorProfile::new_display_p3()
        .encode()
        .map_err(|error| format!("the Display P3 profile cannot be written: {error}"))
}

/// The colours that a [`ConvertColors`] makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gamut {
    /// sRGB.
    Srgb,
    /// Display P3.
    DisplayP3,
}

/// Converts byte rows to sRGB or Display P3.
#[derive(Debug)]
pub struct ConvertColors {
    input: FrameInfo,
    to: Gamut,
    /// `None` for pixels that are in these colours already.
    transform: Option<Mutex<RgbTransform>>,
}

impl ConvertColors {
    /// Makes the stage for pixels in the colours of an ICC profile, or in sRGB.
    ///
    /// # Errors
    /// As for [`rgb_transform`](super::rgb_transform).
    pub fn new(
        input: FrameInfo,
        profile: Option<&[u8]>,
        to: Gamut,
    ) -> Result<ConvertColors, String> {
        let source = match profile {
            Some(icc) => super::parse(icc)?,
            None => ColorProfile::new_srgb(),
        };
        let target = match to {
            Gamut::Srgb => ColorProfile::new_srgb(),
            Gamut::DisplayP3 => ColorProfile::new_display_p3(),
        };
        let transform = RgbTransform::between(&source, &target)?;
        Ok(ConvertColors {
            input,
            to,
            transform: transform.map(Mutex::new),
        })
    }
}

impl Stage for ConvertColors {
    fn output(&self) -> FrameInfo {
        self.input
    }

    fn window(&self, _input: usize, out: Range<u32>) -> Range<u32> {
        out
    }

    fn run(&self, inputs: &[Rows<'_>], out: &mut RowsMut<'_>, _scratch: &mut Scratch) {
        let Some(input) = inputs.first() else { return };
        // The transform keeps a copy of the row it works on; a panic leaves nothing else behind.
        let mut transform = self
            .transform
            .as_ref()
            .map(|t| t.lock().unwrap_or_else(PoisonError::into_inner));
        for y in out.range() {
            let row = out.row_mut(y);
            row.copy_from_slice(input.row(y));
            if let Some(transform) = &mut transform {
                transform.apply(row);
            }
        }
    }
}

impl fmt::Display for ConvertColors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.to {
            Gamut::Srgb => "to_srgb",
            Gamut::DisplayP3 => "to_display_p3",
        })
    }
}
