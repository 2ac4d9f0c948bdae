//! Drawing, node by node, so that a job can be stopped between two of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use imageflow_pixels::{JobControl, Reservation, Size};
use resvg::tiny_skia::{Pixmap, PixmapMut, Transform};
use resvg::usvg::{Group, Node, Tree};

use super::cost::{Cost, Estimate};
use super::decode::malformed;
use crate::error::CodecError;

/// Pixels that may be touched without a look at the job's deadline: seconds.
const MAX_WORK: u64 = 1 << 32;
/// Layers may take this many times the bytes of the picture.
const MAX_LAYERS: u64 = 64;
/// Small pictures may have layers of this many bytes.
const SMALL_LAYERS: u64 = 64 << 20;

/// A drawn picture: R, G, B, A, premultiplied.
pub(super) struct Picture {
    pub(super) pixmap: Pixmap,
    _reservation: Reservation,
}

/// Draws the whole tree at a size.
pub(super) fn draw(tree: &Tree, size: Size, control: &JobControl) -> Result<Picture, CodecError> {
    let estimate = Estimate::new(size.width(), size.height());
    let scale = Transform::from_scale(
        size.width() as f32 / tree.size().width(),
        size.height() as f32 / tree.size().height(),
    );
    let layers = affordable(tree.root(), estimate, scale, size)?;
    let bytes = size.area().saturating_mul(4);
    let reservation = control.reserve(bytes.saturating_add(layers))?;
    let failed = || CodecError::Control(imageflow_pixels::ControlError::AllocationFailed { bytes });
    // The renderer's own allocation ends the process when there is no memory; this one asks first.
    let mut probe = Vec::<u8>::new();
    let length = bytes.saturating_add(layers);
    usize::try_from(length)
        .ok()
        .and_then(|length| probe.try_reserve_exact(length).ok())
        .ok_or_else(failed)?;
    drop(probe);
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or_else(failed)?;
    draw_children(tree.root(), scale, &mut pixmap.as_mut(), control)?;
    Ok(Picture {
        pixmap,
        _reservation: reservation,
    })
}

/// Bytes of layers.
///
/// # Errors
/// When what cannot be interrupted takes too long, or layers too much.
fn affordable(
    root: &Group,
    estimate: Estimate,
    scale: Transform,
    size: Size,
) -> Result<u64, CodecError> {
    let most = size.area().saturating_mul(4 * MAX_LAYERS).max(SMALL_LAYERS);
    let mut bytes = 0;
    let mut pieces = vec![(root, scale)];
    while let Some((group, transform)) = pieces.pop() {
        for node in group.children() {
            match node {
                Node::Group(inner) if !inner.should_isolate() => {
                    pieces.push((inner, transform.pre_concat(inner.transform())));
                }
                node => {
                    let Cost { work, bytes: held } = estimate.node(node, transform);
                    if work > MAX_WORK || held > most {
                        return Err(malformed(format_args!(
                            "layers, patterns or filters are too expensive at {size}"
                        )));
                    }
                    bytes = held.max(bytes);
                }
            }
        }
    }
    Ok(bytes)
}

fn draw_children(
    group: &Group,
    transform: Transform,
    pixmap: &mut PixmapMut<'_>,
    control: &JobControl,
) -> Result<(), CodecError> {
    for node in group.children() {
        control.check()?;
        match node {
            Node::Group(inner) if !inner.should_isolate() => {
                let transform = transform.pre_concat(inner.transform());
                draw_children(inner, transform, pixmap, control)?;
            }
            node => draw_node(node, transform, pixmap)?,
        }
    }
    Ok(())
}

fn draw_node(
    node: &Node,
    transform: Transform,
    pixmap: &mut PixmapMut<'_>,
) -> Result<(), CodecError> {
    // What has no extent draws nothing.
    let Some(bounds) = node.abs_layer_bounding_box() else {
        return Ok(());
    };
    // The renderer moves a node to the origin; this moves it back.
    let placed = transform.pre_translate(bounds.x(), bounds.y());
    // It has assertions about what earlier steps established. A drawing that finds a gap must be an error of that drawing,
    // not of the process.
    catch_unwind(AssertUnwindSafe(|| {
        resvg::render_node(node, placed, pixmap);
    }))
    .map_err(|_| malformed("an invariant does not hold for this drawing"))
}
