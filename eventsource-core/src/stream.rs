//! Where an event stands: its stream, its version there, its position in the whole store.

use std::{
    cmp::Ordering,
    fmt,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    num::NonZeroU64,
    str::FromStr,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    Aggregate,
    aggregate_id::{AggregateId, AggregateIdError, checked_text},
    text::{Category, Rule, TextError, not_nul},
};

/// The name of a stream: a category and an id, written `category-id`.
///
/// A category has no `-`, so the first one ends it and the text form is injective. The id is any text without NUL, up to
/// [`StreamId::MAX_ID_BYTES`]; names that differ only by case, spaces or normalisation are different streams.
///
/// ```
/// use eventsource_core::StreamId;
///
/// let stream = StreamId::new("account", "0192-a")?;
/// assert_eq!(stream.to_string(), "account-0192-a");
/// assert_eq!((stream.category().as_str(), stream.id()), ("account", "0192-a"));
/// assert_eq!("account-0192-a".parse::<StreamId>()?, stream);
/// # Ok::<(), eventsource_core::StreamIdError>(())
/// ```
#[derive(Clone)]
pub struct StreamId(Arc<Name>);

/// Behind one pointer, since stream names are cloned into every event and error.
struct Name {
    /// Of the rest. A command looks its stream up in several maps, and the texts are hashed once.
    hash: u64,
    category: Category,
    id: Box<str>,
}

/// The hash of a stream's name, by keys of this process, so that nobody can choose names that meet in a map.
fn hash_of(category: &Category, id: &str) -> u64 {
    static KEYS: OnceLock<RandomState> = OnceLock::new();
    KEYS.get_or_init(RandomState::new).hash_one((category, id))
}

const ID: Rule = Rule {
    what: "the id of a stream",
    limit: StreamId::MAX_ID_BYTES,
    allows: not_nul,
    allowed: "use any text without NUL",
};

impl StreamId {
    /// The greatest length of the id, in bytes of UTF-8.
    pub const MAX_ID_BYTES: usize = 512;

    /// Checks a category and an id and names the stream.
    ///
    /// # Errors
    ///
    /// [`StreamIdError::Part`] when one of them is empty, too long, or has a character that cannot stand there.
    pub fn new(category: impl AsRef<str>, id: impl AsRef<str>) -> Result<Self, StreamIdError> {
        Self::in_category(Category::new(category.as_ref())?, id)
    }

    /// Names the stream of an id in a category.
    ///
    /// # Errors
    ///
    /// [`StreamIdError::Part`] when the id is empty, too long, or has NUL in it.
    pub fn in_category(category: Category, id: impl AsRef<str>) -> Result<Self, StreamIdError> {
        let id = id.as_ref();
        ID.check(id)?;
        Ok(Self(Arc::new(Name {
            hash: hash_of(&category, id),
            category,
            id: id.into(),
        })))
    }

    /// The stream of an aggregate.
    ///
    /// # Errors
    ///
    /// [`AggregateIdError`] when the id has no text form that leads back to it, or one that no stream can be named by.
    pub fn of<A: Aggregate>(id: &A::Id) -> Result<Self, AggregateIdError> {
        let text = checked_text(id)?;
        Ok(Self::written(A::CATEGORY, &text)?)
    }

    /// With a category that stands in the code.
    fn written(category: &'static str, id: &str) -> Result<Self, StreamIdError> {
        Self::in_category(Category::written(category)?, id)
    }

    /// The id of the aggregate whose stream this is.
    ///
    /// # Errors
    ///
    /// [`AggregateIdError`] when the stream belongs to another category, or its id is not one of the aggregate's ids.
    pub fn aggregate_id<A: Aggregate>(&self) -> Result<A::Id, AggregateIdError> {
        if self.0.category.as_str() != A::CATEGORY {
            return Err(AggregateIdError::Text {
                text: self.to_string(),
                expected: "a stream of this aggregate's category",
            });
        }
        A::Id::from_text(&self.0.id)
    }

    /// The category.
    pub fn category(&self) -> &Category {
        &self.0.category
    }

    /// The id within the category.
    pub fn id(&self) -> &str {
        &self.0.id
    }
}

impl PartialEq for StreamId {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (&*self.0, &*other.0);
        Arc::ptr_eq(&self.0, &other.0)
            || one.hash == two.hash && one.id == two.id && one.category == two.category
    }
}

impl Eq for StreamId {}

impl PartialOrd for StreamId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StreamId {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, two) = (&*self.0, &*other.0);
        (&one.category, &one.id).cmp(&(&two.category, &two.id))
    }
}

