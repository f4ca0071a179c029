//! What differs between two states, field by field.

mod json;

use std::{fmt, slice, vec};

use serde::Serialize;

use self::json::{Json, Quoted};
use crate::{payload_error::PayloadError, repository::LoadError};
pub use json::JsonText;

/// What differs between two states, field by field, as their JSON forms show it.
///
/// Fields and the entries of maps are compared by their names, the items of lists by their places; what was put into the
/// middle of a list, or taken out of it, is one change and does not move the rest. Numbers are compared digit by digit.
/// Two states differ here exactly when their JSON forms do: what serde does not write is not compared, and a set
/// without an order (`HashSet`) is written as a list in any order, so that it may seem to differ.
///
/// [`Display`](fmt::Display) writes one line for each change, `no change` where there is none.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use eventsource_core::Difference;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Account { owner: Option<&'static str>, limits: BTreeMap<&'static str, u64>, items: Vec<u64> }
///
/// let before = Account { owner: None, limits: [("daily", 100), ("weekly", 500)].into(), items: vec![1, 2, 3] };
/// let after = Account { owner: Some("ann"), limits: [("daily", 200), ("once", 50)].into(), items: vec![1, 3] };
/// assert_eq!(
///     Difference::between(&before, &after)?.to_string(),
///     "items[1]: removed 2\n\
///      limits.daily: 100 -> 200\n\
///      limits.once: added 50\n\
///      limits.weekly: removed 500\n\
///      owner: null -> \"ann\""
/// );
/// # Ok::<(), eventsource_core::DifferenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference(Vec<Change>);

/// One place in which two states differ.
///
/// [`Display`](fmt::Display) writes `limits.daily: 100 -> 200`, `limits.once: added 50` or `limits.weekly: removed 500`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Where: `limits.daily`, `items[3].price`; a key that is no word is quoted, as in `limits["per day"]`. The place in
    /// a list is that before the change for what was removed, and that after it for what was added. Empty where the
    /// states themselves are what differs.
    pub path: String,
    /// What was there; `None` where it was added. A field that was there as `null` was there.
    pub before: Option<JsonText>,
    /// What is there; `None` where it was removed.
    pub after: Option<JsonText>,
}

/// Two states could not be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DifferenceError {
    /// One of them could not be loaded.
    #[error("a state to compare could not be loaded")]
    Load(#[from] LoadError),
    /// One of them has no JSON form.
    #[error("a state to compare cannot be written as JSON")]
    Encode(#[source] PayloadError),
    /// The JSON form of one of them has one key twice in one map.
    #[error(
        "a state to compare has one key twice in one map of its JSON form, so that one value would hide the other"
    )]
    DuplicateKey,
}

impl From<serde_json::Error> for DifferenceError {
    fn from(error: serde_json::Error) -> Self {
        Self::Encode(error.into())
    }
}

impl Difference {
    /// What has to change for `before` to become `after`.
    ///
    /// # Errors
    ///
    /// [`DifferenceError::Encode`] and [`DifferenceError::DuplicateKey`] where one of them cannot be compared.
    pub fn between<S: Serialize + ?Sized>(before: &S, after: &S) -> Result<Self, DifferenceError> {
        Self::between_any(Some(before), Some(after))
    }

    /// The same where there may be no state: it was added or removed as a whole.
    pub(crate) fn between_any<S: Serialize + ?Sized>(
        before: Option<&S>,
        after: Option<&S>,
    ) -> Result<Self, DifferenceError> {
        let (before, after) = (
            before.map(Json::of).transpose()?,
            after.map(Json::of).transpose()?,
        );
        let mut changes = Vec::new();
        compare("", before.as_ref(), after.as_ref(), &mut changes);
        Ok(Self(changes))
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many places differ.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The changes, by their places.
    pub fn iter(&self) -> slice::Iter<'_, Change> {
        self.0.iter()
    }
}

impl IntoIterator for Difference {
    type Item = Change;
    type IntoIter = vec::IntoIter<Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Difference {
    type Item = &'a Change;
    type IntoIter = slice::Iter<'a, Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.0.split_first() else {
            return f.write_str("no change");
        };
        first.fmt(f)?;
        rest.iter().try_for_each(|change| write!(f, "\n{change}"))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self.path.as_str() {
            "" => "(the whole)",
            path => path,
        };
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{path}: {before} -> {after}"),
            (Some(before), None) => write!(f, "{path}: removed {before}"),
            (None, Some(after)) => write!(f, "{path}: added {after}"),
            (None, None) => write!(f, "{path}: nothing"),
        }
    }
}

fn compare(path: &str, before: Option<&Json>, after: Option<&Json>, changes: &mut Vec<Change>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Json::Map(one)), Some(Json::Map(other))) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                compare(&field(path, key), one.get(key), other.get(key), changes);
            }
        }
        (Some(Json::List(one)), Some(Json::List(other))) => {
            let same = one
                .iter()
                .zip(other)
                .take_while(|(one, other)| one == other);
            let front = same.count();
            let (one, other) = (&one[front..], &other[front..]);
            let pairs = one.iter().rev().zip(other.iter().rev());
            let back = pairs.take_while(|(one, other)| one == other).count();
            let (one, other) = (&one[..one.len() - back], &other[..other.len() - back]);
            for at in 0..one.len().max(other.len()) {
                let path = format!("{path}[{}]", front + at);
                compare(&path, one.get(at), other.get(at), changes);
            }
        }
        (before, after) => changes.push(Change {
            path: path.to_owned(),
            before: before.map(Json::text),
            after: after.map(Json::text),
        }),
    }
}

fn field(path: &str, key: &str) -> String {
    let is_word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    match (path, is_word) {
        (_, false) => format!("{path}[{}]", Quoted(key)),
        ("", true) => key.to_owned(),
        (_, true) => format!("{path}.{key}"),
    }
}

#[cfg(test)]
mod tests;
