//! What drawing takes, before it is begun: the renderer cannot be stopped within a group that has a layer of its own, and
//! allocates layers and patterns without asking.

use resvg::tiny_skia::{PathSegment, Transform};
use resvg::usvg::{ClipPath, Group, Mask, Node, Paint, Path, Pattern};

use super::filters;

/// Layers reach beyond the picture by no more than this many times its sides.
const LAYER_SIDES: f64 = 5.0;
/// Work for a segment of a path, whatever its size.
const SEGMENT: u64 = 200;
/// Dashes of a path that are drawn at most.
const MAX_DASHES: f64 = 1_000_000.0;
/// Bytes of a pixel.
const PIXEL: u64 = 4;

/// Work in pixels touched, and bytes at the worst moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Cost {
    pub(super) work: u64,
    pub(super) bytes: u64,
}

impl Cost {
    /// One after the other.
    pub(super) fn then(self, next: Cost) -> Cost {
        Cost {
            work: self.work.saturating_add(next.work),
            bytes: self.bytes.max(next.bytes),
        }
    }

    /// While `bytes` are held.
    fn holding(self, bytes: u64) -> Cost {
        Cost {
            bytes: self.bytes.saturating_add(bytes),
            ..self
        }
    }

    /// For each of `times`.
    fn times(self, times: u64) -> Cost {
        Cost {
            work: self.work.saturating_mul(times),
            ..self
        }
    }
}

/// Estimates for a picture of a size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    width: f64,
    height: f64,
}

impl Estimate {
    pub(super) fn new(width: u32, height: u32) -> Estimate {
        Estimate {
            width: f64::from(width),
            height: f64::from(height),
        }
    }

    /// Pixels of a rectangle of this size that can matter.
    fn pixels(&self, width: f32, height: f32, transform: Transform) -> u64 {
        // Turned by 45°, a rectangle needs a square around its diagonal.
        let (sx, sy) = scales(transform);
        let (width, height) = (f64::from(width) * sx, f64::from(height) * sy);
        let turned = transform.kx != 0.0 || transform.ky != 0.0;
        let (width, height) = if turned {
            (width + height, width + height)
        } else {
            (width, height)
        };
        let clipped = |side: f64, most: f64| (side + 6.0).min(most * LAYER_SIDES + 6.0);
        let area = clipped(width, self.width) * clipped(height, self.height);
        // The cast saturates, and takes 0 for no number.
        area as u64
    }

    pub(super) fn children(&self, group: &Group, transform: Transform) -> Cost {
        group.children().iter().fold(Cost::default(), |cost, node| {
            cost.then(self.node(node, transform))
        })
    }

    /// A node below `transform`.
    pub(super) fn node(&self, node: &Node, transform: Transform) -> Cost {
        match node {
            Node::Group(group) => self.group(group, transform),
            Node::Path(path) => self.path(path, transform),
            // There are no pictures and no fonts.
            Node::Image(_) | Node::Text(_) => Cost::default(),
        }
    }

    fn group(&self, group: &Group, transform: Transform) -> Cost {
        let transform = transform.pre_concat(group.transform());
        let inside = self.children(group, transform);
        if !group.should_isolate() {
            return inside;
        }
        let rect = group.layer_bounding_box();
        let pixels = self.pixels(rect.width(), rect.height(), transform);
        let layer = pixels.saturating_mul(PIXEL);
        // Cleared, and drawn to what is below.
        let mut cost = inside.then(Cost {
            work: pixels.saturating_mul(4),
            bytes: 0,
        });
        for filter in group.filters() {
            let scale = scales(transform);
            let size = (self.width * LAYER_SIDES, self.height * LAYER_SIDES);
            let work = filters::work(filter, scale.0.max(scale.1), size);
            let held = layer.saturating_mul(filters::layers(filter));
            let drawings = filters::drawings(filter).fold(Cost::default(), |cost, group| {
                cost.then(self.group(group, transform))
            });
            cost = cost.then(drawings.holding(held)).then(Cost {
                work: pixels.saturating_mul(work),
                bytes: held,
            });
        }
        if let Some(clip) = group.clip_path() {
            cost = cost.then(self.clip(clip, pixels, transform));
        }
        if let Some(mask) = group.mask() {
            cost = cost.then(self.mask(mask, pixels, transform));
        }
        cost.holding(layer)
    }

