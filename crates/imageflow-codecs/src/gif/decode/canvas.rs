//! The canvas that frames are composited on.

use std::sync::Arc;

use imageflow_pixels::{
    Alpha, ControlError, FrameInfo, JobControl, Rect, Reservation, RowBuf, RowsMut, Size,
};

use super::blocks::{Disposal, Image};

/// A canvas, transparent at first, and what to do before the next frame.
pub(super) struct Canvas {
    frame: Arc<RowBuf>,
    pending: Pending,
    control: JobControl,
}

/// The disposal of the frame drawn last.
enum Pending {
    Nothing,
    Clear(Rect),
    Restore(Saved),
}

/// The pixels that were in a rectangle.
struct Saved {
    rect: Rect,
    pixels: Vec<u8>,
    _reservation: Reservation,
}

impl Canvas {
    pub(super) fn new(size: Size, control: &JobControl) -> Result<Canvas, ControlError> {
        let info = FrameInfo::bgra8(size, Alpha::Meaningful);
        Ok(Canvas {
            frame: Arc::new(RowBuf::whole(info, control)?),
            pending: Pending::Nothing,
            control: control.clone(),
        })
    }

    pub(super) fn size(&self) -> Size {
        self.frame.info().size
    }

    /// The canvas as it is now.
    pub(super) fn shown(&self) -> Arc<RowBuf> {
        self.frame.clone()
    }

    /// Disposes of the frame before and gives the rows to draw the next one on. Draws on a copy when somebody still has
    /// the canvas.
    pub(super) fn begin(&mut self, image: &Image) -> Result<RowsMut<'_>, ControlError> {
        if Arc::get_mut(&mut self.frame).is_none() {
            self.frame = Arc::new(self.frame.copy(&self.control)?);
        }
        let pending = std::mem::replace(&mut self.pending, Pending::Nothing);
        let Some(frame) = Arc::get_mut(&mut self.frame) else {
            // Nobody else can have the copy.
            return Err(ControlError::AllocationFailed { bytes: 0 });
        };
        pending.apply(&mut frame.all_mut());
        if let Some(rect) = visible(image, frame.info().size) {
            self.pending = match image.control.disposal {
                Disposal::Keep => Pending::Nothing,
                Disposal::Background => Pending::Clear(rect),
                Disposal::Previous => Pending::Restore(Saved::of(rect, frame, &self.control)?),
            };
        }
        Ok(frame.all_mut())
    }
}

/// The part of an image that lies on the canvas.
pub(super) fn visible(image: &Image, canvas: Size) -> Option<Rect> {
    let end = |start: u16, length: u16, most: u32| (u32::from(start) + u32::from(length)).min(most);
    Rect::new(
        u32::from(image.left),
        u32::from(image.top),
        end(image.left, image.width, canvas.width()),
        end(image.top, image.height, canvas.height()),
    )
}

/// The bytes of a row's columns in a rectangle.
pub(super) fn columns(rect: Rect) -> std::ops::Range<usize> {
    rect.x0() as usize * 4..rect.x1() as usize * 4
}

impl Pending {
    fn apply(self, rows: &mut RowsMut<'_>) {
        match self {
            Pending::Nothing => {}
            Pending::Clear(rect) => {
                for y in rect.y0()..rect.y1() {
                    if let Some(part) = rows.row_mut(y).get_mut(columns(rect)) {
                        part.fill(0);
                    }
                }
            }
            Pending::Restore(saved) => {
                let length = columns(saved.rect).len().max(1);
                for (y, old) in (saved.rect.y0()..).zip(saved.pixels.chunks_exact(length)) {
                    if let Some(part) = rows.row_mut(y).get_mut(columns(saved.rect)) {
                        part.copy_from_slice(old);
                    }
                }
            }
        }
    }
}

impl Saved {
    fn of(rect: Rect, frame: &RowBuf, control: &JobControl) -> Result<Saved, ControlError> {
        let bytes = rect.size().area() * 4;
        let reservation = control.reserve(bytes)?;
        let failed = ControlError::AllocationFailed { bytes };
        let mut pixels = Vec::new();
        usize::try_from(bytes)
            .ok()
            .and_then(|bytes| pixels.try_reserve_exact(bytes).ok())
            .ok_or(failed)?;
        let rows = frame.all();
        for y in rect.y0()..rect.y1() {
            pixels.extend_from_slice(rows.row(y).get(columns(rect)).unwrap_or_default());
        }
        Ok(Saved {
            rect,
            pixels,
            _reservation: reservation,
        })
    }
}
