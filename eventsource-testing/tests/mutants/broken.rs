//! A store with one defect: the store in memory, and one thing that it does wrong.

use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Category, EventStore, EventStream, Keep,
    LeaseStore, Limits, MemoryStore, Position, ProjectionStore, Read, ReadError, Receipt, Recorded,
    RecordedEvent, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore, StoredSnapshot,
    StreamId, TrimError, TrimStore, Trimmed, Version, async_trait,
};
use eventsource_testing::suite::{Fixture, Setup};

/// One way to be wrong. What it does not override, it does right.
#[async_trait]
pub(crate) trait Defect: fmt::Debug + Send + Sync + 'static {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities()
    }

    fn limits(&self, good: &MemoryStore) -> Limits {
        good.limits()
    }

    async fn append(&self, good: &MemoryStore, append: Append) -> Result<Receipt, AppendError> {
        good.append(append).await
    }

    async fn find_append(
        &self,
        good: &MemoryStore,
        key: &AppendKey,
    ) -> Result<Option<Receipt>, ReadError> {
        good.find_append(key).await
    }

    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        good.read(read)
    }

    async fn stream_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        good.stream_version(stream).await
    }

    async fn head(&self, good: &MemoryStore) -> Result<Option<Position>, ReadError> {
        good.head().await
    }

    async fn wait_beyond(
        &self,
        good: &MemoryStore,
        position: Option<Position>,
    ) -> Result<Position, ReadError> {
        good.wait_beyond(position).await
    }

    fn has_snapshots(&self) -> bool {
        true
    }

    fn has_trims(&self) -> bool {
        true
    }

    async fn save_snapshot(
        &self,
        good: &MemoryStore,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        good.save_snapshot(snapshot, keep).await
    }

    async fn find_snapshot(
        &self,
        good: &MemoryStore,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError> {
        good.find_snapshot(query).await
    }

    async fn delete_snapshots(
        &self,
        good: &MemoryStore,
        range: &SnapshotRange,
    ) -> Result<u64, SnapshotError> {
        good.delete_snapshots(range).await
    }

    async fn trim(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
        before: Version,
    ) -> Result<Trimmed, TrimError> {
        good.trim(stream, before).await
    }

    async fn first_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        good.first_version(stream).await
    }

    async fn trimmed_beyond(
        &self,
        good: &MemoryStore,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        good.trimmed_beyond(categories, after).await
    }
}

/// The store in memory with a defect.
#[derive(Debug)]
pub(crate) struct Broken<D> {
    pub(crate) good: MemoryStore,
    pub(crate) defect: D,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<D: Defect> EventStore for Broken<D> {
    fn capabilities(&self) -> Capabilities {
        self.defect.capabilities(&self.good)
    }

    fn limits(&self) -> Limits {
        self.defect.limits(&self.good)
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.defect.append(&self.good, append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.defect.find_append(&self.good, key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.defect.read(&self.good, read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.defect.stream_version(&self.good, stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.defect.head(&self.good).await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.defect.wait_beyond(&self.good, position).await
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.defect.has_snapshots().then_some(self)
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.defect.has_trims().then_some(self as &dyn TrimStore)
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.good.projections()
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.good.leases()
    }
}

#[async_trait]
impl<D: Defect> SnapshotStore for Broken<D> {
    async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        self.defect.save_snapshot(&self.good, snapshot, keep).await
    }

    async fn find_snapshot(
        &self,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError> {
        self.defect.find_snapshot(&self.good, query).await
    }

    async fn delete_snapshots(&self, range: &SnapshotRange) -> Result<u64, SnapshotError> {
        self.defect.delete_snapshots(&self.good, range).await
    }
}

#[async_trait]
impl<D: Defect> TrimStore for Broken<D> {
    async fn trim(&self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError> {
        self.defect.trim(&self.good, stream, before).await
    }

    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.defect.first_version(&self.good, stream).await
    }

    async fn trimmed_beyond(
        &self,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        let defect = &self.defect;
        defect.trimmed_beyond(&self.good, categories, after).await
    }
}

/// Makes stores; how differs from mutant to mutant.
pub(crate) type MakeStore = Arc<dyn Fn(Setup) -> Arc<dyn EventStore> + Send + Sync>;

/// Where broken stores lie: nowhere, as those in memory do.
pub(crate) struct Nowhere(pub(crate) MakeStore);

#[async_trait]
impl Fixture for Nowhere {
    async fn create() -> Self {
        Self(Arc::new(|setup| Arc::new(good(setup))))
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        (self.0)(setup)
    }
}

pub(crate) fn good(setup: Setup) -> MemoryStore {
    MemoryStore::with_clock_and_faults(setup.clock, setup.faults)
}

/// The value of a future of the store in memory, which never has to wait.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the store in memory does not wait"),
    }
}

/// What the good store gives, changed.
pub(crate) fn changed(
    good: &MemoryStore,
    read: Read,
    change: impl FnOnce(Vec<Recorded>) -> Vec<Recorded> + Send + Unpin + 'static,
) -> EventStream {
    let mut once = Some((good.clone(), read, change));
    EventStream::from_page_fn(move || {
        let (good, read, change) = once.take()?;
        match ready(good.read(read).collect()) {
            Ok(events) => Some(Ok(change(events))),
            Err(error) => Some(Err(error)),
        }
    })
}

/// The same where each event is changed by itself.
pub(crate) fn each(
    good: &MemoryStore,
    read: Read,
    change: impl Fn(&mut RecordedEvent) + Send + Unpin + 'static,
) -> EventStream {
    changed(good, read, move |events| {
        let events = events.into_iter().map(|event| {
            let mut event = Arc::unwrap_or_clone(event);
            change(&mut event);
            Arc::new(event)
        });
        events.collect()
    })
}
