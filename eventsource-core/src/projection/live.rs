//! Live projections: folded when they are asked for, and kept nowhere.

use std::{
    fmt,
    future::{Future, IntoFuture},
    ops::Deref,
    pin::Pin,
};

use super::{Definition, Envelope, Handles, Wanted};
use crate::{
    codec::DecodeError,
    record::RecordedEvent,
    store::{EventStore, Read, ReadError, Scope, Sequence},
    stream::{Position, StreamId, Version},
    text::TextError,
    time::Timestamp,
};

/// A projection in memory that is folded when it is awaited, over the events of its aggregates: all of them, or those of
/// one stream, up to the head of the store or as it was at a position or a time. Given by
/// [`EventStoreExt::live`](crate::EventStoreExt::live).
///
/// It is kept nowhere, so each time costs a read of all these events. One page of them is in memory at a time.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// # struct Jar { coins: u32 }
/// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
/// # struct Fill(u32);
/// # impl Handle<Fill> for Jar {
/// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
/// # }
/// #[derive(Default, Projection)]
/// #[projection(name = "coins", version = 1, from(Jar), events(Filled))]
/// struct Coins(u32);
///
/// impl Project<Filled> for Coins {
///     fn project(&mut self, event: &Filled, _: &Envelope<'_>) {
///         self.0 += event.coins;
///     }
/// }
///
/// let jars = Repository::<Jar>::new(MemoryStore::new());
/// let first = jars.execute(&1, Fill(3)).await?;
/// jars.execute(&2, Fill(4)).await?;
///
/// let coins = jars.store().live(Coins::default()).await?;
/// assert_eq!((coins.0, coins.position()), (7, jars.store().head().await?));
/// let of_one = jars.store().live(Coins::default()).stream(StreamId::of::<Jar>(&2)?).await?;
/// assert_eq!(of_one.0, 4);
/// let before = jars.store().live(Coins::default()).until(first.position().expect("written")).await?;
/// assert_eq!(before.0, 3);
/// # Ok(()) }
/// ```
///
/// ## What was trimmed
///
/// Of one stream, that its first events are [gone](crate::TrimStore) is [`LiveError::Trimmed`]. Of all of them, the state is
/// without those events, and nothing tells: a projection over streams that are trimmed has to be kept.
#[must_use = "nothing is read before a live projection is awaited"]
pub struct Live<'s, S: ?Sized, P> {
    store: &'s S,
    projection: P,
    stream: Option<StreamId>,
    until: Option<Position>,
    occurred_by: Option<Timestamp>,
    recorded_by: Option<Timestamp>,
}

impl<'s, S: ?Sized, P> Live<'s, S, P> {
    pub(crate) const fn new(store: &'s S, projection: P) -> Self {
        Self {
            store,
            projection,
            stream: None,
            until: None,
            occurred_by: None,
            recorded_by: None,
        }
    }

    /// Only the events of this stream, in place of one that was given before. One that has never had an event is none of
    /// the projection's business yet, and no error.
    pub fn stream(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    /// Only events up to this position, inclusive. Of two positions the earlier counts; one beyond the head is no error,
    /// as everything up to it is there.
    pub fn until(mut self, position: Position) -> Self {
        self.until = Some(self.until.map_or(position, |until| until.min(position)));
        self
    }

    /// Only events that had occurred by this time, inclusive, by the writers' word. Of two times the earlier counts.
    pub fn occurred_by(mut self, time: Timestamp) -> Self {
        self.occurred_by = Some(self.occurred_by.map_or(time, |by| by.min(time)));
        self
    }

    /// Only events that the store had recorded by this time, inclusive. Of two times the earlier counts.
    pub fn recorded_by(mut self, time: Timestamp) -> Self {
        self.recorded_by = Some(self.recorded_by.map_or(time, |by| by.min(time)));
        self
    }
}

impl<S: EventStore + ?Sized, P: Handles> Live<'_, S, P> {
    async fn fold(mut self) -> Result<Folded<P>, LiveError> {
        let definition = Definition::of::<P>(&[])?;
        // Before anything is read, so that what is appended meanwhile is in no state that says less.
        let head = self.store.head().await.map_err(LiveError::Read)?;
        let read = self.read(&definition)?;
        let position = match (head, self.until) {
            (Some(head), Some(until)) => Some(head.min(until)),
            (head, _) => head,
        };
        let mut folded = Folded {
            projection: self.projection,
            position,
            events: 0,
        };
        let Some(position) = position else {
            return Ok(folded);
        };
        // Where each event is wanted, the versions of each stream follow each other.
        let is_whole = read.filter.is_all() && self.occurred_by.is_none();
        let mut sequence = is_whole.then(Sequence::from_the_beginning);
        let mut events = self.store.read(read.to_position(position));
        loop {
            let next = events.next().await;
            // Not before the read has begun: what is trimmed afterwards, it tells.
            if let Some(stream) = self.stream.take() {
                begins_with_its_first_event(self.store, stream).await?;
            }
            match next {
                Ok(Some(event)) => {
                    if let Some(sequence) = &mut sequence {
                        let checked = sequence.check(self.store, &event).await;
                        checked.map_err(LiveError::Read)?;
                        sequence.pass(&event);
                    }
                    folded.take(&definition, &event)?;
                }
                Ok(None) | Err(ReadError::StreamNotFound { .. }) => return Ok(folded),
                Err(ReadError::Trimmed { stream, first }) => {
                    return Err(LiveError::Trimmed { stream, first });
                }
                Err(source) => return Err(LiveError::Read(source)),
            }
        }
    }

