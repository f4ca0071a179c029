//! The store keeps the contract: the whole conformance suite.

use std::path::Path;

use eventsource_core::Read;
use eventsource_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use eventsource_testing::suite::{FolderBackend, InFolder, Setup};

struct Sqlite;

impl FolderBackend for Sqlite {
    type Store = SqliteStore;

    async fn open(folder: &Path, setup: Setup) -> SqliteStore {
        // What the suite can take away is the process, not the power, so the thousands of commits need no `fsync`.
        let options = SqliteOptions::new(folder.join("events.db"))
            .with_synchronous(Synchronous::Normal)
            .with_clock(setup.clock)
            .with_faults(setup.faults);
        SqliteStore::open_with(options).await.expect("a store")
    }

    async fn wasteful_steps(store: &SqliteStore, read: &Read) -> Option<Vec<String>> {
        Some(store.wasteful_steps(read).await.expect("a plan"))
    }
}

eventsource_testing::event_store_suite!(InFolder<Sqlite>);
