//! The shape of an event that had no field yet.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

/// A version without fields, whichever way it was written: `struct Closed;` is stored as `null`, `struct Closed {}` as
/// `{}`. With `STRICT` it has no unknown field either.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Empty<const STRICT: bool>;

impl<'de, const STRICT: bool> Deserialize<'de> for Empty<STRICT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nothing::<STRICT>)
    }
}

struct Nothing<const STRICT: bool>;

impl<'de, const STRICT: bool> Visitor<'de> for Nothing<STRICT> {
    type Value = Empty<STRICT>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no fields")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Empty)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            if STRICT {
                return Err(A::Error::custom("a field in a version that had none"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(Empty)
    }
}
