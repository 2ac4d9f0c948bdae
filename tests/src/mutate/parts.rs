//! The parts of a container, and what can be done to them in any format.

use super::{Noise, Random, change_inside};

/// A marker, chunk, block or box.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Part {
    /// What it is called in the file.
    pub name: Vec<u8>,
    /// Its content, or what stands before its own parts.
    pub body: Vec<u8>,
    /// Its own parts.
    pub parts: Vec<Part>,
    /// What follows without being counted: entropy-coded data, sub-blocks.
    pub tail: Vec<u8>,
    /// A length to claim that is not the true one.
    pub lie: Option<u32>,
    /// Where the body began in the file that was split.
    pub origin: usize,
}

impl Part {
    /// A part of a name and a body.
    pub fn new(name: &[u8], body: &[u8]) -> Part {
        Part {
            name: name.to_vec(),
            body: body.to_vec(),
            ..Part::default()
        }
    }
}

/// A format made of parts.
#[derive(Debug)]
pub struct Container {
    /// Takes a file apart; `None` when it does not begin as one.
    pub split: fn(&[u8]) -> Option<Vec<Part>>,
    /// Puts it together, with right lengths and checksums where a part does not lie.
    pub join: fn(&[Part]) -> Vec<u8>,
    /// Names that mean something.
    pub names: &'static [&'static [u8]],
    /// Unpacks and packs a body that is compressed.
    pub packing: Option<Packing>,
}

/// Where in a body the compressed bytes start, and what they unpack to.
pub type Unpacked = (usize, Vec<u8>);

/// How bodies are compressed.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    /// Unpacks a body; `None` when it is not compressed.
    pub unpack: fn(&Part) -> Option<Unpacked>,
    /// Compresses.
    pub pack: fn(&[u8]) -> Vec<u8>,
}

/// One change, here or in the parts of a part.
pub fn change(
    container: &Container,
    parts: &mut Vec<Part>,
    max: usize,
    random: &mut Random,
    noise: &mut Noise<'_>,
) {
    if parts.is_empty() {
        parts.push(Part::new(random.pick::<&[u8]>(container.names), &[]));
        return;
    }
    let at = random.below(parts.len());
    if !parts[at].parts.is_empty() && !random.one_in(4) {
        return change(container, &mut parts[at].parts, max, random, noise);
    }
    match random.below(16) {
        0 => {
            parts.remove(at);
        }
        1 => {
            let copy = parts[at].clone();
            parts.insert(random.below(parts.len() + 1), copy);
        }
        2 => {
            let other = random.below(parts.len());
            parts.swap(at, other);
        }
        3 => {
            // Many of the same: what is not linear shows.
            let copy = parts[at].clone();
            let size = copy.body.len() + copy.tail.len() + 16;
            let count = random.within(1, 64).min(max / 4 / size);
            parts.splice(at..at, std::iter::repeat_n(copy, count));
        }
        4 => parts[at].name = random.pick::<&[u8]>(container.names).to_vec(),
        5 => {
            let body = random.number_bytes(8);
            parts.insert(at, Part::new(random.pick::<&[u8]>(container.names), &body));
        }
        6 => parts[at].lie = Some(random.number() as u32),
        7 => parts[at].body.truncate(random.below(64)),
        _ => change_body(container, &mut parts[at], max, random, noise),
    }
}

fn change_body(
    container: &Container,
    part: &mut Part,
    max: usize,
    random: &mut Random,
    noise: &mut Noise<'_>,
) {
    let unpacked = container
        .packing
        .filter(|_| !random.one_in(3))
        .and_then(|packing| Some((packing, (packing.unpack)(part)?)));
    if let Some((packing, (start, mut inner))) = unpacked {
        if !change_inside(&mut inner, max, random, noise) {
            noise(&mut inner, max, random);
        }
        part.body.truncate(start);
        part.body.extend((packing.pack)(&inner));
    } else if !part.tail.is_empty() && (part.body.is_empty() || random.one_in(2)) {
        noise(&mut part.tail, max, random);
    } else if part.body.is_empty()
        || random.one_in(4)
        || !change_inside(&mut part.body, max, random, noise)
    {
        if random.one_in(2) {
            super::noise::fields(&mut part.body, max, random, noise);
        } else {
            noise(&mut part.body, max, random);
        }
    }
}
