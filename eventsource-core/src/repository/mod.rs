//! Loads an aggregate, lets it decide, appends what it decided.

mod append;
mod cache;
mod encode;
mod engine;
mod error;
mod execute;
mod fold;
mod load;
mod retry;
mod snapshots;
mod spawn;
mod state;
mod unit;
mod work;

use std::{fmt, marker::PhantomData, sync::Arc};

use self::{
    cache::Cache,
    engine::Engine,
    fold::Held,
    snapshots::{Form, Snapshots},
    work::{Command, Handler},
};
pub(crate) use append::Appended;
pub(crate) use error::Undecided;
pub use error::{ExecuteError, LoadError};
pub use execute::InContext;
pub(crate) use fold::At;
pub use load::{AsOf, Loaded, Origin};
#[cfg(feature = "tokio")]
pub use retry::TokioTimer;
pub use retry::{RetryPolicy, ThreadTimer, Timer};
pub use snapshots::{SnapshotFailure, SnapshotMiss};
pub use spawn::{Spawner, Task, ThreadSpawner};
pub use unit::Unit;

use crate::{
    aggregate::Aggregate,
    clock::Clock,
    command::{Handle, HandleNew},
    context::Context,
    events::Events,
    id::IdSource,
    snapshot::{self, Compression, Snapshot, SnapshotPolicy},
    store::{EventStore, Keep, Receipt},
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

    /// The same on another clock, which gives the times at which events occurred.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        Arc::make_mut(&mut self.engine).clock = clock;
        self
    }

    /// The same with another source of ids.
    #[must_use]
    pub fn with_ids(mut self, ids: Arc<dyn IdSource>) -> Self {
        Arc::make_mut(&mut self.engine).ids = ids;
        self
    }

    /// The same with another patience after conflicts.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        Arc::make_mut(&mut self.engine).retry = retry;
        self
    }

    /// The same on another timer for the waits between attempts.
    #[must_use]
    pub fn with_timer(mut self, timer: Arc<dyn Timer>) -> Self {
        Arc::make_mut(&mut self.engine).timer = timer;
        self
    }

    /// The same with another way of doing what need not be waited for, which is taking snapshots.
    #[must_use]
    pub fn with_spawner(mut self, spawner: Arc<dyn Spawner>) -> Self {
        Arc::make_mut(&mut self.engine).spawner = spawner;
        self
    }

    /// The same with a cache of so many states, at least 2, shared by all clones of this repository.
    ///
    /// A command is decided on the cached state without asking the store, and appended on the condition that the stream
    /// still ends there: a state that lies behind costs a conflict and the events that it lacks, never a wrong decision.
    /// What is refused, or has nothing to do, is first brought up to date and decided again. [`Repository::load`] reads
    /// the events that a cached state lacks. What was not asked for while half as many states came anew is forgotten.
    #[must_use]
    pub fn cache(mut self, states: usize) -> Self
    where
        A: Clone,
    {
        let cache = Cache::new(states, fold::copy::<A>);
        Arc::make_mut(&mut self.engine).cache = Some(Arc::new(cache));
        self
    }

    /// The same with snapshots: a load begins at the newest one that this code can use, and new ones are taken when the
    /// policy says so; see [`every`](crate::snapshot::every).
    ///
    /// They are taken beside the work: no command waits for one, or fails for it. In a store without
    /// [`Capability::Snapshots`](crate::Capability::Snapshots) every load is [`LoadError::Unsupported`].
    #[must_use]
    pub fn snapshot(mut self, policy: SnapshotPolicy) -> Self
    where
        A: Snapshot,
    {
        let engine = Arc::make_mut(&mut self.engine);
        engine.snapshots = Some(match engine.snapshots.take() {
            Some(snapshots) => Snapshots {
                policy,
                ..snapshots
            },
            None => Snapshots::new(Form::of::<A>(), policy),
        });
        self
    }

    /// The same, and of each stream so many snapshots are kept; the newest two by default.
    #[must_use]
    pub fn keep_snapshots(mut self, keep: Keep) -> Self
    where
        A: Snapshot,
    {
        self.snapshots().keep = keep;
        self
    }

    /// The same with snapshots that are made smaller. Those that are not are used all the same.
    #[must_use]
    pub fn compress_snapshots(mut self, compression: Arc<dyn Compression>) -> Self
    where
        A: Snapshot,
    {
        self.snapshots().compression = Some(compression);
        self
    }

    fn snapshots(&mut self) -> &mut Snapshots
    where
        A: Snapshot,
    {
        let snapshots = &mut Arc::make_mut(&mut self.engine).snapshots;
        snapshots.get_or_insert_with(|| Snapshots::new(Form::of::<A>(), snapshot::never()))
    }

    /// Waits until no snapshot is on its way: before a program ends, or when the store is closed.
    ///
    /// Cancel safe.
    pub async fn snapshots_settled(&self) {
        if let Some(snapshots) = &self.engine.snapshots {
            snapshots.pending.none().await;
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
