//! Finds crop, image and canvas size for a source, a target box, a mode and a scale rule.
//!
//! Both querystrings and `constrain` nodes end here. The state starts with three equal shapes: the part of the source
//! that is used, the size it is resampled to, and the canvas it is put on. Each primitive changes some of them.

use crate::layout::LayoutError;
use crate::shape::{Kind, Shape};
use crate::values::{FitMode, ScaleMode};

/// The three shapes a layout consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Solution {
    /// Part of the source that is used.
    pub(crate) source: Shape,
    /// Size it is resampled to.
    pub(crate) image: Shape,
    /// Canvas it is put on.
    pub(crate) canvas: Shape,
}

/// Runs the rules of a mode.
pub(crate) fn solve(
    source: Shape,
    target: Shape,
    mode: FitMode,
    scale: ScaleMode,
) -> Result<Solution, LayoutError> {
    let mut state = State {
        now: Solution {
            source,
            image: source,
            canvas: source,
        },
        target,
    };
    state.run(mode, scale)?;
    Ok(state.now)
}

struct State {
    now: Solution,
    target: Shape,
}

impl State {
    fn run(&mut self, mode: FitMode, scale: ScaleMode) -> Result<(), LayoutError> {
        let larger = self.now.canvas.exceeds(self.target);
        let smaller = self.now.canvas.falls_short_of(self.target);
        let on_canvas = scale == ScaleMode::Canvas;
        // Cropping only shrinks when it can fill the whole box.
        let allowed = match (scale, mode) {
            (ScaleMode::Both, _) => true,
            (ScaleMode::Up, _) => !larger,
            (ScaleMode::Down | ScaleMode::Canvas, FitMode::Crop) => !smaller,
            (ScaleMode::Down | ScaleMode::Canvas, _) => larger,
        };
        match mode {
            FitMode::Max => {
                if allowed {
                    self.scale(Kind::Inner)?;
                }
                if on_canvas {
                    let grown = self.now.canvas.box_in(self.target, Kind::Inner)?;
                    self.put_on(grown)?;
                }
            }
            FitMode::Pad => {
                if allowed {
                    self.scale(Kind::Inner)?;
                }
                if allowed || on_canvas {
                    self.pad()?;
                }
            }
            FitMode::Stretch => {
                if allowed {
                    self.resample_to(self.target);
                }
                if on_canvas {
                    self.pad()?;
                }
            }
            FitMode::Crop => {
                if allowed {
                    self.scale(Kind::Outer)?;
                    self.crop(self.target)?;
                }
                let canvas = self.now.canvas;
                let mixed = canvas.exceeds(self.target) && canvas.falls_short_of(self.target);
                match scale {
                    ScaleMode::Down if mixed => self.crop(self.now.image.min(self.target))?,
                    ScaleMode::Canvas if mixed => self.put_on(self.target)?,
                    _ => {}
                }
            }
            FitMode::AspectCrop => {
                let part = self.target.box_in(self.now.canvas, Kind::Inner)?;
                self.crop(part)?;
            }
        }
        Ok(())
    }

    fn scale(&mut self, kind: Kind) -> Result<(), LayoutError> {
        let next = self.now.canvas.box_in(self.target, kind)?;
        self.resample_to(next);
        Ok(())
    }

    fn resample_to(&mut self, next: Shape) {
        let Solution { image, canvas, .. } = self.now;
        // Sides are below 2³¹, so the products fit.
        self.now.image = Shape::new(
            image.width * next.width / canvas.width,
            image.height * next.height / canvas.height,
        );
        self.now.canvas = next;
    }

    fn pad(&mut self) -> Result<(), LayoutError> {
        if self.now.canvas.exceeds(self.target) {
            return Err(LayoutError::ImpossiblePad {
                target: self.target.to_size(),
                current: self.now.canvas.to_size(),
            });
        }
        self.now.canvas = self.target;
        Ok(())
    }

    /// Changes the canvas and cuts the image to it where it is larger.
    fn put_on(&mut self, canvas: Shape) -> Result<(), LayoutError> {
        let image = self.now.image.min(canvas);
        self.now.source = image.box_in(self.now.source, Kind::Inner)?;
        self.now.image = image;
        self.now.canvas = canvas;
        Ok(())
    }

    fn crop(&mut self, part: Shape) -> Result<(), LayoutError> {
        if part.exceeds(self.now.canvas) {
            return Err(LayoutError::ImpossibleCrop {
                target: part.to_size(),
                current: self.now.canvas.to_size(),
            });
        }
        self.put_on(part)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn solved(mode: FitMode, scale: ScaleMode, target: (i64, i64)) -> [i64; 6] {
        let s = solve(
            Shape::new(40, 30),
            Shape::new(target.0, target.1),
            mode,
            scale,
        )
        .unwrap();
        [
            s.source.width,
            s.source.height,
            s.image.width,
            s.image.height,
            s.canvas.width,
            s.canvas.height,
        ]
    }

    #[test]
    fn modes_do_what_their_names_say() {
        use FitMode::{AspectCrop, Crop, Max, Pad, Stretch};
        use ScaleMode::{Both, Canvas, Down, Up};
        let rows = [
            (Max, Down, (20, 20), [40, 30, 20, 15, 20, 15]),
            (Max, Up, (20, 20), [40, 30, 40, 30, 40, 30]),
            (Max, Both, (80, 80), [40, 30, 80, 60, 80, 60]),
            (Max, Canvas, (80, 80), [40, 30, 40, 30, 80, 60]),
            (Pad, Down, (20, 20), [40, 30, 20, 15, 20, 20]),
            (Pad, Down, (80, 80), [40, 30, 40, 30, 40, 30]),
            (Pad, Canvas, (80, 80), [40, 30, 40, 30, 80, 80]),
            (Stretch, Down, (20, 20), [40, 30, 20, 20, 20, 20]),
            (Crop, Down, (20, 20), [30, 30, 20, 20, 20, 20]),
            (Crop, Down, (20, 40), [20, 30, 20, 30, 20, 30]),
            (Crop, Canvas, (20, 40), [20, 30, 20, 30, 20, 40]),
            (Crop, Both, (80, 80), [30, 30, 80, 80, 80, 80]),
            (AspectCrop, Down, (80, 80), [30, 30, 30, 30, 30, 30]),
        ];
        for (mode, scale, target, expected) in rows {
            assert_eq!(
                solved(mode, scale, target),
                expected,
                "{mode:?} {scale:?} {target:?}"
            );
        }
    }
}
