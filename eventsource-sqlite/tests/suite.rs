//! The store keeps the contract: the whole conformance suite.

use std::{path::PathBuf, sync::Arc};

use eventsource_core::{EventStore, async_trait};
use eventsource_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use eventsource_testing::suite::{Fixture, Setup};
use tempfile::TempDir;

struct InFile {
    path: PathBuf,
    /// `None` in a child process, which only visits.
    _folder: Option<TempDir>,
}

#[async_trait]
impl Fixture for InFile {
    async fn create() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            path: folder.path().join("events.db"),
            _folder: Some(folder),
        }
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        // What the suite can take away is the process, not the power, so the thousands of commits need no `fsync`.
        let mut options = SqliteOptions::new(&self.path)
            .with_synchronous(Synchronous::Normal)
            .with_clock(setup.clock);
        if let Some(faults) = setup.faults {
            options = options.with_faults(faults);
        }
        Arc::new(SqliteStore::open_with(options).await.expect("a store"))
    }

    async fn open_another(&self) -> Option<Arc<dyn EventStore>> {
        Some(self.open(Setup::default()).await)
    }

    fn location(&self) -> Option<String> {
        self.path.to_str().map(str::to_owned)
    }

    async fn at(location: &str) -> Option<Self> {
        Some(Self {
            path: location.into(),
            _folder: None,
        })
    }
}

eventsource_testing::event_store_suite!(InFile);
