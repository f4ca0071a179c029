//! The free part of an envelope.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::payload_error::PayloadError;

/// Free facts about an event that are not part of what happened: a tenant, a request, a reason. Keys are sorted.
///
/// Keys that begin with `$` are reserved. Where there are no facts, none is stored: empty and absent are the same.
///
/// ```
/// use eventsource_core::Metadata;
///
/// let metadata = Metadata::new().with("reason", "chargeback")?;
/// assert_eq!(metadata.get("reason").and_then(|v| v.as_str()), Some("chargeback"));
/// assert!(Metadata::new().with("$reason", 1).is_err());
/// # Ok::<(), eventsource_core::MetadataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Value>", into = "BTreeMap<String, Value>")]
pub struct Metadata(BTreeMap<String, Value>);

/// A fact cannot stand in the metadata; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The key is reserved.
    #[error(
        "the metadata key `{key}` is reserved: keys that begin with `$` belong to the framework"
    )]
    Reserved {
        /// The refused key.
        key: String,
    },
    /// The value is nested deeper than every store reads back.
    #[error(
        "the metadata of `{key}` is nested deeper than {} levels",
        Metadata::MAX_DEPTH
    )]
    TooDeep {
        /// The key of the refused value.
        key: String,
    },
    /// The value of a [`Fact`] cannot be written as JSON, or could not be read back.
    #[error("the fact `{key}` cannot be stored")]
    Fact {
        /// The key of the refused value.
        key: String,
        /// What its type said.
        #[source]
        source: PayloadError,
    },
}

/// A [`Fact`] that is there is not of the type that it is read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the metadata of `{key}` is not of the type that it is read as")]
#[non_exhaustive]
pub struct FactError {
    /// The key.
    pub key: &'static str,
    /// What was expected, without the value.
    #[source]
    pub source: PayloadError,
}

/// A fact with a type: a value that stands in the metadata under one key, written and read as itself.
///
/// Its stored form is that of serde, and nothing takes an old one to a new one: give a fact that changes another key, or
/// fields with defaults.
///
/// ```
/// use eventsource_core::{Fact, Metadata};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Tenant {
///     region: String,
///     number: u32,
/// }
///
/// impl Fact for Tenant {
///     const KEY: &'static str = "tenant";
/// }
///
/// let east = Tenant { region: "east".to_owned(), number: 7 };
/// let metadata = Metadata::new().with_fact(&east)?;
/// assert_eq!(metadata.fact::<Tenant>()?, Some(east));
/// assert_eq!(Metadata::new().fact::<Tenant>()?, None);
///
/// let other = Metadata::new().with("tenant", "no tenant")?;
/// assert!(other.fact::<Tenant>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Fact: Serialize + DeserializeOwned {
    /// The key under which it stands. One that begins with `$` is refused.
    const KEY: &'static str;
}

/// Whether a fact may stand in the metadata.
fn check(key: &str, value: &Value) -> Result<(), MetadataError> {
    if key.starts_with('$') {
        return Err(MetadataError::Reserved {
            key: key.to_owned(),
        });
    }
    if is_deeper(value, Metadata::MAX_DEPTH) {
        return Err(MetadataError::TooDeep {
            key: key.to_owned(),
        });
    }
    Ok(())
}

/// Whether a value has more levels than these. It stops at the first level too many, however deep the value is.
fn is_deeper(value: &Value, levels: usize) -> bool {
    let is_deeper_inside = |inside: &Value| levels == 0 || is_deeper(inside, levels - 1);
    match value {
        Value::Array(list) => list.iter().any(is_deeper_inside),
        Value::Object(map) => map.values().any(is_deeper_inside),
        _ => false,
    }
}

impl TryFrom<BTreeMap<String, Value>> for Metadata {
    type Error = MetadataError;

    fn try_from(facts: BTreeMap<String, Value>) -> Result<Self, MetadataError> {
        facts
            .iter()
            .try_for_each(|(key, value)| check(key, value))?;
        Ok(Self(facts))
    }
}

impl From<Metadata> for BTreeMap<String, Value> {
    fn from(metadata: Metadata) -> Self {
        metadata.0
    }
}

impl Metadata {
    /// How many levels a value may be nested: fewer than every reader of JSON bears.
    pub const MAX_DEPTH: usize = 64;

