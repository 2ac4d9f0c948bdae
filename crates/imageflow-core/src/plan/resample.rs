//! Resampling nodes: which filter, whether at all, and reading past crops and turns.

use imageflow_pixels::ops::{Bgra, Turn};
use imageflow_pixels::resample::{Filter, WorkingSpace};
use imageflow_pixels::{Rect, RectF, Size};
use imageflow_types::{
    Color, Filter as WireFilter, ResampleHints, ResampleWhen, ScalingColorspace, SharpenWhen,
};

use super::color;
use super::expand::Expander;
use super::ir::{Id, Op, ResampleOp};
use crate::error::{Error, ErrorKind};

/// Hints with defaults filled in for one pair of sizes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) filter: Filter,
    pub(super) sharpen: f32,
    pub(super) space: WorkingSpace,
    /// A colour other than fully transparent.
    pub(super) matte: Option<Bgra>,
}

impl Settings {
    pub(super) fn new(
        hints: Option<&ResampleHints>,
        from: Size,
        to: Size,
    ) -> Result<Settings, Error> {
        let default = ResampleHints::default();
        let hints = hints.unwrap_or(&default);
        let larger = to.width() > from.width() || to.height() > from.height();
        let smaller = to.width() < from.width() || to.height() < from.height();
        let filter = if larger {
            hints.up_filter.unwrap_or(WireFilter::Ginseng)
        } else {
            hints.down_filter.unwrap_or(WireFilter::Robidoux)
        };
        let sharpens = match hints.sharpen_when.unwrap_or(SharpenWhen::Always) {
            SharpenWhen::Downscaling => smaller,
            SharpenWhen::Upscaling => larger,
            SharpenWhen::SizeDiffers => from != to,
            SharpenWhen::Always => true,
        };
        let sharpen = if sharpens {
            hints
                .sharpen_percent
                .filter(|percent| percent.is_finite())
                .unwrap_or(0.0)
                .clamp(0.0, 100.0)
        } else {
            0.0
        };
        let matte = match &hints.background_color {
            None | Some(Color::Transparent) => None,
            Some(color) => Some(color::parse(color)?).filter(|c| !c.is_transparent()),
        };
        let space = match hints.scaling_colorspace {
            Some(ScalingColorspace::Srgb) => WorkingSpace::Srgb,
            _ => WorkingSpace::Linear,
        };
        Ok(Settings {
            filter: filter_of(filter),
            sharpen,
            space,
            matte,
        })
    }

    /// Whether there is anything to do.
    pub(super) fn runs(&self, when: ResampleWhen, from: Size, to: Size) -> bool {
        from != to
            || match when {
                ResampleWhen::Always => true,
                ResampleWhen::SizeDiffersOrSharpeningRequested => self.sharpen > 0.0,
                ResampleWhen::SizeDiffers => false,
            }
    }

    /// Makes a resample to the same size change nothing: the triangle of a scale of 1 weighs the neighbours with 0.
    pub(super) fn keep_pixels(&mut self) {
        self.filter = Filter::Triangle;
        self.sharpen = 0.0;
    }
}

/// Expands `resample_2d`.
pub(super) fn resample(
    expander: &mut Expander<'_>,
    input: Id,
    w: u32,
    h: u32,
    hints: Option<&ResampleHints>,
) -> Result<Id, Error> {
    let to = target_size(w, h)?;
    expander
        .planning
        .limits
        .check_frame(u64::from(w), u64::from(h))?;
    let frame = expander.frame(input);
    let settings = Settings::new(hints, frame.size, to)?;
    let when = hints
        .and_then(|hints| hints.resample_when)
        .unwrap_or(ResampleWhen::SizeDiffersOrSharpeningRequested);
    let matte = settings.matte.filter(|_| frame.alpha.is_meaningful());
    if !settings.runs(when, frame.size, to) {
        // A colour under a frame of the same size needs no filter.
        return match matte {
            Some(color) => matte_below(expander, input, color),
            None => Ok(input),
        };
    }
    // In sRGB-encoded space the colour goes under afterwards, in linear light.
    let within = matte.filter(|_| settings.space == WorkingSpace::Linear);
    let id = scale(expander, input, to, &settings, within, false)?;
    match matte.filter(|_| within.is_none()) {
        Some(color) => matte_below(expander, id, color),
        None => Ok(id),
    }
}

/// Puts a colour under a frame.
pub(super) fn matte_below(
    expander: &mut Expander<'_>,
    input: Id,
    color: Bgra,
) -> Result<Id, Error> {
    expander.add(Op::Matte(color), input)
}

