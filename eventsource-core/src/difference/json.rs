//! JSON with its numbers as they were written: a number of more than 64 bits would be rounded otherwise.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

use serde::{
    Deserialize, Serialize,
    de::{self, DeserializeOwned, Deserializer, MapAccess},
};
use serde_json::value::RawValue;

use crate::{difference::DifferenceError, payload_error::PayloadError};

/// A JSON value as a text, with every digit of its numbers and with the keys of its maps in order.
///
/// ```
/// use eventsource_core::Difference;
///
/// let change = Difference::between(&u128::MAX, &0)?.into_iter().next().expect("a change");
/// let before = change.before.expect("it was there");
/// assert_eq!(before.as_str(), "340282366920938463463374607431768211455");
/// assert_eq!(before.read::<u128>()?, u128::MAX);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JsonText(String);

impl JsonText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as a type that is in it.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] when it is not such a value. A `serde_json::Value` keeps 64 bits of an integer, and rounds what
    /// has more.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        Ok(serde_json::from_str(&self.0)?)
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A JSON value whose maps and lists can be walked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Json {
    /// `null`, a boolean, a number or a string, as it was written.
    Scalar(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

impl Json {
    /// What a value is written as.
    pub(super) fn of<S: Serialize + ?Sized>(value: &S) -> Result<Self, DifferenceError> {
        let text = serde_json::to_string(value)?;
        Self::read(serde_json::from_str(&text)?)
    }

    fn read(raw: &RawValue) -> Result<Self, DifferenceError> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                let items = items.into_iter().map(Self::read);
                Ok(Self::List(items.collect::<Result<_, _>>()?))
            }
            Some(b'{') => {
                let Fields(fields) = serde_json::from_str(text)?;
                let mut map = BTreeMap::new();
                for (key, value) in fields {
                    match map.entry(key) {
                        Entry::Vacant(place) => place.insert(Self::read(value)?),
                        // One of the two would hide the other.
                        Entry::Occupied(_) => return Err(DifferenceError::DuplicateKey),
                    };
                }
                Ok(Self::Map(map))
            }
            _ => Ok(Self::Scalar(text.to_owned())),
        }
    }

    pub(super) fn text(&self) -> JsonText {
        JsonText(self.to_string())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Map(fields) => {
                f.write_str("{")?;
                for (at, (key, value)) in fields.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{value}", Quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A text as JSON writes it.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

/// The fields of a map in their order, each key as often as it was written.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}
