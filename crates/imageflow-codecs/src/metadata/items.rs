//! Boxes of the ISO base media file format, as far as EXIF and XMP of a picture need them: which items of `meta` they are
//! and where their bytes lie (ISO/IEC 14496-12 §8.11, ISO/IEC 23008-12 annex A).

use std::collections::BTreeMap;

/// Most items that are looked at; a picture of tiles has thousands.
const MAX_ITEMS: u32 = 1 << 17;
/// Most extents of one item.
const MAX_EXTENTS: u16 = 64;
pub(super) const XMP_TYPE: &[u8] = b"application/rdf+xml";

/// The head of a box.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head {
    pub(super) kind: [u8; 4],
    /// Bytes of the head.
    pub(super) bytes: u64,
    /// Bytes of the body.
    pub(super) body: u64,
}

impl Head {
    /// The most bytes [`Head::read`] looks at.
    pub(super) const MAX: usize = 16;

    /// Reads the head of a box that has `room` bytes at most; a box that claims more ends there.
    pub(super) fn read(bytes: &[u8], room: u64) -> Option<Head> {
        let mut fields = Fields(bytes);
        let size = fields.number(4)?;
        let kind = fields.take(4)?.try_into().ok()?;
        let (head, size) = match size {
            0 => (8, room),
            1 => (16, fields.number(8)?),
            size => (8, size),
        };
        let body = size.min(room).checked_sub(head)?;
        Some(Head {
            kind,
            bytes: head,
            body,
        })
    }
}

/// Big-endian numbers, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of 0 to 8 bytes.
    pub(super) fn number(&mut self, bytes: usize) -> Option<u64> {
        let bytes = self.take(bytes)?;
        Some(bytes.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
    }

    /// A number of two bytes, or of four.
    pub(super) fn id(&mut self, is_wide: bool) -> Option<u32> {
        let number = self.number(if is_wide { 4 } else { 2 })?;
        u32::try_from(number).ok()
    }

    /// The version of a full box; its flags are passed over.
    pub(super) fn version(&mut self) -> Option<u8> {
        let version = self.number(1)?;
        self.take(3)?;
        u8::try_from(version).ok()
    }

    /// The bytes before the next zero.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }
}

/// The boxes in a body: kind, body, and the whole box.
pub(super) fn boxes(body: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8], &[u8])> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let head = Head::read(rest, rest.len() as u64)?;
        let (start, length) = (
            usize::try_from(head.bytes).ok()?,
            usize::try_from(head.body).ok()?,
        );
        let (whole, behind) = rest.split_at_checked(start + length)?;
        rest = behind;
        Some((head.kind, whole.get(start..)?, whole))
    })
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    Exif,
    Xmp,
}

/// Where a part of an item is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// From this byte of the file on.
    File(u64),
    /// In the `meta` box itself.
    Meta(Vec<u8>),
}

/// EXIF or XMP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Item {
    pub(super) content: Content,
    pub(super) extents: Vec<(Place, u64)>,
}

impl Item {
    pub(super) fn bytes(&self) -> u64 {
        let lengths = self.extents.iter().map(|(_, length)| *length);
        lengths.fold(0, u64::saturating_add)
    }
}

/// An entry of `iloc`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Location {
    pub(super) id: u32,
    /// 0: offsets count from the start of the file; 1: from that of `idat`.
    pub(super) method: u16,
    pub(super) reference: u16,
    /// Offset and length; a length of 0 is to the end.
    pub(super) extents: Vec<(u64, u64)>,
}

/// Finds EXIF and XMP in the body of a `meta` box; what is damaged is not there.
pub(super) fn read(meta: &[u8]) -> Vec<Item> {
    let Some(body) = meta.get(4..) else {
        return Vec::new();
    };
    let mut contents = BTreeMap::new();
    let mut places = Vec::new();
    let mut data: &[u8] = &[];
    for (kind, body, _) in boxes(body) {
        match &kind {
            b"iinf" => contents = infos(body),
            b"iloc" => places = locations(body).unwrap_or_default(),
            b"idat" => data = body,
            _ => {}
        }
    }
    let item = |place: &Location| {
        let content = *contents.get(&place.id)?;
        let extent = |(offset, length): &(u64, u64)| match place.method {
            0 => Some((Place::File(*offset), *length)),
            1 => {
                let start = usize::try_from(*offset).ok()?;
                let end = start.checked_add(usize::try_from(*length).ok()?)?;
                Some((Place::Meta(data.get(start..end)?.to_vec()), *length))
            }
            _ => None,
        };
        let extents = place.extents.iter().map(extent).collect::<Option<_>>()?;
        Some(Item { content, extents })
    };
    places.iter().filter_map(item).collect()
}

/// The items of `iinf` that are EXIF or XMP.
fn infos(body: &[u8]) -> BTreeMap<u32, Content> {
    let mut found = BTreeMap::new();
    let mut fields = Fields(body);
    let Some(version) = fields.version() else {
        return found;
    };
    fields.id(version > 0);
    for (kind, body, _) in boxes(fields.0) {
        if kind == *b"infe"
            && let Some((id, Some(content))) = info(body)
        {
            found.insert(id, content);
        }
    }
    found
}

/// The number of an item, and what it is.
pub(super) fn info(body: &[u8]) -> Option<(u32, Option<Content>)> {
    let mut fields = Fields(body);
    let version = fields.version()?;
    if version < 2 {
        return None;
    }
    let id = fields.id(version > 2)?;
    fields.take(2)?;
    let content = match fields.take(4)? {
        b"Exif" => Some(Content::Exif),
        b"mime" => {
            fields.text()?;
            (fields.text()? == XMP_TYPE).then_some(Content::Xmp)
        }
        _ => None,
    };
    Some((id, content))
}

/// All entries of `iloc`.
pub(super) fn locations(body: &[u8]) -> Option<Vec<Location>> {
    let mut fields = Fields(body);
    let version = fields.version()?;
    let sizes = fields.number(2)?;
    let size = |shift: u32| (sizes >> shift & 0xF) as usize;
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version > 0 { size(0) } else { 0 };
    let count = fields.id(version > 1)?;
    if count > MAX_ITEMS {
        return None;
    }
    let mut all = Vec::new();
    for _ in 0..count {
        let id = fields.id(version > 1)?;
        let method = if version > 0 {
            fields.number(2)? as u16 & 0xF
        } else {
            0
        };
        let reference = fields.number(2)? as u16;
        let base = fields.number(base_size)?;
        let parts = fields.number(2)? as u16;
        if parts > MAX_EXTENTS {
            return None;
        }
        let mut extents = Vec::new();
        for _ in 0..parts {
            fields.number(index_size)?;
            let offset = base.checked_add(fields.number(offset_size)?)?;
            extents.push((offset, fields.number(length_size)?));
        }
        all.push(Location {
            id,
            method,
            reference,
            extents,
        });
    }
    Some(all)
}