    /// A layer, and a byte for each pixel.
    fn clip(&self, clip: &ClipPath, pixels: u64, transform: Transform) -> Cost {
        let transform = transform.pre_concat(clip.transform());
        let nested = clip
            .clip_path()
            .map_or(Cost::default(), |clip| self.clip(clip, pixels, transform));
        let content = self.children(clip.root(), transform);
        let own = Cost {
            work: pixels.saturating_mul(6),
            bytes: 0,
        };
        // Groups in a clip that are clipped get a layer of the same size.
        let clipped = count_clipped(clip.root());
        own.times(clipped.saturating_add(1))
            .then(nested)
            .then(content)
            .holding(pixels.saturating_mul((PIXEL + 1) * 2))
    }

    fn mask(&self, mask: &Mask, pixels: u64, transform: Transform) -> Cost {
        let nested = mask
            .mask()
            .map_or(Cost::default(), |mask| self.mask(mask, pixels, transform));
        let own = Cost {
            work: pixels.saturating_mul(8),
            bytes: 0,
        };
        own.then(nested)
            .then(self.children(mask.root(), transform))
            .holding(pixels.saturating_mul(PIXEL + 2))
    }

    fn path(&self, path: &Path, transform: Transform) -> Cost {
        let bounds = path.stroke_bounding_box();
        let pixels = self.pixels(bounds.width(), bounds.height(), transform);
        let mut cost = Cost {
            work: pixels.saturating_add((path.data().len() as u64).saturating_mul(SEGMENT)),
            bytes: 0,
        };
        if let Some(fill) = path.fill() {
            cost = cost.then(self.paint(fill.paint(), transform));
        }
        if let Some(stroke) = path.stroke() {
            let dashes = stroke
                .dasharray()
                .map_or(0.0, |dashes| dash_count(path, dashes));
            cost = cost.then(self.paint(stroke.paint(), transform)).then(Cost {
                work: (dashes as u64).saturating_mul(SEGMENT),
                bytes: 0,
            });
        }
        cost
    }

    fn paint(&self, paint: &Paint, transform: Transform) -> Cost {
        match paint {
            Paint::Pattern(pattern) => self.pattern(pattern, transform),
            _ => Cost::default(),
        }
    }

    /// A tile of a pattern is drawn whole, however little of it is seen.
    fn pattern(&self, pattern: &Pattern, transform: Transform) -> Cost {
        let placed = transform.pre_concat(pattern.transform());
        let (sx, sy) = scales(placed);
        let rect = pattern.rect();
        let area = (f64::from(rect.width()) * sx + 1.0) * (f64::from(rect.height()) * sy + 1.0);
        let pixels = area as u64;
        let scale = Transform::from_scale(sx as f32, sy as f32);
        let tile = Estimate {
            width: f64::from(rect.width()) * sx,
            height: f64::from(rect.height()) * sy,
        };
        tile.children(pattern.root(), scale)
            .then(Cost {
                work: pixels,
                bytes: 0,
            })
            .holding(pixels.saturating_mul(PIXEL))
    }
}

fn scales(transform: Transform) -> (f64, f64) {
    let (sx, sy) = transform.get_scale();
    (f64::from(sx), f64::from(sy))
}

/// Groups with a clip of their own within a clip.
fn count_clipped(group: &Group) -> u64 {
    group
        .children()
        .iter()
        .map(|node| match node {
            Node::Group(group) => {
                count_clipped(group).saturating_add(u64::from(group.clip_path().is_some()))
            }
            _ => 0,
        })
        .fold(0, u64::saturating_add)
}

/// Dashes along a path, at most as many as are drawn.
fn dash_count(path: &Path, dashes: &[f32]) -> f64 {
    let period: f64 = dashes.iter().map(|v| f64::from(*v)).sum();
    let mut length = 0.0;
    let mut from = (0.0, 0.0);
    let mut go = |to: resvg::tiny_skia::Point| {
        let to = (f64::from(to.x), f64::from(to.y));
        length += (to.0 - from.0).hypot(to.1 - from.1);
        from = to;
    };
    for segment in path.data().segments() {
        match segment {
            PathSegment::MoveTo(a) | PathSegment::LineTo(a) => go(a),
            PathSegment::QuadTo(a, b) => [a, b].into_iter().for_each(&mut go),
            PathSegment::CubicTo(a, b, c) => [a, b, c].into_iter().for_each(&mut go),
            PathSegment::Close => {}
        }
    }
    (length * dashes.len() as f64 / period.max(1e-9)).min(MAX_DASHES)
}
