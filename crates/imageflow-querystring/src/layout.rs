//! Sizes: from [`Instructions`] or a [`Constraint`] and a frame size to crop, image, canvas and padding.
//!
//! Pure arithmetic. A layout is computed on the frame that enters the node, which a decoder may have shrunk, and on the
//! decoder's full size (the *reference*), in whose pixels crop coordinates are given. All rectangles are in the space
//! after `srotate` and `sflip`.

use imageflow_types::{Constraint, ConstraintMode, Gravity};

use crate::instructions::Instructions;
use crate::shape::{Known, MAX_SIDE, Shape};
use crate::solver::{self, Solution};
use crate::values::{Anchor, CropGravity, FitMode, Place, ScaleMode};

/// Says why no layout exists.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A side that keeps the proportions is not between 1 and 2³¹−2.
    #[error(
        "ValueScalingFailed {{ ratio: {ratio:?}, basis: {basis}, invalid_result: {result:?} }}"
    )]
    ValueScalingFailed {
        /// Width divided by height.
        ratio: f64,
        /// The known side in pixels.
        basis: i64,
        /// The other side, rounded.
        result: f64,
    },
    /// A frame has no pixels.
    #[error("InvalidDimensions {{ w: {width}, h: {height} }}")]
    InvalidDimensions {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Padding would have to shrink the canvas.
    #[error("ImpossiblePad {{ target: {target:?}, current: {current:?} }}")]
    ImpossiblePad {
        /// Size wanted.
        target: (u32, u32),
        /// Size of the canvas.
        current: (u32, u32),
    },
    /// Cropping would have to enlarge the canvas.
    #[error("ImpossibleCrop {{ target: {target:?}, current: {current:?} }}")]
    ImpossibleCrop {
        /// Size wanted.
        target: (u32, u32),
        /// Size of the canvas.
        current: (u32, u32),
    },
}

/// What to do to a frame to fulfil [`Instructions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Size of the frame the crop refers to, after `srotate`.
    pub frame: (u32, u32),
    /// Part of the frame to keep, as x1, y1, x2, y2; `None` means all of it.
    pub crop: Option<[u32; 4]>,
    /// Where a crop of this size should be looked for, as x1, y1, x2, y2: the pixels decide, `crop` is the middle. `None`
    /// means that `crop` is the answer.
    pub search: Option<[u32; 4]>,
    /// Size of that part.
    pub source: (u32, u32),
    /// Size to resample to.
    pub image: (u32, u32),
    /// Size after padding.
    pub canvas: (u32, u32),
    /// Padding as left, top, right, bottom.
    pub pad: [u32; 4],
    /// Size after `rotate`.
    pub final_size: (u32, u32),
}

impl Layout {
    /// Moves the crop to a frame of another size (after `srotate`) with the same content, for decoders that shrink
    /// differently than the layout assumed. Everything behind the crop stays as it is.
    #[must_use]
    pub fn on_frame(&self, frame: (u32, u32)) -> Self {
        let edges = |low: u32, high: u32, from: u32, to: u32| {
            let scaled = |edge: u32| {
                (f64::from(edge) * f64::from(to) / f64::from(from.max(1))).round() as u32
            };
            let low = scaled(low).min(to.saturating_sub(1));
            (low, scaled(high).clamp(low.saturating_add(1), to.max(1)))
        };
        let mut moved = *self;
        moved.frame = frame;
        let moved_rect = |[x1, y1, x2, y2]: [u32; 4]| {
            let (x1, x2) = edges(x1, x2, self.frame.0, frame.0);
            let (y1, y2) = edges(y1, y2, self.frame.1, frame.1);
            [x1, y1, x2, y2]
        };
        moved.crop = self.crop.map(moved_rect);
        moved.search = self.search.map(moved_rect);
        moved.source = moved
            .crop
            .map_or(frame, |[x1, y1, x2, y2]| (x2 - x1, y2 - y1));
        moved
    }
}

