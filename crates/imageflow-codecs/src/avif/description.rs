//! What a still picture is made of: resolves items and properties to sizes, cells, colour and orientation.

use std::collections::{BTreeMap, BTreeSet};

use imageflow_pixels::{Rect, Size};

use super::bmff::Fields;
use super::coding::{CodePoints, Sampling};
use super::meta::{Item, ItemId, Meta};
use super::property::{Codec, Property};

/// A still picture, understood but not decoded.
#[derive(Clone, Debug)]
pub(super) struct Description {
    /// The part of the decoded picture that is shown.
    pub(super) shown: Rect,
    /// EXIF's number for the rotation and the mirroring together.
    pub(super) orientation: u8,
    pub(super) color: Layer,
    pub(super) alpha: Option<Layer>,
    /// Whether colour was multiplied by alpha.
    pub(super) premultiplied: bool,
    pub(super) meaning: Meaning,
}

/// Gives the data of an item, if they are there.
pub(super) type ItemData<'a> = dyn FnMut(&Item) -> Option<Vec<u8>> + 'a;

/// Which colours the samples mean, as far as the container says.
#[derive(Clone, Debug, Default)]
pub(super) struct Meaning {
    pub(super) points: Option<CodePoints>,
    pub(super) profile: Option<Vec<u8>>,
    /// The brightest pixel in cd/m².
    pub(super) peak: Option<u16>,
}

/// The pictures that make up colour or alpha: one, or the cells of a grid, row by row.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) size: Size,
    pub(super) cell: Size,
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) cells: Vec<ItemId>,
    pub(super) codec: Codec,
    pub(super) operating_point: u8,
}

impl Layer {
    /// One picture.
    pub(super) fn single(size: Size, codec: Codec) -> Layer {
        Layer {
            size,
            cell: size,
            columns: 1,
            rows: 1,
            cells: Vec::new(),
            codec,
            operating_point: 0,
        }
    }

    /// Bytes of `rows` rows of decoded cells, with what the decoder keeps beside them.
    pub(super) fn bytes_for(&self, rows: u32) -> u64 {
        // Sides are rounded up by the decoder, and rows may be spread a little.
        let width = u64::from(self.cell.width().next_multiple_of(128)) + 64;
        let height = u64::from(self.cell.height().next_multiple_of(128));
        let cells = u64::from(self.columns) * u64::from(rows);
        let sample = if self.codec.deep { 2 } else { 1 };
        let eight = self.codec.sampling.samples_of_eight() * sample + 8;
        (width * height).saturating_mul(cells).saturating_mul(eight) / 8
    }
}

/// What is assumed where `av1C` is missing: the most a picture can take.
const ANY_CODEC: Codec = Codec {
    sampling: Sampling::Full,
    deep: true,
};

impl Description {
    /// Resolves the primary item.
    ///
    /// # Errors
    /// Says what is missing or not supported.
    pub(super) fn of(meta: &Meta, data: &mut ItemData<'_>) -> Result<Description, String> {
        let id = meta.primary.ok_or("the file names no primary item")?;
        let item = picture(meta, id)?;
        let color = layer(meta, id, item, None, data)?;
        let (alpha, owner) = alpha(meta, id, &color, data)?;
        let transform = transform(meta, item, color.size);
        let premultiplied =
            owner.is_some_and(|owner| meta.targets(b"prem", id).any(|to| to == owner));
        let mut meaning = meaning(meta, item);
        if meaning.points.is_none() && meaning.profile.is_none() {
            // Some writers describe the cells only.
            if let Some(cell) = color.cells.first().and_then(|id| meta.items.get(id)) {
                meaning = self::meaning(meta, cell);
            }
        }
        Ok(Description {
            shown: transform.shown,
            orientation: transform.orientation,
            color,
            alpha,
            premultiplied,
            meaning,
        })
    }
}

/// An item that can be shown.
fn picture(meta: &Meta, id: ItemId) -> Result<&Item, String> {
    let item = meta
        .items
        .get(&id)
        .ok_or_else(|| format!("item {id} does not exist"))?;
    for (property, essential) in meta.properties_of(item) {
        if let (Property::Unknown(kind), true) = (property, essential) {
            let kind = kind.escape_ascii();
            return Err(format!(
                "item {id} needs the property {kind}, which is not supported"
            ));
        }
    }
    Ok(item)
}

fn extents(meta: &Meta, item: &Item) -> Option<Size> {
    meta.properties_of(item).find_map(|(p, _)| match p {
        Property::Extents(width, height) => Size::new(*width, *height),
        _ => None,
    })
}

fn codec(meta: &Meta, item: &Item) -> Option<Codec> {
    meta.properties_of(item).find_map(|(p, _)| match p {
        Property::Codec(codec) => Some(*codec),
        _ => None,
    })
}

