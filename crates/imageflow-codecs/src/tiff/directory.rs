//! The header, the chain of directories, and the values of their entries.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Seek, SeekFrom};

use imageflow_pixels::{JobControl, Reservation};

use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Entries a directory may have: what its count can say in a classic file.
const MAX_ENTRIES: u64 = 65_535;

pub(super) fn malformed(message: impl ToString) -> CodecError {
    CodecError::malformed(ImageFormat::Tiff, message)
}

/// An error of reading; the end of the file is the file's fault.
pub(super) fn damaged(error: std::io::Error, what: &str) -> CodecError {
    if error.kind() == ErrorKind::UnexpectedEof {
        malformed(format_args!("the file ends in {what}"))
    } else {
        CodecError::read(error)
    }
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            Order::Little => u64::from_le_bytes(bytes),
            Order::Big => u64::from_be_bytes(bytes),
        }
    }
}

/// A file whose header is read.
#[derive(Debug)]
pub(super) struct File {
    reader: Reader,
    pub(super) order: Order,
    /// Offsets of eight bytes.
    big: bool,
    pub(super) bytes: u64,
    first: u64,
}

/// An entry: its value, or where that is.
#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    value: [u8; 8],
}

impl Entry {
    /// Bytes of one number; `None` for kinds that are not whole numbers.
    fn number_bytes(&self) -> Option<u64> {
        match self.kind {
            // BYTE, ASCII, UNDEFINED.
            1 | 2 | 7 => Some(1),
            // SHORT.
            3 => Some(2),
            // LONG, IFD.
            4 | 13 => Some(4),
            // LONG8, IFD8.
            16 | 18 => Some(8),
            _ => None,
        }
    }
}

/// The entries of one page.
#[derive(Debug)]
pub(super) struct Directory {
    entries: Vec<Entry>,
}

impl Directory {
    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    pub(super) fn has(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    /// Numbers of an entry, as the file has it.
    pub(super) fn count(&self, tag: u16) -> u64 {
        self.entry(tag).map_or(0, |entry| entry.count)
    }
}

impl File {
    pub(super) fn open(mut reader: Reader) -> Result<File, CodecError> {
        let bytes = reader.seek(SeekFrom::End(0)).map_err(CodecError::read)?;
        reader.seek(SeekFrom::Start(0)).map_err(CodecError::read)?;
        let mut head = [0; 4];
        reader
            .read_exact(&mut head)
            .map_err(|e| damaged(e, "the header"))?;
        let (order, big) = match &head {
            b"II*\0" => (Order::Little, false),
            b"MM\0*" => (Order::Big, false),
            b"II+\0" => (Order::Little, true),
            b"MM\0+" => (Order::Big, true),
            _ => return Err(malformed("no TIFF header")),
        };
        let mut file = File {
            reader,
            order,
            big,
            bytes,
            first: 0,
        };
        if big && (file.u16("the header")?, file.u16("the header")?) != (8, 0) {
            return Err(malformed("offsets of a size that does not exist"));
        }
        file.first = file.offset("the header")?;
        Ok(file)
    }

    /// Another reader of the same file.
    pub(super) fn reader(&self) -> Reader {
        self.reader.fork()
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], CodecError> {
        let mut bytes = [0; N];
        self.reader
            .read_exact(&mut bytes)
            .map_err(|e| damaged(e, what))?;
        Ok(bytes)
    }

    fn u16(&mut self, what: &str) -> Result<u16, CodecError> {
        Ok(self.order.u16(self.array(what)?))
    }

    /// A number of the size of offsets.
    fn offset(&mut self, what: &str) -> Result<u64, CodecError> {
        Ok(if self.big {
            self.order.u64(self.array(what)?)
        } else {
            u64::from(self.order.u32(self.array(what)?))
        })
    }

    /// The directory of a page, counted from 0.
    pub(super) fn page(
        &mut self,
        wanted: i32,
        control: &JobControl,
    ) -> Result<Directory, CodecError> {
        let index = u32::try_from(wanted).map_err(|_| {
            CodecError::InvalidArgument(format!("frame={wanted} requested: frames count from 0"))
        })?;
        let mut seen = BTreeSet::new();
        let mut at = self.first;
        for count in 0..=index {
            control.check()?;
            // A chain that comes back to where it was ends there.
            if at == 0 || !seen.insert(at) {
                if count == 0 {
                    return Err(malformed("there is no page"));
                }
                let plural = if count == 1 { "" } else { "s" };
                return Err(CodecError::InvalidArgument(format!(
                    "frame={wanted} requested but this TIFF file only has {count} page{plural}"
                )));
            }
            let entries = self.enter(at)?;
            if count == index {
                return self.directory(entries);
            }
            let entry_bytes = if self.big { 20 } else { 12 };
            let head_bytes = if self.big { 8 } else { 2 };
            let next = at.saturating_add(head_bytes + entries * entry_bytes);
            self.seek(next)?;
            at = self.offset("the list of pages")?;
        }
        Err(malformed("there is no page"))
    }