/// What to do to a frame to fulfil a [`Constraint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstrainLayout {
    /// Part of the frame to keep, as x1, y1, x2, y2; `None` means all of it.
    pub crop: Option<[u32; 4]>,
    /// Where a crop of this size should be looked for, as in [`Layout::search`].
    pub search: Option<[u32; 4]>,
    /// Size to resample to.
    pub image: (u32, u32),
    /// Size after padding.
    pub canvas: (u32, u32),
    /// Padding as left, top, right, bottom.
    pub pad: [u32; 4],
}

/// Lays out a frame of size `decoded`, whose decoder's full size is `reference`.
///
/// # Errors
/// When a frame is empty, or proportions lead beyond 2³¹ pixels.
pub fn layout(
    wishes: &Instructions,
    decoded: (u32, u32),
    reference: (u32, u32),
) -> Result<Layout, LayoutError> {
    let frame = checked(decoded)?;
    let full = checked(reference)?;
    let turned = wishes.source_rotate.is_some_and(|r| r.swaps_sides());
    let window = crop_window(wishes, frame.swapped_if(turned), full.swapped_if(turned));
    let frame_ratio = frame.width as f64 / full.width as f64;
    let target = target_box(wishes, window.size(), frame_ratio)?;
    let solution = solver::solve(
        window.size(),
        target,
        wishes.effective_mode(),
        wishes.scale.unwrap_or(ScaleMode::Down),
    )?;
    let anchor = wishes
        .anchor
        .unwrap_or(Anchor::Named(Place::Middle, Place::Middle));
    let crop_anchor = wishes.crop_gravity.map_or(anchor, |gravity| match gravity {
        CropGravity::Percent(x, y) => Anchor::Percent(x as f32, y as f32),
        CropGravity::Smart => Anchor::Smart,
    });
    let frame = frame.swapped_if(turned);
    let ends_turned = wishes.rotate.is_some_and(|r| r.swaps_sides());
    Ok(Layout {
        frame: frame.to_size(),
        crop: place_crop(crop_anchor, window, solution.source, frame),
        search: search(crop_anchor, window, solution.source),
        source: solution.source.to_size(),
        image: solution.image.to_size(),
        canvas: solution.canvas.to_size(),
        pad: place_image(anchor, solution),
        final_size: solution.canvas.swapped_if(ends_turned).to_size(),
    })
}

/// Fits a frame to a box, as the `constrain` node and watermarks do.
///
/// # Errors
/// When the frame is empty, or proportions lead beyond 2³¹ pixels.
pub fn constrain(
    source: (u32, u32),
    constraint: &Constraint,
) -> Result<ConstrainLayout, LayoutError> {
    let frame = checked(source)?;
    let side = |side: Option<u32>| i64::from(side.unwrap_or(0)).min(MAX_SIDE as i64);
    let target = match (side(constraint.w), side(constraint.h)) {
        (0, 0) => frame,
        (w, 0) => Shape::new(w, frame.other_side(w, Known::Width, None)?),
        (0, h) => Shape::new(frame.other_side(h, Known::Height, None)?, h),
        (w, h) => Shape::new(w, h),
    };
    let (mode, scale) = rules(constraint.mode);
    let solution = solver::solve(frame, target, mode, scale)?;
    let (x, y) = match constraint.gravity {
        Some(Gravity::Percentage { x, y }) => (x, y),
        Some(Gravity::Center | Gravity::Smart) | None => (50.0, 50.0),
    };
    let anchor = Anchor::Percent(x, y);
    let looks = constraint.gravity == Some(Gravity::Smart);
    let window = Window::whole(frame);
    Ok(ConstrainLayout {
        crop: place_crop(anchor, window, solution.source, frame),
        search: looks
            .then(|| search(Anchor::Smart, window, solution.source))
            .flatten(),
        image: solution.image.to_size(),
        canvas: solution.canvas.to_size(),
        pad: place_image(anchor, solution),
    })
}

