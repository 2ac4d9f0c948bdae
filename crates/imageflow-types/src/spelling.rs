//! Readers for values that clients spell in more than one way.
//!
//! The engine accepts what published clients actually send; what is *written* is always the first spelling.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, MapAccess, Visitor};

use crate::CornerRadius;

/// Reads a field that must be present, but may be `null`.
pub(crate) fn present_or_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

/// Reads an absent or `null` field as its default value.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a frame number written as `3` or `{"index":3}`.
pub(crate) fn frame_index<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    struct FrameIndex;

    #[derive(serde::Deserialize)]
    struct Wrapped {
        index: i32,
    }

    impl<'de> Visitor<'de> for FrameIndex {
        type Value = i32;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("i32")
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<i32, E> {
            i32::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<i32, E> {
            i32::try_from(value)
                .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<i32, A::Error> {
            Ok(Wrapped::deserialize(MapAccessDeserializer::new(map))?.index)
        }
    }

    deserializer.deserialize_any(FrameIndex)
}

/// Reads a corner radius; a bare number means pixels.
pub(crate) fn corner_radius<'de, D>(deserializer: D) -> Result<CornerRadius, D::Error>
where
    D: Deserializer<'de>,
{
    struct Radius;

    impl<'de> Visitor<'de> for Radius {
        type Value = CornerRadius;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a corner radius")
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<CornerRadius, E> {
            Ok(CornerRadius::Pixels(value as f32))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<CornerRadius, E> {
            Ok(CornerRadius::Pixels(value as f32))
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<CornerRadius, E> {
            Ok(CornerRadius::Pixels(value as f32))
        }

        fn visit_str<E: de::Error>(self, value: &str) -> Result<CornerRadius, E> {
            CornerRadius::deserialize(StrDeserializer::new(value))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CornerRadius, A::Error> {
            CornerRadius::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(Radius)
}

/// Reads an enum of which one variant has an extra spelling.
///
/// Serde's `alias` would do, but it also lists the extra spelling among the accepted names of a parse error.
pub(crate) struct Respelled<D> {
    pub(crate) inner: D,
    /// What is also accepted.
    pub(crate) extra: &'static str,
    /// What it stands for.
    pub(crate) usual: &'static str,
}

impl<D> Respelled<D> {
    fn around<T>(&self, inner: T) -> Respelled<T> {
        Respelled {
            inner,
            extra: self.extra,
            usual: self.usual,
        }
    }
}

/// Enum reader and name reader in one: the former wraps what the visitor sees, the latter changes the name.
impl<'de, D: Deserializer<'de>> Deserializer<'de> for Respelled<D> {
    type Error = D::Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_identifier(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Respelled<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let access = self.around(access);
        self.inner.visit_enum(access)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<V::Value, E> {
        self.inner
            .visit_str(if name == self.extra { self.usual } else { name })
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Respelled<A> {
    type Error = A::Error;
    type Variant = A::Variant;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, A::Variant), A::Error> {
        let seed = self.around(seed);
        self.inner.variant_seed(seed)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Respelled<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<S::Value, D::Error> {
        let name = self.around(name);
        self.inner.deserialize(name)
    }
}

/// Implements serde's traits for an enum derived with `#[serde(remote = "Self")]`, with one extra spelling.
macro_rules! also_spelled {
    ($type:ty, $extra:literal for $usual:literal) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(inner: D) -> Result<Self, D::Error> {
                Self::deserialize($crate::spelling::Respelled {
                    inner,
                    extra: $extra,
                    usual: $usual,
                })
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
}
pub(crate) use also_spelled;
