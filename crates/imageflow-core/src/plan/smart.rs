//! Crops whose place the pixels decide.
//!
//! A survey looks at a reduction of the frame. From a JPEG it costs a heavily reduced decode, after which the job decodes
//! what it needs; a frame that is not as cheap to make twice is kept on the way when it is small.

use imageflow_pixels::ops::Saliency;
use imageflow_pixels::{Rect, Size};

use super::expand::Expander;
use super::frames::Found;
use super::ir::{Id, Op};
use super::resample::{self, Settings};
use super::survey::Survey;
use crate::error::{Error, ErrorKind};

/// Longer side of what is looked at: enough to tell a face from a wall, and a reduction from which a photograph of
/// 12 megapixels is decoded at an eighth.
const SIDE: u32 = 192;

/// A crop to look for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// The part of the frame it lies in.
    pub(super) within: Rect,
    /// Its size, and where it lies when nothing stands out.
    pub(super) middle: Rect,
}

impl Search {
    /// The search a layout asks for, if it does; both rectangles are x1, y1, x2, y2.
    pub(super) fn new(within: Option<[u32; 4]>, middle: Option<[u32; 4]>) -> Option<Search> {
        let rect = |[x1, y1, x2, y2]: [u32; 4]| Rect::new(x1, y1, x2, y2);
        Some(Search {
            within: within.and_then(rect)?,
            middle: middle.and_then(rect)?,
        })
    }

    /// The crop at these shares of its room.
    fn at(self, [x, y]: [f64; 2]) -> Option<Rect> {
        let (outer, inner) = (self.within.size(), self.middle.size());
        let offset = |outer: u32, inner: u32, share: f64| {
            let room = outer.saturating_sub(inner);
            ((f64::from(room) * share).round() as u32).min(room)
        };
        let left = self.within.x0() + offset(outer.width(), inner.width(), x);
        let top = self.within.y0() + offset(outer.height(), inner.height(), y);
        Rect::new(left, top, left + inner.width(), top + inner.height())
    }

    /// Width and height of the crop as shares of what it lies in.
    fn shares(self) -> [f64; 2] {
        let (outer, inner) = (self.within.size(), self.middle.size());
        let share = |inner: u32, outer: u32| f64::from(inner) / f64::from(outer);
        [
            share(inner.width(), outer.width()),
            share(inner.height(), outer.height()),
        ]
    }
}

impl Expander<'_> {
    /// Crops where the frame has most to show.
    pub(super) fn smart_crop(&mut self, input: Id, search: Search) -> Result<Id, Error> {
        let size = self.frame(input).size;
        if !search.within.fits(size) {
            let text = format!("{} to search lies outside of {size}", search.within);
            return Err(Error::new(ErrorKind::InternalError, text));
        }
        let (found, id) = self.found(input, |expander| {
            let (place, id) = expander.look_for(input, search)?;
            let rect = place.and_then(|place| search.at(place));
            Ok((Found::Content(rect.unwrap_or(search.middle)), id))
        })?;
        match found {
            Found::Content(rect) if rect.fits(size) => self.crop_to(id, rect),
            _ => self.crop_to(id, search.middle),
        }
    }

    fn look_for(&mut self, input: Id, search: Search) -> Result<(Option<[f64; 2]>, Id), Error> {
        let part = self.crop_to(input, search.within)?;
        let small = self.reduced(part, SIDE)?;
        let control = self.planning.control;
        let survey = Survey::new(Saliency::new(self.frame(small)), Saliency::push_row);
        let keeper = self.keeper(input, !self.is_cheap(input))?;
        let mut sinks = vec![(small, survey.sink(control))];
        sinks.extend(keeper.iter().map(|k| (input, k.sink(control))));
        self.show(sinks)?;
        let place = survey.finish()?.place(search.shares());
        Ok((place, self.go_on(input, keeper)?))
    }

    /// Resamples a frame so that its longer side has at most `side` pixels.
    pub(super) fn reduced(&mut self, input: Id, side: u32) -> Result<Id, Error> {
        let from = self.frame(input).size;
        let longer = from.width().max(from.height());
        if longer <= side {
            return Ok(input);
        }
        let scaled = |v: u32| {
            let v = f64::from(v) * f64::from(side) / f64::from(longer);
            (v.round() as u32).max(1)
        };
        let to = Size::new(scaled(from.width()), scaled(from.height())).unwrap_or(from);
        let settings = Settings::new(None, from, to)?;
        resample::scale(self, input, to, &settings, None, false)
    }

    /// Whether a frame is a decoder's, perhaps cropped and turned, and the decoder reduces while it decodes: then a look
    /// at its reduction costs less than the frame.
    fn is_cheap(&self, mut id: Id) -> bool {
        loop {
            match self.ir.op(id) {
                Op::Decode { header, .. } => return header.can_shrink,
                Op::Crop(_) | Op::Turn(_) | Op::FlipH => {}
                Op::Resample(scale) if scale.decode_scale.is_some() => {}
                _ => return false,
            }
            id = self.ir.input(id);
        }
    }
}