fn rules(mode: ConstraintMode) -> (FitMode, ScaleMode) {
    match mode {
        ConstraintMode::Distort => (FitMode::Stretch, ScaleMode::Both),
        ConstraintMode::Within => (FitMode::Max, ScaleMode::Down),
        ConstraintMode::Fit => (FitMode::Max, ScaleMode::Both),
        ConstraintMode::LargerThan => (FitMode::Max, ScaleMode::Up),
        ConstraintMode::WithinCrop => (FitMode::Crop, ScaleMode::Down),
        ConstraintMode::FitCrop => (FitMode::Crop, ScaleMode::Both),
        ConstraintMode::AspectCrop => (FitMode::AspectCrop, ScaleMode::Down),
        ConstraintMode::WithinPad => (FitMode::Pad, ScaleMode::Down),
        ConstraintMode::FitPad => (FitMode::Pad, ScaleMode::Both),
    }
}

fn checked((width, height): (u32, u32)) -> Result<Shape, LayoutError> {
    let range = 1..=MAX_SIDE as u32;
    if range.contains(&width) && range.contains(&height) {
        Ok(Shape::from_size((width, height)))
    } else {
        Err(LayoutError::InvalidDimensions { width, height })
    }
}

/// A rectangle in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    x1: i64,
    y1: i64,
    x2: i64,
    y2: i64,
}

impl Window {
    fn whole(frame: Shape) -> Self {
        Self {
            x1: 0,
            y1: 0,
            x2: frame.width,
            y2: frame.height,
        }
    }

    fn size(self) -> Shape {
        Shape::new(self.x2 - self.x1, self.y2 - self.y1)
    }
}

/// Finds the part of the frame that `crop` asks for; nonsense means the whole frame.
fn crop_window(wishes: &Instructions, frame: Shape, full: Shape) -> Window {
    let Some([x1, y1, x2, y2]) = wishes.crop else {
        return Window::whole(frame);
    };
    let (across, down) = (full.width as f64, full.height as f64);
    let units = |units: Option<f64>, side: f64| units.filter(|u| *u != 0.0).unwrap_or(side);
    let near = |item: f64, side: f64, units: f64| {
        let v = item * side / units;
        (if v < 0.0 { v + side } else { v }).clamp(0.0, side)
    };
    let far = |item: f64, side: f64, units: f64| {
        let v = item * side / units;
        (if v <= 0.0 { v + side } else { v }).clamp(0.0, side)
    };
    let (xu, yu) = (
        units(wishes.crop_x_units, across),
        units(wishes.crop_y_units, down),
    );
    let mut edges = [
        near(x1, across, xu),
        near(y1, down, yu),
        far(x2, across, xu),
        far(y2, down, yu),
    ];
    // The casts take NaN to 0, which makes such a window empty.
    let rounded = edges.map(|v| v.round() as i64);
    let [rx1, ry1, rx2, ry2] = rounded;
    if rx2 <= rx1 || ry2 <= ry1 {
        edges = [0.0, 0.0, across, down];
    }
    if frame != full {
        let [x1, y1, x2, y2] = edges;
        let (fw, fh) = (frame.width as f64, frame.height as f64);
        edges = [
            x1 * fw / across,
            y1 * fh / down,
            x2 * fw / across,
            y2 * fh / down,
        ];
    }
    let [x1, y1, x2, y2] = edges.map(|v| v.round() as i64);
    let window = Window {
        x1: x1.clamp(0, frame.width),
        y1: y1.clamp(0, frame.height),
        x2: x2.clamp(0, frame.width),
        y2: y2.clamp(0, frame.height),
    };
    if window.x2 <= window.x1 || window.y2 <= window.y1 {
        Window::whole(frame)
    } else {
        window
    }
}

