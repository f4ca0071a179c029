//! What every store can do because it is one.

use std::{future::Future, sync::Arc};

use crate::{
    record::Recorded,
    store::{EventStore, Read, ReadError, Subscribe, Subscription},
    stream::StreamId,
};

/// Convenience on top of [`EventStore`]. Implemented for every store; a backend does not implement it.
pub trait EventStoreExt: EventStore {
    /// All events of one stream, in the order of their versions.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; a stream that has never had an event is [`ReadError::StreamNotFound`].
    fn read_stream(
        &self,
        stream: &StreamId,
    ) -> impl Future<Output = Result<Vec<Recorded>, ReadError>> + Send {
        self.read(Read::stream(stream.clone())).collect()
    }

    /// All events of the store, in the order of their positions. Mind the memory.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    fn read_all(&self) -> impl Future<Output = Result<Vec<Recorded>, ReadError>> + Send {
        self.read(Read::all()).collect()
    }

    /// The last event that a read would give; `None` where it gives none.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read; a stream that has never had an event is
    /// [`ReadError::StreamNotFound`].
    fn last(&self, read: Read) -> impl Future<Output = Result<Option<Recorded>, ReadError>> + Send {
        let mut events = self.read(read.backward().limit(1));
        async move { events.next().await }
    }

    /// Follows the store: first what is there, then what comes.
    ///
    /// # Errors
    ///
    /// [`ReadError::Invalid`] for a filter by no name; other errors when the store cannot be read.
    fn subscribe(
        &self,
        subscribe: Subscribe,
    ) -> impl Future<Output = Result<Subscription, ReadError>> + Send
    where
        Self: Clone + Sized,
    {
        Subscription::begin(Arc::new(self.clone()), subscribe)
    }
}

impl<S: EventStore + ?Sized> EventStoreExt for S {}
