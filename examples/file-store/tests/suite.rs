//! The store keeps the contract: the whole conformance suite.

use std::path::Path;

use eventsource_testing::suite::{FolderBackend, InFolder, Setup};
use file_store::FileStore;

struct OneFile;

impl FolderBackend for OneFile {
    type Store = FileStore;

    async fn open(folder: &Path, setup: Setup) -> FileStore {
        let path = folder.join("events.jsonl");
        FileStore::open(&path, setup.clock, setup.faults)
            .await
            .expect("a store")
    }
}

eventsource_testing::event_store_suite!(InFolder<OneFile>);
