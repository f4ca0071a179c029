//! What an append is.

use std::collections::HashSet;

use crate::{
    id::EventId,
    record::{NewEvent, Recorded},
    store::{Capabilities, Capability, Limit, Limits, Rejection},
    stream::{StreamId, Version},
    text::AppendKey,
};

/// What a stream must be like for an append to happen. There is no default: say what you know.
///
/// ```
/// use eventsource_core::{Expected, Version};
///
/// let third = Version::new(3);
/// assert!(Expected::Any.holds(None) && Expected::NoStream.holds(None));
/// assert!(Expected::Exists.holds(third) && Expected::seen(third).holds(third));
/// assert!(!Expected::seen(third).holds(Version::new(4)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// Anything: also a stream without events.
    Any,
    /// A stream without events.
    NoStream,
    /// A stream with at least one event.
    Exists,
    /// A stream whose last event has this version.
    Exact(Version),
}

impl Expected {
    /// The expectation of a writer that has seen the stream up to `last`.
    pub fn seen(last: Option<Version>) -> Self {
        last.map_or(Self::NoStream, Self::Exact)
    }

    /// Whether a stream whose last event has the version `actual` is as expected.
    pub fn holds(self, actual: Option<Version>) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual.is_none(),
            Self::Exists => actual.is_some(),
            Self::Exact(version) => actual == Some(version),
        }
    }

    /// The last version that the writer had seen, where the expectation tells it.
    pub fn last_seen(self) -> Option<Option<Version>> {
        match self {
            Self::NoStream => Some(None),
            Self::Exact(version) => Some(Some(version)),
            Self::Any | Self::Exists => None,
        }
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::NoStream => f.write_str("no events"),
            Self::Exists => f.write_str("at least one event"),
            Self::Exact(version) => write!(f, "version {version}"),
        }
    }
}

/// The part of an append that belongs to one stream. Without events it is a check only.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StreamAppend {
    /// The stream.
    pub stream: StreamId,
    /// What the stream must be like.
    pub expected: Expected,
    /// The events, in order.
    pub events: Vec<NewEvent>,
}

/// Events for one stream, or for several, that are stored together or not at all.
///
/// ```
/// use eventsource_core::{Append, Expected, StreamId};
///
/// let append = Append::to(StreamId::new("account", "1")?, Expected::NoStream, [])
///     .checking(StreamId::new("branch", "praha")?, Expected::Exists);
/// assert_eq!(append.parts.len(), 2);
/// # Ok::<(), eventsource_core::StreamIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Append {
    /// One part for each stream, at least one; no stream twice.
    pub parts: Vec<StreamAppend>,
    /// The key under which a retry is recognised.
    pub key: Option<AppendKey>,
    /// How many of the missed events a conflict brings at the most; 0 by default.
    pub missed_limit: usize,
}

impl Append {
    /// Events for one stream. Without events the expectation is checked, and nothing is stored.
    pub fn to(
        stream: StreamId,
        expected: Expected,
        events: impl IntoIterator<Item = NewEvent>,
    ) -> Self {
        let part = StreamAppend {
            stream,
            expected,
            events: events.into_iter().collect(),
        };
        Self {
            parts: vec![part],
            key: None,
            missed_limit: 0,
        }
    }

    /// The same with events for another stream.
    #[must_use]
    pub fn and(
        mut self,
        stream: StreamId,
        expected: Expected,
        events: impl IntoIterator<Item = NewEvent>,
    ) -> Self {
        let events = events.into_iter().collect();
        self.parts.push(StreamAppend {
            stream,
            expected,
            events,
        });
        self
    }

    /// The same on the condition that another stream is as expected, without writing to it.
    #[must_use]
    pub fn checking(self, stream: StreamId, expected: Expected) -> Self {
        self.and(stream, expected, [])
    }

