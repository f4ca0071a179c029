//! The free part of an envelope.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
}
