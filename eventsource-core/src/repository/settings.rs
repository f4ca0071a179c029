//! What a repository works with, and how.

use std::sync::Arc;

use crate::{
    aggregate::Aggregate,
    clock::Clock,
    id::IdSource,
    repository::{
        Repository, RetryPolicy, Spawner, Timer, cache::Cache, fold, form::Form,
        snapshots::Snapshots,
    },
    snapshot::{self, Compression, Snapshot, SnapshotPolicy},
    store::Keep,
};

impl<A: Aggregate> Repository<A> {
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
    ///
    /// Where an older copy of the store is put back, begin with new repositories: that a stream goes on from the copy up to
    /// the version of a cached state, with other events, is seen by a load, and not by an append.
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
    /// [`Capability::Snapshots`](crate::Capability::Snapshots) every load is
    /// [`LoadError::Unsupported`](crate::LoadError::Unsupported).
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
}
