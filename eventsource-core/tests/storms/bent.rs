//! Stores that do something else than what they are asked for.
#![allow(dead_code, reason = "each program with it uses a part of it")]

use std::{fmt, sync::Arc};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, EventStore, EventStream, Keep, LeaseStore,
    Limits, Position, ProjectionStore, Read, ReadError, Receipt, SnapshotError, SnapshotQuery,
    SnapshotRange, SnapshotStore, StoredSnapshot, StreamId, TrimStore, Version, async_trait,
};

/// What is done instead; all else is done as it is asked for.
#[async_trait]
pub(crate) trait Bend: fmt::Debug + Send + Sync + 'static {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        store.append(append).await
    }

    fn read(&self, store: &dyn EventStore, read: Read) -> EventStream {
        store.read(read)
    }

    fn save(&self, snapshot: StoredSnapshot) -> StoredSnapshot {
        snapshot
    }
}

#[derive(Debug)]
pub(crate) struct Bent<B> {
    store: Arc<dyn EventStore>,
    how: Arc<B>,
}

impl<B> Clone for Bent<B> {
    fn clone(&self) -> Self {
        let (store, how) = (Arc::clone(&self.store), Arc::clone(&self.how));
        Self { store, how }
    }
}

impl<B: Bend> Bent<B> {
    pub(crate) fn new(store: Arc<dyn EventStore>, how: B) -> Self {
        let how = Arc::new(how);
        Self { store, how }
    }

    pub(crate) fn how(&self) -> &B {
        &self.how
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<B: Bend> EventStore for Bent<B> {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn limits(&self) -> Limits {
        self.store.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.how.append(&*self.store, append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.store.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.how.read(&*self.store, read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.store.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.store.wait_beyond(position).await
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.store.snapshots().map(|_| self as &dyn SnapshotStore)
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.store.trims()
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.store.projections()
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.store.leases()
    }
}

impl<B: Bend> Bent<B> {
    fn kept(&self) -> Result<&dyn SnapshotStore, SnapshotError> {
        let snapshots = self.store.snapshots();
        snapshots.ok_or_else(|| SnapshotError::Engine {
            source: "the wrapped store has no snapshots".into(),
        })
    }
}

#[async_trait]
impl<B: Bend> SnapshotStore for Bent<B> {
    async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        let snapshot = self.how.save(snapshot);
        self.kept()?.save_snapshot(snapshot, keep).await
    }

    async fn find_snapshot(
        &self,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError> {
        self.kept()?.find_snapshot(query).await
    }

    async fn delete_snapshots(&self, range: &SnapshotRange) -> Result<u64, SnapshotError> {
        self.kept()?.delete_snapshots(range).await
    }
}