    /// Of a stream all events, so that none can be missing; of the store those that are not known to be unwanted.
    fn read(&self, definition: &Definition) -> Result<Read, LiveError> {
        let categories = definition.categories()?;
        let mut read = match &self.stream {
            Some(stream) if !categories.contains(stream.category()) => {
                return Err(LiveError::OtherStream {
                    projection: P::NAME,
                    stream: stream.clone(),
                });
            }
            Some(stream) => Read::stream(stream.clone()),
            None => Read::new(Scope::Categories(categories)).except(definition.unwanted()),
        };
        read.occurred_to = self.occurred_by;
        read.recorded_to = self.recorded_by;
        Ok(read)
    }
}

/// Nobody could tell from the events alone.
async fn begins_with_its_first_event(
    store: &(impl EventStore + ?Sized),
    stream: StreamId,
) -> Result<(), LiveError> {
    let Some(trims) = store.trims() else {
        return Ok(());
    };
    match trims
        .first_version(&stream)
        .await
        .map_err(LiveError::Read)?
    {
        Some(first) if first > Version::FIRST => Err(LiveError::Trimmed { stream, first }),
        _ => Ok(()),
    }
}

impl<'s, S: EventStore + ?Sized, P: Handles> IntoFuture for Live<'s, S, P> {
    type Output = Result<Folded<P>, LiveError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 's>>;

    /// Reads and folds. A dropped future has done nothing but read.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fold())
    }
}

impl<S: ?Sized, P> fmt::Debug for Live<'_, S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("stream", &self.stream)
            .field("until", &self.until)
            .field("occurred_by", &self.occurred_by)
            .field("recorded_by", &self.recorded_by)
            .finish_non_exhaustive()
    }
}

/// A projection with the events that were folded into it. It reads as the projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded<P> {
    projection: P,
    position: Option<Position>,
    events: u64,
}

impl<P> Folded<P> {
    /// The projection.
    pub fn into_projection(self) -> P {
        self.projection
    }

    /// The position up to which it is: every event up to it that was asked for is in it, also where the last ones, or all of
    /// them, were of no concern. It is the head of the store when it was asked, or the [position](Live::until) that was
    /// asked for; `None` where the store was empty.
    pub const fn position(&self) -> Option<Position> {
        self.position
    }

    /// How many stored events were decoded for it: the listed ones, and retired ones whatever has become of them.
    pub const fn events(&self) -> u64 {
        self.events
    }
}

impl<P: Handles> Folded<P> {
    fn take(&mut self, definition: &Definition, event: &RecordedEvent) -> Result<(), LiveError> {
        let decoded = definition.decode(event);
        let decoded = decoded.map_err(|source| LiveError::Decode {
            stream: event.stream.clone(),
            version: event.version,
            position: event.position,
            source,
        })?;
        let Wanted::Parts(decoded) = decoded else {
            return Ok(());
        };
        self.events += 1;
        let parts = decoded.parts();
        for index in 0..parts {
            if let Some(part) = decoded.part(index) {
                let envelope = Envelope::new(event, index, parts);
                self.projection.handle(part, &envelope);
            }
        }
        Ok(())
    }
}

impl<P> Deref for Folded<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.projection
    }
}

/// A projection could not be folded. Never a part of one: what cannot be read is an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The projection, or an aggregate of it, was written by hand with a name that cannot be stored.
    #[error("the projection has a name that cannot be kept")]
    Name(#[from] TextError),
    /// The stream is of no aggregate of the projection: nothing of it could ever come.
    #[error("the projection `{projection}` takes no events of the stream `{stream}`")]
    OtherStream {
        /// The projection.
        projection: &'static str,
        /// The stream.
        stream: StreamId,
    },
    /// The first events of the one stream that was asked for were trimmed. What is left would be another state.
    #[error(
        "the stream `{stream}` begins at version {first}: what was before it was trimmed, and would be missing"
    )]
    Trimmed {
        /// The stream.
        stream: StreamId,
        /// The version of the first event that is left.
        first: Version,
    },
    /// The store could not be read.
    #[error("the store could not be read")]
    Read(#[source] ReadError),
    /// An event could not be decoded: it is unknown to this build, or damaged.
    #[error(
        "version {version} of the stream `{stream}` (position {position}) could not be decoded"
    )]
    Decode {
        /// The stream.
        stream: StreamId,
        /// The version of the event.
        version: Version,
        /// Its position.
        position: Position,
        /// Why.
        #[source]
        source: DecodeError,
    },
}
