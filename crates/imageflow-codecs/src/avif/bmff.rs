//! ISO base media file format (ISO/IEC 14496-12): boxes, and the fields inside them.
//!
//! Everything here is total: a field that is not there is `None`, a box that is cut short is not there.

/// Reads big-endian fields one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields(bytes)
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// An unsigned number of 0 to 8 bytes; 0 when it has none.
    pub(super) fn uint(&mut self, bytes: usize) -> Option<u64> {
        let bytes = self.bytes(bytes)?;
        Some(bytes.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.uint(1).and_then(|v| u8::try_from(v).ok())
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.uint(2).and_then(|v| u16::try_from(v).ok())
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.uint(4).and_then(|v| u32::try_from(v).ok())
    }

    /// A number of two bytes, or of four when `wide`.
    pub(super) fn id(&mut self, wide: bool) -> Option<u32> {
        self.uint(if wide { 4 } else { 2 })
            .and_then(|v| u32::try_from(v).ok())
    }

    pub(super) fn kind(&mut self) -> Option<Kind> {
        self.bytes(4)?.try_into().ok()
    }

    /// Version and flags of a full box.
    pub(super) fn version(&mut self) -> Option<(u8, u32)> {
        let version = self.u8()?;
        let flags = self.uint(3)?;
        Some((version, u32::try_from(flags).ok()?))
    }

    /// The bytes before the next zero, which is passed over.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.0.iter().position(|b| *b == 0)?;
        let text = self.bytes(length)?;
        self.bytes(1)?;
        Some(text)
    }

    /// What is left, as boxes.
    pub(super) fn boxes(self) -> Boxes<'a> {
        Boxes(self)
    }
}

/// The four characters that name a box, an item type, a reference.
pub(super) type Kind = [u8; 4];

/// The head of a box.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BoxHead {
    pub(super) kind: Kind,
    /// Bytes of the head.
    pub(super) head: u64,
    /// Bytes of the body; `None`: to the end of what contains it.
    pub(super) body: Option<u64>,
}

impl BoxHead {
    /// The most bytes [`BoxHead::read`] looks at.
    pub(super) const MAX: usize = 16;

    /// Reads the head of a box (§4.2).
    pub(super) fn read(bytes: &[u8]) -> Option<BoxHead> {
        let mut fields = Fields::new(bytes);
        let size = fields.u32()?;
        let kind = fields.kind()?;
        let (head, size) = match size {
            0 => (8, None),
            1 => (16, Some(fields.uint(8)?)),
            size => (8, Some(u64::from(size))),
        };
        let body = match size {
            None => None,
            Some(size) => Some(size.checked_sub(head)?),
        };
        Some(BoxHead { kind, head, body })
    }
}

/// Iterates over boxes, up to the first that is not whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boxes<'a>(Fields<'a>);

impl<'a> Iterator for Boxes<'a> {
    type Item = (Kind, Fields<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let head = BoxHead::read(self.0.rest())?;
        self.0.bytes(usize::try_from(head.head).ok()?)?;
        let length = match head.body {
            Some(length) => usize::try_from(length).ok()?,
            None => self.0.rest().len(),
        };
        Some((head.kind, Fields::new(self.0.bytes(length)?)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_of_all_three_kinds() {
        let bytes = b"\0\0\0\x0Aabcdxy\0\0\0\x01wide\0\0\0\0\0\0\0\x11z\0\0\0\0restabc";
        let found: Vec<(Kind, &[u8])> = Fields::new(bytes)
            .boxes()
            .map(|(kind, body)| (kind, body.rest()))
            .collect();
        assert_eq!(
            found,
            [(*b"abcd", &b"xy"[..]), (*b"wide", b"z"), (*b"rest", b"abc")]
        );
    }

    #[test]
    fn a_box_that_is_cut_short_ends_the_list() {
        assert_eq!(Fields::new(b"\0\0\0\x0Cabcdxy").boxes().count(), 0);
        assert_eq!(Fields::new(b"\0\0\0\x07abcdxy").boxes().count(), 0);
        assert_eq!(BoxHead::read(b"\0\0\0\x01abcd\0\0\0\0\0\0\0\x0F"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(0u8..20, 0..64), size in 0usize..9) {
            let fields = Fields::new(&bytes);
            prop_assert!(fields.boxes().count() <= bytes.len() / 8);
            let mut copy = fields;
            copy.uint(size);
            copy.text();
            copy.version();
        }
    }
}
