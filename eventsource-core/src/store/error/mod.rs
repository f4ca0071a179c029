//! How appends and reads fail. Three kinds of failed append are told apart, since each asks for another reaction:
//! conflict (look again), rejected (certainly not stored), unknown (perhaps stored).

use std::{error::Error as StdError, sync::Arc};

use crate::{
    id::EventId,
    projection::DeliveryError,
    record::Recorded,
    store::{Expected, Limit, Receipt, Unsupported},
    stream::{Position, StreamId, Version},
    text::{AppendKey, EventName, ProjectionName},
};

/// What an engine said, kept as the source of an error. It is shown in logs: a store puts no payload and no other value of an
/// event into it.
pub type EngineError = Box<dyn StdError + Send + Sync>;

/// An append did not end in a receipt.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Append, AppendError, EventStore, Expected, MemoryStore, StreamId};
///
/// let append = Append::to(StreamId::new("account", "1")?, Expected::Exists, []);
/// match MemoryStore::new().append(append).await {
///     Ok(receipt) => println!("stored: {receipt:?}"),
///     Err(AppendError::Conflict(conflict)) => assert_eq!(conflict.streams[0].actual, None),
///     Err(AppendError::Rejected(reason)) => println!("certainly not stored: {reason}"),
///     Err(error) => println!("repeat it under the same append key: {error}"),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// A stream was not as expected. Nothing was stored.
    #[error(transparent)]
    Conflict(Conflict),
    /// Certainly nothing was stored.
    #[error("the append was refused and nothing was stored")]
    Rejected(#[from] Rejection),
    /// Nobody can say whether it was stored. With an append key, repeat it: the answer tells. Reading the stream does not
    /// tell for certain: an engine may bring a commit to light when it recovers.
    #[error(
        "the append may or may not have been stored: repeat it under the same append key to learn which"
    )]
    Unknown(#[source] EngineError),
}

impl AppendError {
    /// Whether another writer was faster; loading and deciding again may succeed.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// Whether it is unknown if the events are stored.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Whether the same append, unchanged, may succeed later: certainly nothing was stored, and the reason may pass.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Rejected(Rejection::Unavailable { .. }))
    }
}

/// One or more streams were not as expected. Nothing was stored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", describe(.streams))]
#[non_exhaustive]
pub struct Conflict {
    /// Every violated expectation, in the order of the append's parts; at least one.
    pub streams: Vec<StreamConflict>,
}

/// A stream was not as expected.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StreamConflict {
    /// The stream.
    pub stream: StreamId,
    /// What it was expected to be like.
    pub expected: Expected,
    /// Its last version; `None` without events.
    pub actual: Option<Version>,
    /// The events that the writer had not seen, the oldest first, as many as it asked for
    /// ([`Append::with_missed`](crate::Append::with_missed)). They follow what it had seen without a hole: where the first
    /// of them were trimmed, there are none.
    pub missed: Vec<Recorded>,
}

impl Conflict {
    /// For stores: the violated expectations, at least one.
    pub fn new(streams: Vec<StreamConflict>) -> Self {
        debug_assert!(
            !streams.is_empty(),
            "a conflict names the streams that conflict"
        );
        Self { streams }
    }
}

impl StreamConflict {
    /// For stores: a violated expectation.
    pub fn new(
        stream: StreamId,
        expected: Expected,
        actual: Option<Version>,
        missed: Vec<Recorded>,
    ) -> Self {
        Self {
            stream,
            expected,
            actual,
            missed,
        }
    }
}

fn describe(streams: &[StreamConflict]) -> String {
    let each = streams.iter().map(|conflict| {
        let StreamConflict {
            stream,
            expected,
            actual,
            ..
        } = conflict;
        match actual {
            Some(actual) => {
                format!("the stream `{stream}` is at version {actual}, expected {expected}")
            }
            None => format!("the stream `{stream}` has no events, expected {expected}"),
        }
    });
    each.collect::<Vec<_>>().join("; ")
}