/// Combines `w`, `h`, `maxwidth`, `maxheight` and `zoom` to a box; -1 stands for an absent side.
fn target_box(
    wishes: &Instructions,
    source: Shape,
    frame_ratio: f64,
) -> Result<Shape, LayoutError> {
    let side = |side: Option<i32>| i64::from(side.unwrap_or(-1).max(-1));
    let (mut w, mut h) = (side(wishes.w), side(wishes.h));
    let (mut max_w, mut max_h) = (side(wishes.max_width), side(wishes.max_height));
    if max_w > 0 && w > 0 {
        w = w.min(max_w);
        max_w = -1;
    }
    if max_h > 0 && h > 0 {
        h = h.min(max_h);
        max_h = -1;
    }
    if w != -1 && max_h != -1 {
        max_h = max_h.min(source.other_side(w, Known::Width, None)?);
    }
    if h != -1 && max_w != -1 {
        max_w = max_w.min(source.other_side(h, Known::Height, None)?);
    }
    w = w.max(max_w);
    h = h.max(max_h);
    match (w >= 1, h >= 1) {
        (true, true) => {}
        (true, false) => h = source.other_side(w, Known::Width, None)?,
        (false, true) => w = source.other_side(h, Known::Height, None)?,
        (false, false) => {
            // Undoes the decoder's shrinking; the width's ratio serves for both sides.
            w = (source.width as f64 / frame_ratio) as i64;
            h = (source.height as f64 / frame_ratio) as i64;
        }
    }
    let zoom = wishes
        .zoom
        .map_or(1.0, |z| f64::from(z).clamp(0.00008, 80000.0));
    let zoomed = |side: i64| (side as f64 * zoom).round().clamp(1.0, MAX_SIDE) as i64;
    Ok(Shape::new(zoomed(w), zoomed(h)))
}

fn place_crop(anchor: Anchor, window: Window, part: Shape, frame: Shape) -> Option<[u32; 4]> {
    if part == frame {
        return None;
    }
    let (dx, dy) = offsets(anchor, part, window.size());
    let (x1, y1) = (window.x1 + dx, window.y1 + dy);
    let edge = |v: i64| u32::try_from(v).unwrap_or(0);
    Some([
        edge(x1),
        edge(y1),
        edge(x1 + part.width),
        edge(y1 + part.height),
    ])
}

/// The window, when a crop of this size is to be looked for and has room to move in it.
fn search(anchor: Anchor, window: Window, part: Shape) -> Option<[u32; 4]> {
    let edge = |v: i64| u32::try_from(v).unwrap_or(0);
    let Window { x1, y1, x2, y2 } = window;
    (anchor == Anchor::Smart && part != window.size()).then(|| [x1, y1, x2, y2].map(edge))
}

fn place_image(anchor: Anchor, solution: Solution) -> [u32; 4] {
    let Solution { image, canvas, .. } = solution;
    let (left, top) = offsets(anchor, image, canvas);
    let edge = |v: i64| u32::try_from(v).unwrap_or(0);
    [
        edge(left),
        edge(top),
        edge(canvas.width - image.width - left),
        edge(canvas.height - image.height - top),
    ]
}