fn layer(
    meta: &Meta,
    id: ItemId,
    item: &Item,
    known: Option<Size>,
    data: &mut ItemData<'_>,
) -> Result<Layer, String> {
    let sized = |item: &Item, id: ItemId| {
        extents(meta, item)
            .or(known)
            .ok_or_else(|| format!("the size of item {id} is missing"))
    };
    match &item.kind {
        b"av01" => {
            let codec = codec(meta, item).unwrap_or(ANY_CODEC);
            Ok(Layer {
                cells: vec![id],
                operating_point: operating_point(meta, item),
                ..Layer::single(sized(item, id)?, codec)
            })
        }
        b"grid" => {
            let grid = data(item)
                .and_then(|bytes| Grid::read(&bytes))
                .ok_or("the grid is damaged")?;
            let cells: Vec<ItemId> = meta.targets(b"dimg", id).collect();
            let size = Size::new(grid.width, grid.height).ok_or("the grid has no pixels")?;
            grid.layer(meta, size, cells)
        }
        kind => Err(format!(
            "item {id} is of the type {}, which is not supported",
            kind.escape_ascii()
        )),
    }
}

fn operating_point(meta: &Meta, item: &Item) -> u8 {
    meta.properties_of(item)
        .find_map(|(p, _)| match p {
            Property::OperatingPoint(point) => Some(*point),
            _ => None,
        })
        .unwrap_or(0)
}

/// The data of a `grid` item (ISO/IEC 23008-12 §6.6.2.3).
struct Grid {
    columns: u32,
    rows: u32,
    width: u32,
    height: u32,
}

impl Grid {
    fn read(bytes: &[u8]) -> Option<Grid> {
        let mut fields = Fields::new(bytes);
        fields.u8()?;
        let wide = fields.u8()? & 1 != 0;
        let rows = u32::from(fields.u8()?) + 1;
        let columns = u32::from(fields.u8()?) + 1;
        Some(Grid {
            columns,
            rows,
            width: fields.id(wide)?,
            height: fields.id(wide)?,
        })
    }

    /// The cells must be alike and cover the canvas, with something of each of them inside.
    fn layer(&self, meta: &Meta, size: Size, cells: Vec<ItemId>) -> Result<Layer, String> {
        let Grid { columns, rows, .. } = *self;
        let count = u64::from(columns) * u64::from(rows);
        if cells.len() as u64 != count {
            return Err(format!(
                "a grid of {columns}x{rows} has {} cells",
                cells.len()
            ));
        }
        let first = cells.first().copied().unwrap_or_default();
        let item = picture(meta, first)?;
        let cell = extents(meta, item).ok_or("the cells of the grid have no size")?;
        let covers = |cell: u32, count: u32, whole: u32| {
            let (cell, count, whole) = (u64::from(cell), u64::from(count), u64::from(whole));
            cell * count >= whole && cell * (count - 1) < whole
        };
        if !covers(cell.width(), columns, size.width())
            || !covers(cell.height(), rows, size.height())
        {
            return Err(format!(
                "{columns}x{rows} cells of {cell} are no grid of {size}"
            ));
        }
        for id in &cells {
            let item = picture(meta, *id)?;
            if item.kind != *b"av01" || extents(meta, item) != Some(cell) {
                return Err(format!("cell {id} of the grid is not like the others"));
            }
        }
        Ok(Layer {
            size,
            cell,
            columns,
            rows,
            cells,
            codec: codec(meta, item).unwrap_or(ANY_CODEC),
            operating_point: operating_point(meta, item),
        })
    }
}

/// The alpha layer, and the item that is it: an auxiliary picture of the item, or of every cell.
fn alpha(
    meta: &Meta,
    id: ItemId,
    color: &Layer,
    data: &mut ItemData<'_>,
) -> Result<(Option<Layer>, Option<ItemId>), String> {
    // One look at all items instead of one for each reference.
    let alphas: BTreeSet<ItemId> = meta
        .items
        .iter()
        .filter(|(_, item)| {
            meta.properties_of(item)
                .any(|(p, _)| matches!(p, Property::Auxiliary { alpha: true }))
        })
        .map(|(id, _)| *id)
        .collect();
    let owner = meta
        .referrers(b"auxl", id)
        .find(|from| alphas.contains(from));
    if let Some(owner) = owner {
        let item = picture(meta, owner)?;
        let layer = layer(meta, owner, item, Some(color.size), data)?;
        if layer.size != color.size {
            return Err(format!(
                "alpha of {} for a picture of {}",
                layer.size, color.size
            ));
        }
        return Ok((Some(layer), Some(owner)));
    }
    if color.cells == [id] {
        return Ok((None, None));
    }
    // One look at all references instead of one for each cell.
    let auxiliaries: BTreeMap<ItemId, ItemId> = meta
        .references
        .iter()
        .filter(|r| r.kind == *b"auxl")
        .map(|r| (r.to, r.from))
        .collect();
    let cells: Option<Vec<ItemId>> = color
        .cells
        .iter()
        .map(|cell| {
            auxiliaries
                .get(cell)
                .copied()
                .filter(|owner| alphas.contains(owner))
        })
        .collect();
    let Some(cells) = cells else {
        return Ok((None, None));
    };
    let grid = Grid {
        columns: color.columns,
        rows: color.rows,
        width: color.size.width(),
        height: color.size.height(),
    };
    Ok((Some(grid.layer(meta, color.size, cells)?), None))
}