impl Hash for StreamId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.category, self.0.id)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", format_args!("{self}"))
    }
}

impl FromStr for StreamId {
    type Err = StreamIdError;

    fn from_str(text: &str) -> Result<Self, StreamIdError> {
        let (category, id) = text.split_once('-').ok_or_else(|| StreamIdError::NoId {
            text: text.to_owned(),
        })?;
        Self::new(category, id)
    }
}

impl Serialize for StreamId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A name is not the name of a stream; nothing was read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamIdError {
    /// The category or the id was refused.
    #[error(transparent)]
    Part(#[from] TextError),
    /// The text has a category only.
    #[error("`{text}` names no stream: write `category-id`")]
    NoId {
        /// The text.
        text: String,
    },
}

/// The place of an event in its stream: 1, 2, 3 … without holes. A stream without events has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(NonZeroU64);

impl Version {
    /// The version of the first event.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The version with this number; `None` for 0, which is no version.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number, from 1.
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The version `count` events further on.
    ///
    /// # Panics
    ///
    /// When it would not fit into 64 bits, which no stream reaches.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.checked_add(count).expect("a stream of 2^64 events"))
    }

    /// The version of the event that follows a stream's last one.
    #[must_use]
    #[inline]
    pub fn after(last: Option<Self>) -> Self {
        last.map_or(Self::FIRST, |last| last.plus(1))
    }

    /// The number of a stream's last version; 0 without events.
    pub fn number(last: Option<Self>) -> u64 {
        last.map_or(0, Self::get)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The place of an event in the whole store. Positions rise in read order and may have gaps; what the numbers mean is
/// the store's own business.
///
/// The text and JSON forms are decimal texts, so that no reader of JSON rounds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(NonZeroU64);

impl Position {
    /// For stores: the position with this number; `None` for 0.
    pub const fn from_number(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// For stores: the number.
    pub const fn number(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        // One position has one text: `+7` and `07` are none.
        match text.parse().map(Self) {
            Ok(position) if position.to_string() == text => Ok(position),
            _ => Err(PositionError {
                text: text.to_owned(),
            }),
        }
    }
}

/// A text is not the text form of a position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a position: a position is a decimal number from 1 on")]
#[non_exhaustive]
pub struct PositionError {
    /// The text.
    pub text: String,
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_name_is_read_back_as_it_was_written() {
        for id in [
            "a",
            "a-b-",
            "-",
            " ",
            "x' OR '1'='1",
            "\u{1f3e6} \u{11b}",
            "a/../b",
            "%_$",
        ] {
            let stream = StreamId::new("account", id).expect("a legal id");
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
    }

    #[test]
    fn what_no_store_can_keep_is_refused() {
        assert!(StreamId::new("account", "").is_err());
        assert!(StreamId::new("account", "a\0b").is_err());
        assert!(StreamId::new("acc-ount", "a").is_err());
        assert!(StreamId::new("account", "x".repeat(512)).is_ok());
        assert!(StreamId::new("account", "x".repeat(513)).is_err());
        assert_eq!(
            "account".parse::<StreamId>(),
            Err(StreamIdError::NoId {
                text: "account".to_owned()
            })
        );
    }

    #[test]
    fn equal_names_are_one_key_and_stand_in_the_order_of_their_texts() {
        use std::collections::{BTreeSet, HashSet};

        let stream = |category, id| StreamId::new(category, id).expect("a legal stream");
        let names = [("a", "1"), ("a", "b"), ("a.b", "0"), ("b", "1")];
        let all: Vec<_> = names.map(|(category, id)| stream(category, id)).into();
        let known: HashSet<_> = all.iter().cloned().collect();
        assert_eq!(known.len(), names.len());
        for (category, id) in names {
            assert!(known.contains(&stream(category, id)));
        }
        assert!(!known.contains(&stream("b", "b")));
        let sorted: BTreeSet<_> = all.iter().rev().cloned().collect();
        assert!(sorted.iter().eq(&all));
    }

    #[test]
    fn a_position_survives_json_beyond_2_to_the_53() {
        let position = Position::from_number(u64::MAX).expect("not 0");
        let json = serde_json::to_string(&position).expect("a text");
        assert_eq!(json, "\"18446744073709551615\"");
        assert!("+7".parse::<Position>().is_err() && "0".parse::<Position>().is_err());
        assert_eq!(
            serde_json::from_str::<Position>(&json).expect("a position"),
            position
        );
    }
}
