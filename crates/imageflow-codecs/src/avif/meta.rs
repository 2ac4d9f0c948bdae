//! The `meta` box (ISO/IEC 14496-12 §8.11): which items a file has, where their data lie and what is true of them.

use std::collections::BTreeMap;

use super::bmff::{Fields, Kind};
use super::property::Property;

/// The number of an item.
pub(super) type ItemId = u32;

/// Items with an entry of their own; a grid has up to 65536 cells, and as many with alpha.
const MAX_ITEMS: usize = (1 << 17) + 64;

/// Properties an item may have: as many as an entry can list. Every look at an item passes over them.
const MAX_PROPERTIES_OF_ITEM: usize = 255;

/// What the `meta` box says.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    /// `pitm`: the item to show.
    pub(super) primary: Option<ItemId>,
    pub(super) items: BTreeMap<ItemId, Item>,
    /// `iref`, one entry for each target.
    pub(super) references: Vec<Reference>,
    /// `ipco`, in order.
    pub(super) properties: Vec<Property>,
    /// `idat`: data of items inside this box.
    pub(super) data: Vec<u8>,
}

/// One item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Item {
    /// The four characters of its type; zeroes when no entry gives one.
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) extents: Vec<Extent>,
    /// Properties by their index in [`Meta::properties`], in order, and whether a reader must know them.
    pub(super) properties: Vec<(usize, bool)>,
}

/// What the offsets of an item count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// The first byte of the file.
    #[default]
    File,
    /// The first byte of [`Meta::data`].
    Data,
    /// Something this reader does not know.
    Elsewhere,
}

/// A part of an item's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) offset: u64,
    /// `None`: to the end.
    pub(super) length: Option<u64>,
}

/// An item refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) kind: Kind,
    pub(super) from: ItemId,
    pub(super) to: ItemId,
}

impl Meta {
    /// Bytes that reading a box of this length may take: every list entry is at most so many times its bytes in the file.
    pub(super) fn bytes_for(body: u64) -> u64 {
        body.saturating_mul(16)
    }

