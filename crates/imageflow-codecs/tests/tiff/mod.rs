//! Writes TIFF files of every kind, as the specification has them and not as the decoder reads them.

/// Numbers of a tag, by the size they are written with.
#[derive(Clone)]
pub enum Value {
    Bytes(Vec<u8>),
    Shorts(Vec<u16>),
    Longs(Vec<u32>),
}

/// A page, before it is written.
#[derive(Clone)]
pub struct Page {
    pub width: u32,
    pub height: u32,
    pub bits: u16,
    pub samples: u16,
    pub photometric: u16,
    pub compression: u16,
    /// Strips or tiles as they are in the file.
    pub parts: Vec<Vec<u8>>,
    pub rows_per_strip: u32,
    /// Width and height of tiles.
    pub tile: Option<(u32, u32)>,
    pub tags: Vec<(u16, Value)>,
}

impl Page {
    /// A page of one strip without compression.
    pub fn new(width: u32, height: u32, bits: u16, samples: u16, pixels: &[u8]) -> Page {
        Page {
            width,
            height,
            bits,
            samples,
            photometric: if samples >= 3 { 2 } else { 1 },
            compression: 1,
            parts: vec![pixels.to_vec()],
            rows_per_strip: height,
            tile: None,
            tags: Vec::new(),
        }
    }

    pub fn tag(mut self, tag: u16, value: Value) -> Page {
        self.tags.push((tag, value));
        self
    }

    pub fn short(self, tag: u16, value: u16) -> Page {
        self.tag(tag, Value::Shorts(vec![value]))
    }

    pub fn little(&self) -> Vec<u8> {
        write(std::slice::from_ref(self), true, false)
    }

    pub fn big_endian(&self) -> Vec<u8> {
        write(std::slice::from_ref(self), false, false)
    }

    pub fn big_tiff(&self) -> Vec<u8> {
        write(std::slice::from_ref(self), true, true)
    }
}

struct Writer {
    bytes: Vec<u8>,
    little: bool,
    big: bool,
}

impl Writer {
    fn number(&self, value: u64, size: usize) -> Vec<u8> {
        let mut bytes = value.to_le_bytes()[..size].to_vec();
        if !self.little {
            bytes.reverse();
        }
        bytes
    }

    fn push(&mut self, value: u64, size: usize) {
        let bytes = self.number(value, size);
        self.bytes.extend(bytes);
    }

    fn offset_bytes(&self) -> usize {
        if self.big { 8 } else { 4 }
    }
}

/// Writes pages, one after the other.
pub fn write(pages: &[Page], little: bool, big: bool) -> Vec<u8> {
    let mut w = Writer {
        bytes: if little {
            b"II".to_vec()
        } else {
            b"MM".to_vec()
        },
        little,
        big,
    };
    let offset = w.offset_bytes();
    w.push(if big { 43 } else { 42 }, 2);
    if big {
        w.push(8, 2);
        w.push(0, 2);
    }
    let mut link = w.bytes.len();
    w.push(0, offset);
    for page in pages {
        let mut offsets = Vec::new();
        for part in &page.parts {
            offsets.push(w.bytes.len() as u32);
            w.bytes.extend(part);
        }
        let counts = page.parts.iter().map(|part| part.len() as u32).collect();
        let longs = |v: u32| Value::Longs(vec![v]);
        let mut tags = vec![
            (256, longs(page.width)),
            (257, longs(page.height)),
            (
                258,
                Value::Shorts(vec![page.bits; usize::from(page.samples)]),
            ),
            (259, Value::Shorts(vec![page.compression])),
            (262, Value::Shorts(vec![page.photometric])),
            (277, Value::Shorts(vec![page.samples])),
        ];
        match page.tile {
            Some((width, height)) => tags.extend([
                (322, longs(width)),
                (323, longs(height)),
                (324, Value::Longs(offsets)),
                (325, Value::Longs(counts)),
            ]),
            None => tags.extend([
                (273, Value::Longs(offsets)),
                (278, longs(page.rows_per_strip)),
                (279, Value::Longs(counts)),
            ]),
        }
        tags.extend(page.tags.clone());
        tags.sort_by_key(|(tag, _)| *tag);
        let mut entries = Vec::new();
        for (tag, value) in &tags {
            let (kind, count, bytes): (u64, usize, Vec<u8>) = match value {
                Value::Bytes(v) => (7, v.len(), v.clone()),
                Value::Shorts(v) => {
                    let bytes = v.iter().flat_map(|v| w.number(u64::from(*v), 2));
                    (3, v.len(), bytes.collect())
                }
                Value::Longs(v) => {
                    let bytes = v.iter().flat_map(|v| w.number(u64::from(*v), 4));
                    (4, v.len(), bytes.collect())
                }
            };
            let mut field = bytes.clone();
            if bytes.len() > offset {
                field = w.number(w.bytes.len() as u64, offset);
                w.bytes.extend(&bytes);
            }
            field.resize(offset, 0);
            let mut entry = w.number(u64::from(*tag), 2);
            entry.extend(w.number(kind, 2));
            entry.extend(w.number(count as u64, offset));
            entry.extend(field);
            entries.push(entry);
        }
        let here = w.number(w.bytes.len() as u64, offset);
        w.bytes[link..link + offset].copy_from_slice(&here);
        w.push(entries.len() as u64, if big { 8 } else { 2 });
        entries.iter().for_each(|entry| w.bytes.extend(entry));
        link = w.bytes.len();
        w.push(0, offset);
    }
    w.bytes
}

/// PackBits: runs of two and more, and literals of what is between.
pub fn packbits(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..]
            .iter()
            .take(128)
            .take_while(|b| **b == bytes[at])
            .count();
        if run > 1 {
            out.extend([(1 - run as i32) as i8 as u8, bytes[at]]);
            at += run;
        } else {
            let literal = bytes[at..]
                .windows(2)
                .take(127)
                .take_while(|pair| pair[0] != pair[1])
                .count()
                .max(1);
            out.push(literal as u8 - 1);
            out.extend(&bytes[at..at + literal]);
            at += literal;
        }
    }
    out
}

pub fn lzw(bytes: &[u8]) -> Vec<u8> {
    weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8)
        .encode(bytes)
        .unwrap()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