/// Distances of the inner from the outer box's left and top edge.
fn offsets(anchor: Anchor, inner: Shape, outer: Shape) -> (i64, i64) {
    let slack = (
        (outer.width - inner.width).max(0),
        (outer.height - inner.height).max(0),
    );
    let named = |place: Place, slack: i64| match place {
        Place::Near => 0,
        Place::Middle => slack / 2,
        Place::Far => slack,
    };
    let percent = |percent: f32, slack: i64| {
        let share = percent.clamp(0.0, 100.0) / 100.0;
        ((slack as f32 * share).round() as i64).clamp(0, slack)
    };
    match anchor {
        Anchor::Named(x, y) => (named(x, slack.0), named(y, slack.1)),
        Anchor::Percent(x, y) => (percent(x, slack.0), percent(y, slack.1)),
        Anchor::Smart => (slack.0 / 2, slack.1 / 2),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::parse;

    fn of(text: &str, frame: (u32, u32)) -> Layout {
        layout(&parse(text).0, frame, frame).unwrap()
    }

    #[test]
    fn crops_count_from_the_far_edge_when_negative() {
        let crop = |text: &str| of(text, (40, 30)).crop;
        assert_eq!(crop("crop=10,5,-10,-5"), Some([10, 5, 30, 25]));
        assert_eq!(crop("crop=-10,-10,0,0"), Some([30, 20, 40, 30]));
        assert_eq!(crop("c=50,0,100,50"), Some([20, 0, 40, 15]));
        assert_eq!(crop("crop=5,5,5,5"), None);
        assert_eq!(crop("crop=nan,nan,nan,nan"), None);
    }

    #[test]
    fn smart_crops_are_looked_for_in_the_window_and_stand_in_its_middle() {
        let smart = of("w=10&h=10&crop=smart", (40, 30));
        assert_eq!(
            (smart.crop, smart.search),
            (Some([5, 0, 35, 30]), Some([0, 0, 40, 30]))
        );
        let part = of("w=10&h=10&mode=crop&anchor=smart&c=0,0,50,100", (40, 30));
        assert_eq!(
            (part.crop, part.search),
            (Some([0, 5, 20, 25]), Some([0, 0, 20, 30]))
        );
        // Nothing to choose, nothing to look at.
        assert_eq!(of("w=20&h=15&crop=smart", (40, 30)).search, None);
        assert_eq!(of("w=20&h=20&mode=max&crop=smart", (40, 30)).search, None);
        assert_eq!(of("w=10&h=10&mode=crop", (40, 30)).search, None);
        let pad = of("w=20&h=20&anchor=smart", (40, 30));
        assert_eq!((pad.search, pad.pad), (None, [0, 2, 0, 3]));
    }

    #[test]
    fn padding_goes_where_the_anchor_says() {
        let pad = |text: &str| of(text, (40, 30)).pad;
        assert_eq!(pad("w=20&h=20"), [0, 2, 0, 3]);
        assert_eq!(pad("w=20&h=20&anchor=bottomright"), [0, 5, 0, 0]);
        assert_eq!(pad("w=20&h=20&anchor=0,50"), [0, 3, 0, 2]);
    }

    #[test]
    fn sizes_follow_the_proportions() {
        assert_eq!(of("w=20", (40, 30)).final_size, (20, 15));
        assert_eq!(of("w=20&rotate=90", (40, 30)).final_size, (15, 20));
        assert_eq!(of("srotate=90&w=15", (40, 30)).final_size, (15, 20));
        assert_eq!(of("maxwidth=20&w=30", (40, 30)).final_size, (20, 15));
        assert_eq!(of("w=0&zoom=0.5", (40, 30)).final_size, (20, 15));
    }

    #[test]
    fn a_shrunk_frame_is_laid_out_at_full_size() {
        let layout = layout(&parse("crop=100,0,200,100").0, (100, 50), (200, 100)).unwrap();
        assert_eq!(layout.crop, Some([50, 0, 100, 50]));
        assert_eq!(layout.image, (50, 50));
        let moved = layout.on_frame((200, 100));
        assert_eq!(moved.crop, Some([100, 0, 200, 100]));
        assert_eq!(moved.source, (100, 100));
    }

    #[test]
    fn constraints_centre_by_rounding() {
        let constraint = Constraint {
            mode: ConstraintMode::FitPad,
            w: Some(20),
            h: Some(20),
            hints: None,
            gravity: None,
            canvas_color: None,
        };
        let fitted = constrain((40, 30), &constraint).unwrap();
        assert_eq!((fitted.image, fitted.pad), ((20, 15), [0, 3, 0, 2]));
        let free = Constraint {
            w: Some(0),
            h: None,
            ..constraint
        };
        assert_eq!(constrain((40, 30), &free).unwrap().canvas, (40, 30));
    }

    #[test]
    fn empty_frames_are_refused() {
        assert_eq!(
            layout(&Instructions::default(), (0, 5), (5, 5)),
            Err(LayoutError::InvalidDimensions {
                width: 0,
                height: 5
            })
        );
    }
}
