//! What every store can do because it is one.

use std::{future::Future, sync::Arc};

use crate::{
    id::CausationId,
    projection::{Handles, Live},
    record::Recorded,
    store::{CausationTree, EventStore, Read, ReadError, Subscribe, Subscription, causation},
    stream::StreamId,
};

/// Convenience on top of [`EventStore`]. Implemented for every store; a backend does not implement it.
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
/// let store = MemoryStore::new();
/// Repository::<Jar>::new(store.clone()).execute(&7, Fill(3)).await?;
/// let stream = StreamId::new("jar", "7")?;
/// assert_eq!(store.read_stream(&stream).await?.len(), 1);
/// let last = store.last(eventsource_core::Read::all()).await?;
/// assert_eq!(last.map(|event| event.stream.clone()), Some(stream));
/// # Ok(()) }
/// ```
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

    /// The last stored event that a read would give; `None` where it gives none. After a
    /// [filter by type](Read::typed) it may be another one than was asked for, or one that was dropped: to find the last
    /// wanted one, read [backward](Read::backward) and decode until it comes.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read; a stream that has never had an event is
    /// [`ReadError::StreamNotFound`].
    fn last(&self, read: Read) -> impl Future<Output = Result<Option<Recorded>, ReadError>> + Send {
        let mut events = self.read(read.backward().limit(1));
        async move { events.next().await }
    }

    /// Everything that a command or an event has caused, and what that has caused in turn: see [`CausationTree`].
    ///
    /// The tree is of the moment of the call; what is appended afterwards is not in it. It is held in memory, each event
    /// with its envelope and its payload. Where that may be too much, ask for
    /// [a part of it](Self::causation_tree_of_at_most). A store is asked once for each 16 of its events.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    fn causation_tree(
        &self,
        root: impl Into<CausationId>,
    ) -> impl Future<Output = Result<CausationTree, ReadError>> + Send {
        causation::read(self, root.into(), usize::MAX)
    }

    /// The same, of so many events at the most: the nearest to the root, level by level.
    /// [`CausationTree::is_cut`] says whether there are more.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    fn causation_tree_of_at_most(
        &self,
        root: impl Into<CausationId>,
        events: usize,
    ) -> impl Future<Output = Result<CausationTree, ReadError>> + Send {
        causation::read(self, root.into(), events)
    }

    /// Follows the store: first what is there, then what comes.
    ///
    /// # Errors
    ///
    /// [`ReadError`] as [`Subscription::begin`].
    fn subscribe(
        &self,
        subscribe: Subscribe,
    ) -> impl Future<Output = Result<Subscription, ReadError>> + Send
    where
        Self: Clone + Sized,
    {
        Subscription::begin(Arc::new(self.clone()), subscribe)
    }

    /// Folds a projection in memory over what is stored, when it is awaited: see [`Live`]. What the projection holds
    /// already is what the events come on top of.
    fn live<P: Handles>(&self, projection: P) -> Live<'_, Self, P> {
        Live::new(self, projection)
    }
}

impl<S: EventStore + ?Sized> EventStoreExt for S {}
