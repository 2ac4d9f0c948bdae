//! Which colours a picture means: an ICC profile before code points, those of the container before those of the bitstream.
//!
//! The transfer functions of video (BT.709, BT.601, BT.2020) are taken for sRGB's. They describe cameras, not displays, and
//! stand in files whose pixels are sRGB and whose writer did not know better.

use imageflow_pixels::JobControl;

use super::coding::{CodePoints, Coding, Sampling};
use super::container::malformed;
use super::description::Meaning;
use super::rgb::{Signal, byte};
use crate::color::{Embedded, HdrTransform, RgbTransform, embedded, leave_out, signalled};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::format::ImageFormat;

const BT709: u8 = 1;
const BT2020: u8 = 9;
const SRGB: u8 = 13;

/// From signal to sRGB bytes.
#[derive(Debug)]
pub(super) enum Color {
    /// Signal is sRGB.
    Plain,
    /// Bytes go through a transform.
    Bytes(Box<RgbTransform>),
    /// Signal does: bytes would not tell its dark shades apart.
    Hdr(Box<HdrTransform>),
}

/// The code points that hold for a picture: the container's, or what the bitstream says itself.
pub(super) fn points(meaning: &Meaning, coding: Coding) -> CodePoints {
    meaning.points.unwrap_or(coding.points)
}

impl Color {
    /// # Errors
    /// [`CodecError::ColorProfile`] when the profile cannot be used and `options` ask for an error.
    pub(super) fn new(
        meaning: &Meaning,
        coding: Coding,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Color, CodecError> {
        if options.discard_color_profile {
            return Ok(Color::Plain);
        }
        let format = ImageFormat::Avif;
        if let Some(icc) = &meaning.profile {
            let gray = coding.sampling == Sampling::Gray;
            match embedded(format, icc, gray, options, control)? {
                Embedded::LeftOut => {}
                used => return Ok(bytes(used.transform())),
            }
        }
        let points = points(meaning, coding);
        let Ok(primaries) = u8::try_from(points.primaries) else {
            return Ok(Color::Plain);
        };
        let primaries = match primaries {
            0 | 2 => BT709,
            known => known,
        };
        let transfer = match points.transfer {
            8 | 16 | 18 => {
                let hdr = |primaries| {
                    HdrTransform::from_code_points(primaries, points.transfer as u8, meaning.peak)
                };
                let hdr = match hdr(primaries) {
                    Some(hdr) => hdr,
                    None => {
                        let message = format!("colour primaries {primaries} are not known");
                        leave_out(format, message.clone(), options, control)?;
                        // Those that came with these transfer functions.
                        hdr(BT2020).ok_or_else(|| malformed(message))?
                    }
                };
                return Ok(Color::Hdr(Box::new(hdr)));
            }
            0 | 1 | 2 | 6 | 11..=15 => SRGB,
            other => u8::try_from(other).unwrap_or(SRGB),
        };
        let transform = signalled::from_code_points(primaries, transfer)
            .and_then(|profile| RgbTransform::from_profile(&profile).ok().flatten());
        Ok(bytes(transform))
    }

    /// Writes the columns from `first` on of a row of signal as B, G, R, 255.
    pub(super) fn write(&mut self, signal: &Signal, first: usize, bgra: &mut [u8]) {
        let pixels = signal
            .red
            .iter()
            .zip(&signal.green)
            .zip(&signal.blue)
            .skip(first)
            .zip(bgra.chunks_exact_mut(4));
        match self {
            Color::Hdr(hdr) => {
                for (((red, green), blue), out) in pixels {
                    let [r, g, b] = hdr.pixel([*red, *green, *blue]);
                    out.copy_from_slice(&[b, g, r, 255]);
                }
            }
            Color::Plain | Color::Bytes(_) => {
                for (((red, green), blue), out) in pixels {
                    out.copy_from_slice(&[byte(*blue), byte(*green), byte(*red), 255]);
                }
                if let Color::Bytes(transform) = self {
                    transform.apply(bgra);
                }
            }
        }
    }
}

fn bytes(transform: Option<RgbTransform>) -> Color {
    transform.map_or(Color::Plain, |t| Color::Bytes(Box::new(t)))
}