/// Adds a resample that reads past crops (only the window is read), past turns (the smaller frame is turned) and past a
/// decoder's own reduction (the decoder may do it better).
pub(super) fn scale(
    expander: &mut Expander<'_>,
    input: Id,
    to: Size,
    settings: &Settings,
    matte: Option<Bgra>,
    floats: bool,
) -> Result<Id, Error> {
    let mut source = RectF::from(Rect::of(expander.frame(input).size));
    let (mut id, mut size) = (input, to);
    let mut turns: Vec<Op> = Vec::new();
    // The half-open box is the one kernel that is not its own mirror image.
    let turnable =
        settings.filter != Filter::Box && !floats && to.area() <= expander.frame(input).size.area();
    loop {
        let before = expander.ir.input(id);
        let frame = expander.frame(before).size;
        match expander.ir.op(id) {
            Op::Crop(rect) => {
                let (x, y) = (f64::from(rect.x0()), f64::from(rect.y0()));
                source = RectF {
                    x0: source.x0 + x,
                    y0: source.y0 + y,
                    x1: source.x1 + x,
                    y1: source.y1 + y,
                };
            }
            Op::Turn(turn) if turnable => {
                source = turn.source_rect(source, frame);
                size = turn.size(size);
                turns.push(Op::Turn(*turn));
            }
            Op::FlipH if turnable => {
                let width = f64::from(frame.width());
                source = RectF {
                    x0: width - source.x1,
                    x1: width - source.x0,
                    ..source
                };
                turns.push(Op::FlipH);
            }
            Op::Resample(scale) if scale.decode_scale.is_some() => {
                source = source.scaled(
                    f64::from(frame.width()) / f64::from(scale.size.width()),
                    f64::from(frame.height()) / f64::from(scale.size.height()),
                );
            }
            _ => break,
        }
        id = before;
    }
    let Settings {
        filter,
        sharpen,
        space,
        ..
    } = *settings;
    id = expander.add(
        Op::Resample(ResampleOp {
            source,
            size,
            filter,
            sharpen,
            space,
            matte,
            floats,
            decode_scale: None,
        }),
        id,
    )?;
    for turn in turns.into_iter().rev() {
        id = expander.add(turn, id)?;
    }
    Ok(id)
}

/// A resample's target; zero sides get the message of the canvas.
pub(super) fn target_size(w: u32, h: u32) -> Result<Size, Error> {
    let side = |name: &str, value: u32| {
        let text =
            format!("canvas {name} ({value}) must be greater than zero and less than 2000000.");
        Error::new(ErrorKind::InvalidCoordinates, text)
    };
    if w == 0 {
        return Err(side("width", w));
    }
    if h == 0 {
        return Err(side("height", h));
    }
    Size::new(w, h).ok_or_else(|| {
        Error::new(
            ErrorKind::SizeLimitExceeded,
            "max_frame_size values overflow an i32",
        )
    })
}

fn filter_of(filter: WireFilter) -> Filter {
    match filter {
        WireFilter::RobidouxFast => Filter::RobidouxFast,
        WireFilter::Robidoux => Filter::Robidoux,
        WireFilter::RobidouxSharp => Filter::RobidouxSharp,
        WireFilter::Ginseng => Filter::Ginseng,
        WireFilter::GinsengSharp => Filter::GinsengSharp,
        WireFilter::Lanczos => Filter::Lanczos,
        WireFilter::LanczosSharp => Filter::LanczosSharp,
        WireFilter::Lanczos2 => Filter::Lanczos2,
        WireFilter::Lanczos2Sharp => Filter::Lanczos2Sharp,
        WireFilter::Cubic => Filter::Cubic,
        WireFilter::CubicSharp => Filter::CubicSharp,
        WireFilter::CatmullRom => Filter::CatmullRom,
        WireFilter::Mitchell => Filter::Mitchell,
        WireFilter::CubicBSpline => Filter::CubicBSpline,
        WireFilter::Hermite => Filter::Hermite,
        WireFilter::Jinc => Filter::Jinc,
        WireFilter::Triangle | WireFilter::Linear => Filter::Triangle,
        WireFilter::Box => Filter::Box,
        WireFilter::Fastest => Filter::Fastest,
        WireFilter::NCubic => Filter::NCubic,
        WireFilter::NCubicSharp => Filter::NCubicSharp,
    }
}

/// Turns map rectangles back; kept beside the only reader.
trait SourceRect {
    fn source_rect(&self, rect: RectF, input: Size) -> RectF;
}

impl SourceRect for Turn {
    fn source_rect(&self, rect: RectF, input: Size) -> RectF {
        let (w, h) = (f64::from(input.width()), f64::from(input.height()));
        let RectF { x0, y0, x1, y1 } = rect;
        match self {
            Turn::FlipV => RectF {
                x0,
                x1,
                y0: h - y1,
                y1: h - y0,
            },
            Turn::Rotate180 => RectF {
                x0: w - x1,
                x1: w - x0,
                y0: h - y1,
                y1: h - y0,
            },
            // Output columns are source rows, output rows are source columns.
            Turn::Transpose => RectF {
                x0: y0,
                x1: y1,
                y0: x0,
                y1: x1,
            },
            Turn::Rotate90 => RectF {
                x0: y0,
                x1: y1,
                y0: h - x1,
                y1: h - x0,
            },
            Turn::Rotate270 => RectF {
                x0: w - y1,
                x1: w - y0,
                y0: x0,
                y1: x1,
            },
            Turn::Transverse => RectF {
                x0: w - y1,
                x1: w - y0,
                y0: h - x1,
                y1: h - x0,
            },
        }
    }
}
