//! The suite tells a store that can do more than it claims.

use std::{path::Path, sync::Arc};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Capability, EventStore, EventStream, LeaseStore,
    Limits, Position, ProjectionStore, Read, ReadError, Receipt, SnapshotStore, StreamId,
    TrimStore, Version, async_trait,
};
use eventsource_testing::suite::{
    Bench, CASES, FolderBackend, InFolder, Outcome, Setup, run_cases, test_child,
};
use file_store::FileStore;

/// This backend, as if it were not durable.
#[derive(Debug)]
struct Modest(FileStore);

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl EventStore for Modest {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities().without(Capability::Durable)
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.0.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.0.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.0.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.0.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.0.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.0.wait_beyond(position).await
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.0.snapshots()
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.0.trims()
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.0.projections()
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.0.leases()
    }
}

struct InOneFile;

impl FolderBackend for InOneFile {
    type Store = Modest;

    async fn open(folder: &Path, setup: Setup) -> Modest {
        let path = folder.join("events.jsonl");
        let store = FileStore::open(&path, setup.clock, Arc::clone(&setup.faults)).await;
        Modest(store.expect("a store"))
    }
}

/// The process that is killed.
#[test]
fn suite_child() {
    test_child::<InFolder<InOneFile>>();
}

#[test]
fn a_store_that_outlives_a_killed_process_and_does_not_claim_it_is_told_so() {
    let bench = Bench::of::<InFolder<InOneFile>>().with_child_of(module_path!());
    let report = run_cases(&bench, CASES.iter().filter(|case| case.id() == "T-04"));
    let [(_, Outcome::Failed(why))] = report.outcomes.as_slice() else {
        panic!("{report}");
    };
    assert_eq!(
        why,
        "the store outlives a killed process, and does not claim it"
    );
}
