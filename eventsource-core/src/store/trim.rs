//! Letting go of the oldest events of a stream.

use std::fmt;

use async_trait::async_trait;

use crate::{
    store::{EngineError, ReadError},
    stream::{StreamId, Version},
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

/// A stream could not be trimmed; nothing has changed.
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
#[async_trait]
pub trait TrimStore: fmt::Debug + Send + Sync + 'static {
    /// Lets go of all events of a stream below the version `before`, for ever and for every reader. The version of the
    /// stream, its other events, all positions and all append keys stay as they are; a stream that begins at `before` or
    /// later is left as it is.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`TrimError`]; nothing has changed then.
    async fn trim(&self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError>;

    /// The version of the first event that is left of a stream; `None` when it has never had one.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError>;
}