    /// No facts.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a fact, in place of an earlier one of the same key.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when the key is reserved or the value is nested too deep.
    pub fn insert(
        &mut self,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<(), MetadataError> {
        let (key, value) = (key.into(), value.into());
        check(&key, &value)?;
        self.0.insert(key, value);
        Ok(())
    }

    /// The same with one more fact.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when the key is reserved or the value is nested too deep.
    pub fn with(
        mut self,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<Self, MetadataError> {
        self.insert(key, value)?;
        Ok(self)
    }

    /// Adds a typed fact, in place of an earlier one of the same key.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when the key is reserved, the value is nested too deep, or its type can not write it, or not read
    /// back what it has written.
    pub fn insert_fact<T: Fact>(&mut self, fact: &T) -> Result<(), MetadataError> {
        let refused = |error: serde_json::Error| MetadataError::Fact {
            key: T::KEY.to_owned(),
            source: error.into(),
        };
        let value = serde_json::to_value(fact).map_err(refused)?;
        check(T::KEY, &value)?;
        // Stored events are for ever: what could not be read back must not become a part of one.
        T::deserialize(&value).map_err(refused)?;
        self.0.insert(T::KEY.to_owned(), value);
        Ok(())
    }

    /// The same with one more typed fact.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] as [`Metadata::insert_fact`].
    pub fn with_fact<T: Fact>(mut self, fact: &T) -> Result<Self, MetadataError> {
        self.insert_fact(fact)?;
        Ok(self)
    }

    /// The fact of a type; `None` where there is none of its key.
    ///
    /// # Errors
    ///
    /// [`FactError`] when what stands under its key is something else.
    pub fn fact<T: Fact>(&self) -> Result<Option<T>, FactError> {
        let read = |value| {
            T::deserialize(value).map_err(|error: serde_json::Error| FactError {
                key: T::KEY,
                source: error.into(),
            })
        };
        self.0.get(T::KEY).map(read).transpose()
    }

    /// Adds the facts of keys that have none here.
    pub(crate) fn add_missing(&mut self, others: &Self) {
        for (key, value) in &others.0 {
            if !self.0.contains_key(key) {
                self.0.insert(key.clone(), value.clone());
            }
        }
    }

    /// The fact of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// All facts, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// How long the facts are as JSON, in bytes; 0 where there are none, since none is stored then.
    pub(crate) fn json_bytes(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        // Texts as keys and values of JSON: there is nothing that could not be written.
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len())
    }

    /// Whether there is no fact.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_no_store_could_read_back_is_refused() {
        let nested =
            |levels: usize| (0..levels).fold(Value::from(1), |inside, _| vec![inside].into());
        assert!(Metadata::new().with("x", nested(64)).is_ok());
        assert_eq!(
            Metadata::new().with("x", nested(65)),
            Err(MetadataError::TooDeep {
                key: "x".to_owned()
            })
        );
        assert!(Metadata::new().with("x", nested(10_000)).is_err());
    }

    #[test]
    fn a_reserved_key_is_refused_however_it_comes() {
        assert!(Metadata::new().with("$x", 1).is_err());
        assert!(serde_json::from_str::<Metadata>("{\"$x\":1}").is_err());
        let facts = serde_json::from_str::<Metadata>("{\"x\":1}").expect("a free key");
        assert_eq!(serde_json::to_string(&facts).expect("JSON"), "{\"x\":1}");
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Rate(f64);

    impl Fact for Rate {
        const KEY: &'static str = "rate";
    }

    #[derive(Debug, Serialize, Deserialize)]
    struct Hidden;

    impl Fact for Hidden {
        const KEY: &'static str = "$hidden";
    }

    #[test]
    fn a_fact_is_read_as_it_was_written_or_not_at_all() {
        let metadata = Metadata::new().with_fact(&Rate(0.1)).expect("a number");
        assert_eq!(metadata.fact::<Rate>(), Ok(Some(Rate(0.1))));
        assert_eq!(Metadata::new().fact::<Rate>(), Ok(None));
        // JSON has no word for it.
        let refused = Metadata::new().with_fact(&Rate(f64::NAN));
        assert!(
            matches!(refused, Err(MetadataError::Fact { .. })),
            "{refused:?}"
        );
        assert_eq!(
            Metadata::new().with_fact(&Hidden),
            Err(MetadataError::Reserved {
                key: "$hidden".to_owned()
            })
        );
    }

    #[test]
    fn a_fact_of_another_type_is_an_error_that_does_not_repeat_it() {
        let other = Metadata::new().with("rate", "secret").expect("a free key");
        let error = other.fact::<Rate>().expect_err("a text is no number");
        let said = format!("{error} {error:?} {}", error.source);
        assert!(said.contains("rate") && !said.contains("secret"), "{said}");
    }
}