    fn seek(&mut self, at: u64) -> Result<(), CodecError> {
        if at > self.bytes {
            return Err(malformed("an offset points behind the file"));
        }
        self.reader
            .seek(SeekFrom::Start(at))
            .map_err(CodecError::read)?;
        Ok(())
    }

    /// Goes to a directory, and says how many entries follow.
    fn enter(&mut self, at: u64) -> Result<u64, CodecError> {
        self.seek(at)?;
        let entries = if self.big {
            self.order.u64(self.array("a directory")?)
        } else {
            u64::from(self.u16("a directory")?)
        };
        if entries > MAX_ENTRIES {
            return Err(malformed(format_args!("a directory of {entries} entries")));
        }
        Ok(entries)
    }

    fn directory(&mut self, entries: u64) -> Result<Directory, CodecError> {
        let mut list = Vec::new();
        for _ in 0..entries {
            let (tag, kind) = (self.u16("a directory")?, self.u16("a directory")?);
            let count = self.offset("a directory")?;
            let mut value = [0; 8];
            if self.big {
                value = self.array("a directory")?;
            } else {
                let [a, b, c, d] = self.array("a directory")?;
                value = [a, b, c, d, value[4], value[5], value[6], value[7]];
            }
            list.push(Entry {
                tag,
                kind,
                count,
                value,
            });
        }
        Ok(Directory { entries: list })
    }

    /// The bytes of an entry's value, as they are, with their place in the job's budget; `None` without the entry.
    ///
    /// # Errors
    /// When it has more than `max` numbers or is not there.
    fn value(
        &mut self,
        directory: &Directory,
        tag: u16,
        max: u64,
        control: &JobControl,
    ) -> Result<Option<(Vec<u8>, u64, Reservation)>, CodecError> {
        let Some(entry) = directory.entry(tag).copied() else {
            return Ok(None);
        };
        let Some(size) = entry.number_bytes() else {
            return Err(malformed(format_args!(
                "tag {tag} has a type that is no number"
            )));
        };
        if entry.count > max {
            return Err(malformed(format_args!(
                "tag {tag} has {} values",
                entry.count
            )));
        }
        let bytes = entry.count.saturating_mul(size);
        if bytes > self.bytes {
            return Err(malformed(format_args!("tag {tag} ends behind the file")));
        }
        let reservation = control.reserve(bytes.saturating_mul(2))?;
        let inline = if self.big { 8 } else { 4 };
        let length = usize::try_from(bytes).unwrap_or(0);
        if let Some(value) = entry.value.get(..length).filter(|_| bytes <= inline) {
            return Ok(Some((value.to_vec(), size, reservation)));
        }
        let [a, b, c, d, ..] = entry.value;
        let at = if self.big {
            self.order.u64(entry.value)
        } else {
            u64::from(self.order.u32([a, b, c, d]))
        };
        self.seek(at)?;
        let mut value = Vec::new();
        self.reader
            .by_ref()
            .take(bytes)
            .read_to_end(&mut value)
            .map_err(CodecError::read)?;
        if value.len() < length {
            return Err(malformed(format_args!("the file ends in tag {tag}")));
        }
        Ok(Some((value, size, reservation)))
    }

    /// The numbers of an entry; `None` without it.
    ///
    /// # Errors
    /// When there are more than `max` of them, or they are not there.
    pub(super) fn numbers(
        &mut self,
        directory: &Directory,
        tag: u16,
        max: u64,
        control: &JobControl,
    ) -> Result<Option<Vec<u64>>, CodecError> {
        let Some((bytes, size, _reservation)) = self.value(directory, tag, max, control)? else {
            return Ok(None);
        };
        let order = self.order;
        let numbers = bytes.chunks_exact(usize::try_from(size).unwrap_or(1));
        Ok(Some(
            numbers
                .map(|bytes| match bytes {
                    [a] => u64::from(*a),
                    [a, b] => u64::from(order.u16([*a, *b])),
                    [a, b, c, d] => u64::from(order.u32([*a, *b, *c, *d])),
                    bytes => bytes.try_into().map_or(0, |bytes| order.u64(bytes)),
                })
                .collect(),
        ))
    }

    /// The first number of an entry; `None` without it.
    pub(super) fn number(
        &mut self,
        directory: &Directory,
        tag: u16,
        control: &JobControl,
    ) -> Result<Option<u64>, CodecError> {
        let numbers = self.numbers(directory, tag, MAX_ENTRIES, control)?;
        Ok(numbers.and_then(|numbers| numbers.first().copied()))
    }

    /// The bytes of an entry; `None` without it.
    pub(super) fn block(
        &mut self,
        directory: &Directory,
        tag: u16,
        max: u64,
        control: &JobControl,
    ) -> Result<Option<Vec<u8>>, CodecError> {
        let value = self.value(directory, tag, max, control)?;
        Ok(value.map(|(bytes, ..)| bytes))
    }
}
