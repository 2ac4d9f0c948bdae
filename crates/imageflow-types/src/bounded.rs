//! Lists that end while they are read: a message cannot make more nodes, edges, inputs or watermarks than a job may have.
//!
//! What is beyond a limit is counted, to be named, but not kept.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{DecoderCommand, Edge, ImageInfoExtra, IoObject, Node, Watermark};

/// Most nodes a job may have, watermarks of command strings included.
pub const MAX_NODES: usize = 2048;
/// Most edges a graph may have.
pub const MAX_EDGES: usize = 4096;
/// Most inputs and outputs a message may bring along.
pub const MAX_IO: usize = 2048;
/// Most watermarks of one command string.
pub const MAX_WATERMARKS: usize = 256;
/// Most commands for one decoder.
pub const MAX_DECODER_COMMANDS: usize = 64;
/// Most extras of one request for information.
pub const MAX_EXTRAS: usize = 64;

/// How the text of a parse error begins that is about a limit; after it come the thing, its count and the limit.
pub const LIMIT_EXCEEDED: &str = "limit exceeded: ";

/// What lists are bounded for.
pub(crate) trait Counted {
    /// What they are, in error text.
    const NAME: &'static str;
    /// How many may be in one list.
    const MOST: usize;
}

macro_rules! counted {
    ($($type:ty: $most:ident, $name:literal;)+) => {
        $(impl Counted for $type {
            const NAME: &'static str = $name;
            const MOST: usize = $most;
        })+
    };
}

counted! {
    Node: MAX_NODES, "Graph has {} nodes";
    Edge: MAX_EDGES, "Graph has {} edges";
    IoObject: MAX_IO, "io has {} objects";
    Watermark: MAX_WATERMARKS, "command_string has {} watermarks";
    DecoderCommand: MAX_DECODER_COMMANDS, "decode has {} commands";
    ImageInfoExtra: MAX_EXTRAS, "request has {} extras";
}

fn too_many<T: Counted, E: Error>(count: usize) -> E {
    let counted = T::NAME.replacen("{}", &count.to_string(), 1);
    E::custom(format_args!(
        "{LIMIT_EXCEEDED}{counted}, exceeding maximum of {}",
        T::MOST
    ))
}

/// A list with no more items than its kind may have.
struct Bounded<T>(Vec<T>);

impl<'de, T: Counted + Deserialize<'de>> Deserialize<'de> for Bounded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_seq(Items(PhantomData))
            .map(Bounded)
    }
}

struct Items<T>(PhantomData<T>);

impl<'de, T: Counted + Deserialize<'de>> Visitor<'de> for Items<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while list.len() < T::MOST {
            match items.next_element()? {
                Some(item) => list.push(item),
                None => return Ok(list),
            }
        }
        let mut count = list.len();
        while items.next_element::<IgnoredAny>()?.is_some() {
            count = count.saturating_add(1);
        }
        if count > list.len() {
            return Err(too_many::<T, _>(count));
        }
        Ok(list)
    }
}

/// Reads a list.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Counted + Deserialize<'de>,
{
    Bounded::deserialize(deserializer).map(|bounded| bounded.0)
}

/// Reads a list that may be `null`.
pub(crate) fn list_or_null<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Counted + Deserialize<'de>,
{
    let list = Option::<Bounded<T>>::deserialize(deserializer)?;
    Ok(list.map(|bounded| bounded.0))
}

/// Reads a list; `null` is an empty one.
pub(crate) fn list_or_none<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Counted + Deserialize<'de>,
{
    list_or_null(deserializer).map(Option::unwrap_or_default)
}

