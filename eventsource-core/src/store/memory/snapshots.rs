//! The snapshots in memory.

use std::{
    collections::{BTreeMap, HashMap},
    sync::PoisonError,
};

use async_trait::async_trait;

use super::MemoryStore;
use crate::{
    snapshot::Fingerprint,
    store::{Keep, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore, StoredSnapshot},
    stream::{StreamId, Version},
};

type OfFingerprint = BTreeMap<Version, Saved>;

#[derive(Default)]
pub(super) struct Snapshots {
    streams: HashMap<StreamId, HashMap<Fingerprint, OfFingerprint>>,
    saves: u64,
}

struct Saved {
    snapshot: StoredSnapshot,
    /// The number of the save.
    number: u64,
}

impl Snapshots {
    fn save(&mut self, snapshot: StoredSnapshot, keep: Keep) {
        self.saves += 1;
        let (version, number) = (snapshot.version, self.saves);
        let of_stream = self.streams.entry(snapshot.stream.clone()).or_default();
        let all = of_stream.entry(snapshot.fingerprint).or_default();
        all.insert(version, Saved { snapshot, number });
        if let Some(most) = keep.most() {
            while all.len() > most as usize {
                all.pop_first();
            }
        }
    }

    fn find(&self, query: &SnapshotQuery) -> Option<&StoredSnapshot> {
        let of_stream = self.streams.get(&query.stream)?;
        let asked = of_stream.get(&query.fingerprint);
        let found = asked.and_then(|all| newest(all, query)).or_else(|| {
            let others = of_stream.values().filter_map(|all| newest(all, query));
            others.max_by_key(|saved| (saved.snapshot.version, saved.number))
        });
        found.map(|saved| &saved.snapshot)
    }

    fn delete(&mut self, range: &SnapshotRange) -> u64 {
        let Some(of_stream) = self.streams.get_mut(&range.stream) else {
            return 0;
        };
        let mut deleted = 0;
        for all in of_stream.values_mut() {
            let before = all.len();
            all.retain(|_, saved| !range.contains(&saved.snapshot));
            deleted += (before - all.len()) as u64;
        }
        deleted
    }
}

fn newest<'a>(all: &'a OfFingerprint, query: &SnapshotQuery) -> Option<&'a Saved> {
    let mut newest_first = all.values().rev();
    newest_first.find(|saved| query.admits(&saved.snapshot))
}

impl MemoryStore {
    #[cfg_attr(
        not(feature = "fault"),
        expect(clippy::unnecessary_wraps, reason = "it fails where a test makes it")
    )]
    fn change_snapshots<T>(
        &self,
        change: impl FnOnce(&mut Snapshots) -> T,
    ) -> Result<T, SnapshotError> {
        #[cfg(feature = "fault")]
        self.strike_snapshots(crate::fault::FaultPoint::BeforeCommit)?;
        // Each change is done to its end, so a poisoned lock is taken all the same.
        let changed = change(
            &mut self
                .0
                .snapshots
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        );
        #[cfg(feature = "fault")]
        self.strike_snapshots(crate::fault::FaultPoint::AfterCommit)?;
        Ok(changed)
    }

    #[cfg(feature = "fault")]
    fn strike_snapshots(&self, point: crate::fault::FaultPoint) -> Result<(), SnapshotError> {
        self.0.faults.as_ref().map_or(Ok(()), |faults| {
            crate::fault::strike_snapshots(&**faults, point)
        })
    }
}

#[async_trait]
impl SnapshotStore for MemoryStore {
    async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        snapshot.check(&self.0.limits)?;
        self.change_snapshots(|snapshots| snapshots.save(snapshot, keep))
    }

    async fn find_snapshot(
        &self,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError> {
        let snapshots = self.0.snapshots.read();
        let snapshots = snapshots.unwrap_or_else(PoisonError::into_inner);
        Ok(snapshots.find(query).cloned())
    }

    async fn delete_snapshots(&self, range: &SnapshotRange) -> Result<u64, SnapshotError> {
        self.change_snapshots(|snapshots| snapshots.delete(range))
    }
}
