//! Letting go of the oldest events of a stream.

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;

use crate::{
    store::{EngineError, ReadError},
    stream::{Position, StreamId, Version},
    text::Category,
};

/// What a trim has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Trimmed {
    /// The version of the first event that is left.
    pub first: Version,
    /// How many events this trim has let go of.
    pub removed: u64,
}

impl Trimmed {
    /// For stores: what is left.
    pub const fn new(first: Version, removed: u64) -> Self {
        Self { first, removed }
    }
}

/// A stream was not trimmed; nothing has changed, unless it says that nobody knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrimError {
    /// The stream has never had an event.
    #[error("the stream `{stream}` does not exist")]
    StreamNotFound {
        /// The stream.
        stream: StreamId,
    },
    /// The stream does not reach the version that is to be its first one. Its last event is always kept.
    #[error("the stream `{stream}` ends at version {last}: it cannot begin at version {before}")]
    BeyondEnd {
        /// The stream.
        stream: StreamId,
        /// The version that was to be the first.
        before: Version,
        /// The version of its last event.
        last: Version,
    },
    /// Nobody can say whether it was trimmed. Trim it again: what is done is not done twice.
    #[error("the stream may or may not have been trimmed: trim it again")]
    Unknown(#[source] EngineError),
    /// The store cannot do it now; it may later.
    #[error("the store cannot trim now")]
    Unavailable {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The store cannot do it until somebody mends it.
    #[error("the store failed to trim")]
    Engine {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

/// The part of a store that lets go of events, given by [`EventStore::trims`](crate::EventStore::trims). Nothing else ever
/// removes one.
///
/// An aggregate whose stream was trimmed is loaded from a snapshot, or not at all. So take a snapshot first, and trim
/// below it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::{EventStore, EventStoreExt, Repository, StreamId, Version, prelude::*};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.on")] struct On;
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(On))]
/// # struct Light;
/// # impl Apply<On> for Light { fn apply(&mut self, _: &On) {} }
/// # struct Switch;
/// # impl Handle<Switch> for Light { fn handle(&self, _: &Switch) -> Decision<Self> { Ok([On, On, On].into()) } }
/// let store = MemoryStore::new();
/// Repository::<Light>::new(store.clone()).execute(&1, Switch).await?;
/// let stream = StreamId::new("light", "1")?;
/// let third = Version::new(3).expect("not 0");
///
/// let trims = store.trims().expect("the store can trim");
/// assert_eq!(trims.trim(&stream, third).await?.removed, 2);
/// assert_eq!(trims.first_version(&stream).await?, Some(third));
/// assert_eq!(store.stream_version(&stream).await?, Some(third));
/// assert_eq!(store.read_stream(&stream).await?.len(), 1);
/// // Who has seen the first two events misses nothing, and who begins now does.
/// let lights = [stream.category().clone()].into();
/// assert_eq!(trims.trimmed_beyond(&lights, None).await?, Some(stream));
/// assert_eq!(trims.trimmed_beyond(&lights, store.head().await?).await?, None);
/// # Ok(()) }
/// ```
///
/// ## What readers see
///
/// - A read that begins after a trim gives what is left of its range: a stream from version 1 on gives it from the first
///   version that is left on, and a range that lies below the cut is empty. [`TrimStore::first_version`] tells a stream
///   that begins later from one that is whole.
/// - A read of one stream that had begun never has a hole in its middle. What it has given stays right; forward, where
///   events after those are gone, it ends with [`ReadError::Trimmed`]. Before its first event it begins at what is left;
///   backward, it ends there.
/// - Reads of a category or of the whole store give each event that is there when they come to it, and pass the rest
///   without an error. The versions of a stream may so begin late or leap where it was trimmed, and only there.
/// - Subscriptions pass what is gone, too, of one stream as of all. Nothing tells them of it: whoever is to see every event
///   asks [`TrimStore::trimmed_beyond`] before. A [runner](crate::Runner) does so where it begins to build a read model, goes
///   on with one, and switches to one. What is trimmed while a projection runs and has not come so far, it passes: let it
///   [catch up](crate::RunnerHandle::status) before the trim.
/// - A subscription that checks the versions asks [`TrimStore::first_version`] where one leaps: whatever is missing above that
///   version is [damage](crate::ReadError::OutOfSequence).
#[async_trait]
pub trait TrimStore: fmt::Debug + Send + Sync + 'static {
    /// Lets go of all events of a stream below the version `before`, for ever and for every reader. The version of the
    /// stream, its other events, all positions and all append keys stay as they are; a stream that begins at `before` or
    /// later is left as it is. The ids of the events that are gone may be taken again: only an append key is known for ever.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`TrimError`]; nothing has changed then, but perhaps under [`TrimError::Unknown`].
    async fn trim(&self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError>;

    /// The version of the first event that is left of a stream; `None` when it has never had one.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError>;

    /// Whether events of some categories were trimmed at positions beyond `after`, of all positions where that is `None`:
    /// a stream of which they were, any one where there are several. With `None` as the answer certainly nothing is missing
    /// there.
    ///
    /// A store that does not keep the positions of what is gone tells of a stream also where it only may be so, but never of
    /// one that lies in another category, was not trimmed, or begins at `after` or before it: all that was trimmed of it
    /// then lay before that.
    ///
    /// It is asked before a read model is built or gone on with, and not for each event. Cancel safe.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    async fn trimmed_beyond(
        &self,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError>;
}
