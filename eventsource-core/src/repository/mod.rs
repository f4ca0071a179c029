//! Loads an aggregate, lets it decide, appends what it decided.

mod alone;
mod append;
mod cache;
mod encode;
mod engine;
mod error;
mod execute;
mod fold;
mod form;
mod history;
mod load;
mod pair;
mod restore;
mod retry;
mod settings;
mod snapshots;
mod spawn;
mod state;
mod trim;
mod unit;
mod work;

use std::{fmt, marker::PhantomData, sync::Arc};

use self::{
    engine::Engine,
    fold::Held,
    work::{Command, Handler},
};
pub(crate) use append::Appended;
pub(crate) use error::Undecided;
pub use error::{ExecuteError, LoadError, TrimAggregateError};
pub use execute::InContext;
pub(crate) use fold::At;
pub use history::{Bound, Entries, History, HistoryEntry, StateChange, States};
pub use load::{AsOf, Loaded, Origin};
#[cfg(feature = "tokio")]
pub use retry::TokioTimer;
pub use retry::{RetryPolicy, ThreadTimer, Timer};
pub use snapshots::{SnapshotFailure, SnapshotMiss};
pub(crate) use spawn::block_on;
pub use spawn::{Spawner, Task, ThreadSpawner};
pub use unit::Unit;

use crate::{
    aggregate::Aggregate,
    command::{Handle, HandleNew},
    context::Context,
    events::Events,
    snapshot::Snapshot,
    store::{EventStore, Receipt, Trimmed},
    stream::StreamId,
};

/// The aggregates of one type in one store. Clones are handles on the same.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(name = "jar.filled")]
/// struct Filled { coins: u32 }
///
/// #[derive(Debug, Default, Aggregate)]
/// #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// struct Jar { coins: u32 }
///
/// impl Apply<Filled> for Jar {
///     fn apply(&mut self, event: &Filled) { self.coins += event.coins; }
/// }
///
/// struct Fill { coins: u32 }
/// impl Handle<Fill> for Jar {
///     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.coins }.into()) }
/// }
///
/// let jars = Repository::<Jar>::new(MemoryStore::new());
/// jars.execute(&7, Fill { coins: 3 }).await?;
/// let receipt = jars.execute(&7, Fill { coins: 2 }).await?;
/// assert_eq!(receipt.version(), Version::new(2));
/// assert_eq!(jars.load(&7).await?.coins, 5);
/// # Ok(()) }
/// ```
pub struct Repository<A> {
    engine: Arc<Engine>,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Repository<A> {
    /// The aggregates in `store`, on the clock of the machine, with UUIDs of version 7. Waits between attempts are on a
    /// sleeping thread; with the feature `tokio`, inside a tokio runtime (which must have its time driver), on its timer.
    pub fn new(store: impl EventStore) -> Self {
        Self {
            engine: Arc::new(Engine::new(Arc::new(store))),
            aggregate: PhantomData,
        }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.engine.store
    }

    /// The present state and version.
    ///
    /// An aggregate that begins as its `Default` is loaded as that where its stream has no events, with no version.
    ///
    /// # Errors
    ///
    /// [`LoadError`]; [`LoadError::NotFound`] for an aggregate that an event creates and none has.
    pub async fn load(&self, id: &A::Id) -> Result<Loaded<A>, LoadError> {
        self.load_at(id, None).await
    }

    /// The state as of a version or a time, folded in the order of versions.
    ///
    /// # Errors
    ///
    /// [`LoadError`]; [`LoadError::NoSuchVersion`] for a version that the stream does not have, and
    /// [`LoadError::NotFound`] for an aggregate that an event creates and none had by then.
    pub async fn load_as_of(&self, id: &A::Id, as_of: AsOf) -> Result<Loaded<A>, LoadError> {
        self.load_at(id, Some(as_of)).await
    }

    /// Lets go of the events that the newest snapshot of an aggregate stands for, all but the last of them, for ever. Nothing
    /// does that by itself.
    ///
    /// Afterwards only the snapshot stands for what they did: states before it cannot be loaded any more, and where the
    /// snapshot cannot be used, as after a change of the state's shape, a load is [`LoadError::Trimmed`]. Read what is to be
    /// archived before, and trim when no older code has to load the aggregate. It needs [`Repository::snapshot`].
    ///
    /// A dropped future has let go of all of them or of none.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use eventsource_core::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
    /// # struct Filled { coins: u32 }
    /// # #[derive(Debug, Default, Serialize, Deserialize, Aggregate, Snapshot)]
    /// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
    /// # struct Jar { coins: u32 }
    /// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
    /// # struct Fill(u32);
    /// # impl Handle<Fill> for Jar {
    /// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
    /// # }
    /// let jars = Repository::<Jar>::new(MemoryStore::new()).snapshot(every(2));
    /// for coins in 1..=4 {
    ///     jars.execute(&7, Fill(coins)).await?;
    ///     jars.snapshots_settled().await;
    /// }
    /// // Of the four events the last one is left, and the snapshot stands for the others.
    /// assert_eq!(jars.trim(&7).await?.removed, 3);
    /// assert_eq!(jars.load(&7).await?.coins, 10);
    /// assert!(jars.load_as_of(&7, AsOf::Version(Version::FIRST)).await.is_err());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TrimAggregateError`], and nothing has changed: there is no snapshot, or this code cannot use it, the store cannot
    /// trim or keeps no snapshots. Where the store does not know whether it has trimmed, trim once more.
    pub async fn trim(&self, id: &A::Id) -> Result<Trimmed, TrimAggregateError>
    where
        A: Snapshot,
    {
        let (stream, mut state) = (StreamId::of::<A>(id), Held::<A>::Gone);
        self.engine.trim(stream, &mut state).await
    }

    /// Loads, decides, appends; after a conflict all three again, as often as the [`RetryPolicy`] says.
    ///
    /// A dropped future has stored all of the decision or nothing of it.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]: refused by the domain, not loaded, conflict, not appended.
    pub async fn execute<C>(
        &self,
        id: &A::Id,
        command: C,
    ) -> Result<Receipt, ExecuteError<A::Error>>
    where
        A: Handle<C>,
        C: Send + Sync,
    {
        let handle = |state: &A| state.handle(&command);
        self.run(&self.engine.nobody, id, Handler::Living(&handle))
            .await
    }

    /// Decides where there is no aggregate yet, and appends.
    ///
    /// A dropped future has stored all of the decision or nothing of it.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]; [`ExecuteError::AlreadyExists`] when the stream has events other than dropped ones.
    pub async fn create<C>(&self, id: &A::Id, command: C) -> Result<Receipt, ExecuteError<A::Error>>
    where
        A: HandleNew<C>,
        C: Send + Sync,
    {
        let handle = || <A as HandleNew<C>>::handle(&command);
        self.run(&self.engine.nobody, id, Handler::New(&handle))
            .await
    }

    /// Loads, awaits a decision that has to ask something outside first, appends; see [`InContext::decide`].
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] with the error of `decide`.
    pub async fn decide<F, D, E>(&self, id: &A::Id, decide: F) -> Result<Receipt, ExecuteError<E>>
    where
        F: Fn(Loaded<A>) -> D + Send + Sync,
        D: Future<Output = Result<Events<A>, E>> + Send,
        E: Send,
    {
        self.within(Context::new()).decide(id, decide).await
    }

