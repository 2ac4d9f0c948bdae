//! What filters take.

use resvg::usvg::Group;
use resvg::usvg::filter::{Filter, Kind, Primitive};

/// Work for a pixel of a primitive that looks at a few samples: colour spaces, clearing, the primitive.
const SIMPLE: u64 = 16;
/// Work for a pixel of a blur, whatever its radius.
const BLUR: u64 = 64;
/// Work for a pixel and octave of noise.
const NOISE: u64 = 160;

/// Layers that a filter holds at once: the result of every primitive, inputs and outputs.
pub(super) fn layers(filter: &Filter) -> u64 {
    filter.primitives().len() as u64 * 2 + 4
}

/// Work for each pixel of a layer of this size, at this scale.
pub(super) fn work(filter: &Filter, scale: f64, size: (f64, f64)) -> u64 {
    let primitives = filter.primitives().iter();
    primitives.fold(SIMPLE, |sum, primitive| {
        sum.saturating_add(primitive_work(primitive, scale, size))
    })
}

fn primitive_work(primitive: &Primitive, scale: f64, (width, height): (f64, f64)) -> u64 {
    let extra = match primitive.kind() {
        Kind::GaussianBlur(_) | Kind::DropShadow(_) => BLUR,
        Kind::ConvolveMatrix(kernel) => {
            let matrix = kernel.matrix();
            u64::from(matrix.columns()).saturating_mul(u64::from(matrix.rows()))
        }
        Kind::Morphology(window) => {
            let side = |radius: f32, most: f64| (f64::from(radius) * scale * 2.0 + 1.0).min(most);
            let columns = side(window.radius_x().get(), width);
            let rows = side(window.radius_y().get(), height);
            // The cast saturates.
            (columns.max(1.0) * rows.max(1.0)) as u64
        }
        Kind::Turbulence(noise) => u64::from(noise.num_octaves()).saturating_mul(NOISE),
        Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => NOISE,
        _ => 0,
    };
    extra.saturating_add(SIMPLE)
}

/// The drawings that primitives use as pictures.
pub(super) fn drawings(filter: &Filter) -> impl Iterator<Item = &Group> {
    filter
        .primitives()
        .iter()
        .filter_map(|primitive| match primitive.kind() {
            Kind::Image(image) => Some(image.root()),
            _ => None,
        })
}
