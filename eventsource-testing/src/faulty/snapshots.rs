//! Snapshots that cannot be kept or found when they are told to.

use eventsource_core::{
    EventStore, Keep, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore, StoredSnapshot,
    async_trait,
};

use super::{Call, Fault, FaultyStore};

impl<S: EventStore> FaultyStore<S> {
    /// A store without snapshots can be asked for them here all the same.
    fn wrapped(&self) -> Result<&dyn SnapshotStore, SnapshotError> {
        let snapshots = self.store.snapshots();
        snapshots.ok_or_else(|| SnapshotError::Engine {
            source: "the wrapped store has no snapshots".into(),
        })
    }
}

#[async_trait]
impl<S: EventStore> SnapshotStore for FaultyStore<S> {
    async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        let fault = self.plan().due(Call::Save(&snapshot.stream));
        if let Some(Fault::FailSave) = fault {
            let source = "a failure was injected before the save".into();
            return Err(SnapshotError::Unavailable { source });
        }
        let saved = self.wrapped()?.save_snapshot(snapshot, keep).await;
        if let Some(Fault::LoseSaveAnswer) = fault {
            // Whatever it was, nobody is told.
            drop(saved);
            let source = "the answer was lost on purpose".into();
            return Err(SnapshotError::Unknown(source));
        }
        saved
    }

    async fn find_snapshot(
        &self,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError> {
        if self.plan().due(Call::Find(&query.stream)).is_some() {
            let source = "a failure was injected before the search".into();
            return Err(SnapshotError::Unavailable { source });
        }
        self.wrapped()?.find_snapshot(query).await
    }

    async fn delete_snapshots(&self, range: &SnapshotRange) -> Result<u64, SnapshotError> {
        self.wrapped()?.delete_snapshots(range).await
    }
}
