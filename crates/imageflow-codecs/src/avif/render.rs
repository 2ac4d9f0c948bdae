//! From decoded planes to rows of B, G, R, A in sRGB.

use imageflow_pixels::JobControl;

use super::coding::{Coding, Planes};
use super::color::{Color, points};
use super::container::malformed;
use super::description::Meaning;
use super::rgb::{Signal, ToRgb, alpha_row};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;

/// Renders the rows of pictures that are coded alike.
#[derive(Debug)]
pub(super) struct Renderer {
    to_rgb: ToRgb,
    color: Color,
    premultiplied: bool,
    width: usize,
    signal: Signal,
    row: Vec<u16>,
    alpha: Vec<u8>,
}

impl Renderer {
    /// For pictures of this coding, with so many columns and rows.
    ///
    /// # Errors
    /// When their colours are coded in a way that is not supported, or the profile cannot be used.
    pub(super) fn new(
        (width, height): (u32, u32),
        coding: Coding,
        meaning: &Meaning,
        premultiplied: bool,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Renderer, CodecError> {
        Ok(Renderer {
            to_rgb: ToRgb::new(coding, points(meaning, coding), height).map_err(malformed)?,
            color: Color::new(meaning, coding, options, control)?,
            premultiplied,
            width: width as usize,
            signal: Signal::default(),
            row: Vec::new(),
            alpha: Vec::new(),
        })
    }

    /// Bytes the buffers for rows of `width` pixels take.
    pub(super) fn bytes_for(width: u32) -> u64 {
        // Three of float signal, five of samples, one of alpha, and the copy a colour transform makes.
        u64::from(width) * (3 * 4 + 5 * 2 + 1 + 4)
    }

    /// Renders row `y`, from column `first` on as many pixels as `out` has.
    pub(super) fn row(
        &mut self,
        color: &dyn Planes,
        alpha: Option<&dyn Planes>,
        (first, y): (u32, u32),
        out: &mut [u8],
    ) {
        self.to_rgb.row(color, y, self.width, &mut self.signal);
        let first = first as usize;
        if let Some(alpha) = alpha {
            alpha_row(alpha, y, self.width, &mut self.row, &mut self.alpha);
            if self.premultiplied {
                self.signal.divide(&self.alpha);
            }
        }
        self.color.write(&self.signal, first, out);
        if alpha.is_some() {
            for (pixel, alpha) in out.chunks_exact_mut(4).zip(self.alpha.iter().skip(first)) {
                pixel[3] = *alpha;
            }
        }
    }
}