    /// Awaits a decision where there is no aggregate yet, appends; see [`InContext::decide_new`].
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] with the error of `decide`; [`ExecuteError::AlreadyExists`] when the stream has events other than
    /// dropped ones.
    pub async fn decide_new<F, D, E>(
        &self,
        id: &A::Id,
        decide: F,
    ) -> Result<Receipt, ExecuteError<E>>
    where
        F: Fn() -> D + Send + Sync,
        D: Future<Output = Result<Events<A>, E>> + Send,
        E: Send,
    {
        self.within(Context::new()).decide_new(id, decide).await
    }

    /// Decides over two aggregates, and appends to both of their streams in one step; see [`InContext::decide_both`].
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] with the error of `decide`; [`ExecuteError::SameStream`] where both are one aggregate, and
    /// [`ExecuteError::Unsupported`] in a store that cannot.
    pub async fn decide_both<B, F, E>(
        &self,
        id: &A::Id,
        other: &B::Id,
        decide: F,
    ) -> Result<Receipt, ExecuteError<E>>
    where
        B: Aggregate,
        F: Fn(&A, &B) -> Result<(Events<A>, Events<B>), E> + Send + Sync,
        E: Send,
    {
        self.within(Context::new())
            .decide_both(id, other, decide)
            .await
    }

    /// Begins a unit of work: several commands, one append; see [`Unit`].
    ///
    /// # Errors
    ///
    /// [`ExecuteError::Load`] when the state cannot be loaded. An aggregate that does not exist yet can be created in
    /// the unit.
    pub async fn begin(&self, id: &A::Id) -> Result<Unit<A>, ExecuteError<A::Error>> {
        self.within(Context::new()).begin(id).await
    }

    /// The same repository on behalf of a caller: who asks, why, when, under which append key.
    pub fn within(&self, context: Context) -> InContext<A> {
        InContext {
            repository: self.clone(),
            context,
        }
    }
}

impl<A: Aggregate> Repository<A> {
    async fn load_at(&self, id: &A::Id, as_of: Option<AsOf>) -> Result<Loaded<A>, LoadError> {
        let (stream, mut state) = (StreamId::of::<A>(id), Held::<A>::Gone);
        let (stream, at) = self.engine.load_id(stream, as_of, &mut state).await?;
        Loaded::of(&stream, at, &mut state)
    }

    /// Here, the type of the command is in the handler: what calls this is compiled for each command, this is not.
    async fn run(
        &self,
        context: &Context,
        id: &A::Id,
        handler: Handler<'_, A>,
    ) -> Result<Receipt, ExecuteError<A::Error>> {
        let mut command = Command::new(handler);
        let stream = StreamId::of::<A>(id);
        let done = self.engine.execute(context, stream, &mut command).await;
        command.outcome.end(done)
    }
}

impl<A> Clone for Repository<A> {
    fn clone(&self) -> Self {
        Self {
            engine: Arc::clone(&self.engine),
            aggregate: PhantomData,
        }
    }
}

impl<A: Aggregate> fmt::Debug for Repository<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("aggregate", &A::CATEGORY)
            .field("store", &self.engine.store)
            .field("retry", &self.engine.retry)
            .finish_non_exhaustive()
    }
}