    /// The same under a key: a retry with the same key and content is answered with the first receipt.
    #[must_use]
    pub fn with_key(mut self, key: AppendKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The same, where a conflict is to bring up to `limit` of the events that the writer had not seen, the oldest
    /// first. Only [`Expected::NoStream`] and [`Expected::Exact`] tell what the writer had seen.
    #[must_use]
    pub fn with_missed(mut self, limit: usize) -> Self {
        self.missed_limit = limit;
        self
    }

    /// All events, in the order of the parts.
    pub fn events(&self) -> impl Iterator<Item = &NewEvent> {
        self.parts.iter().flat_map(|part| &part.events)
    }

    /// For stores: whether `stored`, the events of an append key in the order of their positions, are what this append
    /// would write: the same streams, stored names, schema versions and payloads, no more and no fewer.
    pub fn has_content_of(&self, stored: &[Recorded]) -> bool {
        let mine = self
            .parts
            .iter()
            .flat_map(|part| part.events.iter().map(|e| (&part.stream, e)));
        mine.clone().count() == stored.len()
            && mine
                .zip(stored)
                .all(|((stream, event), old)| old.stream == *stream && old.has_content_of(event))
    }

    /// For stores: refuses what can be refused before anything is read or written.
    ///
    /// # Errors
    ///
    /// [`Rejection`] when the append has no part or a stream twice, needs a capability that the store lacks, exceeds one
    /// of its limits, has an event id twice, or an event of schema version 0.
    pub fn check(&self, capabilities: Capabilities, limits: &Limits) -> Result<(), Rejection> {
        if self.parts.is_empty() {
            return Err(Rejection::NoStreams);
        }
        if self.parts.len() > 1 {
            capabilities
                .require(Capability::MultiStreamAppend)
                .map_err(Rejection::Unsupported)?;
            let mut streams = HashSet::with_capacity(self.parts.len());
            if let Some(twice) = self.parts.iter().find(|part| !streams.insert(&part.stream)) {
                return Err(Rejection::StreamTwice {
                    stream: twice.stream.clone(),
                });
            }
        }
        let count = self.events().count();
        limits.check(Limit::EventsPerAppend, count, None)?;
        let mut ids: HashSet<EventId> = HashSet::new();
        for part in &self.parts {
            for event in &part.events {
                // One event alone has its id once.
                if count > 1 && !ids.insert(event.id) {
                    return Err(Rejection::DuplicateEventId { event: event.id });
                }
                if event.schema_version == 0 {
                    return Err(Rejection::SchemaVersionZero {
                        event: event.name.clone(),
                    });
                }
                let at = Some((&part.stream, &event.name));
                limits.check(Limit::PayloadBytes, event.payload.bytes().len(), at)?;
                limits.check(Limit::MetadataBytes, event.metadata.json_bytes(), at)?;
                limits.check(Limit::TagsPerEvent, event.tags.len(), at)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        EventName, Metadata, StoredPayload, Tag, Timestamp,
        store::{Limit, Rejection},
    };

    fn checked(edit: impl Fn(&mut NewEvent)) -> Result<(), Rejection> {
        let mut event = NewEvent::new(
            EventId::new(Uuid::from_u128(1)),
            EventName::new("light.switched").expect("a legal name"),
            1,
            StoredPayload::json(b"{}"),
            Timestamp::EPOCH,
        );
        edit(&mut event);
        let limits = Limits::default()
            .with_payload_bytes(4)
            .with_metadata_bytes(10)
            .with_tags_per_event(2);
        let stream = StreamId::new("light", "1").expect("a legal stream");
        Append::to(stream, Expected::Any, [event]).check(Capabilities::none(), &limits)
    }

    #[test]
    fn what_is_larger_than_the_store_takes_is_refused_before_anything_is_written() {
        assert!(checked(|_| {}).is_ok());
        let facts = |text: &str| Metadata::new().with("a", text).expect("a free key");
        assert!(checked(|event| event.metadata = facts("12")).is_ok());
        let tags = ["1", "2", "3"].map(|tag| Tag::new(tag).expect("a legal tag"));
        for (refused, limit) in [
            (
                checked(|event| event.payload = StoredPayload::json(b"[1,2]")),
                Limit::PayloadBytes,
            ),
            (
                checked(|event| event.metadata = facts("123")),
                Limit::MetadataBytes,
            ),
            (
                checked(|event| event.tags.extend(tags.clone())),
                Limit::TagsPerEvent,
            ),
        ] {
            match refused {
                Err(Rejection::TooLarge {
                    what,
                    limit: most,
                    actual,
                    event,
                    ..
                }) => {
                    assert_eq!((what, actual), (limit, most + 1));
                    assert!(event.is_some_and(|event| event == "light.switched"));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