/// Why certainly nothing was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The append names no stream.
    #[error("the append names no stream")]
    NoStreams,
    /// The append names a stream twice.
    #[error("the append names the stream `{stream}` twice: put its events into one part")]
    StreamTwice {
        /// The stream.
        stream: StreamId,
    },
    /// The store lacks a capability.
    #[error(transparent)]
    Unsupported(Unsupported),
    /// Something is larger than the store takes.
    #[error("{actual} {what} are more than the {limit} that this store takes")]
    TooLarge {
        /// What is too large.
        what: Limit,
        /// How much the store takes.
        limit: usize,
        /// How much there was.
        actual: usize,
        /// The stream, where one event is too large.
        stream: Option<StreamId>,
        /// The stored name of that event.
        event: Option<EventName>,
    },
    /// An event id is there already, in the store or in the same append.
    #[error("an event with the id {event} is there already")]
    DuplicateEventId {
        /// The id.
        event: EventId,
    },
    /// An event claims the schema version 0.
    #[error("the event `{event}` has the schema version 0, but versions start at 1")]
    SchemaVersionZero {
        /// The stored name.
        event: EventName,
    },
    /// The append key belongs to an earlier append of other content.
    #[error("the append key `{key}` belongs to an earlier append of other content")]
    KeyReused {
        /// The key.
        key: AppendKey,
        /// Where the events of the earlier append stand.
        first: Box<Receipt>,
    },
    /// A projection that goes with the append could not take one of the append's events.
    #[error("the projection `{projection}` cannot take version {version} of the stream `{stream}`")]
    Projection {
        /// The projection.
        projection: ProjectionName,
        /// The stream of the event.
        stream: StreamId,
        /// The version of the event.
        version: Version,
        /// Why.
        #[source]
        error: DeliveryError,
    },
    /// A projection that goes with the append has yet to take an event that is stored already, and cannot: another process
    /// has appended it without the projection. Nothing is wrong with the append itself, and every other one is refused as
    /// well until the projection takes the event: mend its handler, and open the store anew.
    #[error(
        "the projection `{projection}` cannot take version {version} of the stream `{stream}`, which is stored already: mend its handler, and open the store anew"
    )]
    ProjectionBehind {
        /// The projection.
        projection: ProjectionName,
        /// The stream of the event.
        stream: StreamId,
        /// The version of the event.
        version: Version,
        /// Why. All appends that wait at that moment are told of one delivery.
        #[source]
        error: Arc<DeliveryError>,
    },
    /// The read model of a projection that goes with the append is not where the store is.
    #[error("the read model of the projection `{projection}` cannot go with the append: {reason}")]
    ReadModel {
        /// The projection.
        projection: ProjectionName,
        /// What is in the way, and what to do about it.
        reason: String,
    },
    /// The store cannot write now; it may later.
    #[error("the store cannot write now")]
    Unavailable {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The store cannot write this, now or later, until somebody mends it.
    #[error("the store failed before anything was written")]
    Engine {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

/// A read did not come to its end. What it gave before is right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The stream has never had an event.
    #[error("the stream `{stream}` does not exist")]
    StreamNotFound {
        /// The stream.
        stream: StreamId,
    },
    /// The read asks for something that has no meaning.
    #[error("the read cannot be answered: {reason}")]
    Invalid {
        /// What is wrong, and what to write instead.
        reason: &'static str,
    },
    /// The store lacks a capability.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// A subscription is to begin after a position that the store has not reached: the checkpoint belongs to another
    /// store, or the store was restored from an older copy. Events would be skipped.
    #[error("the store has not reached position {asked}{}: the checkpoint is another store's, or the store is an older copy", ends(*.head))]
    Ahead {
        /// The position to begin after.
        asked: Position,
        /// The position of the store's last event; `None` in an empty store.
        head: Option<Position>,
    },
    /// The stream was trimmed while it was read: after the events that were given, others are gone. Reading it again gives
    /// what is left. See [`TrimStore`](crate::TrimStore#what-readers-see).
    #[error(
        "the stream `{stream}` was trimmed while it was read, and begins at version {first} now: read it again"
    )]
    Trimmed {
        /// The stream.
        stream: StreamId,
        /// The version of the first event that is left.
        first: Version,
    },
    /// A stream does not go on where it stood: the reader has missed an event of it, or sees one twice or too late. It is
    /// damage, and no lag: waiting mends nothing. A [`Subscription`](crate::Subscription#what-it-checks) tells it.
    #[error("the stream `{stream}` goes on with version {found} at position {position}, but version {expected} was to come: {}", disorder(*.expected, *.found))]
    OutOfSequence {
        /// The stream.
        stream: StreamId,
        /// The version that was to come.
        expected: Version,
        /// The version that came.
        found: Version,
        /// Where that event stands.
        position: Position,
    },
    /// What is stored cannot be what was written.
    #[error("the stored data is damaged{}: {reason}", at(*.position))]
    Corrupt {
        /// The position of the damaged event, where it is known.
        position: Option<Position>,
        /// What is wrong.
        reason: String,
    },
    /// The store cannot read now; it may later.
    #[error("the store cannot be read now")]
    Unavailable {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The store was closed, for all its handles: it must be opened again.
    #[error("the store was closed")]
    Closed,
    /// The store cannot be read until somebody mends it.
    #[error("the store failed to read")]
    Engine {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

fn ends(head: Option<Position>) -> String {
    head.map_or_else(
        || ", it is empty".to_owned(),
        |head| format!(", it ends at {head}"),
    )
}

fn disorder(expected: Version, found: Version) -> &'static str {
    if found > expected {
        "events are missing before it"
    } else {
        "it came before, or comes too late"
    }
}

fn at(position: Option<Position>) -> String {
    position.map_or_else(String::new, |position| format!(" at position {position}"))
}

impl ReadError {
    /// Whether the same read may succeed later, without anybody's doing: the store was not to be had, or what is left of a
    /// trimmed stream can be read. All else comes again until a program or a person does something about it.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Trimmed { .. })
    }

    /// Whether what is stored cannot be what was written.
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt { .. } | Self::OutOfSequence { .. })
    }
}

#[cfg(test)]
mod tests;