    /// Reads the body of a `meta` box.
    ///
    /// # Errors
    /// Says which box inside is damaged.
    pub(super) fn read(mut body: Fields<'_>) -> Result<Meta, &'static str> {
        let mut meta = Meta::default();
        body.version().ok_or("the meta box is empty")?;
        for (kind, body) in body.boxes() {
            match &kind {
                b"pitm" => meta.primary = Some(primary(body).ok_or("pitm is damaged")?),
                b"iinf" => meta.infos(body).ok_or("iinf is damaged")?,
                b"iloc" => meta.locations(body).ok_or("iloc is damaged")?,
                b"iref" => meta.references(body).ok_or("iref is damaged")?,
                b"iprp" => meta.properties(body).ok_or("iprp is damaged")?,
                b"idat" => meta.data = body.rest().to_vec(),
                _ => {}
            }
        }
        Ok(meta)
    }

    /// The items that `from` refers to, in order.
    pub(super) fn targets(&self, kind: &Kind, from: ItemId) -> impl Iterator<Item = ItemId> {
        self.references
            .iter()
            .filter(move |r| r.kind == *kind && r.from == from)
            .map(|r| r.to)
    }

    /// The items that refer to `to`.
    pub(super) fn referrers(&self, kind: &Kind, to: ItemId) -> impl Iterator<Item = ItemId> {
        self.references
            .iter()
            .filter(move |r| r.kind == *kind && r.to == to)
            .map(|r| r.from)
    }

    /// The properties of an item, in order.
    pub(super) fn properties_of(&self, item: &Item) -> impl Iterator<Item = (&Property, bool)> {
        item.properties
            .iter()
            .filter_map(|(index, essential)| Some((self.properties.get(*index)?, *essential)))
    }

    fn item(&mut self, id: ItemId) -> Option<&mut Item> {
        if self.items.len() >= MAX_ITEMS && !self.items.contains_key(&id) {
            return None;
        }
        Some(self.items.entry(id).or_default())
    }

    /// `iinf` (§8.11.6).
    fn infos(&mut self, mut body: Fields<'_>) -> Option<()> {
        let (version, _) = body.version()?;
        body.id(version > 0)?;
        for (kind, mut body) in body.boxes() {
            if kind != *b"infe" {
                continue;
            }
            let (version, _) = body.version()?;
            // Versions 0 and 1 describe no picture items.
            if version < 2 {
                continue;
            }
            let id = body.id(version > 2)?;
            body.u16()?;
            self.item(id)?.kind = body.kind()?;
        }
        Some(())
    }

    /// `iloc` (§8.11.3).
    fn locations(&mut self, mut body: Fields<'_>) -> Option<()> {
        let (version, _) = body.version()?;
        let sizes = body.u16()?;
        let size = |shift: u32| usize::from(sizes >> shift & 0xF);
        let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
        let index_size = if version > 0 { size(0) } else { 0 };
        let count = body.id(version > 1)?;
        for _ in 0..count {
            let id = body.id(version > 1)?;
            let method = if version > 0 { body.u16()? & 0xF } else { 0 };
            body.u16()?;
            let base = body.uint(base_size)?;
            let extents = body.u16()?;
            // Extents that take no bytes here would cost nothing to claim.
            if extents > 1 && offset_size + length_size == 0 {
                return None;
            }
            let item = self.item(id)?;
            item.place = match method {
                0 => Place::File,
                1 => Place::Data,
                _ => Place::Elsewhere,
            };
            for _ in 0..extents {
                body.uint(index_size)?;
                let offset = base.checked_add(body.uint(offset_size)?)?;
                let length = body.uint(length_size)?;
                item.extents.push(Extent {
                    offset,
                    length: Some(length).filter(|length| *length > 0),
                });
            }
        }
        Some(())
    }

    /// `iref` (§8.11.12): only the references that matter for a picture are kept.
    fn references(&mut self, mut body: Fields<'_>) -> Option<()> {
        let wide = body.version()?.0 > 0;
        for (kind, mut body) in body.boxes() {
            if !matches!(&kind, b"dimg" | b"auxl" | b"prem") {
                continue;
            }
            let from = body.id(wide)?;
            let count = body.u16()?;
            for _ in 0..count {
                let to = body.id(wide)?;
                self.references.push(Reference { kind, from, to });
            }
        }
        Some(())
    }

    /// `iprp` (ISO/IEC 23008-12 §9.3).
    fn properties(&mut self, body: Fields<'_>) -> Option<()> {
        /// What 15 bits can refer to.
        const MAX_PROPERTIES: usize = 0x7FFF;
        for (kind, mut body) in body.boxes() {
            match &kind {
                b"ipco" => self.properties.extend(
                    body.boxes()
                        .take(MAX_PROPERTIES)
                        .map(|(kind, body)| Property::read(kind, body)),
                ),
                b"ipma" => {
                    let (version, flags) = body.version()?;
                    let count = body.u32()?;
                    for _ in 0..count {
                        let id = body.id(version > 0)?;
                        let associations = body.u8()?;
                        let item = self.item(id)?;
                        for _ in 0..associations {
                            let (index, essential) = if flags & 1 != 0 {
                                let value = body.u16()?;
                                (value & 0x7FFF, value & 0x8000 != 0)
                            } else {
                                let value = body.u8()?;
                                (u16::from(value & 0x7F), value & 0x80 != 0)
                            };
                            // 0 is "no property".
                            if let Some(index) = usize::from(index).checked_sub(1) {
                                if item.properties.len() == MAX_PROPERTIES_OF_ITEM {
                                    return None;
                                }
                                item.properties.push((index, essential));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Some(())
    }
}

/// `pitm` (ISO/IEC 14496-12 §8.11.4).
fn primary(mut body: Fields<'_>) -> Option<ItemId> {
    let (version, _) = body.version()?;
    body.id(version > 0)
}
