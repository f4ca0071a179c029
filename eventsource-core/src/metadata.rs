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

/// A key cannot stand in the metadata; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the metadata key `{key}` is reserved: keys that begin with `$` belong to the framework")]
#[non_exhaustive]
pub struct MetadataError {
    /// The refused key.
    pub key: String,
}

impl TryFrom<BTreeMap<String, Value>> for Metadata {
    type Error = MetadataError;

    fn try_from(facts: BTreeMap<String, Value>) -> Result<Self, MetadataError> {
        match facts.keys().find(|key| key.starts_with('$')) {
            Some(key) => Err(MetadataError { key: key.clone() }),
            None => Ok(Self(facts)),
        }
    }
}

impl From<Metadata> for BTreeMap<String, Value> {
    fn from(metadata: Metadata) -> Self {
        metadata.0
    }
}

impl Metadata {
    /// No facts.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a fact, in place of an earlier one of the same key.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when the key is reserved.
    pub fn insert(
        &mut self,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<(), MetadataError> {
        let key = key.into();
        if key.starts_with('$') {
            return Err(MetadataError { key });
        }
        self.0.insert(key, value.into());
        Ok(())
    }

    /// The same with one more fact.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when the key is reserved.
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

    /// Whether there is no fact.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_key_is_refused_however_it_comes() {
        assert!(Metadata::new().with("$x", 1).is_err());
        assert!(serde_json::from_str::<Metadata>("{\"$x\":1}").is_err());
        let facts = serde_json::from_str::<Metadata>("{\"x\":1}").expect("a free key");
        assert_eq!(serde_json::to_string(&facts).expect("JSON"), "{\"x\":1}");
    }
}