struct Transform {
    shown: Rect,
    orientation: u8,
}

/// What is cut off, turned and mirrored, in the order of the properties.
fn transform(meta: &Meta, item: &Item, size: Size) -> Transform {
    let mut shown = Rect::of(size);
    let mut orientation = Orientation::default();
    for (property, _) in meta.properties_of(item) {
        match property {
            Property::Aperture(aperture) => {
                // MIAF §7.3.6.7: the aperture comes before the others, and only once. One that is not valid is passed
                // over, as browsers do: a picture with too wide an edge is better than none.
                let inside = aperture.within(size.width(), size.height());
                let cut = inside.and_then(|(x, y, columns, rows)| {
                    Rect::new(x, y, x.checked_add(columns)?, y.checked_add(rows)?)
                });
                shown = cut.unwrap_or(shown);
            }
            Property::Rotation(turns) => orientation = orientation.turned(*turns),
            Property::Mirror(axis) => orientation = orientation.mirrored(*axis == 1),
            _ => {}
        }
    }
    Transform {
        shown,
        orientation: orientation.exif(),
    }
}

fn meaning(meta: &Meta, item: &Item) -> Meaning {
    let mut meaning = Meaning::default();
    for (property, _) in meta.properties_of(item) {
        match property {
            Property::CodePoints(points) => meaning.points = meaning.points.or(Some(*points)),
            Property::Profile(icc) if meaning.profile.is_none() => {
                meaning.profile = Some(icc.clone())
            }
            Property::LightLevel(nits) if *nits > 0 => meaning.peak = Some(*nits),
            _ => {}
        }
    }
    meaning
}

/// One of the eight ways to lay down a picture: mirrored left to right first, then turned clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Orientation {
    mirrored: bool,
    quarter_turns: u8,
}

impl Orientation {
    /// Turned anti-clockwise afterwards.
    fn turned(self, quarter_turns: u8) -> Orientation {
        Orientation {
            quarter_turns: (self.quarter_turns + 4 - (quarter_turns & 3)) & 3,
            ..self
        }
    }

    /// Mirrored afterwards: left to right, or top to bottom.
    fn mirrored(self, left_to_right: bool) -> Orientation {
        // Mirroring after a turn is turning the other way after mirroring; top to bottom is left to right and half a turn.
        let half = if left_to_right { 0 } else { 2 };
        Orientation {
            mirrored: !self.mirrored,
            quarter_turns: (4 - self.quarter_turns + half) & 3,
        }
    }

    /// 1..=8 as in EXIF tag 0x0112.
    fn exif(self) -> u8 {
        match (self.mirrored, self.quarter_turns) {
            (false, 0) => 1,
            (true, 0) => 2,
            (false, 2) => 3,
            (true, 2) => 4,
            // 5 is the mirror image over the falling diagonal.
            (true, 3) => 5,
            (false, 1) => 6,
            (true, _) => 7,
            (false, _) => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the corners of the stored picture (numbered 0 1 / 2 3) end up.
    type Corners = [u8; 4];

    fn mirror(c: Corners) -> Corners {
        [c[1], c[0], c[3], c[2]]
    }

    fn flip(c: Corners) -> Corners {
        [c[2], c[3], c[0], c[1]]
    }

    fn anti_clockwise(c: Corners) -> Corners {
        [c[1], c[3], c[0], c[2]]
    }

    /// EXIF's definition: which stored corner is at the top left and at the top right of what is shown.
    fn exif(orientation: u8) -> Corners {
        [
            [0, 1, 2, 3],
            [1, 0, 3, 2],
            [3, 2, 1, 0],
            [2, 3, 0, 1],
            [0, 2, 1, 3],
            [2, 0, 3, 1],
            [3, 1, 2, 0],
            [1, 3, 0, 2],
        ][usize::from(orientation) - 1]
    }

    #[test]
    fn turns_and_mirrors_are_exif_orientations_in_any_order() {
        for turns in 0..4 {
            for axis in [None, Some(false), Some(true)] {
                for turn_first in [true, false] {
                    let mut corners = [0, 1, 2, 3];
                    let mut orientation = Orientation::default();
                    for step in [turn_first, !turn_first] {
                        if step {
                            (0..turns).for_each(|_| corners = anti_clockwise(corners));
                            orientation = orientation.turned(turns);
                        } else if let Some(left_to_right) = axis {
                            corners = if left_to_right {
                                mirror(corners)
                            } else {
                                flip(corners)
                            };
                            orientation = orientation.mirrored(left_to_right);
                        }
                    }
                    assert_eq!(
                        exif(orientation.exif()),
                        corners,
                        "{turns} {axis:?} {turn_first}"
                    );
                }
            }
        }
    }
}