/// Reads what has text as keys. A key that comes twice counts twice, and its last value is kept.
pub(crate) fn map<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Counted + Deserialize<'de>,
{
    deserializer.deserialize_map(Fields(PhantomData))
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Counted + Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        let mut count = 0usize;
        while count < T::MOST {
            match fields.next_entry()? {
                Some((key, value)) => drop(map.insert(key, value)),
                None => return Ok(map),
            }
            count = count.saturating_add(1);
        }
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            count = count.saturating_add(1);
        }
        if count > T::MOST {
            return Err(too_many::<T, _>(count));
        }
        Ok(map)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::{Build, Execute, Framewise, GetImageInfo, Graph};

    fn repeated(item: &str, count: usize) -> String {
        format!("[{}]", vec![item; count].join(","))
    }

    /// What reading says of one item less than the limit, as many, one more and many more.
    fn at<T: for<'de> Deserialize<'de>>(most: usize, text: impl Fn(usize) -> String) -> String {
        let read = |count| serde_json::from_str::<T>(&text(count)).map(|_| ());
        for fine in [0, 1, most - 1, most] {
            assert!(read(fine).is_ok(), "{fine}: {:?}", read(fine));
        }
        let many = read(9 * most).unwrap_err().to_string();
        let expected = format!("{} ", 9 * most);
        assert!(many.contains(&expected), "{many}");
        read(most + 1).unwrap_err().to_string()
    }

    #[test]
    fn every_list_ends_at_its_limit_and_names_it() {
        let steps = at::<Framewise>(MAX_NODES, |n| {
            format!(r#"{{"steps":{}}}"#, repeated(r#""flip_h""#, n))
        });
        let expected = "limit exceeded: Graph has 2049 nodes, exceeding maximum of 2048";
        assert!(steps.starts_with(expected), "{steps}");
        let nodes = at::<Graph>(MAX_NODES, |n| {
            let nodes: Vec<_> = (0..n).map(|i| format!(r#""{i}":"flip_h""#)).collect();
            format!(r#"{{"nodes":{{{}}},"edges":[]}}"#, nodes.join(","))
        });
        assert!(nodes.starts_with(expected), "{nodes}");
        let same_key = at::<Graph>(MAX_NODES, |n| {
            let nodes = repeated(r#""0":"flip_h""#, n).replace(['[', ']'], "");
            format!(r#"{{"nodes":{{{nodes}}},"edges":[]}}"#)
        });
        assert!(same_key.starts_with(expected), "{same_key}");
        let edges = at::<Graph>(MAX_EDGES, |n| {
            let edges = repeated(r#"{"from":0,"to":1,"kind":"input"}"#, n);
            format!(r#"{{"nodes":{{}},"edges":{edges}}}"#)
        });
        assert!(edges.contains("Graph has 4097 edges, exceeding maximum of 4096"));
        let io = at::<Build>(MAX_IO, |n| {
            let io = repeated(r#"{"io_id":1,"direction":"out","io":"output_buffer"}"#, n);
            format!(r#"{{"io":{io},"framewise":{{"steps":[]}}}}"#)
        });
        assert!(io.contains("io has 2049 objects, exceeding maximum of 2048"));
        let marks = at::<Execute>(MAX_WATERMARKS, |n| {
            let marks = repeated(r#"{"io_id":1}"#, n);
            format!(
                r#"{{"framewise":{{"steps":[{{"command_string":{{"kind":"ir4","value":"","watermarks":{marks}}}}}]}}}}"#
            )
        });
        assert!(marks.contains("command_string has 257 watermarks, exceeding maximum of 256"));
        let commands = at::<Framewise>(MAX_DECODER_COMMANDS, |n| {
            let commands = repeated(r#""discard_color_profile""#, n);
            format!(r#"{{"steps":[{{"decode":{{"io_id":0,"commands":{commands}}}}}]}}"#)
        });
        assert!(commands.contains("decode has 65 commands, exceeding maximum of 64"));
        let extras = at::<GetImageInfo>(MAX_EXTRAS, |n| {
            format!(r#"{{"io_id":0,"extras":{}}}"#, repeated(r#""frames""#, n))
        });
        assert!(extras.contains("request has 65 extras, exceeding maximum of 64"));
    }

    #[test]
    fn null_and_absent_lists_are_read_as_before() {
        let command = r#"{"command_string":{"kind":"ir4","value":""}}"#;
        let with_null = command.replace("\"\"", "\"\",\"watermarks\":null");
        let read = |text: &str| serde_json::from_str::<Node>(text).unwrap();
        assert_eq!(read(command), read(&with_null));
        for extras in ["", r#","extras":null"#, r#","extras":[]"#] {
            let info: GetImageInfo =
                serde_json::from_str(&format!(r#"{{"io_id":0{extras}}}"#)).unwrap();
            assert!(info.extras.is_empty());
        }
    }
}
